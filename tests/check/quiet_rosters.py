"""Rosters in which nothing is odd."""

from __future__ import annotations

from tests.check.roster_blocks import absence, override, roster_text, rotation
from tests.check.said import WEEKLY, Said

QUIET = {
    "a team of five": Said(roster_text(WEEKLY), ()),
    "gaps with a fallback": Said(roster_text(rotation(hours='["mon-fri 09:00-17:00"]')), ()),
    "gaps that are meant": Said(
        roster_text(
            rotation(hours='["mon-fri 09:00-17:00"]'), '[role.duty]\ngaps = "expected"\n',
            fallback=False,
        ),
        (),
    ),
    "a load that is meant": Said(
        roster_text(rotation(0, 1), '[role.duty]\nload = "expected"\n', people=2), ()
    ),
    "few people in office hours": Said(
        roster_text(rotation(0, hours='["mon-fri 09:00-17:00"]'), people=1), ()
    ),
    "two roles at once that are meant": Said(
        roster_text(WEEKLY, rotation(name="second", role='"backup"'),
             '[role.backup]\noverlap = "expected"\n'),
        (),
    ),
    "what is past": Said(
        roster_text(
            rotation(until="2026-03-02"), rotation(name="b", start="2026-03-03"),
            '[[shift]]\nstart = 2026-03-01\nend = 2026-03-03\npeople = ["p0"]\nrole = "duty"\n',
        ),
        (),
        override("2026-02-02", "2026-02-03", "p9".replace("9", "0"), "p1")
        + override("2026-11-23", "2026-11-23", "p4", "p0")
        + override("2026-11-23", "2026-11-23", "p4", "p0", role="old")
        + absence("p0", "2026-11-01", "2026-11-23"),
    ),
    "parts of one change": Said(
        roster_text(WEEKLY),
        (),
        override("2026-11-30", "2026-12-06", "p2", "p4", id="7f3a")
        + override("2026-11-30", "2026-12-06", "p4", "p0", id="7f3a"),
    ),
    "overrides whose order does not matter": Said(
        roster_text(WEEKLY),
        (),
        override("2026-11-30", "2026-12-06", coming="p4")
        + override("2026-12-01", "2026-12-03", coming="p0"),
    ),
    "an absence whose duties somebody has agreed to take": Said(
        roster_text(WEEKLY),
        (),
        override("2026-11-30", "2026-12-06", "p2", "p4")
        + absence("p2", "2026-12-01", "2026-12-03"),
    ),
    "an agreement with whoever would stand in anyway": Said(
        roster_text(WEEKLY),
        (),
        override("2026-11-30", "2026-12-06", "p2", "p3")
        + absence("p2", "2026-11-30", "2026-12-06"),
    ),
    "an absence from which a turn passes": Said(
        roster_text(WEEKLY), (), absence("p2", "2026-12-01", "2026-12-03")
    ),
    "a role that is over": Said(
        roster_text(
            WEEKLY, rotation(name="old", role='"move"', until="2026-03-01"), fallback=False
        ),
        (),
        override("2026-02-02", "2026-02-03", coming="p0", role="move"),
    ),
    "a rotation that begins late": Said(
        roster_text(WEEKLY, rotation(4, 3, 2, 1, 0, start="2027-11-29")), ()
    ),
    "a rotation of more weeks than a year has": Said(
        roster_text(rotation(*range(60)), people=60), ()
    ),
    "hourly turns, which meet every change of the clock": Said(
        roster_text(rotation(every="1 hour")), ()
    ),
    "whole days where midnight is skipped": Said(
        roster_text(rotation(every="1 day", hours='["sat,sun"]'), zone="America/Santiago"), ()
    ),
    "a handoff that the clock change only touches": Said(
        roster_text(rotation(every="1 day", handoff='"02:00"')), ()
    ),
    "dated shifts beside a rotation": Said(
        roster_text(
            WEEKLY,
            "[[shift]]\nstart = 2026-11-25\nend = 2026-11-26\npriority = 1\npeople = [\"p0\"]\n",
        ),
        (),
    ),
}  # fmt: skip
