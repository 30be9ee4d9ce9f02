"""The cases about fairness from other schedulers, asked of `rotation report`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.check.roster_blocks import run, write_roster
from tests.schedule.translate import REPORTED, Case, all_cases

MONDAY = datetime(2024, 5, 6, tzinfo=UTC)
WEEK = timedelta(weeks=1)
Duty = tuple[datetime, datetime, str]


def _roster(people: Iterable[str], duties: Iterable[Duty]) -> str:
    """Dated shifts; all instants in UTC."""
    listed = "".join(f'{key} = "{key}@example.com"\n' for key in people)
    shifts = "".join(
        f'[[shift]]\nstart = {start.isoformat()}\nend = {end.isoformat()}\npeople = ["{key}"]\n'
        for start, end, key in duties
    )
    return f'timezone = "UTC"\n[people]\n{listed}{shifts}'


def _away(people: Iterable[str], start: datetime, end: datetime) -> str:
    return "".join(
        f'[[absence]]\nperson = "{key}"\nstart = {start.isoformat()}\nend = {end.isoformat()}\n'
        for key in people
    )


def _run(path: Path, *arguments: str, status: int = 0) -> Any:
    done = run(path, "report", *arguments, "--json", now=MONDAY)
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


def pick(case: Case, query: Mapping[str, Any], folder: Path) -> None:
    """Everybody's last duty lasted a day; the shift to fill is the Monday after all of them."""
    people = case["definition"]["candidates"]
    ends = {key: datetime.fromisoformat(one["last_end"]) for key, one in people.items()}
    start = max(ends.values()) + WEEK
    busy = query.get("busy", case["definition"]["busy"])
    roster = _roster(people, [(end - timedelta(days=1), end, key) for key, end in ends.items()])
    path = write_roster(folder, roster, _away(busy, start, start + WEEK))
    arguments = ("--suggest", start.isoformat(), "--until", (start + WEEK).isoformat())
    (answer,) = _run(path, *arguments, status=0 if query["expect"] else 1)
    assert answer["suggested"] == query["expect"]
    assert {one["person"] for one in answer["busy"]} == set(busy)


def suggest(case: Case, query: Mapping[str, Any], folder: Path) -> None:
    """Everybody's duties last a week."""
    definition = case["definition"]
    starts = [
        (datetime.fromisoformat(one[side]), key)
        for key, one in definition["candidates"].items()
        for side in ("previous_start", "next_start")
        if one[side] is not None
    ]
    duties = [(start, start + WEEK, key) for start, key in sorted(starts)]
    path = write_roster(folder, _roster(definition["candidates"], duties))
    (answer,) = _run(path, "--suggest", definition["slot_start"])
    assert answer["suggested"] == query["expect"]
    distances = {one["person"]: one["distance_days"] for one in answer["ranking"]}
    assert distances == query["days"]
    by_hand = sorted(query["days"], key=lambda key: -query["days"][key])
    assert [one["person"] for one in answer["ranking"]] == by_hand


def score(case: Case, query: Mapping[str, Any], folder: Path) -> None:
    """One duty after another from the window's start."""
    duties, at = [], MONDAY
    for key, hours in case["definition"]["hours"].items():
        duties.append((at, at + timedelta(hours=hours), key))
        at = duties[-1][1]
    path = write_roster(folder, _roster(case["definition"]["hours"], duties))
    end = MONDAY + timedelta(hours=case["definition"]["window_hours"])
    (table,) = _run(path, "--from", MONDAY.isoformat(), "--to", end.isoformat())
    assert table["score"] == {"overloaded": {}, **query["expect"]}
    hours = {one["person"]: one["hours"] for one in table["people"]}
    assert hours == case["definition"]["hours"]


ASK = {"pick": pick, "suggest": suggest, "score": score}


@pytest.mark.parametrize("name", REPORTED)
def test_case(name: str, tmp_path: Path) -> None:
    (case,) = [case for case in all_cases() if case["id"] == name]
    for query in case["queries"]:
        ASK[query["ask"]](case, query, tmp_path)
