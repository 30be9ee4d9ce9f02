"""Rules of zones, turns of nobody, recurring absences, public holidays and roles kept apart."""

from __future__ import annotations

from tests.schedule.timelines import OFFICE, WEEKLY, Rule, absence, override, rotation

CHICAGO = 'timezone = "America/Chicago"'
HOLIDAYS = """
[[absence]]
person = "*"
start  = 2026-01-06
end    = 2026-01-06
"""


def recurring(person: str, hours: str, rest: str = "") -> str:
    return f'[[absence]]\nperson = "{person}"\nhours = ["{hours}"]\n{rest}\n'


ZONES = [
    Rule(
        "handoffs are in the rotation's zone",
        rotation("1 day", "2026-01-05", rest=f'handoff = "08:00"; {CHICAGO}'),
        ("2026-01-05T12:00", "2026-01-07T00:00"),
        """
        Mon 01-05 12:00:00+00:00 -
        Mon 01-05 14:00:00+00:00 ann
        Tue 01-06 14:00:00+00:00 bob
        """,
    ),
    Rule(
        "when the clocks of one of the two have changed",
        rotation("1 week", "2026-03-02", rest=f'handoff = "08:00"; {CHICAGO}'),
        ("2026-03-05T00:00", "2026-04-01T00:00"),
        """
        Thu 03-05 00:00:00+00:00 ann
        Mon 03-09 13:00:00+00:00 bob
        Mon 03-16 13:00:00+00:00 cat
        Mon 03-23 13:00:00+00:00 ann
        Mon 03-30 14:00:00+01:00 bob
        """,
    ),
    Rule(
        "hours, and days of hours, are in it",
        rotation("1 day", "2026-01-05", rest=f'hours = ["mon-fri 18:00-20:00"]; {CHICAGO}'),
        ("2026-01-05T12:00", "2026-01-07T12:00"),
        """
        Mon 01-05 12:00:00+00:00 -
        Tue 01-06 00:00:00+00:00 ann
        Tue 01-06 02:00:00+00:00 -
        Wed 01-07 00:00:00+00:00 bob
        Wed 01-07 02:00:00+00:00 -
        """,
    ),
    Rule(
        "a block of another zone takes over at its own first handoff",
        rotation("1 week", "2026-01-05") + rotation("1 week", "2026-01-12", "dan", CHICAGO),
        ("2026-01-11T12:00", "2026-01-13T00:00"),
        """
        Sun 01-11 12:00:00+00:00 ann
        Mon 01-12 00:00:00+00:00 bob
        Mon 01-12 06:00:00+00:00 dan
        """,
    ),
    Rule(
        "days of hours in another zone take over with the day there",
        rotation("1 day", "2026-01-05", "ann", 'hours = ["00:00-24:00"]')
        + rotation("1 day", "2026-01-12", "dan", f'hours = ["00:00-24:00"]; {CHICAGO}'),
        ("2026-01-11T12:00", "2026-01-13T00:00"),
        """
        Sun 01-11 12:00:00+00:00 ann
        Mon 01-12 06:00:00+00:00 dan
        """,
    ),
]

