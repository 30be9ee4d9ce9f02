"""What will surprise people later: zones without summer time, duty that begins in months, swaps
whose instants are handoffs no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from rotation.check.view import Finding, View, warning
from rotation.errors import Where
from rotation.model import EVER, NEVER, Override

LATE = timedelta(days=31)
"""A first handoff farther ahead than this is said."""
SLIVER = timedelta(hours=12)
"""How near a handoff an override begins or ends that was meant to meet it."""
_UNIVERSAL = ("UTC", "GMT", "UCT", "Zulu", "Universal")
_PLACES = {"EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu"}
_PLACES |= {"CET": "Europe/Berlin", "MET": "Europe/Berlin", "EET": "Europe/Helsinki"}
_PLACES |= {"WET": "Europe/Lisbon"}


def odd_zones(view: View) -> Iterator[Finding]:
    """Zones that are named by an abbreviation or an offset: not a place, whose clock people follow.

    Source: the tz database's theory.html, and its file `backward`.
    """
    places = [(view.zone, Where(str(view.roster.path), 1))]
    places += [(r.zone, r.where) for r in view.roster.rotations if r.zone is not None]
    for zone, where in places:
        name = zone.key or ""
        offset = name.startswith("Etc/") and PurePosixPath(name).name not in _UNIVERSAL
        if name in _UNIVERSAL or ("/" in name and not offset):
            continue
        what = f"the time zone {name!r} is an abbreviation, which places leave as they like"
        if zone.utcoffset(view.now.replace(tzinfo=None)) == zone.utcoffset(
            (view.now + timedelta(days=182)).replace(tzinfo=None)
        ):
            what = f"the time zone {name!r} has no summer time: handoffs will be an hour off in "
            what += "summer"
        place = _PLACES.get(name, "Europe/London")
        yield warning(what, where, f'name a place: timezone = "{place}"')


def late_starts(view: View) -> Iterator[Finding]:
    """Rotations whose first handoff is months away, with nobody on duty until then."""
    names: set[str] = set()
    for block in view.blocks:
        rotation = block.rotation
        if rotation.name in names or rotation.calendar is not None:
            continue
        names.add(rotation.name)
        if rotation.role not in view.sure or block.begin < view.now + LATE:
            continue
        first = view.pieces(rotation.role)[0]
        if first.people or first.start > view.now or first.end < view.now + LATE:
            continue
        days = (block.begin - view.now).days
        yield warning(
            f"the first handoff of rotation {rotation.name!r} is {days} days away, at "
            f"{view.said(block.begin)}: until then nobody has the role {rotation.role!r}",
            rotation.where,
            "is the year of 'start' right? an earlier date gives the same turns sooner",
        )


def unreplaced_turns(view: View) -> Iterator[Finding]:
    """Calendars that were meant to take the place of the turns before them, as a later block of the
    same name does from its start on: a calendar has none, and both are on duty."""
    rotations = view.roster.rotations
    for number, later in enumerate(rotations):
        if later.calendar is None:
            continue
        begin, end = max(view.now, later.since or EVER), later.until or NEVER
        for block in view.blocks:
            earlier, alike = block.rotation, (later.name, later.role, later.priority)
            if (
                earlier in rotations[:number]
                and (earlier.name, earlier.role, earlier.priority) == alike
                and max(begin, block.begin) < min(end, block.end, earlier.until or NEVER)
            ):
                yield warning(
                    f"the turns of rotation {later.name!r} at line {earlier.where.line} go on "
                    "beside this calendar of that name: who has either is on duty",
                    later.where,
                    "end them with until, give one of the two a priority, or this another name",
                )
                break


def missed_handoffs(view: View) -> Iterator[Finding]:
    """Swaps that began and ended at handoffs which have been moved since: the wrong person has the
    hours in between."""
    bounds: dict[str, list[datetime]] = {}
    for override in view.roster.overrides:
        role = override.role
        if not (override.note or "").startswith("swap") or role not in view.sure:
            continue
        if not view.ahead(override.start, override.end):
            continue
        if role not in bounds:  # most rosters hold no swap
            bounds[role] = sorted({piece.start for piece in view.planned(role)} - {view.now})
        for instant in (override.start, override.end):
            if instant <= view.now:
                continue
            near = [at for at in bounds[role] if abs(at - instant) < SLIVER]
            if near and instant not in near:
                yield _missed(view, override, view.said(instant), view.said(near[0]))
                break


def _missed(view: View, override: Override, instant: str, handoff: str) -> Finding:
    undo = f"take the swap back and make it again: rotation undo {override.id}"
    return warning(
        f"this swap has a bound at {instant}, but the handoff is at {handoff} now: somebody else "
        "has the time in between",
        override.where,
        undo if override.id else "move its start and end to the handoffs",
    )
