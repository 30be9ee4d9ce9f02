"""The keys of every table of a roster and of its overrides file, declared once."""

from __future__ import annotations

from rotation.model import DUTY, MATCHES
from rotation.roster.target_keys import TARGET as TARGET
from rotation.toml.keys import Group, Key, TableKeys, Value

ROLE_KEY = Key("role", Value.TEXT, "what the duty is", DUTY)
_PRIORITY = Key("priority", Value.WHOLE, "the highest with anybody on duty wins, equals share", "0")
_HOURS = 'windows like "mon-fri 09:00-17:00", "sat,sun", "20:00-08:00", "holiday 10:00-16:00"'
STAMPS = Group(
    "what `rotation` notes on entries that it appends; `undo` names the `id`",
    (
        Key("id", Value.TEXT, "what `undo` names"),
        Key("note", Value.TEXT, "what it is, for people"),
        Key("by", Value.TEXT, "who made it"),
        Key("at", Value.INSTANT, "when it was made"),
    ),
)
_CALENDAR = Group(
    "an iCalendar file or address instead of people and turns, see [Calendars](#calendars)",
    (
        Key("calendar", Value.TEXT, "a path (relative to the roster), or a web address"),
        Key("match", Value.TEXT, "what of an event names people", MATCHES[-1], choices=MATCHES),
        Key("stale", Value.TEXT, "how old the last good copy may be", "3 days"),
        Key("only", Value.TEXTS, "events whose title or category holds one of these", "all"),
        Key("ignore", Value.TEXTS, "and none of these", "none"),
    ),
)

