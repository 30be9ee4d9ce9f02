"""Who is on duty at one instant: claims, then absences, then overrides. Pure, without time."""

from __future__ import annotations

from collections.abc import Callable

from rotation.dataclasses import dataclass
from rotation.model import EVERYBODY, Override
from rotation.schedule.shift import ByOverride, DutyId, Reason, TurnOf


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim on the duty at an instant: a turn of a rotation, or a dated shift."""

    people: tuple[str, ...]
    reason: Reason
    duty: DutyId
    turns: tuple[tuple[str, ...], ...] = ()
    """All turns of the rotation, in its order."""

    @property
    def successors(self) -> tuple[str, ...]:
        """The people to whom it passes where somebody is away."""
        return successors(self.turns, self.duty.turn) if isinstance(self.duty, TurnOf) else ()


@dataclass(frozen=True, slots=True)
class Place:
    """Why one person is on duty, and in which duty.

    `given` is what put the person there (so that turns of the same person differ), `duty` what the
    place belongs to, whoever took it over.
    """

    reason: Reason
    given: DutyId
    duty: DutyId


@dataclass(frozen=True, slots=True)
class Serving:
    """Who serves at an instant, and at which priority; None: nobody does, for those reasons.

    `watched` are those whose coming or going would change it, by their turns or as stand-ins.
    """

    level: int | None
    places: dict[str, Place]
    nobody: tuple[Reason, ...]
    watched: frozenset[str]


def successors(turns: tuple[tuple[str, ...], ...], turn: int) -> tuple[str, ...]:
    """The people to whom a turn passes, in the rotation's order after that turn."""
    here = turn % len(turns)
    order = (*turns[here + 1 :], *turns[: here + 1])
    return tuple(dict.fromkeys(person for people in order for person in people))


def present(
    claims: list[Claim], away: set[str], tired: Callable[[Claim, str], bool]
) -> dict[str, Place]:
    """Who is on duty after absences, and why, in the order of the claims.

    An absent person's place passes to the next in that rotation's order who is neither away nor
    on duty already, and for whom it is not too much (`tired`) unless it is so for all of them;
    with nobody left, the place stays empty.
    """
    taken = {p for claim in claims for p in claim.people if p not in away} if away else set()
    places: dict[str, Place] = {}
    for claim in claims:
        place = Place(claim.reason, claim.duty, claim.duty)
        for person in claim.people:
            if person not in away:
                places.setdefault(person, place)
                continue
            free = [c for c in claim.successors if c not in away and c not in taken]
            rested = (c for c in free if not tired(claim, c))
            if (candidate := next(rested, free[0] if free else None)) is not None:
                reason = Reason(f"{claim.reason.text} ({person} away)", claim.reason.where)
                places[candidate] = Place(reason, claim.duty, claim.duty)
                taken.add(candidate)
    return places


def overridden(places: dict[str, Place], override: Override, number: int) -> dict[str, Place]:
    """`places` after an override that is in force; the incoming person takes the place left."""
    out, in_ = override.out, override.in_
    leaving = set(places) if out == EVERYBODY else {out}
    if out is not None and out != EVERYBODY and out not in places:
        return places
    left = next((place.duty for person, place in places.items() if person in leaving), None)
    arrival = Place(reason(override), ByOverride(number), left or ByOverride(number))
    changed: dict[str, Place] = {}
    for person, place in places.items():
        if person not in leaving:
            changed[person] = place
        elif in_ is not None and in_ not in places:
            changed[in_] = arrival
    if in_ is not None and in_ not in changed:
        changed[in_] = places.get(in_, arrival)
    return changed


def reason(override: Override) -> Reason:
    """Why somebody is, or nobody is, on duty under an override."""
    return Reason(f"override {override.id}" if override.id else "override", override.where)
