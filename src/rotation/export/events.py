"""The shifts of the final schedule as events: each with a UID that stays while people change.

A UID (RFC 5545 section 3.8.4.7) comes from what the rotations alone say, before absences and
overrides: the role, the rotation, and where its shift begins. So a shift that changes hands keeps
it, and so does one that is looked at from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

from rotation.dataclasses import dataclass, replace
from rotation.errors import Problem, UsageError
from rotation.model import Absence, FixedShift, Override, Roster
from rotation.schedule.absent import concerns
from rotation.schedule.dated import Dated
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded
from rotation.schedule.shift import Shift

LIMIT = 20_000
"""Events; more in one calendar are a mistake, and no client would take them."""


@dataclass(frozen=True, slots=True)
class ShiftEvent:
    """A shift with people in it, uncut.

    `instead_of` are those whom the rotations alone would have on duty, where somebody came in
    their place. `notes` are those of the overrides that decide. `changes` counts the overrides
    and absences that touch the shift, and `changed` is the last of their times, if they tell.
    `turn` is the same for all pieces of what the rotations alone have as one shift, `around`.
    """

    uid: str
    turn: str
    around: tuple[datetime, datetime]
    roster: str
    role: str
    start: datetime
    end: datetime
    people: tuple[str, ...]
    instead_of: tuple[str, ...]
    why: str
    notes: tuple[str, ...]
    changes: int
    changed: datetime | None

    @property
    def label(self) -> str:
        """The roster and the role, once where they are the same."""
        return self.role if self.role == self.roster else f"{self.roster} {self.role}"

    @property
    def who(self) -> str:
        """The people, and for whom they came: `bob for alice`."""
        people = ", ".join(self.people)
        return f"{people} for {' and '.join(self.instead_of)}" if self.instead_of else people

    @property
    def summary(self) -> str:
        """One line that says what and who."""
        return f"{self.label}: {self.who}"


def events(loaded: Loaded, role: str, begin: datetime, stop: datetime) -> list[ShiftEvent]:
    """The shifts of a role that overlap `[begin, stop)`, whole, by start; gaps give none.

    Raises UsageError where there are more than LIMIT.
    """
    events_of_role: list[ShiftEvent] = []
    if begin >= stop:
        return events_of_role
    maker = _Maker(loaded, role)
    for shift in shifts(loaded.known_schedule(role), begin, stop):
        start, end = _ends(shift)
        if start >= end:
            continue  # less than a second
        if len(events_of_role) == LIMIT:
            raise UsageError(
                Problem(
                    f"more than {LIMIT} shifts of {role!r} in {loaded.roster.name!r}",
                    hint="ask for less with --from and --to",
                )
            )
        events_of_role.append(maker.event(shift))
    return events_of_role


def shifts(schedule: Schedule, begin: datetime, stop: datetime) -> Iterator[Shift]:
    """The shifts with people in them that overlap `[begin, stop)`, whole, by start."""
    shift: Shift | None = schedule.at(begin)
    if shift is not None and not shift.people:
        shift = schedule.following(shift)
    while shift is not None and shift.start is not None and shift.start < stop:
        if shift.end is None:
            return  # cannot be: every turn ends
        yield shift
        shift = schedule.following(shift)


class _Maker:
    def __init__(self, loaded: Loaded, role: str) -> None:
        roster = loaded.roster
        self._roster, self._role = roster, role
        self._overrides = [override for override in roster.overrides if override.role == role]
        self._absences = loaded.absences
        self._changed = Dated((override.start, override.end) for override in self._overrides)
        self._away = Dated((absence.start, absence.end) for absence in self._absences)
        bare = replace(roster, overrides=(), absences=())
        self._nominal = Schedule(bare, role, loaded.shifts)
        self._last: Shift | None = None
        noted: list[Override | FixedShift] = [*self._overrides]
        noted += [shift for shift in roster.shifts if shift.role == role]
        self._notes = {entry.where: entry.note for entry in noted if entry.note}

    def event(self, shift: Shift) -> ShiftEvent:
        """The event of a shift, with its identity and its revision."""
        start, end = _ends(shift)
        # what ends or begins at its ends touches it too
        around = (start - datetime.resolution, end + datetime.resolution)
        touched = self._changed.meeting(*around) or self._away.meeting(*around)
        nominal = self._nominal_at(shift.start or start) if touched else shift
        first = _whole(nominal.start) if nominal.people and nominal.start else start
        last = _whole(nominal.end) if nominal.people and nominal.end else end
        entries = self._entries(nominal.people, min(first, start), max(last, end))
        stamps = [entry.at for entry in entries if entry.at is not None]
        turn = _turn(self._roster, self._role, nominal, first)
        stamp, rest = turn.split("-", 1)
        return ShiftEvent(
            # a piece that does not begin with its turn has its own start in it too
            uid=turn if start == first else f"{stamp}-{_stamp(start)}-{rest}",
            turn=turn,
            around=(min(first, start), max(last, end)),
            roster=self._roster.name,
            role=self._role,
            start=start,
            end=end,
            people=shift.people,
            instead_of=self._instead_of(shift, start, end) if entries else (),
            why=shift.why,
            notes=tuple(
                self._notes[reason.where]
                for reason in shift.reasons
                if reason.where is not None and reason.where in self._notes
            ),
            changes=len(entries),
            changed=max(stamps, default=None),
        )

    def _nominal_at(self, at: datetime) -> Shift:
        """What the rotations alone have; of many pieces of one shift, asked for once."""
        last = self._last
        if last is None or not _covers(last, at, at):
            last = self._last = self._nominal.at(at)
        return last

    def _entries(
        self, nominal: tuple[str, ...], start: datetime, end: datetime
    ) -> list[Override | Absence]:
        """What may have changed who is on duty in `[start, end)`.

        Absences count all or none: who stands in depends on who else is away.
        """
        changed = self._changed.meeting(start, end)
        entries: list[Override | Absence] = [self._overrides[number] for number in changed]
        away = [self._absences[number] for number in self._away.meeting(start, end)]
        if any(concerns(dated, person) for dated in away for person in nominal):
            entries.extend(away)
        return entries

    def _instead_of(self, shift: Shift, start: datetime, end: datetime) -> tuple[str, ...]:
        came = False
        gone: dict[str, None] = {}
        here = set(shift.people)
        last = self._last
        whole = last is not None and _covers(last, start, end)
        for piece in [last] if last and whole else self._nominal.between(start, end):
            came = came or bool(here - set(piece.people))
            gone.update((person, None) for person in piece.people if person not in here)
        return tuple(gone) if came else ()


def _covers(shift: Shift, start: datetime, end: datetime) -> bool:
    """Whether all of `[start, end)`, or an instant, lies in a shift."""
    began = shift.start is None or shift.start <= start
    return began and (shift.end is None or (start < shift.end and end <= shift.end))


def _ends(shift: Shift) -> tuple[datetime, datetime]:
    """From when to when, in whole seconds: iCalendar has no smaller ones."""
    if shift.start is None or shift.end is None:
        raise ValueError("a shift without a start or an end")
    return _whole(shift.start), _whole(shift.end)


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _turn(roster: Roster, role: str, nominal: Shift, first: datetime) -> str:
    """The UID of the first piece of a nominal shift that starts at `first`."""
    source = "+".join(dict.fromkeys(reason.text for reason in nominal.reasons))
    said = "\0".join((roster.name, role, source if nominal.people else ""))
    return f"{_stamp(first)}-{sha256(said.encode()).hexdigest()[:16]}@rotation"


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"
