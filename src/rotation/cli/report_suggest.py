"""`rotation report --suggest`: who should take a shift."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rotation.cli import output
from rotation.cli.context import Call, complain, no_such_role, roles_of
from rotation.errors import Problem, UsageError, Where
from rotation.model import DUTY, Roster
from rotation.report import Candidate, Suggestion, suggest
from rotation.report.suggest import NEAR
from rotation.schedule.loaded import Loaded

_DAY = timedelta(days=1)


def suggestions(
    call: Call, when: str, until: str | None, role: str | None, *, as_json: bool
) -> bool:
    """Print for each roster that has the role who should take it; whether there is somebody.

    Raises RosterError, and UsageError for what is no instant or no role.
    """

    def span(zone: ZoneInfo) -> tuple[datetime, datetime]:
        start = call.when(when, zone)
        end = start if until is None else max(start, call.when(until, zone))
        return start - NEAR, end + NEAR

    loaded = call.load_ahead(span)
    found = []
    for one in loaded:
        for problem in one.warnings:
            complain(problem, "warning")
        wanted = role or (DUTY if DUTY in one.roster.roles else one.roster.roles[0])
        for name in sorted(one.unknown - {wanted}):
            what = f"who has the role {name!r} then is not known: its calendar cannot be read"
            complain(Problem(what, Where(str(one.roster.path))), "warning")
        for name in roles_of(one.roster, wanted):
            start, end = _slot(call, one, name, when, until)
            found.append((one.roster, suggest(one, name, start, end)))
    if role is not None and not found:
        raise no_such_role(role, [one.roster for one in loaded])
    if as_json:
        output.say_json([_json(roster, made) for roster, made in found])
    else:
        for number, (roster, made) in enumerate(found):
            if number:
                output.say()
            _say(roster, made, call.now)
    return all(made.ranking for _, made in found)


def _slot(
    call: Call, one: Loaded, role: str, when: str, until: str | None
) -> tuple[datetime, datetime]:
    """The shift or gap at WHEN, what is over of it left out; or from WHEN to `until`."""
    zone = one.roster.zone
    at, now = call.when(when, zone), call.now.astimezone(UTC).replace(second=0)
    if until is not None:
        end = call.when(until, zone)
        if end <= at:
            raise UsageError(Problem(f"--until is not after {when!r}: {output.iso(end, zone)}"))
        return at, end
    shift = one.known_schedule(role).at(at)
    if shift.end is None:
        raise UsageError(
            Problem(
                f"nothing ends the {'shift' if shift.people else 'gap'} at "
                f"{output.moment(at, zone, call.now, named=True)} in {one.roster.name} {role}",
                hint=f"say to when: --suggest {when!r} --until WHEN",
            )
        )
    start = at if shift.start is None else shift.start
    return (max(start, now) if now < shift.end else start), shift.end


def _say(roster: Roster, made: Suggestion, now: datetime) -> None:
    start, end = (output.moment(at, roster.zone, now, named=True) for at in (made.start, made.end))
    output.say(f"{roster.name} {made.role}: {start} to {end}, now {output.names(made.now)}")
    if made.ranking:
        output.table(
            ("", "person", "nearest duty", "begun before", "begins after"),
            (
                (str(number), c.person, _days(c.distance), _days(c.before), _days(c.after))
                for number, c in enumerate(made.ranking, 1)
            ),
        )
    else:
        output.say("nobody is free")
    if made.busy:
        output.say(f"not: {', '.join(f'{key} ({why})' for key, why in made.busy)}")


def _days(distance: timedelta | None) -> str:
    if distance is None:
        return "none"
    days = f"{distance / _DAY:.1f}".removesuffix(".0")
    return f"{days} day{'' if days == '1' else 's'}"


def _json(roster: Roster, made: Suggestion) -> object:
    def days(distance: timedelta | None) -> float | None:
        return None if distance is None else round(distance / _DAY, 4)

    def one(candidate: Candidate) -> object:
        return {
            "person": candidate.person,
            "distance_days": days(candidate.distance),
            "before_days": days(candidate.before),
            "after_days": days(candidate.after),
        }

    return {
        "roster": roster.name,
        "role": made.role,
        "start": output.iso(made.start, roster.zone),
        "end": output.iso(made.end, roster.zone),
        "now": list(made.now),
        "suggested": made.ranking[0].person if made.ranking else None,
        "ranking": [one(candidate) for candidate in made.ranking],
        "busy": [{"person": key, "why": why} for key, why in made.busy],
    }
