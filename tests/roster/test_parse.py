"""The loader: what it makes of good files, and what it says of bad ones, all at once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rotation.errors import Exit, Problem, RosterError
from rotation.model import Every, Kind, Roster, Unit, Window
from rotation.roster.parse import overrides_path, parse

PATH = Path("rosters/sysduty.toml")
HEAD = """timezone = "Europe/London"

[people]
alice = "alice@example.com"
bob = "bob@example.com"

"""
ROTATION = """[[rotation]]
name = "weekly"
people = ["alice", "bob"]
every = "1 week"
start = 2026-01-05
"""
WHOLE = """timezone = "Europe/London"             # IANA name; every local time here is in it
fallback = ["managers@example.com"]    # person keys or addresses; used when nobody is on duty

[people]
alice = "alice@example.com"
bob   = "bob@example.com"
carol = { email = ["carol@example.com", "447700900123@sms.example.net"], name = "Carol Jones" }

[[rotation]]
name    = "weekly"
people  = ["alice", "bob", ["carol", "alice"]]   # a nested list is one turn held together
every   = "1 week"          # N hour(s) | day(s) | week(s) | month(s): the length of a turn
start   = 2026-01-05        # local date of the first handoff
handoff = "09:00"           # local time of every handoff (for turns of hours: of the first)

[[rotation]]
name     = "office hours"
people   = ["bob", "carol"]
every    = "1 day"
start    = 2026-01-05
hours    = ["mon-fri 09:00-17:00"]   # on duty only then; outside, nobody is put on duty
priority = 1                          # highest priority with anybody on duty wins; equals share
role     = "duty"                     # default

[[rotation]]
name     = "from the team calendar"
calendar = "duty.ics"                 # or an https:// or webcal:// address
role     = "backup"

[[shift]]                             # a duty written by date, beside or instead of rotations
start    = 2026-12-24T09:00:00        # local; or with an offset
end      = 2026-12-27T09:00:00
people   = ["alice"]
priority = 2

[[target]]
aliases = "/etc/aliases"              # rewrite this entry of an aliases file
name    = "all-system-notifications"

[[target]]
include = "/etc/mail/duty"            # a file that an alias names as :include:/etc/mail/duty
also    = ["archive@example.com"]     # always copied

[[target]]
forward = "/root/.forward"
role    = "backup"
"""
WHOLE_OVERRIDES = """[[override]]
start = 2026-11-30T09:00:00Z
end   = 2026-12-07T09:00:00Z
out   = "alice"        # leave out `out`: `in` is added. leave out `in`: `out` is removed
in    = "bob"
role  = "duty"
id    = "7f3a"         # what `undo` names
note  = "swap alice bob"
by    = "root"
at    = 2026-11-24T10:12:00Z

