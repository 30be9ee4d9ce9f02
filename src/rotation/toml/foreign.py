"""Files of other kinds that people take for a TOML document."""

from __future__ import annotations

_IMPORT = "`rotation import FILE` makes a roster of it"


def other_bytes(data: bytes) -> tuple[str, str] | None:
    """What kind of file this is instead, and what to do; None for what may be text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16, not UTF-8", "save the file as UTF-8"
    if data.startswith(b"PK\x03\x04"):
        return "a spreadsheet or another archive, not text", f"save it as CSV: {_IMPORT}"
    if b"\0" in data[:8192]:
        return "not text", "is it another file?"
    return None


def other_format(text: str) -> tuple[str, str] | None:
    """The same for a text that is no TOML, by its first line that is not blank."""
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    if first.upper().startswith("BEGIN:VCALENDAR"):
        hint = 'a roster can read it: [[rotation]] with name = "calendar" and calendar = "FILE"'
        return "this is an iCalendar, not a roster", hint
    if first.startswith("{") or (first == "[" and "{" in text):
        return "this is JSON, not a roster", f"of Opsgenie, PagerDuty or GoAlert? {_IMPORT}"
    if first.startswith("<"):
        return "this is HTML or XML, not a roster", "is it a page that asks for a login?"
    if first == "---":
        return "this is YAML, not a roster", "a roster is TOML: KEY = VALUE"
    separators = sum(first.count(char) for char in ",;\t")
    if separators and not first.startswith(("[", "#", ";", ",", "//")) and "=" not in first:
        return "this is a table (CSV), not a roster", f"with start, end and person? {_IMPORT}"
    return None
