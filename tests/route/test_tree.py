"""The tree of where mail goes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host.real import Host
from rotation.route.model import Stop
from rotation.route.tree import MailHost, Node, TooManyError, asked, fold
from rotation.system import Account


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


def account(uid: int, gid: int) -> Account:
    return Account("somebody", uid, gid, Path("/home/somebody"), "/bin/sh")


def mode(bits: int, uid: int = 1000, gid: int = 1000) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | bits, 1, 1, 1, uid, gid, 0, 0, 0, 0))


@pytest.mark.parametrize("bits", [0o1, 0o2, 0o4, 0o6])
def test_who_may_do_what_is_the_mode_of_owner_group_or_others(tmp_path: Path, bits: int) -> None:
    """Each of the three alone decides for those whom it is for, whatever the others say."""
    may = MailHost(Host(tmp_path)).may
    users = {"owner": account(1000, 50), "group": account(50, 1000), "others": account(50, 50)}
    for shift, allowed in zip((6, 3, 0), users, strict=True):
        able = {name for name, user in users.items() if may(user, mode(bits << shift), bits)}
        assert able == {allowed}
        # of two bits, one is not enough
        assert not may(users[allowed], mode(0o1 << shift), 0o3)
        assert may(users[allowed], mode(0o7 << shift), 0o3)
    assert may(account(0, 0), mode(0), bits)


def test_a_file_that_a_user_may_not_read_holds_nothing_for_it(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("alice")
    tmp_path.chmod(0o755)
    host = MailHost(Host(tmp_path / "state"))
    file.chmod(0o600)
    assert host.text_for(account(12345, 12345), file) is None
    assert host.text_for(None, file) == b"alice"
    assert host.text_for(account(0, 0), file) == b"alice"
    assert host.text_for(account(12345, 12345), tmp_path / "not-there") is None


def test_what_a_program_refuses_is_told_with_its_name_once(tmp_path: Path) -> None:
    script = tmp_path / "refuses"
    script.write_text('#!/bin/sh\necho "$0: ${1:-nothing} is refused" >&2\nexit 1\n')
    script.chmod(0o755)
    for words, what in (((script,), "nothing"), ((script, "it"), "it")):
        with pytest.raises(ApplyError) as caught:
            asked(Host(tmp_path / "state"), words, "try it")
        (problem,) = caught.value.problems
        assert (problem.what, problem.hint) == (f"{script}: {what} is refused", "try it")
