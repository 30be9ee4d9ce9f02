"""Presets that run no tool of their own, in every shell that may be /bin/sh."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.checkers.presets.scratch import (
    PRESETS,
    REPOSITORY,
    preset,
    script,
)
from tests.checkers.presets.told import GOOD, OUTDATED, bad, failed, told

SHELLS = ("dash", "bash", "busybox", "mksh", "posh", "yash")


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
        ("monitoring-plugin", "RAID: slot 1 failed", "RAID: slot 4 failed", False),
        ("monitoring-plugin", "DISK WARNING - 9% left", "DISK CRITICAL - 4% left", False),
        ("monitoring-plugin", "PROCS WARNING: 412 processes", "PROCS WARNING: 398 processes", True),
        ("monitoring-plugin", "load average: 4.21, 3.9", "load average: 5.1, 4.22", True),
        ("monitoring-plugin", "HTTP CRITICAL: 404 Not Found", "HTTP CRITICAL: 503 Busy", False),
        (
            "deleted-files",
            "/a: 120 MB, held by x, process 1",
            "/a: 1200 MB, held by x, process 1",
            False,
        ),
        (
            "certificates",
            "/a.pem: certificate 1 (CN = a, O = b) ends Nov 26 03:44:28 2026 GMT",
            "/a.pem: certificate 1 (CN=a,O=b) ends Nov 26 03:44:28 2026 GMT",
            True,
        ),
        (
            "certificates",
            "/a.pem: certificate 1 (CN=a) ends Nov 26 03:44:28 2026 GMT",
            "/a.pem: certificate 1 (CN=a) ends within 7 days, Nov 26 03:44:28 2026 GMT",
            False,
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


@pytest.mark.parametrize(
    ("name", "one", "other", "same"),
    [
        ("aide", "changed /srv/a (b) (f H)", "changed /srv/a (b) (f   .. H)", True),
        ("aide", "changed /srv/a (f H)", "removed /srv/a", True),
        ("aide", "changed /srv/a (f H)", "changed /srv/b (f H)", False),
        (
            "apt-security",
            "the lists of the security archive are older than 10 days: does apt-get update run?",
            "no list of a security archive in /var/lib/apt/lists: run apt-get update, or ...",
            True,
        ),
        ("debsecan", "CVE-2026-1 ssl (fixed, low urgency)", "CVE-2026-1 ssl (fixed)", True),
        ("debsecan", "CVE-2026-1 ssl (fixed)", "CVE-2026-1 curl (fixed)", False),
        ("debsums", "changed file /bin/a", "missing file /bin/a (from a package)", True),
        (
            "deleted-files",
            "/a (deleted): 120 MB, held by x, process 1",
            "/a (deleted): 2000 MB, held by y, process 2",
            True,
        ),
        ("dpkg-audit", "mksh: MirBSD Korn Shell", "mksh: half-configured", True),
        ("monitoring-plugin", "DISK WARNING - 9% left", "DISK CRITICAL - 4% left", True),
        (
            "needrestart",
            "kernel 6.1 runs, 6.2 is installed: reboot",
            "kernel 6.1 runs, 6.3 is installed: reboot",
            True,
        ),
        ("needrestart", "service a: restart it", "service b: restart it", False),
        ("reboot-required", "a reboot is wanted", "libc6: reboot to use its update", True),
        (
            "rkhunter",
            "Warning: The file properties have changed: File: /bin/a Current hash: 1",
            "Warning: The file properties have changed: File: /bin/a Current hash: 2",
            True,
        ),
        (
            "unattended-upgrades",
            "Packages that are kept back: a",
            "Packages that are kept back: a b",
            True,
        ),
        (
            "unattended-upgrades",
            "unattended-upgrades has never run: is apt-daily-upgrade.timer enabled?",
            "unattended-upgrades has not run for 3 days: is apt-daily-upgrade.timer enabled?",
            True,
        ),
    ],
)
def test_what_is_about_the_same(name: str, one: str, other: str, same: bool) -> None:
    """Where one comes as the other goes, nothing is settled: a release may word it otherwise."""
    scripts = preset(name).about
    command = ["sed", "-E", *(word for script in scripts for word in ("-e", script))]
    done = subprocess.run(command, input=f"{one}\n{other}\n", capture_output=True, text=True)
    first, second = done.stdout.splitlines()
    assert (first == second) == same


def test_every_preset_is_in_the_table() -> None:
    table = (REPOSITORY / "docs" / "presets.md").read_text().partition("<!-- from the presets")[0]
    shipped = {path.stem for path in PRESETS.glob("*.toml")}
    assert set(re.findall(r"^\| ([a-z0-9-]+) \| (?!runs)", table, re.MULTILINE)) == shipped


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell(shell: str, suite: str) -> None:
    """What is no tool's own report, in each shell that may be /bin/sh."""
    if (shell, suite) == ("yash", "trixie"):
        pytest.skip("Debian 13 has no yash")
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
        date -r /srv/old/dump '+%Y-%m-%d %H:%M' >/box/told/old.out
        echo 0 >/box/told/old
        : >/box/told/old.err
        : >/srv/empty/dump
        mkdir /srv/part /srv/future
        echo dump >/srv/part/dump.partial
        echo dump | tee /srv/part/.dump.x7 >/srv/future/dump
        touch -d 2038-01-01 /srv/future/dump
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
        paths=script("certificates", FILES="/tmp/key /tmp/none.pem /tmp/*.none /etc/ssl"),
        fresh=script("backup-age", DIRS="/srv/fresh"),
        backups=script(
            "backup-age", DIRS="/srv/fresh /srv/old /srv/empty /srv/part /srv/future /srv/none"
        ),
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
    assert soon.startswith(f"{chain}: certificate 2 (CN=short.test) ends ")
    assert junk == "/etc/ssl/a.crt: no certificate in it"
    assert broken == "/etc/ssl/b.crt: certificate 1 cannot be read"
    assert found["cert-paths"] == bad(
        "/tmp/key: no certificate in it",
        "/tmp/none.pem: there is no such file",
        "/etc/ssl: is not a file that can be read (of a folder, name the files: /etc/ssl/*.pem)",
    )

    failed(found["backup-unset"], "set DIRS")
    old = found["old"]
    assert found["backup-good"] == GOOD
    assert found["backup-bad"] == bad(
        f"/srv/old: no new backup since {old.lines[0]}",
        "/srv/empty: no backup at all",
        "/srv/part: no backup at all",
        "/srv/future: no backup but files that are dated in the future",
        "/srv/none: there is no such folder",
    )

    assert found["ports-first"] == GOOD
    assert found["ports-more"] == bad("tcp 0.0.0.0:8000 python3")

    assert found["dpkg-good"] == GOOD
    assert len(found["apt-bad"].lines) == 1
