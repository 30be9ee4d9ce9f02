"""The text of entries: appended at the end of a file, or taken out, with all else as it was.

Nothing here reads what an entry means; whoever calls parses the whole result before it is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from rotation.clock.local import DAY, midnight, resolve, to_local
from rotation.clock.words import HOLIDAY, WEEKDAYS
from rotation.errors import Problem, RosterError, Where
from rotation.model import DUTY, EVER, NEVER, Absence, FixedShift, Override, Rotation, Window
from rotation.model.records import MovedFrom, Offer, Stamped, Undone
from rotation.roster.dated import OFFER, OVERRIDE, UNDONE
from rotation.roster.keys import ABSENCE, PERSON, ROTATION, SHIFT
from rotation.toml.keys import TableKeys
from rotation.toml.places import Path as Keys
from rotation.toml.places import locate

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z", re.ASCII)
_END = re.compile(r"""(\s*(?:end|"end"|'end')\s*=\s*)([0-9:.TtZz+-]+(?: [0-9][0-9:.Zz+-]*)?)""")


def appended(data: bytes, blocks: Iterable[str]) -> bytes:
    """A file with blocks of lines after its end, each after an empty line, in its line endings."""
    text = data.decode("utf-8")
    if text and not text.endswith("\n"):
        text += "\n"
    ending = "\r\n" if "\r\n" in text else "\n"
    for block in blocks:
        text += (ending if text else "") + block.replace("\n", ending)
    return text.encode("utf-8")


def without(data: bytes, file: str, entries: Iterable[Keys]) -> bytes:
    """A file without these tables: their lines, and the empty line above each. Comments stay.

    Raises RosterError for an entry that is not written as a table of its own.
    """
    lines, places = _read(data)
    heads = _heads(lines, places)
    for path in sorted(entries, key=lambda path: places[path], reverse=True):
        start = places[path] - 1
        if start not in heads:
            raise _by_hand(file, places[path])
        end = min((head for head in heads if head > start), default=len(lines))
        kept = [line for line in lines[start + 1 : end] if not line.strip() or _comment(line)]
        above = start - 1 if start and not lines[start - 1].strip() else start
        lines[above:end] = kept
    return "".join(lines).encode("utf-8")


def replaced(data: bytes, file: str, texts: Mapping[Keys, str]) -> bytes:
    """A file with other texts for these tables, each where it stands. Comments stay.

    Raises RosterError for an entry that is not written as a table of its own.
    """
    lines, places = _read(data)
    heads = _heads(lines, places)
    for path in sorted(texts, key=lambda path: places[path], reverse=True):
        start = places[path] - 1
        if start not in heads:
            raise _by_hand(file, places[path])
        end = min((head for head in heads if head > start), default=len(lines))
        kept = [line for line in lines[start + 1 : end] if not line.strip() or _comment(line)]
        ending = "\r\n" if lines[start].endswith("\r\n") else "\n"
        text = texts[path].removesuffix("\n").split("\n")
        lines[start:end] = [*(f"{line}{ending}" for line in text), *kept]
    return "".join(lines).encode("utf-8")


def ended(data: bytes, file: str, entry: Keys, end: datetime, zone: ZoneInfo) -> bytes:
    """A file in which this entry ends at the instant `end`, with all else as it was.

    One that had no end gets a line for it. Raises RosterError where its end does not stand on a
    line of its own.
    """
    lines, places = _read(data)
    if (*entry, "end") not in places:
        head = places[entry] - 1
        if head not in _heads(lines, places):
            raise _by_hand(file, places[entry])
        ending = "\r\n" if lines[head].endswith("\r\n") else "\n"
        lines[head] = lines[head].rstrip("\r\n") + ending
        lines.insert(head + 1, f"end = {_instant(end, zone)}{ending}")
        return "".join(lines).encode("utf-8")
    line = places[(*entry, "end")]
    changed, count = _END.subn(rf"\g<1>{_instant(end, zone)}", lines[line - 1], count=1)
    if count != 1 or lines[places[entry] - 1] == lines[line - 1]:
        raise _by_hand(file, line)
    lines[line - 1] = changed
    return "".join(lines).encode("utf-8")


def override_text(override: Override, zone: ZoneInfo) -> str:
    """An override as it stands in an overrides file."""
    return _table(
        OVERRIDE,
        {
            "start": _instant(override.start, zone),
            "end": _instant(override.end, zone),
            "out": _text(override.out),
            "in": _text(override.in_),
            "role": _text(override.role),
            "moved": _moved(override.moved, zone),
            **_stamp(override, zone),
        },
    )


def absence_text(absence: Absence, zone: ZoneInfo) -> str:
    """An absence as it stands in an overrides file; whole days as bare dates."""
    return _table(
        ABSENCE,
        {
            "person": _text(absence.person),
            "start": _bound(absence.start, zone),
            "end": _bound(absence.end, zone, last=True),
            "hours": _hours(absence.hours),
            **_stamp(absence, zone),
        },
    )


def offer_text(offer: Offer, zone: ZoneInfo) -> str:
    """An offer as it stands in an overrides file."""
    return _table(
        OFFER,
        {
            "person": _text(offer.person),
            "start": _instant(offer.start, zone),
            "end": _instant(offer.end, zone),
            "role": _text(offer.role),
            **_stamp(offer, zone),
        },
    )


def undone_text(undone: Undone, zone: ZoneInfo) -> str:
    """A record of what was taken back as it stands in an overrides file."""
    return _table(
        UNDONE,
        {
            **_stamp(undone, zone),
            "start": _instant(undone.start, zone),
            "end": _instant(undone.end, zone),
            "undone": _instant(undone.undone, zone),
            "undone_by": _text(undone.undone_by),
        },
    )


def rotation_text(rotation: Rotation, zone: ZoneInfo) -> str:
    """A rotation as it stands in a roster; `zone` is the roster's."""
    zone = rotation.zone or zone
    turns = (str(_text(turn[0])) if len(turn) == 1 else _listed(turn) for turn in rotation.turns)
    return _table(
        ROTATION,
        {
            "name": _text(rotation.name),
            "role": _text(rotation.role) if rotation.role != DUTY else None,
            "priority": str(rotation.priority) if rotation.priority else None,
            "people": f"[{', '.join(turns)}]",
            "timezone": _text(rotation.zone.key) if rotation.zone is not None else None,
            "every": f'"{rotation.every}"',
            "start": rotation.start.isoformat(),
            "handoff": f'"{rotation.handoff:%H:%M}"' if rotation.handoff != time(0) else None,
            "hours": _hours(rotation.hours),
            "since": _instant(rotation.since, zone),
            "until": _instant(rotation.until, zone),
            **_stamp(rotation, zone),
        },
    )


