"""`rotation init`: from nothing to a roster that `who` answers for."""

from __future__ import annotations

import os
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from rotation.cli import output
from rotation.cli.context import Call, call_of, handled
from rotation.errors import Problem, RosterError, UsageError, Where
from rotation.model import Roster
from rotation.roster.parse import parse
from rotation.roster.starter import first_handoff, starter
from rotation.system import DryRun, System

_EXAMPLE = "rotation init --person alice=alice@example.com --person bob=bob@example.com"


@handled
def init(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="The file to write. Default: duty.toml in the rosters.")
    ] = None,
    person: Annotated[
        list[str] | None, typer.Option(help="KEY=ADDRESS, once for each person.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="An IANA name. Default: this host's.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the roster, write nothing.")
    ] = False,
) -> None:
    """Write a commented starter roster: weekly turns for the people named.

    Asks for names and addresses on a terminal when no --person is given.
    """
    call = call_of(context)
    path = file or _default(call)
    if call.system.read(path) is not None:
        raise UsageError(
            Problem("there is a roster already", Where(str(path)), "edit it, or name another file")
        )
    people = _people(person or _ask())
    zone = timezone or os.environ.get("TZ", "").lstrip(":") or call.system.zone() or "UTC"
    text = starter(people, zone, call.now.date())
    # the zone is vetted first, since the start depends on it; then all of the text
    roster = _vetted(text, path)
    schema = files("rotation.roster").joinpath("schema.json")
    text = f"#:schema {schema}\n{starter(people, zone, first_handoff(call.now, roster.zone))}"
    _vetted(text, path)
    system: System = DryRun(call.system) if dry_run else call.system
    system.make_folder(path.parent)
    system.replace(path, text.encode(), None)
    if isinstance(system, DryRun):
        print(text, end="")
        return
    output.say(f"wrote {path}: weekly turns of {', '.join(people)}, in {zone}")
    output.say(f"now try: rotation --rosters {path} who")


def _default(call: Call) -> Path:
    return call.rosters if call.rosters.suffix == ".toml" else call.rosters / "duty.toml"


def _ask() -> list[str]:
    if not sys.stdin.isatty():
        raise UsageError(Problem("nobody is named", hint=_EXAMPLE))
    answers: list[str] = []
    print("Who takes turns? A short key and an address each; an empty key ends the list.")
    while key := input("key (like alice): ").strip():
        answers.append(f"{key}={input(f'mail address of {key}: ').strip()}")
    if not answers:
        raise UsageError(Problem("nobody is named", hint=_EXAMPLE))
    return answers


def _people(entries: list[str]) -> dict[str, str]:
    people: dict[str, str] = {}
    problems = []
    for entry in entries:
        key, equals, email = entry.partition("=")
        key, email = key.strip(), email.strip()
        if not equals or not key or not email:
            problems.append(Problem(f"{entry!r} is not KEY=ADDRESS", hint=_EXAMPLE))
        elif key in people:
            problems.append(Problem(f"{key!r} is named twice", hint="each person once"))
        people[key] = email
    if problems:
        raise UsageError(problems)
    return people


def _vetted(text: str, path: Path) -> Roster:
    try:
        return parse(text.encode(), path)
    except RosterError as error:
        # there is no file yet that a line number could point to
        raise UsageError(Problem(p.what, hint=p.hint) for p in error.problems) from None
