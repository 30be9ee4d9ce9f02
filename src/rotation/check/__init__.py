"""What is odd about a roster that can be read: pure, over a year of the final schedule.

What lies in the past is never reported. Every check is a function from a `View` to findings.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rotation.check import coverage, exceptions, foresight, people, strain, times
from rotation.check.view import HORIZON, Finding, View
from rotation.dataclasses import dataclass
from rotation.errors import Severity, by_place
from rotation.schedule.loaded import Loaded

__all__ = ["HORIZON", "WITHIN", "Checked", "Finding", "examine"]

WITHIN = timedelta(days=30)
"""How early to warn of what runs out, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Checked:
    """All about one roster: `gaps` are those without a fallback that nobody declared as expected,
    `open` is whether one of them is now, `runway` how long until the first role has nobody left,
    at most `HORIZON`. `known` is whether all this could be asked of every role."""

    findings: tuple[Finding, ...]
    gaps: int
    open: bool
    runway: timedelta
    known: bool


def examine(loaded: Loaded, now: datetime, within: timedelta = WITHIN) -> Checked:
    """Everything odd in a roster from the instant `now` on, in the order of its lines.

    `within` is how long before its end a list of dated shifts, a calendar or a rotation with
    `until` is reported.
    """
    view = View(loaded, now, within)
    notices = [Finding(Severity.WARNING, problem) for problem in loaded.warnings]
    for check in (
        coverage.gaps,
        coverage.running_out,
        coverage.unknown_roles,
        coverage.unknown_holidays,
        people.strangers,
        people.starved,
        people.at_once,
        people.loaded,
        strain.tired,
        strain.unmet,
        exceptions.odd_overrides,
        exceptions.in_though_away,
        exceptions.dead_absences,
        exceptions.void_offers,
        times.odd_times,
        times.skipped_turns,
        foresight.odd_zones,
        foresight.late_starts,
        foresight.unreplaced_turns,
        foresight.missed_handoffs,
    ):
        notices.extend(check(view))
    gaps = [gap for role in view.sure for gap in coverage.open_gaps(view, role)]
    return Checked(
        findings=tuple(sorted(notices, key=lambda finding: by_place(finding.problem))),
        gaps=len(gaps),
        open=any(gap.start <= view.now for gap in gaps),
        runway=min((coverage.runway(view, role) for role in view.sure), default=timedelta(0)),
        known=not loaded.unknown,
    )
