"""`rotation apply` where the aliases file has faults of other people's, or an odd index."""

from __future__ import annotations

import os
from typing import Any

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, OpenSMTPD, Postfix, Rig
from .roster_in_rig import (
    LINE,
    MONDAY,
    NEXT_MONDAY,
    files_of,
    rotation,
    state,
    write_roster,
)
from .test_apply import ALL

GOOD = f"postmaster: root\n{NOTIFICATIONS}: alice\nwebmaster: carol\nlast: bob\n"
TWICE = GOOD + "webmaster: alice\n"
FAULTS = {
    "twice": TWICE,
    "no-colon": GOOD + "nonsense by hand\n",
    "both-above": "nonsense by hand\nwebmaster: alice\n" + GOOD,
}
COMPILED = [case for case in ALL if case.id not in ("exim", "opensmtpd-file")]
KEYS = ["postmaster", NOTIFICATIONS, "webmaster", "last"]


def served(rig: Rig) -> dict[str, list[str] | None]:
    """What the running server makes of each name but ours."""
    return {key: rig.resolve(key) for key in KEYS if key != NOTIFICATIONS}


@pytest.mark.parametrize("text", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize(("kind", "options"), ALL)
def test_other_peoples_faults_stop_no_handoff(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any], text: str
) -> None:
    rig = new_rig(kind, **options)
    rig.write(rig.aliases, GOOD)
    rig.must(rig.rebuild())
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    rig.write(rig.aliases, text)
    rig.rebuild()  # Sendmail and makemap end with a status of their own
    before = served(rig)

    foreseen = rotation(rig, NEXT_MONDAY, "apply", "--check")
    assert (foreseen.status, foreseen.out, foreseen.err) == (1, LINE, "")
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert rig.read(rig.aliases) == text.replace(": alice\nweb", ": bob\nweb").encode()
    assert rig.resolve(NOTIFICATIONS) == ["bob"]
    assert served(rig) == before
    again = rotation(rig, NEXT_MONDAY, "apply")
    assert (again.status, again.out, again.err) == (0, "", "")
    rig.must(rig.send("root", "past other people's faults"))
    rig.wait_for("bob", "past other people's faults")


@pytest.mark.parametrize(("kind", "options"), COMPILED)
def test_a_fault_that_empties_a_line_of_others_is_theirs(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any]
) -> None:
    """An entry without a value: the server drops it, before and after."""
    rig = new_rig(kind, **options)
    rig.write(rig.aliases, GOOD)
    rig.must(rig.rebuild())
    write_roster(rig)
    rig.write(rig.aliases, GOOD + "broken:\n")
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert rig.resolve(NOTIFICATIONS) == ["bob"]
    assert rig.resolve("last") == ["bob"]


def test_what_the_server_refuses_is_named_and_foreseen(new_rig: NewRig) -> None:
    """OpenSMTPD would refuse the whole `file:` table, so nothing can make the handoff."""
    rig = new_rig(OpenSMTPD)
    rig.write(rig.aliases, GOOD)
    rig.must(rig.rebuild())
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    rig.write(rig.aliases, GOOD + "broken:\n")
    before = state(rig, *files_of(rig))
    for more in ([], ["--check"], ["--dry-run"]):
        done = rotation(rig, NEXT_MONDAY, "apply", *more)
        assert done.status == 3, more
        assert f"{rig.aliases}:5" in done.err
        assert state(rig, *files_of(rig)) == before


@pytest.mark.parametrize(("kind", "options"), ALL)
def test_a_fault_of_our_own_entry_is_refused_and_foreseen(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any]
) -> None:
    rig = new_rig(kind, **options)
    write_roster(rig)
    rig.write(rig.aliases, GOOD + f"{NOTIFICATIONS}: carol\n")
    before = state(rig, *files_of(rig))
    said = []
    for more in (["--check"], ["--dry-run"], []):
        done = rotation(rig, NEXT_MONDAY, "apply", *more)
        said.append((done.status, done.err))
        assert state(rig, *files_of(rig)) == before
    assert said == [said[0]] * 3
    assert said[0][0] == 3
    assert "has 2 entries" in said[0][1]


@pytest.mark.parametrize(("kind", "options"), COMPILED)
def test_the_index_is_never_older_than_the_text(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any]
) -> None:
    rig = new_rig(kind, **options)
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    index = next(
        f"{rig.aliases}.{end}"
        for end in ("db", "lmdb", "cdb")
        if rig.exists(f"{rig.aliases}.{end}")
    )
    for path in (rig.aliases, index):  # made long ago
        os.utime(rig.path(path), (1_000_000_000, 1_000_000_000))
    rig.must(rotation(rig, NEXT_MONDAY, "apply"))
    text = rig.stat(rig.aliases, follow=True).st_mtime_ns
    assert rig.stat(index).st_mtime_ns >= text > 1_000_000_000 * 10**9
    # an older index with the same entries becomes newer, without a word
    os.utime(rig.path(index), ns=(text - 10**10, text - 10**10))
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert rig.stat(index).st_mtime_ns >= text
    # somebody is at work on the text: what they have not built yet stays unbuilt
    rig.write(rig.aliases, rig.read(rig.aliases) + b"new: carol\n")
    was = rig.stat(index).st_mtime_ns
    os.utime(rig.path(rig.aliases), ns=(was + 10**10, was + 10**10))
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert rig.stat(index).st_mtime_ns == was


