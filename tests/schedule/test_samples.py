"""The sample rosters mean what their comments say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.roster.parse import parse
from rotation.schedule.final import Schedule

ROSTERS = Path(__file__).parents[2] / "rosters"


def test_the_sun_is_followed_all_year_and_nobody_serves_at_night() -> None:
    path = ROSTERS / "crews.toml"
    roster = parse(path.read_bytes(), path)
    zones = {"anna": "Europe/London", "chloe": "America/Los_Angeles", "erin": "Australia/Sydney"}
    zones |= {"ben": zones["anna"], "dan": zones["chloe"], "finn": zones["erin"]}
    start = datetime(2026, 2, 1, tzinfo=UTC)
    for shift in Schedule(roster).between(start, start + timedelta(days=366)):
        assert shift.people
        assert shift.start is not None
        assert shift.end is not None
        for person in shift.people:
            for at in (shift.start, shift.end - timedelta(minutes=1)):
                assert 8 <= at.astimezone(ZoneInfo(zones[person])).hour < 19
