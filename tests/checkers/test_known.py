"""That a checker fails can be known until a date as well: that failure, and no other."""

from __future__ import annotations

from pathlib import Path

from tests.checkers.host import Scratch

WHY = "checker failed: exit status 9"


def known(host: Scratch, until: int = 9_999_999_999, why: str = WHY) -> None:
    (host.state / "acks").write_text(f"{until}\tFriday 2026-11-27 00:00\tline\t{why}\n")


def test_a_failure_that_is_known_is_not_said_again(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, failed=(9, 8), every=1)
    (mail,) = host.step("", 9)
    assert mail.subject.endswith(f"tool: {WHY}")
    # every=1: on every run, if nobody knew
    (mail,) = host.step("", 9)
    assert mail.subject.endswith("tool: checker still fails: exit status 9")
    known(host)
    assert host.step("", 9) == host.step("", 9) == []
    # another failure is news
    (mail,) = host.step("", 8)
    assert mail.subject.endswith("tool: checker failed: exit status 8")
    # that one is still known when it comes back; and that it works again is said
    assert host.step("", 9) == []
    (mail,) = host.step("")
    assert mail.subject.endswith("tool: checker works again")
    assert host.step("", 9) == []


def test_the_date_is_past_and_it_still_fails(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, failed=(9,), every=0)
    host.step("", 9)
    known(host)
    assert host.step("", 9) == []
    known(host, until=1)
    (mail,) = host.step("", 9)
    assert mail.subject.endswith("tool: checker still fails: exit status 9")
    assert host.step("", 9) == []  # every=0: said once


def test_what_is_wrong_is_told_all_the_same(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(
        tmp_path, any_shell, every=1, run=f'echo fatal >>"$unknown"; cat "{tmp_path}/out"'
    )
    host.step("")
    known(host, why="checker failed: unknown output")
    assert host.step("") == []
    (mail,) = host.step("a\n")
    assert mail.subject.endswith("tool: a (checker failed)")
