"""Text, tables and JSON for people and programs, in one place.

Results go to stdout. Colour and tables with lines only on a terminal; NO_COLOR is honoured
(https://no-color.org); what cron sees is plain text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rotation.clock import told
from rotation.errors import Where, printable

if TYPE_CHECKING:
    from rotation.model import Roster
    from rotation.plan import Hold, Outcome
    from rotation.schedule.shift import Shift

NOBODY = "nobody"
UNKNOWN = "unknown"


def say(text: str = "") -> None:
    """A line of the result."""
    print(printable(text) if "\n" not in text else text)


def say_json(value: object) -> None:
    """The result for programs: JSON is UTF-8 (RFC 8259, section 8.1), or ASCII elsewhere."""
    import json

    plain = sys.stdout.encoding.lower() != "utf-8"
    print(json.dumps(value, indent=2, ensure_ascii=plain))


def iso(instant: datetime | None, zone: ZoneInfo) -> str | None:
    """An instant as ISO 8601 with the zone's offset."""
    return None if instant is None else instant.astimezone(zone).isoformat()


def place_json(where: Where | None) -> dict[str, object] | None:
    """A place in a file for programs; the line is None where the file as a whole is meant."""
    return None if where is None else {"file": printable(where.file), "line": where.line}


def moment(instant: datetime | None, zone: ZoneInfo, now: datetime, *, named: bool = False) -> str:
    """An instant for people, to the minute: the year only when it is not this one, the zone when
    `named`."""
    if instant is None:
        return "ever"
    return told.moment(instant, zone, now, named=named)


def names(people: Sequence[str]) -> str:
    """The people of a shift in words."""
    return ", ".join(people) or NOBODY


def who_text(
    roster: Roster,
    shift: Shift,
    following: Shift | None,
    now: datetime,
    *,
    why: bool,
) -> str:
    """One role's answer to `who`."""
    zone = roster.zone
    parts = [f"{roster.name} {shift.role}: {names(shift.people)}"]
    if not shift.people and roster.fallback:
        parts[0] += f" (mail goes to the fallback: {', '.join(roster.fallback)})"
    if shift.start is not None:
        parts.append(f"since {moment(shift.start, zone, now, named=shift.end is None)}")
    if shift.end is not None:
        parts.append(f"until {moment(shift.end, zone, now, named=True)}")
    text = ", ".join(parts)
    if following is not None and following.start is not None:
        later = following.start != shift.end
        at = f" from {moment(following.start, zone, now)}" if later else ""
        text += f"; next {names(following.people)}{at}"
    text = printable(text)
    if why:
        for reason in shift.reasons:
            text += f"\n  {printable(reason.text)}"
            if reason.where is not None:
                text += f"\n    --> {printable(str(reason.where))}"
        if not shift.reasons:
            text += "\n  no rotation, shift or override puts anybody on duty"
    return text


def who_json(roster: Roster, shift: Shift, following: Shift | None, at: datetime) -> object:
    """One role's answer to `who`, for programs."""
    from rotation.plan import recipients

    zone = roster.zone
    after = None
    if following is not None:
        after = {"start": iso(following.start, zone), "people": list(following.people)}
    return {
        "roster": roster.name,
        "role": shift.role,
        "at": iso(at, zone),
        "people": [{"key": k, "email": list(roster.people[k].email)} for k in shift.people],
        "start": iso(shift.start, zone),
        "end": iso(shift.end, zone),
        "fallback": not shift.people,
        "next": after,
        "why": shift.why,
        "recipients": list(recipients(roster, shift)),
        "known": True,
    }


def unknown_text(roster: Roster, role: str) -> str:
    """One role's answer to `who` where a calendar that decides it could not be read."""
    return printable(
        f"{roster.name} {role}: unknown, its calendar cannot be read (apply leaves the targets)"
    )


def unknown_json(roster: Roster, role: str, at: datetime) -> object:
    """The same for programs: neither anybody nor nobody."""
    return {
        "roster": roster.name,
        "role": role,
        "at": iso(at, roster.zone),
        "people": [],
        "start": None,
        "end": None,
        "fallback": False,
        "next": None,
        "why": UNKNOWN,
        "recipients": [],
        "known": False,
    }


