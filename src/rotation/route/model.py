"""What following an address gives: a tree of steps, and the verdict on each of its ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from rotation.dataclasses import dataclass, field
from rotation.errors import Where


class Verdict(Enum):
    """What is to be said of an end; the value is its name for programs."""

    DUTY = "duty"
    """Somebody who is on duty."""
    FALLBACK = "fallback"
    """Who gets the mail when nobody is on duty, and nobody is."""
    ALSO = "also"
    """An address that a target always copies."""
    OTHER = "other"
    """Somebody else on this host, or a person of a roster who is not on duty."""
    LEAVES = "leaves"
    """Another host, where nothing more can be told."""
    LOOP = "loop"
    DEAD = "dead"
    """Refused, thrown away, put off for ever, or a mailbox that nobody reads."""
    PIPE = "pipe"
    FILE = "file"
    UNSURE = "unsure"
    """Something in the server's configuration that cannot be followed."""


GOOD = frozenset({Verdict.DUTY, Verdict.FALLBACK, Verdict.ALSO})


@dataclass(frozen=True, slots=True)
class Note:
    """Something on the way that is worth knowing, such as a .forward that is ignored, and why."""

    text: str
    where: Where | None = None
    hint: str | None = None


class Stop(Enum):
    """How a server ends with an address; what that means is for the verdict to say."""

    MAILBOX = "mailbox"
    REMOTE = "remote"
    PIPE = "pipe"
    FILE = "file"
    REFUSED = "refused"
    """Bounced: the sender is told."""
    PUT_OFF = "put off"
    """Kept in the queue and tried again."""
    LOST = "lost"
    """Thrown away without a word."""
    LOOP = "loop"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class End:
    """Where mail ends. `who` is a user, an address, a command or a file; `why` is in words."""

    stop: Stop
    who: str
    why: str = ""
    verdict: Verdict = Verdict.UNSURE
    domain: str | None = None
    """For mail that leaves this host."""
    names: tuple[str, ...] = ()
    """The addresses, in lower case, that stand for this very end."""


@dataclass(frozen=True, slots=True)
class Step:
    """One place on the way. `text` is an address, a command or a file as it was written.

    `how` says by what mail comes here ("alias", "forward", "include", ...; empty for what was
    asked for) and `where` at which line that stands. No children: an end.
    """

    text: str
    where: Where | None = None
    how: str = ""
    children: tuple[Step, ...] = ()
    notes: tuple[Note, ...] = ()
    end: End | None = None

    def walk(self) -> Iterator[Step]:
        """This step and all below it, from the top."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Trace:
    """An address, and the way of its mail."""

    address: str
    step: Step
    server: str

    @property
    def ends(self) -> tuple[Step, ...]:
        """The leaves of the tree, in its order; each has an `end`."""
        return tuple(step for step in self.step.walk() if step.end is not None)

    @property
    def good(self) -> bool:
        """Whether there is an end and every one is somebody who should get the mail."""
        ends = [step.end for step in self.ends if step.end is not None]
        return any(end.verdict in (Verdict.DUTY, Verdict.FALLBACK) for end in ends) and all(
            end.verdict in GOOD for end in ends
        )

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that a step or a note names, each once."""
        places = [s.where for s in self.step.walk()] + [
            note.where for s in self.step.walk() for note in s.notes
        ]
        return tuple(dict.fromkeys(place.file for place in places if place is not None))


@dataclass(frozen=True, slots=True)
class Accepted:
    """Who should get the mail, from the final schedule of all rosters at one instant.

    `ends` has, for each address in lower case, the verdict on it and the words for it; `known`
    has the words for the addresses of everybody else in the rosters.
    """

    ends: Mapping[str, tuple[Verdict, str]] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Via:
    """Aliases that another host serves, from a roster of it.

    `domain` is where it takes mail (None: whatever domain an address has); `aliases` has for each
    name, in lower case, the addresses behind it now and the line of the target.
    """

    domain: str | None
    aliases: Mapping[str, tuple[tuple[str, ...], Where]]
