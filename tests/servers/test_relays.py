"""Targets that two relays ask: rows of PostgreSQL and MariaDB, entries of OpenLDAP."""

from __future__ import annotations

import pytest

from .conftest import NewRig
from .relay_rosters import LINE, write
from .rigs.relays import FOLDERS, Relays
from .roster_in_rig import MONDAY, NEXT_MONDAY, rotation

KINDS = ["pgsql", "mysql", "ldap"]


@pytest.mark.parametrize("engine", KINDS)
def test_one_handoff_flips_both_relays(new_rig: NewRig, engine: str) -> None:
    rig = new_rig(Relays, engine=engine)
    write(rig)
    done = rotation(rig, MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, "", "")
    looked = rotation(rig, NEXT_MONDAY, "apply", "--dry-run")
    assert looked.status == 0, looked.err
    assert f"would change {LINE}" in looked.out
    assert "bob@example.com" in looked.out
    assert rig.held() == ["alice@example.com"]
    assert rotation(rig, NEXT_MONDAY, "apply", "--check").status == 1

    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert rig.held() == ["bob@example.com"]
    assert rig.held("keep@example.org") == ["carol@example.com"]
    assert [rig.asked(folder) for folder in FOLDERS] == [["bob@example.com"]] * 2
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, "", "")
    done = rotation(rig, "2026-12-08T09:00:00+00:00", "apply")
    assert done.status == 0, done.err
    assert rig.held() == ["carol@example.com", "dan@example.com"]
