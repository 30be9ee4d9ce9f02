"""`rotation import`: the schedule of another program, or a table of shifts, as a roster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from rotation.cli import output
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.clock.words import parse_minutes
from rotation.errors import Exit, Problem, RosterError, UsageError, Where
from rotation.imports.draft import Draft, People, overrides_of, text_of
from rotation.imports.read import ImportFile, given_addresses, read
from rotation.model import Roster
from rotation.roster.load import with_calendars
from rotation.roster.parse import overrides_path, parse
from rotation.roster.starter import Newcomer, person_line
from rotation.roster.zone import zone_hint
from rotation.schedule.difference import difference

_COMPARED = timedelta(days=92)


@handled
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="JSON or CSV; JSON can be in several files.")],
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the roster there, not to stdout.")
    ] = None,
    schedule: Annotated[
        str | None, typer.Option(help="Which one, if the files have several.")
    ] = None,
    person: Annotated[
        list[str] | None, typer.Option(help="NAME=ADDRESS, for people of whom the files have none.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Of the times in a table. Default: this host's.")
    ] = None,
    handoff: Annotated[
        str, typer.Option(help="The time that a bare date in a table means.")
    ] = "00:00",
    feed: Annotated[
        str | None, typer.Option(help="The old iCalendar (file or address), to compare with.")
    ] = None,
) -> None:
    """Turn another program's rules into a roster, or a table of shifts into dated shifts.

    Reads Opsgenie's configuration backup, a schedule from the API of Opsgenie, PagerDuty or
    GoAlert, or CSV with start, end and person. Prints the roster; warnings, and comments at its
    top, say what could not be carried over. With --feed, exit status 1 if the next three months
    differ.
    """
    call = call_of(context)
    people = People(given_addresses(person or []))
    name = timezone or call.system.zone() or "UTC"
    if (hint := zone_hint(name)) is not None:
        raise UsageError(Problem(f"unknown time zone {name!r}", hint=hint))
    draft = read(
        [ImportFile(str(path), _data(call, path)) for path in files],
        people,
        call.now,
        schedule=schedule,
        zone=ZoneInfo(name),
        handoff=_handoff(handoff),
    )
    if problems := people.problems():
        raise UsageError(problems)
    text = text_of(draft, people.all, ", ".join(path.name for path in files))
    overrides = overrides_of(draft)
    roster = _vetted(text, overrides, file or Path("imported.toml"))
    _say(draft)
    if file is None:
        print(text, end="")
        if overrides:
            complain(_note(f"{len(draft.overrides)} overrides belong in a file beside it", "-o"))
    else:
        _write(call, file, text, overrides)
        output.say(f"wrote {file}: {_counted(draft, people.all)}")
        output.say(f"now try: rotation --rosters {file} check")
    if feed is not None and not _same(call, roster, people.all, feed):
        leave(Exit.NO)


def _data(call: Call, path: Path) -> bytes:
    read_file = call.system.read(path)
    if read_file is None:
        raise UsageError(Problem("there is no such file", Where(str(path))))
    return read_file.data


def _handoff(text: str) -> time:
    minutes = parse_minutes(text)
    if minutes is None or minutes == 1440:
        raise UsageError(Problem(f"--handoff {text!r} is not a time of day", hint="as in 09:00"))
    return time(minutes // 60, minutes % 60)


def _vetted(text: str, overrides: str, path: Path) -> Roster:
    try:
        return parse(text.encode(), path, overrides.encode() if overrides else None)
    except RosterError as error:
        # there is no file yet that a line number could point to
        raise UsageError(Problem(p.what, hint=p.hint) for p in error.problems) from None


def _say(draft: Draft) -> None:
    for line in draft.left:
        complain(Problem(f"not carried over: {line}"), "warning")
    for line in draft.odd:
        complain(Problem(line), "warning")


def _note(what: str, option: str) -> Problem:
    return Problem(f"{what}, which {option} FILE writes too")


def _counted(draft: Draft, people: list[Newcomer]) -> str:
    counts = (len(people), "people"), (len(draft.rotations), "rotations")
    more = (len(draft.shifts), "dated shifts"), (len(draft.overrides), "overrides")
    return ", ".join(f"{count} {what}" for count, what in (*counts, *more) if count)


def _write(call: Call, file: Path, text: str, overrides: str) -> None:
    beside = overrides_path(file)
    for path in (file, beside):
        if call.system.read(path) is not None:
            raise UsageError(Problem("is there already", Where(str(path)), "name another file"))
    call.system.make_folder(file.parent)
    if overrides:
        call.system.replace(beside, overrides.encode(), None)
    call.system.replace(file, text.encode(), None)


def _same(call: Call, roster: Roster, people: list[Newcomer], feed: str) -> bool:
    """Whether the old calendar has the same people on duty; what differs is printed."""
    start, end = call.now, call.now + _COMPARED

    def span(_zone: ZoneInfo) -> tuple[datetime, datetime]:
        return start, end

    calendar = '"' + feed.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = "\n".join(
        [
            f'timezone = "{roster.zone.key}"',
            "[people]",
            *(person_line(person, 0) for person in people),
            f'[[rotation]]\nname = "feed"\ncalendar = {calendar}\n',
        ]
    )
    old = with_calendars(
        call.system, call.fetch, _vetted(text, "", Path("feed.toml").absolute()), span, call.now
    )
    for warning in old.warnings:
        complain(warning, "warning")
    if old.unknown:
        raise UsageError(Problem("the old calendar could not be read", Where(feed)))
    new = with_calendars(call.system, call.fetch, roster, span, call.now)
    ends = [shift.end for shift in old.shifts if shift.end <= end]
    # a feed is often short: what it does not reach says nothing
    stop = max(ends, default=start)
    if stop <= start:
        raise UsageError(Problem("the old calendar has nothing ahead", Where(feed)))
    role = roster.roles[0]
    rows = [
        (*_when(roster, call, change.start, change.end), output.names(change.before), "->",
         output.names(change.after))
        for change in difference(old.known_schedule(role), new.known_schedule(role), start, stop)
    ]  # fmt: skip
    until = output.moment(stop, roster.zone, call.now, named=True)
    if rows:
        output.table(("from", "to", "the old calendar", "", "the roster"), rows)
    else:
        output.say(f"the same as the old calendar until {until}, which is as far as it goes")
    return not rows


def _when(roster: Roster, call: Call, start: datetime, end: datetime) -> Iterator[str]:
    for at in (start, end):
        yield output.moment(at, roster.zone, call.now, named=True)
