"""Presets for updates and packages, with the real tools of Debian in good and in bad states."""

from __future__ import annotations

import re

from tests.checkers.presets.scratch import (
    script,
)
from tests.checkers.presets.told import GOOD, HOLES, OUTDATED, bad, failed, told

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
        apt-mark unhold openssl >/dev/null
        printf 'Package: openssl\\nPin: version *\\nPin-Priority: -1\\n' >/etc/apt/preferences.d/pin
        check pinned apt-security
        rm /etc/apt/preferences.d/pin
        touch -d '11 days ago' /var/lib/apt/lists/*Release
        check stale apt-security
        touch -d '2038-01-01' /var/lib/apt/lists/*Release
        check future apt-security
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
    assert found["held"].lines == [f"{update[0]} (on hold)"]
    assert found["pinned"].lines == [f"{update[0]} (pinned: apt does not want it)"]
    assert found["stale"].lines[1:] == update
    assert "older than 10 days" in found["stale"].lines[0]
    assert "dated in the future" in found["future"].lines[0]
    assert "no list of a security archive" in found["never"].lines[0]
    failed(found["broken"], "Malformed line", "apt-cache ended with status 123")


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
        touch -d '2038-01-01' $stamp
        check future unattended-upgrades
        echo 'APT::Periodic::Unattended-Upgrade "0";' >/etc/apt/apt.conf.d/20auto-upgrades
        check off unattended-upgrades
        touch $stamp
        echo 'APT::Periodic::Unattended-Upgrade "1";' >/etc/apt/apt.conf.d/20auto-upgrades
        echo 'APT::Periodic::Update-Package-Lists "0";' >>/etc/apt/apt.conf.d/20auto-upgrades
        check lists unattended-upgrades
        echo 'APT::Periodic::Unattended-Upgrade "1";' >/etc/apt/apt.conf.d/20auto-upgrades
        echo 'APT::Periodic::Update-Package-Lists "1";' >>/etc/apt/apt.conf.d/20auto-upgrades
        echo 'APT::Periodic::Enable "0";' >>/etc/apt/apt.conf.d/20auto-upgrades
        check disabled unattended-upgrades
        echo '#clear Unattended-Upgrade::Origins-Pattern;' >/etc/apt/apt.conf.d/99origins
        check origins unattended-upgrades
        echo 'Unattended-Upgrade::Origins-Pattern {{ "origin=Debian,label=Debian"; }};' \\
            >>/etc/apt/apt.conf.d/99origins
        check insecure unattended-upgrades
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
    assert "dated in the future" in found["future"].lines[0]
    assert "is not set" in found["off"].lines[0]
    assert any("Update-Package-Lists is not set" in line for line in found["lists"].lines)
    assert found["disabled"] == bad('APT::Periodic::Enable is "0": nothing is ever upgraded')
    assert any("no origin is allowed" in line for line in found["origins"].lines)
    assert any("no security archive is among" in line for line in found["insecure"].lines)
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


def test_debsecan(suite: str) -> None:
    found = told(
        f"""
        check broken debsecan
        {HOLES}
        check bad debsecan
        check suite other
        touch /tmp/mended
        check good debsecan
        touch /tmp/emptied
        check empty debsecan
        """,
        "debsecan",
        other=script("debsecan", SUITE="nonesuch"),
    )
    failed(found["broken"], "error: while downloading")
    packages = {
        "bookworm": ("libssl3", "openssl"),
        "trixie": ("libssl3t64", "openssl", "openssl-provider-legacy"),
    }
    assert sorted(found["bad"].lines) == [
        f"CVE-2026-0001 {package} (fixed, remotely exploitable, high urgency)"
        for package in packages[suite]
    ]
    failed(found["suite"], "Are you sure 'nonesuch' is a Debian codename?")
    assert found["good"] == GOOD
    # every Debian has holes that nobody mends
    failed(found["empty"], "debsecan knows no hole at all")


def test_reboot_required() -> None:
    found = told(
        """
        check good reboot-required
        touch /run/reboot-required
        check bare reboot-required
        printf '%s\\n' linux-image-amd64 libc6 linux-image-amd64 >/run/reboot-required.pkgs
        check bad reboot-required
        echo 'fatal: cannot talk to the kernel' >>/run/reboot-required.pkgs
        check garbage reboot-required
        rm /run/reboot-required* /etc/kernel/postinst.d/unattended-upgrades
        check nobody reboot-required
        """,
        "reboot-required",
    )
    assert found["good"] == GOOD
    assert found["bare"] == bad("a reboot is wanted")
    assert found["bad"] == bad(
        "libc6: reboot to use its update", "linux-image-amd64: reboot to use its update"
    )
    failed(found["garbage"], "unknown output", "fatal: cannot talk")
    failed(found["nobody"], "nothing on this host would write /run/reboot-required")


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
