"""Targets that two relays ask: rows of PostgreSQL and MariaDB, entries of OpenLDAP."""

from __future__ import annotations

import os
import time

import pytest

from .conftest import NewRig
from .relay_rosters import LINE, PEOPLE, REVISION, target, write
from .rigs import Finished
from .rigs.relays import ADDRESS, ENTRY, FOLDERS, Relays
from .roster_in_rig import MONDAY, NEXT_MONDAY

KINDS = ["pgsql", "mysql", "ldap"]


@pytest.mark.parametrize("engine", KINDS)
def test_one_handoff_flips_both_relays(new_rig: NewRig, engine: str) -> None:
    rig = new_rig(Relays, engine=engine)
    write(rig)
    if engine != "ldap":
        rig.database.sql("ALTER TABLE alias ADD note varchar(9)")
        rig.database.sql("UPDATE alias SET note = 'kept'")
    done = rig.rotation(MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, "", "")
    looked = rig.rotation(NEXT_MONDAY, "apply", "--dry-run")
    assert looked.status == 0, looked.err
    assert f"would change {LINE}" in looked.out
    assert "bob@example.com" in looked.out
    assert rig.held() == ["alice@example.com"]
    assert rig.rotation(NEXT_MONDAY, "apply", "--check").status == 1

    done = rig.rotation(NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert rig.held() == ["bob@example.com"]
    assert rig.held("keep@example.org") == ["carol@example.com"]
    assert [rig.asked(folder) for folder in FOLDERS] == [["bob@example.com"]] * 2
    done = rig.rotation(NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, "", "")
    done = rig.rotation("2026-12-08T09:00:00+00:00", "apply")
    assert done.status == 0, done.err
    assert rig.held() == ["carol@example.com", "dan@example.com"]
    if engine != "ldap":  # it is the same row, with all that somebody else keeps in it
        notes = rig.database.sql(f"SELECT note FROM alias WHERE address = '{ADDRESS}'")
        assert notes.split() == ["kept"]


def hub(rig: Relays, name: str, order: str, age: int, more: str) -> str:
    """Another hub's folder of rosters: its copy of the plan, changed so many seconds ago."""
    text = PEOPLE.replace('["alice", "bob", "carol"]', order)
    rig.write(f"/etc/{name}/duty.toml", text + target(rig, more))
    at = time.time() - age
    os.utime(rig.path(f"/etc/{name}/duty.toml"), (at, at))
    return f"/etc/{name}"


@pytest.mark.parametrize("engine", ["virtual", *KINDS])
def test_a_hub_that_fell_behind_flips_nothing_back(new_rig: NewRig, engine: str) -> None:
    rig = new_rig(Relays, engine=engine, started=False)
    more = f'revision = "{REVISION[engine]}"\n'
    usual = '["alice", "bob", "carol"]'
    stale = hub(rig, "stale", usual, 1000, more)
    fresh = hub(rig, "fresh", '["alice", "carol", "bob"]', 10, more)
    twin = hub(rig, "twin", '["alice", "carol", "bob"]', 500, more)

    def apply(at: str, rosters: str) -> Finished:
        return rig.rotation(at, "--rosters", rosters, "apply")

    # while both copies agree, whoever comes first leaves its revision
    assert (rig.must(apply(MONDAY, stale)).out, rig.must(apply(MONDAY, fresh)).out) == ("", "")
    assert (rig.must(apply(MONDAY, stale)).out) == ""
    # they differ from now on, and the one that fell behind comes first
    done = apply(NEXT_MONDAY, stale)
    assert done.status == 3
    assert "has a newer copy of the plan" in done.err
    assert "box.test" in done.err
    assert rig.held() == ["alice@example.com"]
    done = apply(NEXT_MONDAY, fresh)
    assert done.status == 0, done.err
    assert rig.held() == ["carol@example.com", "dan@example.com"]
    # the same copy at another hub, with another time of change
    assert (apply(NEXT_MONDAY, twin).status, apply(NEXT_MONDAY, twin).out) == (0, "")
    # and one whose clock is behind does not undo the handoff
    done = apply("2026-11-30T08:59:59+00:00", twin)
    assert done.status == 3
    assert "has made the handoff at" in done.err
    assert rig.held() == ["carol@example.com", "dan@example.com"]
    # whoever brings a copy up to date is the newer one
    os.utime(rig.path("/etc/stale/duty.toml"))
    done = apply(NEXT_MONDAY, stale)
    assert done.status == 0, done.err
    assert rig.held() == ["bob@example.com"]


@pytest.mark.parametrize("engine", KINDS)
def test_what_stands_there_for_a_revision_and_is_none(new_rig: NewRig, engine: str) -> None:
    rig = new_rig(Relays, engine=engine, started=False)
    write(rig, f'revision = "{REVISION[engine]}"\n')
    if engine == "ldap":
        rig.directory.modify(
            f"dn: {ENTRY}\nchangetype: modify\nadd: description\ndescription: ours\n"
        )
    else:
        rig.database.sql("UPDATE alias SET rotation = 'ours'")
    done = rig.rotation(NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "is something else: 'ours'" in done.err
    assert rig.held() == ["alice@example.com"]


@pytest.mark.parametrize("engine", ["pgsql", "mysql"])
def test_statements_of_ones_own_and_a_socket(new_rig: NewRig, engine: str) -> None:
    rig = new_rig(Relays, engine=engine, started=False)
    statements = (
        'query = "SELECT goto, rotation FROM alias WHERE address = %(name)s"\n'
        'statement = "UPDATE alias SET goto = %(addresses)s, rotation = %(revision)s '
        "WHERE address = %(name)s AND goto NOT LIKE '%%;%%'\"\n"
    )
    if engine == "mysql":
        rig.database.sql("CREATE USER root2@localhost; GRANT ALL ON *.* TO root2@localhost")
    write(rig, socket=True, table=statements)
    done = rig.rotation(NEXT_MONDAY, "apply", "--dry-run")
    assert done.status == 0, done.err
    assert "UPDATE alias SET goto = %(addresses)s" in done.out
    assert "addresses = 'bob@example.com'" in done.out
    assert rig.held() == ["alice@example.com"]
    done = rig.rotation(NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert rig.held() == ["bob@example.com"]
    rig.database.sql("UPDATE alias SET goto = 'a;b'")
    done = rig.rotation(NEXT_MONDAY, "apply")
    assert done.status == 3, "the statement changes nothing now"
    assert "after the change" in done.err
    assert rig.held() == ["a;b"]


@pytest.mark.parametrize("engine", KINDS)
def test_trace_and_verify_follow_the_map(new_rig: NewRig, engine: str) -> None:
    rig = new_rig(Relays, engine=engine)
    write(rig)
    rig.write("/root/.forward", f"{ADDRESS}\n")
    rig.must(rig.rotation(MONDAY, "apply"))
    traced = rig.rotation(MONDAY, "trace", ADDRESS)
    assert traced.status == 0, traced.out
    assert "/etc/postfix/map.cf" in traced.out
    rig.must(rig.rotation(MONDAY, "verify"))
    rig.must(rig.rotation(NEXT_MONDAY, "apply"))
    done = rig.rotation(NEXT_MONDAY, "verify")  # a handoff is no tampering
    assert (done.status, done.err) == (0, ""), done.err
    assert "the target holds what it should" in rig.rotation(NEXT_MONDAY, "doctor").out
    if engine == "ldap":
        rig.directory.modify(
            f"dn: {ENTRY}\nchangetype: modify\nreplace: mail\nmail: mallory@example.com\n"
        )
    else:
        rig.database.sql(
            f"UPDATE alias SET goto = 'mallory@example.com' WHERE address = '{ADDRESS}'"
        )
    done = rig.rotation(NEXT_MONDAY, "verify")
    assert done.status == 1
    assert "holds mallory@example.com; it should hold bob@example.com" in done.err
    assert rig.rotation(NEXT_MONDAY, "trace", ADDRESS).status == 1
    rig.must(rig.rotation(NEXT_MONDAY, "apply"))
    rig.asked_server.silence()
    traced = rig.rotation(NEXT_MONDAY, "trace", ADDRESS)
    assert traced.status == 1
