"""Rules of turns and handoffs, each with a roster that shows it."""

from __future__ import annotations

from tests.schedule.timelines import Rule, rotation

TIME = [
    Rule(
        "turns follow each other; before the first handoff nobody is on duty",
        rotation("1 week", "2026-01-05", rest='handoff = "09:00"'),
        ("2026-01-01T00:00", "2026-01-27T00:00"),
        """
        Thu 01-01 00:00:00+00:00 -
        Mon 01-05 09:00:00+00:00 ann
        Mon 01-12 09:00:00+00:00 bob
        Mon 01-19 09:00:00+00:00 cat
        Mon 01-26 09:00:00+00:00 ann
        """,
    ),
    Rule(
        "a nested list is one turn held together",
        rotation("1 week", "2026-01-05", "ann bob+cat"),
        ("2026-01-05T00:00", "2026-01-20T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Mon 01-12 00:00:00+00:00 bob cat
        Mon 01-19 00:00:00+00:00 ann
        """,
    ),
    Rule(
        "handoffs keep their time on the wall clock",
        rotation("1 day", "2026-03-27", rest='handoff = "09:00"'),
        ("2026-03-28T00:00", "2026-03-30T12:00"),
        """
        Sat 03-28 00:00:00+00:00 ann
        Sat 03-28 09:00:00+00:00 bob
        Sun 03-29 09:00:00+01:00 cat
        Mon 03-30 09:00:00+01:00 ann
        """,
    ),
    Rule(
        "a handoff that does not exist is moved forward by the gap",
        rotation("1 day", "2026-03-28", rest='handoff = "01:30"'),
        ("2026-03-28T12:00", "2026-03-30T12:00"),
        """
        Sat 03-28 12:00:00+00:00 ann
        Sun 03-29 02:30:00+01:00 bob
        Mon 03-30 01:30:00+01:00 cat
        """,
    ),
    Rule(
        "a handoff that exists twice is the first",
        rotation("1 day", "2026-10-24", rest='handoff = "01:30"'),
        ("2026-10-24T12:00", "2026-10-26T12:00"),
        """
        Sat 10-24 12:00:00+01:00 ann
        Sun 10-25 01:30:00+01:00 bob
        Mon 10-26 01:30:00+00:00 cat
        """,
    ),
    Rule(
        "half an hour of jump",
        rotation("1 day", "2026-10-03", rest='handoff = "02:15"'),
        ("2026-10-03T12:00", "2026-10-05T12:00"),
        """
        Sat 10-03 12:00:00+10:30 ann
        Sun 10-04 02:45:00+11:00 bob
        Mon 10-05 02:15:00+11:00 cat
        """,
        zone="Australia/Lord_Howe",
    ),
    Rule(
        "midnight does not exist",
        rotation("1 day", "2018-11-03"),
        ("2018-11-03T12:00", "2018-11-05T12:00"),
        """
        Sat 11-03 12:00:00-03:00 ann
        Sun 11-04 01:00:00-02:00 bob
        Mon 11-05 00:00:00-02:00 cat
        """,
        zone="America/Sao_Paulo",
    ),
    Rule(
        "hours are on the wall clock's grid",
        rotation("12 hours", "2026-03-28", rest='handoff = "09:00"'),
        ("2026-03-28T09:00", "2026-03-29T22:00"),
        """
        Sat 03-28 09:00:00+00:00 ann
        Sat 03-28 21:00:00+00:00 bob
        Sun 03-29 09:00:00+01:00 cat
        Sun 03-29 21:00:00+01:00 ann
        """,
    ),
    Rule(
        "an hour that is skipped is nobody's turn",
        rotation("1 hour", "2026-03-29"),
        ("2026-03-29T00:00", "2026-03-29T04:00"),
        """
        Sun 03-29 00:00:00+00:00 ann
        Sun 03-29 02:00:00+01:00 cat
        Sun 03-29 03:00:00+01:00 ann
        """,
    ),
    Rule(
        "an hour that is repeated is one turn",
        rotation("1 hour", "2026-10-25"),
        ("2026-10-25T00:00", "2026-10-25T03:30"),
        """
        Sun 10-25 00:00:00+01:00 ann
        Sun 10-25 01:00:00+01:00 bob
        Sun 10-25 02:00:00+00:00 cat
        Sun 10-25 03:00:00+00:00 ann
        """,
    ),
    Rule(
        "turns of hours on the day that Samoa skipped have no length",
        rotation("6 hours", "2011-12-29", "ann bob cat dan"),
        ("2011-12-29T12:00", "2011-12-31T12:30"),
        """
        Thu 12-29 12:00:00-10:00 cat
        Thu 12-29 18:00:00-10:00 dan
        Sat 12-31 00:00:00+14:00 ann
        Sat 12-31 06:00:00+14:00 bob
        Sat 12-31 12:00:00+14:00 cat
        """,
        zone="Pacific/Apia",
    ),
    Rule(
        "months are clamped to their end and do not forget the day",
        rotation("1 month", "2026-01-30", rest='handoff = "09:00"'),
        ("2026-01-30T09:00", "2026-05-01T00:00"),
        """
        Fri 01-30 09:00:00+00:00 ann
        Sat 02-28 09:00:00+00:00 bob
        Mon 03-30 09:00:00+01:00 cat
        Thu 04-30 09:00:00+01:00 ann
        """,
    ),
    Rule(
        "in a leap year February ends on the 29th",
        rotation("3 months", "2027-11-30"),
        ("2027-12-01T00:00", "2028-06-01T00:00"),
        """
        Wed 12-01 00:00:00+00:00 ann
        Tue 02-29 00:00:00+00:00 bob
        Tue 05-30 00:00:00+01:00 cat
        """,
    ),
]

CUTS = [
    Rule(
        "since cuts duty and not counting",
        rotation("1 day", "2026-01-05", rest="since = 2026-01-06T12:00:00"),
        ("2026-01-05T00:00", "2026-01-08T00:00"),
        """
        Mon 01-05 00:00:00+00:00 -
        Tue 01-06 12:00:00+00:00 bob
        Wed 01-07 00:00:00+00:00 cat
        """,
    ),
    Rule(
        "until, a day as the last one",
        rotation("1 day", "2026-01-05", rest="until = 2026-01-06"),
        ("2026-01-05T00:00", "2026-01-09T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob
        Wed 01-07 00:00:00+00:00 -
        """,
    ),
    Rule(
        "until, an instant",
        rotation("1 day", "2026-01-05", rest="until = 2026-01-06T06:00:00+05:00"),
        ("2026-01-05T00:00", "2026-01-09T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob
        Tue 01-06 01:00:00+00:00 -
        """,
    ),
    Rule(
        "a later block of the name takes over at its first handoff",
        rotation("1 week", "2026-01-05", rest='handoff = "09:00"')
        + rotation("1 week", "2026-01-19", "dan ann bob cat", 'handoff = "09:00"'),
        ("2026-01-05T09:00", "2026-02-03T00:00"),
        """
        Mon 01-05 09:00:00+00:00 ann
        Mon 01-12 09:00:00+00:00 bob
        Mon 01-19 09:00:00+00:00 dan
        Mon 01-26 09:00:00+00:00 ann
        Mon 02-02 09:00:00+00:00 bob
        """,
    ),
    Rule(
        "a later block of the name takes over in mid turn, and three may follow each other",
        rotation("1 week", "2026-01-05", "ann")
        + rotation("1 week", "2026-01-08", "bob", 'handoff = "12:00"')
        + rotation("1 week", "2026-01-09", "cat"),
        ("2026-01-05T00:00", "2026-02-03T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Thu 01-08 12:00:00+00:00 bob
        Fri 01-09 00:00:00+00:00 cat
        """,
    ),
    Rule(
        "days with hours take over by the day on which a window starts",
        rotation("1 day", "2026-01-05", "ann", 'hours = ["20:00-08:00"]')
        + rotation("1 day", "2026-01-07", "bob", 'hours = ["06:00-09:00", "20:00-08:00"]'),
        ("2026-01-06T12:00", "2026-01-07T21:00"),
        """
        Tue 01-06 12:00:00+00:00 -
        Tue 01-06 20:00:00+00:00 ann
        Wed 01-07 06:00:00+00:00 ann bob
        Wed 01-07 08:00:00+00:00 bob
        Wed 01-07 09:00:00+00:00 -
        Wed 01-07 20:00:00+00:00 bob
        """,
    ),
    Rule(
        "another name is another rotation",
        rotation("1 week", "2026-01-05", "ann")
        + rotation("1 week", "2026-01-12", "bob").replace('"r"', '"s"'),
        ("2026-01-05T00:00", "2026-01-20T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Mon 01-12 00:00:00+00:00 ann bob
        """,
    ),
    Rule(
        "days with hours never share with the earlier block of their name",
        rotation("1 week", "2026-01-05", "ann", 'handoff = "09:00"')
        + rotation("1 day", "2026-01-12", "bob", 'handoff = "09:00"; hours = ["08:00-20:00"]'),
        ("2026-01-12T08:00", "2026-01-12T21:00"),
        """
        Mon 01-12 08:00:00+00:00 bob
        Mon 01-12 20:00:00+00:00 -
        """,
    ),
]