TOP = TableKeys(
    "the roster",
    (
        Group(
            "IANA name; people or addresses that get the mail when nobody is on duty",
            (
                Key("timezone", Value.TEXT, "IANA name; local times are in it", required=True),
                Key("fallback", Value.TEXTS, "who gets the mail when nobody is on duty", "nobody"),
            ),
        ),
        Group(
            "whose public holidays `report` counts, and `holiday` in `hours` means: `\"GB\"`, or "
            '`"GB-SCT"` for a part of a country; needs `rotation[holidays]`',
            (Key("holidays", Value.TEXT, 'a country, "GB", or a part of one, "GB-SCT"', "none"),),
        ),
        Group(
            "where the exceptions stand, if not beside the roster (relative to it): see [who may "
            "change the plan](docs/changes.md#who-may-change-the-plan)",
            (Key("overrides", Value.TEXT, "the overrides file", "NAME.overrides.toml"),),
        ),
        Group(
            "",
            tuple(
                Key(name, Value.TABLE, "tables of their own, see below")
                for name in (
                    "people", "rotation", "shift", "target", "absence", "role", "notify", "monitor",
                )
            ),
        ),
    ),
)  # fmt: skip
PLAIN_TOP = frozenset(key.name for key in TOP if key.kind is not Value.TABLE)
"""What stands above the first table, and nowhere else but where it is declared again."""
ROLE = TableKeys(
    "[role.NAME]",
    (
        Group(
            '`"expected"`: you mean it, and `check` is quiet about it',
            (
                Key("gaps", Value.TEXT, "that nobody has it at times", choices=("expected",)),
                Key("load", Value.TEXT, "that few share it", choices=("expected",)),
                Key("overlap", Value.TEXT, "two roles at once", choices=("expected",)),
            ),
        ),
        Group(
            "roles: whoever is on duty for them counts as away for this one; the turns stay as "
            "they are",
            (
                Key(
                    "apart",
                    Value.TEXTS,
                    "roles whose people count as away for this one",
                    "none",
                ),
            ),
        ),
        Group(
            '`"11 hours"` between two duties; how many weekends in a row: `check`, `report '
            "--suggest`, who steps in, and `swap`, `cover` and `assign` hold to them",
            (
                Key("rest", Value.TEXT, "the least time between two duties", "none"),
                Key("weekends", Value.WHOLE, "the most in a row", "any"),
            ),
        ),
    ),
)
PERSON = TableKeys(
    "[people]",
    (
        Group(
            'an address, or `{ email = ["…", "…"], name = "…" }`',
            (
                Key("email", Value.TEXTS, "one or more addresses", required=True),
                Key("name", Value.TEXT, "the full name"),
                Key("id", Value.TEXT, "what `undo` of a `join` names"),
            ),
            'alice = "…"',
        ),
        Group(
            "in such a table: mail to them speaks their zone; the share of duty that is meant for "
            "them, 1 unless said otherwise",
            (
                Key("timezone", Value.TEXT, "mail to them speaks this zone", "the roster's"),
                Key("share", Value.NUMBER, "the share of duty that is meant for them", "1"),
            ),
        ),
    ),
)
ROTATION = TableKeys(
    "[[rotation]]",
    (
        Group(
            "a nested list is one turn held together, `[]` one that nobody holds; whoever is "
            "listed twice is meant to have twice as much",
            (
                Key("name", Value.TEXT, "a later block of this name takes over", required=True),
                Key("people", Value.TURNS, "the order; a nested list is one turn held together"),
            ),
        ),
        Group(
            '`"N hours"`, days, weeks or months; date and local time of the first handoff',
            (
                Key("every", Value.TEXT, 'the length of a turn: "N hours", days, weeks, months'),
                Key("start", Value.DAY, "the local date of the first handoff"),
                Key("handoff", Value.CLOCK, "the local time of every handoff", "00:00"),
            ),
        ),
        Group(
            '`"mon-fri 09:00-17:00"`, `"sat,sun"`, `"20:00-08:00"` (over midnight), `"holiday '
            '10:00-16:00"`: where `holiday` is named, a public holiday is that and no weekday',
            (Key("hours", Value.TEXTS, f"on duty only then: {_HOURS}", "always"),),
        ),
        Group(
            "the highest priority with anybody on duty wins, equal ones share; `duty` by default",
            (_PRIORITY, ROLE_KEY),
        ),
        Group(
            "of its local times; the roster's unless said otherwise",
            (Key("timezone", Value.TEXT, "of its local times", "the roster's"),),
        ),
        Group(
            "no duty before or after it; turns count from `start` all the same",
            (
                Key("since", Value.INSTANT, "no duty before it"),
                Key("until", Value.INSTANT, "no duty after it; a date is inclusive"),
            ),
        ),
        _CALENDAR,
        STAMPS,
    ),
)
ABSENCE = TableKeys(
    "[[absence]]",
    (
        Group(
            "who is away by a calendar, with `match`, `stale`, `only`, `ignore`; or as in the "
            "overrides file",
            (
                _CALENDAR.keys[0],
                Key("person", Value.TEXT, 'who is away; "*" is everybody'),
            ),
        ),
        Group(
            "from when to when, a date as an end is inclusive; windows that recur",
            (
                Key("start", Value.INSTANT, "when it begins"),
                Key("end", Value.INSTANT, "when it is over; a date is inclusive"),
                Key("hours", Value.TEXTS, f"away only then: {_HOURS}"),
                *_CALENDAR.keys[1:],
            ),
        ),
        STAMPS,
    ),
)
NOTIFY = TableKeys(
    "[notify]",
    (
        Group(
            'when to remind: `["7 days", "1 day"]` before a duty; `false`: do not announce '
            "handoffs; the sender",
            (
                Key("remind", Value.TEXTS, "how long before a duty to remind of it", "never"),
                Key("handoffs", Value.FLAG, "whether people are told of handoffs", "true"),
                Key("from", Value.TEXTS, "the addresses that mail to people comes from"),
            ),
        ),
        Group(
            '`"mon 08:00"`: everybody hears who has the next weeks; a program that gets every '
            "change of duty as JSON on its standard input ([more](docs/notify.md))",
            (
                Key("weekly", Value.TEXT, 'when, as in "mon 08:00"', "never"),
                Key("run", Value.TEXTS, "a program and its arguments, for every handoff"),
            ),
        ),
    ),
)
MONITOR = TableKeys(
    "[monitor]",
    (
        Group(
            "a web address that hears of every run of `apply`, `verify` and `notify`, a mail "
            "address that hears of failures: see below",
            (
                Key("ping", Value.TEXT, "a web address that hears of every run"),
                Key("alarm", Value.TEXT, "a mail address at another host that hears of failures"),
            ),
        ),
    ),
)
SHIFT = TableKeys(
    "[[shift]]",
    (
        Group(
            "a duty by date, with `priority`, `role` and `note`",
            (
                Key("start", Value.INSTANT, "when it begins", required=True),
                Key("end", Value.INSTANT, "when it is over; a date is inclusive", required=True),
                Key("people", Value.TEXTS, "who has it", required=True),
            ),
        ),
        Group(
            "",
            (_PRIORITY, ROLE_KEY, Key("note", Value.TEXT, "shown by `who --why` and calendars")),
        ),
    ),
)
ROSTER = (TOP, ROLE, PERSON, ROTATION, ABSENCE, NOTIFY, MONITOR, SHIFT, TARGET)
"""The tables of a roster, in the order of the overview."""
