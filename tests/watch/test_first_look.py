"""The first look at a log: all of the last day, wherever that was written, or it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.watch.delivery.logs import FIRST
from rotation.watch.delivery.look import look
from tests.watch.elsewhere import BOUNCE, DEAD, NOISE, NOW, Elsewhere, line


def _look(system: Elsewhere) -> tuple[bool, list[str]]:
    """Whether the bounce was seen, and what is said not to be known."""
    fates, problems = look(system, "postfix", None, ["bob@far.example"], NOW)
    return "bob@far.example" in fates.troubles, [problem.what for problem in problems]


def test_a_bounce_before_much_noise(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", DEAD + BOUNCE + NOISE * 20_000)
    assert _look(system) == (True, [])


def test_a_bounce_in_a_file_that_was_rotated_since(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log.2", DEAD, days=3)
    system.keep("mail.log.1", DEAD + BOUNCE, minutes=55)
    system.keep("mail.log", NOISE)
    assert _look(system) == (True, [])


@pytest.mark.parametrize(("before", "said"), [(NOISE, True), (DEAD, False)])
def test_what_was_not_read_of_the_day_is_said(tmp_path: Path, before: str, said: bool) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", BOUNCE + before * (FIRST // len(before) + 10))
    seen, problems = _look(system)
    assert not seen
    assert [("only the end was read" in what) for what in problems] == ([True] if said else [])


@pytest.mark.parametrize("touched", [{"days": 300}, {"minutes": 0}])
def test_a_dead_file_does_not_hide_the_journal(tmp_path: Path, touched: dict[str, float]) -> None:
    system = Elsewhere(tmp_path, BOUNCE)
    system.keep("mail.log", DEAD, **touched)
    assert _look(system) == (True, [])


def test_a_file_that_died_today_does_not_hide_the_journal(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, BOUNCE)
    system.keep("mail.log", line("smtpd[1]: connect from x", hours=2), hours=2)
    assert _look(system) == (True, [])
