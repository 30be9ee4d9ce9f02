"""Opsgenie's documents without ids."""

from __future__ import annotations

from random import Random

from tests.imports.programs import random_opsgenie
from tests.imports.test_programs import imported


def test_an_override_of_a_rotation_without_id_is_of_the_one_that_it_names() -> None:
    document = random_opsgenie(Random(1))
    for entry, name in zip(document["rotations"], ("day", "night"), strict=True):
        for key in ("id", "timeRestriction"):
            entry.pop(key, None)
        entry["name"] = name
    document["overrides"][0]["rotations"] = [{"name": "night"}]
    loaded, _ = imported(document)
    notes = {override.note for override in loaded.roster.overrides}
    assert notes == {"override of night in Opsgenie"}


def test_an_override_of_too_many_turns_is_left_out_and_the_rest_is_not() -> None:
    document = random_opsgenie(Random(1))
    for entry in document["rotations"]:
        entry.pop("timeRestriction", None)
        entry |= {"type": "hourly", "length": 1}
    document["overrides"][0]["endDate"] = "2127-01-01T00:00:00Z"
    loaded, left = imported(document)
    assert loaded.roster.overrides == ()
    assert any("too many turns" in what for what in left)
