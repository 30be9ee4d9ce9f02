"""What a server that holds its aliases in memory was last told of.

Nobody can ask it (OpenSMTPD's `file:` tables), so what it was told is recorded; it is told again
whenever the text is another one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from rotation.dataclasses import dataclass
from rotation.mail.aliases_text import Members
from rotation.system import Records


@dataclass(frozen=True, slots=True)
class LastTold:
    """The text that the server was told of, by its digest, and what our aliases held in it."""

    digest: str
    aliases: Mapping[str, Members]

    def is_of(self, text: bytes) -> bool:
        """Whether it is this text."""
        return self.digest == _digest(text)

    def members(self, name: str) -> Members | None:
        """What the alias held in it; None where that was not recorded."""
        return self.aliases.get(name.lower())


def last(records: Records, path: Path) -> LastTold | None:
    """What the server was last told of for the aliases file at `path`; None: nothing is known."""
    data = records.recorded(_name(path))
    try:
        said = json.loads(data or b"")
        aliases = {str(name): tuple(map(str, list(to))) for name, to in said["aliases"].items()}
        return LastTold(str(said["digest"]), aliases)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def note(records: Records, path: Path, text: bytes, aliases: Mapping[str, Members]) -> None:
    """Record what the server has just been told. Raises ApplyError."""
    known = {name.lower(): list(to) for name, to in aliases.items()}
    said = {"digest": _digest(text), "aliases": known}
    records.record(_name(path), json.dumps(said).encode())


def _name(path: Path) -> str:
    return f"{_digest(bytes(path))[:32]}.told"


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
