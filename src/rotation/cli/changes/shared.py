"""What the commands that change the plan have in common: choose, show, ask, write."""

from __future__ import annotations

import os
import pwd
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from rotation.changes.book import Book, Change, Stamp
from rotation.changes.effects import effects
from rotation.changes.moved import movable, moved
from rotation.cli import output
from rotation.cli.context import Call, complain, leave
from rotation.cli.render import rehearsal
from rotation.clock.local import minute
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Exit, Problem, UsageError, Where, printable
from rotation.roster.load import Page, Span, folders, load, read_files
from rotation.system import DryRun, File, System

AHEAD, BEHIND = timedelta(days=400), timedelta(days=60)
"""How far a calendar is read for a change: duties to come, and those that have begun."""
SHOWN = 24
"""How many duties that change hands are listed."""

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Show what would be written, write nothing.")]
By = Annotated[
    str | None, typer.Option(help="Who makes the change. Default: $SUDO_USER, then the login name.")
]
Anyway = Annotated[
    bool,
    typer.Option("--anyway", help="Even if they are away then, or would have too little rest."),
]
Role = Annotated[str | None, typer.Option(help="Of this role; needed where there are several.")]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a change is made: as typed."""

    yes: Yes = False
    dry_run: Dry = False
    by: By = None


def around(call: Call) -> Span:
    """From when to when a calendar is read for a change."""
    return lambda zone: (call.now - BEHIND, call.now + AHEAD)


def pages(call: Call) -> list[Page]:
    """Every roster that can be read, as far as changes need it. Raises RosterError for none."""
    span = around(call)
    return list(call.readable(load(call.system, call.fetch, call.rosters, span, call.now)))


def with_people(*people: str) -> Callable[[list[Page]], Page]:
    """Chooses the roster that has all of these people. Raises UsageError where there is not one."""

    def choose(pages: list[Page]) -> Page:
        if len(pages) == 1:
            return pages[0]
        able = [p for p in pages if all(key in p.loaded.roster.people for key in people)]
        if len(able) == 1:
            return able[0]
        names = " and ".join(dict.fromkeys(people))
        if able:
            listed = ", ".join(page.loaded.roster.name for page in able)
            raise UsageError(
                Problem(
                    f"{names}: more than one roster has them ({listed})",
                    hint=f"say which: rotation --rosters {able[0].loaded.roster.path} ...",
                )
            )
        where = []
        for key in dict.fromkeys(people):
            rosters = [p.loaded.roster.name for p in pages if key in p.loaded.roster.people]
            where.append(f"{key} is in {', '.join(rosters) or 'no roster'}")
        raise UsageError(
            Problem(f"no roster has {names}", hint="; ".join(where) + "; duties stay in one roster")
        )

    return choose


def carry_out(
    call: Call,
    choose: Callable[[list[Page]], Page],
    make: Callable[[Book, Stamp], Change],
    manner: Manner,
    *,
    answer: Callable[[Change], object] | None = None,
) -> tuple[System, Change]:
    """Choose the roster, show the change (or what `answer` makes of it, as JSON), ask, and write
    it; gives the host that it was written on, or the dry run of it."""
    call.now = minute(call.now)  # nobody plans in seconds
    stamp = Stamp(_who(manner.by), call.now)
    system: System = DryRun(call.system) if manner.dry_run else call.system
    # whoever is asked may take their time: nobody else waits for that
    with locked(call) if manner.yes else nullcontext():
        page = choose(pages(call))
        for problem in page.loaded.warnings:
            complain(problem, "warning")
        change = make(_book(page), stamp)
        show(change, call.now, answer)
        if manner.yes or manner.dry_run:
            write(system, page.loaded.roster.path, change, quiet=answer is not None)
    if not manner.yes and not manner.dry_run:
        can_ask = sys.stdin.isatty() and movable(change, call.now)
        if can_ask and typer.confirm("Move what was agreed on with the turns?", err=True):
            change = moved(change, call.now)
            show(change, call.now, answer)
        ask()
        with locked(call):
            write(system, page.loaded.roster.path, change, quiet=answer is not None)
    if isinstance(system, DryRun) and answer is None:
        rehearsal.show(system.actions)
    return system, change


def _book(page: Page) -> Book:
    dated = page.overrides
    return Book(page.loaded, page.roster.data, dated.data if dated else None)


@contextmanager
def locked(call: Call) -> Iterator[None]:
    """Be the only run that changes these rosters."""
    with call.system.lock(*folders(call.system, call.rosters)):
        yield


def _who(by: str | None) -> str:
    name = by if by is not None else os.environ.get("SUDO_USER") or _login()
    if not name.strip() or not name.isprintable():
        raise UsageError(
            Problem(f"'{printable(name)}' is not a name", hint="--by NAME, on one line")
        )
    return name.strip()


def _login() -> str:
    try:
        return os.getlogin()
    except OSError:  # no terminal
        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return str(os.getuid())


def show(change: Change, now: datetime, answer: Callable[[Change], object] | None = None) -> None:
    """Say what changes hands, in words or as JSON, and what else somebody should know."""
    if answer is None:
        _tell(change, now)
    else:
        output.say_json(answer(change))
    sys.stdout.flush()
    for problem in effects(change, now):
        complain(problem, "warning")


def _tell(change: Change, now: datetime) -> None:
    zone, roster = change.after.roster.zone, change.book.roster
    hands = change.hands
    nothing = "" if hands else ": no duty changes hands"
    if unknown := sorted(change.book.loaded.unknown | change.after.unknown):
        nothing += f"; nobody can know who has {', '.join(unknown)}, a calendar cannot be read"
    output.say(f"{roster.name}: {change.what}{nothing}")
    for note in change.notes:
        output.say(f"  {note}")
    if hands:
        output.table(
            ("role", "from", "to", "now", "then"),
            [
                (
                    handed.role,
                    output.moment(handed.start, zone, now, named=True),
                    output.moment(handed.end, zone, now, named=True),
                    output.names(handed.before),
                    output.names(handed.after),
                )
                for handed in hands[:SHOWN]
            ],
            [number for number, handed in enumerate(hands[:SHOWN]) if not handed.after],
        )
    if len(hands) > SHOWN:
        last = output.moment(hands[-1].start, zone, now, named=True)
        output.say(f"  and {len(hands) - SHOWN} more, the last from {last}")


def ask() -> None:
    """Ask whether to write; end the command if not. Raises UsageError without a terminal."""
    if not sys.stdin.isatty():
        raise UsageError(
            Problem(
                "nothing was written: there is no terminal to ask on",
                hint="add --yes, or --dry-run to see it only",
            )
        )
    if not typer.confirm("Write this?", err=True):
        print("nothing was written", file=sys.stderr)
        leave(Exit.NO)


def write(system: System, path: Path, change: Change, *, quiet: bool = False) -> None:
    """Put the new texts of the roster at `path` in their place, and say so unless `quiet`.

    Raises ApplyError where somebody has changed the files.
    """
    roster, overrides = read_files(system, path)
    was = change.book
    now = (roster.data, overrides.data if overrides else None)
    if now != (was.roster_text, was.overrides_text):
        raise ApplyError(
            Problem("somebody has changed the roster meanwhile", Where(str(path)), "try again")
        )
    written: list[Path] = []
    for file, before, text in (
        (path, roster, change.roster_text),
        (change.book.roster.overrides_file, overrides, change.overrides_text),
    ):
        if text is not None:
            mode = None if before else _mode(system, file, roster)
            system.replace(file, text, before, mode=mode, shared=True)
            written.append(file)
    if not isinstance(system, DryRun) and not quiet:
        output.say(f"wrote {', '.join(map(str, written))}{_take_back(change)}")


def _mode(system: System, overrides: Path, roster: File) -> int:
    """The mode of a new overrides file: for the same eyes as the roster, and for a group to write
    where its folder is."""
    mode = stat.S_IMODE(roster.attributes.st_mode)
    folder = system.status(overrides.parent)
    return mode | 0o060 if folder is not None and folder.st_mode & stat.S_IWGRP else mode


def _take_back(change: Change) -> str:
    return f"; to take it back: rotation undo {change.id}" if change.id else ""
