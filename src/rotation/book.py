"""The events of a roster with the ledger that the host keeps of them between runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from rotation.errors import ApplyError, Problem, Where
from rotation.events import ledger
from rotation.events.identity import Event, events
from rotation.events.ledger import Entry, Ledger, Revision
from rotation.schedule import Loaded
from rotation.system import System


def entries(
    system: System,
    one: Loaded,
    roles: Sequence[str],
    span: tuple[datetime, datetime],
    now: datetime,
    said: Ledger | None = None,
) -> tuple[list[Entry], tuple[Problem, ...]]:
    """The events of some roles that overlap `span`, whole, by start; and what is odd.

    The ledger that the host has of this roster is read and written; `said` is what is known from
    elsewhere. Without a ledger the events are the same, and their revisions what the roster and
    `said` alone tell: that is odd, and no error.
    """
    found = [event for role in roles for event in events(one, role, *span)]
    looked = dict.fromkeys(roles, span)
    file = record_name(system, one, "ledger")
    odd: tuple[Problem, ...] = ()
    try:
        with system.alone(file):
            data = system.recorded(file)
            known, odd = _known(data, file)
            revisions = ledger.revised(found, ledger.later(known, said or {}), now, looked)
            after = ledger.dump(revisions)
            if after != data:
                system.record(file, after)
    except ApplyError as error:
        revisions = ledger.revised(found, said or {}, now, looked)
        odd = error.problems
    return sorted(_entries(one, found, revisions), key=_order), odd


def record_name(system: System, one: Loaded, kind: str) -> str:
    """The name under which something about a roster is recorded: its path decides."""
    path = system.real(one.roster.path.absolute())
    return f"{sha256(bytes(path)).hexdigest()[:32]}.{kind}.json"


def _known(data: bytes | None, file: str) -> tuple[Ledger, tuple[Problem, ...]]:
    if data is None:
        return {}, ()
    try:
        return ledger.parse(data), ()
    except ValueError:
        what = "the ledger of changes to events was damaged, and is begun anew"
        return {}, (Problem(what, Where(file)),)


def _entries(one: Loaded, found: list[Event], revisions: dict[str, Revision]) -> list[Entry]:
    return [Entry(one.roster, event, revisions[event.uid]) for event in found]


def _order(entry: Entry) -> tuple[datetime, str, str]:
    return entry.event.start, entry.event.role, entry.event.uid
