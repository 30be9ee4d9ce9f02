"""What relays ask is away, locked, full, read-only, or not what it was: that target is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .relay_faults import LONG, away, healed, left, write
from .rigs.engines.directory import URL
from .rigs.relays import ADDRESS, ENTRY, Relays
from .roster_in_rig import NEXT_MONDAY, SOURCE


def test_away(relays: Relays) -> None:
    with away(relays):
        done = left(relays, "refused|can't connect|contact")
        again = relays.rotation(NEXT_MONDAY, "apply")
        assert (again.status, again.out, again.err) == (3, "", ""), "said once"
        assert relays.rotation(NEXT_MONDAY, "apply", "--check").status == 3
        verified = relays.rotation(NEXT_MONDAY, "verify")
        assert verified.status == 1
        assert done.err.splitlines()[0].removeprefix("error: ") in verified.err
        looked = relays.rotation(NEXT_MONDAY, "doctor")
        assert "hold what" not in looked.out
        assert "holds what" not in looked.out
    healed(relays)


def test_nothing_is_there(relays: Relays) -> None:
    if relays.engine == "ldap":
        write(relays, change=lambda text: text.replace("cn=duty", "cn=nobody"))
        left(relays, "no such object")
        write(relays, change=lambda text: text.replace('"mail"', '"nosuchthing"'))
        left(relays, "undefined|holds nothing")
        return
    write(relays, change=lambda text: text.replace('"alias"', '"nosuchtable"'))
    left(relays, "nosuchtable")
    write(relays, change=lambda text: text.replace('"goto"', '"nosuchcolumn"'))
    left(relays, "nosuchcolumn")


def test_a_row_that_somebody_deleted(relays: Relays) -> None:
    if relays.engine == "ldap":
        return  # an entry is not ours to make
    relays.database.sql(f"DELETE FROM alias WHERE address = '{ADDRESS}'")
    done = relays.rotation(NEXT_MONDAY, "apply")
    assert done.status == 0, done.err
    assert done.out.startswith(f"{ADDRESS}: (nothing) -> bob")
    assert relays.held() == ["bob@example.com"]


def test_a_value_that_is_too_long(relays: Relays) -> None:
    if relays.engine == "ldap":
        return  # mail has no such limit
    write(relays, LONG)
    left(relays, "too long", ["alice@example.com"])
    refused = relays.rotation(NEXT_MONDAY, "apply", "--check")
    assert refused.status == 3, "the rehearsal refuses what apply would"
    assert relays.held() == ["alice@example.com"]


def test_read_only(relays: Relays) -> None:
    with relays.asked_server.read_only():
        left(relays, "read.only|restrict", ["alice@example.com"])
    healed(relays)


def test_out_of_connections(relays: Relays) -> None:
    words = {
        "pgsql": "too many connections",
        "mysql": "too many connections",
        "ldap": "contact|did not end",
    }
    with relays.asked_server.full():
        left(relays, words[relays.engine])
    assert relays.held() == ["alice@example.com"]
    healed(relays)


def test_a_lock_that_somebody_holds(relays: Relays) -> None:
    if relays.engine == "ldap":
        return  # a directory has no locks
    with relays.database.locked():
        left(relays, "lock|timeout", ["alice@example.com"])
    healed(relays)


def test_a_table_that_cannot_undo(relays: Relays) -> None:
    if relays.engine != "mysql":
        return  # MariaDB alone has such tables
    relays.database.sql("ALTER TABLE alias ENGINE = MyISAM")
    left(relays, "cannot undo", ["alice@example.com"])
    relays.database.sql("ALTER TABLE alias ENGINE = InnoDB")
    healed(relays)


def test_a_map_that_asks_elsewhere(relays: Relays) -> None:
    path = "/etc/postfix/map.cf"
    good = relays.read(path)
    other = good.replace(b"%s", b"keep@example.org")
    relays.write(path, other)
    left(relays, "answers carol@example.com .* holds alice@example.com", ["alice@example.com"])
    relays.write(path, good)
    healed(relays)


def test_two_hubs_at_the_same_moment(relays: Relays) -> None:
    """Each waits for the other, or looks again: one makes the handoff, and nothing is doubled."""
    argv = [sys.executable, "-B", str(Path(__file__).with_name("run_at.py")), NEXT_MONDAY]
    for number in range(3):
        relays.asked_server.reset()
        if relays.engine != "ldap" and number:
            relays.database.sql(f"DELETE FROM alias WHERE address = '{ADDRESS}'")
        hubs = [
            subprocess.Popen(
                relays.host.enter(["/usr/bin/env", f"PYTHONPATH={SOURCE}",
                                   f"ROTATION_STATE=/var/lib/hub-{hub}", *argv, "apply"]),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for hub in range(3)
        ]  # fmt: skip
        said = [hub.communicate() for hub in hubs]
        assert [hub.returncode for hub in hubs] == [0, 0, 0], said
        assert sum(f"{ADDRESS}: " in out for out, _ in said) == 1, said
        assert relays.held() == ["bob@example.com"]


def test_what_the_mail_server_does_not_see_is_taken_back(relays: Relays) -> None:
    """A map that has kept the old answer, as a replica that lags behind."""
    real = "/usr/sbin/postmap"
    program = relays.read(real)
    try:
        relays.write(real, "#!/bin/sh\necho alice@example.com\n", mode=0o755)
        done = left(relays, "answers alice@example.com .* after the change", ["alice@example.com"])
        assert "taken back" in done.err
    finally:
        relays.write(real, program, mode=0o755)
    healed(relays)


def blind(rig: Relays) -> None:
    """Let the mail server's map answer nothing, whatever is there."""
    rig.write("/usr/sbin/postmap", "#!/bin/sh\nexit 1\n", mode=0o755)


