"""What a note speaks for: an answer is kept, and any doubt takes the long way."""

from __future__ import annotations

import marshal
import os
import shutil
import sys
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rotation import short
from rotation.cli.context import state_folder

from .world import NOW, Answer, Edit, World, runs, settle

WEEK = 7 * 86_400
MONDAY = 1_796_029_200
"""30 November 2026, 09:00 UTC: the next handoff."""
ROSTER = """\
timezone = "Europe/London"
fallback = ["boss@example.com"]
[people]
alice = "alice@example.com"
bob   = "bobby@example.com"
carol = "carol@example.com"
[[rotation]]
name    = "weekly"
people  = ["alice", "bob", "carol"]
every   = "1 week"
start   = 2026-01-05
handoff = "09:00"
[[target]]
include = "../lists/duty"
"""
SWAP = """\
[[override]]
start = 2026-11-20T00:00:00Z
end   = 2026-11-29T00:00:00Z
out   = "bob"
in    = "carol"
"""
WHO = "duty duty: bob, since Mon 23 Nov 09:00, until Mon 30 Nov 09:00 GMT; next carol\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.make()
    (world.rosters / "duty.toml").write_text(ROSTER)
    world.target.write_text("bobby@example.com\n")
    return world


def note_of(path: Path) -> list[Any]:
    return list(marshal.loads(path.read_bytes().partition(b"\n")[2]))


def write_note(path: Path, note: list[Any]) -> None:
    body = marshal.dumps(tuple(note))
    path.write_bytes(short.header(body) + b"\n" + body)


def test_the_second_answer_reads_no_roster(world: World) -> None:
    first, second = world.run("who"), world.run("who", now=NOW + 60)
    assert first == (0, WHO, "", True)
    assert second == (0, WHO, "", False)


def test_nor_does_the_second_apply_and_the_run_is_noted_all_the_same(world: World) -> None:
    assert world.run("apply") == (0, "", "", True)
    assert world.run("apply", now=NOW + 300) == (0, "", "", False)
    short_way = runs(world)
    assert short_way == {
        "at": "2026-11-24T10:05:00+00:00",
        "status": 0,
        "before": "2026-11-24T10:00:00+00:00",
    }
    # twice at one instant is one run
    world.run("apply", now=NOW + 300)
    assert runs(world) == short_way
    world.run("apply", now=NOW + 300, fresh=True)
    assert runs(world) == short_way


def test_fresh_keeps_nothing_and_uses_nothing(world: World) -> None:
    assert world.run("who", fresh=True).long
    assert world.notes == []
    world.run("who")
    assert world.run("who", fresh=True).long


@pytest.mark.parametrize(
    "words", [("who", "--why"), ("who", "--role", "duty"), ("apply", "--json")]
)
def test_what_is_kept(world: World, words: tuple[str, ...]) -> None:
    first, second, fresh = world.run(*words), world.run(*words), world.run(*words, fresh=True)
    assert (first.long, second.long) == (True, False)
    assert first[:3] == second[:3] == fresh[:3]


@pytest.mark.parametrize(
    "words",
    [
        ("who", "--at", "2026-12-24"),
        ("who", "--role", "nobody-has-it"),
        ("who", "--wrong"),
        ("apply", "--check"),
        ("apply", "--dry-run"),
        ("schedule",),
        ("verify", "--help"),
        ("doctor", "--help"),
        ("who", "--help"),
    ],
)
def test_what_is_not(world: World, words: tuple[str, ...]) -> None:
    world.run(*words)
    assert world.notes == []


def test_json_tells_the_instant_of_its_own_run(world: World) -> None:
    world.run("who", "--json")
    later = world.run("who", "--json", now=NOW + 61)
    assert not later.long
    assert '"at": "2026-11-24T10:01:01+00:00"' in later.out
    assert later.out == world.run("who", "--json", now=NOW + 61, fresh=True).out


