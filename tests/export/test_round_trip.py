"""A calendar that was exported, read back in as a roster's calendar: the same final schedule."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from rotation.cli.context import Call
from rotation.export.events import events
from rotation.export.icalendar import calendar, said
from rotation.export.ledger import RevisedEvent, dump, parse, revised
from rotation.host.real import Host
from rotation.schedule.loaded import Loaded
from tests.schedule.oracle_spec import DAY
from tests.schedule.parts import PEOPLE
from tests.schedule.rosters import Asked, every_kind, load
from tests.schedule.test_properties import pieces, profile

from .lint import lint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round")


@profile
@given(ask=every_kind())
def test_the_same_people_at_the_same_times(folder: Path, ask: Asked) -> None:
    one = Loaded(load(ask.spec))
    zone = one.roster.zone
    people = "".join(f'{key} = "{key}@example.com"\n' for key in PEOPLE)
    text = f'timezone = "{zone.key}"\n[people]\n{people}'
    for number, role in enumerate(one.roster.roles):
        found = events(one, role, ask.begin, ask.end)
        revisions = revised(found, {}, ask.begin, {role: (ask.begin, ask.end)})
        data = calendar(
            "x", [RevisedEvent(one.roster, event, revisions[event.uid]) for event in found]
        )
        assert not lint(data)
        (folder / f"{number}.ics").write_bytes(data)
        text += f'[[rotation]]\nname = "c"\nrole = "{role}"\ncalendar = "{number}.ics"\n'
        again = said(data)
        assert {uid: (r.sequence, r.modified, r.summary) for uid, r in again.items()} == {
            uid: (r.sequence, r.modified, r.summary) for uid, r in revisions.items()
        }
        assert parse(dump(revisions)) == revisions
    file = folder / "team.toml"
    file.write_text(text)
    for copy in (folder / "state").glob("*"):
        copy.unlink()  # of another example: this calendar has not lost those duties
    call = Call(file, ask.begin, Host(folder / "state"))
    (exported,) = call.load(ask.begin.isoformat(), ask.end.isoformat())
    assert not exported.warnings
    for role in one.roster.roles:
        wanted = pieces(one.known_schedule(role).between(ask.begin, ask.end))
        assert pieces(exported.known_schedule(role).between(ask.begin, ask.end)) == wanted


@profile
@given(ask=every_kind())
def test_identities_depend_on_nothing_but_the_rotations(ask: Asked) -> None:
    one = Loaded(load(ask.spec))
    for role in one.roster.roles:
        found = events(one, role, ask.begin, ask.end)
        uids = {event.uid: event for event in found}
        assert len(uids) == len(found)
        assert not any(person in event.uid for event in found for person in PEOPLE)
        for event in found:
            # looked at from elsewhere it is the same, and whole
            middle = event.start + (event.end - event.start) / 2
            assert events(one, role, middle, middle + DAY / 1440)[0] == event
            (shift,) = (one.known_schedule(role).at(middle),)
            assert (shift.start, shift.end, shift.people) == (event.start, event.end, event.people)
            assert not set(event.instead_of) & set(event.people)
