"""What other programs would answer, worked out from their own rules, and random rules of theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


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
