"""Overrides and absences that do nothing (any more), and overrides in each other's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from shlex import quote

from rotation.check.view import Finding, View, note, warning
from rotation.dataclasses import replace
from rotation.model import EVERYBODY, Absence, Override, Roster
from rotation.schedule.absent import concerns, spells
from rotation.schedule.dated import Dated
from rotation.schedule.difference import Overrides, difference, together
from rotation.schedule.duties import on_duty
from rotation.schedule.offered import taken, void


def odd_overrides(view: View) -> Iterator[Finding]:
    """Overrides that change nothing in the result of those before them, and those whose place in
    the file decides who is on duty."""
    overrides, listed = Overrides(view.loaded), view.roster.overrides
    dated = Dated((override.start, override.end) for override in listed)
    acting: set[int] = set()
    for number, override in enumerate(listed):
        if override.role not in view.sure or not view.ahead(override.start, override.end):
            continue
        before = [
            (place, listed[place])
            for place in dated.meeting(override.start, override.end)
            if place < number and place in acting and _meet(listed[place], override)
        ]
        span = view.span(override.start, override.end)
        if overrides.acts(override, span):
            met = [other for place, other in before if _order_matters(view, place, override)]
            yield from _overlapping(override, met)
            acting.add(number)
        else:
            gone = [other for _, other in before if other.out in (override.out, EVERYBODY)]
            yield _dead(override, gone)


def in_though_away(view: View) -> Iterator[Finding]:
    """Overrides that put somebody on duty who is away: they win, and somebody should know."""
    for override in view.roster.overrides:
        if override.in_ is None or override.role not in view.sure:
            continue
        if not view.ahead(override.start, override.end):
            continue
        schedule = view.loaded.known_schedule(override.role)
        for absence in view.loaded.absences:
            if not concerns(absence, override.in_):
                continue
            start, end = max(override.start, view.now), min(override.end, view.end)
            gone = spells(absence, view.roster, start, end)
            if busy := [b for s, e in gone for b in on_duty(schedule, override.in_, s, e)]:
                yield warning(
                    f"{override.in_!r} is on duty from {view.said(busy[0][0])} to "
                    f"{view.said(busy[-1][1])} although away then: this override wins over the "
                    f"absence at {absence.where}",
                    override.where,
                    f"{_away_with(override)}, or: "
                    f"{view.cover(override.in_, override.role, busy[0][0], busy[-1][1])}",
                )


def void_offers(view: View) -> Iterator[Finding]:
    """Offers that nobody can take: the duty is not what was offered any more."""
    for offer in view.roster.offers:
        if offer.start <= view.now or taken(view.loaded, offer) or not void(view.loaded, offer):
            continue
        yield warning(
            f"nobody can take this offer: {offer.person!r} has no duty from "
            f"{view.said(offer.start)} to {view.said(offer.end)}",
            offer.where,
            f"take it back and offer it again: rotation undo {offer.id}"
            if offer.id
            else "take it out of the file",
        )


def _dead(override: Override, gone: list[Override]) -> Finding:
    why = f"{override.out!r} is not on duty then"
    if override.out in (None, EVERYBODY):
        why = "nobody is on duty then"
        if override.in_ is not None:
            why = f"{override.in_!r} is on duty anyway"
    hint = _away_with(override)
    if gone:
        hint = (
            f"it overlaps the one at line {gone[-1].where.line}, which comes first: remove one"
            f"{_undo(override)}"
        )
    return warning(f"this override changes nothing: {why}", override.where, hint)


def _overlapping(override: Override, met: list[Override]) -> Iterator[Finding]:
    """What to say of an override that meets earlier ones, if any."""
    if not met:
        return
    lines = [str(earlier.where.line) for earlier in met]  # of the same file
    others = f"those at lines {', '.join(lines)}" if len(met) > 1 else f"the one at line {lines[0]}"
    if all(override.out == earlier.in_ for earlier in met):
        yield note(
            f"this override acts on what {others} did: it takes {override.out!r} out again",
            override.where,
            "fine if you meant it; one override could say the same",
        )
    else:
        yield warning(
            f"this override overlaps {others}, and their order decides",
            override.where,
            "the later one in the file acts last: remove one, or give them different times"
            f"{_undo(override)}",
        )


def dead_absences(view: View) -> Iterator[Finding]:
    """Absences of people who would not have been on duty."""
    roster = view.roster
    for number, absence in enumerate(roster.absences):
        if not view.ahead(absence.start, absence.end) or view.loaded.unknown:
            continue
        rest = (*roster.absences[:number], *roster.absences[number + 1 :])
        without = replace(roster, absences=rest)
        span = view.span(absence.start, absence.end)
        if any(_differ(view, without, roster, role, span) for role in view.roles):
            continue
        if any(_gives_away(override, absence) for override in roster.overrides):
            continue  # whoever was agreed on serves, with the absence and without
        if _serves(view, absence):
            yield note(
                f"this absence changes nothing: {absence.person!r} has no duty then",
                absence.where,
                "fine if it is there to keep duties away",
            )
        else:
            yield warning(
                f"this absence does nothing: {absence.person!r} is in no rotation or shift ahead",
                absence.where,
                _away_with(absence),
            )


def _away_with(entry: Override | Absence) -> str:
    """How to take an entry back."""
    return "remove it" if entry.id is None else f"take it back: rotation undo {quote(entry.id)}"


def _undo(entry: Override) -> str:
    """What to add to a hint about an entry that may be taken back."""
    return f"; to take this one back: rotation undo {quote(entry.id)}" if entry.id else ""


def _serves(view: View, absence: Absence) -> bool:
    """Whether somebody who is away could otherwise be on duty."""
    coming = {o.in_ for o in view.roster.overrides if view.ahead(o.start, o.end)}
    return absence.person in (*coming, EVERYBODY) or any(
        absence.person in view.members(role) for role in view.roles
    )


def _gives_away(override: Override, absence: Absence) -> bool:
    """Whether an override decides who has the place of somebody who is away, in a part of it."""
    together_then = override.start < absence.end and absence.start < override.end
    return together_then and any(
        person is not None and concerns(absence, person) for person in (override.out, override.in_)
    )


def _meet(override: Override, other: Override) -> bool:
    """Whether two overrides are for one role, at one time, and not parts of one change."""
    return together(override, other) and (override.id is None or override.id != other.id)


def _order_matters(view: View, place: int, later: Override) -> bool:
    """Whether it makes a difference which of two overrides comes first in the file."""
    earlier = view.roster.overrides[place]
    before = [o for o in view.roster.overrides[:place] if together(o, later)]
    as_written = replace(view.roster, overrides=(*before, earlier, later))
    turned = replace(view.roster, overrides=(*before, later, earlier))
    start, end = max(earlier.start, later.start), min(earlier.end, later.end)
    return _differ(view, as_written, turned, later.role, view.span(max(start, view.now), end))


def _differ(
    view: View, roster: Roster, changed: Roster, role: str, span: tuple[datetime, datetime]
) -> bool:
    schedules = view.schedule(roster, role), view.schedule(changed, role)
    return bool(difference(*schedules, *span))
