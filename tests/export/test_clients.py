"""An exported calendar, as other programs' libraries read it; each skips where it is absent."""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from rotation.export.icalendar import Invitation, invitation

from .lint import events, lint, unfolded
from .roster_folder import COVER, ROSTER, RosterFolder

Row = tuple[str, datetime, datetime, str]
ALL = 55


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A year with what is hard to read: umlauts, folds, commas, an override, an absence."""
    roster = ROSTER.replace("Carol Jones", "Ça, röl; Jo\\\\nes " + "ü" * 60)
    roster_folder = RosterFolder(
        tmp_path_factory.mktemp("clients"), roster.replace("weekly", "wöchentlich, fest")
    )
    roster_folder.overrides(
        COVER + '[[absence]]\nperson = "alice"\nstart = 2027-01-01\nend = 2027-01-02\n'
    )
    made = roster_folder.export("--alarm", "1h")
    assert not lint(made)
    return made


@pytest.fixture(scope="module")
def rows(data: bytes) -> list[Row]:
    """The events as the tests' own reader has them."""
    found = events(data)
    assert len(found) >= ALL
    return [
        (e["UID"], stamp(e["DTSTART"]), stamp(e["DTEND"]), e["SUMMARY"].replace("\\,", ","))
        for e in found
    ]


