"""The audit on Debian 12 and 13 with the real packages of forty tools, faults planted one by one.

`make tools` makes these systems, in .tools-audit; without them these tests skip. Each works on a
copy of one, in which Postfix answers for where mail goes (in a chroot: this needs root).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.audit.planted import ALSO, BOB, CRONTABS, EDITS, JOB, PLANTED
from tests.audit.scratch_debian import NEEDS_DEBIAN, alarms, copy, edit, newaliases, run
from tests.audit.trees import TOOLS, plant

pytestmark = NEEDS_DEBIAN


def test_no_false_alarm_where_all_is_well(good: Path) -> None:
    done = run(good, "--json")
    report = json.loads(done.stdout)
    assert [one for one in report["findings"] if one["severity"] != "note"] == []
    armed = {one["tool"] for one in report["senders"] if one["armed"] and one["addresses"]}
    assert len(armed & TOOLS.keys()) >= 30
    for sender in report["senders"]:
        if sender["armed"]:
            assert all(one["good"] for one in sender["addresses"]), sender


def plant_one(root: Path, files: dict[str, str], change: tuple[str, str]) -> None:
    plant(root, files)
    if change[0]:
        old, _, new = change[1].partition(" -> ")
        edit(root, change[0], old, new)
    if change[0] == "/etc/aliases":
        newaliases(root)


@pytest.mark.parametrize(
    ("name", "files", "change", "wanted"),
    PLANTED,
    ids=[one[0] for one in PLANTED],
)
def test_each_planted_fault_is_found_and_nothing_else(
    good: Path,
    name: str,
    files: dict[str, str],
    change: tuple[str, str],
    wanted: tuple[str, str, str],
) -> None:
    if name == "netdata" and not (good / "etc/netdata").exists():
        pytest.skip("Debian 13 has no netdata")
    touched = [good / path.lstrip("/") for path in [*files, change[0]] if path]
    kept = {path: path.read_bytes() if path.exists() else None for path in touched}
    plant_one(good, files, change)
    try:
        found = alarms(good)
        at = next((one[2] for one in found if one[:2] == wanted[:2]), "nowhere")
        if BOB in change[1]:
            file, _, line = at.rpartition(":")
            assert BOB in (good / file.lstrip("/")).read_text().splitlines()[int(line) - 1]
    finally:
        for path, data in kept.items():
            if data is None:
                path.unlink()
            else:
                plant(good, {str(path.relative_to(good)): data})
        if change[0] == "/etc/aliases":
            newaliases(good)
    assert at == wanted[2] or (change[0] and at.startswith(f"{wanted[2]}:"))
    # the same fault may be seen from two sides, nothing else may be
    assert {tool for _, tool, _ in found} <= {wanted[1], ALSO.get(name, "accounts")}
    assert len(found) <= 2


def test_most_of_the_tools_are_really_installed(good: Path) -> None:
    """By dpkg, with what their maintainer scripts write; of the others the package is unpacked."""
    done = subprocess.run(
        ["dpkg-query", "--admindir", str(good / "var/lib/dpkg"), "-W", "-f",
         "${db:Status-Status} ${Package}\\n"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    installed = {
        name for how, name in map(str.split, done.stdout.splitlines()) if how == "installed"
    }
    known = {sender["tool"] for sender in json.loads(run(good, "--json").stdout)["senders"]}
    packages = {"smartd": "smartmontools", "warnquota": "quota", "auditd": "auditd"}
    assert len({tool for tool in known if packages.get(tool, tool) in installed}) >= 25


def test_a_fresh_installation(tmp_path: Path, suite: str) -> None:
    """What Debian's own defaults leave to be desired, and no more."""
    root = copy(tmp_path / "root", suite)
    edit(root, *EDITS[-1])
    with (root / "etc/aliases").open("a") as aliases:
        aliases.write("root: duty@example.com\n")
    newaliases(root)
    assert {(fault, tool) for fault, tool, _ in alarms(root)} == {
        ("ignored-file", "cron"),  # of a package that is unpacked: its user is missing
        ("journal-only", "lynis"),
        ("no-address", "checksecurity"),
        ("no-address", "monit"),
        ("no-address", "munin"),
        *({("no-address", "samhain")} if suite == "bookworm" else ()),
        ("no-address", "unattended-upgrades"),
        ("elsewhere", "nagios"),
        ("elsewhere", "backuppc"),  # whose user its maintainer script would make
        ("no-address", "xymon"),
        ("stranger", "alertmanager"),
    }