NOBODY = [
    Rule(
        "a turn that nobody holds is a gap",
        WEEKLY.replace('"bob"', "[]"),
        ("2026-01-05T00:00", "2026-01-26T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Mon 01-12 00:00:00+00:00 -
        Mon 01-19 00:00:00+00:00 cat
        """,
    ),
    Rule(
        "in which a lower priority serves",
        OFFICE.replace('"bob"', "[]").replace('"r"', '"office"') + WEEKLY,
        ("2026-01-05T08:00", "2026-01-06T20:00"),
        """
        Mon 01-05 08:00:00+00:00 ann
        Tue 01-06 09:00:00+00:00 cat
        Tue 01-06 17:00:00+00:00 ann
        """,
    ),
    Rule(
        "and nobody stands in for nobody",
        WEEKLY.replace('"ann"', "[]"),
        ("2026-01-05T00:00", "2026-01-13T00:00"),
        """
        Mon 01-05 00:00:00+00:00 -
        Mon 01-12 00:00:00+00:00 cat
        """,
        absence("bob", "2026-01-05", "2026-01-30"),
    ),
]

RECURRING = [
    Rule(
        "away at weekends, without an end",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-13T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Sat 01-10 00:00:00+00:00 bob
        """,
        recurring("ann", "sat,sun"),
    ),
    Rule(
        "only from its start to its end",
        rotation("1 month", "2026-01-01", "ann bob"),
        ("2026-01-05T00:00", "2026-01-16T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Wed 01-07 00:00:00+00:00 bob
        Thu 01-08 00:00:00+00:00 ann
        Fri 01-09 20:00:00+00:00 bob
        Sat 01-10 00:00:00+00:00 ann
        """,
        recurring("ann", "wed", "start = 2026-01-05\nend = 2026-01-13")
        + recurring("ann", "fri 20:00-08:00", "start = 2026-01-05\nend = 2026-01-09"),
    ),
    Rule(
        "at night, over midnight, and when the stand-in is away as well",
        rotation("1 week", "2026-01-05", "ann bob cat"),
        ("2026-01-06T12:00", "2026-01-07T12:00"),
        """
        Tue 01-06 12:00:00+00:00 ann
        Tue 01-06 22:00:00+00:00 bob
        Wed 01-07 00:00:00+00:00 cat
        Wed 01-07 06:00:00+00:00 ann
        """,
        recurring("ann", "22:00-06:00") + recurring("bob", "wed"),
    ),
    Rule(
        "everybody away is a gap",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-08T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 -
        Wed 01-07 00:00:00+00:00 ann
        """,
        HOLIDAYS,
    ),
    Rule(
        "everybody away every Tuesday",
        rotation("1 month", "2026-01-01", "ann bob"),
        ("2026-01-05T00:00", "2026-01-14T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 -
        Wed 01-07 00:00:00+00:00 ann
        Tue 01-13 00:00:00+00:00 -
        """,
        recurring("*", "tue"),
    ),
    Rule(
        "but for whom was agreed on",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-08T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 -
        Tue 01-06 09:00:00+00:00 dan
        Tue 01-06 12:00:00+00:00 -
        Wed 01-07 00:00:00+00:00 ann
        """,
        HOLIDAYS + override("2026-01-06T09:00:00", "2026-01-06T12:00:00", out="ann", in_="dan"),
    ),
]

PUBLIC = [
    Rule(
        "a public holiday is that and no weekday, where hours name it",
        rotation(
            "1 week", "2026-01-05", "ann", 'hours = ["fri-sat 08:00-20:00", "holiday 10:00-16:00"]'
        ),
        ("2026-12-18T00:00", "2026-12-29T00:00"),
        """
        Fri 12-18 00:00:00+00:00 -
        Fri 12-18 08:00:00+00:00 ann
        Fri 12-18 20:00:00+00:00 -
        Sat 12-19 08:00:00+00:00 ann
        Sat 12-19 20:00:00+00:00 -
        Fri 12-25 10:00:00+00:00 ann
        Fri 12-25 16:00:00+00:00 -
        Sat 12-26 10:00:00+00:00 ann
        Sat 12-26 16:00:00+00:00 -
        Mon 12-28 10:00:00+00:00 ann
        Mon 12-28 16:00:00+00:00 -
        """,
    ),
    Rule(
        "where they do not, it is a day like others",
        rotation("1 week", "2026-01-05", "ann", 'hours = ["fri 08:00-20:00"]'),
        ("2026-12-24T00:00", "2026-12-26T00:00"),
        """
        Thu 12-24 00:00:00+00:00 -
        Fri 12-25 08:00:00+00:00 ann
        Fri 12-25 20:00:00+00:00 -
        """,
    ),
    Rule(
        "only on public holidays: the next one may be months away",
        rotation("1 week", "2026-01-05", "ann bob", 'hours = ["holiday 10:00-16:00"]'),
        ("2026-09-01T00:00", "2027-01-01T12:00"),
        """
        Tue 09-01 00:00:00+01:00 -
        Fri 12-25 10:00:00+00:00 ann
        Fri 12-25 16:00:00+00:00 -
        Sat 12-26 10:00:00+00:00 ann
        Sat 12-26 16:00:00+00:00 -
        Mon 12-28 10:00:00+00:00 bob
        Mon 12-28 16:00:00+00:00 -
        Fri 01-01 10:00:00+00:00 bob
        """,
    ),
    Rule(
        "away on public holidays",
        rotation("1 week", "2026-12-21", "ann bob"),
        ("2026-12-24T00:00", "2026-12-28T00:00"),
        """
        Thu 12-24 00:00:00+00:00 ann
        Fri 12-25 00:00:00+00:00 bob
        Sun 12-27 00:00:00+00:00 ann
        """,
        recurring("ann", "holiday"),
    ),
]
