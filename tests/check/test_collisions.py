"""Two rosters that want one place to hold something: what they are told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rotation.check.targets import collisions
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
REAL = {Path("/etc/aliases"): Path("/etc/aliases")}


def team(name: str, bounced: str | None, who: str = "alice") -> Loaded:
    """A roster whose one target goes to the person `who`, and who else is mailed what bounces."""
    rotations = "".join(
        f'[[rotation]]\nname = "{role}"\nrole = "{role}"\npeople = ["{person}"]\n'
        'every = "1 week"\nstart = 2026-01-05\n'
        for role, person in (("duty", who), ("second", "bob"), ("third", "carol"))
    )
    text = (
        'timezone = "UTC"\n[people]\nalice = "alice@example.com"\nbob = "bob@example.com"\n'
        f'carol = "carol@example.com"\n{rotations}'
        '[[target]]\naliases = "/etc/aliases"\nname = "duty"\n'
    )
    if bounced:
        text += f'bounced = "{bounced}"\n'
    return Loaded(parse(text.encode(), Path(f"{name}.toml")))


def told(*teams: Loaded) -> list[tuple[str, str]]:
    """Which roster is told of what, in short."""
    words = {"once mail bounces": "bounced", "different people from": "people"}
    return [
        (loaded.roster.path.stem, next(short for text, short in words.items() if text in said))
        for loaded, finding in collisions(teams, REAL, NOW)
        if (said := " ".join(str(finding.problem.what).split()))
    ]


@pytest.mark.parametrize("bounced", [None, "second"])
def test_those_who_want_the_same_are_told_nothing(bounced: str | None) -> None:
    assert told(team("one", bounced), team("two", bounced)) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [("second", "third"), ("third", "second"), (None, "second"), ("second", None)],
)
def test_both_are_told_where_what_bounces_goes_to_different_people(
    first: str | None, second: str | None
) -> None:
    both = [("one", "bounced"), ("two", "bounced")]
    assert told(team("one", first), team("two", second)) == both


def test_different_people_are_told_once_for_each_roster() -> None:
    both = [("one", "people"), ("two", "people")]
    assert told(team("one", None), team("two", "second", "carol")) == both
