"""What is odd about a roster that can be read: pure, over a span of the final schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

from rotation.errors import Problem, Where
from rotation.model import EVERYBODY, Override, Roster
from rotation.schedule import Loaded, Schedule

HORIZON = timedelta(days=366)
"""How far ahead gaps are looked for."""


class Severity(Enum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`."""

    severity: Severity
    problem: Problem


def findings(loaded: Loaded, now: datetime) -> list[Finding]:
    """Everything odd in a roster from the instant `now` on, in the order of its lines."""
    found = [Finding(Severity.WARNING, problem) for problem in loaded.warnings]
    schedules = [loaded.schedule(role) for role in loaded.roster.roles]
    for schedule in schedules:
        found.extend(_gaps(schedule, now))
        found.extend(_dead_overrides(schedule, now))
    found.extend(_strangers(loaded.roster))
    return sorted(found, key=lambda finding: _place(finding.problem))


def _place(problem: Problem) -> tuple[str, int]:
    where = problem.where or Where("")
    return where.file, where.line or 0


def _gaps(schedule: Schedule, now: datetime) -> Iterator[Finding]:
    """The first gap for which nobody would get the mail, and how many follow it."""
    roster = schedule.roster
    if roster.fallback:
        return
    gaps = [s for s in schedule.between(now, now + HORIZON) if not s.people]
    if not gaps or gaps[0].start is None:
        return
    first = gaps[0].start.astimezone(roster.zone)
    more = f" (and {len(gaps) - 1} more within a year)" if len(gaps) > 1 else ""
    yield Finding(
        Severity.WARNING,
        Problem(
            f"nobody has the role {schedule.role!r} from {first:%Y-%m-%d %H:%M %Z}{more}",
            Where(str(roster.path), 1),
            'say who gets the mail then: fallback = ["managers@example.com"]',
        ),
    )


def _dead_overrides(schedule: Schedule, now: datetime) -> Iterator[Finding]:
    roster = schedule.roster
    for number, override in enumerate(roster.overrides):
        if override.role != schedule.role or override.end.astimezone(UTC) <= now:
            continue
        if not _changes(schedule, override, number):
            what = f"this override changes nothing: {override.out!r} is not on duty then"
            if override.out in (None, EVERYBODY):
                what = f"this override changes nothing: {override.in_!r} is on duty anyway"
            yield Finding(Severity.WARNING, Problem(what, override.where, "remove it"))


def _changes(schedule: Schedule, override: Override, number: int) -> bool:
    """Whether the override makes a difference to the result of those before it."""
    roster = schedule.roster
    without = _until(roster, number)
    with_it = _until(roster, number + 1)
    span = (override.start, override.end)
    return [s.people for s in Schedule(without, schedule.role).between(*span)] != [
        s.people for s in Schedule(with_it, schedule.role).between(*span)
    ]


def _until(roster: Roster, number: int) -> Roster:
    return replace(roster, overrides=roster.overrides[:number])


def _strangers(roster: Roster) -> Iterator[Finding]:
    """People who are listed and never have a duty."""
    serving = {p for rotation in roster.rotations for p in rotation.order}
    serving.update(p for shift in roster.shifts for p in shift.people)
    serving.update(o.in_ for o in roster.overrides if o.in_)
    if any(rotation.calendar for rotation in roster.rotations):
        return
    for key in roster.people:
        if key not in serving and key not in roster.fallback:
            yield Finding(
                Severity.NOTE,
                Problem(
                    f"{key!r} is in no rotation, shift, override or fallback",
                    Where(str(roster.path), 1),
                    "add them to a rotation, or take them out of [people]",
                ),
            )