[[absence]]
person = "carol"
start  = 2026-12-24
end    = 2027-01-02    # a bare date as an end is inclusive: the last day away
"""


def load(text: str | bytes, overrides: str | bytes | None = None) -> Roster:
    return parse(_bytes(text), PATH, None if overrides is None else _bytes(overrides))


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def problems(text: str | bytes, overrides: str | bytes | None = None) -> tuple[Problem, ...]:
    with pytest.raises(RosterError) as caught:
        load(text, overrides)
    assert caught.value.status == Exit.USAGE
    return caught.value.problems


# good files


def test_the_documented_roster_is_read_as_written() -> None:
    roster = load(WHOLE, WHOLE_OVERRIDES)
    assert (roster.name, roster.path) == ("sysduty", PATH)
    assert roster.zone == ZoneInfo("Europe/London")
    assert list(roster.people) == ["alice", "bob", "carol"]
    carol = roster.people["carol"]
    assert carol.email == ("carol@example.com", "447700900123@sms.example.net")
    assert carol.name == "Carol Jones"
    assert roster.fallback == ("managers@example.com",)
    assert roster.roles == ("duty", "backup")

    weekly, office, calendar = roster.rotations
    assert weekly.turns == (("alice",), ("bob",), ("carol", "alice"))
    assert weekly.order == ("alice", "bob", "carol", "alice")
    assert weekly.every == Every(1, Unit.WEEK)
    assert (weekly.start, weekly.handoff) == (date(2026, 1, 5), time(9))
    assert (weekly.priority, weekly.role, weekly.hours) == (0, "duty", ())
    assert str(weekly.where) == "rosters/sysduty.toml:9"
    assert office.hours == (Window(frozenset(range(5)), 540, 1020),)
    assert office.counts_windows
    assert (office.priority, office.handoff) == (1, time(0))
    assert (calendar.calendar, calendar.role, calendar.turns) == ("duty.ics", "backup", ())

    (shift,) = roster.shifts
    assert shift.start == datetime(2026, 12, 24, 9, tzinfo=UTC)
    assert shift.end == datetime(2026, 12, 27, 9, tzinfo=UTC)
    assert (shift.people, shift.priority) == (("alice",), 2)

    aliases, include, forward = roster.targets
    assert (aliases.kind, aliases.path, aliases.name) == (
        Kind.ALIASES,
        Path("/etc/aliases"),
        "all-system-notifications",
    )
    assert (include.kind, include.also) == (Kind.INCLUDE, ("archive@example.com",))
    assert (forward.kind, forward.role) == (Kind.FORWARD, "backup")

    (override,) = roster.overrides
    assert (override.out, override.in_, override.id, override.by) == (
        "alice",
        "bob",
        "7f3a",
        "root",
    )
    assert override.at == datetime(2026, 11, 24, 10, 12, tzinfo=UTC)
    assert str(override.where) == "rosters/sysduty.overrides.toml:1"
    (absence,) = roster.absences
    assert absence.end == datetime(2027, 1, 3, tzinfo=UTC)
    assert str(absence.where) == "rosters/sysduty.overrides.toml:12"


def test_the_least_roster() -> None:
    roster = load('timezone = "UTC"\npeople.alice = "alice@example.com"\n')
    assert roster.roles == ("duty",)
    assert (roster.rotations, roster.shifts, roster.targets) == ((), (), ())


def test_people_may_have_tables_of_their_own() -> None:
    roster = load('timezone = "UTC"\n[people.alice]\nemail = "alice@example.com"\n')
    assert roster.people["alice"].email == ("alice@example.com",)


@pytest.mark.parametrize("text", [WHOLE, HEAD + ROTATION])
def test_crlf_and_a_byte_order_mark_change_nothing(text: str) -> None:
    plain = load(text, WHOLE_OVERRIDES if text == WHOLE else None)
    dos = text.replace("\n", "\r\n")
    overrides = WHOLE_OVERRIDES.replace("\n", "\r\n").encode() if text == WHOLE else None
    assert load(dos, overrides) == plain
    marked = b"\xef\xbb\xbf" + (overrides or b"")
    assert load(b"\xef\xbb\xbf" + dos.encode(), marked) == plain
    broken = dos.replace('"bob"', '"bbo"', 1)
    lines = [str(problem.where) for problem in problems(broken, overrides)]
    assert lines == [f"{PATH}:{text[: text.index(chr(34) + 'bob' + chr(34))].count(chr(10)) + 1}"]


def test_relative_paths_are_relative_to_the_roster() -> None:
    text = HEAD + '[[target]]\ninclude = "duty"\n'
    (target,) = parse(text.encode(), Path("/etc/rotation/a.toml")).targets
    assert target.path == Path("/etc/rotation/duty")
    (target,) = parse(text.encode(), Path("a.toml"), base=Path("/srv")).targets
    assert target.path == Path("/srv/duty")


def test_the_overrides_file_stands_beside_the_roster() -> None:
    assert overrides_path(Path("/etc/rotation/x.toml")) == Path("/etc/rotation/x.overrides.toml")


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("1 hour", 1, Unit.HOUR),
        ("12 hours", 12, Unit.HOUR),
        ("1day", 1, Unit.DAY),
        (" 2  Days ", 2, Unit.DAY),
        ("1 weeks", 1, Unit.WEEK),
        ("1200 months", 1200, Unit.MONTH),
        ("5217 weeks", 5217, Unit.WEEK),
    ],
)
def test_lengths_of_turns(text: str, count: int, unit: Unit) -> None:
    (rotation,) = load(HEAD + ROTATION.replace("1 week", text)).rotations
    assert rotation.every == Every(count, unit)


ALL = frozenset(range(7))


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("mon-fri 09:00-17:00", Window(frozenset(range(5)), 540, 1020)),
        ("Mon-Fri 9:00 - 17:00", Window(frozenset(range(5)), 540, 1020)),
        ("sat,sun", Window(frozenset({5, 6}), 0, 1440)),
        ("saturday, sunday", Window(frozenset({5, 6}), 0, 1440)),
        ("20:00-08:00", Window(ALL, 1200, 480)),
        ("mon 09:00-24:00", Window(frozenset({0}), 540, 1440)),
        ("mon 20:00-00:00", Window(frozenset({0}), 1200, 1440)),
        ("fri-mon", Window(frozenset({4, 5, 6, 0}), 0, 1440)),
        ("mon,wed-fri 08:00-08:00", Window(frozenset({0, 2, 3, 4}), 480, 480)),
        ("sun-sat", Window(ALL, 0, 1440)),
        ("00:00-24:00", Window(ALL, 0, 1440)),
    ],
)
def test_duty_hours(text: str, window: Window) -> None:
    (rotation,) = load(HEAD + ROTATION + f'hours = ["{text}"]\n').rotations
    assert rotation.hours == (window,)
    (rotation,) = load(HEAD + ROTATION + f'hours = "{text}"\n').rotations
    assert rotation.hours == (window,)


def test_what_a_role_and_reminders_say() -> None:
    text = 'holidays = "GB-SCT"\n' + HEAD + ROTATION
    text += '[role.duty]\ngaps = "expected"\n[notify]\nremind = ["1 day", "1 week"]\n'
    roster = load(text)
    assert (roster.quiet, roster.holidays) == (frozenset({"duty"}), "GB-SCT")
    assert roster.remind == (timedelta(days=7), timedelta(days=1))


@pytest.mark.parametrize("again", [ROTATION, ROTATION.replace("01-05", "01-04")])
def test_a_rotation_that_is_replaced_before_it_begins_is_history(again: str) -> None:
    assert len(load(HEAD + ROTATION + again).rotations) == 2


# bad files


@dataclass(frozen=True)
class Bad:
    """A file with one problem: its line, what is said, and the hint; a hint "" is not looked at."""

    name: str
    text: str
    line: int
    what: str
    hint: str = ""


def rotation(line: int, text: str) -> str:
    """The rotation with a line (7 to 11 of the file, 12 for one more) replaced."""
    lines = ROTATION.splitlines()
    lines[line - 7 : line - 6] = [text] if text else []
    return HEAD + "\n".join(lines) + "\n"


def target(text: str) -> str:
    return f"{HEAD}[[target]]\n{text}\n"


def shift(text: str) -> str:
    return f"{HEAD}[[shift]]\n{text}\n"


BAD = [
    # syntax
    Bad("no value", HEAD + "a =\n", 7, "TOML syntax: invalid value", "stands in"),
    Bad("no quotes", HEAD + "a = b\n", 7, "TOML syntax: invalid value", 'text stands in "quotes"'),
    Bad("twice", HEAD + ROTATION + "start = 2026-01-06\n", 12, "TOML syntax: cannot overwrite"),
    Bad("unclosed", HEAD + '[[target]]\nalso = ["a"\n', 9, "TOML syntax: unclosed array"),
    Bad("no date", rotation(11, "start = 2026-02-30"), 11, "TOML syntax: invalid date"),
    Bad("nested too deeply", HEAD + "a = " + "[" * 9000 + "]" * 9000, 1, "nested too deeply"),
    # keys
    Bad("unknown key", HEAD + ROTATION + "hour = 1\n", 12, "unknown key 'hour'", "mean 'hours'?"),
    Bad("unknown key, no guess", HEAD + ROTATION + "zzz = 1\n", 12, "unknown key 'zzz'", "name"),
    Bad("unknown table", HEAD + "[[rotatoin]]\n", 7, "unknown key 'rotatoin' in the roster",
        "mean 'rotation'?"),
    Bad("one bracket", HEAD + "[rotation]\n", 7, "must be written [[rotation]]", "two brackets"),
    Bad("no table", "rotation = [1]\n" + HEAD, 1, "this rotation must be a table, not a number"),
    # the head
    Bad("no zone", HEAD.partition("\n")[2], 1, "has no 'timezone'", "Europe/London"),
    Bad("bad zone", HEAD.replace("London", "Lodnon"), 1, "'Europe/Lodnon'", "mean 'Europe/London'"),
    Bad("zone, small letters", HEAD.replace("Europe/London", "europe/london"), 1, "", "/London'"),
    Bad("nonsense zone", HEAD.replace("Europe/London", "??"), 1, "unknown time zone", "an IANA"),
    Bad("a folder", HEAD.replace("Europe/London", "Europe"), 1, "unknown time zone 'Europe'"),
    Bad("a path", HEAD.replace("Europe/London", "../../etc/passwd"), 1, "unknown time zone"),
    Bad("a zone of 9000 letters", HEAD.replace("Europe/London", "a" * 9000), 1, "unknown time"),
    Bad("an empty zone", HEAD.replace("Europe/London", " "), 1, "one line of text"),
    Bad("no text", HEAD.replace('"Europe/London"', "1"), 1, "must be text in quotes, not a number"),
    Bad("no people", 'timezone = "UTC"\n', 1, "no [people]", "alice@example.com"),
    Bad("nobody", 'timezone = "UTC"\n\n[people]\n', 3, "[people] is empty", "alice@example.com"),
    Bad("people as a list", 'timezone = "UTC"\npeople = ["a"]\n', 2, "must be a table, not a list"),
    Bad("bad key", HEAD + '"a b" = "a@example.com"\n', 7, "'a b' cannot be", "short"),
    Bad("key *", HEAD + '"*" = "a@example.com"\n', 7, "cannot be a person's key"),
    Bad("empty key", HEAD + '"" = "a@example.com"\n', 7, "cannot be a person's key"),
    Bad("key of two lines", HEAD + '"a\\nb" = "a@example.com"\n', 7, "cannot be a person's key"),
    Bad("no address", HEAD + "carol = []\n", 7, "'carol' has no mail address", "carol@example.com"),
    Bad("a name only", HEAD + 'carol = { name = "C" }\n', 7, "'carol' has no mail address"),
    Bad("emial", HEAD + 'carol = { emial = "a@b.c", email = "a@b.c" }\n', 7, "'emial'", "'email'"),
    Bad("bad address", HEAD + 'carol = "a@b@c"\n', 7, "address 'a@b@c' has a part", "once only"),
    Bad("a program", HEAD + 'x = "|touch${IFS}/x@example.com"\n', 7, "address", "runs a command"),
    Bad("one of two", HEAD + 'x = [\n"a@b.c",\n"root",\n]\n', 9, "address 'root' is root", "own"),
    Bad("a number", HEAD + "x = [1]\n", 7, "must hold texts in quotes, not a number"),
    Bad("fallback", 'fallback = ["alcie"]\n' + HEAD, 1, "unknown person 'alcie'", "mean 'alice'?"),
    Bad("fallback, nobody", 'fallback = "zz"\n' + HEAD, 1, "person 'zz'", "user: zz@localhost"),
    Bad("fallback, address", 'fallback = ["a@b@c"]\n' + HEAD, 1, "address 'a@b@c' has a part"),
    # rotations
    Bad("no name", rotation(8, ""), 7, "this rotation has no 'name'", 'name = "weekly"'),
    Bad("nobody", rotation(9, ""), 7, "this rotation has no 'people'", 'people = ["alice"'),
    Bad("empty", rotation(9, "people = []"), 9, "'people' is empty", 'people = ["alice"'),
    Bad("one text", rotation(9, 'people = "alice"'), 9, "must be a list, not text", "people = ["),
    Bad("numbers", rotation(9, "people = [1]"), 9, "must hold keys of people, not a number"),
    Bad("unknown", rotation(9, 'people = ["bbo"]'), 9, "unknown person 'bbo'",
        "did you mean 'bob'? people are listed at line 3"),
    Bad("unknown, no guess", rotation(9, 'people = ["zed"]'), 9, "unknown person 'zed'",
        "people are listed at line 3"),
    Bad("unknown in a turn", rotation(9, 'people = ["bob", [\n"alice",\n"Bob"]]'), 11,
        "unknown person 'Bob'", "did you mean 'bob'?"),
    Bad("no turn", rotation(9, 'people = ["bob", []]'), 9, "a turn without people", "'hours'"),
    Bad("no every", rotation(10, ""), 7, "this rotation has no 'every'", '"1 week"'),
    *(
        Bad(f"every {text!r}", rotation(10, f'every = "{text}"'), 10,
            "is no length of a turn", "N hours, days, weeks or months")
        for text in ("week", "0 days", "-1 day", "1 year", "1.5 days", "fortnight", "1 week 2 days",
                     "999999 days", "1201 months", "5218 weeks", "٣ days")
    ),
    Bad("every, a number", rotation(10, "every = 7"), 10, "'every' must be text"),
    Bad("no start", rotation(11, ""), 7, "has no 'start'", "start = 2026-01-05"),
    Bad("start, a text", rotation(11, 'start = "2026-01-05"'), 11, "must be a date, not text"),
    Bad("start, a time", rotation(11, "start = 2026-01-05T09:00:00"), 11, "without a time",
        'write start = 2026-01-05 and handoff = "09:00"'),
    Bad("start, the year 1", rotation(11, "start = 0001-01-05"), 11, "is in the year 1", "typing"),
    Bad("start, 9999", rotation(11, "start = 9999-01-05"), 11, "is in the year 9999", "typing"),
    *(
        Bad(f"handoff {text}", rotation(12, f"handoff = {text}"), 12,
            "'handoff' must be a time of day", "09:00")
        for text in ('"24:00"', '"9"', '"25:00"', '"09:60"', "9", '"9am"', '""')
    ),
    *(
        Bad(f"hours {text!r}", rotation(12, f'hours = ["{text}"]'), 12,
            f"{text!r} are no duty hours", "as in")
        for text in ("", "mo 09:00-17:00", "mon 9-17", "09:00", "09:00-25:00", "24:00-08:00",
                     "mon-fri,", "mon--fri", "09:00-17:00 mon", "monday to friday")
    ),
    Bad("no hours", rotation(12, "hours = []"), 12, "'hours' is empty", "leave the key out"),
    Bad("second hours", rotation(12, 'hours = [\n"sat",\n"sum",\n]'), 14, "'sum' are no"),
    Bad("priority", rotation(12, 'priority = "high"'), 12, "must be a whole number, not text"),
    Bad("priority, a truth", rotation(12, "priority = true"), 12, "not true or false"),
    Bad("until before since", rotation(12, "until = 2026-02-01\nsince = 2026-03-01"), 12,
        "ends before it begins"),
    Bad("until before start", rotation(12, "until = 2026-01-04"), 7,
        "rotation 'weekly' can never be on duty", "before its first handoff"),
    Bad("until in a repeated hour", rotation(12, "until = 2026-10-25T01:30:00"), 12,
        "2026-10-25 01:30 exists twice"),
    # shifts
    Bad("shift, no start", shift('end = 2026-01-05\npeople = ["bob"]'), 7, "no 'start'", "as in"),
    Bad("shift, no end", shift('start = 2026-01-05\npeople = ["bob"]'), 7, "has no 'end'", "as in"),
    Bad("shift, the wrong way round",
        shift('start = 2026-01-05\nend = 2026-01-04\npeople = ["bob"]'), 9,
        "end is not after start", "wrong way round"),
    Bad("shift, no length",
        shift('start = 2026-01-05\nend = 2026-01-05T00:00:00\npeople = ["bob"]'), 9,
        "end is not after start"),
    Bad("shift, nobody", shift("start = 2026-01-05\nend = 2026-01-05"), 7, "nobody on duty"),
    Bad("shift, unknown", shift('start = 2026-01-05\nend = 2026-01-05\npeople = ["bbo"]'), 10,
        "unknown person 'bbo'", "'bob'"),
    Bad("shift, a text", shift('start = "2026-01-05"\nend = 2026-01-05\npeople = ["bob"]'), 8,
        "must be a date or a date with a time, not text", "without quotes"),
    Bad("shift, no such time",
        shift('start = 2026-03-29T01:30:00\nend = 2026-04-01\npeople = ["bob"]'), 8,
        "2026-03-29 01:30 does not exist (nonexistent local time) in Europe/London: "
        "write 2026-03-29T00:30:00+00:00 or 2026-03-29T02:30:00+01:00"),
    # targets
    Bad("no form", target('name = "x"'), 7, "says nothing of where", "aliases = "),
    Bad("two forms", target('include = "/a"\nforward = "/b"'), 7, "is several at once", "one of:"),
    Bad("no alias", target('aliases = "/etc/aliases"'), 7, "has no 'name'", "name = "),
    Bad("bad alias", target('aliases = "/etc/aliases"\nname = "a b"'), 9, "alias 'a b' must begin"),
    Bad("name of a list", target('include = "/a"\nname = "x"'), 9, "belongs to an aliases target"),
    Bad("server", target('aliases = "/a"\nname = "x"\nserver = "posfix"'), 10,
        "unknown mail server 'posfix'", "did you mean 'postfix'?"),
    Bad("no server", target('aliases = "/a"\nname = "x"\nserver = "mx"'), 10,
        "unknown mail server 'mx'", "one of postfix"),
    Bad("also", target('include = "/a"\nalso = ["bob", "|x@example.com"]'), 9,
        "address '|x@example.com'", "runs a command"),
    Bad("rebuild, a text", target('aliases = "/a"\nname = "x"\nrebuild = "newaliases"'), 10,
        "must be a list", "no shell"),
    Bad("rebuild, a relative path",
        target('aliases = "/a"\nname = "x"\nrebuild = ["newaliases"]'), 10,
        "'newaliases' is no absolute path", "cron's PATH"),
    # roles, holidays, reminders
    Bad("unknown role", HEAD + ROTATION + '[role.dutty]\ngaps = "expected"\n', 12,
        "no rotation or shift has the role 'dutty'", "mean 'duty'?"),
    Bad("other gaps", HEAD + ROTATION + '[role.duty]\ngaps = "fine"\n', 13,
        "'gaps' cannot be 'fine'", "expected"),
    Bad("key of a role", HEAD + ROTATION + '[role.duty]\ngap = "expected"\n', 13,
        "unknown key 'gap'", "mean 'gaps'?"),
    Bad("no country", 'holidays = "Britain"\n' + HEAD, 1, "'Britain' is no country", "ISO 3166"),
    Bad("remind", HEAD + '[notify]\nremind = ["7 days", "a while"]\n', 8,
        "'a while' is no length of time", "1 day"),
    Bad("match", HEAD + '[[rotation]]\nname = "a"\ncalendar = "a.ics"\nmatch = "people"\n', 10,
        "events cannot be matched by 'people'", "one of attendee"),
    Bad("address", HEAD + '[[rotation]]\nname = "a"\ncalendar = "file:///a.ics"\n', 9,
        "an address of the kind file:// is not read", "write the path alone"),
    Bad("stale", HEAD + '[[rotation]]\nname = "a"\ncalendar = "a.ics"\nstale = "old"\n', 10,
        "'old' is no length of time", "3 days"),
]  # fmt: skip

START = "[[override]]\nstart = 2026-01-05T00:00:00Z\nend = 2026-01-06T00:00:00Z\n"
BAD_OVERRIDES = [
    Bad("syntax", "[[override]\n", 1, "TOML syntax"),
    Bad("unknown table", "[[overide]]\n", 1, "unknown key 'overide' in the overrides file",
        "mean 'override'?"),
    Bad("changes nobody", START, 1, "changes nobody", "out, in, or both"),
    Bad("unknown out", START + 'out = "alcie"\n', 4, "unknown person 'alcie'",
        "did you mean 'alice'? people are listed at rosters/sysduty.toml:3"),
    Bad("unknown in", START + 'in = "zed"\n', 4, "unknown person 'zed'",
        "people are listed at rosters/sysduty.toml:3"),
    Bad("everybody in", START + 'in = "*"\n', 4, "unknown person '*'"),
    Bad("in and out", START + 'out = "bob"\nin = "bob"\n', 5, "in their own place"),
    Bad("misspelt key", START + 'in = "bob"\nnotes = "x"\n', 5, "unknown key 'notes'", "'note'"),
    Bad("no start", '[[override]]\nend = 2026-01-05\nin = "bob"\n', 1, "has no 'start'", "as in"),
    Bad("end before start",
        '[[override]]\nstart = 2026-01-05\nend = 2026-01-04\nin = "bob"\n', 3,
        "end is not after start", "wrong way round"),
    Bad("no such time",
        '[[override]]\nstart = 2026-10-25T01:30:00\nend = 2026-11-04\nin = "bob"\n', 2,
        "write 2026-10-25T01:30:00+01:00 or 2026-10-25T01:30:00+00:00"),
    Bad("skipped time",
        '[[override]]\nstart = 2026-03-29T01:30:00\nend = 2026-11-04\nin = "bob"\n', 2,
        "does not exist"),
    Bad("nobody away", "[[absence]]\nstart = 2026-01-05\nend = 2026-01-05\n", 1,
        "this absence has no 'person'", "who is away"),
    Bad("unknown absent",
        '\n[[absence]]\nstart = 2026-01-05\nend = 2026-01-05\nperson = "Alice"\n', 5,
        "unknown person 'Alice'", "mean 'alice'? people are listed at rosters/sysduty.toml:3"),
    Bad("everybody away", '[[absence]]\nperson = "*"\nstart = 2026-01-05\nend = 2026-01-05\n', 2,
        "unknown person '*'"),
    Bad("away backwards",
        '[[absence]]\nperson = "bob"\nstart = 2026-01-05\nend = 2026-01-03\n', 4,
        "end is not after start"),
    Bad("stamp", START + 'in = "bob"\nat = "then"\n', 5, "'at' must be a date"),
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_problem_has_its_line_and_a_hint(bad: Bad) -> None:
    (problem,) = problems(bad.text)
    assert (str(problem.where), bad.what in problem.what) == (f"{PATH}:{bad.line}", True), problem
    assert bad.hint in (problem.hint or "")


@pytest.mark.parametrize("bad", BAD_OVERRIDES, ids=lambda bad: bad.name)
def test_a_problem_of_the_overrides_names_their_file(bad: Bad) -> None:
    (problem,) = problems(HEAD + ROTATION, bad.text)
    where = f"rosters/sysduty.overrides.toml:{bad.line}"
    assert (str(problem.where), bad.what in problem.what) == (where, True), problem
    assert bad.hint in (problem.hint or "")


def test_not_utf_8() -> None:
    (problem,) = problems(HEAD.encode() + b'carol = "\xff@example.com"\n')
    assert (problem.what, str(problem.where)) == ("not UTF-8 text", "rosters/sysduty.toml:7")


def test_a_number_of_5000_digits() -> None:
    (problem,) = problems(HEAD + "a = " + "1" * 5000 + "\n")
    assert problem.where is not None
    assert problem.where.file == str(PATH)


def test_people_in_tables_of_their_own_are_listed_where_the_first_begins() -> None:
    text = f'timezone = "UTC"\n\n[people.bob]\nemail = "bob@example.com"\n\n{ROTATION}'
    (problem,) = problems(text)
    assert problem.what == "unknown person 'alice'"
    assert problem.hint == "people are listed at line 3"


def test_both_files_with_syntax_errors_are_reported() -> None:
    found = problems("a = ", "b = ")
    assert [str(problem.where) for problem in found] == [
        "rosters/sysduty.toml:1",
        "rosters/sysduty.overrides.toml:1",
    ]


GOLDEN = """\
error: address 'a@example.com,b@example.com' has a part before the @ that mail servers do not \
read alike
  --> rosters/sysduty.toml:5
  hint: ',' separates addresses: use a list
