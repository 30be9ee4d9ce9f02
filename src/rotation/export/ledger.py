"""How often each event has changed: what SEQUENCE and LAST-MODIFIED say (RFC 5545, 3.8.7.3-4).

The overrides and absences that are there give a number that is the same on every host. It is not
enough: to take an override back is a change too, and leaves less than before. So what was said
last is kept in a ledger, and a number never falls where there is one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from rotation.clock.local import stored
from rotation.dataclasses import dataclass, replace
from rotation.export.events import ShiftEvent
from rotation.model import Roster

NEVER = datetime(2020, 1, 1, tzinfo=UTC)
"""When an event was modified that nobody has changed: the same on every host, at any time."""
KEPT = timedelta(days=800)
"""How long after its end an event stays in the ledger."""
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Revision:
    """What was last said of an event: when, in what words, how often and when it had changed.

    `gone`: it had been said, and is no longer in the final schedule. `role` is None where it is
    not known.
    """

    start: datetime
    end: datetime
    summary: str
    sequence: int
    modified: datetime
    role: str | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class RevisedEvent:
    """An event, its roster, and how often it has changed."""

    roster: Roster
    event: ShiftEvent
    revision: Revision


Ledger = Mapping[str, Revision]
"""Revisions by UID."""


def revised(
    events: Iterable[ShiftEvent],
    known: Ledger,
    now: datetime,
    looked: Mapping[str, tuple[datetime, datetime]],
) -> dict[str, Revision]:
    """The ledger after looking at some events; `known` holds what was said before.

    `looked` tells from when to when all events of a role were looked at: those that were known
    and are no longer among them are gone. What ended long before `now` is forgotten.
    """
    present = {event.uid: _revision(event, known.get(event.uid), now) for event in events}
    after = {
        uid: revision for uid, revision in known.items() if revision.end > now - KEPT
    } | present
    for uid, revision in after.items():
        span = None if revision.role is None else looked.get(revision.role)
        if span is None or uid in present or revision.gone:
            continue
        if revision.start >= span[1] or revision.end <= span[0]:
            continue
        after[uid] = replace(
            revision,
            sequence=revision.sequence + 1,
            modified=max(now, revision.modified + _SECOND),
            gone=True,
        )
    return after


def _revision(event: ShiftEvent, before: Revision | None, now: datetime) -> Revision:
    revision = Revision(
        event.start,
        event.end,
        event.summary,
        event.changes,
        NEVER if event.changed is None else _whole(event.changed),
        event.role,
    )
    if before is None:
        return revision
    same = not before.gone and _said(before) == _said(revision)
    if same and revision.sequence <= before.sequence:
        return replace(before, role=event.role)
    modified = revision.modified
    if modified <= before.modified:
        modified = max(_whole(now), before.modified + _SECOND)
    return replace(
        revision, sequence=max(revision.sequence, before.sequence + 1), modified=modified
    )


def _said(revision: Revision) -> tuple[datetime, datetime, str]:
    return revision.start, revision.end, revision.summary


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def later(first: Ledger, other: Ledger) -> dict[str, Revision]:
    """Of two ledgers what is newer of each event; `one` where they are equally new."""
    merged = dict(first)
    for uid, revision in other.items():
        mine = merged.get(uid)
        if mine is None or _age(mine) < _age(revision):
            merged[uid] = revision
    return merged


def _age(revision: Revision) -> tuple[int, datetime]:
    return revision.sequence, revision.modified


def dump(ledger: Ledger) -> bytes:
    """A ledger as JSON, the same bytes for the same ledger."""
    entries = {
        uid: {
            "start": revision.start.isoformat(),
            "end": revision.end.isoformat(),
            "summary": revision.summary,
            "sequence": revision.sequence,
            "modified": revision.modified.isoformat(),
            "role": revision.role,
            "gone": revision.gone,
        }
        for uid, revision in sorted(ledger.items())
    }
    return json.dumps({"events": entries}, indent=1, ensure_ascii=False).encode() + b"\n"


def parse(data: bytes) -> dict[str, Revision]:
    """The ledger in `data`. Raises ValueError where it is none."""
    try:
        entries = json.loads(data)["events"]
        return {
            str(uid): Revision(
                stored(entry["start"]),
                stored(entry["end"]),
                str(entry["summary"]),
                int(entry["sequence"]),
                stored(entry["modified"]),
                entry["role"] if entry["role"] is None else str(entry["role"]),
                bool(entry["gone"]),
            )
            for uid, entry in entries.items()
        }
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"no ledger: {error}") from None
