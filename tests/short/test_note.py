"""What a note speaks for: an answer is kept, and any doubt takes the long way."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from .edits import (
    chmod_folder,
    chmod_roster,
    in_place,
    left_half_done,
    linked_list,
    new_roster,
    no_list,
    other_list,
    relinked,
    renamed,
    swap,
    touched,
    tz_run,
    zone_found_earlier,
    zone_moved,
)
from .noted import MONDAY, ROSTER, WHO, note_of, write_note
from .world import NOW, Edit, World, runs, settle


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
