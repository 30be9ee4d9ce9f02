"""The tree of where mail goes."""

from __future__ import annotations

import pytest

from rotation.route.model import Stop
from rotation.route.tree import Node, TooManyError, fold


def test_a_tree_that_grows_without_end_is_given_up() -> None:
    def grow(node: Node) -> None:
        while True:
            node = node.add("x", "alias", None)

    with pytest.raises(TooManyError):
        grow(Node("top"))


def test_what_goes_round_is_told_once() -> None:
    top = Node("a")
    at = top
    for _ in range(20):
        at = at.add("b", "alias", None)
        at.add("carol", "alias", None).stop(Stop.MAILBOX, "carol")
        at = at.add("a", "alias", None)
    at.stop(Stop.LOOP, "a", "loop")
    fold(top)
    assert len(list(top.walk())) < 8
    kinds = {n.end.stop for n in top.walk() if n.end is not None}
    assert kinds == {Stop.LOOP, Stop.MAILBOX}
