"""What speaks against giving somebody a duty: away, another role, too little rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rotation.changes.book import Change, span
from rotation.clock.days import Stretch
from rotation.dataclasses import replace
from rotation.errors import Problem, UsageError
from rotation.schedule.absent import spells
from rotation.schedule.duties import on_duty
from rotation.schedule.loaded import Loaded
from rotation.schedule.strain import reach, strained

ANYWAY = "--anyway"
"""The option by which somebody who knows all that is put on duty all the same."""


def agreed(change: Change, objections: Iterable[Problem], *, anyway: bool) -> Change:
    """The change, with what speaks against it as warnings if it is made `anyway`.

    Raises UsageError where something does, and it is not.
    """
    against = list(dict.fromkeys((*objections, *overworked(change))))
    if anyway:
        return replace(change, warnings=(*change.warnings, *against))
    if against:
        all_the_same = f"if they agreed all the same: {ANYWAY}"
        raise UsageError(
            replace(p, hint=f"{p.hint}; {all_the_same}" if p.hint else all_the_same)
            for p in against
        )
    return change


def engaged(loaded: Loaded, role: str, taker: str, pieces: Iterable[Stretch]) -> Iterator[Problem]:
    """Why `taker` cannot have a role in these pieces of time: away, or on duty for a role that it
    is kept apart from."""
    zone = loaded.roster.zone
    for start, end in pieces:
        for absence in loaded.absences:
            own = absence.person == taker  # on a company holiday somebody has to keep watch
            gone = spells(absence, loaded.roster, start, end) if own else []
            if gone:
                first = (absence.start, absence.end) if not absence.hours else gone[0]
                yield Problem(
                    f"{taker} is away from {span(*first, zone)}",
                    absence.where,
                    f"ask somebody else, or take the absence back: rotation away {taker} --cancel",
                )
        for other in loaded.roster.limit(role).apart:
            if other not in loaded.unknown:
                for busy in on_duty(loaded.known_schedule(other), taker, start, end):
                    yield Problem(
                        f"{taker} has the role {other!r} in {span(*busy, zone)}, from which "
                        f"{role!r} is kept apart",
                        loaded.roster.limit(role).where,
                        "ask somebody else",
                    )


def overworked(change: Change) -> Iterator[Problem]:
    """What a role's limits of rest forbid and a change brings: once for each who gets a duty."""
    roster = change.after.roster
    before, after = change.book.loaded, change.after
    for role, limits in roster.limits.items():
        hands = [handed for handed in change.hands if handed.role == role]
        if not hands or (limits.rest is None and limits.weekends is None):
            continue
        start, end = hands[0].start - reach(limits), hands[-1].end + reach(limits)
        takers = dict.fromkeys(p for h in hands for p in h.after if p not in h.before)
        for taker in takers:
            had, would = (
                list(on_duty(loaded.known_schedule(role), taker, start, end))
                for loaded in (before, after)
            )
            if why := strained(had, would, limits, roster.zone):
                words, when = why
                yield Problem(
                    f"{taker} would have {words} as {role!r}: {span(*when, roster.zone)}",
                    limits.where,
                )
