"""The bars of a page: whose each hour of a week and each day of a month is, in the page's zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from rotation.export.site.view import Row, Stretch, weeks, year

LONDON, AUCKLAND = ZoneInfo("Europe/London"), ZoneInfo("Pacific/Auckland")


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def stretch(start: str, end: str, who: str, zone: ZoneInfo = LONDON) -> Stretch:
    return Stretch(at(start, zone), at(end, zone), (who,) if who else ())


EVER = (at("2026-01-01"), at("2028-01-01"))


def bars(row: Row) -> list[tuple[int, str]]:
    """How many columns each has; nobody is "-", what is not known "?"."""
    return [(bar.columns, ",".join(bar.people) or ("-" if bar.known else "?")) for bar in row.bars]


def test_a_gap_is_nobodys_and_ends_to_the_hour() -> None:
    listed = [
        stretch("2026-07-13", "2026-07-15T12:00", "alice"),
        stretch("2026-07-16", "2026-07-18T09:00", "bob"),
    ]
    first, second = weeks(listed, EVER, LONDON, at("2026-07-15T10:00"), 2)
    assert (first.first, first.current) == (date(2026, 7, 13), True)
    assert bars(first) == [(60, "alice"), (12, "-"), (57, "bob"), (39, "-")]
    assert (second.first, second.current) == (date(2026, 7, 20), False)
    assert bars(second) == [(168, "-")]


def test_what_was_not_exported_is_no_gap() -> None:
    listed = [stretch("2026-07-14", "2026-07-15", "alice")]
    span = at("2026-07-14"), at("2026-07-17")
    (row,) = weeks(listed, span, LONDON, at("2026-07-15"), 1)
    assert bars(row) == [(24, "?"), (24, "alice"), (48, "-"), (72, "?")]


def test_a_day_has_as_many_columns_however_long_it_is() -> None:
    """The clock goes back on 25 October, and forward on 29 March."""
    for sunday, monday in (("2026-10-25", "2026-10-26"), ("2026-03-29", "2026-03-30")):
        listed = [stretch("2026-03-01", sunday, "alice"), stretch(sunday, monday, "bob")]
        (row,) = weeks(listed, EVER, LONDON, at(sunday), 1)
        assert bars(row) == [(144, "alice"), (24, "bob")]


def test_the_day_is_that_of_the_zone() -> None:
    monday = at("2026-07-13T00:30", AUCKLAND)  # a Sunday in London
    listed = [stretch("2026-07-13", "2026-07-14", "alice", AUCKLAND)]
    assert bars(weeks(listed, EVER, AUCKLAND, monday, 1)[0]) == [(24, "alice"), (144, "-")]
    (row,) = weeks(listed, EVER, LONDON, monday, 1)
    assert row.first == date(2026, 7, 6)
    assert bars(row) == [(157, "-"), (11, "alice")]


def test_a_day_of_the_year_is_whose_its_noon_is() -> None:
    listed = [
        stretch("2026-11-10T12:00", "2026-11-12T13:00", "alice"),
        stretch("2026-11-13T13:00", "2026-11-20T12:00", "bob"),
    ]
    first, *rest = year(listed, EVER, LONDON, at("2026-11-30T23:30"))
    assert (first.first, first.current) == (date(2026, 11, 1), True)
    assert bars(first) == [(9, "-"), (3, "alice"), (1, "-"), (6, "bob"), (11, "-")]
    assert [row.first.month for row in rest] == [12, *range(1, 11)]
    assert [sum(bar.columns for bar in row.bars) for row in rest[1:4]] == [31, 28, 31]
