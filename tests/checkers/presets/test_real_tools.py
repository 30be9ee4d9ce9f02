"""The presets' scripts with the real tools of Debian, on a host in good and in bad states."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.checkers.presets.scratch import (
    PRESETS,
    REPOSITORY,
    Told,
    Unavailable,
    explore,
    preset,
    script,
)

GOOD = Told([], failed=False)
SHELLS = ("dash", "bash", "busybox", "mksh", "posh", "yash")

LOGS = """
touch /var/log/syslog /var/log/auth.log
chgrp adm /var/log/syslog /var/log/auth.log
chmod 640 /var/log/syslog /var/log/auth.log
"""
AIDE = """
cat >/tmp/aide.conf <<END
database_in=file:/tmp/aide.db
database_out=file:/tmp/aide.db
/srv p+sha256
END
mkdir /srv/files
echo one >/srv/files/one
echo two >/srv/files/two
echo three >/srv/files/three
"""
# An older version than there is: what apt then wants to install is real.
OUTDATED = """
outdated() {
    sed -i "/^Package: $1\\$/,/^\\$/s/^Version: .*/Version: $2/" /var/lib/dpkg/status
}
"""
# A kernel image as far as its release is read: Linux' boot protocol, kernel_version at 0x20e.
KERNEL = """
kernel() {
    python3 -c '
import os, sys
image = bytearray(1100000)
image[0x20E:0x210] = b"\\x00\\x04"
text = f"{sys.argv[1]} (root@box) {os.uname().version}".encode()
image[0x600 : 0x600 + len(text)] = text
open(f"/boot/vmlinuz-{sys.argv[1]}", "wb").write(image)' "$1"
}
"""
HOLES = """
cat >/tmp/tracker.py <<'END'
import http.server
import os
import zlib

HOLES = '''VERSION 1
CVE-2026-0001,,A hole that is mended
CVE-2026-0002,,One that is not

openssl,0, HRF,3.0.99,
lsof,1, L  ,,

openssl,openssl libssl3
lsof,lsof

'''
NONE = "VERSION 1\\n\\n\\n\\n"


