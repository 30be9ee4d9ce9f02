"""Instants in words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from rotation.clock.told import day_and_time, moment

LONDON = ZoneInfo("Europe/London")
MORNING = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)


def test_the_year_stands_unless_it_is_this_one() -> None:
    assert moment(MORNING, LONDON) == "Mon 6 Jul 2026 09:00"
    assert moment(MORNING, LONDON, datetime(2027, 1, 1, tzinfo=UTC)) == "Mon 6 Jul 2026 09:00"
    assert moment(MORNING, LONDON, datetime(2026, 1, 1, tzinfo=UTC)) == "Mon 6 Jul 09:00"


def test_which_year_it_is_depends_on_the_zone() -> None:
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    tokyo = ZoneInfo("Asia/Tokyo")
    assert moment(new_year, tokyo, MORNING) == "Fri 1 Jan 2027 08:30"
    assert moment(new_year, LONDON, MORNING) == "Thu 31 Dec 23:30"


@pytest.mark.parametrize("zone", [LONDON, None])
def test_a_date_as_commands_take_it(zone: ZoneInfo | None) -> None:
    local = MORNING.astimezone(LONDON).replace(second=5)
    assert day_and_time(local, zone) == "Mon 2026-07-06 09:00"
    assert day_and_time(local, zone, weekday=False, named=True) == "2026-07-06 09:00 BST"
    assert moment(local, zone, named=True) == "Mon 6 Jul 2026 09:00 BST"
