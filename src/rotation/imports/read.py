"""Which program a file comes from, and the draft of a roster that is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from rotation.dataclasses import dataclass
from rotation.errors import Problem, UsageError, Where
from rotation.imports import goalert, opsgenie, pagerduty, table
from rotation.imports.draft import Draft, People
from rotation.imports.entry import JsonEntry, Strange, documents

_KINDS = "Opsgenie's backup or API, PagerDuty's or GoAlert's API in JSON, or a table in CSV"


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file by its name, and what is in it."""

    name: str
    data: bytes


def read(
    files: Sequence[ImportFile],
    people: People,
    now: datetime,
    *,
    schedule: str | None,
    zone: ZoneInfo,
    handoff: time,
) -> Draft:
    """The draft of one schedule from one or more files of the same program.

    Local times of a table are in `zone`, and its bare dates mean `handoff`. Raises UsageError.
    """
    try:
        first = files[0].data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if len(files) == 1 and first not in (b"{", b"["):
            name = schedule or files[0].name
            return table.draft(files[0].data, name, zone, handoff, people)
        return _json([_document(file) for file in files], people, now, schedule)
    except Strange as error:
        where = Where(files[0].name, error.line) if len(files) == 1 else None
        raise UsageError(Problem(str(error), where, f"what can be read: {_KINDS}")) from None


def _document(file: ImportFile) -> JsonEntry:
    try:
        return documents(file.data)
    except Strange as error:
        raise Strange(f"{file.name}: {error}") from None


def _json(answers: list[JsonEntry], people: People, now: datetime, schedule: str | None) -> Draft:
    for answer in answers:
        people.learn(answer)
    more = [entry for answer in answers for entry in pagerduty.overrides(answer)]
    kinds: tuple[
        tuple[Callable[[JsonEntry], list[JsonEntry]], Callable[[JsonEntry], Draft]], ...
    ] = (
        (pagerduty.schedules, lambda entry: pagerduty.draft(entry, more, people, now)),
        (goalert.schedules, lambda entry: goalert.draft(entry, answers, people, now)),
        (opsgenie.schedules, lambda entry: opsgenie.draft(entry, people, now)),
    )
    for find, make in kinds:
        entries = [entry for answer in answers for entry in find(answer)]
        if entries:
            return make(_chosen(entries, schedule))
    raise Strange("no schedule is in it")


def _chosen(schedules: list[JsonEntry], name: str | None) -> JsonEntry:
    names = [schedule.text("name", "") for schedule in schedules]
    if name is None and len(schedules) == 1:
        return schedules[0]
    wanted = [entry for entry, called in zip(schedules, names, strict=True) if called == name]
    if len(wanted) != 1:
        listed = ", ".join(repr(called) for called in names[:20])
        raise Strange(f"name the schedule with --schedule; there are {listed}")
    return wanted[0]


def given_addresses(entries: Sequence[str]) -> Mapping[str, str]:
    """Addresses by name from NAME=ADDRESS. Raises UsageError."""
    addresses = {}
    for entry in entries:
        name, equals, email = (part.strip() for part in entry.partition("="))
        if not (name and equals and email):
            raise UsageError(Problem(f"{entry!r} is not NAME=ADDRESS", hint="--person 'Alice=a@b'"))
        addresses[name] = email
    return addresses
