"""What is made from the declared keys is what stands in the pages and in the package.

`ROTATION_MAKE_PAGES=1` makes them anew.
"""

from __future__ import annotations

import json
import os
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from rotation.roster.dated import OVERRIDES
from rotation.roster.keys import ROSTER
from rotation.roster.pages import BEGIN, END, overview, reference, schema
from rotation.roster.parse import parse
from rotation.toml.table import Table
from tests.cli.sample import ROSTERS, call

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "src/rotation/roster/schema.json"
WHOLE = ROOT / "tests/cases/every-key.toml"
DATED = ROOT / "tests/cases/every-key.overrides.toml"


def made(page: Path, text: str) -> str:
    """The page, with what is made between its marks."""
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}{text}{END}{after}"


@pytest.mark.parametrize("page", ["README.md", "docs/roster.md", "src/rotation/roster/schema.json"])
def test_a_page_is_what_would_be_made(page: str) -> None:
    path = ROOT / page
    if page.endswith(".json"):
        text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    else:
        text = made(path, overview() if page == "README.md" else reference())
    if os.environ.get("ROTATION_MAKE_PAGES"):
        path.write_text(text)
    assert path.read_text() == text, (
        "make it: ROTATION_MAKE_PAGES=1 pytest tests/roster/test_pages.py"
    )


def test_the_loader_takes_every_declared_key_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, set[str]] = {}
    take = Table.take

    def spy(self: Table, key: str) -> object:
        if self._keys is not None:
            taken.setdefault(self._keys.head, set()).add(key)
        return take(self, key)

    monkeypatch.setattr(Table, "take", spy)
    parse(WHOLE.read_bytes(), WHOLE, DATED.read_bytes())
    declared = {keys.head: set(keys.names) for keys in (*ROSTER, *OVERRIDES)}
    assert taken == declared


def plain(value: Any) -> Any:
    """TOML's values as programs that check against a schema see them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else value


def fits(value: Any, rule: dict[str, Any], where: str = "") -> list[str]:
    """What of a value the schema does not allow: as much of JSON Schema as ours has."""
    if "anyOf" in rule:
        faults = [fits(value, one, where) for one in rule["anyOf"]]
        return [] if [] in faults else faults[0]
    kinds: dict[str, Any] = {"string": str, "integer": int, "number": int | float, "boolean": bool}
    kinds |= {"array": list, "object": dict}
    kind = rule.get("type")
    if kind is not None and not isinstance(value, kinds[kind]):
        return [f"{where} is no {kind}"]
    faults_here = []
    if isinstance(value, dict):
        for key, item in value.items():
            inner = rule.get("properties", {}).get(key, rule.get("additionalProperties", {}))
            faults_here += (
                [f"{where}.{key}"] if inner is False else fits(item, inner, f"{where}.{key}")
            )
        faults_here += [f"no {key}" for key in rule.get("required", ()) if key not in value]
    if isinstance(value, list):
        faults_here += [f for item in value for f in fits(item, rule.get("items", {}), where)]
    if "enum" in rule and value not in rule["enum"]:
        faults_here.append(f"{where} is {value!r}")
    return faults_here


@pytest.mark.parametrize(
    "roster", [WHOLE, *(p for p in ROSTERS.glob("*.toml") if "overrides" not in p.name)],
    ids=lambda path: path.stem,
)  # fmt: skip
def test_the_schema_allows_what_the_loader_reads(roster: Path) -> None:
    assert fits(plain(tomllib.loads(roster.read_text())), schema()) == []


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    text = plain(tomllib.loads(WHOLE.read_text()))
    text["rotation"][0]["evry"] = "1 week"
    text["target"][0]["server"] = "qmail"
    assert fits(text, schema()) == [".rotation.evry", ".target.server is 'qmail'"]


def test_the_command_prints_it(tmp_path: Path) -> None:
    done = call(tmp_path, "schema")
    assert (done.exit_code, json.loads(done.stdout)) == (0, json.loads(SCHEMA.read_text()))


def test_a_starter_roster_names_it(tmp_path: Path) -> None:
    roster = tmp_path / "duty.toml"
    done = call(roster, "init", "--person", "alice=alice@example.com", "--timezone", "UTC")
    assert done.exit_code == 0, done.stderr
    first = roster.read_text().splitlines()[0]
    assert first.startswith("#:schema ")
    assert json.loads(Path(first.removeprefix("#:schema ")).read_text()) == schema()
