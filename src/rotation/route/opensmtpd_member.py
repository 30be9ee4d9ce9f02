"""A member of OpenSMTPD's expansion, and what makes two of them one. Source: expand.c."""

from __future__ import annotations

from rotation.dataclasses import dataclass
from rotation.route.opensmtpd_rules import Action
from rotation.route.tree import Node


@dataclass(eq=False, slots=True)
class Member:
    """A member of the expansion: `kind` is address, user, file, command, error or bad."""

    kind: str
    value: str
    node: Node
    parent: Member | None
    action: Action | None
    same_user: bool = False
    real_user: bool = False
    forwarded: bool = False
    depth: int = 0

    def above(self, kind: str) -> Member | None:
        """The nearest node of a kind above this one."""
        at = self.parent
        while at is not None and at.kind != kind:
            at = at.parent
        return at

    def key(self) -> tuple[object, ...]:
        """What makes two nodes one."""
        owner = self.above("user") if self.kind in ("file", "command") else None
        where = self.above("address") if self.parent is not None else None
        return (self.kind, self.same_user, self.real_user, self.value, where, owner)
