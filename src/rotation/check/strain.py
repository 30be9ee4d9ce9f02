"""What [role.NAME] says should not happen to whoever has the role, and shares that are not met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from rotation.check.view import Finding, View, warning
from rotation.clock.days import Stretch, joined
from rotation.clock.local import DAY
from rotation.errors import Where
from rotation.schedule.shares import meant
from rotation.schedule.strain import hours, long_runs, short_rests

_FAR = 1.25
"""From how many times a share on it is not met: turns are whole."""


def _duties(view: View, role: str) -> dict[str, list[Stretch]]:
    """Everybody's unbroken duties in a role."""
    times_of: dict[str, list[Stretch]] = {}
    for piece in view.pieces(role):
        for key in piece.people:
            times_of.setdefault(key, []).append((piece.start, piece.end))
    return {key: joined(times) for key, times in times_of.items()}


def tired(view: View) -> Iterator[Finding]:
    """For each person the first time with too little rest, or with too many weekends in a row."""
    for role in view.sure:
        limits = view.roster.limit(role)
        where = limits.where or Where(str(view.roster.path), 1)
        for key, duties in _duties(view, role).items():
            short = short_rests(duties, limits.rest) if limits.rest is not None else []
            # somebody who is relieved for a part of their own duty has not two of them
            short = [pause for pause in short if not _relieved(view, role, key, pause)]
            if limits.rest is not None and short:
                start, end = short[0]
                yield warning(
                    f"{key!r} has {hours(end - start)} of rest from {view.said(start)} to "
                    f"{view.said(end)}{_more(short)}, not the {hours(limits.rest)} that the role "
                    f"{role!r} should leave",
                    where,
                    "find somebody else for one of them: "
                    f"{view.cover(key, role, end, _until(duties, end))}",
                )
            if limits.weekends is not None and (
                runs := long_runs(duties, limits.weekends, view.zone)
            ):
                start, end = runs[0]
                first = start + 2 * DAY
                yield warning(
                    f"{key!r} has the role {role!r} on more than {limits.weekends} "
                    f"weekend{'s' * (limits.weekends > 1)} in a row, from {view.said(start)} to "
                    f"{view.said(end)}{_more(runs)}",
                    where,
                    f"find somebody else for one of them: {view.cover(key, role, start, first)}",
                )


def _relieved(view: View, role: str, key: str, pause: Stretch) -> bool:
    start, end = pause
    shifts = view.planned(role, start, end)
    return all(key in shift.people for shift in shifts)


def _more(times: list[Stretch]) -> str:
    return f" (and {len(times) - 1} more within a year)" if len(times) > 1 else ""


def _until(duties: list[Stretch], begin: datetime) -> datetime:
    """When the duty ends that begins then."""
    return next(end for start, end in duties if start == begin)


def unmet(view: View) -> Iterator[Finding]:
    """People with a `share` that their places in an order are far from."""
    people = view.roster.people
    for role in view.sure:
        for block in view.live(role):
            order = block.rotation.order
            if all(people[key].share == 1 for key in order):
                continue
            weights = meant(block.rotation, people)
            everybody = sum(weights.values())
            for key, count in Counter(order).items():
                has, due = count / len(order), weights[key] / everybody
                if has > _FAR * due:
                    yield warning(
                        f"{key!r} has {has:.0%} of the places in rotation {block.rotation.name!r}, "
                        f"and by everybody's share {due:.0%} are meant",
                        block.rotation.where,
                        "list the others more often, or change the share",
                    )