error: unknown person 'carl'
  --> rosters/sysduty.toml:10
  hint: did you mean 'carol'? people are listed at line 3
error: 'fortnight' is no length of a turn
  --> rosters/sysduty.toml:11
  hint: every = "1 week" (N hours, days, weeks or months)
error: unknown key 'handof' in this rotation
  --> rosters/sysduty.toml:13
  hint: did you mean 'handoff'?
error: end is not after start
  --> rosters/sysduty.toml:17
  hint: are the two the wrong way round?
error: unknown person 'bbo'
  --> rosters/sysduty.overrides.toml:4
  hint: did you mean 'bob'? people are listed at rosters/sysduty.toml:3"""


def test_everything_wrong_with_both_files_is_said_at_once_in_their_order() -> None:
    text = """timezone = "Europe/London"

[people]
carol = "carol@example.com"
alice = "a@example.com,b@example.com"
bob = "bob@example.com"

[[rotation]]
name = "weekly"
people = ["carl", "alice"]
every = "fortnight"
start = 2026-01-05
handof = "09:00"

[[shift]]
start = 2026-01-05
end = 2026-01-03
people = ["bob"]
"""
    with pytest.raises(RosterError) as caught:
        load(text, START + 'in = "bbo"\n')
    assert str(caught.value) == GOLDEN


def test_what_is_wrong_is_shown_without_its_control_characters() -> None:
    (problem,) = problems(HEAD + '"\\u001b[31m" = "a@example.com"\n')
    assert "\x1b" not in problem.render()
    assert problem.render().startswith("error: '\\x1b[31m' cannot be a person's key\n  -->")


# whatever comes

fuzz = settings(derandomize=True, deadline=None, database=None, max_examples=300)
WORDS = ("=", "[", "]", "[[", "]]", "{", "}", '"', "'''", '"""', "\n", ",", ".", "#", "0", "-", "é")
VALUES = ("1", "-1", '""', '"*"', '"alice"', "[]", "[[]]", "{}", "true", "nan", "1e999", "09:00:00",
          "1900-01-01", "8999-12-31", "9999-12-31", "0001-01-01", "2026-03-29T01:30:00",
          "2026-01-05T09:00:00.5+23:59", "[1]", '[["alice", "alice"], "bob"]', '"\\u0000"', '"\\n"',
          '"1 hour"', '"1200 months"', '"00:00-00:00"', "9" * 40, '{ email = 1 }', "[{}]",
          '["sat", 1]')  # fmt: skip


