"""A message on its way through Postfix's local(8): what was done for it, and how it came here."""

from __future__ import annotations

from rotation.dataclasses import dataclass, field, replace
from rotation.route.tree import Node
from rotation.system import Account


@dataclass(frozen=True, slots=True)
class Message:
    """One message in the queue, as one delivery of local(8) sees it; `onward` has what is to be
    queued anew when that delivery is over."""

    delivered: frozenset[str]
    recipient: str
    seen: set[tuple[object, ...]] = field(default_factory=set)
    onward: list[tuple[Node, str]] = field(default_factory=list)

    def been(self, *what: object) -> bool:
        """Whether that was done for this message before; now it was."""
        before = what in self.seen
        self.seen.add(what)
        return before


@dataclass(frozen=True, slots=True)
class LocalState:
    """By what recipients local(8) came to the one at hand: `kind` is alias, include, forward or
    empty; `user` whose rights count (None: root's)."""

    level: int = 0
    kind: str = ""
    owner: str | None = None
    expanded: str | None = None
    unmatched: str | None = None
    user: Account | None = None
    local: str = ""
    address: str = ""

    def deeper(self, levels: int = 1) -> LocalState:
        """The same, so many levels further down."""
        return replace(self, level=self.level + levels)