def unknown_shift_json(roster: Roster, role: str, start: datetime, end: datetime) -> object:
    """A stretch of `schedule` of which nothing is known, for programs."""
    return {
        "roster": roster.name,
        "role": role,
        "start": iso(start, roster.zone),
        "end": iso(end, roster.zone),
        "people": [],
        "why": UNKNOWN,
        "known": False,
    }


def shift_json(roster: Roster, shift: Shift) -> object:
    """One entry of `schedule`, for programs."""
    return {
        "roster": roster.name,
        "role": shift.role,
        "start": iso(shift.start, roster.zone),
        "end": iso(shift.end, roster.zone),
        "people": list(shift.people),
        "why": shift.why,
        "known": True,
    }


def change_line(wish: Hold, outcome: Outcome, now: datetime) -> str:
    """One line about a target that changed: who was, who is, until when, and why."""
    roster, shift = wish.roster, wish.shift
    label = wish.target.name or wish.target.place
    extra = set(wish.target.also)
    before = "(not a plain list)" if outcome.before is None else "(nothing)"
    if outcome.before:
        before = _as_people(roster, outcome.before, extra)
    text = f"{label}: {before} -> {_as_people(roster, wish.addresses, extra)}"
    if wish.owner:
        return printable(f"{text} (who gets what bounces)")
    if shift.end is not None:
        text += f", until {moment(shift.end, roster.zone, now, named=True)}"
    why = shift.why.replace("rotation ", "") if shift.people else "fallback: nobody on duty"
    return printable(f"{text} ({why})")


def _as_people(roster: Roster, addresses: Sequence[str], extra: set[str]) -> str:
    """Addresses as the keys of people where all of somebody's are there; the rest as they are."""
    rest = list(addresses)
    keys = []
    for key, person in roster.people.items():
        if person.email and all(address in rest for address in person.email):
            keys.append(key)
            rest = [address for address in rest if address not in person.email]
    # what is always copied says nothing about who is on duty
    return ", ".join([*keys, *(a for a in rest if a not in extra)]) or ", ".join(addresses)


def outcome_json(outcome: Outcome) -> object:
    """One target of `apply`, for programs. `known` is whether it is known what it should hold;
    `before` is null where nobody looked, and where no plain list of addresses was there."""
    from rotation.plan import Hold, Leave, Unknown

    wish = outcome.wish
    match wish:
        case Hold():
            after, until = list(wish.addresses), iso(wish.shift.end, wish.roster.zone)
        case Leave() | Unknown():
            after, until = [], None
    return {
        "target": wish.target.place,
        "name": wish.target.name,
        "before": None if outcome.before is None else list(outcome.before),
        "after": after,
        "changed": outcome.changed,
        "roster": wish.roster.name,
        "role": wish.target.role,
        "until": until,
        "known": not isinstance(wish, Unknown),
        "problems": [problem.what for problem in outcome.problems],
    }


def diff(path: Path, before: bytes, after: bytes) -> None:
    """A unified diff of a file; bytes that are no UTF-8 and control characters are made visible."""
    import difflib

    old, new = (
        text.decode("utf-8", "surrogateescape").splitlines(keepends=True)
        for text in (before, after)
    )
    colours = {"+": "32", "-": "31", "@": "36"} if fancy() else {}
    for line in difflib.unified_diff(old, new, str(path), str(path)):
        bare = line.removesuffix("\n")
        shown = printable(bare)
        colour = colours.get(bare[:1])
        print(f"\x1b[{colour}m{shown}\x1b[0m" if colour else shown)
        if bare == line:
            print("\\ No newline at end of file")


def fancy() -> bool:
    """Whether stdout is a terminal that should get colour."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], loud: Iterable[int] = ()) -> None:
    """A table in aligned columns; on a terminal the rows numbered in `loud` stand out."""
    cells = [[printable(cell) for cell in row] for row in rows]
    marked = set(loud)
    if sys.stdout.isatty():
        _rich_table(head, cells, marked)
        return
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    for row in (list(head), *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(padded).rstrip())


def _rich_table(head: Sequence[str], cells: list[list[str]], marked: set[int]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in head:
        drawn.add_column(title, overflow="fold")
    for number, row in enumerate(cells):
        style = "bold red" if number in marked else ""
        drawn.add_row(*(Text(cell) for cell in row), style=style)
    Console(no_color=not fancy(), highlight=False).print(drawn)
