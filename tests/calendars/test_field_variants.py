"""The same calendars as other programs would write them: what they mean stays the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.host.real import Host
from tests.calendars.test_field import CASES

_ADDRESSES = re.compile(r"mailto:[^\r\n:;,\"]+")


def _unfolded(text: str) -> list[str]:
    return re.sub(r"\r?\n[ \t]", "", text).splitlines()


def _joined(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"


def folded(text: str) -> str:
    """Every property folded after a few characters, now with a blank and now with a tab."""
    pieces = []
    for number, line in enumerate(_unfolded(text)):
        blank = "\r\n" + " \t"[number % 2]
        if line.startswith(("BEGIN:", "END:")):
            pieces.append(line)
            continue
        pieces.append(blank.join(line[at : at + 11] for at in range(0, len(line), 11)))
    return _joined(pieces)


def bare_newlines(text: str) -> str:
    return "\n".join(_unfolded(text)) + "\n"


def lower_case(text: str) -> str:
    """Names of properties, parameters and components, as nobody has to write them."""

    def lowered(line: str) -> str:
        name = re.match(r"[A-Z-]+(?:;[A-Z-]+(?==))?", line)
        return line if name is None else name[0].lower() + line[name.end() :]

    return _joined([lowered(line) for line in _unfolded(text)])


def turned(text: str) -> str:
    """The components in the other order, zones last, and the properties of each too."""
    lines = _unfolded(text)
    head, parts, depth = [], [], 0
    for line in lines[1:-1]:
        if line.startswith("BEGIN:") and not depth:
            parts.append([line])
            depth = 1
        elif depth:
            parts[-1].append(line)
            depth += line.startswith("BEGIN:") - line.startswith("END:")
        else:
            head.append(line)
    events = [
        [p[0], *reversed(p[1:-1]), p[-1]] if p[0] == "BEGIN:VEVENT" else p for p in reversed(parts)
    ]
    return _joined([lines[0], *head, *(line for part in events for line in part), lines[-1]])


def with_alarms(text: str) -> str:
    """A reminder in each event, with attendees of its own, and a task beside them."""
    alarm = "BEGIN:VALARM\r\nACTION:EMAIL\r\nTRIGGER:-PT15M\r\nSUMMARY:carol\r\nDESCRIPTION:x\r\n"
    alarm += "ATTENDEE:mailto:carol@example.com\r\nEND:VALARM\r\nEND:VEVENT"
    todo = "BEGIN:VTODO\r\nUID:t\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:bob\r\nEND:VTODO\r\n"
    text = _joined(_unfolded(text)).replace("END:VEVENT", alarm)
    return text.replace("END:VCALENDAR", f"{todo}END:VCALENDAR")


def other_addresses(text: str) -> str:
    """Addresses in other letters, and with a comment in the title."""
    return _ADDRESSES.sub(lambda m: m[0].upper(), _joined(_unfolded(text)))


VARIANTS: dict[str, Callable[[str], str]] = {
    "folded": folded,
    "bare newlines": bare_newlines,
    "lower case": lower_case,
    "turned": turned,
    "with alarms": with_alarms,
    "other addresses": other_addresses,
    "with a mark": lambda text: "\ufeff" + text,
    "with blank lines": lambda text: _joined(_unfolded(text)).replace(
        "END:VEVENT", "END:VEVENT\r\n"
    ),
}


def people_of(case: dict[str, Any], match: str | None = None) -> str:
    people = "".join(
        f'{key} = {{ email = "{person["email"]}", name = "{person["name"]}" }}\n'
        for key, person in case["people"].items()
    )
    keys = f'match = "{match}"\n' if match else ""
    return f'[people]\n{people}[[rotation]]\nname = "team"\ncalendar = "duty.ics"\n{keys}'


def schedule(
    folder: Path, case: dict[str, Any], text: str, zone: str
) -> tuple[list[tuple[datetime, datetime, list[str]]], str]:
    """The shifts of a calendar by instants, and what is said on stderr."""
    roster = folder / "team.toml"
    roster.write_text(f'timezone = "{zone}"\n{people_of(case)}{case["rotation_keys"]}\n')
    (folder / "duty.ics").write_bytes(text.encode())
    call = Call(roster, datetime(2026, 11, 24, 10, tzinfo=UTC), Host(folder / "state"))
    words = ["schedule", "--json", "--from", case["from"], "--to", case["to"]]
    done = CliRunner().invoke(app, words, obj=call)
    assert done.exit_code == 0, done.output
    shifts = [
        (datetime.fromisoformat(s["start"]), datetime.fromisoformat(s["end"]), s["people"])
        for s in json.loads(done.stdout)
        if s["people"]
    ]
    return shifts, done.stderr


def wanted(case: dict[str, Any]) -> list[tuple[datetime, datetime, list[str]]]:
    return [
        (datetime.fromisoformat(s["start"]), datetime.fromisoformat(s["end"]), s["people"])
        for s in case["want"]
    ]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_another_way_to_write_it(tmp_path: Path, case: dict[str, Any], variant: str) -> None:
    text = VARIANTS[variant](case["calendar"])
    shifts, said = schedule(tmp_path, case, text, case["timezone"])
    assert shifts == wanted(case)
    if case["warning_mentions"] is None:
        assert said == ""
    else:
        assert case["warning_mentions"] in said.casefold()


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Pacific/Apia"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_roster_in_another_zone(tmp_path: Path, case: dict[str, Any], zone: str) -> None:
    """What has a time keeps its instants; a whole day is that day where the roster is."""
    case = {
        **case,
        "from": case["from"][:10] + "T00:00Z" if len(case["from"]) > 10 else case["from"],
    }
    shifts, _ = schedule(tmp_path, case, case["calendar"], zone)
    if "VALUE=DATE:" not in case["calendar"]:
        inside = [shift for shift in wanted(case) if shift[0] >= min(s[0] for s in shifts)]
        assert shifts == inside or shifts == wanted(case)
    else:
        days = [(s.date(), e.date(), p) for s, e, p in shifts]
        assert days == [(s.date(), e.date(), p) for s, e, p in wanted(case)]


@pytest.mark.parametrize(
    "written",
    [
        "CN=Bob Smith:/principals/users/b/",
        'CN="Smith, Bob":urn:uuid:7f3a',
        "CN=BOB  SMITH:invalid:nomail",
        "CN=Bob Smith;CUTYPE=INDIVIDUAL;SCHEDULE-STATUS=1.1:http://calendar.example.com/b",
        "CN=Bob Smith;EMAIL=bob@example.com:urn:uuid:7f3a",
        "EMAIL=bob@example.com:/principals/users/b/",
    ],
)
def test_attendees_without_a_mail_address_of_ours(tmp_path: Path, written: str) -> None:
    case = next(case for case in CASES if case["id"] == "n22-principal-cn")
    text = re.sub(r"ATTENDEE;CN=Alice Jones[^\r\n]*", f"ATTENDEE;{written}", case["calendar"])
    shifts, said = schedule(tmp_path, case, text, case["timezone"])
    assert [people for *_, people in shifts] == [["bob"]]
    assert said == ""