def test_fix_mends_what_it_can_and_leaves_package_files_alone(tmp_path: Path, good: Path) -> None:
    root = tmp_path / "root"
    subprocess.run(["cp", "-a", str(good), str(root)], check=True)
    for name, files, change, _ in PLANTED:
        if name in ("logwatch", "debsecan", "mdadm", "smartd", "sudo", "chkrootkit", "psad"):
            plant_one(root, files, change)
    (root / "etc/sudoers.d/x").chmod(0o440)
    plant(root, {
        "/etc/fail2ban/jail.conf": "[DEFAULT]\ndestemail = bob@corp.net\naction = %(action_mw)s\n",
        "/etc/fail2ban/jail.local": "",
        "/etc/monit/conf.d/mail": "set mailserver localhost\n",
        "/etc/apt/apt.conf.d/52local": "",
    })  # fmt: skip
    shown = run(root, "--fix", "--dry-run")
    assert shown.exit_code == 1
    assert "+MAILADDR root" in shown.stdout
    assert not list((root / "etc").rglob(".*.rotation-*"))
    done = run(root, "--fix", "--yes")
    assert done.stderr == ""
    assert done.exit_code == 1  # psad has two addresses: for a person
    assert {tool for _, tool, _ in alarms(root)} == {"psad"}
    assert "bob@corp.net" in (root / "etc/fail2ban/jail.conf").read_text()
    assert (root / "etc/fail2ban/jail.local").read_text() == "[DEFAULT]\ndestemail = root\n"
    assert (root / "etc/monit/conf.d/rotation").read_text() == "set alert root@localhost\n"
    assert (root / "etc/sudoers.d/x").read_text() == 'Defaults mailto="root"\n'
    kept = root / "etc/sudoers.d/.x.rotation-20261124T100000Z"
    assert kept.read_text() == f'Defaults mailto="{BOB}"\n'
    assert not (root / "root/.monit.id").exists()
    chroot = ["chroot", str(root)]
    for argv in (["visudo", "-c", "-q"], ["apt-config", "dump"]):
        subprocess.run([*chroot, *argv], check=True, capture_output=True)


def test_visudo_has_the_last_word(tmp_path: Path, good: Path) -> None:
    root = tmp_path / "root"
    subprocess.run(["cp", "-a", str(good), str(root)], check=True)
    text = f'Defaults mailto="{BOB}"\nthis is no line of sudoers\n'
    plant(root, {"/etc/sudoers.d/x": text})
    done = run(root, "--fix", "--yes")
    assert done.exit_code == 3
    assert "visudo refuses the change" in done.stderr
    assert (root / "etc/sudoers.d/x").read_text() == text


def test_without_a_yes_nothing_is_changed(good: Path) -> None:
    plant(good, {"/etc/sudoers.d/x": f"Defaults mailto={BOB}\n"})
    try:
        done = run(good, "--fix")
        assert done.exit_code == 2
        assert "--yes" in done.stderr
        assert (good / "etc/sudoers.d/x").read_text() == f"Defaults mailto={BOB}\n"
    finally:
        (good / "etc/sudoers.d/x").unlink()


