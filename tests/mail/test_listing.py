"""Indexes compared in pieces: the same answer as from two dictionaries."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.mail.listing import Listing

NAMES = st.sampled_from(
    [*"aAbcdk@", "a.c", "abc", "b+", "YP_MASTER_NAME", "JÜRGEN", "\udce9x", "\u212a"]
)
VALUES = st.sampled_from(["x", "y", "x, y", "", "\tz", "q\r", "\udcff"])
PRINTED = st.lists(st.tuples(NAMES, VALUES), max_size=8)
INTERNAL = ("@", "yp_master_name")


def listing(printed: list[tuple[str, str]], size: int, *, ends: bool = True) -> Listing:
    lines = [f"{name}:\t{value}".encode("utf-8", "surrogateescape") for name, value in printed]
    text = b"\n".join(lines) + (b"\n" if lines and ends else b"")

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(text), size):
            yield text[at : at + size]

    return Listing(pieces, ":\t", INTERNAL)


def as_dictionary(printed: list[tuple[str, str]]) -> dict[str, str]:
    """The last counts, as in the index itself; names in lower case."""
    everything = {name.lower(): value for name, value in printed}
    return {name: value for name, value in everything.items() if name not in INTERNAL}


@settings(derandomize=True, deadline=None, max_examples=500)
@given(PRINTED, PRINTED, st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_the_difference_is_that_of_dictionaries(
    left: list[tuple[str, str]], right: list[tuple[str, str]], one: int, two: int, ends: bool
) -> None:
    left, right = once(left), once(right)
    old, new = as_dictionary(left), as_dictionary(right)
    expected = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    assert listing(left, one, ends=ends).differs(listing(right, two)) == expected


def once(printed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """No index has a name twice."""
    return list({name.lower(): (name, value) for name, value in printed}.values())


@settings(derandomize=True, deadline=None, max_examples=300)
@given(PRINTED, st.randoms(use_true_random=False), st.integers(1, 40), st.integers(1, 40))
def test_order_and_repetition_mean_nothing(
    printed: list[tuple[str, str]], random: object, one: int, two: int
) -> None:
    printed = once(printed)
    other = [*printed, *printed]
    random.shuffle(other)  # type: ignore[attr-defined]
    assert not listing(printed, one).differs(listing(other, two))
    assert not listing(other, two).differs(listing(printed, one))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(PRINTED, st.sets(NAMES), st.sampled_from([0, 100]), st.integers(1, 40))
def test_entries_are_those_that_were_printed(
    printed: list[tuple[str, str]], some: set[str], more: int, size: int
) -> None:
    """A few are looked for by a pattern, many line by line."""
    whole = as_dictionary(printed)
    assert listing(printed, size).entries() == whole
    wanted = {name.lower() for name in some} | {f"x{number}" for number in range(more)}
    assert listing(printed, size).entries(wanted) == {
        name: value for name, value in whole.items() if name in wanted
    }


def test_a_few_entries_are_a_listing_too() -> None:
    few = Listing.of({"a": "x, y", "\udce9": "z"})
    assert few.entries() == {"a": "x, y", "\udce9": "z"}
    assert few.differs(Listing.of({"a": "x"})) == {"a", "\udce9"}
    assert few.differs(Listing.of({})) == {"a", "\udce9"}
    assert not few.differs(few)
