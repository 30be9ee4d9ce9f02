"""Rosters to check, as text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.host.real import Host
from rotation.roster.parse import overrides_path

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # a Tuesday


def roster_text(
    *rest: str, people: int = 5, zone: str = "Europe/London", fallback: bool = True
) -> str:
    """A roster of p0, p1, ... with the rest of its text; [people] is line 3."""
    listed = "".join(f'p{n} = "p{n}@example.com"\n' for n in range(people))
    last = 'fallback = ["managers@example.com"]' if fallback else "# no fallback"
    return f'timezone = "{zone}"\n{last}\n[people]\n{listed}' + "".join(rest)


def rotation(
    *people: int,
    every: str = "1 week",
    name: str = "weekly",
    start: str = "2026-01-05",
    **more: str,
) -> str:
    """A block of eight lines at most; `more` are keys with their values as TOML."""
    keys = ", ".join(f'"p{n}"' for n in people or range(5))
    lines = [f'name = "{name}"', f"people = [{keys}]", f'every = "{every}"', f"start = {start}"]
    lines += [f"{key} = {value}" for key, value in more.items()]
    return "[[rotation]]\n" + "".join(f"{line}\n" for line in lines)


def override(start: str, end: str, out: str = "", coming: str = "", **more: str) -> str:
    """An override; its text has one line for each thing said."""
    lines = [f"start = {start}", f"end = {end}"]
    lines += [f'out = "{out}"'] if out else []
    lines += [f'in = "{coming}"'] if coming else []
    lines += [f'{key} = "{value}"' for key, value in more.items()]
    return "[[override]]\n" + "".join(f"{line}\n" for line in lines)


def absence(person: str, start: str, end: str) -> str:
    """An absence of four lines."""
    return f'[[absence]]\nperson = "{person}"\nstart = {start}\nend = {end}\n'


def write_roster(folder: Path, roster: str, exceptions: str = "", name: str = "team") -> Path:
    """The files of a roster in a folder."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(roster)
    if exceptions:
        overrides_path(path).write_text(exceptions)
    return path


def run(rosters: Path, *arguments: str, now: datetime = NOW, stdin: bytes | None = None) -> Any:
    """A command, at an instant."""
    made = Call(rosters=rosters, now=now, system=Host(rosters.parent / "state"))
    return CliRunner().invoke(app, list(arguments), obj=made, input=stdin)
