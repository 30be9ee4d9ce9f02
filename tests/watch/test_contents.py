"""What people changed in a roster: told, unless it is as our own commands write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rotation.watch.contents import Texts, edits
from rotation.watch.runs import Runs

PATH = Path("/etc/rotation/duty.toml")
ROSTER = """\
timezone = "Europe/London"
fallback = ["carol"]
[people]
alice = "alice@example.com"
bob = "bob@example.com"
carol = { email = "carol@example.com", name = "Carol Jones" }
[[rotation]]
name = "weekly"
people = ["alice", "bob"]
every = "1 week"
start = 2026-11-23
[[target]]
aliases = "/etc/aliases"
name = "duty"
"""
OURS = """
[[override]]
start = 2026-11-30T00:00:00Z
end = 2026-12-07T00:00:00Z
out = "bob"
in = "alice"
id = "7f3a"
by = "bob"
at = 2026-11-24T10:00:00Z
"""
THEIRS = OURS.partition("id =")[0]
AWAY = '[[absence]]\nperson = "alice"\nstart = 2026-12-24\nend = 2026-12-26\n'
BLOCK = """
[[rotation]]
name = "weekly"
people = ["alice", "bob", "carol"]
every = "1 week"
start = 2026-12-07
"""


def told(old: Texts, new: Texts) -> list[str]:
    return [problem.what for problem in edits(PATH, old, new).told]


EDITS = {
    "an address": ("alice@example.com", "mallory@example.org",
                   "the address of alice is mallory@example.org now, and was alice@example.com"),
    "an address more": ('"bob@example.com"', '["bob@example.com", "m@example.org"]',
                        "the address of bob is bob@example.com, m@example.org now"),
    "a new person": ("[people]", '[people]\nmallory = "m@example.org"',
                     "mallory is a new person: m@example.org"),
    "a name": ("Carol Jones", "Carol Smith", "the entry of carol says something else now"),
    "the fallback": ('["carol"]', '["alice"]', "who gets the mail when nobody is on duty"),
    "a target": ("/etc/aliases", "/etc/mail/aliases", "the targets"),
    "the zone": ("Europe/London", "Europe/Berlin", "the time zone"),
    "the order": ('["alice", "bob"]', '["bob", "alice"]',
                  "the block of the rotation 'weekly' is not there any more"),
    "a block": ("[[target]]", f"{BLOCK}[[target]]",
                "the block of the rotation 'weekly': written by hand"),
    "no roster at all": ("[people]", "[people", "has other contents now"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_is_told(edit: str) -> None:
    before, after, what = EDITS[edit]
    assert before in ROSTER
    said = told(Texts(ROSTER), Texts(ROSTER.replace(before, after, 1)))
    assert any(what in words for words in said), said


def test_comments_and_order_of_keys_are_no_edit() -> None:
    other = ROSTER.replace('every = "1 week"\nstart = 2026-11-23', "start = 2026-11-23\n"
                           'every = "1 week"  # as agreed')  # fmt: skip
    found = edits(PATH, Texts(ROSTER, OURS), Texts(f"# ours\n{other}", f"\n\n{OURS}"))
    assert (found.told, found.ours) == ((), ())


@pytest.mark.parametrize("entry", [THEIRS, AWAY])
def test_entries_by_hand_are_told_come_and_go(entry: str) -> None:
    come = edits(PATH, Texts(ROSTER), Texts(ROSTER, entry))
    assert [problem.what.rpartition(": ")[2] for problem in come.told] == ["written by hand"]
    assert str(come.told[0].where) in {f"/etc/rotation/duty.overrides.toml:{n}" for n in (1, 2)}
    gone = edits(PATH, Texts(ROSTER, entry), Texts(ROSTER, ""))
    assert [problem.what.rpartition(" is ")[2] for problem in gone.told] == ["not there any more"]


@pytest.mark.parametrize(("key", "who"), [("*", "everybody"), ("!bob", "!bob"), ("bob", "bob")])
def test_an_override_is_told_with_who_is_off_duty_by_it(key: str, who: str) -> None:
    roster = (
        ROSTER if key == "*" else ROSTER.replace("bob =", f'"{key}" =').replace('"bob"', f'"{key}"')
    )
    entry = THEIRS.replace('"bob"', f'"{key}"').replace('in = "alice"\n', "")
    (said,) = told(Texts(roster), Texts(roster, entry))
    assert f"override: {who} is off duty from" in said


def test_entries_of_our_commands_are_named_come_and_go() -> None:
    come = edits(PATH, Texts(ROSTER), Texts(ROSTER, OURS))
    assert come.told == ()
    assert come.ours == (
        "duty: override: alice for bob from Mon 2026-11-30 00:00 to Mon 2026-12-07 00:00, "
        "by bob at Tue 2026-11-24 10:00",
    )
    gone = edits(PATH, Texts(ROSTER, OURS), Texts(ROSTER))
    assert (gone.told, len(gone.ours)) == ((), 1)
    assert gone.ours[0].endswith("was taken back")


def test_what_puts_nobody_on_duty_is_no_edit() -> None:
    stamps = 'id = "7f3b"\nby = "bob"\nat = 2026-11-24T10:00:00Z\n'
    offer = f'[[offer]]\nperson = "bob"\nstart = 2026-11-30\nend = 2026-12-06\n{stamps}'
    undone = f'[[undone]]\nundone = 2026-11-24T11:00:00Z\nundone_by = "bob"\n{stamps}'
    assert told(Texts(ROSTER), Texts(ROSTER, offer + undone)) == []
    back = edits(PATH, Texts(ROSTER, OURS), Texts(ROSTER, undone))
    assert (back.told, len(back.ours)) == ((), 1)


def test_another_order_of_overrides_is_told() -> None:
    second = THEIRS.replace('"bob"', '"alice"', 1).replace('in = "alice"', 'in = "bob"')
    before, after = THEIRS + second, second + THEIRS
    assert told(Texts(ROSTER, before), Texts(ROSTER, after)) == [
        "the entries stand in another order now"
    ]


NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("last", "every", "now", "status", "expected"),
    [
        (-1, 5, 0, 0, True),  # minutes from the handoff
        (-1, 5, 5, 0, True),
        (-1, 5, 6, 0, False),  # a run was due at 4, and has had its two minutes
        (-1, 5, 0, 3, False),
        (0, 5, 1, 0, False),  # it ran since, and did not make it
        (2, 5, 3, 0, False),
        (-30, 5, 1, 0, False),  # it does not run
        (-1, None, 15, 0, True),
        (-1, None, 16, 0, False),
    ],
)
def test_a_handoff_is_still_to_come_while_the_next_run_is_not_overdue(
    last: int, every: int | None, now: int, status: int, expected: bool
) -> None:
    at = NOON + last * MINUTE
    runs = Runs(at, status, None if every is None else at - every * MINUTE)
    assert runs.still_to_come(NOON, NOON + now * MINUTE) is expected
