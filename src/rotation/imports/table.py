"""A table of shifts (CSV, as spreadsheets save it): start, end and person, in any order."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from rotation.clock.local import DAY, NotATime, resolve_strict
from rotation.dataclasses import dataclass
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
_DATE = r"\d{4}-\d\d-\d\d|\d{8}|\d{4}-W\d\d-\d|\d{4}W\d{3}"
"""A whole day as ISO 8601 has it; a week (2026-W02) is none."""
_WHEN = re.compile(rf"({_DATE})(?:[T ](.+))?", re.ASCII)
_YEARS = range(1970, 2200)
_DAY_FIRST = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})\b")


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    start: datetime | date
    end: datetime | date
    people: tuple[str, ...]
    note: str | None


class _Addresses:
    """Whose address is which, in all rows."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._whose: dict[str, str] = {}

    def note(self, key: str, email: str, line: int) -> None:
        """Note what a row says of somebody. Raises Strange where another one says otherwise."""
        if not email:
            return
        before, whose = (
            self._of.setdefault(key, email),
            self._whose.setdefault(email.casefold(), key),
        )
        if before.casefold() != email.casefold():
            raise Strange(f"{key} has the address {email} here, and {before} above", line)
        if whose != key:
            raise Strange(f"{email} is the address of {key} here, and of {whose} above", line)


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
            raise Strange("the end is not after the start", row.line)
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
        raise Strange(f"not CSV: {error}") from None
    lines = [(number, row) for number, row in lines if any(row)]
    if not lines:
        raise Strange("an empty table")
    at = _columns(lines[0][1])
    order = _order([cell for _, row in lines[1:] for cell in row])
    if len(lines) > _MOST:
        raise Strange(f"more than {_MOST} lines")
    addresses = _Addresses()
    return [_row(number, row, at, order, people, addresses) for number, row in lines[1:]]


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


def _emails(cells: Mapping[str, str], count: int, line: int) -> list[str]:
    """An address for each of so many people, "" where none is given. Raises Strange where it is
    not said whose an address is."""
    emails = re.split(r"\s*;\s*", cells.get("email", ""))
    if emails == [""]:
        return emails * count
    if len(emails) != count:
        what = f"{count} people and {cells['email']!r}: whose address is it? write alice;bob and "
        raise Strange(f"{what}alice@example.com;bob@example.com, or a row for each", line)
    return emails


def _row(
    number: int,
    row: Sequence[str],
    at: dict[str, int],
    order: str,
    people: People,
    addresses: _Addresses,
) -> _Row:
    cells = {column: row[place] if place < len(row) else "" for column, place in at.items()}
    if not cells["person"]:
        raise Strange("nobody is named", number)
    names = re.split(r"\s*[/+&;]\s*", cells["person"])
    keys = []
    for word, given in zip(names, _emails(cells, len(names), number), strict=True):
        if not word.isprintable() or not word:
            raise Strange(f"{cells['person']!r} is not a name", number)
        email = given or (word if "@" in word else "")
        if "@" in word and email.casefold() != word.casefold():
            raise Strange(f"{word} has the address {email} beside it: which is right?", number)
        key = people.key(word.casefold(), "" if "@" in word else word, email)
        addresses.note(key, email, number)
        keys.append(key)
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
                f"{cell!r} may begin with the day or with the month: write 2026-01-05", line
            )
        day, month = (match[1], match[3]) if order == "day" else (match[3], match[1])
        text = f"{match[4]}-{int(month):02}-{int(day):02}{cell[match.end() :]}"
    try:
        if (match := _WHEN.fullmatch(text)) is None:
            raise ValueError(text)
        day = date.fromisoformat(match[1])
        at = day if match[2] is None else datetime.fromisoformat(f"{day}T{match[2]}")
    except ValueError:
        raise Strange(
            f"{cell!r} is not a date: write 2026-01-05 or 2026-01-05 09:00", line
        ) from None
    if at.year not in _YEARS:
        raise Strange(f"is the year {at.year} a typo?", line)
    return at


def _inclusive(rows: Sequence[_Row]) -> bool | None:
    """Whether a bare date as an end is the last day, told by where the next shifts begin, and by
    shifts of a single day."""
    dated = [row for row in rows if not isinstance(row.end, datetime)]
    starts = {row.start for row in rows if not isinstance(row.start, datetime)}
    ends = {row.end for row in dated if row.end != row.start}
    touching = bool(ends & starts)
    single = any(row.end == row.start for row in dated)
    following = single or any(end + DAY in starts for end in ends)
    if touching and following:
        raise Strange(
            "some ends are the day on which the next shift begins, some the day before: write "
            "times, as in 2026-01-05 09:00"
        )
    return following if touching or following else None


def _instant(when: datetime | date, handoff: time, zone: ZoneInfo, line: int) -> datetime:
    local = when if isinstance(when, datetime) else datetime.combine(when, handoff)
    if local.tzinfo is not None:
        return local
    try:
        return resolve_strict(local, zone)
    except NotATime as error:
        raise Strange(str(error), line) from None
