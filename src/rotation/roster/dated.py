"""The keys of the tables of an overrides file, declared once as those of a roster are."""

from __future__ import annotations

from rotation.roster.keys import ABSENCE, ROLE_KEY, STAMPS
from rotation.toml.keys import Group, Key, TableKeys, Value

OVERRIDE = TableKeys(
    "[[override]]",
    (
        Group(
            "a dated exception",
            (
                Key("start", Value.INSTANT, "when it begins", required=True),
                Key("end", Value.INSTANT, "when it is over; a date is inclusive", required=True),
                Key("out", Value.TEXT, 'who leaves; "*" is everybody; without it `in` is added'),
                Key("in", Value.TEXT, "who comes; without it `out` is taken out"),
                ROLE_KEY,
                Key(
                    "moved", Value.WORDS, "by which change it was moved, and from where: for `undo`"
                ),
            ),
        ),
        STAMPS,
    ),
)
OFFER = TableKeys(
    "[[offer]]",
    (
        Group(
            "a duty that somebody asks others to take (`rotation offer`); it changes nothing",
            (
                Key("person", Value.TEXT, "whose duty it is", required=True),
                Key("start", Value.INSTANT, "when it begins; the offer is open till then",
                    required=True),
                Key("end", Value.INSTANT, "when it is over", required=True),
                ROLE_KEY,
            ),
        ),
        STAMPS,
    ),
)  # fmt: skip
UNDONE = TableKeys(
    "[[undone]]",
    (
        Group(
            "what was taken back, for `log`; it changes nothing",
            (
                Key("undone", Value.INSTANT, "when it was taken back", required=True),
                Key("undone_by", Value.TEXT, "who took it back", required=True),
                Key("start", Value.INSTANT, "when it would have begun"),
                Key("end", Value.INSTANT, "when it would have been over"),
            ),
        ),
        STAMPS,
    ),
)
OVERRIDES = (OVERRIDE, ABSENCE, OFFER, UNDONE)
"""Those of an overrides file."""
