"""The files of a site: names and bytes, from rosters at an instant."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain

from rotation.export.icalendar import calendar
from rotation.export.ledger import RevisedEvent
from rotation.export.site import view
from rotation.export.site.page import Download, SitePage, render
from rotation.model import Roster
from rotation.schedule.loaded import Loaded

TEAM = "team.ics"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}\Z", re.ASCII)
_ROW = ("roster", "role", "start", "end", "people", "instead of", "why")


@dataclass(frozen=True, slots=True)
class RosterPart:
    """One roster, its events by start, and the answer to `who` as JSON."""

    loaded: Loaded
    entries: Sequence[RevisedEvent]
    who: Sequence[object]


def site(
    parts: Sequence[RosterPart], at: datetime, alarms: Sequence[timedelta] = ()
) -> dict[str, bytes]:
    """Every file of the site by its path, for the instant `at`.

    One roster: its files. Several: a folder for each, and what is common above them.
    """
    if len(parts) == 1:
        return _roster(parts[0], at, alarms)
    folders = safe_names(part.loaded.roster.name for part in parts)
    files: dict[str, bytes] = {}
    for part, folder in zip(parts, folders.values(), strict=True):
        files |= {f"{folder}/{name}": data for name, data in _roster(part, at, alarms).items()}
    now = [role_now for part in parts for role_now in _now(part, at)]
    files |= _common("On duty", parts, alarms)
    page = SitePage(
        title="Duty",
        at=at,
        now=now,
        handoffs=_handoffs(parts, at),
        months=(),
        feeds=[Download(TEAM, "Everybody, all rosters")],
        data=_DATA,
        parts=[
            Download(
                f"{folder}/index.html",
                f"{part.loaded.roster.name}: calendar and everybody's duties",
            )
            for part, folder in zip(parts, folders.values(), strict=True)
        ],
    )
    return files | {"index.html": render(page)}


_DATA = [
    Download("schedule.csv", "The schedule as a table (CSV)"),
    Download("who.json", "Who is on duty (JSON)"),
]


def _roster(part: RosterPart, at: datetime, alarms: Sequence[timedelta]) -> dict[str, bytes]:
    roster = part.loaded.roster
    calendars = person_files(roster)
    files = {
        file: calendar(
            f"{roster.name}: {key}",
            [entry for entry in part.entries if key in entry.event.people],
            alarms,
        )
        for key, file in calendars.items()
    }
    files |= _common(roster.name, [part], alarms)
    page = SitePage(
        title=roster.name,
        at=at,
        now=_now(part, at),
        handoffs=_handoffs([part], at),
        months=[month for role in roster.roles for month in view.months(part.loaded, role, at)],
        feeds=[
            Download(TEAM, "Everybody"),
            *(Download(file, _label(roster, key)) for key, file in calendars.items()),
        ],
        data=_DATA,
    )
    return files | {"index.html": render(page)}


def _common(
    name: str, parts: Sequence[RosterPart], alarms: Sequence[timedelta]
) -> dict[str, bytes]:
    entries = [entry for part in parts for entry in part.entries]
    entries.sort(key=lambda entry: (entry.event.start, entry.event.label, entry.event.uid))
    who = [answer for part in parts for answer in part.who]
    return {
        TEAM: calendar(name, entries, alarms),
        "who.json": json.dumps(who, indent=2, ensure_ascii=False).encode() + b"\n",
        "schedule.csv": table(chain.from_iterable(_rows(part) for part in parts)),
    }


def _now(part: RosterPart, at: datetime) -> list[view.Now]:
    return [view.now(part.loaded, role, part.entries, at) for role in part.loaded.roster.roles]


def _handoffs(parts: Sequence[RosterPart], at: datetime) -> list[view.Handoff]:
    """The next handoffs of all roles: a busy one leaves room for the others."""
    roles = [(part.loaded, role) for part in parts for role in part.loaded.roster.roles]
    count = max(view.FEWEST, view.HANDOFFS // len(roles))
    handoffs = chain.from_iterable(view.handoffs(loaded, role, at, count) for loaded, role in roles)
    return sorted(handoffs, key=lambda handoff: handoff.at)


def _label(roster: Roster, key: str) -> str:
    name = roster.people[key].name
    return f"{name} ({key})" if name else key


def _rows(part: RosterPart) -> Iterator[Sequence[str]]:
    """The shifts of each role, and the gaps between them."""
    roster = part.loaded.roster
    for role in roster.roles:
        end: datetime | None = None
        for entry in part.entries:
            event = entry.event
            if event.role != role:
                continue
            if end is not None and end < event.start:
                yield roster.name, role, _iso(roster, end), _iso(roster, event.start), "", "", "gap"
            yield (
                roster.name,
                role,
                _iso(roster, event.start),
                _iso(roster, event.end),
                " ".join(event.people),
                " ".join(event.instead_of),
                event.why,
            )
            end = event.end


def _iso(roster: Roster, at: datetime) -> str:
    return at.astimezone(roster.zone).isoformat()


def table(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV (RFC 4180), with a head.

    A cell that a spreadsheet would take for a formula gets an apostrophe, as it asks for.
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(_ROW)
    for row in rows:
        writer.writerow(f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in row)
    return stream.getvalue().encode()


def person_files(roster: Roster) -> dict[str, str]:
    """The name of each person's calendar file, by key; none is that of another file."""
    taken = TEAM.removesuffix(".ics")
    return {key: f"{name}.ics" for key, name in safe_names(roster.people, {taken}).items()}


def safe_names(words: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A file name for each word: the word itself where it is plain and free in any case.

    Others become plain, with a digest of the word, so that a name stays what it is.
    """
    used = {word.casefold() for word in taken}
    names: dict[str, str] = {}
    for word in words:
        name = word
        if not _PLAIN.match(word) or word.casefold() in used:
            plain = re.sub(r"[^A-Za-z0-9_]+", "-", word)[:40].strip("-") or "x"
            name = f"{plain}-{sha256(word.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
        used.add(name.casefold())
        names[word] = name
    return names


def is_ours(path: str) -> bool:
    """Whether a path is one that `site` may write: a manifest is a file that others can change."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    plain = bool(_PLAIN.match(stem)) and (not slash or bool(_PLAIN.match(folder)))
    return plain and bool(dot) and ending in ("ics", "html", "json", "csv")


def manifest(files: Iterable[str]) -> bytes:
    """What is written beside the files: which they are, so that nothing else is ever touched."""
    return json.dumps({"files": sorted(files)}, indent=1).encode() + b"\n"


def listed(data: bytes) -> frozenset[str]:
    """The files that a manifest lists, as far as they can be ours. Raises ValueError."""
    values: object = json.loads(data)
    files = values.get("files") if isinstance(values, Mapping) else None
    if not isinstance(files, list):
        raise ValueError("no manifest")
    return frozenset(path for path in files if isinstance(path, str) and is_ours(path))
