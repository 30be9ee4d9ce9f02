"""Whether a duty that somebody offers is still what was offered."""

from __future__ import annotations

from datetime import datetime

from rotation.model.records import Offer
from rotation.schedule.difference import without_absences
from rotation.schedule.duties import duties
from rotation.schedule.loaded import Loaded


def taken(loaded: Loaded, offer: Offer) -> bool:
    """Whether somebody has said yes: the overrides that do it have the offer's id."""
    return any(entry.id == offer.id for entry in loaded.roster.overrides)


def void(loaded: Loaded, offer: Offer) -> bool:
    """Whether whoever offers has no such duty (any more), so that nobody can take it.

    Their own absence does not count, since the duty is theirs. Where nobody can know who has the
    role, it may stand.
    """
    if offer.role in loaded.unknown:
        return False
    if offer.role not in loaded.roster.roles:
        return True
    schedule = without_absences(loaded, offer.person).known_schedule(offer.role)
    end = offer.start + datetime.resolution
    duty = next(duties(schedule, offer.person, offer.start, end), None)
    return duty is None or (duty.start, duty.end) != (offer.start, offer.end)