def test_a_server_that_holds_the_text_in_memory_is_told_again(new_rig: NewRig) -> None:
    rig = new_rig(OpenSMTPD)
    rig.write(rig.aliases, GOOD)
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    assert rig.resolve(NOTIFICATIONS) == ["alice"]
    # by hand, and right for next week; the daemon does not know
    rig.write(rig.aliases, GOOD.replace(f"{NOTIFICATIONS}: alice", f"{NOTIFICATIONS}: bob"))
    assert rig.resolve(NOTIFICATIONS) == ["alice"]
    assert rotation(rig, NEXT_MONDAY, "apply", "--check").status == 1
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert rig.resolve(NOTIFICATIONS) == ["bob"]
    # a line of somebody else's: nothing of ours changes, and the daemon hears of it
    rig.write(rig.aliases, rig.read(rig.aliases) + b"new: carol\n")
    assert rig.resolve("new") is None
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert rig.resolve("new") == ["carol"]


def test_a_run_that_died_after_the_rename_is_told_by_the_next(new_rig: NewRig) -> None:
    """The text is new, the index too, and nobody said so: the note of the change is still there."""
    rig = new_rig(Postfix)
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    old = rig.read(rig.aliases)
    rig.must(rotation(rig, NEXT_MONDAY, "apply"))
    name = rig.must(rig.run(["sh", "-c", "printf %s /etc/aliases | sha256sum"])).out[:32]
    rig.write(f"/var/lib/rotation/{name}.before", old, mode=0o600)
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert not rig.exists(f"/var/lib/rotation/{name}.before")
    assert rotation(rig, NEXT_MONDAY, "apply").out == ""


@pytest.mark.parametrize(("kind", "options"), ALL)
def test_the_odd_line_is_named_by_check_and_doctor(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any]
) -> None:
    rig = new_rig(kind, **options)
    rig.write(rig.aliases, GOOD)
    rig.must(rig.rebuild())
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    rig.write(rig.aliases, TWICE)
    for command in ("check", "doctor"):
        done = rotation(rig, MONDAY, command)
        said = done.out + done.err
        assert f"{rig.aliases}:5" in said, command
        assert "repeats the name of line 3" in said, command


def test_verify_and_doctor_rehearse_the_next_handoff(new_rig: NewRig) -> None:
    """The next rewrite of the file will be refused: that is known while all is still right."""
    rig = new_rig(Postfix)
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    assert rotation(rig, MONDAY, "verify").status == 0
    assert rotation(rig, MONDAY, "verify").out == ""
    # a second entry of ours that says the same today
    rig.write(rig.aliases, rig.read(rig.aliases) + f"{NOTIFICATIONS}: alice\n".encode())
    rotation(rig, MONDAY, "verify", "--accept")
    done = rotation(rig, MONDAY, "verify")
    assert done.status == 1
    assert "the handoff at 2026-11-30 09:00 GMT will fail: " in done.out + done.err
    doctor = rotation(rig, MONDAY, "doctor")
    assert "the handoff at 2026-11-30 09:00 GMT will fail: " in doctor.out + doctor.err


def test_verify_does_not_vouch_for_a_server_that_was_not_told(new_rig: NewRig) -> None:
    """The text was made right for next week by hand, and the daemon holds this week's person."""
    rig = new_rig(OpenSMTPD)
    rig.write(rig.aliases, GOOD)
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    assert rotation(rig, MONDAY, "verify").status == 0
    rig.write(rig.aliases, GOOD.replace(f"{NOTIFICATIONS}: alice", f"{NOTIFICATIONS}: bob"))
    done = rotation(rig, NEXT_MONDAY, "verify")
    assert done.status == 1
    assert f"the alias {NOTIFICATIONS} holds alice; it should hold bob" in done.err
    doctor = rotation(rig, NEXT_MONDAY, "doctor")
    assert f"the alias {NOTIFICATIONS} holds alice; it should hold bob" in doctor.out + doctor.err
    traced = rotation(rig, NEXT_MONDAY, "trace", NOTIFICATIONS)
    assert traced.status == 1
    assert "has changed since OpenSMTPD was told of it" in traced.out
    # a line of somebody else's makes nobody suspicious: ours is right either way
    rig.must(rotation(rig, NEXT_MONDAY, "apply"))
    rig.write(rig.aliases, rig.read(rig.aliases) + b"new: carol\n")
    assert "should hold" not in rotation(rig, NEXT_MONDAY, "verify").err
    assert rotation(rig, NEXT_MONDAY, "trace", NOTIFICATIONS).status == 0
