"""A table of shifts (CSV, as spreadsheets save it): start, end and person, in any order."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from rotation.clock.local import DAY, NotATime, resolve_strict
from rotation.imports.draft import NOWHERE, Draft, People
from rotation.imports.entry import Strange
from rotation.model import FixedShift

_COLUMNS = {
    "start": ("start", "from", "begin", "begins", "since", "von", "beginn", "start date", "date"),
    "end": ("end", "to", "until", "ends", "bis", "ende", "end date"),
    "person": ("person", "name", "who", "on call", "on-call", "oncall", "user", "duty", "wer"),
    "email": ("email", "e-mail", "mail", "address"),
    "note": ("note", "notes", "comment", "bemerkung"),
}
_MOST = 5_000
_DAY_FIRST = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})\b")


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    start: datetime | date
    end: datetime | date
    people: tuple[str, ...]
    note: str | None


def draft(data: bytes, name: str, zone: ZoneInfo, handoff: time, people: People) -> Draft:
    """A roster of dated shifts; local times are in `zone`, and bare dates mean the time `handoff`.

    Raises Strange, with the line, for what cannot be read.
    """
    rows = _rows(data, people)
    inclusive = _inclusive(rows)
    roster = Draft(name, zone)
    for row in rows:
        start = _instant(row.start, handoff, zone, row.line)
        last = row.end
        if inclusive and not isinstance(last, datetime):
            last = last + DAY
        end = _instant(last, handoff, zone, row.line)
        if start >= end:
            raise Strange(f"line {row.line}: the end is not after the start")
        roster.shifts.append(FixedShift(start, end, row.people, NOWHERE, note=row.note))
    dates = any(not isinstance(row.end, datetime) for row in rows)
    if dates and inclusive is None:
        roster.odd.append("no shift shows whether an end is the last day or the day after: taken "
                          "for the day of the handoff")  # fmt: skip
    elif dates:
        meant = "the last day of a shift" if inclusive else "the day of the handoff"
        roster.odd.append(f"a bare date as an end was taken for {meant}, as the next shift begins")
    return roster


def _rows(data: bytes, people: People) -> list[_Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Strange("not UTF-8 text: save the table as CSV in UTF-8") from None
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        lines = [(reader.line_num, [" ".join(cell.split()) for cell in row]) for row in reader]
    except csv.Error as error:
        raise Strange(f"no CSV: {error}") from None
    lines = [(number, row) for number, row in lines if any(row)]
    if not lines:
        raise Strange("an empty table")
    at = _columns(lines[0][1])
    order = _order([cell for _, row in lines[1:] for cell in row])
    if len(lines) > _MOST:
        raise Strange(f"more than {_MOST} lines")
    return [_row(number, row, at, order, people) for number, row in lines[1:]]


def _columns(head: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for column, names in _COLUMNS.items():
        for number, cell in enumerate(head):
            if cell.casefold().replace("_", " ") in names:
                columns.setdefault(column, number)
    missing = [column for column in ("start", "end", "person") if column not in columns]
    if missing:
        raise Strange(
            f"the first line names no column {' and no column '.join(missing)}: it should be "
            "start,end,person (email and note if you like)"
        )
    return columns


def _row(number: int, row: Sequence[str], at: dict[str, int], order: str, people: People) -> _Row:
    cells = {column: row[place] if place < len(row) else "" for column, place in at.items()}
    if not cells["person"]:
        raise Strange(f"line {number}: nobody is named")
    keys = []
    for word in re.split(r"\s*[/+&;]\s*", cells["person"]):
        if not word.isprintable() or not word:
            raise Strange(f"line {number}: {cells['person']!r} is no name")
        email = cells.get("email", "") or (word if "@" in word else "")
        keys.append(people.key(word.casefold(), "" if "@" in word else word, email))
    note = cells.get("note", "")
    return _Row(
        number,
        _when(cells["start"], order, number),
        _when(cells["end"], order, number),
        tuple(dict.fromkeys(keys)),
        note if note and note.isprintable() else None,
    )


def _order(cells: Sequence[str]) -> str:
    """Whether dates like 5/1/2026 begin with the day; told by those that can only be one."""
    firsts, seconds, dotted = False, False, False
    for cell in cells:
        if match := _DAY_FIRST.match(cell):
            dotted = dotted or match[2] == "."
            firsts = firsts or int(match[1]) > 12
            seconds = seconds or int(match[3]) > 12
    if firsts and seconds:
        raise Strange("some dates begin with the day and some with the month: write 2026-01-05")
    if dotted and seconds:
        raise Strange("dates with dots begin with the day: write 2026-01-05")
    return "day" if firsts or dotted else "month" if seconds else ""


def _when(cell: str, order: str, line: int) -> datetime | date:
    text = cell
    if match := _DAY_FIRST.match(cell):
        if not order:
            raise Strange(
                f"line {line}: {cell!r} may begin with the day or with the month: write 2026-01-05"
            )
        day, month = (match[1], match[3]) if order == "day" else (match[3], match[1])
        text = f"{match[4]}-{int(month):02}-{int(day):02}{cell[match.end() :]}"
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Strange(f"line {line}: {cell!r} is no date: 2026-01-05 or 2026-01-05 09:00") from None
    return at


def _inclusive(rows: Sequence[_Row]) -> bool | None:
    """Whether a bare date as an end is the last day, told by where the next shifts begin."""
    starts = {row.start for row in rows if not isinstance(row.start, datetime)}
    ends = {row.end for row in rows if not isinstance(row.end, datetime)}
    touching = bool(ends & starts)
    following = bool({end + DAY for end in ends} & starts)
    if touching and following:
        raise Strange(
            "some ends are the day on which the next shift begins, some the day before: write "
            "times, as in 2026-01-05 09:00"
        )
    return following if touching or following else None


def _instant(when: datetime | date, handoff: time, zone: ZoneInfo, line: int) -> datetime:
    local = when if isinstance(when, datetime) else datetime.combine(when, handoff)
    if not 1970 <= local.year < 2200:
        raise Strange(f"line {line}: is the year {local.year} a typo?")
    if local.tzinfo is not None:
        return local
    try:
        return resolve_strict(local, zone)
    except NotATime as error:
        raise Strange(f"line {line}: {error}") from None
