"""Gaps, what runs out, and roles that nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rotation.check.view import BoundedShift, Finding, View, warning
from rotation.clock.days import NoLibrary, public_holidays
from rotation.errors import RosterError, Severity, Where, meant
from rotation.model import Rotation


def open_gaps(view: View, role: str) -> list[BoundedShift]:
    """The gaps of a role for which nobody would get the mail, and which nobody expects."""
    if view.roster.fallback or role in view.roster.quiet:
        return []
    return [piece for piece in view.pieces(role) if not piece.people]


def gaps(view: View) -> Iterator[Finding]:
    """For each role the first gap for which nobody would get the mail, and how many follow it."""
    for role in view.sure:
        listed = open_gaps(view, role)
        if not listed:
            continue
        first = listed[0]
        until = "" if first.end == view.end else f" to {view.said(first.end)}"
        once = view.assign(role, first.start, first.end) if until else ""
        more = f" (and {len(listed) - 1} more within a year)" if len(listed) > 1 else ""
        yield warning(
            f"nobody has the role {role!r} from {view.said(first.start)}{until}{more}",
            _cause(view, first) or view.place(role),
            'say who gets the mail then: fallback = ["managers@example.com"], or that it is meant: '
            f'[role.{role}] gaps = "expected"{once and f"; for this once: {once}"}',
        )


def _cause(view: View, gap: BoundedShift) -> Where | None:
    """The line that makes a gap, where one does: an override, or a rotation with everybody away."""
    return next((reason.where for reason in gap.reasons if reason.where is not None), None)


def runway(view: View, role: str) -> timedelta:
    """How long until a role has nobody for the rest of the year, or a calendar ends.

    At most `HORIZON`.
    """
    ends = [_last_duty(view, role)]
    ends += [end for _, end in _calendars(view, role)]
    return max(min(ends) - view.now, timedelta(0))


def _last_duty(view: View, role: str) -> datetime:
    """When the last duty of a role ends, `end` where there is always another one."""
    last = view.pieces(role)[-1]
    if last.people:
        return view.end
    schedule = view.loaded.known_schedule(role)
    return last.start if schedule.following(schedule.at(last.start)) is None else view.end


def _calendars(view: View, role: str) -> Iterator[tuple[Rotation, datetime]]:
    """The calendars of a role that should go on, and when the last shift in each ends."""
    for rotation in view.roster.rotations:
        if rotation.calendar is None or rotation.role != role:
            continue
        if any(later.name == rotation.name for later in _after(view, rotation)):
            continue
        source = f"rotation {rotation.name}"
        ends = [shift.end for shift in view.loaded.shifts if shift.source == source]
        last = max(ends, default=view.now)
        if rotation.until is None or last < min(rotation.until, view.end):
            yield rotation, min(max(last, view.now), view.end)


def _after(view: View, rotation: Rotation) -> tuple[Rotation, ...]:
    listed = view.roster.rotations
    return listed[listed.index(rotation) + 1 :]


def running_out(view: View) -> Iterator[Finding]:
    """Calendars and lists of dated shifts that end soon, and roles that have nobody after a day."""
    soon = view.now + view.within
    for role in view.sure:
        short = False
        for rotation, end in _calendars(view, role):
            if end < soon:
                short = True
                when = f"runs out on {view.said(end)}" if end > view.now else "has no shift ahead"
                yield warning(
                    f"the calendar of rotation {rotation.name!r} {when}",
                    rotation.where,
                    "put more shifts into it",
                )
        end = _last_duty(view, role)
        if short or end >= soon:
            continue
        if not view.known:
            what = "there is no rotation and no shift: nobody is ever on duty"
            yield warning(what, view.place(role), "add a [[rotation]]")
            continue
        when = "has no duty ahead" if end <= view.now else f"runs out on {view.said(end)}"
        turns = any(block.rotation.role == role for block in view.blocks)
        what = "the last rotation" if turns else "the list of dated shifts"
        yield warning(
            f"{what} of the role {role!r} {when}: nobody is on duty after it",
            view.place(role),
            "add a [[shift]] or a [[rotation]] that goes on",
        )


def unknown_holidays(view: View) -> Iterator[Finding]:
    """A country whose public holidays nobody knows, where there is the library to tell."""
    try:
        public_holidays(view.roster, view.now, view.end)
    except NoLibrary:
        return
    except RosterError as error:
        yield from (Finding(Severity.ERROR, problem) for problem in error.problems)


def unknown_roles(view: View) -> Iterator[Finding]:
    """Targets and overrides of a role that no rotation or shift has."""
    roster = view.roster
    named = [
        (role, target.where, "target")
        for target in roster.targets
        for role in (target.role, target.bounced)
        if role is not None
    ]
    named += [
        (override.role, override.where, "override")
        for override in roster.overrides
        if view.ahead(override.start, override.end)
    ]
    for role, where, kind in named:
        if role not in view.known:
            yield warning(
                f"this {kind} is for the role {role!r}, which no rotation or shift has",
                where,
                meant(role, sorted(view.known)),
            )
