"""The files of a site: names and bytes, from rosters at an instant."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from rotation.dataclasses import dataclass
from rotation.export.icalendar import calendar
from rotation.export.ledger import RevisedEvent
from rotation.export.site import view
from rotation.export.site.contents import Download, Lane, PersonalShift, SitePage
from rotation.export.site.names import safe_names
from rotation.export.site.page import render
from rotation.export.site.words import full
from rotation.model import Roster
from rotation.schedule.loaded import Loaded

TEAM = "team.ics"
_ROW = ("roster", "role", "start", "end", "people", "instead of", "why")


WEEKS, LANE_WEEKS = 13, 4
"""How many are shown of a role, and of each rotation of one that has several."""
EVERY = timedelta(minutes=15)
"""How often a site is made anew, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class RosterPart:
    """One roster, its events by start, the span that they are of, and the answer to `who`."""

    loaded: Loaded
    entries: Sequence[RevisedEvent]
    who: Sequence[object]
    span: view.Span


@dataclass(frozen=True, slots=True)
class SitePlan:
    """For which instant a site is made, how often it is made anew, where it is on the web (with a
    slash at the end; None: not known), and how long before duties calendars remind."""

    at: datetime
    every: timedelta = EVERY
    url: str | None = None
    alarms: Sequence[timedelta] = ()

    @property
    def made(self) -> datetime:
        """When it was made, as its pages say: pages change no more often than they need to."""
        begin = datetime(2020, 1, 1, tzinfo=UTC)
        return self.at - (self.at - begin) % self.every

    def address(self, path: str) -> str | None:
        """The address of a file, where it is known."""
        return None if self.url is None else f"{self.url}{path}"


def site(parts: Sequence[RosterPart], plan: SitePlan) -> dict[str, bytes]:
    """Every file of the site by its path.

    One roster: its files. Several: a folder for each, and what is common above them.
    """
    if len(parts) == 1:
        return _roster(parts[0], plan, "")
    folders = safe_names(part.loaded.roster.name for part in parts)
    files: dict[str, bytes] = {}
    for part, folder in zip(parts, folders.values(), strict=True):
        inside = _roster(part, plan, f"{folder}/")
        files |= {f"{folder}/{name}": data for name, data in inside.items()}
    files |= _common("On duty", parts, plan.alarms)
    page = SitePage(
        file="index.html",
        title="Duty",
        at=plan.made,
        every=plan.every,
        zone=None,
        now=[role_now for part in parts for role_now in _now(part, plan.at)],
        handoffs=_handoffs(parts, plan.at),
        feeds=[Download(TEAM, "Everybody, all rosters", plan.address(TEAM))],
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


def _roster(part: RosterPart, plan: SitePlan, folder: str) -> dict[str, bytes]:
    roster = part.loaded.roster
    calendars = person_files(roster)
    files = {
        file: calendar(
            f"{roster.name}: {key}",
            [entry for entry in part.entries if key in entry.event.people],
            plan.alarms,
        )
        for key, file in calendars.items()
    }
    files |= _common(roster.name, [part], plan.alarms)
    pages = {key: f"{file.removesuffix('.ics')}.html" for key, file in calendars.items()}
    zones = _zone_files(roster)
    for zone, file in zones.items():
        page = SitePage(
            file=file,
            title=roster.name,
            at=plan.made,
            every=plan.every,
            zone=zone,
            now=_now(part, plan.at),
            handoffs=_handoffs([part], plan.at),
            lanes=[_lane(part, role, zone, plan.at) for role in roster.roles],
            feeds=[
                Download(file, label, plan.address(f"{folder}{file}"))
                for file, label in (
                    (TEAM, "Everybody"),
                    *((file, full(roster, key)) for key, file in calendars.items()),
                )
            ],
            data=_DATA,
            people=[Download(file, full(roster, key)) for key, file in pages.items()],
            zones=[Download(name, other.key) for other, name in zones.items() if other != zone],
        )
        files[file] = render(page)
    for key, file in pages.items():
        files[file] = render(_personal(part, plan, key, file, f"{folder}{calendars[key]}"))
    return files


def _lane(part: RosterPart, role: str, zone: ZoneInfo, at: datetime) -> Lane:
    final = view.stretches(part.entries, role)
    roster = part.loaded.roster
    names = dict.fromkeys(rotation.name for rotation in roster.rotations if rotation.role == role)
    return Lane(
        roster,
        role,
        view.weeks(final, part.span, zone, at, WEEKS),
        view.year(final, part.span, zone, at),
        {
            name: view.weeks(
                view.lane(part.loaded, role, name, part.span), part.span, zone, at, LANE_WEEKS
            )
            for name in (names if len(names) > 1 else ())
        },
    )


def _personal(part: RosterPart, plan: SitePlan, key: str, file: str, feed: str) -> SitePage:
    """One person's page, in the zone that is theirs."""
    roster = part.loaded.roster
    name = feed.rpartition("/")[2]
    return SitePage(
        file=file,
        title=f"{full(roster, key)}: {roster.name}",
        at=plan.made,
        every=plan.every,
        zone=roster.people[key].zone or roster.zone,
        now=_now(part, plan.at),
        handoffs=(),
        feeds=[Download(name, f"{full(roster, key)}'s duties", plan.address(feed))],
        people=[Download("index.html", "Everybody's duties")],
        person=key,
        duties=[
            PersonalShift(
                event.role,
                event.start,
                event.end,
                event.people,
                event.instead_of,
                event.notes,
            )
            for entry in part.entries
            if key in (event := entry.event).people and event.end > plan.at
        ],
    )


def _zone_files(roster: Roster) -> dict[ZoneInfo, str]:
    """A page for the roster's zone, and one for each other zone that somebody in it has."""
    zones = {person.zone.key: person.zone for person in roster.people.values() if person.zone}
    zones.pop(roster.zone.key, None)
    names = safe_names(f"in-{key}" for key in zones)
    others = {zone: f"{names[f'in-{key}']}.html" for key, zone in zones.items()}
    return {roster.zone: "index.html", **others}


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
    roles = [(part, role) for part in parts for role in part.loaded.roster.roles]
    count = max(view.FEWEST, view.HANDOFFS // len(roles))
    handoffs = chain.from_iterable(
        view.handoffs(part.loaded, role, part.entries, at, count) for part, role in roles
    )
    return sorted(handoffs, key=lambda handoff: handoff.at)


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
    taken = {TEAM.removesuffix(".ics"), "index"}
    taken |= {file.removesuffix(".html") for file in _zone_files(roster).values()}
    return {key: f"{name}.ics" for key, name in safe_names(roster.people, taken).items()}
