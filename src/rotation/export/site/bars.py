"""Bars over weeks and months: tables in which a cell is as wide as a duty is long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rotation.export.site.view import Bar, Row
from rotation.export.site.words import (
    DAYS,
    MONTHS,
    colour,
    named,
    nobody,
    plain_moment,
    text,
)
from rotation.model import Roster

SHORT = {168: 6, 31: 3}
"""Of how many columns a bar has to be for its words to be seen; aloud they are said always."""


def week_table(
    roster: Roster,
    role: str,
    rows: Sequence[Row],
    zone: ZoneInfo,
    at: datetime,
    title: str = "Week by week",
) -> Iterable[str]:
    """Weeks of one role, from Monday to Sunday."""
    heads = "".join(
        f'<th scope="col" colspan="24"><abbr title="{day}">{day[:3]}</abbr></th>' for day in DAYS
    )
    caption = f'{text(title)}<span class="aloud">: {text(role)}</span>'
    yield f'<table class="bars weeks"><caption>{caption}</caption>'
    yield f"<thead><tr>{_corner('From')}{heads}</tr></thead><tbody>"
    for row in rows:
        label = f"{row.first.day} {MONTHS[row.first.month - 1][:3]}"
        yield _row(roster, role, row, label, zone, at, SHORT[168])
    yield "</tbody></table>"


def year_table(
    roster: Roster, role: str, rows: Sequence[Row], zone: ZoneInfo, at: datetime
) -> Iterable[str]:
    """Twelve months of one role, a line for each."""
    heads = "".join(
        f'<th scope="col">{day if day % 5 == 0 or day == 1 else _unseen(day)}</th>'
        for day in range(1, 32)
    )
    caption = f'A year<span class="aloud">: {text(role)}</span>'
    yield f'<table class="bars year"><caption>{caption}</caption>'
    yield f"<thead><tr>{_corner('Month')}{heads}</tr></thead><tbody>"
    for row in rows:
        month = MONTHS[row.first.month - 1][:3]
        label = f"{month} {row.first.year % 100:02}" if row.first.month == 1 else month
        yield _row(roster, role, row, label, zone, at, SHORT[31])
    yield "</tbody></table>"


def _corner(words: str) -> str:
    return f'<th scope="col" class="corner"><span class="aloud">{words}</span></th>'


def _unseen(day: int) -> str:
    return f'<span class="aloud">{day}</span>'


def _row(
    roster: Roster, role: str, row: Row, label: str, zone: ZoneInfo, at: datetime, short: int
) -> str:
    marks = ' class="today" aria-current="date"' if row.current else ""
    cells = "".join(_cell(roster, role, bar, zone, at, short) for bar in row.bars)
    first = f'<time datetime="{row.first.isoformat()}">{label}</time>'
    return f'<tr><th scope="row"{marks}>{first}</th>{cells}</tr>'


def _cell(roster: Roster, role: str, bar: Bar, zone: ZoneInfo, at: datetime, short: int) -> str:
    wide = f' colspan="{bar.columns}"' if bar.columns > 1 else ""
    if not bar.people:
        kind = nobody(roster, role) if bar.known else "beyond"
        words = "nobody" if bar.known and kind == "nobody" else ""
        return f'<td{wide} class="{kind}">{_seen(words, bar, short)}</td>'
    words = text(named(roster, bar.people, bar.instead_of))
    title = ""
    if bar.start is not None and bar.end is not None:
        begin, end = (plain_moment(edge, zone, at) for edge in (bar.start, bar.end))
        title = f' title="{words}: {text(begin)} to {text(end)}"'
    kind = colour(roster, bar.people) + (" cover" if bar.instead_of else "")
    return f'<td{wide} class="{kind}"{title}>{_seen(words, bar, short)}</td>'


def _seen(words: str, bar: Bar, short: int) -> str:
    if bar.columns >= short or not words:
        return words
    return f'<span class="aloud">{words}</span>'
