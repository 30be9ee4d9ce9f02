"""Rules of priorities, dated shifts, absences and overrides, each with a roster that shows it."""

from __future__ import annotations

from tests.schedule.timelines import (
    OFFICE,
    WEEKLY,
    Rule,
    absence,
    during,
    fixed,
    rotation,
    tuesday,
    wider,
)

LAYERS = [
    Rule(
        "the highest priority with anybody on duty wins",
        WEEKLY + OFFICE.replace('"r"', '"office"'),
        ("2026-01-05T00:00", "2026-01-06T12:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Mon 01-05 09:00:00+00:00 bob
        Mon 01-05 17:00:00+00:00 ann
        Tue 01-06 09:00:00+00:00 cat
        """,
    ),
    Rule(
        "equal priorities share, and nobody is there twice",
        WEEKLY + OFFICE.replace('"r"', '"office"').replace("priority = 1", ""),
        ("2026-01-12T00:00", "2026-01-13T12:00"),
        """
        Mon 01-12 00:00:00+00:00 bob
        Mon 01-12 09:00:00+00:00 bob cat
        Mon 01-12 17:00:00+00:00 bob
        """,
    ),
    Rule(
        "a dated shift stands beside the rotation",
        WEEKLY + fixed("2026-01-06T09:00:00", "2026-01-07T09:00:00Z", "dan"),
        ("2026-01-06T00:00", "2026-01-08T00:00"),
        """
        Tue 01-06 00:00:00+00:00 ann
        Tue 01-06 09:00:00+00:00 ann dan
        Wed 01-07 09:00:00+00:00 ann
        """,
    ),
    Rule(
        "a dated shift of a higher priority replaces it; days are inclusive",
        WEEKLY + fixed("2026-01-06", "2026-01-07", "dan bob", "priority = 2"),
        ("2026-01-05T00:00", "2026-01-09T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob dan
        Thu 01-08 00:00:00+00:00 ann
        """,
    ),
]

ABSENCES = [
    Rule(
        "the turn passes to the next in the order, for the overlapping part",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-19T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Sat 01-10 00:00:00+00:00 bob
        """,
        absence("ann", "2026-01-10", "2026-01-13"),
    ),
    Rule(
        "a day as an end is the last day away",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob
        Wed 01-07 00:00:00+00:00 ann
        """,
        absence("ann", "2026-01-06", "2026-01-06"),
    ),
    Rule(
        "it passes over those who are away too",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob
        Wed 01-07 00:00:00+00:00 cat
        Thu 01-08 00:00:00+00:00 ann
        """,
        absence("ann", "2026-01-06", "2026-01-07") + absence("bob", "2026-01-07", "2026-01-09"),
    ),
    Rule(
        "it passes over those who are on duty already",
        rotation("1 week", "2026-01-05", "ann+bob bob cat"),
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann bob
        Tue 01-06 00:00:00+00:00 bob cat
        Wed 01-07 00:00:00+00:00 ann bob
        """,
        absence("ann", "2026-01-06", "2026-01-06"),
    ),
    Rule(
        "two absent people have two stand-ins",
        rotation("1 week", "2026-01-05", "ann+bob cat dan"),
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann bob
        Tue 01-06 00:00:00+00:00 cat dan
        Wed 01-07 00:00:00+00:00 ann bob
        """,
        absence("ann", "2026-01-06", "2026-01-06") + absence("bob", "2026-01-06", "2026-01-06"),
    ),
    Rule(
        "nobody left is a gap",
        rotation("1 week", "2026-01-05", "ann bob"),
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 -
        Wed 01-07 00:00:00+00:00 ann
        """,
        absence("ann", "2026-01-06", "2026-01-06") + absence("bob", "2026-01-06", "2026-01-06"),
    ),
    Rule(
        "nobody left of a priority: the next lower one serves",
        WEEKLY + OFFICE.replace('"r"', '"office"'),
        ("2026-01-05T08:00", "2026-01-06T12:00"),
        """
        Mon 01-05 08:00:00+00:00 ann
        Tue 01-06 09:00:00+00:00 cat
        """,
        absence("bob", "2026-01-05", "2026-01-05") + absence("cat", "2026-01-05", "2026-01-05"),
    ),
    Rule(
        "a dated shift has no order to pass it on in",
        fixed("2026-01-05", "2026-01-07", "dan"),
        ("2026-01-05T00:00", "2026-01-08T00:00"),
        """
        Mon 01-05 00:00:00+00:00 dan
        Tue 01-06 00:00:00+00:00 -
        Wed 01-07 00:00:00+00:00 dan
        """,
        absence("dan", "2026-01-06", "2026-01-06"),
    ),
]


OVERRIDES = [
    Rule(name, WEEKLY, ("2026-01-06T00:00", "2026-01-07T00:00"), tuesday(*people), text)
    for name, text, people in (
        ("one for another", during(out="ann", in_="dan"), ["ann", "ann", "dan", "ann", "ann"]),
        ("one more", during(in_="dan"), ["ann", "ann", "ann dan", "ann", "ann"]),
        ("one less", during(out="ann"), ["ann", "ann", "-", "ann", "ann"]),
        ("everybody out", during(out="*"), ["ann", "ann", "-", "ann", "ann"]),
        ("all for one", during(out="*", in_="cat"), ["ann", "ann", "cat", "ann", "ann"]),
        ("out of one not on duty changes nothing", during(out="bob", in_="dan"), ["ann"] * 5),
        ("in of one on duty changes nothing", during(in_="ann"), ["ann"] * 5),
        ("another role", during(out="ann", in_="dan", role="backup"), ["ann"] * 5),
        (
            "an override of an override",
            wider(out="ann", in_="bob") + during(out="bob", in_="cat"),
            ["ann", "bob", "cat", "bob", "ann"],
        ),
        (
            "in the order of the file, not of time",
            during(out="bob", in_="cat") + wider(out="ann", in_="bob"),
            ["ann", "bob", "bob", "bob", "ann"],
        ),
        (
            "everybody out comes after what was added before it",
            wider(in_="bob") + during(out="*", in_="cat") + wider(in_="dan"),
            ["ann", "ann bob dan", "cat dan", "ann bob dan", "ann"],
        ),
        (
            "into what another one emptied",
            wider(out="ann") + during(out="*", in_="cat"),
            ["ann", "-", "cat", "-", "ann"],
        ),
        (
            "a named out does nothing in a gap",
            wider(out="ann") + during(out="ann", in_="cat"),
            ["ann", "-", "-", "-", "ann"],
        ),
        (
            "somebody who is away can be put on duty by name",
            absence("dan", "2026-01-06", "2026-01-06") + during(out="ann", in_="dan"),
            ["ann", "ann", "dan", "ann", "ann"],
        ),
        (
            "the place of somebody away stays theirs: an override takes it from the stand-in",
            absence("ann", "2026-01-06", "2026-01-06") + during(out="ann", in_="dan"),
            ["bob", "bob", "dan", "bob", "bob"],
        ),
        (
            "and fills it where nobody could step in",
            "".join(absence(one, "2026-01-06", "2026-01-06") for one in ("ann", "bob", "cat"))
            + during(out="ann", in_="dan"),
            ["-", "-", "dan", "-", "-"],
        ),
        (
            "and puts in whom it names, who is away as well",
            "".join(absence(one, "2026-01-06", "2026-01-06") for one in ("ann", "dan"))
            + during(out="ann", in_="dan"),
            ["bob", "bob", "dan", "bob", "bob"],
        ),
        (
            "and empties it, if it names nobody",
            absence("ann", "2026-01-06", "2026-01-06") + during(out="ann"),
            ["bob", "bob", "-", "bob", "bob"],
        ),
        (
            "the stand-in out, then the absent one: the later agreement counts",
            absence("ann", "2026-01-06", "2026-01-06")
            + wider(out="bob", in_="dan")
            + during(out="ann", in_="cat"),
            ["bob", "dan", "cat", "dan", "bob"],
        ),
        (
            "the absent one out, then whoever took the place",
            absence("ann", "2026-01-06", "2026-01-06")
            + wider(out="ann", in_="dan")
            + during(out="dan", in_="cat"),
            ["bob", "dan", "cat", "dan", "bob"],
        ),
        (
            "a place that was given away cannot be given away again by who had it",
            absence("ann", "2026-01-06", "2026-01-06")
            + wider(out="ann", in_="dan")
            + during(out="ann", in_="cat"),
            ["bob", "dan", "dan", "dan", "bob"],
        ),
        (
            "somebody else's place is not theirs",
            absence("cat", "2026-01-06", "2026-01-06") + during(out="cat", in_="dan"),
            ["ann"] * 5,
        ),
        (
            "everybody out is whoever stands in, too",
            absence("ann", "2026-01-06", "2026-01-06") + during(out="*", in_="dan"),
            ["bob", "bob", "dan", "bob", "bob"],
        ),
        (
            "an override of another role is no agreement about this one",
            absence("ann", "2026-01-06", "2026-01-06")
            + during(out="ann", in_="dan", role="backup"),
            ["bob"] * 5,
        ),
        (
            "the absent one put in their own place again wins, and can be covered",
            absence("ann", "2026-01-06", "2026-01-06")
            + wider(out="bob", in_="ann")
            + during(out="ann", in_="dan"),
            ["bob", "ann", "dan", "ann", "bob"],
        ),
        (
            "after absences",
            absence("ann", "2026-01-06", "2026-01-06") + during(out="bob", in_="dan"),
            ["bob", "bob", "dan", "bob", "bob"],
        ),
    )
]
