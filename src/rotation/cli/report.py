"""`rotation report`: who has had how much duty, and who should take a shift."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from rotation.cli import output
from rotation.cli.context import (
    Call,
    call_of,
    complain,
    handled,
    in_order,
    leave,
    no_such_role,
    roles_of,
)
from rotation.errors import Exit, Problem, UsageError, Where, at_once
from rotation.roster.load import Span

if TYPE_CHECKING:
    from rotation.model import Window
    from rotation.schedule.loaded import Loaded

_YEAR = timedelta(days=365)


@handled
def report(
    context: typer.Context,
    start: Annotated[
        str | None, typer.Option("--from", help="From when; default 365 days before the end.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="To when; default now.")] = None,
    role: Annotated[str | None, typer.Option(help="Show only this role.")] = None,
    night: Annotated[str, typer.Option(help="What counts as night.")] = "22:00-06:00",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    suggest: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Instead, who should take the shift at that time."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="With --suggest: from WHEN to then, not the whole shift.")
    ] = None,
) -> None:
    """Hours, nights, weekends and public holidays of everybody, against their fair share.

    Exit status 1 when --suggest finds nobody who is free, or a calendar cannot be read.
    """
    call = call_of(context)
    _refuse(
        ("--csv and --json do not go together", as_csv and as_json),
        ("--until goes with --suggest", until is not None and suggest is None),
        ("--from and --to do not go with --suggest", bool(suggest and (start or end))),
        ("--csv does not go with --suggest", bool(suggest and as_csv)),
    )
    if suggest is not None:
        from rotation.cli.report_suggest import suggestions

        leave(Exit.OK if suggestions(call, suggest, until, role, as_json=as_json) else Exit.NO)
    from rotation.cli.render import report as render
    from rotation.report import report as tables_of

    window = _night(night)
    reports = []
    span = _span(call, start, end)
    rosters = call.load_ahead(span)
    unknown: list[object] = []
    for loaded in rosters:
        for problem in loaded.warnings:
            complain(problem, "warning")
        begin, stop = span(loaded.roster.zone)
        if start is None:
            begin = _since_anybody(loaded, begin, stop)
        roles = roles_of(loaded.roster, role)
        for name in sorted(loaded.unknown.intersection(roles)):
            unknown.append(render.unknown_json(loaded.roster, name))
            what = f"nobody can know who had how much duty as {name!r}: see the warning above"
            complain(Problem(what, Where(str(loaded.roster.path)), "see the warning above"))
        if roles := tuple(name for name in roles if name not in loaded.unknown):
            days = _holidays(loaded, begin, stop)
            tables = tables_of(loaded, roles, begin, stop, night=window, holidays=days)
            reports.append((loaded.roster, tables))
    if role is not None and not reports and not unknown:
        raise no_such_role(role, [loaded.roster for loaded in rosters])
    if as_json:
        known = [render.as_json(roster, table) for roster, tables in reports for table in tables]
        output.say_json([*unknown, *known])
    elif as_csv:
        render.say_csv(reports)
    else:
        render.say(reports, call.now)
    leave(Exit.NO if unknown else Exit.OK)


def _refuse(*wrong: tuple[str, bool]) -> None:
    problems = [Problem(what) for what, is_so in wrong if is_so]
    if problems:
        raise UsageError(problems)


def _span(call: Call, start: str | None, end: str | None) -> Span:
    """From when to when: without either the last 365 days; with one that lies ahead, from now on
    to there, or from there on for 365 days."""

    @cache
    def span(zone: ZoneInfo) -> tuple[datetime, datetime]:
        with at_once() as each:
            with each:
                begin = None if start is None else call.when(start, zone)
            with each:
                stop = None if end is None else call.when(end, zone)
        now = call.now.astimezone(UTC).replace(second=0)
        if stop is None:
            stop = now if begin is None or begin < now else begin + _YEAR
        if begin is None:
            begin = now if stop > now else stop - _YEAR
        return in_order(begin, stop, zone)

    return span


def _since_anybody(loaded: Loaded, begin: datetime, stop: datetime) -> datetime:
    """`begin`, or when the first rotation or shift of the roster begins if that is later."""
    from rotation.schedule.turns import blocks

    firsts = [block.begin for block in blocks(loaded.roster.rotations, loaded.roster.zone)]
    firsts += [shift.start for shift in (*loaded.roster.shifts, *loaded.shifts)]
    first = min(firsts, default=begin)
    return first if begin < first < stop else begin


def _holidays(loaded: Loaded, begin: datetime, stop: datetime) -> frozenset[date] | None:
    from rotation.clock.days import NoLibrary, public_holidays

    try:
        return public_holidays(loaded.roster, begin, stop)
    except NoLibrary:
        problem = Problem(
            "the library 'holidays' is not installed: public holidays are left out",
            loaded.roster.holidays_at,
            "pip install 'rotation[holidays]'",
        )
        complain(problem, "warning")
        return None


def _night(text: str) -> Window:
    from rotation.clock.words import parse_window

    window = parse_window(text)
    if window is None or len(window.days) < 7:
        raise UsageError(
            Problem(f"{text!r} is not a span of hours", hint="as in --night 22:00-06:00")
        )
    return window