@pytest.mark.parametrize(
    "zone", ["America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca"]
)
def test_json_is_written_with_the_offset_of_its_day(world: World, zone: str) -> None:
    """Up to the instant at which the clocks change, and from it on."""
    text = ROSTER.replace("Europe/London", zone)
    (world.rosters / "duty.toml").write_text(text)
    autumn = 1_793_502_000  # 1 November 2026, 01:00 UTC: hours before St John's changes
    for at in range(autumn, autumn + 6 * 3600, 1200):
        kept, fresh = (world.run("who", "--json", now=at, fresh=f) for f in (False, True))
        assert kept[:3] == fresh[:3]


def test_it_is_good_until_the_handoff(world: World) -> None:
    world.run("who")
    assert not world.run("who", now=MONDAY - 1).long
    assert world.run("who", now=MONDAY).long


def test_it_is_good_until_the_new_year(world: World) -> None:
    """An instant of this year is written without it."""
    (world.rosters / "duty.toml").write_text(ROSTER.replace("1 week", "9 weeks"))
    eve = 1_798_761_599  # 31 December 2026, 23:59:59 UTC
    before = world.run("who", now=eve)
    after, fresh = (world.run("who", now=eve + 1, fresh=f) for f in (False, True))
    assert before.out != after.out
    assert after[:3] == fresh[:3]


def test_a_clock_that_went_back_takes_the_long_way(world: World) -> None:
    world.run("who")
    assert world.run("who", now=NOW - 1).long


def swap(world: World) -> None:
    (world.rosters / "duty.overrides.toml").write_text(SWAP)


def new_roster(world: World) -> None:
    (world.rosters / "two.toml").write_text(ROSTER)


