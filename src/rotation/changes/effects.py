"""What a change brings with it that somebody should know before it is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product

from rotation.changes.book import Change, home, span
from rotation.changes.moved import hint as move_hint
from rotation.changes.moved import movable
from rotation.changes.objections import overworked
from rotation.clock.days import Stretch
from rotation.clock.told import day_and_time
from rotation.dataclasses import replace
from rotation.errors import Problem, Where
from rotation.model import EVERYBODY, Absence, Override, Roster
from rotation.schedule import offered
from rotation.schedule.absent import spells
from rotation.schedule.difference import Overrides
from rotation.schedule.duties import horizon, on_duty
from rotation.schedule.loaded import Loaded
from rotation.schedule.turns import blocks


def effects(change: Change, now: datetime) -> list[Problem]:
    """Warnings about the roster that a change makes, each once, besides the change's own."""
    warnings = [*change.warnings, *_two_roles(change), *_on_duty_though_away(change)]
    warnings.extend(_nobody(change))
    warnings.extend(overworked(change))
    warnings.extend(_emptied(change, now))
    warnings.extend(_offers_void(change, now))
    warnings.extend(_beside_handoffs(change, now))
    warnings.extend(_still_on_duty(change, now))
    return list(dict.fromkeys(warnings))


def _two_roles(change: Change) -> Iterator[Problem]:
    """People who take a duty while they have one of another role: each once, the first time."""
    roster = change.after.roster
    busy_as: dict[tuple[str, str, str], list[Stretch]] = {}
    for handed in change.hands:
        for person in set(handed.after) - set(handed.before):
            for schedule in change.after.known_schedules():
                if schedule.role != handed.role:
                    busy = on_duty(schedule, person, handed.start, handed.end)
                    busy_as.setdefault((person, handed.role, schedule.role), []).extend(busy)
    for (person, taken, held), spans in busy_as.items():
        if spans:
            more = f", and {len(spans) - 1} times more" if len(spans) > 1 else ""
            first = span(*spans[0], roster.zone)
            yield Problem(f"{person} would be {taken} and {held} at once in {first}{more}")


def _on_duty_though_away(change: Change) -> Iterator[Problem]:
    """Overrides that put somebody on duty in an absence that is new."""
    before, after = change.book.roster, change.after.roster
    for absence in after.absences[len(before.absences) :]:
        people = after.people if absence.person == EVERYBODY else (absence.person,)
        for schedule, person in product(change.after.known_schedules(), people):
            gone = spells(absence, after, change.start, change.end)
            for busy in (b for s, e in gone for b in on_duty(schedule, person, s, e)):
                yield Problem(
                    f"{person} is on duty all the same in {span(*busy, after.zone)}: "
                    "an override says so",
                    _override_of(change, absence, schedule.role, person),
                    f"take that back, or find a cover: rotation cover SOMEBODY --for {person}",
                )


def _override_of(change: Change, absence: Absence, role: str, person: str) -> Where | None:
    overlapping: list[Override] = [
        o
        for o in change.after.roster.overrides
        if (o.role, o.in_) == (role, person) and o.start < absence.end and absence.start < o.end
    ]
    return overlapping[-1].where if overlapping else None


def _nobody(change: Change) -> Iterator[Problem]:
    """Gaps that the change opens."""
    roster = change.after.roster
    for handed in change.hands:
        if not handed.after:
            goes = f"mail goes to the fallback: {', '.join(roster.fallback)}"
            when = f"{handed.start.astimezone(roster.zone):%Y-%m-%dT%H:%M} --role {handed.role}"
            yield Problem(
                f"nobody would be on duty as {handed.role!r} in "
                f"{span(handed.start, handed.end, roster.zone)}",
                hint=goes
                if roster.fallback
                else f"find somebody: rotation report --suggest {when}",
            )


