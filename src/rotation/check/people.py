"""People whose turn never comes, who have two roles at once, too much, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from shlex import quote

from rotation.check.view import HORIZON, BoundedShift, Finding, View, note, warning
from rotation.dataclasses import replace
from rotation.errors import Where
from rotation.model import Unit
from rotation.schedule.turns import Block

FEW = 4
"""As many people can share a role without being on duty for more than `MUCH` of the time."""
MUCH = 0.25
"""The most of the time that somebody should be on duty: Google, Site Reliability Engineering,
chapter 11."""


def strangers(view: View) -> Iterator[Finding]:
    """People who are listed and have no part in anything."""
    roster = view.roster
    if any(rotation.calendar for rotation in roster.rotations):
        return  # which people a calendar will name, nobody knows
    serving = {p for rotation in roster.rotations for p in rotation.order}
    serving.update(p for shift in roster.shifts for p in shift.people)
    serving.update(o.in_ for o in roster.overrides if o.in_)
    serving.update(roster.fallback)
    names = {rotation.name for rotation in roster.rotations}
    which = " --rotation NAME" if len(names) > 1 else ""
    rest = "or take them out of [people]"
    for key, person in roster.people.items():
        if key not in serving:
            yield note(
                f"{key!r} is in no rotation, shift, override or fallback",
                person.where or Where(str(roster.path), 1),
                f"let them take turns: rotation join {quote(key)}{which}, {rest}"
                if names
                else f"add them to a rotation, {rest}",
            )


def starved(view: View) -> Iterator[Finding]:
    """People who have turns ahead and yet no duty: weekends eat them, or a priority hides them."""
    for role in view.sure:
        serving: set[str] | None = {p for piece in view.pieces(role) for p in piece.people}
        for block in view.live(role):
            due = _due(view, block)
            if serving is not None and due <= serving:
                continue
            # people who are away, or have given their duties to others, are not starved
            serving = {p for piece in view.planned(role) for p in piece.people}
            hungry = [key for key in dict.fromkeys(block.rotation.order) if key in due - serving]
            if hungry:
                yield _never(view, block, hungry)


def _due(view: View, block: Block) -> set[str]:
    """Everybody who has a turn in the span, were there no duty hours and no other rotations."""
    turns = block.turns_between(view.now, view.end)
    return {key for turn in turns[: len(block.rotation.turns)] for key in block.people(turn)}


def _never(view: View, block: Block, hungry: list[str]) -> Finding:
    rotation = block.rotation
    hint = "a rotation or shift of a higher priority always has somebody on duty then"
    if rotation.hours and rotation.every.unit is Unit.HOUR:
        hint = "their turns fall outside 'hours'; turns of days count only days with duty"
        if rotation.every.count % 24 == 0:
            days = rotation.every.count // 24
            hint = (
                "their turns fall outside 'hours'; "
                f'every = "{days} day{"s" if days > 1 else ""}" counts only days with duty'
            )
    are = "is" if len(hungry) == 1 else "are"
    return warning(
        f"{', '.join(hungry)} {are} never on duty: no turn of theirs in rotation "
        f"{rotation.name!r} comes within a year",
        rotation.where,
        hint,
    )


def at_once(view: View) -> Iterator[Finding]:
    """The same person in two roles at the same time: nobody is behind them then."""
    roles = [name for name in view.sure if name not in view.roster.doubled]
    for role, behind in combinations(roles, 2):
        times: dict[str, list[BoundedShift]] = {}
        for piece in _together(view.pieces(role), view.pieces(behind)):
            for key in piece.people:
                mine = times.setdefault(key, [])
                if mine and mine[-1].end == piece.start:
                    mine[-1] = replace(mine[-1], end=piece.end)
                else:
                    mine.append(piece)
        for key, (first, *others) in times.items():
            more = f" (and {len(others)} more within a year)" if others else ""
            yield warning(
                f"{key!r} has the roles {role!r} and {behind!r} at once from "
                f"{view.said(first.start)} to {view.said(first.end)}{more}",
                _exception(view, first) or view.place(behind),
                f"{view.cover(key, behind, first.start, first.end)}; for good: "
                f'[role.{behind}] apart = ["{role}"]; if it is meant: '
                f'[role.{behind}] overlap = "expected"',
            )


def _exception(view: View, piece: BoundedShift) -> Where | None:
    """The line of the override that is one of the reasons for a piece, if one is."""
    places = {override.where for override in view.roster.overrides}
    return next((reason.where for reason in piece.reasons if reason.where in places), None)


def _together(mine: list[BoundedShift], theirs: list[BoundedShift]) -> Iterator[BoundedShift]:
    """Where two schedules that tile the same span have people in common, and those people."""
    here = there = 0
    while here < len(mine) and there < len(theirs):
        a, b = mine[here], theirs[there]
        both = tuple(key for key in a.people if key in b.people)
        if both:
            reasons = (*a.reasons, *b.reasons)
            yield BoundedShift(max(a.start, b.start), min(a.end, b.end), both, reasons)
        here, there = here + (a.end <= b.end), there + (b.end <= a.end)


def loaded(view: View) -> Iterator[Finding]:
    """Roles that few people share, some of whom are on duty for much of the time."""
    for role in view.sure:
        members = view.members(role)
        if role in view.roster.heavy or len(members) >= FEW:
            continue
        hours: dict[str, timedelta] = {}
        for piece in view.pieces(role):
            for key in piece.people:
                hours[key] = hours.get(key, timedelta(0)) + (piece.end - piece.start)
        heavy = {key: time / HORIZON for key, time in hours.items() if time / HORIZON > MUCH}
        if heavy:
            shares = ", ".join(f"{key} {share:.0%}" for key, share in heavy.items())
            few = "1 person has" if len(members) == 1 else f"{len(members)} people share"
            yield warning(
                f"{few} the role {role!r}: {shares} of the time on duty, more than {MUCH:.0%}",
                view.place(role),
                "more people, fewer hours, or say that it is meant: "
                f'[role.{role}] load = "expected"',
            )
