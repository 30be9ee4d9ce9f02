"""Calendars around one window, read with the sieve and without it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rotation.calendars.read import PersonNames, Reading, read
from tests.calendars.feeds import BERLIN

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


PEOPLE = {name: PersonNames((f"{name}@example.com",)) for name in ("alice", "bob")}


OLD = ["DTSTART:20000101T090000Z", "DURATION:PT1H", "SUMMARY:alice"]


ZONES = ["", "", ";TZID=Europe/Berlin", ";TZID=Europe/Berlin", ";VALUE=DATE"]


ZONES += [";TZID=Europe/Berlin", ";TZID=Pacific/Kiritimati", ";TZID=Pacific/Pago_Pago"]


ZONES += [";TZID=Office", ';TZID="(UTC+01:00) Amsterdam, Berlin"', ";TZID=Nowhere", ";VALUE=DATE"]


RULES = ["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=3", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=YEARLY"]


RULES += ["FREQ=WEEKLY;BYDAY=MO,TU;WKST=SU", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "FREQ=SOMETIMES"]


RULES += ["FREQ=MONTHLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "freq=hourly;interval=7"]


ENDS = ["", ";COUNT=1", ";COUNT=5", ";COUNT=90", ";COUNT=0", ";count=3", ";COUNT=-1", ";X-COUNT=1"]


ENDS += [";COUNT=2;COUNT=9", ";UNTIL=20200101", ";UNTIL=20261125T000000Z", ";UNTIL=20261120"]


ENDS += [";UNTIL=20261118T235959", ";UNTIL=never", ";X-UNTIL=20200101", ";UNTIL=20200101,20300101"]


def written(day: int, zone: str, hour: int) -> str:
    local = NOW.replace(tzinfo=None) + timedelta(days=day)
    if zone == ";VALUE=DATE":
        return f"{zone}:{local:%Y%m%d}"
    return f"{zone}:{local:%Y%m%d}T{hour:02}0000{'' if zone else 'Z'}"


def both(data: bytes, start: datetime, end: datetime, **more: Any) -> tuple[Reading, Reading]:
    sieved, every = (
        read(data, zone=BERLIN, people=PEOPLE, start=start, end=end, sift=each, **more)
        for each in (True, False)
    )
    return sieved, every
