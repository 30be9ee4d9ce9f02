"""What everybody's fair share of the duty would be, and how far from it they are."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

from rotation.dataclasses import dataclass, replace
from rotation.errors import Where
from rotation.model import FixedShift
from rotation.schedule.loaded import Loaded
from rotation.schedule.shares import meant
from rotation.schedule.shift import Shift
from rotation.schedule.turns import Block, blocks

_ZERO = timedelta(0)
_EVEN = 95
"""From this balance on everybody is treated alike: turns are whole, and a year is not."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well a role is covered and shared, in percent.

    `overloaded` says by how much somebody has more than their fair share.
    """

    coverage: int
    balance: int
    total: int
    overloaded: Mapping[str, int]


def score(
    hours: Mapping[str, timedelta],
    fair: Mapping[str, timedelta],
    covered: timedelta,
    window: timedelta,
) -> Score:
    """The score of a span `window` long, `covered` of which somebody was on duty.

    Balance is the mean over all pairs of people of the smaller of their loads to the larger, a load
    being somebody's hours for each hour of their fair share; a pair counts as much as the smaller
    of their fair shares, so that who leaves on the first day hardly counts. 95 and more counts as
    100, and so does a single person. The total is the mean of coverage and balance. Source of the
    formula: Grafana OnCall's schedule quality, which has everybody's fair share the same.
    """
    loads = {key: hours.get(key, _ZERO) / part for key, part in fair.items() if part}
    weights, ratios = [], []
    for person, other in combinations(loads, 2):
        less, more = sorted((loads[person], loads[other]))
        weights.append(min(fair[person], fair[other]) / window)
        ratios.append(less / more if more else 1.0)
    even = sum(map(operator.mul, ratios, weights)) / sum(weights) if weights else 1.0
    balance = round(100 * even)
    coverage = round(100 * (covered / window)) if window else 0
    balance = 100 if balance >= _EVEN else balance
    over = {key: round(100 * (load - 1)) for key, load in loads.items()}
    return Score(
        coverage,
        balance,
        round((coverage + balance) / 2),
        {key: percent for key, percent in over.items() if percent > 0},
    )


def fair_times(loaded: Loaded, role: str, start: datetime, end: datetime) -> dict[str, timedelta]:
    """How long everybody would be on duty in `[start, end)`, were all duty shared evenly.

    The duty that a rotation gives, before absences and overrides, is shared at each instant among
    the people in its order then, as it was meant: who is listed twice has two parts, or who has a
    `share`, that one; who joins later has a part from then on. Dated shifts are shared among all
    that have any in the span, and each calendar among all that it names.
    """
    listed = blocks(loaded.roster.rotations, loaded.roster.zone)
    mine = {block.rotation.where: block for block in listed if block.rotation.role == role}
    fixed = [s for s in (*loaded.roster.shifts, *loaded.shifts) if s.role == role]
    fixed = [shift for shift in fixed if shift.start < end and start < shift.end]
    bare = replace(loaded.roster, overrides=(), absences=())
    schedule = replace(loaded, roster=bare, away=()).known_schedule(role)
    fair: dict[str, timedelta] = {}
    for begin, stop in pairwise(_cuts(mine.values(), start, end)):
        for piece in schedule.between(begin, stop):
            members = _members(loaded, piece, mine, fixed)
            if piece.start is None or piece.end is None or not members:
                continue
            whole = (piece.end - piece.start) * len(piece.people) / sum(members.values())
            for key, weight in members.items():
                fair[key] = fair.get(key, _ZERO) + whole * weight
    return {key: fair[key] for key in loaded.roster.people if key in fair}


def _cuts(listed: Iterable[Block], start: datetime, end: datetime) -> list[datetime]:
    """The span's ends, and where blocks take over from each other in it."""
    bounds = {bound for block in listed for bound in (block.begin, block.end)}
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    return sorted({start, end, *(bound for bound in bounds if start < bound < end)})


def _members(
    loaded: Loaded, piece: Shift, mine: Mapping[Where, Block], fixed: list[FixedShift]
) -> dict[str, float]:
    """Everybody among whom the duty of a piece is shared, with their weights."""
    people = loaded.roster.people
    members: dict[str, float] = {}
    sources = {shift.where: shift.source for shift in fixed}
    for reason in piece.reasons if piece.people else ():
        if reason.where is None:
            continue
        if reason.where in mine:
            for key, weight in meant(mine[reason.where].rotation, people).items():
                members[key] = max(weight, members.get(key, weight))
        elif reason.where in sources:
            source = sources[reason.where]
            for key in (p for shift in fixed if shift.source == source for p in shift.people):
                members.setdefault(key, people[key].share)
    return members
