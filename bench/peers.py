"""What one would run instead: programs to compare with."""

from __future__ import annotations

TYPER = "import typer\napp = typer.Typer()\n@app.command()\ndef who():\n    pass\napp()\n"
TOML = "import tomllib, sys, pathlib\n[tomllib.loads(p.read_text()) for p in {}]\n"
RECURRING = """\
import icalendar, recurring_ical_events, pathlib, datetime
now = datetime.datetime.now(datetime.UTC)
calendar = icalendar.Calendar.from_ical(pathlib.Path({!r}).read_bytes())
recurring_ical_events.of(calendar).between(now, now + datetime.timedelta(days=7))
"""
LIBICAL = """\
import ctypes, datetime, pathlib
class Time(ctypes.Structure):
    words = "year month day hour minute second is_date is_daylight"
    _fields_ = [*((word, ctypes.c_int) for word in words.split()), ("zone", ctypes.c_void_p)]
ical = ctypes.CDLL("libical.so.3")
ical.icaltime_from_string.restype = Time
ical.icalparser_parse_string.restype = ctypes.c_void_p
for next in (ical.icalcomponent_get_first_component, ical.icalcomponent_get_next_component):
    next.restype, next.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_int)
Called = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
expand = ical.icalcomponent_foreach_recurrence
expand.argtypes, expand.restype = (ctypes.c_void_p, Time, Time, Called, ctypes.c_void_p), None
now = datetime.datetime.now(datetime.UTC)
until = now + datetime.timedelta(days=7)
start, end = (ical.icaltime_from_string(f"{{at:%Y%m%dT%H%M%SZ}}".encode()) for at in (now, until))
spans = []
called = Called(lambda component, span, data: spans.append(span))
calendar = ical.icalparser_parse_string(pathlib.Path({!r}).read_bytes())
EVENT = 4  # ICAL_VEVENT_COMPONENT
event = ical.icalcomponent_get_first_component(calendar, EVENT)
while event:
    expand(event, start, end, called, None)
    event = ical.icalcomponent_get_next_component(calendar, EVENT)
assert spans
"""
REWRITE = """\
import os, pathlib
path = pathlib.Path({!r})
lines = path.read_text().splitlines(keepends=True)
lines = ["duty: bob@example.com\\n" if line.startswith("duty:") else line for line in lines]
pathlib.Path({!r} + ".new").write_text("".join(lines))
os.replace({!r} + ".new", path)
"""
