"""The first look at a log: all of the last day, wherever that was written, or it is said."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rotation.host.real import Host
from rotation.system import Finished
from rotation.watch.delivery.logs import FIRST
from rotation.watch.delivery.look import look

NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)
DEAD = "2026-01-01T00:00:00+00:00 hub postfix/smtpd[1]: connect from x\n"


def _line(text: str, **ago: float) -> str:
    return f"{NOW - timedelta(**ago):%Y-%m-%dT%H:%M:%S}+00:00 hub postfix/{text}\n"


BOUNCE = _line(
    "smtp[1]: A1: to=<bob@far.example>, relay=x, delay=1, delays=1/0/0/0, dsn=5.1.1, "
    "status=bounced (no)",
    hours=1,
)
NOISE = _line("smtpd[1]: connect from x[192.0.2.1]", minutes=50)


class Elsewhere(Host):
    """This host with another /var/log, and a journal if it is given one."""

    def __init__(self, root: Path, journal: str | None = None) -> None:
        super().__init__(root)
        self.root = root
        self.journal = journal
        (root / "var/log").mkdir(parents=True, exist_ok=True)
        if journal is not None:
            (root / "var/log/journal/0").mkdir(parents=True, exist_ok=True)

    def _there(self, path: Path) -> Path:
        return self.root / str(path).lstrip("/")

    def status(self, path: Path, *more: Any, **named: Any) -> os.stat_result | None:
        return super().status(self._there(path), *more, **named)

    def names(self, path: Path) -> Any:
        return super().names(self._there(path))

    def extract(self, path: Path, start: int, most: int) -> Any:
        return super().extract(self._there(path), start, most)

    def read(self, path: Path, **named: Any) -> Any:
        return super().read(self._there(path), **named)

    def recorded(self, name: str) -> bytes | None:
        return None

    def zone(self) -> str | None:
        return "UTC"

    def program(self, *names: str) -> Path | None:
        return Path("/journalctl") if "journalctl" in names and self.journal is not None else None

    def ask(self, argv: Sequence[str | Path], **named: Any) -> Finished:
        assert "/journalctl" in map(str, argv)
        return Finished(0, self.journal or "", "")

    def keep(self, name: str, text: str, **ago: float) -> None:
        """Write a log that was written last so long before now."""
        path = self._there(Path("/var/log") / name)
        path.write_text(text)
        at = (NOW - timedelta(**ago)).timestamp()
        os.utime(path, (at, at))


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
    system.keep("mail.log", _line("smtpd[1]: connect from x", hours=2), hours=2)
    assert _look(system) == (True, [])
