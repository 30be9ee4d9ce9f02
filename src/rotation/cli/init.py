"""`rotation init`: from nothing to a roster that `who` answers for."""

from __future__ import annotations

import os
import re
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from rotation import address
from rotation.cli import output
from rotation.cli.context import Call, call_of, complain, handled
from rotation.errors import ApplyError, Problem, RosterError, UsageError, Where, at_once
from rotation.model import Roster
from rotation.roster.parse import parse
from rotation.roster.starter import Newcomer, first_handoff, key_of, starter
from rotation.roster.zone import zone_hint
from rotation.system import DryRun, System

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
_NAMED = re.compile(r"([^<>=]*[^<>=\s])\s*<([^<>]*)>")
_EXAMPLE = "rotation init --person alice=alice@example.com --person bob=bob@example.com"


@handled
def init(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="The file to write. Default: duty.toml in the rosters.")
    ] = None,
    person: Annotated[
        list[str] | None,
        typer.Option(help="KEY=ADDRESS or 'NAME <ADDRESS>', once for each person."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="An IANA name. Default: this host's.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the roster, write nothing.")
    ] = False,
) -> None:
    """Write a commented starter roster: weekly turns for the people that you name.

    Asks for names and addresses on a terminal when no --person is given.
    """
    call = call_of(context)
    path = file or _default(call)
    chosen = timezone or os.environ.get("TZ", "").lstrip(":") or call.system.zone() or "UTC"
    with at_once() as each:
        with each:
            _new(call, path)
        with each:
            if timezone and (hint := zone_hint(timezone)):
                raise UsageError(Problem(f"unknown time zone {timezone!r}", hint=hint))
        with each:
            people, zone = _people(person or []), chosen
            if people:
                _vetted(starter(people, "UTC", call.now.date()), path)
    if not person:
        people = _ask()
        zone = timezone or _ask_zone(chosen)
    text = starter(people, zone, call.now.date())
    # the zone is vetted first, since the start depends on it; then all of the text
    roster = _vetted(text, path)
    schema = files("rotation.roster").joinpath("schema.json")
    text = f"#:schema {schema}\n{starter(people, zone, first_handoff(call.now, roster.zone))}"
    _vetted(text, path)
    system: System = DryRun(call.system) if dry_run else call.system
    try:
        system.make_folder(path.parent)
        system.replace(path, text.encode(), None)
    except ApplyError:
        print(text, end="")  # what was answered is not lost
        raise
    if isinstance(system, DryRun):
        print(text, end="")
        return
    output.say(f"wrote {path}: weekly turns of {', '.join(p.key for p in people)}, in {zone}")
    output.say(f"now try: rotation --rosters {path} who")


def _new(call: Call, path: Path) -> None:
    if call.system.read(path) is not None:
        raise UsageError(
            Problem("there is a roster already", Where(str(path)), "edit it, or name another file")
        )


def _default(call: Call) -> Path:
    return call.rosters if call.rosters.suffix == ".toml" else call.rosters / "duty.toml"


def _ask() -> list[Newcomer]:
    """Names and addresses from a terminal, each looked at when it is given."""
    if not sys.stdin.isatty():
        raise UsageError(Problem("nobody is named", hint=_EXAMPLE))
    print("Who takes turns, in which order? The first has this week. An empty name ends the list.")
    people: list[Newcomer] = []
    while name := _answer("name (like Alice Jones): "):
        offered = None
        if (named := _NAMED.fullmatch(name)) is not None:
            name, offered = named[1].strip(), named[2].strip()
        taken = {person.key for person in people}
        if not name.isprintable() or "@" in name or not any(char.isalnum() for char in name):
            hint = "the name first, as in Alice Jones; the address is asked for next"
            complain(Problem(f"{name!r} is not a name", hint=hint))
            continue
        email = None
        while email is None and (given := offered or _answer(f"mail address of {name}: ")):
            offered = None
            if fault := address.fault(given):
                complain(Problem(f"address {given!r} {fault[0]}", hint=fault[1]))
            else:
                email = given
        if email is None:
            print(f"without an address {name} is left out")
            continue
        person = _newcomer(name, email, taken)
        print(f"  {person.key} is what the roster and the commands call them")
        if "@" in email and "." not in email.rpartition("@")[2]:
            print(f"  {email}: is that a host of yours? its domain has no dot")
        people.append(person)
    if not people:
        raise UsageError(Problem("nobody is named", hint=_EXAMPLE))
    return people


def _ask_zone(default: str) -> str:
    while True:
        zone = _answer(f"time zone [{default}]: ") or default
        if (hint := zone_hint(zone)) is None:
            return zone
        complain(Problem(f"unknown time zone {zone!r}", hint=hint))
        if zone == default:
            default = "UTC"


def _answer(question: str) -> str:
    """One line that was typed; at the end of the input, as if it were empty."""
    try:
        return input(question).strip()
    except EOFError:
        print()
        return ""


def _newcomer(name: str, email: str, taken: set[str]) -> Newcomer:
    """Somebody by name; one short word will do as the key as it is."""
    if _KEY.fullmatch(name) and name not in taken:
        return Newcomer(name, email)
    return Newcomer(key_of(name, taken), email, name)


def _people(entries: list[str]) -> list[Newcomer]:
    people: dict[str, Newcomer] = {}
    problems = []
    for entry in entries:
        named = _NAMED.fullmatch(entry.strip())
        if named is not None:
            person = _newcomer(named[1].strip(), named[2].strip(), set(people))
        else:
            key, equals, email = (part.strip() for part in entry.partition("="))
            if not equals or not key or not email:
                what = f"{entry!r} is neither KEY=ADDRESS nor NAME <ADDRESS>"
                problems.append(Problem(what, hint=_EXAMPLE))
            elif key in people:
                problems.append(Problem(f"{key!r} is named twice", hint="each person once"))
            person = Newcomer(key, email)
        if person.email and (fault := address.fault(person.email)):
            problems.append(Problem(f"address {person.email!r} {fault[0]}", hint=fault[1]))
        people[person.key] = person
    if problems:
        raise UsageError(problems)
    return list(people.values())


def _vetted(text: str, path: Path) -> Roster:
    try:
        return parse(text.encode(), path)
    except RosterError as error:
        # there is no file yet that a line number could point to
        raise UsageError(Problem(p.what, hint=p.hint) for p in error.problems) from None
