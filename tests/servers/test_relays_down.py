"""What relays ask is away, locked, full, read-only, or not what it was: that target is left."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from .conftest import _factory
from .relay_rosters import LINE, PEOPLE, TABLE, target
from .rigs import Finished
from .rigs.relays import ADDRESS, ENTRY, TLS, Relays
from .roster_in_rig import MONDAY, NEXT_MONDAY, SOURCE, rotation, write_roster

SECOND = '\n[[target]]\ninclude = "/etc/mail/duty"\n'
LONG = 'also = ["' + '", "'.join(f"somebody{n}@example.com" for n in range(9)) + '"]\n'


@pytest.fixture(scope="module", params=["pgsql", "mysql", "ldap"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Relays]:
    with ExitStack() as stack:
        yield _factory(tmp_path_factory, stack)(Relays, engine=request.param, started=False)


@pytest.fixture
def relays(shared: Relays) -> Relays:
    """A rig whose target is right, and another target beside it."""
    shared.path("/etc/mail").mkdir(exist_ok=True)
    shared.write("/etc/mail/duty", "alice@example.com\n")
    shared.run(["rm", "-rf", "/var/lib/rotation"])
    shared.write("/etc/rotation/db.password", shared.password, mode=0o600)
    shared.write("/etc/postfix/map.cf", shared.read("/etc/postfix-2/map.cf"))
    shared.reset()
    write(shared)
    shared.must(rotation(shared, MONDAY, "apply"))
    return shared


def write(rig: Relays, more: str = "", change: Callable[[str], str] = str) -> None:
    write_roster(rig, PEOPLE + change(target(rig, more)) + SECOND)


def left(rig: Relays, words: str, held: list[str] | None = None) -> Finished:
    """Apply: this target fails, with these words, and is as it was; the other one is made true."""
    rig.write("/etc/mail/duty", "alice@example.com\n")
    rig.run(["rm", "-rf", "/var/lib/rotation"])
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert done.status == 3, done
    assert re.search(words, done.err, re.IGNORECASE), done.err
    assert "hint:" in done.err
    assert "Traceback" not in done.err
    assert "horse" not in done.err, "the password is in the message"
    assert done.out.startswith("/etc/mail/duty: alice -> bob")
    assert rig.read("/etc/mail/duty") == b"bob@example.com\n"
    if held is not None:
        assert rig.held() == held
    return done


def healed(rig: Relays) -> None:
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert done.status == 0, done.err
    assert done.out == LINE
    assert rig.held() == ["bob@example.com"]


@contextmanager
def away(rig: Relays) -> Iterator[None]:
    rig.silence()
    try:
        yield
    finally:
        rig.serve(first=False)


def test_away(relays: Relays) -> None:
    with away(relays):
        done = left(relays, "refused|can't connect|contact")
        again = rotation(relays, NEXT_MONDAY, "apply")
        assert (again.status, again.out, again.err) == (3, "", ""), "said once"
        assert rotation(relays, NEXT_MONDAY, "apply", "--check").status == 3
        verified = rotation(relays, NEXT_MONDAY, "verify")
        assert verified.status == 1
        assert done.err.splitlines()[0].removeprefix("error: ") in verified.err
        looked = rotation(relays, NEXT_MONDAY, "doctor")
        assert "hold what" not in looked.out
        assert "holds what" not in looked.out
    healed(relays)


def test_wrong_password(relays: Relays) -> None:
    path = "/etc/rotation/db.password"
    good = relays.read(path)
    relays.write(path, "wrong horse\n", mode=0o600)
    left(relays, "password|denied|invalid credentials", ["alice@example.com"])
    relays.write(path, good, mode=0o640)
    left(relays, "others may read", ["alice@example.com"])
    relays.path(path).unlink()
    left(relays, "cannot be read: no such file", ["alice@example.com"])
    relays.write(path, good, mode=0o600)
    healed(relays)


TLS_ERRORS = "certificate|verif|TLS|SSL|contact|connect error"


def test_a_certificate_that_nobody_vouches_for(relays: Relays) -> None:
    write(relays, change=lambda text: text.replace("ca.pem", "stranger.pem"))
    left(relays, TLS_ERRORS, ["alice@example.com"])
    write(relays)
    healed(relays)


def test_a_certificate_for_another_name(relays: Relays) -> None:
    write(relays, change=lambda text: text.replace("localhost", "127.0.0.1"))
    left(relays, TLS_ERRORS, ["alice@example.com"])


def test_a_certificate_that_has_run_out(relays: Relays) -> None:
    files = {name: relays.read(f"{TLS}/server.{name}") for name in ("pem", "key")}
    for name in files:
        relays.put(f"{TLS}/server.{name}", relays.read(f"{TLS}/expired.{name}"))
    try:
        with away(relays):
            pass
        left(relays, TLS_ERRORS, ["alice@example.com"])
    finally:
        for name, data in files.items():
            relays.put(f"{TLS}/server.{name}", data)
        with away(relays):
            pass
    healed(relays)


def test_a_server_without_tls(relays: Relays) -> None:
    """Whoever is in between could say so too: no password and no address goes there."""
    with relays.without_tls():
        if relays.engine == "mysql":
            assert relays.sql("SELECT @@have_ssl").strip() == "DISABLED"
        left(relays, TLS_ERRORS, ["alice@example.com"])
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
    relays.sql(f"DELETE FROM alias WHERE address = '{ADDRESS}'")
    done = rotation(relays, NEXT_MONDAY, "apply")
    assert done.status == 0, done.err
    assert done.out.startswith(f"{ADDRESS}: (nothing) -> bob")
    assert relays.held() == ["bob@example.com"]


def test_a_value_that_is_too_long(relays: Relays) -> None:
    if relays.engine == "ldap":
        return  # mail has no such limit
    write(relays, LONG)
    left(relays, "too long", ["alice@example.com"])
    refused = rotation(relays, NEXT_MONDAY, "apply", "--check")
    assert refused.status == 3, "the rehearsal refuses what apply would"
    assert relays.held() == ["alice@example.com"]


def test_read_only(relays: Relays) -> None:
    with relays.read_only():
        left(relays, "read.only|restrict", ["alice@example.com"])
    healed(relays)


def test_out_of_connections(relays: Relays) -> None:
    if relays.engine != "pgsql":
        return  # PostgreSQL's limits are for a role
    relays.sql("ALTER ROLE rotation CONNECTION LIMIT 0")
    left(relays, "too many connections", ["alice@example.com"])
    relays.sql("ALTER ROLE rotation CONNECTION LIMIT -1")
    healed(relays)


def test_a_lock_that_somebody_holds(relays: Relays) -> None:
    if relays.engine == "ldap":
        return  # a directory has no locks
    with relays.locked():
        left(relays, "lock|timeout", ["alice@example.com"])
    healed(relays)


def test_a_table_that_cannot_undo(relays: Relays) -> None:
    if relays.engine != "mysql":
        return  # MariaDB alone has such tables
    relays.sql("ALTER TABLE alias ENGINE = MyISAM")
    left(relays, "cannot undo", ["alice@example.com"])
    relays.sql("ALTER TABLE alias ENGINE = InnoDB")
    healed(relays)


def test_a_map_that_asks_elsewhere(relays: Relays) -> None:
    path = "/etc/postfix/map.cf"
    good = relays.read(path)
    other = good.replace(b"%s", b"keep@example.org")
    relays.write(path, other)
    left(relays, "answers carol@example.com .* holds alice@example.com", ["alice@example.com"])
    relays.write(path, good)
    healed(relays)


def test_hostile_values_are_values(relays: Relays) -> None:
    """What others wrote into the rows, and what a plan has in its free text."""
    hostile = "x'); DROP TABLE alias; --@example.com"
    if relays.engine == "ldap":
        relays.modify(f"dn: {ENTRY}\nchangetype: modify\nreplace: mail\nmail: {hostile}\n"
                      "mail: a: b\n")  # fmt: skip
    else:
        quoted = hostile.replace("'", "''")
        relays.sql(f"UPDATE alias SET goto = '{quoted}'")
        relays.sql(f"INSERT INTO many (address, goto) VALUES ('{ADDRESS}', '{quoted}')")
    text = PEOPLE.replace("[[rotation]]", '[[rotation]]\nnote = "\'; DROP TABLE alias; --"', 1)
    text = text.replace('"weekly"', '"week\'ly; \\"--%s%(name)s"')
    ask = f'ask = "{relays.engine}:/etc/postfix/map.cf"\n'
    write_roster(relays, text + target(relays).replace(ask, ""))
    done = rotation(relays, NEXT_MONDAY, "apply")
    assert done.status == 0, done.err
    assert relays.held() == ["bob@example.com"]
    if relays.engine == "ldap":
        return
    table = TABLE.replace('"alias"', '"many"') + 'several = "rows"\n'
    write_roster(relays, text + target(relays, table=table).replace(ask, ""))
    done = rotation(relays, NEXT_MONDAY, "apply")
    assert done.status == 0, done.err
    assert relays.held(table="many") == ["bob@example.com"]
    assert relays.held("keep@example.org", table="many") == ["carol@example.com"]


def test_two_hubs_at_the_same_moment(relays: Relays) -> None:
    """Each waits for the other, or looks again: one makes the handoff, and nothing is doubled."""
    argv = [sys.executable, "-B", str(Path(__file__).with_name("run_at.py")), NEXT_MONDAY]
    for number in range(3):
        relays.reset()
        if relays.engine != "ldap" and number:
            relays.sql(f"DELETE FROM alias WHERE address = '{ADDRESS}'")
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


def test_where_passwords_may_stand(relays: Relays) -> None:
    """A credential of systemd's, and ~/.pgpass."""

    def write_without(line: str) -> None:
        secret = 'password = "/etc/rotation/db.password"\n'
        write(relays, change=lambda text: text.replace(secret, line))

    argv = [sys.executable, "-B", str(Path(__file__).with_name("run_at.py"))]
    relays.write("/run/credentials/mail-db", relays.password, mode=0o400)
    write_without('password = "mail-db"\n')
    left(relays, "no credential 'mail-db'")
    env = {"PYTHONPATH": str(SOURCE), "CREDENTIALS_DIRECTORY": "/run/credentials"}
    done = relays.run([*argv, NEXT_MONDAY, "apply"], env=env)
    assert done.status == 0, done.err
    assert relays.held() == ["bob@example.com"]
    if relays.engine != "pgsql":
        return
    write_without("")
    escaped = relays.password.strip().replace("\\", "\\\\").replace(":", "\\:")
    relays.write("/root/.pgpass", f"localhost:5432:mail:rotation:{escaped}\n", mode=0o600)
    # whatever HOME says, and whatever the environment says of the server
    env = {"PYTHONPATH": str(SOURCE), "HOME": "/nonexistent", "PGHOSTADDR": "192.0.2.1"}
    env |= {"PGSSLMODE": "disable", "PGOPTIONS": "-c statement_timeout=1"}
    done = relays.run([*argv, MONDAY, "apply"], env=env)
    assert done.status == 0, done.err
    assert relays.held() == ["alice@example.com"]
    relays.path("/root/.pgpass").unlink()
    done = relays.run([*argv, NEXT_MONDAY, "apply"], env=env)
    assert done.status == 3
    assert "password" in done.err


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