class Tracker(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = os.path.exists("/tmp/mended")
        self.send_response(200 if self.path == "/bookworm" else 404)
        self.end_headers()
        if self.path == "/bookworm":
            self.wfile.write(zlib.compress((NONE if good else HOLES).encode()))

    def log_message(self, *arguments):
        pass


server = http.server.HTTPServer(("127.0.0.1", 8001), Tracker)
open("/tmp/ready", "w").close()
server.serve_forever()
END
python3 /tmp/tracker.py &
while [ ! -e /tmp/ready ]; do sleep 0.1; done
sed -i 's|^SOURCE=.*|SOURCE=http://127.0.0.1:8001|' /etc/default/debsecan
"""


def told(text: str, *names: str, boot: bool = False, **checks: str) -> dict[str, Told]:
    """What was told; `names` are presets as they are, `checks` scripts with variables set."""
    scripts = {name: script(name) for name in names} | checks
    try:
        return explore(text, scripts, boot=boot)
    except Unavailable as problem:
        pytest.skip(str(problem))


def bad(*lines: str) -> Told:
    return Told(list(lines), failed=False)


def failed(found: Told, *parts: str) -> None:
    """The checker says that it failed itself, and these words are in what it says."""
    assert found.failed
    for part in parts:
        assert part in "\n".join(found.lines)


def test_lynis() -> None:
    # the tool's own way to leave out what does not hold in a container; one group is enough here
    found = told(
        """
        awk -F: '!/^#/ && $1 !~ /^AUTH-92/ { print "skip-test=" $1 }' \
            /usr/share/lynis/db/tests.db >/etc/lynis/custom.prf
        check good lynis
        echo 'toor::0:0::/root:/bin/sh' >>/etc/passwd
        check bad lynis
        rm /usr/share/lynis/include/functions
        check broken lynis
        """,
        "lynis",
    )
    assert found["good"] == GOOD
    assert "AUTH-9204: Multiple users with UID 0 found in passwd file" in found["bad"].lines
    assert "AUTH-9283: Found accounts without password" in found["bad"].lines
    failed(found["broken"], "the audit did not come to its end")


def test_debsums() -> None:
    found = told(
        """
        check good debsums
        echo changed >>/usr/bin/lsof
        rm /usr/share/man/man8/lsof.8.gz
        check bad debsums
        rm /usr/bin/dpkg-query
        check broken debsums
        """,
        "debsums",
    )
    assert found["good"] == GOOD
    assert sorted(found["bad"].lines) == [
        "changed file /usr/bin/lsof",
        "missing file /usr/share/man/man8/lsof.8.gz (from lsof package)",
    ]
    failed(found["broken"], "could not look at the packages", "dpkg-query")


def test_rkhunter() -> None:
    # three of its tests: all of them take a minute a run, and some see that this is a container
    found = told(
        """
        sed -i 's/^ENABLE_TESTS=.*/ENABLE_TESTS=hashes passwd_changes group_changes/' \
            /etc/rkhunter.conf
        cp /etc/passwd /etc/group /var/lib/rkhunter/tmp/
        rkhunter --propupd --nocolors >/dev/null
        check good rkhunter
        echo 'toor:x:0:0::/root:/bin/sh' >>/etc/passwd
        echo changed >>/usr/bin/lsof
        check bad rkhunter
        echo 'SCRIPTWHITELIST=/nonexistent' >>/etc/rkhunter.conf
        check broken rkhunter
        """,
        "rkhunter",
    )
    assert found["good"] == GOOD
    changed, *users = found["bad"].lines
    assert changed.startswith("Warning: The file properties have changed: File: /usr/bin/lsof ")
    assert users == [
        "Warning: Account 'toor' is root equivalent (UID = 0)",
        "Warning: User 'toor' has been added to the passwd file.",
    ]
    failed(found["broken"], "Non-existent pathname")


def test_chkrootkit() -> None:
    found = told(
        """
        check first chkrootkit
        mkdir /usr/lib/.evil
        check bad chkrootkit
        rm /usr/bin/ps
        check broken chkrootkit
        """,
        "chkrootkit",
    )
    assert set(found["bad"].lines) - set(found["first"].lines) == {
        "WARNING: The following suspicious files and directories were found:",
        "/usr/lib/.evil",
    }
    assert not set(found["first"].lines) - set(found["bad"].lines)
    failed(found["broken"], "can't find `ps'")


def test_logcheck() -> None:
    found = told(
        f"""
        {LOGS}
        check good logcheck
        echo 'Nov 24 11:00:00 box foo[12]: something odd' >>/var/log/syslog
        echo 'Nov 24 11:00:01 box sudo: pam_unix(sudo:auth): authentication failure' \
            >>/var/log/auth.log
        check bad logcheck
        check again logcheck
        echo 'Nov 24 11:00:02 box foo[12]: unseen' >>/var/log/syslog
        chmod 600 /var/log/syslog
        check broken logcheck
        """,
        "logcheck",
    )
    assert found["good"] == GOOD
    assert found["bad"].lines == [
        "Nov 24 11:00:01 box sudo: pam_unix(sudo:auth): authentication failure",
        "Nov 24 11:00:00 box foo[12]: something odd",
    ]
    assert found["again"] == GOOD
    failed(found["broken"], "Could not run logtail")


def test_logcheck_and_the_journal() -> None:
    found = told(
        f"""
        {LOGS}
        usermod -aG systemd-journal logcheck
        systemctl start systemd-journald.service
        chgrp -R systemd-journal /run/log/journal
        chmod -R g+rX /run/log/journal
        check first logcheck
        echo 'something odd' | systemd-cat -t foo
        journalctl --sync
        # it asks for what came since its last run, in whole seconds
        touch -d '5 seconds ago' /var/lib/logcheck/offset.journal
        check bad logcheck
        """,
        "logcheck",
        boot=True,
    )
    first, (line,) = (
        [line for line in found[label].lines if " systemd-journald[" not in line]
        for label in ("first", "bad")
    )
    assert first == []
    assert re.fullmatch(r".* box.test foo\[[0-9]+\]: something odd", line)


def test_aide() -> None:
    found = told(
        f"""
        {AIDE}
        check never aide
        aide --config /tmp/aide.conf --init >/dev/null
        check good aide
        echo more >>/srv/files/one
        rm /srv/files/two
        echo new >'/srv/files/a new one'
        chmod 600 /srv/files/three
        check bad aide
        check unset unset
        """,
        aide=script("aide", CONFIG="/tmp/aide.conf"),
        unset=script("aide", CONFIG="/nonexistent"),
    )
    failed(found["never"], "/tmp/aide.db", "aide ended with status 18")
    assert found["good"] == GOOD
    assert found["bad"].lines == [
        "added /srv/files/a new one",
        "removed /srv/files/two",
        "changed /srv/files/one (f H)",
        "changed /srv/files/three (f p)",
        "exit status 7",
    ]
    failed(found["unset"], "/nonexistent")


def test_apt_security() -> None:
    found = told(
        f"""
        {OUTDATED}
        touch /var/lib/apt/lists/*Release
        check good apt-security
        outdated lsof 1
        check other apt-security
        outdated openssl 3.0.1-1
        check bad apt-security
        apt-mark hold openssl >/dev/null
        check held apt-security
        touch -d '11 days ago' /var/lib/apt/lists/*Release
        check stale apt-security
        rm -rf /var/lib/apt/lists/*
        check never apt-security
        echo nonsense >>/etc/apt/sources.list
        check broken apt-security
        """,
        "apt-security",
    )
    assert found["good"] == found["other"] == GOOD
    update = found["bad"].lines
    assert len(update) == 1
    assert update[0].startswith("openssl: 3.0.1-1 -> 3.")
    assert found["held"].lines == update
    assert found["stale"].lines[1:] == update
    assert "older than 10 days" in found["stale"].lines[0]
    assert "no list of a security archive" in found["never"].lines[0]
    failed(found["broken"], "Malformed line", "apt-get ended with status 100")


def test_unattended_upgrades() -> None:
    found = told(
        f"""
        {OUTDATED}
        stamp=/var/lib/apt/periodic/upgrade-stamp
        check never unattended-upgrades
        touch $stamp
        check good unattended-upgrades
        outdated openssl 3.0.1-1
        check offline unattended-upgrades
        outdated openssl 99
        python3 - <<'END' &
import fcntl, time
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
open("/tmp/locked", "w").close()
time.sleep(1000)
END
        holder=$!
        while [ ! -e /tmp/locked ]; do sleep 0.1; done
        check busy unattended-upgrades
        kill $holder
        touch -d '4 days ago' $stamp
        check stuck unattended-upgrades
        echo 'APT::Periodic::Unattended-Upgrade "0";' >/etc/apt/apt.conf.d/20auto-upgrades
        check off unattended-upgrades
        echo nonsense >>/etc/apt/sources.list
        check broken unattended-upgrades
        """,
        "unattended-upgrades",
    )
    assert "has never run" in found["never"].lines[0]
    assert found["good"] == GOOD
    assert "failed to download" in found["offline"].lines[0]
    assert found["offline"].lines[-1] == "exit status 1"
    assert found["busy"] == GOOD
    assert "has not run for 3 days" in found["stuck"].lines[0]
    assert "is not set" in found["off"].lines[0]
    assert "exit status 1" in found["broken"].lines


def test_needrestart() -> None:
    found = told(
        """
        systemctl start cron.service
        check good needrestart
        # an upgrade: another file takes the place of the library in use
        library=$(realpath /lib/x86_64-linux-gnu/libc.so.6)
        cp "$library" "$library.new"
        mv "$library.new" "$library"
        check bad needrestart
        mv /usr/share/perl5/NeedRestart.pm /tmp
        check broken needrestart
        """,
        "needrestart",
        boot=True,
    )
    assert found["good"] == GOOD
    assert "service cron.service: restart it" in found["bad"].lines
    failed(found["broken"], "NeedRestart.pm")
    # it looks at the kernel only where it sees no container
    found = told(
        f"""
        {KERNEL}
        kernel "$(uname -r)"
        check good needrestart
        kernel 99.1.0-1-amd64
        check bad needrestart
        """,
        "needrestart",
    )
    assert found["good"] == GOOD
    (line,) = found["bad"].lines
    assert re.fullmatch(r"kernel \S+ runs, 99.1.0-1-amd64 is installed: reboot", line)


def test_debsecan() -> None:
    found = told(
        f"""
        check broken debsecan
        {HOLES}
        check bad debsecan
        check suite other
        touch /tmp/mended
        check good debsecan
        """,
        "debsecan",
        other=script("debsecan", SUITE="nonesuch"),
    )
    failed(found["broken"], "error: while downloading")
    assert sorted(found["bad"].lines) == [
        "CVE-2026-0001 libssl3 (fixed, remotely exploitable, high urgency)",
        "CVE-2026-0001 openssl (fixed, remotely exploitable, high urgency)",
    ]
    failed(found["suite"], "Are you sure 'nonesuch' is a Debian codename?")
    assert found["good"] == GOOD


def test_mdadm() -> None:
    found = told(
        """
        check none mdadm
        build array
        mknod /dev/md0 b 9 0
        mknod /dev/sda1 b 8 1
        mknod /dev/sdb1 b 8 17
        mkdir -p /sys/dev/block/8:1 /sys/dev/block/8:17
        ln -s ../../devices/virtual/block/md0 /sys/dev/block/9:0
        umount /proc
        echo 'md0 : active raid1 sdb1[1] sda1[0]' >/proc/mdstat
        array() {
            echo "$2" >/run/md0
            check "$1" mdadm LD_PRELOAD=/tmp/array.so
        }
        array good 'active active'
        array gone 'active removed'
        array faulty 'active faulty'
        array spare 'active spare'
        array dead 'faulty faulty'
        check unreadable mdadm
        rm /proc/mdstat
        echo 'ARRAY /dev/md/7 metadata=1.2 UUID=3aaa0122:29827cfa:5331ad66:ca767371 name=box:7' \
            >>/etc/mdadm/mdadm.conf
        echo 'ARRAY <ignore> UUID=11111111:22222222:33333333:44444444' >>/etc/mdadm/mdadm.conf
        check missing mdadm
        """,
        "mdadm",
    )
    failed(found["none"], "there is no array on this host")
    assert found["good"] == GOOD
    assert found["gone"] == bad("/dev/md0: clean, degraded, 1 of 2 disks active")
    assert found["faulty"] == bad(
        "/dev/md0: clean, degraded, 1 of 2 disks active, faulty /dev/sdb1"
    )
    assert found["spare"] == bad("/dev/md0: clean, degraded, 1 of 2 disks active")
    assert found["dead"] == bad(
        "/dev/md0: clean, FAILED, 0 of 2 disks active, faulty /dev/sda1, faulty /dev/sdb1"
    )
    failed(found["unreadable"], "mdadm --detail --scan ended with status 1")
    assert found["missing"] == bad(
        "/etc/mdadm/mdadm.conf names an array that is not there: "
        "UUID=3aaa0122:29827cfa:5331ad66:ca767371"
    )


def test_smartctl() -> None:
    found = told(
        """
        check none scan
        build disk
        disk() {
            echo "$2" >/dev/sda
            check "$1" smartctl LD_PRELOAD=/tmp/disk.so
        }
        disk good well
        disk failing 'failing prefail'
        disk past past
        disk log 'errors selftest'
        disk deaf deaf
        check absent absent
        """,
        scan=script("smartctl"),
        smartctl=script("smartctl", DEVICES="/dev/sda -d ata"),
        absent=script("smartctl", DEVICES="/dev/null; /dev/sdz -d ata"),
    )
    failed(found["none"], "finds no disk")
    disk = "/dev/sda -d ata: "
    assert found["good"] == GOOD
    assert found["failing"] == bad(
        f"{disk}FAILING, says the disk itself", f"{disk}an attribute is at its limit now"
    )
    assert found["past"] == bad(f"{disk}an attribute is, or has been, at its limit")
    assert found["log"] == bad(f"{disk}errors in the disk's log", f"{disk}a self-test has failed")
    assert found["deaf"] == bad(f"{disk}a SMART command failed")
    assert found["absent"] == bad(
        "/dev/null: no SMART disk, or smartctl does not know how to ask it",
        "/dev/sdz -d ata: cannot be opened, or did not answer",
    )


def test_failed_units() -> None:
    found = told(
        """
        cat >/etc/systemd/system/bad.service <<END
[Unit]
Description=A thing that fails
[Service]
Type=oneshot
ExecStart=/bin/false
END
        systemctl daemon-reload
        check good failed-units
        systemctl start bad.service 2>/dev/null
        check bad failed-units
        systemctl reset-failed
        check again failed-units
        """,
        "failed-units",
        boot=True,
    )
    assert found["good"] == GOOD
    assert found["bad"] == bad("bad.service: A thing that fails")
    assert found["again"] == GOOD
    # and where systemd does not run
    broken = told("check broken failed-units", "failed-units")["broken"]
    failed(broken, "systemctl ended with status 1")


def test_monitoring_plugin() -> None:
    found = told(
        """
        check default monitoring-plugin
        mkdir /disk
        mount -t tmpfs -o size=10m disk /disk
        check good disk
        dd if=/dev/zero of=/disk/file bs=1M 2>/dev/null
        check bad disk
        check unknown unknown
        check absent absent
        """,
        "monitoring-plugin",
        disk=script("monitoring-plugin", COMMAND="check_disk -w 20% -c 10% -p /disk"),
        unknown=script("monitoring-plugin", COMMAND="check_dummy 3 'cannot tell'"),
        absent=script("monitoring-plugin", COMMAND="check_nothing"),
    )
    assert found["good"] == GOOD
    assert found["bad"].lines[0].startswith("DISK CRITICAL - free space: /disk 0MiB (0%")
    assert found["bad"].lines[1:] == ["exit status 2"]
    failed(found["unknown"], "cannot tell", "exit status 3")
    failed(found["absent"], "a program was not found")


def test_logwatch() -> None:
    found = told(
        f"""
        {LOGS}
        check empty logwatch
        when=$(date -d yesterday '+%b %e')
        echo "$when 11:00:00 box sshd[12]: Failed password for root from 192.0.2.7 port 22 ssh2" \
            >>/var/log/auth.log
        check digest logwatch
        mv /usr/share/logwatch/lib /tmp
        check broken logwatch
        """,
        "logwatch",
    )
    assert "192.0.2.7" in "\n".join(found["digest"].lines)
    assert "192.0.2.7" not in "\n".join(found["empty"].lines)
    failed(found["broken"], "Logwatch.pm")


def test_reboot_required() -> None:
    found = told(
        """
        check good reboot-required
        touch /run/reboot-required
        check bare reboot-required
        printf '%s\\n' linux-image-amd64 libc6 linux-image-amd64 >/run/reboot-required.pkgs
        check bad reboot-required
        """,
        "reboot-required",
    )
    assert found["good"] == GOOD
    assert found["bare"] == bad("a reboot is wanted")
    assert found["bad"] == bad(
        "libc6: reboot to use its update", "linux-image-amd64: reboot to use its update"
    )


def test_deleted_files() -> None:
    found = told(
        """
        hold() { # a file of so many megabytes, deleted while a process reads it
            dd if=/dev/zero of="$1" bs=1M count="$2" 2>/dev/null
            exec 3<"$1"
            sleep 1000 &
            holder=$!
            exec 3<&-
            rm "$1"
            while [ "$(cat /proc/$holder/comm)" != sleep ]; do :; done
        }
        hold '/tmp/a small one' 3
        check good deleted-files
        hold '/tmp/a large one' 101
        check bad deleted-files
        kill $holder
        wait $holder
        check again deleted-files
        """,
        "deleted-files",
    )
    assert found["good"] == found["again"] == GOOD
    assert len(found["bad"].lines) == 1
    assert found["bad"].lines[0].startswith("/tmp/a large one (deleted): 101 MB, held by sleep")


def test_dpkg_audit() -> None:
    found = told(
        """
        status() {
            sed -i "/^Package: $1\\$/,/^\\$/s/^Status: .*/Status: $2/" /var/lib/dpkg/status
        }
        check good dpkg-audit
        status lsof 'install ok half-configured'
        status mksh 'install reinstreq half-installed'
        check bad dpkg-audit
        echo nonsense >/var/lib/dpkg/status
        check broken dpkg-audit
        """,
        "dpkg-audit",
    )
    assert found["good"] == GOOD
    assert found["bad"] == bad("mksh: MirBSD Korn Shell", "lsof: utility to list open files")
    failed(found["broken"], "parsing file '/var/lib/dpkg/status'")


@pytest.mark.parametrize(
    ("name", "one", "other", "same"),
    [
        (
            "disk-space",
            "/var: at least 90% of the space used (now 91%)",
            "/var: at least 90% of the space used (now 94%)",
            True,
        ),
        (
            "disk-space",
            "/var: at least 90% of the space used (now 94%)",
            "/var: at least 95% of the space used (now 95%)",
            False,
        ),
        (
            "deleted-files",
            "/a 7 (deleted): 120 MB, held by java, process 128",
            "/a 7 (deleted): 900 MB, held by java, process 4711",
            True,
        ),
        (
            "deleted-files",
            "/a 7 (deleted): 120 MB, held by java, process 128",
            "/a 8 (deleted): 120 MB, held by java, process 128",
            False,
        ),
        (
            "monitoring-plugin",
            "DISK WARNING - free space: / 812 MB (9.5%);| /=812MB;10;5;0;9000",
            "DISK WARNING - free space: / 790 MB (9%);| /=790MB;10;5;0;9000",
            True,
        ),
        (
            "chkrootkit",
            "eth0: PACKET SNIFFER(/usr/sbin/dhclient[412])",
            "eth0: PACKET SNIFFER(/usr/sbin/dhclient[99])",
            True,
        ),
    ],
)
def test_what_is_compared(name: str, one: str, other: str, same: bool) -> None:
    scripts = preset(name).normalise
    command = ["sed", "-E", *(word for script in scripts for word in ("-e", script))]
    done = subprocess.run(command, input=f"{one}\n{other}\n", capture_output=True, text=True)
    first, second = done.stdout.splitlines()
    assert (first == second) == same


def test_every_preset_is_in_the_table() -> None:
    table = (REPOSITORY / "docs" / "presets.md").read_text()
    shipped = {path.stem for path in PRESETS.glob("*.toml")}
    assert set(re.findall(r"^\| ([a-z-]+) \| (?!runs)", table, re.MULTILINE)) == shipped


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell(shell: str) -> None:
    """What is no tool's own report, in each shell that may be /bin/sh."""
    found = told(
        f"""
        ln -sf "$(command -v {shell})" /bin/sh
        {OUTDATED}

        mkdir /disk '/disk/a b'
        mount -t tmpfs -o size=10m,nr_inodes=100 disk /disk
        check space-good disk-space
        check inodes-good inodes
        dd if=/dev/zero of=/disk/file bs=1k count=9400 2>/dev/null
        for n in $(seq 1 90); do : >"/disk/$n"; done
        check space-bad disk-space
        check inodes-bad inodes
        dd if=/dev/zero of=/disk/file bs=1k 2>/dev/null
        mkdir '/disk/a b'
        mount -t tmpfs -o size=1m disk '/disk/a b'
        dd if=/dev/zero of='/disk/a b/file' bs=1k count=980 2>/dev/null
        check space-full disk-space

        certificate() {{
            openssl req -x509 -newkey rsa:2048 -nodes -keyout /tmp/key -out "$1" -days "$2" \
                -subj "/CN=$3" 2>/dev/null
        }}
        check cert-none certificates
        mkdir -p /etc/letsencrypt/live/box
        chain=/etc/letsencrypt/live/box/fullchain.pem
        certificate /tmp/long 100 long.test
        certificate /tmp/short 5 short.test
        cp /tmp/key /etc/ssl/key.pem
        cat /tmp/long /tmp/long >$chain
        check cert-good certificates
        cat /tmp/long /tmp/short >$chain
        echo nonsense >/etc/ssl/a.crt
        sed 's/^[A-Z].*/AAAA/' /tmp/long >/etc/ssl/b.crt
        check cert-bad certificates
        check cert-paths paths

        check backup-unset backup-age
        mkdir -p /srv/fresh /srv/old /srv/empty
        echo dump | tee /srv/fresh/dump >/srv/old/dump
        touch -d '3 days ago' /srv/old/dump
        : >/srv/empty/dump
        check backup-good fresh
        check backup-bad backups

        check ports-first ports
        python3 -m http.server 8000 >/dev/null 2>&1 &
        while [ -z "$(ss -Hltn sport = 8000)" ]; do sleep 0.1; done
        check ports-more ports

        check dpkg-good dpkg-audit
        outdated openssl 3.0.1-1
        touch /var/lib/apt/lists/*Release
        check apt-bad apt-security
        """,
        *("disk-space", "inodes", "certificates", "backup-age", "ports", "dpkg-audit"),
        "apt-security",
        paths=script("certificates", FILES="/tmp/key /tmp/none.pem /tmp/*.none"),
        fresh=script("backup-age", DIRS="/srv/fresh"),
        backups=script("backup-age", DIRS="/srv/fresh /srv/old /srv/empty /srv/none"),
    )
    assert found["space-good"] == found["inodes-good"] == GOOD
    assert found["space-bad"] == bad("/disk: at least 90% of the space used (now 92%)")
    assert found["inodes-bad"] == bad("/disk: at least 90% of the inodes used (now 92%)")
    assert found["space-full"] == bad(
        "/disk: no space left", "/disk/a b: at least 95% of the space used (now 96%)"
    )

    failed(found["cert-none"], "no file matches /etc/letsencrypt/live/*/fullchain.pem")
    assert found["cert-good"] == GOOD
    soon, junk, broken = found["cert-bad"].lines
    chain = "/etc/letsencrypt/live/box/fullchain.pem"
    assert soon.startswith(f"{chain}: certificate 2 (CN = short.test) ends ")
    assert junk == "/etc/ssl/a.crt: no certificate in it"
    assert broken == "/etc/ssl/b.crt: certificate 1 cannot be read"
    assert found["cert-paths"] == bad(
        "/tmp/key: no certificate in it", "/tmp/none.pem: there is no such file"
    )

    failed(found["backup-unset"], "set DIRS")
    assert found["backup-good"] == GOOD
    assert found["backup-bad"] == bad(
        "/srv/old: no file newer than 2 days",
        "/srv/empty: no file newer than 2 days",
        "/srv/none: there is no such folder",
    )

    assert found["ports-first"] == GOOD
    assert found["ports-more"] == bad("tcp 0.0.0.0:8000 python3")

    assert found["dpkg-good"] == GOOD
    assert len(found["apt-bad"].lines) == 1
