"""Every recipe of docs/recipes.md is a roster that says what the page says; `check` is quiet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from rotation.roster.parse import parse
from tests.cli.sample import call

PAGE = (Path(__file__).parents[1] / "docs" / "recipes.md").read_text()
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ANSWER = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d)  (.+)")


@dataclass(frozen=True)
class Recipe:
    """A heading, the roster below it, other files by name, and lines of who is on duty when."""

    title: str
    roster: str
    calendar: str
    answers: tuple[tuple[str, str], ...]


def recipes() -> list[Recipe]:
    """The sections of the page that have a roster."""
    made = []
    for section in PAGE.split("\n## ")[1:]:
        blocks = BLOCK.findall(section)
        rosters = [text for kind, text in blocks if kind == "toml"]
        if not rosters:
            continue
        (roster,) = rosters
        plain = [text for kind, text in blocks if not kind]
        calendar = next((text for text in plain if text.startswith("BEGIN:")), "")
        answers = tuple(
            (match[1], match[2])
            for text in plain
            for line in text.splitlines()
            if (match := ANSWER.fullmatch(line))
        )
        made.append(Recipe(section.partition("\n")[0], roster, calendar, answers))
    return made


RECIPES = recipes()


def test_the_page_has_what_people_ask_for() -> None:
    assert len(RECIPES) == 12
    assert all(recipe.answers for recipe in RECIPES)


@pytest.mark.parametrize("recipe", RECIPES, ids=[recipe.title for recipe in RECIPES])
def test_it_says_what_the_page_says(recipe: Recipe, tmp_path: Path) -> None:
    path = tmp_path / "duty.toml"
    path.write_text(recipe.roster)
    if recipe.calendar:
        (tmp_path / "leave.ics").write_text(recipe.calendar)
    roster = parse(path.read_bytes(), path)
    for at, answer in recipe.answers:
        roles = dict(re.findall(r"(\w+): (\w+(?: \w+)*)(?:  +|$)", answer))
        assert roles.keys() <= set(roster.roles)
        for role, people in roles.items():
            done = call(path, "who", "--at", at.replace(" ", "T"), "--role", role)
            assert done.exit_code == 0, (at, done.output)
            said = re.match(rf"duty {role}: (.*?), since|duty: (.*?), since", done.stdout)
            assert said is not None, done.stdout
            named = set(re.split(r", | and ", said[1] or said[2]))
            assert named == set(people.split()), (at, done.stdout)


@pytest.mark.parametrize("recipe", RECIPES, ids=[recipe.title for recipe in RECIPES])
def test_check_has_nothing_to_say(recipe: Recipe, tmp_path: Path) -> None:
    path = tmp_path / "duty.toml"
    # whether this host has an aliases file is not the recipe's affair
    text = re.sub(r'aliases = .*\nname    = "(.*)"', r'include = "\1"', recipe.roster)
    path.write_text(text)
    if recipe.calendar:
        (tmp_path / "leave.ics").write_text(recipe.calendar)
    done = call(path, "check")
    assert (done.exit_code, done.stdout) == (0, "")