def _emptied(change: Change, now: datetime) -> Iterator[Problem]:
    """Overrides that did something before the change and do nothing after it; of a swap that loses
    one half, what is left of it."""

    def acting(loaded: Loaded) -> dict[Override, Override]:
        # the same entry may stand on another line afterwards, or at another time
        overrides = Overrides(loaded)
        return {
            home(override): override
            for override in loaded.roster.overrides
            if override.end > now and overrides.acts(override)
        }

    left, moves = acting(change.after), movable(change, now)
    kept = {home(override): override for override in change.after.roster.overrides}
    for bare in acting(change.book.loaded):
        if bare not in kept or bare in left:
            continue
        halves = [o for o in left.values() if bare.id and o.id == bare.id]
        said = bare.note or bare.id or "no note"
        back = f"take it back: rotation undo {bare.id}" if bare.id else "take it out of the file"
        back += move_hint(moves, bare)
        if halves:
            rest = " and ".join(
                f"{_served(half)} in {span(half.start, half.end, change.after.roster.zone)}"
                for half in halves
            )
            yield Problem(
                f"only a part of this would be left: {said}: {rest}", kept[bare].where, back
            )
        else:
            yield Problem(
                f"an override would no longer do anything: {said}", kept[bare].where, back
            )


def _offers_void(change: Change, now: datetime) -> Iterator[Problem]:
    """Offers that somebody could take before the change and nobody can after it."""
    before, after = change.book.loaded, change.after
    for offer in after.roster.offers:
        if offer.start <= now or offered.taken(after, offer) or not offered.void(after, offer):
            continue
        # it was void already, or is new to a file that somebody edits
        if not offered.void(before, offer):
            yield Problem(
                f"nobody could take this offer any more: {offer.note or offer.person}: "
                f"{span(offer.start, offer.end, after.roster.zone)}",
                offer.where,
                f"take it back and offer it again: rotation undo {offer.id}"
                if offer.id
                else "take it out of the file",
            )


def _beside_handoffs(change: Change, now: datetime) -> Iterator[Problem]:
    """Overrides from or to a handoff that the change moves: each change of the log once."""
    before, after = (
        replace(loaded, roster=replace(loaded.roster, overrides=()))
        for loaded in (change.book.loaded, change.after)
    )
    if before.roster.rotations == after.roster.rotations:
        return
    zone, told, moves = after.roster.zone, set(), movable(change, now)
    for override in change.after.roster.overrides:
        if override.role in before.unknown | after.unknown or override.id in told:
            continue
        for instant in (override.start, override.end):
            old, new = (
                loaded.known_schedule(override.role).at(instant).start for loaded in (before, after)
            )
            if instant > now and old == instant != new:
                said = override.note or override.id or "an override"
                back = f"take it back and make it again: rotation undo {override.id}"
                yield Problem(
                    f"{said}: its bound at {day_and_time(instant, zone)} is not a handoff any "
                    "more: somebody else has the time in between",
                    override.where,
                    back + move_hint(moves, override)
                    if override.id
                    else "move its start and end to the handoffs",
                )
                told |= {override.id} if override.id else set()
                break


def _served(override: Override) -> str:
    out = "everybody" if override.out == EVERYBODY else override.out
    if override.in_ is None:
        return f"{out} off"
    return override.in_ if out is None else f"{override.in_} for {out}"


def _still_on_duty(change: Change, now: datetime) -> Iterator[Problem]:
    """Those who leave every rotation and are still named by a shift or an override."""
    before, after = change.book.roster, change.after.roster
    fresh = after.rotations[len(before.rotations) :]
    if not fresh:
        return
    begins = (b.begin for b in blocks(after.rotations, after.zone) if b.rotation in fresh)
    begin = max(begins, default=now)
    for person in sorted(_in_turn(before) - _in_turn(after)):
        for schedule in change.after.known_schedules():
            busy = on_duty(schedule, person, begin, horizon(after, now))
            for start, end in busy:
                yield Problem(f"{person} still has a duty in {span(start, end, after.zone)}")


def _in_turn(roster: Roster) -> set[str]:
    """The people in the last order of each rotation."""
    latest = {rotation.name: rotation for rotation in roster.rotations}
    return {person for rotation in latest.values() for person in rotation.order}