def test_nothing_comes_back_where_nothing_was(relays: Relays) -> None:
    """No row, an empty one, and NULL are three things, and so each of them comes back."""
    program = relays.read("/usr/sbin/postmap")
    blind(relays)
    try:
        if relays.engine == "ldap":
            relays.directory.modify(f"dn: {ENTRY}\nchangetype: modify\ndelete: mail\n")
            write(relays, 'revision = "description"\n')
            left(relays, "answers nothing .* after the change", [])
            argv = ["ldapsearch", "-x", "-LLL", "-H", URL, "-b", ENTRY, "description"]
            assert "description" not in relays.must(relays.run(argv)).out
            return
        write(relays, 'revision = "rotation"\n')
        for text in ("NULL", "''", None, "' a@b ,, '"):
            relays.database.sql(f"DELETE FROM alias WHERE address = '{ADDRESS}'")
            if text is not None:
                relays.database.sql(f"INSERT INTO alias VALUES ('{ADDRESS}', {text}, NULL)")
            if text == "' a@b ,, '":
                relays.write("/usr/sbin/postmap", "#!/bin/sh\necho a@b\n", mode=0o755)
            left(relays, "answers .* after the change")
            query = f"FROM alias WHERE address = '{ADDRESS}'"
            assert relays.database.sql(f"SELECT count(*) {query}").strip() == str(
                int(text is not None)
            )
            if text is not None:
                same = "IS NULL" if text == "NULL" else f"= {text}"
                where = f"{query} AND goto {same} AND rotation IS NULL"
                assert relays.database.sql(f"SELECT count(*) {where}").strip() == "1", text
    finally:
        relays.write("/usr/sbin/postmap", program, mode=0o755)


def test_a_way_back_that_is_closed_is_said(relays: Relays) -> None:
    """The server goes away between the change and its being taken back."""
    program = relays.read("/usr/sbin/postmap")
    number = relays.asked_server.number
    end = f"kill {number}; while kill -0 {number} 2>/dev/null; do :; done"
    try:
        relays.write("/usr/sbin/postmap", "#!/bin/sh\n"
                     '[ -e /tmp/asked ] || { touch /tmp/asked; echo alice@example.com; exit; }\n'
                     f"{end}\nexit 1\n", mode=0o755)  # fmt: skip
        relays.run(["rm", "-f", "/tmp/asked"])
        done = left(relays, "answers nothing .* after the change")
        assert "may hold the new addresses still: taking them back failed" in done.err
    finally:
        relays.write("/usr/sbin/postmap", program, mode=0o755)
        relays.asked_server.serve()
