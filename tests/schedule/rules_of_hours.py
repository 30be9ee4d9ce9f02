"""Rules of duty hours, each with a roster that shows it."""

from __future__ import annotations

from tests.schedule.timelines import Rule, rotation

WINDOWS = [
    Rule(
        "days with hours: weekends do not eat turns",
        rotation("1 day", "2026-01-08", rest='hours = ["mon-fri 09:00-17:00"]'),
        ("2026-01-08T00:00", "2026-01-13T00:00"),
        """
        Thu 01-08 00:00:00+00:00 -
        Thu 01-08 09:00:00+00:00 ann
        Thu 01-08 17:00:00+00:00 -
        Fri 01-09 09:00:00+00:00 bob
        Fri 01-09 17:00:00+00:00 -
        Mon 01-12 09:00:00+00:00 cat
        Mon 01-12 17:00:00+00:00 -
        """,
    ),
    Rule(
        "days with hours: two windows of a day are one turn",
        rotation("1 day", "2026-01-05", rest='hours = ["08:00-09:00", "17:00-18:00"]'),
        ("2026-01-05T08:00", "2026-01-06T09:00"),
        """
        Mon 01-05 08:00:00+00:00 ann
        Mon 01-05 09:00:00+00:00 -
        Mon 01-05 17:00:00+00:00 ann
        Mon 01-05 18:00:00+00:00 -
        Tue 01-06 08:00:00+00:00 bob
        """,
    ),
    Rule(
        "days with hours: a window belongs to one turn whole, whatever the handoff",
        rotation("1 day", "2026-01-05", rest='handoff = "23:00"; hours = ["20:00-08:00"]'),
        ("2026-01-05T12:00", "2026-01-07T09:00"),
        """
        Mon 01-05 12:00:00+00:00 -
        Mon 01-05 20:00:00+00:00 ann
        Tue 01-06 08:00:00+00:00 -
        Tue 01-06 20:00:00+00:00 bob
        Wed 01-07 08:00:00+00:00 -
        """,
    ),
    Rule(
        "days with hours: windows of the start date count even before the handoff",
        rotation("1 day", "2026-01-05", rest='handoff = "12:00"; hours = ["09:00-10:00"]'),
        ("2026-01-04T00:00", "2026-01-06T09:30"),
        """
        Sun 01-04 00:00:00+00:00 -
        Mon 01-05 09:00:00+00:00 ann
        Mon 01-05 10:00:00+00:00 -
        Tue 01-06 09:00:00+00:00 bob
        """,
    ),
    Rule(
        "24 hours with hours count by the calendar: the weekend eats two turns",
        rotation("24 hours", "2026-01-08", rest='hours = ["mon-fri 09:00-17:00"]'),
        ("2026-01-09T12:00", "2026-01-12T12:00"),
        """
        Fri 01-09 12:00:00+00:00 bob
        Fri 01-09 17:00:00+00:00 -
        Mon 01-12 09:00:00+00:00 bob
        """,
    ),
    Rule(
        "weeks: a handoff may fall inside a window",
        rotation("1 week", "2026-01-07", rest='handoff = "12:00"; hours = ["mon-fri 09:00-17:00"]'),
        ("2026-01-13T09:00", "2026-01-14T18:00"),
        """
        Tue 01-13 09:00:00+00:00 ann
        Tue 01-13 17:00:00+00:00 -
        Wed 01-14 09:00:00+00:00 ann
        Wed 01-14 12:00:00+00:00 bob
        Wed 01-14 17:00:00+00:00 -
        """,
    ),
    Rule(
        "weeks: before the first handoff nobody is on duty, even in a window",
        rotation("1 week", "2026-01-05", rest='handoff = "12:00"; hours = ["09:00-17:00"]'),
        ("2026-01-05T08:00", "2026-01-05T18:00"),
        """
        Mon 01-05 08:00:00+00:00 -
        Mon 01-05 12:00:00+00:00 ann
        Mon 01-05 17:00:00+00:00 -
        """,
    ),
    Rule(
        "mon-fri 08:00-08:00 is one block",
        rotation("1 week", "2026-01-05", "ann", 'hours = ["mon-fri 08:00-08:00"]'),
        ("2026-01-05T00:00", "2026-01-12T09:00"),
        """
        Mon 01-05 00:00:00+00:00 -
        Mon 01-05 08:00:00+00:00 ann
        Sat 01-10 08:00:00+00:00 -
        Mon 01-12 08:00:00+00:00 ann
        """,
    ),
    Rule(
        "whole days, and 24:00",
        rotation("1 week", "2026-01-05", "ann", 'hours = ["sat,sun", "mon 09:00-24:00"]'),
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 -
        Mon 01-05 09:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 -
        Sat 01-10 00:00:00+00:00 ann
        """,
    ),
    Rule(
        "a window's end that exists twice is the last, its start the first",
        rotation("1 week", "2026-10-19", "ann", 'hours = ["00:30-01:30", "sun 01:45-02:00"]'),
        ("2026-10-25T00:00", "2026-10-25T03:00"),
        """
        Sun 10-25 00:00:00+01:00 -
        Sun 10-25 00:30:00+01:00 ann
        Sun 10-25 02:00:00+00:00 -
        """,
    ),
    Rule(
        "a window's start that exists twice is the first",
        rotation("1 week", "2026-10-19", "ann", 'hours = ["01:15-03:00"]'),
        ("2026-10-25T00:00", "2026-10-25T04:00"),
        """
        Sun 10-25 00:00:00+01:00 -
        Sun 10-25 01:15:00+01:00 ann
        Sun 10-25 03:00:00+00:00 -
        """,
    ),
    Rule(
        "a window's end that does not exist is moved forward by the gap",
        rotation("1 week", "2026-03-23", "ann", 'hours = ["00:00-01:30"]'),
        ("2026-03-29T00:00", "2026-03-29T04:00"),
        """
        Sun 03-29 00:00:00+00:00 ann
        Sun 03-29 02:30:00+01:00 -
        """,
    ),
    Rule(
        "a window that ends before the moved start is empty",
        rotation("1 week", "2026-03-23", "ann", 'hours = ["01:30-02:00"]'),
        ("2026-03-28T00:00", "2026-03-30T12:00"),
        """
        Sat 03-28 00:00:00+00:00 -
        Sat 03-28 01:30:00+00:00 ann
        Sat 03-28 02:00:00+00:00 -
        Mon 03-30 01:30:00+01:00 ann
        Mon 03-30 02:00:00+01:00 -
        """,
    ),
]
