"""Addresses that lead back to where the mail comes from, by what the mail servers call local."""

from __future__ import annotations

import pytest

from .rigs import NOTIFICATIONS, Rig
from .roster_in_rig import MONDAY, ROSTER, rotation, target, write_roster


@pytest.mark.parametrize("local", [NOTIFICATIONS, "root"])
def test_the_alias_by_its_full_address_is_refused(rig: Rig, local: str) -> None:
    rig.write(rig.aliases, f"{NOTIFICATIONS}: carol\n")
    rig.rebuild()
    write_roster(rig, ROSTER.replace('"alice"\n', f'"{local}@Box.Test"\n', 1) + target(rig))
    rig.run(["rm", "-rf", "/var/lib/rotation"])
    done = rotation(rig, MONDAY, "check")
    assert "would go round in circles" in done.out
    done = rotation(rig, MONDAY, "apply")
    assert done.status == 3
    assert "would go round in circles" in done.err
    assert rig.read(rig.aliases) == f"{NOTIFICATIONS}: carol\n".encode()
