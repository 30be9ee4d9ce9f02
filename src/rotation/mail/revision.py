"""Which copy of the plan a target was last made true by: pure.

Hubs that share a target have a copy of the plan each. Beside what it writes, each leaves the
revision of its copy; one whose copy is older than that leaves the target alone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from rotation.dataclasses import dataclass
from rotation.errors import Problem, Where
from rotation.plan import Hold, label

_TEXT = re.compile(
    r"rotation (?P<changed>\S+) (?P<digest>[0-9a-f]{16}) (?P<since>\S+) (?P<hub>[A-Za-z0-9.-]+)\Z"
)


@dataclass(frozen=True, slots=True)
class PlanRevision:
    """A copy of the plan: when it was changed last and the digest of what it says; the instant
    since when what it wants holds, and the hub that has it."""

    changed: datetime
    digest: str
    since: datetime
    hub: str

    def __str__(self) -> str:
        return f"rotation {_written(self.changed)} {self.digest} {_written(self.since)} {self.hub}"


class ForeignError(ValueError):
    """What stands in the place of a revision is none of ours."""


def parse(text: str | None) -> PlanRevision | None:
    """The revision that somebody left; None for none. Raises ForeignError."""
    if text is None or not text.strip():
        return None
    match = _TEXT.match(text.strip())
    try:
        if match is None:
            raise ValueError
        changed, since = (datetime.fromisoformat(match[key]) for key in ("changed", "since"))
        if changed.tzinfo is None or since.tzinfo is None:
            raise ValueError
        return PlanRevision(
            changed.astimezone(UTC), match["digest"], since.astimezone(UTC), match["hub"]
        )
    except (ValueError, OverflowError):
        raise ForeignError(text) from None


def of(hold: Hold, hub: str) -> PlanRevision | None:
    """The revision of the copy that a hold comes from; None where nobody knows how old that is."""
    copy = hold.roster.copy
    if copy is None or hold.at is None:
        return None
    since = hold.shift.start if hold.shift.start is not None else hold.at
    return PlanRevision(copy.changed, copy.digest, since, hub)


@dataclass(frozen=True, slots=True)
class Judged:
    """What to do beside a revision that was left: nothing where it is `older`, which says why;
    `newer` says that ours is to be left in its place even if nothing else changes."""

    older: Problem | None = None
    newer: bool = False


def judge(hold: Hold, ours: PlanRevision | None, left: str | None, place: str) -> Judged:
    """Whether the copy that a hold comes from may change the target, beside the revision that was
    `left` at `place`."""
    if ours is None or hold.at is None:
        return Judged()
    where = Where(place)
    try:
        theirs = parse(left)
    except ForeignError:
        what = f"where the revision of the plan should stand is something else: {left!r}"
        hint = "name a column, attribute or file for it that nothing else uses"
        return Judged(Problem(what, where, hint))
    if theirs is None:
        return Judged(newer=True)
    if theirs.digest == ours.digest:
        if hold.at >= theirs.since:
            return Judged()
        what = f"{theirs.hub} has made the handoff at {_written(theirs.since)} already, which is "
        what += f"still to come by the clock of this host: {label(hold.target)} is left as it is"
        return Judged(Problem(what, where, "is a clock wrong? timedatectl"))
    if (theirs.changed, theirs.digest) < (ours.changed, ours.digest):
        return Judged(newer=True)
    what = f"{theirs.hub} has a newer copy of the plan, changed at {_written(theirs.changed)}; "
    what += f"the one here was changed at {_written(ours.changed)}: "
    what += f"{label(hold.target)} is left as it is"
    hint = f"bring {hold.roster.path} and its overrides up to date; if they are right: touch it"
    return Judged(Problem(what, where, hint))


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
