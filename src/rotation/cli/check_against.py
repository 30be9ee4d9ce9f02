"""`rotation check --against`: what changes hands between two versions of a roster."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from rotation.cli import output
from rotation.cli.context import Call, complain
from rotation.dataclasses import replace
from rotation.errors import Problem, RosterError, UsageError, Where
from rotation.roster.load import Span, load, with_calendars
from rotation.roster.parse import parse
from rotation.schedule.difference import difference
from rotation.schedule.loaded import Loaded

_STDIN = "-"


def compare(call: Call, old: str, at: str | None, ahead: timedelta) -> bool:
    """Print every shift that changes hands in the time ahead; whether there is any, or a roster
    that has no other version.

    Raises RosterError for either version, and UsageError where the two cannot be paired.
    """

    span = call.ahead(at, ahead)
    new = load(call.system, call.fetch, call.rosters, span, call.now).whole()
    rows: list[tuple[str, ...]] = []
    pairs, alone = _pairs(call, old, new, span)
    for before, after in pairs:
        roster = after.roster
        start, end = span(roster.zone)
        for warning in (*before.warnings, *after.warnings):
            complain(warning, "warning")
        for role in dict.fromkeys((*after.roster.roles, *before.roster.roles)):
            schedules = before.known_schedule(role), after.known_schedule(role)
            for change in difference(*schedules, start, end):
                rows.append(
                    (
                        roster.name,
                        role,
                        output.moment(change.start, roster.zone, call.now, named=True),
                        output.moment(change.end, roster.zone, call.now, named=True),
                        output.names(change.before),
                        "->",
                        output.names(change.after),
                    )
                )
    if rows:
        output.table(("roster", "role", "from", "to", "before", "", "after"), rows)
    elif not alone:
        output.say(f"no shift changes hands in the next {ahead.days // 7} weeks")
    return bool(rows or alone)


def _pairs(
    call: Call, old: str, new: list[Loaded], span: Span
) -> tuple[list[tuple[Loaded, Loaded]], bool]:
    """The two versions of each roster, and whether there is one of only one version, which is
    told: then something may change hands that no pair shows."""
    if old == _STDIN or call.system.names(Path(old)) is None:
        if len(new) != 1:
            raise UsageError(
                Problem(
                    f"{old} is one roster, but there are {len(new)} now",
                    hint="name the one: rotation --rosters FILE check --against OLD",
                )
            )
        (after,) = new
        if old == _STDIN:
            return [(_from_stdin(call, after, span), after)], False
        (single,) = load(call.system, call.fetch, Path(old), span, call.now).whole()
        return [(single, after)], False
    before = load(call.system, call.fetch, Path(old), span, call.now).whole()
    olds = {loaded.roster.name: loaded for loaded in before}
    names = {loaded.roster.name for loaded in new}
    # who names one roster asks of no other
    asked = names if call.system.names(call.rosters) is None else names | olds.keys()
    alone = sorted(asked - (names & olds.keys()))
    for name in alone:
        where = "now" if name in names else f"in {old}"
        complain(Problem(f"the roster {name!r} exists only {where}: not compared"), "warning")
    pairs = [(olds[page.roster.name], page) for page in new if page.roster.name in olds]
    return pairs, bool(alone)


def _from_stdin(call: Call, after: Loaded, span: Span) -> Loaded:
    """The roster on standard input, with the present overrides and the present calendars."""
    path, data = after.roster.path, sys.stdin.buffer.read()
    overrides = after.roster.overrides_file
    file = call.system.read(overrides)
    try:
        roster = parse(data, Path(_STDIN), file.data if file else None)
    except RosterError:
        roster = parse(data, Path(_STDIN))  # raises what is wrong with the roster itself
        what = "the present overrides do not fit the old roster: it is compared without them"
        complain(Problem(what, Where(str(overrides))), "warning")
    roster = replace(
        roster, path=path, name=after.roster.name, overrides_at=after.roster.overrides_at
    )
    return with_calendars(call.system, call.fetch, roster, span, call.now)
