"""The events of a roster with the ledger that the host keeps of them between runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from rotation.errors import ApplyError, Problem, Where
from rotation.export import ledger
from rotation.export.events import ShiftEvent, events
from rotation.export.ledger import Ledger, RevisedEvent, Revision
from rotation.roster.parse import overrides_path
from rotation.schedule.loaded import Loaded
from rotation.system import System

Span = tuple[datetime, datetime]


def entries(
    system: System,
    loaded: Loaded,
    roles: Sequence[str],
    span: Span,
    now: datetime,
    said: Ledger | None = None,
    *,
    turns: bool = False,
) -> tuple[list[RevisedEvent], tuple[Problem, ...]]:
    """The events of some roles that overlap `span`, whole, by start; and what is odd.

    With `turns`, also the other events of the turns that they are pieces of. The ledger that the
    host has of this roster is read and written; `said` is what is known from elsewhere. Without a
    ledger the events are the same, and their revisions what the roster and `said` alone tell: that
    is odd, and no error.
    """
    present: list[ShiftEvent] = []
    for role in roles:
        mine = events(loaded, role, *span)
        present += _whole_turns(loaded, mine, span) if turns and mine else mine
    looked = dict.fromkeys(roles, span)
    file = record_name(system, loaded, "ledger")
    odd: tuple[Problem, ...] = ()
    try:
        with system.alone(file):
            data = system.recorded(file)
            known, odd = _known(data, file)
            revisions = ledger.revised(present, ledger.later(known, said or {}), now, looked)
            after = ledger.dump(revisions)
            if after != data:
                system.record(file, after)
    except ApplyError as error:
        revisions = ledger.revised(present, said or {}, now, looked)
        odd = error.problems
    return sorted(_entries(loaded, present, revisions), key=_order), odd


def _whole_turns(loaded: Loaded, present: list[ShiftEvent], span: Span) -> list[ShiftEvent]:
    """The events of one role in `span` (there are some) with the rest of their turns."""
    wanted = {event.turn for event in present}
    role, seen = present[0].role, {event.uid for event in present}
    begin, stop = min(span[0], present[0].start), max(span[1], present[-1].end)
    first = min(begin, *(event.around[0] for event in present))
    last = max(stop, *(event.around[1] for event in present))
    more = [*events(loaded, role, first, begin), *events(loaded, role, stop, last)]
    rest = [event for event in more if event.turn in wanted and event.uid not in seen]
    return [*present, *rest]


def record_name(system: System, loaded: Loaded, kind: str) -> str:
    """The name under which something about a roster is recorded: its path decides.

    A link to a roster is that roster, unless other overrides stand beside it: then it is a plan of
    its own.
    """
    link, mine = (p.absolute() for p in (loaded.roster.path, loaded.roster.overrides_file))
    path, theirs = system.real(link), mine
    if mine == overrides_path(link):
        theirs = overrides_path(path)
    elif mine.is_relative_to(link.parent):
        theirs = path.parent / mine.relative_to(link.parent)
    if system.real(mine) != system.real(theirs):
        path = system.real(link.parent) / link.name
    return f"{sha256(bytes(path)).hexdigest()[:32]}.{kind}.json"


def _known(data: bytes | None, file: str) -> tuple[Ledger, tuple[Problem, ...]]:
    if data is None:
        return {}, ()
    try:
        return ledger.parse(data), ()
    except ValueError:
        what = "the ledger of changes to events was damaged: a new one is begun"
        return {}, (Problem(what, Where(file)),)


def _entries(
    loaded: Loaded, present: list[ShiftEvent], revisions: dict[str, Revision]
) -> list[RevisedEvent]:
    return [RevisedEvent(loaded.roster, event, revisions[event.uid]) for event in present]


def _order(entry: RevisedEvent) -> tuple[datetime, str, str]:
    return entry.event.start, entry.event.role, entry.event.uid