def only_roster_errors(text: bytes, overrides: bytes | None = None) -> None:
    try:
        roster = parse(text, PATH, overrides)
    except RosterError as error:
        found = error.problems
    else:
        assert roster.people
        return
    assert found
    last = 1 + max(text.count(b"\n"), (overrides or b"").count(b"\n"))
    for problem in found:
        assert problem.where is not None
        assert problem.where.line in range(1, last + 1)
        assert all(line.isprintable() for line in problem.render().split("\n"))


@fuzz
@given(st.binary(max_size=200), st.one_of(st.none(), st.binary(max_size=60)))
@example(b"a = " + b"1" * 5000, None)
@example(b"a = 0x" + b"1" * 5000, None)
@example(b"a = " + b"[" * 5000, None)
@example(b"a = " + b"{a=" * 5000, None)
@example(b"a." * 5000 + b"a = 1", None)
@example(b"\xef\xbb\xbf\xef\xbb\xbf", None)
@example(b"\r", b"\x00")
def test_bytes(text: bytes, overrides: bytes | None) -> None:
    only_roster_errors(text, overrides)


@fuzz
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(VALUES), st.text(max_size=8))))
def test_text(words: list[str]) -> None:
    text = " ".join(words).encode()
    only_roster_errors(text)
    only_roster_errors(HEAD.encode() + text)


