"""What the readers of all clients give back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rotation.dataclasses import dataclass, field
from rotation.mail.grammar.model import Oddity

_SENT = re.compile(
    r'[^\s<>()\[\],;:\\"@\x00-\x1f\x7f]+(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)?'
)


@dataclass(frozen=True, slots=True)
class ConfigLine:
    """A value and the line that sets it, from 1."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """A configuration. With a `fault` the client refuses all mail; with `computed`, the line of a
    command whose output is read, nothing of it is known."""

    values: Mapping[str, ConfigLine] = field(default_factory=dict)
    fault: Oddity | None = None
    computed: int | None = None

    def get(self, key: str) -> str | None:
        """The value of a key, None where nothing sets it."""
        setting = self.values.get(key)
        return None if setting is None else setting.value


@dataclass(frozen=True, slots=True)
class ClientAlias:
    """Where an alias leads, as it was written, and its line, from 1."""

    members: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class AliasTable:
    """An aliases file as a client reads it; with a `fault` it refuses mail altogether.

    A name may stand there more than once; whether that is a fault is for the client to say.
    """

    entries: Mapping[str, tuple[ClientAlias, ...]] = field(default_factory=dict)
    fault: Oddity | None = None


def is_sent(address: str) -> bool:
    """Whether a hub takes `RCPT TO:<address>` for an address (RFC 5321, section 4.1.2).

    What a client reads it hands on as it stands, display names and blanks included.
    """
    return _SENT.fullmatch(address) is not None
