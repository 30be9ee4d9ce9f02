"""The events of a schedule: what stands outside of every turn."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rotation.export.events import events
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded
from tests.check.roster_blocks import override, roster_text, rotation


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


def test_an_override_before_the_first_handoff_is_an_event_of_its_own() -> None:
    text = roster_text(rotation(0, 1, start="2026-11-23"), zone="UTC")
    early = override("2026-11-10T00:00:00Z", "2026-11-12T00:00:00Z", coming="p1", id="7f3a")
    loaded = Loaded(parse(text.encode(), Path("team.toml"), early.encode()))
    listed = events(loaded, "duty", day(1), day(25))
    assert [(event.start, event.end, event.people) for event in listed] == [
        (day(10), day(12), ("p1",)),
        (day(23), day(30), ("p0",)),
    ]
    first = listed[0]
    assert first.around == (day(10), day(12))
    assert first.uid == first.turn
    assert first.uid.startswith("20261110T000000Z-")
    assert events(loaded, "duty", day(11), day(12)) == [first]
