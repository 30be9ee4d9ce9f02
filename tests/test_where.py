"""A place in a file, whose line may be looked for once somebody asks."""

from __future__ import annotations

from rotation.errors import Where


def test_places_in_one_file_are_told_apart_at_once() -> None:
    """Where all had one hash, a set of them would take time by the square of their number."""
    assert len({hash(Where("duty.toml", line)) for line in range(1000)}) > 900


def test_a_line_that_is_looked_for_is_the_same_place() -> None:
    there, looked_for = Where("duty.toml", 7), Where("duty.toml", lambda: 7)
    assert hash(there) == hash(looked_for)
    assert there == looked_for
    assert {there: "seven"}[looked_for] == "seven"
