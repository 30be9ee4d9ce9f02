"""Schedules of other programs, against what those programs would say, worked out the slow way."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rotation.imports.draft import People, overrides_of, text_of
from rotation.imports.entry import JsonEntry, Strange
from rotation.imports.read import ImportFile, read
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded
from tests.imports.programs import (
    goalert_oracle,
    opsgenie_oracle,
    pagerduty_oracle,
    random_goalert,
    random_opsgenie,
    random_pagerduty,
)

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
CASES = Path(__file__).parents[1] / "cases" / "imports"


def imported(*documents: object, now: datetime = NOW) -> tuple[Loaded, list[str]]:
    """The roster that is made of documents, read as a file is, and what was not carried over."""
    files = [ImportFile(f"{n}.json", json.dumps(d).encode()) for n, d in enumerate(documents)]
    people = People({})
    draft = read(files, people, now, schedule=None, zone=ZoneInfo("UTC"), handoff=time(0))
    assert people.problems() == []
    overrides = overrides_of(draft)
    text = text_of(draft, people.all, "test")
    roster = parse(text.encode(), Path("imported.toml"), overrides.encode() or None)
    return Loaded(roster), draft.left


def case(name: str) -> Any:
    return json.loads((CASES / name).read_text())


def on_duty(loaded: Loaded, at: str) -> set[str]:
    when = datetime.fromisoformat(at).replace(tzinfo=loaded.roster.zone)
    return set(loaded.known_schedule("duty").at(when).people)


def test_opsgenie() -> None:
    loaded, left = imported(case("opsgenie.json"))
    assert {p.email for p in loaded.roster.people.values()} == {
        ("alice@example.com",), ("bob@example.com",), ("carol@example.com",),
    }  # fmt: skip
    assert on_duty(loaded, "2026-11-24T10:00") == {"alice"}, "46 whole weeks after the start"
    assert on_duty(loaded, "2026-11-24T18:00") == set()
    assert on_duty(loaded, "2026-12-01T10:00") == {"carol"}, "an override of every rotation"
    assert on_duty(loaded, "2026-12-08T08:30") == set()
    assert on_duty(loaded, "2026-12-08T16:59") == {"carol"}, "an override of one rotation"
    assert on_duty(loaded, "2026-12-08T17:00") == set(), "has the hours of that rotation"
    assert [words.split(",")[0] for words in left] == [
        "the team 'Payments' in rotation 'After hours': nobody has its turns; name people",
        "rotation 'Old'",
    ]


def test_pagerduty() -> None:
    loaded, left = imported(case("pagerduty.json"), case("pagerduty-users.json"))
    assert left == []
    assert loaded.roster.people["regina"].name == "Regina Phalange"
    assert on_duty(loaded, "2026-01-05T21:00") == {"earline"}, "the upper layer starts a day later"
    assert on_duty(loaded, "2026-01-06T21:00") == {"earline"}
    assert on_duty(loaded, "2026-01-07T21:00") == {"regina"}
    assert on_duty(loaded, "2026-01-12T12:00") == {"regina"}
    # summer: the clock of the schedule counts
    assert on_duty(loaded, "2026-07-05T08:00") == {"regina"}
    assert on_duty(loaded, "2026-07-06T08:00") == {"earline"}
    night = on_duty(loaded, "2026-12-01T19:59"), on_duty(loaded, "2026-12-01T20:00")
    assert night[1] == {"earline"}


def test_goalert() -> None:
    loaded, left = imported(case("goalert.json"))
    assert left == []
    assert on_duty(loaded, "2026-11-24T18:00") == {"bob"}, "who is active there is on duty here"
    assert on_duty(loaded, "2026-11-24T10:00") == {"carol"}
    assert on_duty(loaded, "2026-11-30T18:00") == {"alice"}
    assert on_duty(loaded, "2026-12-02T18:00") == {"carol"}, "carol for alice"
    assert on_duty(loaded, "2026-12-24T12:00") == {"bob"}
    assert on_duty(loaded, "2026-12-25T12:00") == set(), "a temporary schedule has nobody else"


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        ("2026-11-20T09:00:00Z", "2026-11-24T09:59:59Z", False),
        ("2026-11-20T09:00:00Z", "2026-11-24T10:00:00Z", False),
        ("2026-11-20T09:00:00Z", "2026-11-24T10:00:01Z", True),
        ("2026-12-24T09:00:00Z", "2026-12-24T09:00:00Z", False),
        ("2026-12-25T09:00:00Z", "2026-12-24T09:00:00Z", False),
    ],
)
def test_of_goalert_only_what_is_not_over_is_carried_over(start: str, end: str, kept: bool) -> None:
    document = case("goalert.json")
    schedule = document["data"]["schedule"]
    schedule["temporarySchedules"] = [{"start": start, "end": end, "shifts": []}]
    document["data"]["userOverrides"]["nodes"] = []
    assert len(imported(document)[0].roster.overrides) == kept
    schedule["temporarySchedules"] = []
    document["data"]["userOverrides"]["nodes"] = [
        {"start": start, "end": end, "removeUser": {"id": "u1", "name": "Alice Jones"}}
    ]
    assert len(imported(document)[0].roster.overrides) == kept


def test_a_shift_of_a_temporary_schedule_is_no_longer_than_that() -> None:
    document = case("goalert.json")
    (temporary,) = document["data"]["schedule"]["temporarySchedules"]
    temporary["shifts"] = [
        {"userID": "u1", "start": "2026-12-20T00:00:00Z", "end": "2026-12-31T00:00:00Z"}
    ]
    loaded, _ = imported(document)
    assert on_duty(loaded, "2026-12-24T12:00") == on_duty(loaded, "2026-12-26T08:59") == {"alice"}
    for at in ("2026-12-24T08:59", "2026-12-23T20:00", "2026-12-27T20:00"):
        assert on_duty(loaded, at) == {"bob"}


def test_hours_in_opsgenie_that_end_where_they_begin_are_the_whole_week() -> None:
    document = case("opsgenie.json")
    (entry, *_) = document["schedule"]["rotations"]
    week = {"startDay": "monday", "startHour": 9, "endDay": "monday", "endHour": 9}
    entry["timeRestriction"] = {"type": "weekday-and-time-of-day", "restrictions": [week]}
    document["schedule"]["rotations"] = [entry]
    document["scheduleOverrideList"] = []
    loaded, _ = imported(document)
    assert all(
        on_duty(loaded, f"2026-11-{day}T{hour}:30") for day in range(23, 30) for hour in (10, 23)
    )


@pytest.mark.parametrize(
    ("start", "end", "on", "off"),
    [
        ((8, 30), (17, 0), ("08:30", "16:59"), ("08:29", "17:00")),
        ((20, 0), (6, 0), ("20:00", "23:59", "00:00", "05:59"), ("06:00", "19:59")),
        ((0, 0), (24, 0), ("00:00", "12:00", "23:59"), ()),
        ((9, 0), (9, 0), ("00:00", "09:00", "23:59"), ()),
    ],
)
def test_hours_of_each_day_in_opsgenie(
    start: tuple[int, int], end: tuple[int, int], on: tuple[str, ...], off: tuple[str, ...]
) -> None:
    document = case("opsgenie.json")
    (entry, *_) = document["schedule"]["rotations"]
    hours = {"startHour": start[0], "startMin": start[1], "endHour": end[0], "endMin": end[1]}
    entry["timeRestriction"] = {"type": "time-of-day", "restriction": hours}
    document["schedule"]["rotations"] = [entry]
    document["scheduleOverrideList"] = []
    loaded, _ = imported(document)
    for day in ("2026-11-25", "2026-11-28"):
        for times, open_ in ((on, True), (off, False)):
            for time_ in times:
                assert bool(on_duty(loaded, f"{day}T{time_}")) is open_, (day, time_)


@pytest.mark.parametrize(
    "value",
    [1_795_514_400_500, "2026-11-24T10:00:00.500Z", "2026-11-24T11:00:00.500+01:00"],
)
def test_instants_are_text_or_milliseconds(value: object) -> None:
    at = datetime(2026, 11, 24, 10, 0, 0, 500_000, tzinfo=UTC)
    assert JsonEntry({"at": value}, "it").instant("at") == at


@pytest.mark.parametrize(
    "value", [None, True, "2026-11-24T10:00:00", "soon", 10**20, -(10**15)], ids=str
)
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(Strange, match="it has no 'at'"):
        JsonEntry({"at": value}, "it").instant("at")


Maker = Callable[[Random], Any]
Oracle = Callable[[Any, datetime], set[str]]


@pytest.mark.parametrize(
    ("maker", "oracle"),
    [
        (random_pagerduty, pagerduty_oracle),
        (random_opsgenie, opsgenie_oracle),
        (random_goalert, goalert_oracle),
    ],
)
@pytest.mark.parametrize("seed", range(12))
def test_it_says_what_the_program_says(maker: Maker, oracle: Oracle, seed: int) -> None:
    random = Random(seed)
    document = maker(random)
    loaded, left = imported(document)
    assert all("no people" in line or "no hours" in line for line in left)
    schedule = loaded.known_schedule("duty")
    for _ in range(60):
        at = NOW + timedelta(minutes=random.randrange(120 * 24 * 60))
        people = schedule.at(at).people
        emails = {email for key in people for email in loaded.roster.people[key].email}
        assert emails == oracle(document, at), (at, document)
