"""A host whose logs are written by tests."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rotation.host.real import Host
from rotation.system import Finished, Lengthy
from rotation.watch.delivery.look import look
from rotation.watch.delivery.record import NOTE

BOB = "bob@far.example"
NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)
DEAD = "2026-01-01T00:00:00+00:00 hub postfix/smtpd[1]: connect from x\n"


def line(text: str, **ago: float) -> str:
    """A line of Postfix's that was written so long before now."""
    return f"{NOW - timedelta(**ago):%Y-%m-%dT%H:%M:%S}+00:00 hub postfix/{text}\n"


def bounce(message: str, **ago: float) -> str:
    """The line of a mail for bob that bounced."""
    return line(
        f"smtp[1]: {message}: to=<bob@far.example>, relay=x, delay=1, delays=1/0/0/0, dsn=5.1.1, "
        "status=bounced (no)", **ago,
    )  # fmt: skip


def sent(message: str, **ago: float) -> str:
    """The line of a mail that bob got."""
    return bounce(message, **ago).replace("5.1.1", "2.0.0").replace("bounced", "sent")


BOUNCE = bounce("A1", hours=1)
NOISE = line("smtpd[1]: connect from x[192.0.2.1]", minutes=50)


class Elsewhere(Host):
    """This host with another /var/log, and a journal if it is given one."""

    def __init__(self, root: Path, journal: str | None = None) -> None:
        super().__init__(root)
        self.root = root
        self.journal = journal
        self.journalctl = Finished(0, "", "")
        self.postconf = Finished(0, "\nmail\n", "")
        self.asked: list[str] = []
        self.quiet = 0
        """The status of journalctl where it has no entries to show."""
        self.thrown = 0
        """Entries that the journal had and has not any more."""
        self.note: bytes | None = None
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
        return self.note if name == NOTE else None

    def zone(self) -> str | None:
        return "UTC"

    def program(self, *names: str) -> Path | None:
        journalctl = "journalctl" in names and self.journal is not None
        return Path(f"/{names[0]}") if journalctl or "postconf" in names else None

    def ask(self, argv: Sequence[str | Path], **named: Any) -> Finished:
        assert str(argv[0]) == "/postconf"
        return self.postconf

    def ask_lengthy(self, argv: Sequence[str | Path], **named: Any) -> Lengthy:
        """As journalctl(1): from the cursor, else the instant on, and the last cursor."""
        assert str(argv[0]) == "/journalctl"
        self.asked.append(next(str(word) for word in argv if str(word)[:4] in ("--si", "--cu")))
        lines = (self.journal or "").splitlines(keepends=True)
        if self.asked[-1].startswith("--cursor="):
            lines = lines[max(0, int(self.asked[-1].removeprefix("--cursor=c")) - self.thrown) :]
        if not lines and self.journalctl.status == 0:
            status = Finished(self.quiet, "", self.journalctl.err)
            return Lengthy(status, lambda: iter([b"-- No entries --\n"]))
        cursor = self.thrown + len((self.journal or "").splitlines()) - 1
        text = "".join(lines) + f"-- cursor: c{cursor}\n"
        return Lengthy(self.journalctl, lambda: iter([text.encode()]))

    def keep(self, name: str, text: str, **ago: float) -> None:
        """Write a log that was written last so long before now."""
        path = self._there(Path("/var/log") / name)
        path.write_text(text)
        at = (NOW - timedelta(**ago)).timestamp()
        os.utime(path, (at, at))


def looked(system: Elsewhere, later: float = 0, server: str = "postfix") -> tuple[bool, list[str]]:
    """Whether mail for bob bounces, and what is said not to be known; so many minutes after NOW."""
    at = NOW + timedelta(minutes=later)
    fates, problems = look(system, server, None, [BOB], at)
    system.note = fates.dump()
    for problem in problems:
        assert problem.what.startswith("what becomes of mail is not known: ")
    return BOB in fates.troubles, [problem.what for problem in problems]
