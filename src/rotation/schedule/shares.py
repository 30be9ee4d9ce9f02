"""How much of a rotation's duty is meant for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rotation.model import Person, Rotation


def meant(rotation: Rotation, people: Mapping[str, Person]) -> dict[str, float]:
    """The weight of everybody in a rotation's order: how often they are listed.

    Where anybody in it has a `share`, the shares count and not the places: then the list says how
    the shares are met, and listing the others twice makes nobody's share smaller.
    """
    listed = Counter(rotation.order)
    if any(people[key].share != 1 for key in listed):
        return {key: people[key].share for key in listed}
    return {key: float(count) for key, count in listed.items()}
