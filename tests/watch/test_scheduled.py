"""Where `apply` is scheduled, in scratch trees; what is remembered of files; rights."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rotation.errors import Severity
from rotation.host.real import Host
from rotation.watch.marks import Edge, Mark, changes, mark, parse, record
from rotation.watch.rights import rights
from rotation.watch.scheduled import scheduled
from tests.chroot import Rooted

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="cron's files are root's")
PASSWD = "root:x:0:0::/root:/bin/sh\nalice:x:1001:1001::/home/alice:/bin/sh\n"
SERVICE = "[Service]\nType=oneshot\nExecStart=/usr/local/bin/rotation apply\n"


def tree(tmp_path: Path, files: dict[str, str]) -> Rooted:
    all_files = {
        "/etc/passwd": PASSWD,
        "/etc/debian_version": "12\n",
        "/usr/local/bin/rotation": "",
        **files,
    }
    for name, text in all_files.items():
        path = tmp_path / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if "bin/" in name or "cron.daily" in name else 0o644)
    return Rooted(Host(tmp_path / "state"), tmp_path.resolve())


def severities(system: Rooted) -> set[str]:
    return {one.severity.value for one in scheduled(system)}


JOB = "*/5 * * * * root /usr/local/bin/rotation apply\n"


@ROOT
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/etc/crontab": JOB}, {"ok"}),
        ({"/etc/cron.d/rotation": JOB}, {"ok"}),
        ({"/var/spool/cron/crontabs/root": JOB.replace(" root ", " ")}, {"ok"}),
        ({"/etc/cron.d/rotation": f"#{JOB}"}, {"error"}),
        ({"/etc/cron.d/rotation": JOB.replace("apply", "apply --dry-run")}, {"error"}),
        ({"/etc/cron.d/rotation": JOB.replace("apply", "who")}, {"error"}),
        ({"/etc/cron.d/rotation": JOB.replace("apply", "-q --rosters /x apply")}, {"ok"}),
        ({"/etc/cron.d/r.sh": JOB}, {"error"}),
        ({"/etc/cron.d/rotation": f"MAILTO=\n{JOB}"}, {"error"}),
        ({"/etc/cron.daily/rotation": "#!/bin/sh\nrotation apply\n"}, {"ok", "warning"}),
        ({"/etc/cron.daily/rotation.sh": "#!/bin/sh\nrotation apply\n"}, {"error"}),
        ({"/etc/systemd/system/r.service": SERVICE}, {"warning", "error"}),
        (
            {"/etc/systemd/system/r.service": SERVICE, "/etc/systemd/system/r.timer": ""},
            {"warning", "error"},
        ),
        (
            {
                "/etc/systemd/system/r.service": SERVICE,
                "/etc/systemd/system/r.timer": "",
                "/etc/systemd/system/timers.target.wants/r.timer": "",
            },
            {"ok"},
        ),
        ({}, {"error"}),
    ],
)
def test_schedules(tmp_path: Path, files: dict[str, str], expected: set[str]) -> None:
    assert severities(tree(tmp_path, files)) == expected


def test_a_record_survives_and_nonsense_is_none() -> None:
    edges = frozenset({Edge("root", "all@x.test", "forward", "/root/.forward")})
    marks = {"/root/.forward": Mark("a file", 0, 0, "0644", digest="abc")}
    made = record(edges, marks, datetime(2026, 11, 24, tzinfo=UTC))
    again = parse(made.dump())
    assert again is not None
    assert (again.edges, dict(again.marks), again.at) == (edges, marks, made.at)
    for text in (b"", b"x", b"[]", b"{}", b'{"version": 2}', made.dump()[:-5], b"\xff\0"):
        assert parse(text) is None


def test_every_difference_of_a_file_is_named(tmp_path: Path) -> None:
    host = Host(tmp_path / "state")
    path = tmp_path / "file"
    at = datetime(2026, 11, 24, tzinfo=UTC)

    def seen() -> Mark:
        return mark(host, path, content=True)

    def said(before: Mark) -> str:
        old, new = (record(frozenset(), {"f": m}, at) for m in (before, seen()))
        return "; ".join(problem.what for problem in changes(old, new, host))

    assert said(Mark("nothing")) == ""
    path.write_text("a")
    path.chmod(0o644)
    was = seen()
    assert said(was) == ""
    assert said(Mark("nothing")) == "is there now: a file"
    path.write_text("b")
    assert said(was) == "holds something else now"
    path.write_text("a")
    path.chmod(0o666)
    assert said(was) == "has the mode 0666 now, not 0644"
    path.chmod(0o644)
    os.link(path, tmp_path / "other")
    assert said(was) == "has 2 names (hard links) now, not 1"
    path.unlink()
    assert said(was) == "is gone: there was a file"
    path.symlink_to("other")
    assert said(was) == f"was a file, is a link to {tmp_path.resolve()}/other"
    path.unlink()
    path.mkdir()
    assert said(was) == "was a file, is a folder"
    path.rmdir()
    os.mkfifo(path)
    assert said(was) == "was a file, is a named pipe"


@ROOT
def test_rights_of_strangers(tmp_path: Path) -> None:
    system = tree(tmp_path, {"/etc/aliases": ""})
    path = Path("/etc/aliases")
    for folder in (tmp_path, tmp_path / "etc"):
        folder.chmod(0o755)
    assert [one.severity for one in rights(system, [path])] == [Severity.OK]
    for mode, owner, expected in (
        (0o646, 0, {Severity.ERROR}),
        (0o644, 1001, {Severity.WARNING}),
        (0o646, 1001, {Severity.ERROR, Severity.WARNING}),
    ):
        (tmp_path / "etc/aliases").chmod(mode)
        os.chown(tmp_path / "etc/aliases", owner, 0)
        assert {one.severity for one in rights(system, [path])} == expected
    os.chown(tmp_path / "etc/aliases", 0, 0)
    (tmp_path / "etc/aliases").chmod(0o644)
    (tmp_path / "etc").chmod(0o777)
    (found,) = rights(system, [path])
    assert str(found.where) == "/etc"
    (tmp_path / "etc").chmod(0o1777)
    assert [one.severity for one in rights(system, [path])] == [Severity.OK]
