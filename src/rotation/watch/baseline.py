"""The chain as it was when all was well: what `verify` compares with.

Each set of rosters has its own, by what it was named: what one set accepts is no news of another's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Problem
from rotation.system import System
from rotation.watch.marks import Record, parse


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is remembered for the rosters at `place`. `sets` is what records of theirs have in their
    names, as `watch.runs` has it; `command` is how rotation is called for them."""

    system: System
    sets: tuple[str, ...]
    place: Path
    command: str

    @property
    def accept(self) -> str:
        """What to do about a change that is meant."""
        return f"if this change is yours: {self.command} verify --accept"

    def data(self) -> bytes | None:
        """What is remembered; None where that is nothing. Raises ApplyError."""
        return self._notes()[0]

    def record(self) -> Record | None:
        """The same, read; None also for what is none of ours. Raises ApplyError."""
        data = self.data()
        return parse(data) if data is not None else None

    def tampered(self) -> Iterator[Problem]:
        """Whether what is remembered is what was written last. Raises ApplyError."""
        data, seen = self._notes()
        if data is None:
            if seen is not None:
                what = "what was remembered of the chain is gone"
                hint = f"who removed it? nothing is compared until then; {self.accept}"
                yield Problem(what, hint=hint)
        elif parse(data) is None:
            yield Problem("what was remembered of the chain cannot be read", hint=self.accept)
        elif seen != _digest(data):
            what = "what is remembered of the chain is not what `rotation verify` wrote"
            yield Problem(what, hint=f"who replaced it? {self.accept}")

    def remember(self, kept: Record) -> None:
        """Keep a record for the next time. Raises ApplyError."""
        data = kept.dump()
        self.system.record(_note(self.sets[0]), data)
        self.system.record(_seen(self.sets[0]), _digest(data))

    def needed(self) -> None:
        """Let it be known that this is still asked for: what nothing asks for goes one day."""
        name = _seen(self.sets[0])
        with suppress(ApplyError):
            if (seen := self.system.recorded(name)) is not None:
                self.system.record(name, seen)

    def _notes(self) -> tuple[bytes | None, bytes | None]:
        """What is remembered, and the digest of what was, so that another one is noticed."""
        own = self._of(self.sets[0])
        if own == (None, None) and self.sets[0]:
            # one record was for all sets once: it is of those whose texts it has
            shared = self._of("")
            older = parse(shared[0]) if shared[0] is not None else None
            if older is not None and any(self._is_ours(Path(path)) for path in older.texts):
                return shared
        return own

    def _of(self, rosters: str) -> tuple[bytes | None, bytes | None]:
        return self.system.recorded(_note(rosters)), self.system.recorded(_seen(rosters))

    def _is_ours(self, roster: Path) -> bool:
        return self.place in (roster, roster.parent)


def _note(rosters: str) -> str:
    return f"verify{rosters}.json"


def _seen(rosters: str) -> str:
    return f"verify{rosters}.seen"


def _digest(data: bytes) -> bytes:
    return sha256(data).hexdigest().encode()
