"""What is remembered of files, and every difference from it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from rotation.host.real import Host
from rotation.watch.marks import Edge, Mark, changes, mark, parse, record


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
    assert said(Mark("nothing")) == "is new (a file)"
    path.write_text("b")
    assert said(was) == "has other contents now"
    path.write_text("a")
    path.chmod(0o666)
    assert said(was) == "has the mode 0666 now, not 0644"
    path.chmod(0o644)
    stage = tmp_path / ".rotation-0123456789abcdef"  # of a change under way, or of a killed run
    stage.mkdir()
    os.link(path, stage / "kept-file")
    assert said(was) == ""
    os.link(path, tmp_path / "other")
    assert said(was) == "has 2 names (hard links) now, not 1"
    path.unlink()
    assert said(was) == "is gone (it was a file)"
    path.symlink_to("other")
    assert said(was) == f"was a file, is a link to {tmp_path.resolve()}/other"
    path.unlink()
    path.mkdir()
    assert said(was) == "was a file, is a folder"
    path.rmdir()
    os.mkfifo(path)
    assert said(was) == "was a file, is a named pipe"
