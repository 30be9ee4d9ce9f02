"""What everybody was told last, kept on the host between runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rotation.clock.local import stored
from rotation.dataclasses import dataclass, field
from rotation.notify.news import ToldNews
from rotation.notify.personal import PersonalDuty


@dataclass(frozen=True, slots=True)
class Memory:
    """What the people of a roster know, by key; `at` and `until` hold for whoever is new to it.

    `on_duty` is who had each role at the last run, `weekly` when everybody was last told who has
    the next weeks; both only where the roster asks for it.
    """

    at: datetime
    until: datetime
    people: Mapping[str, ToldNews]
    on_duty: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weekly: datetime | None = None

    def told(self, key: str) -> ToldNews:
        """What a person knows: of somebody new, that they had no duty."""
        return self.people.get(key) or ToldNews(self.at, self.until)


def dump(memory: Memory) -> bytes:
    """A memory as JSON."""
    people = {
        key: {
            "at": told.at.isoformat(),
            "until": told.until.isoformat(),
            "duties": [
                {
                    "uid": duty.uid,
                    "role": duty.role,
                    "start": duty.start.isoformat(),
                    "end": duty.end.isoformat(),
                    "sequence": duty.sequence,
                }
                for duty in told.duties
            ],
            "gone": {uid: [number, end.isoformat()] for uid, (number, end) in told.gone.items()},
            "email": list(told.email),
            "name": told.name,
            "invited": None if told.invited is None else sorted(told.invited),
            "greeted": told.greeted,
        }
        for key, told in memory.people.items()
    }
    values = {
        "at": memory.at.isoformat(),
        "until": memory.until.isoformat(),
        "on_duty": {role: list(keys) for role, keys in memory.on_duty.items()},
        "weekly": memory.weekly.isoformat() if memory.weekly else None,
        "people": people,
    }
    return json.dumps(values, indent=1, ensure_ascii=False).encode() + b"\n"


def parse(data: bytes) -> Memory:
    """The memory in `data`. Raises ValueError where it is none."""
    try:
        values = json.loads(data)
        people = {str(key): _told(told) for key, told in values["people"].items()}
        on_duty = values.get("on_duty", {}).items()
        weekly = values.get("weekly")
        return Memory(
            stored(values["at"]),
            stored(values["until"]),
            people,
            {str(role): tuple(map(str, keys)) for role, keys in on_duty},
            None if weekly is None else stored(weekly),
        )
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"no memory: {error}") from None


def _told(values: Any) -> ToldNews:
    duties = tuple(
        PersonalDuty(
            str(duty["uid"]),
            str(duty["role"]),
            stored(duty["start"]),
            stored(duty["end"]),
            int(duty["sequence"]),
        )
        for duty in values["duties"]
    )
    gone = {str(uid): (int(number), stored(end)) for uid, (number, end) in values["gone"].items()}
    invited, name = values.get("invited"), values.get("name")
    return ToldNews(
        stored(values["at"]),
        stored(values["until"]),
        duties,
        gone,
        tuple(map(str, values.get("email", ()))),
        None if name is None else str(name),
        None if invited is None else frozenset(map(str, invited)),
        bool(values.get("greeted", False)),
    )