def in_place(world: World) -> None:
    path = world.rosters / "duty.toml"
    before = path.stat()
    path.write_text(ROSTER.replace('"alice", "bob"', '"bob", "alice"'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def renamed(world: World) -> None:
    os.rename(world.rosters, world.home / "old")
    shutil.copytree(world.home / "old", world.rosters)
    (world.rosters / "duty.toml").write_text(ROSTER.replace('"alice", "bob"', '"bob", "alice"'))


def relinked(world: World) -> None:
    other = world.home / "other"
    other.mkdir()
    (other / "duty.toml").write_text(ROSTER.replace('"alice", "bob"', '"bob", "alice"'))
    link = world.home / "link"
    link.unlink()
    link.symlink_to("other")


def zone_moved(world: World) -> None:
    zones = world.home / "zones" / "Europe"
    shutil.copy("/usr/share/zoneinfo/Asia/Tokyo", zones / "London")


def zone_found_earlier(world: World) -> None:
    zones = world.home / "earlier" / "Europe"
    zones.mkdir(parents=True)
    shutil.copy("/usr/share/zoneinfo/Asia/Tokyo", zones / "London")


WHO_EDITS: list[tuple[Edit, str]] = [
    (swap, "duty.overrides.toml"),
    (new_roster, "rosters"),
    (in_place, "duty.toml"),
    (relinked, "link/duty.toml"),
    (renamed, "duty.toml"),
    (zone_moved, "zones/Europe/London"),
    (zone_found_earlier, "earlier/Europe/London"),
]


@pytest.mark.parametrize(
    ("edit", "subject"), WHO_EDITS, ids=lambda value: getattr(value, "__name__", "")
)
def test_what_changed_is_seen_and_a_note_without_it_would_not_see_it(
    world: World, edit: Edit, subject: str
) -> None:
    (world.home / "link").symlink_to("rosters")
    zones = world.home / "zones"
    shutil.copytree("/usr/share/zoneinfo/Europe", zones / "Europe")
    shutil.copy("/usr/share/zoneinfo/UTC", zones / "UTC")
    world.environment["PYTHONTZPATH"] = f"{world.home}/earlier:{zones}"
    path = str(world.home / "link") if edit is relinked else str(world.rosters)
    words = ("who", "--rosters", path)
    # the tests' own interpreter has its path already
    first = tz_run(world, *words)
    assert first.out == WHO
    assert not tz_run(world, *words).long
    (note_path,) = world.notes
    whole = note_path.read_bytes()
    edit(world)
    fresh = tz_run(world, *words, fresh=True)
    assert fresh[:2] != first[:2]
    forgetful = note_of(note_path)
    forgetful[5] = tuple(
        (kind, [(s, v) for s, v in entries if not touched(str(s), subject)])
        for kind, entries in forgetful[5]
    )
    write_note(note_path, forgetful)
    assert tz_run(world, *words) == (*first[:3], False), "nothing else in the note speaks for it"
    note_path.write_bytes(whole)
    assert tz_run(world, *words)[:3] == fresh[:3]


def touched(path: str, subject: str) -> bool:
    """Whether an entry of a note is the one that the change is about, or a folder that shows it."""
    return path.endswith((f"/{subject}", "/rosters", "/link"))


def tz_run(world: World, *words: str, fresh: bool = False) -> Answer:
    """A run of an interpreter that was started with PYTHONTZPATH."""
    zoneinfo.reset_tzpath(world.environment["PYTHONTZPATH"].split(":"))
    zoneinfo.ZoneInfo.clear_cache()
    try:
        return world.run(*words, fresh=fresh)
    finally:
        zoneinfo.reset_tzpath()


def chmod_roster(world: World) -> None:
    (world.rosters / "duty.toml").chmod(0o666)


def chmod_folder(world: World) -> None:
    world.rosters.chmod(0o777)


def other_list(world: World) -> None:
    world.target.write_text("carol@example.com\n")


def no_list(world: World) -> None:
    world.target.unlink()


def linked_list(world: World) -> None:
    real = world.target.rename(world.target.with_name("real"))
    world.target.symlink_to("real")
    real.write_text("carol@example.com\n")


def left_half_done(world: World) -> None:
    from rotation.host.locks import note_name

    (world.state / note_name(world.rosters / "../lists/duty")).write_text("carol@example.com\n")


@pytest.mark.parametrize(
    "edit",
    [swap, in_place, new_roster, chmod_roster, chmod_folder, other_list, no_list, linked_list],
)
def test_apply_sees_what_changed(world: World, edit: Edit) -> None:
    if os.geteuid() != 0 and edit in (chmod_roster, chmod_folder):
        pytest.skip("only root minds who can write a roster")
    safe(world)
    world.run("apply")
    assert not world.run("apply").long
    edit(world)
    kept = world.run("apply")
    # a roster that others can write is refused unread
    assert kept.long or kept.status == 2


def safe(world: World) -> None:
    for folder in (world.home, *world.home.parents):
        if folder.stat().st_mode & 0o022 and not folder.stat().st_mode & 0o1000:
            pytest.skip("the folder of the tests is not root's alone")


def test_a_change_that_never_ended_is_seen(world: World) -> None:
    world.run("apply")
    assert not world.run("apply").long
    left_half_done(world)
    assert world.run("apply").long


def test_a_lock_that_another_run_holds_is_seen(world: World) -> None:
    from rotation.host.locks import hold_folders

    world.run("apply")
    assert not world.run("apply").long
    with hold_folders([world.target.parent]):
        assert world.run("apply").long


def test_a_run_that_changes_something_is_not_kept(world: World) -> None:
    other_list(world)
    assert "carol -> bob" in world.run("apply").out
    assert world.notes == []


def test_a_run_with_a_warning_is_not_kept_even_while_it_is_not_said(world: World) -> None:
    (world.rosters / "broken.toml").write_text("timezone = 1\n")
    assert world.run("apply").err
    settle(world.home / "io")
    assert world.run("apply", now=NOW + 60) == (2, "", "", True)
    assert world.notes == []
    assert world.run("who").status == 2
    assert world.notes == []


def test_a_monitor_hears_of_every_run(world: World) -> None:
    text = ROSTER + '[monitor]\nping = "http://127.0.0.1:9/nothing-listens"\n'
    (world.rosters / "duty.toml").write_text(text)
    for _ in range(2):
        assert world.run("apply").long
    assert world.notes == []


def test_a_file_that_was_changed_just_now_speaks_for_nothing(world: World) -> None:
    """What is written within one tick of the clock looks the same before and after."""
    path = world.rosters / "duty.toml"
    os.utime(path, ns=(2**62, 2**62))  # as if it came from a host whose clock is ahead
    assert world.run("who").long
    assert world.run("who").long
    assert world.notes == []


def test_a_stamp_must_be_older_than_the_run() -> None:
    from rotation.short.keep import _past

    begun = 1_795_514_400_500_000_000
    old = begun - 3_600_000_000_123
    assert _past(old, begun - 10_000_001, begun)
    assert not _past(old, begun - 9_999_999, begun)
    assert not _past(begun - 9_999_999, old, begun)
    assert not _past(begun + 1, old, begun)
    # a file system with whole seconds only: the second must be over
    assert not _past(old, 1_795_514_400_000_000_000, begun)
    assert _past(old, 1_795_514_399_000_000_000, begun)


Attack = Callable[[Path], object]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def linked(path: Path) -> None:
    os.rename(path, path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


def linked_twice(path: Path) -> None:
    os.link(path, path.with_suffix(".second"))


def foreign(path: Path) -> None:
    os.chown(path, 12345, -1)


def foreign_folder(path: Path) -> None:
    os.chown(path.parent, 12345, -1)


def future(path: Path) -> None:
    note = note_of(path)
    note[1] = NOW + 3600
    write_note(path, note)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def other_python(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"%x" % sys.hexversion, b"30a00f0", 1))


def garbage(path: Path) -> None:
    body = b"\xff" * 10
    path.write_bytes(short.header(body) + b"\n" + body)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


ATTACKS: list[Attack] = [
    cut,
    linked,
    linked_twice,
    foreign,
    foreign_folder,
    future,
    emptied,
    other_python,
    garbage,
    lambda path: path.chmod(0o622),
    lambda path: path.chmod(0o660),
    lambda path: path.parent.chmod(0o777),
    lambda path: path.parent.chmod(0o770),
    lambda path: path.unlink(),
    a_folder,
    a_pipe,
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_note_that_is_in_doubt_is_not_used(world: World, attack: Attack) -> None:
    if os.geteuid() != 0 and attack in (foreign, foreign_folder):
        pytest.skip("only root can give a file away")
    first = world.run("who")
    assert not world.run("who").long
    attack(*world.notes)
    assert world.run("who") == first


def test_the_environment_is_part_of_the_question(world: World) -> None:
    world.run("who")
    assert not world.run("who").long
    for name in ("LC_ALL", "TZ", "PYTHONUTF8", "ROTATION_ROSTERS"):
        world.environment[name] = "/nowhere"
        assert world.run("who").long, name
        del world.environment[name]
    world.environment["OLDPWD"] = "/nowhere"  # nobody reads it
    world.run("who")
    assert not world.run("who").long


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_everybody_has_notes_of_their_own(world: World) -> None:
    for folder in (world.rosters, world.home, *world.home.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    world.run("who")
    user = World(world.home, user=12345)
    user.state.mkdir(mode=0o700)
    os.chown(user.state, 12345, 12345)
    # what the runs of a test write to is root's
    for path in (world.home / "io").iterdir():
        path.chmod(0o666)
    (world.home / "io").chmod(0o777)
    assert user.run("who") == (0, WHO, "", True)
    assert user.run("who") == (0, WHO, "", False)
    assert user.notes[0].stat().st_uid == 12345
    user.state.chmod(0o777)
    assert user.run("who").long
    mine = World(world.home, {"ROTATION_STATE": str(world.state)}, user=12345)
    assert mine.run("who").long, "root's notes are root's"


def test_the_notes_lie_where_the_program_keeps_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for home, base in (("/home/alice", None), ("/home/alice", "/data"), ("/root", None)):
        monkeypatch.setenv("HOME", home)
        monkeypatch.delenv("ROTATION_STATE", raising=False)
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        if base is not None:
            monkeypatch.setenv("XDG_STATE_HOME", base)
        assert short._state_folder() == str(state_folder())
        monkeypatch.setenv("ROTATION_STATE", "/elsewhere")
        assert short._state_folder() == str(state_folder())


def test_a_program_that_was_upgraded_is_seen(world: World, tmp_path: Path) -> None:
    module = tmp_path / "of_another_package.py"
    module.write_text("")
    sys.path.append(str(tmp_path))
    try:
        import of_another_package  # type: ignore[import-not-found] # noqa: F401

        world.run("who")
        assert not world.run("who").long
        settle(world.home / "io")
        module.write_text("# upgraded\n")
        assert world.run("who").long
    finally:
        sys.path.remove(str(tmp_path))
        del sys.modules["of_another_package"]