def shift_text(shift: FixedShift, zone: ZoneInfo) -> str:
    """A duty by date as it stands in a roster; `zone` is the roster's."""
    return _table(
        SHIFT,
        {
            "start": _instant(shift.start, zone),
            "end": _instant(shift.end, zone),
            "people": _listed(shift.people),
            "role": _text(shift.role) if shift.role != DUTY else None,
            "priority": str(shift.priority) if shift.priority else None,
            "note": _text(shift.note),
        },
    )


def person_text(key: str, emails: Iterable[str], id_: str) -> str:
    """A person as a table of their own, which may follow `[people]` anywhere."""
    named = key if _BARE.match(key) else json.dumps(key, ensure_ascii=False)
    listed = ", ".join(map(json.dumps, emails))
    return _table(PERSON, {"email": f"[{listed}]", "id": _text(id_)}, f"[people.{named}]")


def window_text(window: Window) -> str:
    """Duty hours as `hours` in a roster has them."""
    named = [*(WEEKDAYS[day] for day in sorted(window.days)), *([HOLIDAY] * window.holiday)]
    days = ",".join(named)
    start, end = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (window.start, window.end))
    return f"{days} {start}-{end}"


def _table(keys: TableKeys, values: Mapping[str, str | None], head: str | None = None) -> str:
    """A table with its values in TOML, in the order given; None: not written."""
    written = {key: value for key, value in values.items() if value is not None}
    if strange := written.keys() - keys.names:
        raise KeyError(f"{strange} is not declared for {keys.head}")
    width = max(map(len, written))
    rows = "".join(f"{key.ljust(width)} = {value}\n" for key, value in written.items())
    return f"{head or keys.head}\n{rows}"


def _stamp(entry: Stamped, zone: ZoneInfo) -> dict[str, str | None]:
    return {
        "id": _text(entry.id),
        "note": _text(entry.note),
        "by": _text(entry.by),
        "at": _instant(entry.at, zone),
    }


def _text(value: str | None) -> str | None:
    # JSON's strings are TOML's basic strings, but for DEL, which no text in a roster may hold
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _moved(places: Iterable[MovedFrom], zone: ZoneInfo) -> str | None:
    words = [f"{p.by} {_instant(p.start, zone)} {_instant(p.end, zone)}" for p in places]
    return _listed(words) if words else None


def _listed(values: Iterable[str]) -> str:
    return f"[{', '.join(json.dumps(value, ensure_ascii=False) for value in values)}]"


def _instant(at: datetime | None, zone: ZoneInfo) -> str | None:
    if at is None:
        return None
    local = at.astimezone(zone)
    offset = local.utcoffset()
    if not offset:
        return f"{local:%Y-%m-%dT%H:%M:%S}Z"
    # an offset of seconds (before 1937, say) is none that TOML has
    return (at.astimezone(UTC) if offset.seconds % 60 else local).isoformat(timespec="seconds")


def _bound(at: datetime, zone: ZoneInfo, *, last: bool = False) -> str | None:
    """A start, or with `last` an end: a bare date where a day begins, and no line for none."""
    if at in (EVER, NEVER):
        return None
    day = _day(at, zone)
    if day is None:
        return _instant(at, zone)
    # a bare date as an end is the last day
    return (day - DAY if last else day).isoformat()


def _hours(windows: Iterable[Window]) -> str | None:
    listed = ", ".join(json.dumps(window_text(window)) for window in windows)
    return f"[{listed}]" if listed else None


def _day(at: datetime, zone: ZoneInfo) -> date | None:
    """The local day that begins at an instant, None where none does."""
    day = to_local(at, zone).date()
    return day if resolve(midnight(day), zone) == at else None


def _read(data: bytes) -> tuple[list[str], Mapping[Keys, int]]:
    text = data.decode("utf-8")
    places = locate(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    # a newline and nothing else ends a line in TOML
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [
        last for last in text.split("\n")[-1:] if last
    ], places


def _heads(lines: list[str], places: Mapping[Keys, int]) -> set[int]:
    """The numbers (from 0) of the lines that are headers of tables."""
    tables = {line - 1 for path, line in places.items() if len(path) <= 2}
    return {line for line in tables if lines[line].lstrip().startswith("[")}


def _comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _by_hand(file: str, line: int) -> RosterError:
    return RosterError(
        Problem("this entry is not written line by line", Where(file, line), "change it by hand")
    )
