"""Every command and every key of a roster has its place in README or docs: `make lint` asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from rotation.cli.main import COMMANDS, app
from rotation.errors import RosterError
from rotation.roster.parse import parse

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
HEAD = 'timezone = "UTC"\n[people]\nalice = "alice@example.com"\n'
TURNS = '[[rotation]]\nname = "x"\npeople = ["alice"]\nevery = "1 week"\nstart = 2026-01-05\n'
SPAN = "start = 2026-01-05\nend = 2026-01-06\n"
TABLES = {
    "the roster": f"nosuch = 1\n{HEAD}",
    "[people]": 'timezone = "UTC"\n[people]\nalice = { email = "a@example.com", nosuch = 1 }\n',
    "[[rotation]]": f"{HEAD}{TURNS}nosuch = 1\n",
    "[[rotation]], a calendar": f'{HEAD}[[rotation]]\nname = "x"\ncalendar = "x.ics"\nnosuch = 1\n',
    "[[shift]]": f'{HEAD}[[shift]]\n{SPAN}people = ["alice"]\nnosuch = 1\n',
    "[[absence]]": f'{HEAD}[[absence]]\nperson = "alice"\n{SPAN}nosuch = 1\n',
    "[[absence]], a calendar": f'{HEAD}[[absence]]\ncalendar = "x.ics"\nnosuch = 1\n',
    "[role]": f"{HEAD}{TURNS}[role.duty]\nnosuch = 1\n",
    "[notify]": f"{HEAD}[notify]\nnosuch = 1\n",
    "[[target]], aliases": f'{HEAD}[[target]]\naliases = "/etc/aliases"\nname = "x"\nnosuch = 1\n',
    "[[target]], include": f'{HEAD}[[target]]\ninclude = "/etc/mail/duty"\nnosuch = 1\n',
    "[[target]], forward": f'{HEAD}[[target]]\nforward = "/root/.forward"\nnosuch = 1\n',
}
"""A roster with a key that there is not in each kind of table: the answer names those there are."""
OVERRIDE = f'[[override]]\n{SPAN}in = "alice"\nnosuch = 1\n'


def keys(roster: str, overrides: str = "") -> list[str]:
    """The keys that the loader knows where it found `nosuch`."""
    with pytest.raises(RosterError) as caught:
        parse(roster.encode(), Path("x.toml"), overrides.encode())
    (problem,) = caught.value.problems
    assert problem.hint is not None, problem
    assert problem.hint.startswith("known here: "), problem
    return problem.hint.removeprefix("known here: ").split(", ")


@cache
def pages() -> str:
    return "\n".join(page.read_text("utf-8") for page in PAGES)


def is_documented(key: str) -> bool:
    """Whether some page has the key as code: in backticks, as a table, or in an example."""
    ways = (rf"`{key}( = [^`]*)?`", rf"`\[\[?{key}[\].]", rf"^{key} +=", rf"[`{{,] ?{key} =")
    return re.search("|".join(ways), pages(), re.MULTILINE) is not None


@pytest.mark.parametrize("table", TABLES)
def test_every_key_has_a_page(table: str) -> None:
    assert [key for key in keys(TABLES[table]) if not is_documented(key)] == []


def test_every_key_of_an_override_has_a_page() -> None:
    assert [key for key in keys(HEAD, OVERRIDE) if not is_documented(key)] == []


def commands() -> Iterator[tuple[str, Any]]:
    """Every command and the commands below it, by what one types."""
    group = typer.main.get_command(app)
    context: Any = typer.Context(group)
    for name in COMMANDS:
        command: Any = group.get_command(context, name)  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        yield from ((f"{name} {part}", one) for part, one in below.items())
        if not below:
            yield name, command


@pytest.mark.parametrize(("name", "command"), [pytest.param(n, c, id=n) for n, c in commands()])
def test_every_command_has_a_page_and_a_line_of_help(name: str, command: Any) -> None:
    first, _, part = name.partition(" ")
    assert re.search(rf"\brotation {first}\b", pages())
    assert not part or re.search(rf"`{part}\b|{first} {part}\b", pages())
    assert command.help or command.short_help


def test_every_room_is_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = [path.parent.name for path in (ROOT / "src" / "rotation").glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}/`" not in text] == []


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs" / "decisions"
    text = (folder / "README.md").read_text("utf-8")
    assert [path.name for path in folder.glob("0*.md") if f"({path.name})" not in text] == []
