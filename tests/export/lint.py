"""What an exported calendar must be, beyond what the libraries look at."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_UTC = re.compile(r"\d{8}T\d{6}Z\Z", re.ASCII)
_LINE = re.compile(r'([A-Z][A-Z-]*)((?:;[A-Z-]+=(?:"[^"]*"|[^";:,]+))*):(.*)\Z', re.ASCII | re.S)
_TEXT = re.compile(r"(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,nN])*\Z")
_LISTS = re.compile(r"(?:[^\\;\x00-\x08\x0a-\x1f\x7f]|\\[\\;,nN])*\Z")
_TEXTS = ("SUMMARY", "DESCRIPTION", "NAME", "X-WR-CALNAME", "X-WR-TIMEZONE", "UID", "COLOR")
_ONCE = ("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "TRANSP")


@dataclass(frozen=True)
class Line:
    """A content line."""

    name: str
    parameters: str
    value: str


def unfolded(data: bytes) -> list[str]:
    """The logical lines."""
    return data.decode().replace("\r\n ", "").split("\r\n")[:-1]


def events(data: bytes) -> list[dict[str, str]]:
    """The properties of each event by name, with their values as they stand."""
    found: list[dict[str, str]] = []
    inside: list[str] = []
    for line in unfolded(data):
        name, _, value = line.partition(":")
        if name == "BEGIN":
            inside.append(value)
            if value == "VEVENT":
                found.append({})
        elif name == "END":
            inside.pop()
        elif inside[-1] == "VEVENT":
            found[-1][name.partition(";")[0]] = value
    return found


def lint(data: bytes, *, method: bool = False) -> list[str]:
    """What is wrong with a calendar that is published; with `method`, that is sent by mail."""
    faults = []
    if not data.endswith(b"\r\n") or re.search(rb"\r(?!\n)|(?<!\r)\n", data):
        faults.append("a line end that is not CRLF")
    for physical in data.split(b"\r\n"):
        if len(physical) > 75:
            faults.append(f"{len(physical)} octets in a line")
        try:
            physical.decode()
        except UnicodeDecodeError:
            faults.append("a fold inside a character")
    if faults:
        return faults
    inside: list[str] = []
    seen: Counter[str] = Counter()
    uids: Counter[str] = Counter()
    values: dict[str, str] = {}
    for logical in unfolded(data):
        match = _LINE.match(logical)
        if match is None:
            faults.append(f"no content line: {logical!r}")
            continue
        line = Line(*match.groups())
        if line.name == "BEGIN":
            inside.append(line.value)
            if line.value == "VEVENT":
                seen, values = Counter(), {}
        elif line.name == "END":
            if not inside or inside.pop() != line.value:
                faults.append(f"END:{line.value} without its BEGIN")
            if line.value == "VEVENT":
                faults.extend(_event(seen, values, method))
                uids[values.get("UID", "")] += 1
        else:
            faults.extend(_line(line, method))
            if inside[-1:] == ["VEVENT"]:
                seen[line.name] += 1
                values[line.name] = line.value
    if inside:
        faults.append(f"{inside[-1]} without an end")
    faults.extend(f"{count} events with the UID {uid}" for uid, count in uids.items() if count > 1)
    for needed in (b"\r\nVERSION:2.0\r\n", b"\r\nPRODID:"):
        if data.count(needed) != 1:
            faults.append(f"{needed.strip().decode()} not once")
    return faults


def _line(line: Line, method: bool) -> list[str]:
    faults = []
    if line.name in _TEXTS and not _TEXT.match(line.value):
        faults.append(f"{line.name} is not escaped: {line.value!r}")
    if line.name == "CATEGORIES" and not _LISTS.match(line.value):
        faults.append(f"{line.name} is not escaped: {line.value!r}")
    if line.name == "REFRESH-INTERVAL" and line.parameters != ";VALUE=DURATION":
        faults.append("REFRESH-INTERVAL without VALUE=DURATION")
    if line.name in ("METHOD", "ATTENDEE", "ORGANIZER") and not method:
        faults.append(f"{line.name} in what is published")
    if line.name in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED") and (
        line.parameters or not _UTC.match(line.value)
    ):
        faults.append(f"{line.name} is not in UTC: {line.value}")
    return faults


def _event(seen: Counter[str], values: dict[str, str], method: bool) -> list[str]:
    faults = [f"{seen[name]} times {name}" for name in _ONCE if seen[name] != 1]
    if not faults and values["DTSTART"] >= values["DTEND"]:
        faults.append("an event that ends before it starts")
    if not values.get("SEQUENCE", "").isdecimal():
        faults.append("SEQUENCE is no number")
    if not method and values.get("TRANSP") != "TRANSPARENT":
        faults.append("an event that makes somebody busy")
    return faults
