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
from rotation.imports.read import ImportFile, read
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
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


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def pagerduty_oracle(schedule: Any, at: datetime) -> set[str]:
    """The first layer that has anybody: its turn by the wall clock, if a restriction is open."""
    zone = ZoneInfo(schedule["time_zone"])
    local = wall(at, zone)
    for layer in schedule["schedule_layers"]:
        begin = wall(datetime.fromisoformat(layer["rotation_virtual_start"]), zone)
        if at < datetime.fromisoformat(layer["start"]) or local < begin:
            continue
        if layer["end"] is not None and at >= datetime.fromisoformat(layer["end"]):
            continue
        turn = int((local - begin).total_seconds() // layer["rotation_turn_length_seconds"])
        open_ = not layer["restrictions"]
        for entry in layer["restrictions"]:
            hour, minute, _ = map(int, entry["start_time_of_day"].split(":"))
            for back in range(8):
                day = (local - timedelta(days=back)).replace(hour=hour, minute=minute, second=0)
                weekly = entry["type"] == "weekly_restriction"
                if weekly and day.isoweekday() != entry["start_day_of_week"]:
                    continue
                open_ |= day <= local < day + timedelta(seconds=entry["duration_seconds"])
        if open_:
            user = layer["users"][turn % len(layer["users"])]["user"]
            return {user["email"]}
    return set()


def random_pagerduty(random: Random) -> Any:
    def layer(number: int) -> Any:
        day = random.randrange(28) + 1
        begin = f"2026-01-{day:02}T{random.randrange(24):02}:{random.choice(['00', '30'])}:00+00:00"
        restrictions: list[Any] = []
        for _ in range(random.choice([0, 0, 1, 2])):
            entry: Any = {
                "type": random.choice(["daily_restriction", "weekly_restriction"]),
                "start_time_of_day": f"{random.randrange(24):02}:{random.choice(['00', '15'])}:00",
                "duration_seconds": random.choice([3600, 28_800, 43_200, 86_400]),
            }
            if entry["type"] == "weekly_restriction":
                entry["start_day_of_week"] = random.randrange(1, 8)
                entry["duration_seconds"] *= random.choice([1, 3])
            restrictions.append(entry)
        people = random.sample(range(5), random.randrange(1, 5))
        return {
            "name": random.choice(["Layer", "Layer 1", "night"]),
            "start": begin,
            "end": random.choice([None, None, "2027-02-01T00:00:00+00:00"]),
            "rotation_virtual_start": begin,
            "rotation_turn_length_seconds": random.choice([3600, 43_200, 86_400, 172_800, 604_800]),
            "users": [
                {"user": {"id": f"U{n}", "summary": f"Person {n}", "email": f"u{n}@example.com"}}
                for n in people
            ],
            "restrictions": restrictions,
        }

    layers = [layer(number) for number in range(random.randrange(1, 4))]
    zone = random.choice(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
    return {"name": "x", "time_zone": zone, "schedule_layers": layers}


def opsgenie_oracle(schedule: Any, at: datetime) -> set[str]:
    """Every rotation has its own person on duty; a restriction is a stretch of the week."""
    zone = ZoneInfo(schedule["timezone"])
    local = wall(at, zone)
    people = set()
    for rotation in schedule["rotations"]:
        begin = wall(datetime.fromisoformat(rotation["startDate"]), zone)
        if local < begin:
            continue
        hours = {"hourly": 1, "daily": 24, "weekly": 168}[rotation["type"]] * rotation["length"]
        turn = int((local - begin).total_seconds() // (hours * 3600))
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        restriction = rotation.get("timeRestriction")
        open_ = restriction is None
        for entry in (restriction or {}).get("restrictions", []):
            start = DAYS.index(entry["startDay"]) * 1440 + entry["startHour"] * 60
            end = DAYS.index(entry["endDay"]) * 1440 + entry["endHour"] * 60
            open_ |= (minute - start) % 10_080 < ((end - start) % 10_080 or 10_080)
        who = rotation["participants"][turn % len(rotation["participants"])]
        for override in schedule["overrides"]:
            start, end = (
                datetime.fromisoformat(override[f"{edge}Date"]) for edge in ("start", "end")
            )
            if start <= at < end and {"id": rotation["id"]} in override["rotations"]:
                who = override["user"]
        if open_ and who["type"] == "user":
            people.add(who["username"])
    return people


def random_opsgenie(random: Random) -> Any:
    def rotation(number: int) -> Any:
        made: Any = {
            "id": f"r{number}",
            "name": random.choice(["a", "b", ""]),
            "startDate": f"2026-01-{random.randrange(1, 29):02}T{random.randrange(24):02}:00:00Z",
            "type": random.choice(["hourly", "daily", "weekly"]),
            "length": random.choice([1, 2, 12]),
            "participants": [
                {"type": "user", "id": f"u{n}", "username": f"u{n}@example.com"}
                if n
                else {"type": "none"}
                for n in [random.randrange(1, 5), *random.sample(range(5), 2)]
            ],
        }
        if random.random() < 0.6:
            made["timeRestriction"] = {
                "type": "weekday-and-time-of-day",
                "restrictions": [
                    {
                        "startDay": random.choice(DAYS), "startHour": random.randrange(24),
                        "startMin": 0, "endDay": random.choice(DAYS),
                        "endHour": random.randrange(24), "endMin": 0,
                    }
                    for _ in range(random.randrange(1, 4))
                ],
            }  # fmt: skip
        return made

    zone = random.choice(["UTC", "Europe/Berlin", "Australia/Sydney"])
    day, taker = random.randrange(1, 29), f"u{random.randrange(1, 6)}"
    override = {
        "user": {"type": "user", "id": taker, "username": f"{taker}@example.com"},
        "startDate": f"2026-12-{day:02}T{random.randrange(24):02}:00:00Z",
        "endDate": f"2027-01-{day:02}T{random.randrange(24):02}:30:00Z",
        "rotations": [{"id": random.choice(["r0", "r1"])}],
    }
    rotations = [rotation(number) for number in range(2)]
    return {"name": "x", "timezone": zone, "rotations": rotations, "overrides": [override]}


def goalert_oracle(answer: Any, at: datetime) -> set[str]:
    """Every target with an open rule: its user, or whoever's turn the walk from now arrives at."""
    data = answer["data"]
    zone = ZoneInfo(data["schedule"]["timeZone"])
    local = wall(at, zone)
    people = set()
    rotations = {rotation["id"]: rotation for rotation in data["rotations"]["nodes"]}
    for target in data["schedule"]["targets"]:
        open_ = False
        for rule in target["rules"]:
            for back in range(2):
                day = local - timedelta(days=back)
                if not rule["weekdayFilter"][day.isoweekday() % 7]:
                    continue
                start, end = (
                    day.replace(hour=int(rule[edge][:2]), minute=int(rule[edge][3:]), second=0)
                    for edge in ("start", "end")
                )
                open_ |= start <= local < (end if end > start else end + timedelta(days=1))
        if not open_:
            continue
        if target["target"]["type"] == "user":
            people.add(f"{target['target']['id']}@example.com")
            continue
        rotation = rotations[target["target"]["id"]]
        hours = {"hourly": 1, "daily": 24, "weekly": 168}[rotation["type"]]
        step = timedelta(hours=hours * rotation["shiftLength"])
        handoff, index = wall(datetime.fromisoformat(rotation["nextHandoffTimes"][0]), zone), 1
        while handoff + step * (index - 1) <= local:
            index += 1
        users = rotation["users"]
        people.add(users[(rotation["activeUserIndex"] + index - 1) % len(users)]["email"])
    return people


def random_goalert(random: Random) -> Any:
    zone = random.choice(["UTC", "Europe/London", "America/Chicago"])
    rotations = [
        {
            "id": f"r{n}", "name": f"r{n}", "timeZone": zone,
            "type": random.choice(["hourly", "daily", "weekly"]),
            "shiftLength": random.randrange(1, 4), "start": "2025-01-01T00:00:00Z",
            "activeUserIndex": random.randrange(3),
            "nextHandoffTimes": ["2026-11-24T11:00:00Z"],
            "users": [
                {"id": f"u{k}", "name": f"Person {k}", "email": f"u{k}@example.com"}
                for k in random.sample(range(5), 3)
            ],
        }
        for n in range(2)
    ]  # fmt: skip
    targets: Any = [
        {"id": "r0", "type": "rotation"},
        {"id": "r1", "type": "rotation"},
        {"id": "u9", "type": "user"},
    ]
    rules: Callable[[], Any] = lambda: [  # noqa: E731 - a fresh list for each
        {"start": f"{random.randrange(24):02}:00", "end": f"{random.randrange(24):02}:30",
         "weekdayFilter": [random.random() < 0.6 for _ in range(7)]}
        for _ in range(random.randrange(1, 3))
    ]  # fmt: skip
    return {
        "data": {
            "schedule": {"name": "x", "timeZone": zone,
                         "targets": [{"target": target, "rules": rules()} for target in targets]},
            "rotations": {"nodes": rotations},
            "users": {"nodes": [{"id": "u9", "name": "Nina", "email": "u9@example.com"}]},
        }
    }  # fmt: skip


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
