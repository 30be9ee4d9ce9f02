"""`[notify]`: of what people are mailed, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rotation import address
from rotation.clock.words import parse_duration
from rotation.roster.keys import NOTIFY
from rotation.toml.table import Document, Table


@dataclass(frozen=True, slots=True)
class Notices:
    """How long before a duty to remind of it (longest first), whether to tell of handoffs, and the
    vetted address that the mail comes from."""

    remind: tuple[timedelta, ...] = ()
    handoffs: bool = True
    sender: str | None = None


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
    sender = table.text("from")
    if sender is not None and (fault := address.fault(sender)):
        table.report("from", f"address {sender!r} {fault[0]}", fault[1])
        sender = None
    table.finish()
    return Notices(tuple(sorted(before, reverse=True)), handoffs, sender)
