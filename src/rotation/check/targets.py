"""Targets of several rosters that are one place, and will want different things of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rotation.check.view import HORIZON, Finding, warning
from rotation.clock.told import day_and_time
from rotation.dataclasses import dataclass
from rotation.model.target import FileTarget, Target
from rotation.plan import differently, label, owner_alias, recipients, spot, treatment
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded


@dataclass(frozen=True, slots=True)
class _Claim:
    """A target, and the schedule that decides what it should hold; for the alias of who gets what
    bounces that is always `owner`."""

    loaded: Loaded
    target: Target
    schedule: Schedule
    owner: str | None = None

    def holds(self, at: datetime) -> frozenset[str]:
        """The addresses that it should hold at an instant; none: it is left."""
        addresses = recipients(self.loaded.roster, self.schedule.at(at))
        if self.owner is not None and addresses:
            return frozenset({self.owner})
        return frozenset((*addresses, *self.target.also)) if addresses else frozenset()


def collisions(
    rosters: Sequence[Loaded], real: Mapping[Path, Path], now: datetime
) -> Iterator[tuple[Loaded, Finding]]:
    """What each roster has to be told: `apply` will leave a target since another wants it too.

    `real` has each target's path with symbolic links followed. Looks a year ahead from the instant
    `now`; a role that nobody can know is passed over.
    """
    places: dict[object, list[_Claim]] = {}
    for loaded in rosters:
        roles = dict.fromkeys(target.role for target in loaded.roster.targets)
        schedules = {role: loaded.schedule(role) for role in roles}
        for target in loaded.roster.targets:
            schedule = schedules[target.role]
            if isinstance(schedule, Schedule):
                claims = [_Claim(loaded, target, schedule)]
                if isinstance(target, FileTarget) and target.owner:
                    claims.append(_Claim(loaded, owner_alias(target), schedule, target.owner))
                places.setdefault(spot(target, real)[0], []).extend(claims)
    for claims in places.values():
        for number, claim in enumerate(claims):
            for other in claims[number + 1 :]:
                what = _contradiction(claim, other, real, now)
                if what is not None:
                    for here, there in ((claim, other), (other, claim)):
                        hint = f"the other stands at {there.target.where}: take one of them out"
                        yield here.loaded, warning(what, here.target.where, hint)


def _contradiction(
    claim: _Claim, other: _Claim, real: Mapping[Path, Path], now: datetime
) -> str | None:
    if treatment(claim.target) != treatment(other.target):
        return differently(claim.target)
    if spot(claim.target, real) != spot(other.target, real):
        return None
    at = _first_difference(claim, other, now)
    if at is None and claim.target.bounced != other.target.bounced:
        return (
            f"two targets want {label(claim.target)} to hold different people once mail bounces "
            "(`bounced`); apply will leave it then"
        )
    if at is None:
        return None
    when = day_and_time(at, claim.loaded.roster.zone, weekday=False, named=True)
    wanted = ", ".join(sorted(claim.holds(at))), ", ".join(sorted(other.holds(at)))
    return (
        f"two targets want {label(claim.target)} to hold different people from "
        f"{when} on: {wanted[0]} and {wanted[1]}; apply will leave it"
    )


def _first_difference(claim: _Claim, other: _Claim, now: datetime) -> datetime | None:
    end = now + HORIZON
    bounds = {now}
    for schedule in {claim.schedule, other.schedule}:
        bounds |= {shift.start for shift in schedule.between(now, end) if shift.start is not None}
    for at in sorted(bounds):
        holds, wanted = claim.holds(at), other.holds(at)
        if holds and wanted and holds != wanted:
            return at
    return None
