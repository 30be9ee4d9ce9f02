"""`[notify]`: of what people are mailed, and in whose name."""

from __future__ import annotations

from datetime import timedelta

from rotation import address
from rotation.clock.words import parse_duration, parse_window
from rotation.dataclasses import dataclass
from rotation.model import Window
from rotation.roster.keys import NOTIFY
from rotation.toml.table import Document, Table


@dataclass(frozen=True, slots=True)
class Notices:
    """How long before a duty to remind of it (longest first), whether to tell of handoffs, the
    vetted addresses that mail comes from, when everybody hears of the next weeks (the end of the
    window means nothing), and the program that is told of handoffs."""

    remind: tuple[timedelta, ...] = ()
    handoffs: bool = True
    senders: tuple[str, ...] = ()
    weekly: Window | None = None
    program: tuple[str, ...] = ()


def read_notices(document: Document, value: object) -> Notices:
    """The table `[notify]`; what is wrong with it is noted in the document."""
    if value is None:
        return Notices()
    table = Table(document, ("notify",), value, "[notify]", NOTIFY)
    before = set()
    for path, text in table.strings("remind"):
        if (length := parse_duration(text)) is None:
            hint = 'as in remind = ["7 days", "1 day"]'
            document.report(path, f"{text!r} is not a length of time", hint)
        else:
            before.add(length)
    handoffs = table.flag("handoffs", default=True)
    senders = []
    for path, text in table.strings("from"):
        if fault := address.fault(text):
            document.report(path, f"address {text!r} {fault[0]}", fault[1])
        else:
            senders.append(text)
    weekly, program = _weekly(table), _program(table)
    table.finish()
    reminders = tuple(sorted(before, reverse=True))
    return Notices(reminders, handoffs, tuple(senders), weekly, program)


def _weekly(table: Table) -> Window | None:
    text = table.text("weekly")
    if text is None:
        return None
    day, _, at = text.partition(" ")
    window = parse_window(f"{day} {at}-24:00")
    if window is None or len(window.days) != 1 or window.holiday:
        table.report("weekly", f"{text!r} is not a day and a time", 'as in weekly = "mon 08:00"')
        return None
    return window


def _program(table: Table) -> tuple[str, ...]:
    program = tuple(word for _, word in table.strings("run"))
    if program and not (program[0].startswith("/") and all("\0" not in word for word in program)):
        hint = 'run = ["/usr/local/bin/to-chat"], with its folder; no shell reads it'
        table.report("run", f"{program[0]!r} is not an absolute path", hint)
        return ()
    return program
