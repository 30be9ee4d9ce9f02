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

    rosters = call.load_ahead(span)
    suggested = []
    for loaded in rosters:
        for problem in loaded.warnings:
            complain(problem, "warning")
        wanted = role or (DUTY if DUTY in loaded.roster.roles else loaded.roster.roles[0])
        for name in sorted(loaded.unknown - {wanted}):
            what = f"who has the role {name!r} then is not known: its calendar cannot be read"
            complain(Problem(what, Where(str(loaded.roster.path))), "warning")
        for name in roles_of(loaded.roster, wanted):
            start, end = _slot(call, loaded, name, when, until)
            suggested.append((loaded.roster, suggest(loaded, name, start, end)))
    if role is not None and not suggested:
        raise no_such_role(role, [loaded.roster for loaded in rosters])
    if as_json:
        output.say_json([_json(roster, suggestion) for roster, suggestion in suggested])
    else:
        for number, (roster, suggestion) in enumerate(suggested):
            if number:
                output.say()
            _say(roster, suggestion, call.now)
    return all(suggestion.ranking for _, suggestion in suggested)


def _slot(
    call: Call, loaded: Loaded, role: str, when: str, until: str | None
) -> tuple[datetime, datetime]:
    """The shift or gap at WHEN, what is over of it left out; or from WHEN to `until`."""
    zone = loaded.roster.zone
    at, now = call.when(when, zone), call.now.astimezone(UTC).replace(second=0)
    if until is not None:
        end = call.when(until, zone)
        if end <= at:
            what = f"--until is not after {when!r}: {output.iso(end, zone)}"
            raise UsageError(Problem(what, hint="are the two the wrong way round?"))
        return at, end
    shift = loaded.known_schedule(role).at(at)
    if shift.end is None:
        raise UsageError(
            Problem(
                f"nothing ends the {'shift' if shift.people else 'gap'} at "
                f"{output.moment(at, zone, call.now, named=True)} in {loaded.roster.name} {role}",
                hint=f"say to when: --suggest {when!r} --until WHEN",
            )
        )
    start = at if shift.start is None else shift.start
    return (max(start, now) if now < shift.end else start), shift.end


def _say(roster: Roster, suggestion: Suggestion, now: datetime) -> None:
    start, end = (
        output.moment(at, roster.zone, now, named=True) for at in (suggestion.start, suggestion.end)
    )
    output.say(
        f"{roster.name} {suggestion.role}: {start} to {end}, now {output.names(suggestion.now)}"
    )
    if suggestion.ranking:
        output.table(
            ("", "person", "nearest duty", "begun before", "begins after"),
            (
                (str(number), c.person, _days(c.distance), _days(c.before), _days(c.after))
                for number, c in enumerate(suggestion.ranking, 1)
            ),
        )
    else:
        output.say("nobody is free")
    if suggestion.busy:
        output.say(f"not: {', '.join(f'{key} ({why})' for key, why in suggestion.busy)}")


def _days(distance: timedelta | None) -> str:
    if distance is None:
        return "none"
    days = f"{distance / _DAY:.1f}".removesuffix(".0")
    return f"{days} day{'' if days == '1' else 's'}"


def _json(roster: Roster, suggestion: Suggestion) -> object:
    def days(distance: timedelta | None) -> float | None:
        return None if distance is None else round(distance / _DAY, 4)

    def ranked(candidate: Candidate) -> object:
        return {
            "person": candidate.person,
            "distance_days": days(candidate.distance),
            "before_days": days(candidate.before),
            "after_days": days(candidate.after),
        }

    return {
        "roster": roster.name,
        "role": suggestion.role,
        "start": output.iso(suggestion.start, roster.zone),
        "end": output.iso(suggestion.end, roster.zone),
        "now": list(suggestion.now),
        "suggested": suggestion.ranking[0].person if suggestion.ranking else None,
        "ranking": [ranked(candidate) for candidate in suggestion.ranking],
        "busy": [{"person": key, "why": why} for key, why in suggestion.busy],
    }
