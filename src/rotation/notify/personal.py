"""The final schedule as one person has it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rotation.dataclasses import dataclass, replace
from rotation.export.ledger import RevisedEvent


@dataclass(frozen=True, slots=True)
class PersonalDuty:
    """When one person has one turn, or an unbroken part of it, whoever else has it too.

    `uid` is that of the first event of it that is exported. The last two are for people to read.
    """

    uid: str
    role: str
    start: datetime
    end: datetime
    sequence: int
    instead_of: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def span(self) -> tuple[str, datetime, datetime]:
        """What it is without its identity."""
        return self.role, self.start, self.end


def duties(entries: Iterable[RevisedEvent], key: str) -> list[PersonalDuty]:
    """The duties of a person by start, from all events of whole turns.

    Events of one turn that follow each other are one duty: that somebody else comes or goes in the
    middle of it is no change of it.
    """
    personal: list[PersonalDuty] = []
    latest: dict[str, int] = {}
    for entry in sorted(entries, key=lambda entry: (entry.event.start, entry.event.uid)):
        event = entry.event
        if key not in event.people:
            continue
        at = latest.get(event.turn)
        if at is not None and personal[at].end == event.start:
            personal[at] = replace(
                personal[at],
                end=event.end,
                sequence=max(personal[at].sequence, entry.revision.sequence),
                instead_of=tuple(dict.fromkeys((*personal[at].instead_of, *event.instead_of))),
                notes=tuple(dict.fromkeys((*personal[at].notes, *event.notes))),
            )
            continue
        latest[event.turn] = len(personal)
        personal.append(
            PersonalDuty(
                event.uid,
                event.role,
                event.start,
                event.end,
                entry.revision.sequence,
                event.instead_of,
                event.notes,
            )
        )
    return personal