@fuzz
@given(st.integers(0, 2**32))
def test_mutated_rosters(seed: int) -> None:
    rng = random.Random(seed)
    files = [WHOLE, WHOLE_OVERRIDES]
    for _ in range(rng.randint(1, 3)):
        which = rng.randrange(2)
        files[which] = mutated(files[which], rng)
    only_roster_errors(files[0].encode(), files[1].encode())


def mutated(text: str, rng: random.Random) -> str:
    lines = text.splitlines()
    number = rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            del lines[number]
        case 1:
            lines.insert(number, rng.choice(lines))
        case 2:
            key = lines[number].partition("=")[0]
            lines[number] = f"{key} = {rng.choice(VALUES)}"
        case 3:
            other = rng.choice(lines).partition("=")[2]
            lines[number] = f"{lines[number].partition('=')[0]} = {other}"
        case 4:
            at = rng.randrange(len(lines[number]) + 1)
            lines[number] = lines[number][:at] + rng.choice(WORDS) + lines[number][at:]
        case _:
            keys = ("since", "until", "hours", "calendar", "match", "role", "also", "rebuild", "at")
            lines.insert(number, f"{rng.choice(keys)} = {rng.choice(VALUES)}")
    return "\n".join(lines)


@fuzz
@given(st.text(max_size=20))
def test_any_time_zone(name: str) -> None:
    text = HEAD.replace("Europe/London", name.encode("unicode_escape").decode().replace('"', ""))
    only_roster_errors(text.encode())
