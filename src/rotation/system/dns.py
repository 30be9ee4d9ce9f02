"""What the domain name system answers: values, and who asks. It is given to who needs it."""

from __future__ import annotations

from typing import Protocol

from rotation.dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """The records of one kind that a name has, as text; none, and whether the name is there at
    all."""

    records: tuple[str, ...] = ()
    exists: bool = True


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody can say what a name has: why not."""

    why: str


class Lookup(Protocol):
    """Asks for the records of a name."""

    def __call__(self, name: str, kind: str) -> Answered | Unanswered:
        """What a name has of a kind: A, AAAA, MX ("10 mx.example.com."), TXT (strings joined)."""
