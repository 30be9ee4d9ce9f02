"""What other schedulers do, gathered as data: asked of the engine and of the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from rotation.cli.main import app
from rotation.errors import Exit, RosterError
from rotation.roster.parse import overrides_path, parse
from rotation.schedule.final import Schedule
from tests.schedule.translate import (
    NOT_EXPRESSIBLE,
    REPORTED,
    Case,
    Files,
    all_cases,
    expressible,
    rejected,
    translate,
)

Piece = tuple[datetime, datetime, frozenset[str]]
Extent = tuple[datetime | None, datetime | None]
ROSTER = Path("/etc/rotation/team.toml")


class Engine:
    """Questions to the engine."""

    def __init__(self, files: Files, folder: Path) -> None:
        roster = parse(files.roster.encode(), ROSTER, files.overrides.encode())
        (role,) = roster.roles
        self.schedule = Schedule(roster, role)

    def who(self, at: datetime) -> frozenset[str]:
        return frozenset(self.schedule.at(at).people)

    def extent(self, at: datetime) -> Extent:
        shift = self.schedule.at(at)
        return shift.start, shift.end

    def following(self, at: datetime) -> tuple[datetime | None, frozenset[str]] | None:
        shift = self.schedule.following(self.schedule.at(at))
        return None if shift is None else (shift.start, frozenset(shift.people))

    def timeline(self, begin: datetime, end: datetime) -> list[Piece]:
        found = []
        for shift in self.schedule.between(begin, end):
            assert shift.start is not None
            assert shift.end is not None
            found.append((shift.start, shift.end, frozenset(shift.people)))
        return found


class CommandLine:
    """The same questions to `rotation who` and `rotation schedule`."""

    def __init__(self, files: Files, folder: Path) -> None:
        self.path = folder / "team.toml"
        self.path.write_text(files.roster)
        overrides_path(self.path).write_text(files.overrides)

    def _run(self, *arguments: str, ends: Callable[[Any], int]) -> Any:
        result = CliRunner().invoke(app, ["--rosters", str(self.path), *arguments, "--json"])
        assert result.exit_code in (Exit.OK, Exit.NO), result.output
        answer = json.loads(result.stdout)
        assert result.exit_code == ends(answer)
        return answer

    def _who(self, at: datetime) -> Mapping[str, Any]:
        answer = self._run(
            "who", "--at", at.isoformat(), ends=lambda a: Exit.OK if a[0]["people"] else Exit.NO
        )
        (entry,) = answer
        assert (entry["roster"], entry["role"]) == ("team", "duty")
        assert datetime.fromisoformat(entry["at"]) == at
        assert all(p["email"] == [f"{p['key']}@example.com"] for p in entry["people"])
        assert entry["fallback"] == (not entry["people"])
        found: Mapping[str, Any] = entry
        return found

    def who(self, at: datetime) -> frozenset[str]:
        return frozenset(person["key"] for person in self._who(at)["people"])

    def extent(self, at: datetime) -> Extent:
        entry = self._who(at)
        return _instant(entry["start"]), _instant(entry["end"])

    def following(self, at: datetime) -> tuple[datetime | None, frozenset[str]] | None:
        following = self._who(at)["next"]
        if following is None:
            return None
        return _instant(following["start"]), frozenset(following["people"])

    def timeline(self, begin: datetime, end: datetime) -> list[Piece]:
        arguments = ("schedule", "--from", begin.isoformat(), "--to", end.isoformat())
        found = []
        for entry in self._run(*arguments, ends=lambda answer: Exit.OK):
            start, stop = _instant(entry["start"]), _instant(entry["end"])
            assert start is not None
            assert stop is not None
            assert (entry["roster"], entry["role"]) == ("team", "duty")
            assert entry["why"]
            found.append((start, stop, frozenset(entry["people"])))
        return found

    def starved(self, at: datetime) -> list[str]:
        """Who is never on duty, as `rotation check` says."""
        arguments = ["--rosters", str(self.path), "check", "--at", at.isoformat()]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == Exit.NO
        (names,) = re.findall(r": warning: (.*) are never on duty: ", result.stdout)
        return sorted(names.split(", "))


Asked = Engine | CommandLine


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _at(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None
    return at


def handoffs(asked: Asked, query: Case, case: Case) -> None:
    expected = [_at(text) for text in query["expect"]]
    begin, end = _at(query["from"]), _at(query["to"])
    start, stop = asked.extent(begin)
    found = [start] if start == begin else []
    while stop is not None and stop <= end:
        found.append(stop)
        _, stop = asked.extent(stop)
    assert found == expected


def next_end(asked: Asked, query: Case, case: Case) -> None:
    at = _at(query["after"])
    expected = _at(query["expect"])
    assert asked.extent(at)[1] == expected
    following = asked.following(at)
    assert following is not None
    assert (following[0] == expected) == bool(asked.who(expected))


def shift_at(asked: Asked, query: Case, case: Case) -> None:
    assert asked.extent(_at(query["at"])) == tuple(_at(text) for text in query["expect"])


def who(asked: Asked, query: Case, case: Case) -> None:
    assert asked.who(_at(query["at"])) == frozenset(query["expect"])


def by_day(asked: Asked, query: Case, case: Case) -> None:
    clock, zone = time.fromisoformat(query["at_local"]), ZoneInfo(case["zone"])
    for day, people in query["expect"].items():
        at = datetime.combine(date.fromisoformat(day), clock, zone)
        assert asked.who(at.astimezone(UTC)) == frozenset(people), day


def timeline(asked: Asked, query: Case, case: Case) -> None:
    found: list[Piece] = []
    for start, end, people in asked.timeline(_at(query["from"]), _at(query["to"])):
        if found and found[-1][1:] == (start, people):
            found[-1] = (found[-1][0], end, people)
        elif people:
            found.append((start, end, people))
    assert found == [
        (_at(shift["start"]), _at(shift["end"]), frozenset(shift["people"]))
        for shift in query["expect"]
    ]


def never_on_duty(asked: Asked, query: Case, case: Case) -> None:
    pieces = asked.timeline(_at(query["from"]), _at(query["to"]))
    served = {person for _, _, people in pieces for person in people}
    everybody = {
        person
        for rotation in case["definition"]["rotations"]
        for turn in rotation["turns"]
        for person in turn
    }
    assert sorted(everybody - served) == query["expect"]
    if isinstance(asked, CommandLine):
        assert asked.starved(_at(query["from"])) == query["expect"]


def assigned(asked: Asked, query: Case, case: Case) -> None:
    """Who has a day, or the week that begins on it: one person, from start to end."""
    length = timedelta(weeks=1) if "weeks" in case["definition"] else timedelta(days=1)
    for day, person in query["expect"].items():
        start = datetime.combine(date.fromisoformat(day), time(0), UTC)
        pieces = asked.timeline(start, start + length)
        assert {people for _, _, people in pieces} == {frozenset({person})}


ASK: Mapping[str, Callable[[Asked, Case, Case], None]] = {
    "handoffs": handoffs,
    "next_handoff": next_end,
    "next_change": next_end,
    "shift_at": shift_at,
    "who": who,
    "by_day": by_day,
    "timeline": timeline,
    "never_on_duty": never_on_duty,
    "assigned": assigned,
    "assigned_dates": assigned,
}
REFUSED = "user-typed-bad-local-times"
RUN = [case for case in expressible() if case["id"] != REFUSED]


@pytest.mark.parametrize("way", [Engine, CommandLine])
@pytest.mark.parametrize("case", RUN, ids=lambda case: str(case["id"]))
def test_case(case: Case, way: type[Asked], tmp_path: Path) -> None:
    asked = way(translate(case), tmp_path)
    assert case["queries"]
    for query in case["queries"]:
        ASK[query["ask"]](asked, query, case)


def test_local_times_that_do_not_exist_or_exist_twice_are_refused(tmp_path: Path) -> None:
    (case,) = [case for case in all_cases() if case["id"] == REFUSED]
    (query,) = case["queries"]
    for files, expected in zip(rejected(case), query["expect"], strict=True):
        with pytest.raises(RosterError, match=expected):
            Engine(files, tmp_path)
        path = CommandLine(files, tmp_path).path
        result = CliRunner().invoke(app, ["--rosters", str(path), "who"])
        assert result.exit_code == Exit.USAGE
        assert expected in result.stderr
        assert result.stdout == ""


def test_every_case_is_run_or_listed() -> None:
    known = [case["id"] for case in all_cases()]
    assert len(known) == len(set(known))
    run = [case["id"] for case in RUN] + [REFUSED]
    assert sorted([*run, *REPORTED, *NOT_EXPRESSIBLE]) == sorted(known)
    assert all(NOT_EXPRESSIBLE.values())
