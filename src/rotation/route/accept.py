"""Who should get the mail: from the final schedule to the ends that a trace accepts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rotation.model import Roster
from rotation.plan import Hold, plan, recipients
from rotation.route.model import Accepted, Verdict, Via
from rotation.schedule.loaded import Loaded, UnknownSchedule


def accepted_at(rosters: Iterable[tuple[Loaded, datetime]]) -> Accepted:
    """The addresses of whoever is on duty in any roster, each roster at its instant.

    Every role that a target has counts, and every role of a roster without targets. The fallback
    counts for a role that nobody has; `also` counts always.
    """
    ends: dict[str, tuple[Verdict, str]] = {}
    known: dict[str, str] = {}
    also: dict[str, tuple[Verdict, str]] = {}
    fallback: dict[str, tuple[Verdict, str]] = {}
    unknown: dict[str, tuple[Verdict, str]] = {}
    for loaded, at in rosters:
        roster = loaded.roster
        for person in roster.people.values():
            for address in person.email:
                known.setdefault(address.lower(), f"{person.key} ({roster.name}), not on duty")
        for address in roster.fallback_addresses:
            known.setdefault(address.lower(), f"the fallback of {roster.name}, not needed now")
        roles = dict.fromkeys(target.role for target in roster.targets) or roster.roles
        for role in roles:
            schedule = loaded.schedule(role)
            if isinstance(schedule, UnknownSchedule):
                unknown.update(_maybe(roster, role))
                continue
            shift = schedule.at(at)
            what = "on duty" if role == "duty" else f"on duty as {role}"
            for key in shift.people:
                for address in roster.people[key].email:
                    ends[address.lower()] = (Verdict.DUTY, f"{key}, {what} ({roster.name})")
            if not shift.people:
                words = (Verdict.FALLBACK, f"the fallback of {roster.name}: nobody is {what}")
                fallback.update({a.lower(): words for a in roster.fallback_addresses})
        for target in roster.targets:
            words = (Verdict.ALSO, f"always copied ({target.where})")
            also.update({address.lower(): words for address in target.also})
            if target.bounced is not None:
                also.update(_stand_in(loaded, target.bounced, at))
    return Accepted({**unknown, **also, **fallback, **ends}, known)


def _stand_in(loaded: Loaded, role: str, at: datetime) -> dict[str, tuple[Verdict, str]]:
    """Whoever may get mail as well that does not get to whoever is on duty."""
    schedule = loaded.schedule(role)
    if isinstance(schedule, UnknownSchedule):
        return {}
    words = (Verdict.ALSO, f"on duty as {role}, mailed while other mail bounces")
    return {a.lower(): words for a in recipients(loaded.roster, schedule.at(at))}


def _maybe(roster: Roster, role: str) -> dict[str, tuple[Verdict, str]]:
    """Everybody in a roster may have a role of which nobody can know who has it; so may its
    fallback be needed."""
    why = f"nobody can know, as its calendar cannot be read ({roster.name})"
    what = f"perhaps on duty as {role}: {why}"
    ends = {
        address.lower(): (Verdict.UNSURE, f"{person.key}, {what}")
        for person in roster.people.values()
        for address in person.email
    }
    for address in roster.fallback_addresses:
        ends.setdefault(address.lower(), (Verdict.UNSURE, f"the fallback, {what}"))
    return ends


def via(rosters: Iterable[tuple[Loaded, datetime]], domain: str | None = None) -> Via:
    """The aliases that other rosters point at somebody, as `apply` makes them at an instant."""
    aliases = {
        wish.target.name.lower(): (wish.addresses, wish.target.where)
        for wish in plan(rosters)
        if isinstance(wish, Hold) and wish.target.name is not None
    }
    return Via(domain.lower() if domain else None, aliases)
