"""Rosters in which something is odd."""
# ruff: noqa: E501 - the lines are the program's

from __future__ import annotations

from datetime import UTC, datetime

from tests.check.roster_blocks import absence, override, roster_text, rotation
from tests.check.said import CLOCK, FEW, LATER, MEANT, WEEKLY, Said, nobody

FOUND = {
    "a gap": Said(
        roster_text(rotation(hours='["mon-fri 09:00-17:00"]'), fallback=False),
        (
            "team.toml:9: warning: nobody has the role 'duty' from 2026-11-24 17:00 GMT to "
            f"2026-11-25 09:00 GMT (and 261 more within a year){nobody('2026-11-24T17:00', '2026-11-25T09:00')}",
        ),
    ),
    "a gap that an override makes": Said(
        roster_text(WEEKLY, fallback=False),
        (
            "team.overrides.toml:1: warning: nobody has the role 'duty' from 2026-12-01 00:00 GMT "
            f"to 2026-12-02 00:00 GMT{nobody('2026-12-01T00:00', '2026-12-02T00:00')}",
        ),
        override("2026-12-01", "2026-12-01", "p2"),
    ),
    "a gap when everybody is away": Said(
        roster_text(rotation(1, 2), '[role.duty]\nload = "expected"\n', people=3, fallback=False),
        (
            "team.toml:4: note: 'p0' is in no rotation, shift, override or fallback (let them take "
            "turns: rotation join p0, or take them out of [people])",
            "team.toml:7: warning: nobody has the role 'duty' from 2026-12-24 00:00 GMT to "
            f"2026-12-27 00:00 GMT{nobody('2026-12-24T00:00', '2026-12-27T00:00')}",
        ),
        absence("p1", "2026-12-24", "2026-12-27") + absence("p2", "2026-12-20", "2026-12-26"),
    ),
    "turns that weekends eat": Said(
        roster_text(
            rotation(*range(14), every="24 hours", hours='["mon-fri 00:00-24:00"]'), people=14
        ),
        (
            "team.toml:18: warning: p5, p6, p12, p13 are never on duty: no turn of theirs in "
            "rotation 'weekly' comes within a year (their turns fall outside 'hours'; "
            'every = "1 day" counts only days with duty)',
        ),
    ),
    "a rotation that a higher priority hides": Said(
        roster_text(rotation(0, name="low"), rotation(1, 2, 3, 4, name="high", priority="1")),
        (
            "team.toml:9: warning: p0 is never on duty: no turn of theirs in rotation 'low' comes "
            "within a year (a rotation or shift of a higher priority always has somebody on duty "
            "then)",
        ),
    ),
    "two roles at once": Said(
        roster_text(WEEKLY, rotation(0, 1, 2, 3, name="second", role='"backup"')),
        tuple(
            f"team.toml:14: warning: {who!r} has the roles 'duty' and 'backup' at once from "
            f"{start} 00:00 {begin} to {end} 00:00 {stop}{more} (rotation cover SOMEBODY "
            f"--for {who} --role backup --from {start}T00:00 --to {end}T00:00; for good: "
            '[role.backup] apart = ["duty"]; if it is meant: [role.backup] overlap = "expected")'
            for who, start, begin, end, stop, more in (
                ("p0", "2027-03-01", "GMT", "2027-03-08", "GMT", " (and 1 more within a year)"),
                ("p1", "2027-03-08", "GMT", "2027-03-15", "GMT", " (and 1 more within a year)"),
                ("p2", "2027-03-15", "GMT", "2027-03-22", "GMT", " (and 1 more within a year)"),
                ("p3", "2027-03-22", "GMT", "2027-03-29", "BST", " (and 1 more within a year)"),
            )
        ),
    ),
    "two roles at once by an override": Said(
        roster_text(
            rotation(0, 1, 2, 3), rotation(4, 5, 6, 7, name="second", role='"backup"'), people=8
        ),
        (
            "team.overrides.toml:7: warning: 'p2' has the roles 'duty' and 'backup' at once from "
            "2026-12-01 00:00 GMT to 2026-12-03 00:00 GMT (rotation cover SOMEBODY --for p2 --role "
            "backup --from 2026-12-01T00:00 --to 2026-12-03T00:00; for good: [role.backup] apart = "
            '["duty"]; if it is meant: [role.backup] overlap = "expected")',
        ),
        override("2026-12-01", "2026-12-02", "*", "p2", role="backup")
        + override("2026-12-01", "2026-12-02", "*", "p2"),
    ),
    "an override that names somebody who is not on duty": Said(
        roster_text(WEEKLY),
        (
            "team.overrides.toml:1: warning: this override changes nothing: 'p4' is not on duty then "
            "(take it back: rotation undo 7f3a)",
        ),
        override("2026-12-01", "2026-12-03", "p4", "p0", id="7f3a"),
    ),
    "an override that brings in who is there": Said(
        roster_text(WEEKLY),
        (
            "team.overrides.toml:1: warning: this override changes nothing: 'p2' is on duty anyway "
            "(remove it)",
        ),
        override("2026-12-01", "2026-12-03", coming="p2"),
    ),
    "an override of nobody": Said(
        roster_text(rotation(until="2026-12-31")),
        (
            "team.overrides.toml:1: warning: this override changes nothing: nobody is on duty then "
            "(remove it)",
        ),
        override("2027-01-04", "2027-01-06", "*"),
    ),
    "an override that an earlier one leaves nothing to": Said(
        roster_text(WEEKLY),
        (
            "team.overrides.toml:6: warning: this override changes nothing: 'p2' is not on duty then "
            "(it overlaps the one at line 1, which comes first: remove one)",
        ),
        override("2026-11-30", "2026-12-06", "p2", "p4")
        + override("2026-12-01", "2026-12-03", "p2", "p0"),
    ),
    "overrides whose order decides": Said(
        roster_text(WEEKLY),
        (
            "team.overrides.toml:6: warning: this override overlaps the one at line 1, "
            f"and their order decides{LATER}",
        ),
        override("2026-11-30", "2026-12-06", "*", "p4")
        + override("2026-12-01", "2026-12-03", "*", "p0"),
    ),
    "an override of an override": Said(
        roster_text(WEEKLY),
        (
            "team.overrides.toml:6: note: this override acts on what the one at line 1 "
            "did: it takes 'p4' out again (fine if you meant it; one override could say the "
            "same)",
        ),
        override("2026-11-30", "2026-12-06", "p2", "p4")
        + override("2026-12-01", "2026-12-03", "p4", "p0"),
    ),
    "an absence without a duty": Said(
        roster_text(WEEKLY),
        (
            "team.overrides.toml:1: note: this absence changes nothing: 'p2' has no duty "
            f"then{MEANT}",
        ),
        absence("p2", "2026-12-24", "2026-12-26"),
    ),
    "an override that puts somebody on duty who is away": Said(
        roster_text(WEEKLY),
        (
            "team.overrides.toml:1: warning: 'p4' is on duty from 2026-12-01 00:00 GMT to "
            "2026-12-02 00:00 GMT although away then: this override wins over the absence at "
            "team.overrides.toml:6 (remove it, or: rotation cover SOMEBODY --for p4 "
            "--from 2026-12-01T00:00 --to 2026-12-02T00:00)",
        ),
        override("2026-12-01", "2026-12-03", "p2", "p4")
        + absence("p4", "2026-11-30", "2026-12-01"),
    ),
    "an absence of somebody who has left": Said(
        roster_text(rotation(0, 1, 2, 3, 4), rotation(0, 1, 3, 4, start="2026-11-02")),
        (
            "team.overrides.toml:1: warning: this absence does nothing: 'p2' is in no rotation or "
            "shift ahead (remove it)",
        ),
        absence("p2", "2026-12-01", "2026-12-03"),
    ),
    "a rotation that ends": Said(
        roster_text(rotation(until="2026-12-14T00:00:00")),
        (
            "team.toml:9: warning: the last rotation of the role 'duty' runs out on 2026-12-14 00:00 "
            "GMT: nobody is on duty after it (add a [[shift]] or a [[rotation]] that goes on)",
        ),
    ),
    "a list of dated shifts that ends": Said(
        roster_text(
            *(
                f'[[shift]]\nstart = 2026-11-{20 + n}\nend = 2026-11-{20 + n}\npeople = ["p{n}"]\n'
                for n in range(5)
            ),
        ),
        (
            "team.toml:25: warning: the list of dated shifts of the role 'duty' runs out on "
            "2026-11-25 00:00 GMT: nobody is on duty after it (add a [[shift]] or a [[rotation]] that "
            "goes on)",
        ),
    ),
    "a list of dated shifts that has ended": Said(
        roster_text('[[shift]]\nstart = 2026-11-20\nend = 2026-11-20\npeople = ["p0"]\n', people=1),
        (
            "team.toml:5: warning: the list of dated shifts of the role 'duty' has no duty ahead: "
            "nobody is on duty after it (add a [[shift]] or a [[rotation]] that goes on)",
        ),
    ),
    "nothing that puts anybody on duty": Said(
        roster_text(people=0) + 'p0 = "p0@example.com"\n',
        (
            "team.toml:1: warning: there is no rotation and no shift: nobody is ever on duty (add a [[rotation]])",
            "team.toml:4: note: 'p0' is in no rotation, shift, override or fallback (add them to a rotation, or take them out of [people])",
        ),
    ),
    "a role that is over, and that a target still wants": Said(
        roster_text(
            WEEKLY,
            rotation(name="old", role='"move"', until="2026-03-01"),
            '[[target]]\ninclude = "/x"\nrole = "move"\n',
        ),
        (
            "team.toml:14: warning: the last rotation of the role 'move' has no duty ahead: nobody is on duty after it (add a [[shift]] or a [[rotation]] that goes on)",
        ),
    ),
    "a turn on a day that the zone skips": Said(
        roster_text(rotation(every="1 day", start="2011-12-01"), zone="Pacific/Apia"),
        (
            "team.toml:9: warning: the turn of p4 in rotation 'weekly' on 2011-12-30 has no length: "
            "Pacific/Apia skips that day (write a [[shift]] or an override if they should serve "
            "another day)",
        ),
        now=datetime(2011, 12, 24, tzinfo=UTC),
    ),
    "a turn of windows on a day that the zone skips": Said(
        roster_text(
            rotation(every="1 day", start="2011-12-01", hours='["mon-fri 09:00-17:00"]'),
            zone="Pacific/Apia",
        ),
        (
            "team.toml:9: warning: the turn of p1 in rotation 'weekly' on 2011-12-30 has no length: "
            "Pacific/Apia skips that day (write a [[shift]] or an override if they should serve "
            "another day)",
        ),
        now=datetime(2011, 12, 24, tzinfo=UTC),
    ),
    "few people": Said(
        roster_text(rotation(0, 1, 2), people=3),
        (
            "team.toml:7: warning: 3 people share the role 'duty': p1 34%, p2 33%, p0 33% of the time "
            "on duty, more than 25%" + FEW.format(role="duty"),
        ),
    ),
    "one person": Said(
        roster_text(rotation(0), people=1),
        (
            "team.toml:5: warning: 1 person has the role 'duty': p0 100% of the time on duty, more "
            "than 25%" + FEW.format(role="duty"),
        ),
    ),
    "a handoff that is missing and one that comes twice": Said(
        roster_text(rotation(every="1 day", handoff='"01:30"')),
        (
            "team.toml:9: warning: the handoff of rotation 'weekly': 01:30 does not exist on "
            "2027-03-28, when the clock changes, and is taken for 2027-03-28 02:30 BST (and 1 more "
            f"within a year){CLOCK}",
        ),
    ),
    "a handoff that comes twice": Said(
        roster_text(rotation(start="2026-01-04", handoff='"01:30"')),
        (
            "team.toml:9: warning: the handoff of rotation 'weekly': 01:30 exists twice on "
            f"2026-10-25, when the clock changes, and is taken for 2026-10-25 01:30 BST (and 1 more "
            f"within a year){CLOCK}",
        ),
        now=datetime(2026, 10, 20, tzinfo=UTC),
    ),
    "duty hours that end twice": Said(
        roster_text(rotation(hours='["sat 18:00-01:15"]')),
        (
            "team.toml:9: warning: 'hours' of rotation 'weekly': 01:15 exists twice on 2026-10-25, "
            "when the clock changes, and is taken for 2026-10-25 01:15 GMT (and 1 more within a year)"
            f"{CLOCK}",
        ),
        now=datetime(2026, 10, 20, tzinfo=UTC),
    ),
    "roles that nobody has": Said(
        roster_text(
            WEEKLY,
            rotation(name="second", role='"backup"', start="2026-01-12"),
            '[[target]]\ninclude = "/x"\nrole = "bakcup"\n',
        ),
        (
            "team.toml:20: warning: this target is for the role 'bakcup', which no rotation or "
            "shift has (did you mean 'backup'?)",
            "team.overrides.toml:1: warning: this override is for the role 'cover', which no "
            "rotation or shift has (known: backup, duty)",
        ),
        override("2026-12-01", "2026-12-02", coming="p0", role="cover"),
    ),
    "somebody with nothing to do": Said(
        roster_text(WEEKLY, people=6),
        (
            "team.toml:9: note: 'p5' is in no rotation, shift, override or fallback (let them take "
            "turns: rotation join p5, or take them out of [people])",
        ),
    ),
    "errors": Said(
        roster_text(rotation(0, 1, 9)),
        ("team.toml:11: error: unknown person 'p9' (people are listed at line 3)",),
    ),
}
