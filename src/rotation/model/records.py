"""What is noted in an overrides file and puts nobody on duty: who did what, and what is asked."""

from __future__ import annotations

from datetime import datetime

from rotation.dataclasses import dataclass
from rotation.errors import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """What the tool notes on an entry that it appends: a name for `undo`, what, who and when."""

    id: str | None = None
    note: str | None = None
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MovedFrom:
    """Where an override stood, from `start` to `end` (instants), before the change with the id `by`
    moved it with its turns."""

    by: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Offer(Stamped):
    """`person` asks somebody to take their duty, from `start` to `end` (instants).

    It is open until the duty begins. `id` is what `take` names; once somebody has taken it, the
    overrides that do so have that id, and the offer is gone.
    """

    person: str
    start: datetime
    end: datetime
    where: Where
    role: str


@dataclass(frozen=True, slots=True)
class Undone(Stamped):
    """A change that was taken back at the instant `undone`, by `undone_by`.

    The rest is as the change had it; `start` and `end` None: it had none, or none that is known.
    """

    undone: datetime
    undone_by: str
    where: Where
    start: datetime | None = None
    end: datetime | None = None