def stamp(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def test_icalendar(data: bytes, rows: list[Row]) -> None:
    calendar = Calendar.from_ical(data)
    assert isinstance(calendar, Calendar)
    found = calendar.events
    assert [part.errors for part in calendar.walk()] == [[]] * len(calendar.walk())
    assert [(e["UID"], e.start, e.end, e["SUMMARY"]) for e in found] == rows
    assert calendar.to_ical() == data


def test_vobject(data: bytes, rows: list[Row]) -> None:
    vobject = pytest.importorskip("vobject")
    calendar = vobject.readOne(data.decode())
    assert calendar.validate(raiseException=True)
    found = calendar.vevent_list
    assert [(e.uid.value, e.dtstart.value, e.dtend.value, e.summary.value) for e in found] == rows


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_ics(data: bytes, rows: list[Row]) -> None:
    ics = pytest.importorskip("ics")
    found = ics.Calendar(data.decode()).events
    key = [(e.uid, e.begin.datetime, e.end.datetime, e.name) for e in found]
    assert sorted(key) == sorted(rows)


def test_ical(data: bytes, rows: list[Row]) -> None:
    stream = pytest.importorskip("ical.calendar_stream")
    calendar = stream.IcsCalendarStream.calendar_from_ics(data.decode())
    assert [(e.uid, e.dtstart, e.dtend, e.summary) for e in calendar.events] == rows


def libical() -> Any:
    """The library, with the types of what is asked of it; skips where it is absent."""
    name = ctypes.util.find_library("ical")
    if name is None:
        pytest.skip("no libical (Debian: libical3)")
    library: Any = ctypes.CDLL(name)
    for function in (
        "icalparser_parse_string",
        "icalcomponent_get_first_component",
        "icalcomponent_get_next_component",
    ):
        getattr(library, function).restype = ctypes.c_void_p
    library.icalcomponent_get_uid.restype = ctypes.c_char_p
    library.icalcomponent_get_summary.restype = ctypes.c_char_p
    return library


def test_libical(data: bytes, rows: list[Row]) -> None:
    library = libical()
    root = ctypes.c_void_p(library.icalparser_parse_string(data))
    assert root.value is not None
    assert library.icalrestriction_check(root) == 1
    assert library.icalcomponent_count_errors(root) == 0
    kind = library.icalcomponent_string_to_kind(b"VEVENT")
    assert library.icalcomponent_count_components(root, kind) == len(rows)
    part = library.icalcomponent_get_first_component(root, kind)
    found = []
    while part is not None:
        event = ctypes.c_void_p(part)
        uid, summary = (
            getattr(library, f"icalcomponent_get_{name}")(event).decode()
            for name in ("uid", "summary")
        )
        found.append((uid, summary))
        part = library.icalcomponent_get_next_component(root, kind)
    assert found == [(uid, summary) for uid, _, _, summary in rows]
    library.icalcomponent_free(root)


INVITATION = Invitation(
    "20261130T090000Z-1f@rotation",
    3,
    datetime(2026, 11, 30, 9, tzinfo=UTC),
    datetime(2026, 12, 7, 9, tzinfo=UTC),
    "duty: bob, für alice",
    "a; b\nc",
    "root@box.test",
    ("bob@example.com", "447700900123@sms.example.net"),
    datetime(2026, 11, 24, 10, tzinfo=UTC),
)


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_libical_holds_invitations_to_the_rules_of_their_method(method: str) -> None:
    library = libical()
    data = invitation(INVITATION, method)
    assert not lint(data, method=True)
    root = ctypes.c_void_p(library.icalparser_parse_string(data))
    assert library.icalrestriction_check(root) == 1
    assert library.icalcomponent_count_errors(root) == 0
    library.icalcomponent_free(root)
    # the rules are looked at: without an organizer it is none
    broken = b"\r\n".join(line for line in data.split(b"\r\n") if not line.startswith(b"ORGANIZER"))
    root = ctypes.c_void_p(library.icalparser_parse_string(broken))
    assert library.icalrestriction_check(root) == 0
    library.icalcomponent_free(root)


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_other_readers_of_invitations(method: str) -> None:
    data = invitation(INVITATION, method)
    calendar = Calendar.from_ical(data)
    assert isinstance(calendar, Calendar)
    (event,) = calendar.events
    assert str(calendar["METHOD"]) == method
    assert (event.start, event.end) == (INVITATION.start, INVITATION.end)
    assert str(event["DESCRIPTION"]) == "a; b\nc"
    assert [str(one) for one in event.attendees] == [f"mailto:{a}" for a in INVITATION.attendees]
    vobject = pytest.importorskip("vobject")
    assert vobject.readOne(data.decode()).validate(raiseException=True)
    stream = pytest.importorskip("ical.calendar_stream")
    (read,) = stream.IcsCalendarStream.calendar_from_ics(data.decode()).events
    assert (read.uid, read.sequence) == (INVITATION.uid, 3)


def test_ical_js(data: bytes, rows: list[Row]) -> None:
    node = shutil.which("node")
    script = Path(__file__).with_name("icaljs.cjs")
    if node is None:
        pytest.skip("no node")
    done = subprocess.run([node, str(script)], input=data, capture_output=True, check=False)
    if b"Cannot find module 'ical.js'" in done.stderr:
        pytest.skip("no ical.js (npm install ical.js, and NODE_PATH)")
    assert done.returncode == 0, done.stderr.decode()
    found = [
        (uid, *(datetime.fromisoformat(at) for at in times), summary)
        for uid, *times, summary in json.loads(done.stdout)
    ]
    assert found == rows


DEFECTS = {
    "ends before it starts": (b"DTEND:20261116T090000Z", b"DTEND:20261101T090000Z"),
    "not CRLF": (b"\r\nVERSION", b"\nVERSION"),
    "octets in a line": (b"\r\n ", b""),
    "inside a character": (b"\xc3\xbc\xc3\xbc\xc3\xbc", b"\xc3\xbc\xc3\r\n \xbc\xc3\xbc"),
    "without VALUE=DURATION": (b"REFRESH-INTERVAL;VALUE=DURATION", b"REFRESH-INTERVAL"),
    "events with the UID": (b"UID:20261116T090000Z", b"UID:20261109T090000Z"),
    "not escaped": (b"\\, fest", b", fest"),
    "0 times UID": (b"UID:2026", b"X-UID:2026"),
    "METHOD in what is published": (b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:PUBLISH"),
    "makes somebody busy": (b"TRANSP:TRANSPARENT", b"TRANSP:OPAQUE"),
    "without its BEGIN": (b"END:VALARM", b"END:VEVENT"),
    "is not in UTC": (b"DTSTART:20261116T090000Z", b"DTSTART:20261116T090000"),
}


@pytest.mark.parametrize("said", DEFECTS)
def test_the_lint_sees_what_it_should(data: bytes, said: str) -> None:
    old, new = DEFECTS[said]
    assert old in data
    faults = lint(data.replace(old, new, 1 if said != "octets in a line" else -1))
    assert any(said in fault for fault in faults), faults


def test_lines_are_folded(data: bytes) -> None:
    assert any(len(line.encode()) > 75 for line in unfolded(data))
    assert os.linesep == "\n"