def cron_ignores(root: Path) -> set[str]:
    """The files that Debian's cron says it ignores when it starts, from its log."""
    path = root / "dev/log"
    path.unlink(missing_ok=True)
    ignored = set()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(path))
        log.settimeout(20)
        argv = ["unshare", "-fpm", "--kill-child", "chroot", str(root), "/usr/sbin/cron", "-f"]
        cron = subprocess.Popen(argv)
        try:
            while "Running @reboot jobs" not in (line := log.recv(4096).decode()):
                who, _, what = line.partition("(")[2].partition(") ")
                if what.startswith(("ERROR", "INSECURE", "WRONG", "ORPHAN", "CAN'T")):
                    system = who.startswith("*system*")
                    folder = "/etc/cron.d/" if system else "/var/spool/cron/crontabs/"
                    ignored.add(folder + who.removeprefix("*system*"))
        finally:
            cron.kill()
            cron.wait()
            path.unlink()
    return ignored


def test_the_files_that_cron_ignores_are_those_that_cron_ignores(
    tmp_path: Path, suite: str
) -> None:
    root = copy(tmp_path / "root", suite)
    for file in (root / "etc/cron.d").iterdir():
        file.unlink()
    folder, spool = root / "etc/cron.d", root / "var/spool/cron/crontabs"
    plant(root, {f"/etc/cron.d/{name}": text for name, text in CRONTABS.items()})
    plant(root, {f"/etc/cron.d/{name}": JOB for name in ("gw", "ow", "own", "x_-9")})
    (folder / "gw").chmod(0o664)
    (folder / "ow").chmod(0o646)
    os.chown(folder / "own", 1, 1)
    (folder / "dangling").symlink_to("/nowhere")
    (folder / "link").symlink_to("/etc/crontab")
    (folder / "theirs").symlink_to("/etc/crontab")
    os.chown(folder / "theirs", 1, 1, follow_symlinks=False)
    for name, owner, mode in (
        ("root", 0, 0o600), ("daemon", 1, 0o644), ("bin", 1, 0o600), ("games", 0, 0o600),
        ("sync", 4, 0o600), ("ghost", 0, 0o600), ("mail", 8, 0o400),
    ):  # fmt: skip
        plant(root, {f"/var/spool/cron/crontabs/{name}": "* * * * * true\n"}, mode)
        os.chown(spool / name, owner, 0)
    done = run(root, "--json")
    found = json.loads(done.stdout)["findings"]
    ours = {one["file"] for one in found if one["fault"] == "ignored-file"}
    assert ours == cron_ignores(root)
    assert len(ours) >= 30


def test_the_scripts_that_never_run_are_those_that_run_parts_leaves_out(
    tmp_path: Path, suite: str
) -> None:
    root = copy(tmp_path / "root", suite)
    names = ("good", "a_b-9", "lynis.sh", "UPPER", "a b", "ümlaut", "x.dpkg-old", "off")
    plant(root, {f"/etc/cron.daily/{name}": "#!/bin/sh\n" for name in names})
    (root / "etc/cron.daily/off").chmod(0o644)
    argv = ["chroot", str(root), "run-parts", "--test", "/etc/cron.daily"]
    runs = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    found = json.loads(run(root, "--json").stdout)["findings"]
    never = {one["file"] for one in found if one["fault"] == "never-runs"}
    there = {f"/etc/cron.daily/{name}" for name in os.listdir(root / "etc/cron.daily")}
    assert never == {p for p in there - set(runs) if not p.endswith((".placeholder", ".dpkg-old"))}


def test_a_new_file_of_sudo_has_the_mode_that_visudo_wants(tmp_path: Path, good: Path) -> None:
    root = tmp_path / "root"
    subprocess.run(["cp", "-a", str(good), str(root)], check=True)
    edit(root, "/etc/sudoers", "@includedir", "Defaults !mailto\n@includedir")
    (root / "etc/sudoers").chmod(0o440)
    ((fault, tool, _),) = alarms(root)
    assert (fault, tool) == ("no-address", "sudo")
    assert run(root, "--fix", "--yes").exit_code == 0
    assert (root / "etc/sudoers.d/zz-rotation").read_text() == 'Defaults mailto="root"\n'
    argv = ["chroot", str(root), "visudo", "-c", "-q"]
    subprocess.run(argv, check=True, capture_output=True)
