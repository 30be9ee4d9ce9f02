"""A table that another server answers for: trace asks by `postmap -q`, as Postfix asks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .conftest import NewRig
from .rigs import Postfix, wait
from .roster_in_rig import MONDAY, ROSTER, rotation, target

SERVER = Path(__file__).parent / "rigs" / "socketmap.py"
TABLE = "/run/table"
DUTY = "alice@far.example"
MAPS = "virtual_alias_maps = socketmap:inet:127.0.0.1:9999:virtual\n"


def _verdict(rig: Postfix, address: str) -> tuple[str, list[str]]:
    done = rotation(rig, MONDAY, "trace", "--json", address)
    assert "Traceback" not in done.err, done.err
    (tree,) = json.loads(done.out)
    return str(done.status), sorted(f"{end['verdict']} {end['to']}" for end in tree["ends"])


def test_what_the_server_of_the_table_answers_counts(new_rig: NewRig) -> None:
    rig = new_rig(Postfix, started=False)
    main = rig.read("/etc/postfix/main.cf").decode()
    rig.configure(main + MAPS)
    rig.write(TABLE, "")
    rig.must(rig.run(["sh", "-c", f"{sys.executable} {SERVER} {TABLE} > /tmp/out 2>&1 & :"]))
    wait(lambda: rig.listening(9999), "the server of the table")
    rig.start()
    roster = ROSTER.replace('alice = "alice"', f'alice = "{DUTY}"')
    rig.write("/etc/rotation/duty.toml", roster + target(rig))
    rig.write(TABLE, f"virtual root@box.test {DUTY}\n")
    assert _verdict(rig, "root") == ("0", [f"duty {DUTY}"])
    rig.must(rig.send("root", "one"))
    rig.wait_for(DUTY, "one")
    assert rig.delivered("one") == [DUTY]
    rig.write(TABLE, "virtual root@box.test bob@box.test, carol@far.example\n")
    status, ends = _verdict(rig, "root")
    assert (status, {end.split()[1] for end in ends}) == ("1", {"bob", "carol@far.example"})
    rig.must(rig.send("root", "two"))
    rig.wait_for("carol@far.example", "two")
    rig.wait_for("bob", "two")
    # out of order, and gone: Postfix takes no mail then, and nobody is called on duty
    rig.write(TABLE, "virtual root@box.test TEMP\n")
    _nobody(rig)
    rig.must(rig.run(["pkill", "-f", "rigs/socketmap.py"]))
    wait(lambda: not rig.listening(9999), "the server of the table to be gone")
    _nobody(rig)


def test_aliases_of_such_a_table_are_refused(new_rig: NewRig) -> None:
    """local(8): "map is not allowed for security-sensitive data", and puts all mail off."""
    rig = new_rig(Postfix, started=False)
    main = rig.read("/etc/postfix/main.cf").decode()
    for table in ("socketmap:inet:127.0.0.1:9999:alias", "tcp:127.0.0.1:9999"):
        rig.configure(main.replace("alias_maps = ", f"alias_maps = {table}, "))
        rig.write(TABLE, f"alias root {DUTY}\n")
        roster = ROSTER.replace('alice = "alice"', f'alice = "{DUTY}"')
        rig.write("/etc/rotation/duty.toml", roster + target(rig))
        _nobody(rig)
    rig.start()
    rig.must(rig.send("root", "x"))
    wait(lambda: "status=deferred (alias database unavailable)" in rig.log(), "it to be put off")


def _nobody(rig: Postfix) -> None:
    status, ends = _verdict(rig, "root")
    assert status != "0"
    assert not any(end.startswith("duty") for end in ends)
