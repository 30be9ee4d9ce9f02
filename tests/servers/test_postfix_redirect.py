"""A Postfix for which `hash:` is another type of index (`non_bdb_migration_level`, since 3.11).

Debian has no such Postfix yet. What stands in for it is Debian's own with its three programs behind
scripts, which redirect as postconf(5) says; its daemons are not asked.
"""

from __future__ import annotations

import json

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, Postfix
from .roster_in_rig import MONDAY, NEXT_MONDAY, rotation, write_roster

TABLES = """#!/bin/bash
args=()
for arg; do args+=("${arg/#hash:/KIND:}"); done
exec /usr/sbin/PROGRAM.real "${args[@]}"
"""
POSTCONF = """#!/bin/bash
case "$*" in
*non_bdb_migration_level*)
    echo 'non_bdb_migration_level = enable-redirect'
    echo 'default_database_type = KIND'
    echo 'default_cache_db_type = lmdb'
    echo 'non_bdb_custom_mapping ='
    ;;
*) exec /usr/sbin/postconf.real "$@" ;;
esac
"""


@pytest.mark.parametrize("kind", ["lmdb", "cdb"])
def test_hash_is_what_postconf_says(new_rig: NewRig, kind: str) -> None:
    rig = new_rig(Postfix, started=False)
    for program in ("postconf", "postalias", "postmap"):
        rig.must(rig.run(["mv", f"/usr/sbin/{program}", f"/usr/sbin/{program}.real"]))
        text = POSTCONF if program == "postconf" else TABLES.replace("PROGRAM", program)
        rig.write(f"/usr/sbin/{program}", text.replace("KIND", kind), 0o755)
    rig.must(rig.run(["postalias", f"hash:{rig.aliases}"]))
    assert rig.exists(f"{rig.aliases}.{kind}")
    assert rig.exists(f"{rig.aliases}.db")  # Debian's, from before
    write_roster(rig)
    before = rig.read(f"{rig.aliases}.db")
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.err) == (0, "")
    asked = rig.must(rig.run(["postalias.real", "-q", NOTIFICATIONS, f"{kind}:{rig.aliases}"]))
    assert asked.out.strip() == "bob"
    assert rig.read(f"{rig.aliases}.db") == before
    (trace,) = json.loads(rotation(rig, NEXT_MONDAY, "trace", "--json", "root").out)
    assert [end["to"] for end in trace["ends"]] == ["bob"]
    assert trace["good"]
    said = rotation(rig, MONDAY, "doctor").out
    assert f"{rig.aliases}.db is stale: Postfix reads another type of index now" in said
