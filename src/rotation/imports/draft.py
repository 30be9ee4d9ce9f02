"""What is made of somebody else's schedule, and the roster that says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rotation import address
from rotation.clock.local import add_months, to_local
from rotation.dataclasses import dataclass, field, replace
from rotation.errors import Problem, Where, printable
from rotation.imports.entry import JsonEntry, Strange, walk
from rotation.model import Every, FixedShift, Override, Rotation, Unit, Window
from rotation.roster.starter import Newcomer, key_of, person_line
from rotation.roster.write import override_text, rotation_text, shift_text
from rotation.roster.zone import zone_hint

NOWHERE = Where("imported")
MOST = 5_000
"""People, rotations, shifts or overrides; more are a mistake."""


class People:
    """Who is in a schedule, by whatever names them there; `given` has addresses by name or key."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = {name.casefold(): email for name, email in given.items()}
        self._details: dict[str, tuple[str, str]] = {}
        self._by_id: dict[str, Newcomer] = {}

    def learn(self, document: JsonEntry) -> None:
        """Note names and addresses of every user that a document describes by id."""
        for entry in walk(document):
            names = [entry.text(key, "") for key in ("fullName", "name", "summary") if key in entry]
            emails = [entry.text(key, "") for key in ("email", "username") if key in entry]
            if "id" in entry and isinstance(entry.values["id"], str):
                name, email = self._details.get(entry.text("id"), ("", ""))
                email = email or next((text for text in emails if "@" in text), "")
                self._details[entry.text("id")] = name or next(iter(names), ""), email

    def key(self, id_: str, name: str = "", email: str = "") -> str:
        """The key of somebody, who is new or was met before. Raises Strange for too many."""
        if id_ not in self._by_id:
            if len(self._by_id) >= MOST:
                raise Strange(f"more than {MOST} people")
            known_name, known_email = self._details.get(id_, ("", ""))
            name, email = known_name or name, email or known_email
            called = name if any(char.isalnum() for char in name) else ""
            key = key_of(
                called or email.partition("@")[0] or id_, {p.key for p in self._by_id.values()}
            )
            for word in (key, name, email, id_):
                email = self._given.get(word.casefold(), email)
            shown = called if called.casefold() != key else None
            self._by_id[id_] = Newcomer(key, email, shown or None)
        return self._by_id[id_].key

    @property
    def all(self) -> list[Newcomer]:
        """Everybody who was met, in that order."""
        return list(self._by_id.values())

    def problems(self) -> list[Problem]:
        """Who has no address that may be written."""
        problems = []
        for person in self.all:
            called = person.name or person.key
            hint = f"say it: --person '{called.replace(chr(39), '')}=NAME@example.com'"
            if not person.email:
                problems.append(Problem(f"no mail address of {called} is known", hint=hint))
            elif fault := address.fault(person.email):
                what = f"address {person.email!r} of {called} {fault[0]}"
                problems.append(Problem(what, hint=fault[1] or hint))
        return problems


@dataclass
class Draft:
    """A roster to be. `left` says what could not be carried over, one line each; `odd` what was,
    and should be looked at."""

    name: str
    zone: ZoneInfo
    rotations: list[Rotation] = field(default_factory=list)
    shifts: list[FixedShift] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def add(self, rotation: Rotation) -> None:
        """A rotation, under a name that no other one has: the same name would replace it."""
        if len(self.rotations) >= MOST:
            raise Strange(f"more than {MOST} rotations")
        names, number, name = {r.name for r in self.rotations}, 2, rotation.name
        while name in names:
            name, number = f"{rotation.name} {number}", number + 1
        self.rotations.append(replace(rotation, name=name))


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises Strange for what is none."""
    if (hint := zone_hint(name)) is not None:
        raise Strange(f"the time zone {name!r} is unknown: {hint}")
    return ZoneInfo(name)


def turns_of(
    name: str,
    turns: Sequence[tuple[str, ...]],
    every: Every,
    begin: datetime,
    zone: ZoneInfo,
    hours: tuple[Window, ...],
    priority: int = 0,
) -> Rotation:
    """A rotation whose first turn begins at the instant `begin`, on the clock of `zone`.

    Their turns go by the calendar whatever the hours: so days with hours are written as hours.
    """
    if hours and every.unit is Unit.DAY:
        every = Every(every.count * 24, Unit.HOUR)
    local = to_local(begin, zone)
    return Rotation(
        name=name or "rotation",
        where=NOWHERE,
        priority=priority,
        turns=tuple(turns),
        every=every,
        start=local.date(),
        handoff=local.time().replace(second=0, microsecond=0, fold=0),
        hours=hours,
    )


def every_of(seconds: int) -> Every | None:
    """The length of a turn in its largest unit; None where it is not in whole hours."""
    for unit, length in ((Unit.WEEK, 604_800), (Unit.DAY, 86_400), (Unit.HOUR, 3_600)):
        if seconds > 0 and seconds % length == 0:
            return Every(seconds // length, unit)
    return None


def text_of(draft: Draft, people: Sequence[Newcomer], source: str) -> str:
    """The roster, for `rotation` to read and people to go on with."""
    width = max((len(person_line(p, 0).partition(" =")[0]) for p in people), default=0)
    head = [
        f"# Made by `rotation import` from {printable(source)}. `rotation check` says what is odd.",
        *(f"# Not carried over: {printable(line)}" for line in draft.left),
        *(f"# To be looked at: {printable(line)}" for line in draft.odd),
        "",
        f'timezone = "{draft.zone.key}"',
        '#fallback = ["managers@example.com"]   # who gets the mail when nobody is on duty',
        "",
        "[people]",
        *(person_line(person, width) for person in people),
    ]
    blocks = [rotation_text(rotation, draft.zone) for rotation in draft.rotations]
    blocks += [shift_text(shift, draft.zone) for shift in draft.shifts]
    foot = (
        "# Where the mail goes. `rotation apply --dry-run` shows what would change.\n"
        '#[[target]]\n#aliases = "/etc/aliases"\n#name    = "all-system-notifications"\n'
    )
    return "\n".join(["\n".join(head) + "\n", *blocks, foot])


def overrides_of(draft: Draft) -> str:
    """The overrides file that goes with it; empty where there are none."""
    return "\n".join(override_text(override, draft.zone) for override in draft.overrides)


def minus_turn(begin: datetime, every: Every, zone: ZoneInfo) -> datetime:
    """The local time one turn before an instant, naive."""
    local = to_local(begin, zone).replace(tzinfo=None)
    if every.unit is Unit.MONTH:
        return add_months(local, -every.count)
    hours = {Unit.HOUR: 1, Unit.DAY: 24, Unit.WEEK: 168}[every.unit]
    return local - timedelta(hours=hours * every.count)
