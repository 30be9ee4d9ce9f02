"""The mails of a join, a swap, a leave and of somebody removed, from a real Postfix, in the
calendars of two real mail programs: they hold what the final schedule holds."""

from __future__ import annotations

import contextlib
import json
import mailbox
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from . import evolution, thunderbird
from .rigs import Postfix, Rig
from .rigs.base import wait
from .roster_in_rig import rotation, write_roster

Spans = set[tuple[str, str]]
Story = tuple[list[list[bytes]], list[list[tuple[str, str]]]]
Read = Callable[[Path, str, list[list[bytes]]], list[list[tuple[str, str, str]]]]

CAROL = "carol@box.test"
WITHOUT = """\
timezone = "Europe/London"
fallback = ["root@localhost"]

[people]
alice = "alice"
bob   = "bob"

[[rotation]]
name    = "weekly"
people  = ["alice", "bob"]
every   = "1 week"
start   = 2026-11-23
handoff = "09:00"

[notify]
handoffs = false
"""
NEXT = 3
"""To how many of the next duties somebody is invited."""


class Mails:
    """What comes into a mailbox, run by run of `notify`."""

    def __init__(self, rig: Rig) -> None:
        self._rig, self._seen = rig, 0
        self.chapters: list[list[bytes]] = []

    def notify(self, at: str) -> None:
        """One run, and all that it mails is delivered."""
        rig = self._rig
        done = rotation(rig, at, "notify")
        assert (done.status, done.out, done.err) == (0, "", "")
        wait(lambda: "queue is empty" in rig.must(rig.run(["mailq"])).out, "an empty queue")
        path = rig.path("/var/mail/carol")
        if path.exists():
            with contextlib.closing(mailbox.mbox(path, create=False)) as box:
                mails = [mail.as_bytes() for mail in box]
            self.chapters.append(mails[self._seen :])
            self._seen = len(mails)


def ahead(rig: Rig, at: str) -> list[tuple[str, str]]:
    """carol's duties that have not begun, by the final schedule: start and end in UTC."""
    done = rig.must(rotation(rig, at, "schedule", "--to", "2027-11-01", "--json"))
    instants = [
        [datetime.fromisoformat(entry[side]).astimezone(UTC) for side in ("start", "end")]
        for entry in json.loads(done.out)
        if "carol" in entry["people"]
    ]
    return [(f"{start:%Y%m%dT%H%M%SZ}", f"{end:%Y%m%dT%H%M%SZ}") for start, end in instants]


@pytest.fixture(scope="module")
def story(postfix: Postfix) -> Story:
    """What carol is mailed, change by change, and her duties by the final schedule after each."""
    rig = postfix
    write_roster(rig, WITHOUT)
    mails = Mails(rig)
    schedules: list[list[tuple[str, str]]] = []

    def told(minute: int, *change: str) -> None:
        at = f"2026-11-24T10:{minute:02}:00+00:00"
        if change:
            rig.must(rotation(rig, at, *change, "--yes"))
        mails.notify(at)
        schedules.append(ahead(rig, at))

    rig.must(rotation(rig, "2026-11-24T10:00:00+00:00", "notify"))
    told(5, "join", "carol", "--email", CAROL)
    told(10, "swap", "carol", "alice")
    (*_, entry) = json.loads(rotation(rig, "2026-11-24T10:12:00+00:00", "log", "--json").out)
    told(15, "undo", entry["id"])
    told(20, "swap", "bob", "carol")
    # she leaves after her first duties, which stay hers
    told(25, "leave", "carol", "--from", schedules[-1][2][0][:8])
    assert len(schedules[-1]) == 2
    # and is not even in the roster any more
    write_roster(rig, WITHOUT)
    rig.write("/etc/rotation/duty.overrides.toml", "")
    told(30)
    assert schedules[-1] == []
    return mails.chapters, schedules


@pytest.mark.parametrize(
    "read", [evolution.read, thunderbird.read], ids=["evolution", "thunderbird"]
)
def test_a_calendar_holds_what_the_final_schedule_holds(
    story: Story, tmp_path: Path, read: Read
) -> None:
    chapters, schedules = story
    held = read(tmp_path / "reader", CAROL, chapters)
    assert len(held) == len(schedules) == len(chapters)
    for calendar, schedule in zip(held, schedules, strict=True):
        spans = {(start, end) for _, start, end in calendar}
        assert len(spans) == len(calendar), "none of them twice"
        # the next duties, and of those later only what is true
        assert set(schedule[:NEXT]) <= spans <= set(schedule)
    assert held[0]
    assert held[-1] == []
