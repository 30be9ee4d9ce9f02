"""`rotation export`: the final schedule for calendar programs, or as a folder for a web server."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from rotation.cli import output
from rotation.cli.context import Call, call_of, complain, handled, in_order, no_such_role, roles_of
from rotation.clock.words import parse_duration
from rotation.errors import ApplyError, Problem, UsageError, Where, at_once, meant
from rotation.roster.load import Span, Terms
from rotation.schedule.loaded import Loaded

if TYPE_CHECKING:
    from rotation.export.ledger import RevisedEvent, Revision
    from rotation.export.site.files import SitePlan
    from rotation.system import File

_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%/-]*)?", re.ASCII)
FROM, TO = "-14d", "+365d"
"""The span that is exported unless told otherwise."""


@handled
def export(
    context: typer.Context,
    person: Annotated[str | None, typer.Option(help="Show only the duties of this person.")] = None,
    role: Annotated[str | None, typer.Option(help="Show only this role.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="From when; default two weeks ago.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="To when; default a year ahead.")] = None,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of stdout.")
    ] = None,
    site: Annotated[
        Path | None, typer.Option(help="Fill this folder with a site for a web server.")
    ] = None,
    alarm: Annotated[
        list[str] | None, typer.Option(help="Remind this long before each duty: 1h, 30m, 1d.")
    ] = None,
    every: Annotated[
        str, typer.Option(help="How often cron runs this: an older page says that it is old.")
    ] = "15m",
    url: Annotated[
        str | None,
        typer.Option(help="The site's address on the web, for calendars to subscribe to."),
    ] = None,
) -> None:
    """The final schedule as iCalendar: one event for each shift, for any calendar program.

    Shifts that overlap the span are exported whole. A file that would not change is not touched.
    A site has a page, a calendar for each person and one for all, and the schedule as a table.
    """
    call = call_of(context)
    published = (file, site) != (None, None)  # from cron, mostly
    alarms: list[timedelta] = []
    with at_once() as each:
        for text in alarm or ():
            with each:
                alarms.append(_alarm(text))
        with each:
            if site is not None and (person, role, file) != (None, None, None):
                hint = "leave out --person, --role and --output"
                raise UsageError(Problem("--site always shows everybody", hint=hint))
        with each:
            fresh = _every(every)
        with each:
            url = _url(url)
        with each:
            span = _span(call, start or FROM, end or TO)
            rosters = call.load_ahead(span, Terms(often=published))
            with each:
                _check_names(rosters, person, role)
            for loaded in rosters:
                span(loaded.roster.zone)
    wanted = [(loaded, roles_of(loaded.roster, role)) for loaded in rosters]
    refuse_unknown(wanted)
    if call.unread and published:
        raise UsageError(
            Problem(
                "nothing was published: a roster that cannot be read would lose its duties in it",
                hint="mend it, or export one roster: --rosters FILE",
            )
        )
    if site is not None:
        from rotation.export.site.files import SitePlan

        plan = SitePlan(call.now, fresh, url, alarms)
        _publish(call, site, rosters, span, plan)
        return
    from rotation.export.icalendar import calendar, said  # heavy: the other commands do without

    before: File | None = None
    known: dict[str, Revision] = {}
    if file is not None and str(file) != "-":
        before, known = _before(call, file, said)
    entries = [
        entry
        for loaded, roles in wanted
        for entry in revised(call, loaded, roles, span, known)
        if person is None or person in entry.event.people
    ]
    entries.sort(key=lambda entry: (entry.event.start, entry.event.label, entry.event.uid))
    name = ", ".join(loaded.roster.name for loaded, roles in wanted if roles)
    name += f" {role}" if role is not None else ""
    name += f": {person}" if person is not None else ""
    data = calendar(name, entries, alarms)
    if file is None or str(file) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    elif before is None or before.data != data:
        # with the rights of the folder's owner: a web server's files are often not root's
        call.system.replace_as_owner(file, data, before)


def _publish(
    call: Call,
    folder: Path,
    rosters: list[Loaded],
    span: Span,
    plan: SitePlan,
) -> None:
    from rotation.export.site.files import RosterPart, site
    from rotation.export.site.publish import publish, said

    known = said(call.system, folder)
    parts = [
        RosterPart(
            loaded,
            revised(call, loaded, loaded.roster.roles, span, known),
            _who(call, loaded),
            span(loaded.roster.zone),
        )
        for loaded in rosters
    ]
    publish(call.system, folder, site(parts, plan))


def _who(call: Call, loaded: Loaded) -> list[object]:
    """The answers of `who`, as of when they came to hold: they change no sooner than the duty."""
    answers = []
    for role in loaded.roster.roles:
        schedule = loaded.known_schedule(role)
        shift = schedule.at(call.now)
        since = shift.start or call.when("today", loaded.roster.zone)
        answers.append(output.who_json(loaded.roster, shift, schedule.following(shift), since))
    return answers


def _span(call: Call, start: str, end: str) -> Span:
    """From when to when, as typed: read once in each zone."""

    @cache
    def span(zone: ZoneInfo) -> tuple[datetime, datetime]:
        with at_once() as each:
            with each:
                begin = call.when(start, zone)
            with each:
                stop = call.when(end, zone)
        return in_order(begin, stop, zone)

    return span


def revised(
    call: Call,
    loaded: Loaded,
    roles: tuple[str, ...],
    span: Span,
    known: dict[str, Revision],
) -> list[RevisedEvent]:
    """The entries of a roster; what is odd with their ledger is said on stderr."""
    from rotation.export.revisions import entries

    events, odd = entries(call.system, loaded, roles, span(loaded.roster.zone), call.now, known)
    for problem in odd:
        complain(problem, "warning")
    return events


def refuse_unknown(wanted: list[tuple[Loaded, tuple[str, ...]]]) -> None:
    """Say what is odd in the rosters' calendars.

    Raises ApplyError where one could not be read: whoever got the export would take its duties
    out of their calendar.
    """
    for loaded, roles in wanted:
        for problem in loaded.warnings:
            complain(problem, "warning")
        unknown = sorted(loaded.unknown.intersection(roles))
        if unknown:
            raise ApplyError(
                Problem(
                    f"no export: the calendar of {', '.join(unknown)} could not be read",
                    Where(str(loaded.roster.path)),
                    "mend what the warning above names, or leave that role out with --role",
                )
            )


def _check_names(loaded: list[Loaded], person: str | None, role: str | None) -> None:
    rosters = [page.roster for page in loaded]
    known = dict.fromkeys(key for roster in rosters for key in roster.people)
    with at_once() as each:
        with each:
            if role is not None and not any(role in roster.roles for roster in rosters):
                raise no_such_role(role, rosters)
        with each:
            if person is not None and person not in known:
                raise UsageError(Problem(f"unknown person {person!r}", hint=meant(person, known)))


def _every(text: str) -> timedelta:
    every = parse_duration(text)
    if every is None or not timedelta(minutes=1) <= every <= timedelta(days=1):
        raise UsageError(
            Problem(
                f"--every {text!r} is not a length of time", hint="as in 15m or 1h, a day at most"
            )
        )
    return every


def _url(text: str | None) -> str | None:
    """The address of the site, with a slash at its end."""
    if text is None:
        return None
    if not _URL.fullmatch(text):
        hint = "as in --url https://duty.example.com/"
        raise UsageError(Problem(f"--url {text!r} is not the address of a folder", hint=hint))
    return text if text.endswith("/") else f"{text}/"


def _alarm(text: str) -> timedelta:
    before = parse_duration(text)
    if before is None:
        raise UsageError(
            Problem(f"--alarm {text!r} is not a length of time", hint="as in 30m, 1h or 2d")
        )
    return before


def _before(
    call: Call, file: Path, said: Callable[[bytes], dict[str, Revision]]
) -> tuple[File | None, dict[str, Revision]]:
    """The file that will be replaced, and what it says. Raises ApplyError where it is not ours."""
    before = call.system.read(file)
    try:
        return before, said(before.data) if before else {}
    except ValueError:
        raise ApplyError(
            Problem(
                "is not a calendar that rotation exported, so it is left alone",
                Where(str(file)),
                "remove it first, or name another file",
            )
        ) from None
