"""Crontabs, MAILTO, files that cron ignores, scripts that never run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.audit.crontab import CrontabKind, read_crontab

from .trees import PASSWD, TOOLS, audited, brief, plant

JOB = "17 * * * * root true\n"
BASE = {
    "/usr/sbin/cron": "",
    "/etc/debian_version": "12.1\n",
    "/etc/passwd": PASSWD,
    "/etc/crontab": JOB,
}


def host(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    return plant(tmp_path / "root", {**BASE, **files})


def faults(root: Path) -> list[tuple[str, str, str, str]]:
    tools = [TOOLS["cron"], TOOLS["anacron"]]
    return [one for one in brief(audited(root, tools).findings) if one[2] in ("cron", "anacron")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (JOB, []),
        ("MAILTO=root\n" + JOB, []),
        ("# MAILTO=x\nMAILTO = 'root'\n@daily root true\n", []),
        ('MAILTO=""\n' + JOB, [("warning", "mailto", 1)]),
        ('MAILTO=""\n', []),
        ("MAILTO=\n" + JOB, [("error", "ignored-file", 1)]),
        ('MAILTO="root, alice"\n' + JOB, [("warning", "mailto", 1)]),
        ("MAILTO=root alice\n" + JOB, [("warning", "mailto", 1)]),
        ("MAILTO=-oQ/tmp\n" + JOB, [("warning", "mailto", 1)]),
        ("MAILTO=root,postmaster\n" + JOB, []),
        (JOB + "MAILTO=root\n", [("warning", "mailto", 2)]),
        ("MAILTO=root\n" + JOB + "MAILTO=postmaster\n" + JOB, []),
        ("MAILTO=bob@corp.net\n" + JOB, [("warning", "elsewhere", 1)]),
        ("MAILTO=root\n" + JOB + 'MAILTO=""\n' + JOB, [("warning", "mailto", 3)]),
        ("1 * * * * daemon true\n", [("warning", "elsewhere", 1)]),
        ("MAILTO=you@example.com\n" + JOB, [("error", "stranger", 1)]),
        (JOB.rstrip("\n"), [("error", "ignored-file", 1)]),
        (JOB + "# no newline", []),
        ("61 * * * * root true\n", [("error", "ignored-file", 1)]),
        ("* * * * * ghost true\n", [("error", "ignored-file", 1)]),
        ("*/0 * * * * root true\n", [("error", "ignored-file", 1)]),
        ("5! * * * * root true\n", [("error", "ignored-file", 1)]),
        ("1,,2 * * * * root true\n", [("error", "ignored-file", 1)]),
        ("* 24 * * * root true\n", [("error", "ignored-file", 1)]),
        ("* * 0 * * root true\n", [("error", "ignored-file", 1)]),
        ("* * * sun * root true\n", [("error", "ignored-file", 1)]),
        ("* * * * 8 root true\n", [("error", "ignored-file", 1)]),
        ("0 23 31 12 7 root true\n", []),
        ("@often root true\n", [("error", "ignored-file", 1)]),
        ("* * * * root\n", [("error", "ignored-file", 1)]),
        ("0-59/5,3 */2 1,15 jan-MAR 1-5,sun,7 root a=b\n", []),
    ],
)
def test_a_file_in_cron_d(tmp_path: Path, text: str, wanted: list[tuple[str, str, int]]) -> None:
    root = host(tmp_path, {"/etc/cron.d/x": text})
    want = [(severity, fault, "cron", f"/etc/cron.d/x:{line}") for severity, fault, line in wanted]
    assert faults(root) == want


def test_each_address_of_a_file_is_reported_with_its_line(tmp_path: Path) -> None:
    root = host(tmp_path, {"/etc/cron.d/x": JOB + "MAILTO=root\n" + JOB + "* * * * * alice x\n"})
    (sender,) = [s for s in audited(root).senders if s.what == "/etc/cron.d/x"]
    assert [(r.address, r.where and r.where.line) for r in sender.recipients] == [("root", 1)]


def test_names_modes_owners_and_links(tmp_path: Path) -> None:
    names = ("a.b", "group", "world", "theirs", "fine", "old.dpkg-old", ".hidden", "back~")
    root = host(tmp_path, {f"/etc/cron.d/{name}": JOB for name in names})
    folder = root / "etc/cron.d"
    (folder / "group").chmod(0o664)
    (folder / "world").chmod(0o646)
    (folder / "dangling").symlink_to("/nowhere")
    (folder / "link").symlink_to("/etc/crontab")
    wanted = [
        ("error", "ignored-file", "cron", "/etc/cron.d/a.b"),
        ("error", "ignored-file", "cron", "/etc/cron.d/group"),
        ("error", "ignored-file", "cron", "/etc/cron.d/world"),
        ("warning", "ignored-file", "cron", "/etc/cron.d/dangling"),
    ]
    if os.geteuid() == 0:
        os.chown(folder / "theirs", 1, 1)
        wanted.insert(2, ("error", "ignored-file", "cron", "/etc/cron.d/theirs"))
        assert faults(root) == wanted


def test_a_dot_in_a_name_is_no_fault_where_cron_is_cronie(tmp_path: Path) -> None:
    root = host(tmp_path, {"/etc/cron.d/a.b": "MAILTO=\n" + JOB, "/usr/sbin/crond": ""})
    (root / "etc/debian_version").unlink()
    assert faults(root) == [("warning", "mailto", "cron", "/etc/cron.d/a.b:1")]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
def test_user_crontabs(tmp_path: Path) -> None:
    spool = "/var/spool/cron/crontabs"
    text = "MAILTO=root\n* * * * * true\n"
    names = ("root", "alice", "daemon", "ghost")
    root = host(tmp_path, {f"{spool}/{name}": text for name in names})
    for name, owner, mode in (("root", 0, 0o600), ("alice", 1000, 0o644), ("daemon", 1000, 0o600)):
        path = root / spool.lstrip("/") / name
        os.chown(path, owner, 0)
        path.chmod(mode)
    assert faults(root) == [
        ("error", "ignored-file", "cron", f"{spool}/alice"),
        ("error", "ignored-file", "cron", f"{spool}/daemon"),
        ("error", "ignored-file", "cron", f"{spool}/ghost"),
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
def test_somebodys_own_crontab_may_mail_its_owner(tmp_path: Path) -> None:
    path = "/var/spool/cron/crontabs/alice"
    root = host(tmp_path, {path: "* * * * * true\n"})
    (root / path.lstrip("/")).chmod(0o600)
    os.chown(root / path.lstrip("/"), 1000, 0)
    assert faults(root) == [("note", "elsewhere", "cron", f"{path}:1")]


def test_scripts_that_run_parts_never_runs(tmp_path: Path) -> None:
    files = {
        f"/etc/cron.daily/{n}": "#!/bin/sh\n" for n in ("good", "lynis.sh", "off", "a.dpkg-new")
    }
    root = host(
        tmp_path, {**files, "/etc/cron.daily/README": "", "/etc/cron.daily/.placeholder": ""}
    )
    (root / "etc/cron.daily/off").chmod(0o644)
    (root / "etc/cron.daily/README").chmod(0o644)
    (root / "etc/cron.daily/gone").symlink_to("/usr/bin/nothing")
    plant(root, {"/srv/jobs/x.sh": "", "/etc/cron.d/own": "1 1 * * * root run-parts /srv/jobs\n"})
    (root / "srv/jobs/x.sh").chmod(0o755)
    assert faults(root) == [
        ("error", "never-runs", "cron", "/etc/cron.daily/lynis.sh"),
        ("error", "never-runs", "cron", "/srv/jobs/x.sh"),
        ("warning", "never-runs", "cron", "/etc/cron.daily/gone"),
        ("warning", "never-runs", "cron", "/etc/cron.daily/off"),
    ]


def test_anacrontab(tmp_path: Path) -> None:
    text = "MAILTO=bob@corp.net\n1 5 cron.daily run-parts /etc/cron.daily\n"
    root = host(tmp_path, {"/usr/sbin/anacron": "", "/etc/anacrontab": text})
    assert faults(root) == [("warning", "elsewhere", "anacron", "/etc/anacrontab:1")]


def test_without_cron_nothing_is_said(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"/etc/cron.d/a.b": JOB, "/etc/cron.daily/x.sh": ""})
    assert faults(root) == []


@pytest.mark.parametrize(
    ("kind", "line", "user", "command", "when"),
    [
        (CrontabKind.SYSTEM, "1 2 3 4 5 alice run  this", "alice", "run this", "1 2 3 4 5"),
        (CrontabKind.SYSTEM, "@daily alice run this", "alice", "run this", "@daily"),
        (CrontabKind.USER, "1 2 3 4 5 run this", "bob", "run this", "1 2 3 4 5"),
        (CrontabKind.USER, "@daily run this", "bob", "run this", "@daily"),
        (CrontabKind.ANACRON, "1 5 weekly run this", "root", "run this", ""),
    ],
)
def test_who_runs_what_and_when(
    kind: CrontabKind, line: str, user: str, command: str, when: str
) -> None:
    (job,) = read_crontab(f"# a comment\n{line}\n".encode(), kind, "bob", lambda _: True).jobs
    assert (job.line, job.user, job.command, job.when) == (2, user, command, tuple(when.split()))


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(data: bytes) -> None:
    for kind in CrontabKind:
        for debian in (True, False):
            read = read_crontab(data, kind, "root", lambda _: True, debian=debian)
            assert all(1 <= job.line <= data.count(b"\n") + 1 for job in read.jobs)


@pytest.mark.parametrize(
    "version", ["13.8\n", "trixie/sid\n", "14.0\n", "forky/sid\n", "duke/sid\n"]
)
def test_a_bare_mailto_throws_output_away_since_debian_13(tmp_path: Path, version: str) -> None:
    files: dict[str, str | bytes] = {
        "/etc/debian_version": version, "/etc/cron.d/x": f"MAILTO=\n{JOB}",
    }  # fmt: skip
    assert [fault[:2] for fault in faults(host(tmp_path, files))] == [("warning", "mailto")]


@pytest.mark.parametrize("version", ["12.11\n", "bookworm/sid\n", "9.1\n", ""])
def test_a_bare_mailto_stops_the_file_before_that(tmp_path: Path, version: str) -> None:
    files: dict[str, str | bytes] = {
        "/etc/debian_version": version, "/etc/cron.d/x": f"MAILTO=\n{JOB}",
    }  # fmt: skip
    assert [fault[:2] for fault in faults(host(tmp_path, files))] == [("error", "ignored-file")]
