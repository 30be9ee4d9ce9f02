"""Nobody in between, and nothing but values: who vouches for a server, where passwords stand, and
what others have written."""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from .relay_faults import away, healed, left, write
from .relay_rosters import PEOPLE, TABLE, target
from .rigs.engines import CA
from .rigs.relays import ADDRESS, ENTRY, TLS, Relays
from .roster_in_rig import MONDAY, NEXT_MONDAY, SOURCE, write_roster

ALICE = ["alice@example.com"]


TLS_ERRORS = "certificate|verif|TLS|SSL|contact|connect error"


def ways(rig: Relays) -> list[tuple[str, str]]:
    """How the roster's address is changed for each way to the server that has to be verified."""
    started = [("ldaps://", "ldap://")] if rig.engine == "ldap" else []  # always StartTLS
    return [("", ""), *started]


def by(way: tuple[str, str], old: str = "", new: str = "") -> Callable[[str], str]:
    """The roster by that way to the server, and with another change."""
    return lambda text: text.replace(*way).replace(old, new)


def test_a_certificate_that_nobody_vouches_for(relays: Relays) -> None:
    for way in ways(relays):
        write(
            relays,
            change=by(way, CA, f"{TLS}/stranger.pem"),
        )
        left(relays, TLS_ERRORS, ALICE)
        # nor does the host's own list, without `ca`
        write(relays, change=by(way, f'ca = "{CA}"', ""))
        left(relays, TLS_ERRORS, ALICE)
    for way in ways(relays):
        relays.asked_server.reset()
        write(relays, change=by(way))
        healed(relays)


def test_a_certificate_for_another_name(relays: Relays) -> None:
    for way in ways(relays):
        write(
            relays,
            change=by(way, "localhost", "127.0.0.1"),
        )
        left(relays, TLS_ERRORS, ALICE)


def test_a_certificate_that_has_run_out(relays: Relays) -> None:
    files = {name: relays.read(f"{TLS}/server.{name}") for name in ("pem", "key")}
    for name in files:
        relays.put(f"{TLS}/server.{name}", relays.read(f"{TLS}/expired.{name}"))
    try:
        with away(relays):
            pass
        for way in ways(relays):
            write(relays, change=by(way))
            left(relays, TLS_ERRORS, ALICE)
    finally:
        for name, data in files.items():
            relays.put(f"{TLS}/server.{name}", data)
        with away(relays):
            pass
    healed(relays)


def test_a_server_without_tls(relays: Relays) -> None:
    """Whoever is in between could say so too: no password and no address goes there."""
    with relays.asked_server.without_tls():
        if relays.engine == "mysql":
            assert relays.database.sql("SELECT @@have_ssl").strip() == "DISABLED"
        for way in ways(relays):
            write(relays, change=by(way))
            left(relays, TLS_ERRORS, ALICE)
    healed(relays)


def test_whatever_the_hosts_own_settings_say(relays: Relays) -> None:
    """A host's ldap.conf that verifies nothing is no reason to verify nothing."""
    if relays.engine != "ldap":
        return  # no other library reads one
    relays.write("/etc/ldap/ldap.conf", "TLS_REQCERT never\n")
    relays.write("/root/.ldaprc", "TLS_REQCERT never\n")
    for way in ways(relays):
        write(
            relays,
            change=by(way, CA, f"{TLS}/stranger.pem"),
        )
        left(relays, TLS_ERRORS, ALICE)
    for path in ("/etc/ldap/ldap.conf", "/root/.ldaprc"):
        relays.put(path, b"")


def test_a_socket_of_the_directory(relays: Relays) -> None:
    """Root by itself, or whoever `bind` names."""
    if relays.engine != "ldap":
        return  # those of the databases: test_relays.py
    url = 'ldap = "ldapi://%2Frun%2Fslapd%2Fldapi"'
    tls = f'ca = "{CA}"\n'
    bind = 'bind = "cn=admin,dc=example,dc=org"\n'
    password = 'password = "/etc/rotation/db.password"\n'

    def by_socket(text: str) -> str:
        return text.replace('ldap = "ldaps://localhost"', url).replace(tls, "")

    write(relays, change=by_socket)
    healed(relays)
    relays.asked_server.reset()
    write(relays, change=lambda text: by_socket(text).replace(bind, "").replace(password, ""))
    healed(relays)
    relays.asked_server.reset()
    # one who may read and nothing else
    write(relays, change=lambda text: by_socket(text).replace("cn=admin", "cn=reader"))
    left(relays, "insufficient access", ALICE)
    refused = relays.rotation(NEXT_MONDAY, "apply", "--dry-run")
    assert "(not tried: only the real run shows whether it works)" in refused.out
    looked = relays.rotation(NEXT_MONDAY, "doctor").out
    assert f"{ENTRY} takes the next handoff" in looked
    write(relays, change=lambda text: by_socket(text).replace("slapd%2Fldapi", "slapd%2Fno"))
    left(relays, "contact", ALICE)


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


HOSTILE = [
    "x'); DROP TABLE alias; --@example.com",
    "a: b",
    ": dn",
    "< file:///etc/passwd",
    " leading",
    "two\nchangetype: delete\n\ndn: dc=example",
    "%s %(name)s %(nobody)s %%",
    "\\'; \\",
    "*)(cn=*",
    "\x0cmail: mallory@example.com",
    "# no comment",
    "-",
]
"""What others may have written: SQL, LDIF, filters, parameters."""


def planted(rig: Relays, *values: str) -> None:
    """Somebody else has written these: values of the entry, or rows, and the last in one alone."""
    if rig.engine == "ldap":
        lines = [f"mail:: {b64encode(value.encode()).decode()}" for value in values]
        rig.directory.modify(
            "\n".join([f"dn: {ENTRY}", "changetype: modify", "replace: mail", *lines, ""])
        )
        return

    def spelt(value: str) -> str:
        numbers = [str(ord(letter)) for letter in value]
        if rig.engine == "mysql":
            return f"CHAR({', '.join(numbers)})"
        return "||".join(f"chr({number})" for number in numbers)

    rows = [f"INSERT INTO many (address, goto) VALUES ('{ADDRESS}', {spelt(v)});" for v in values]
    last = f"UPDATE alias SET goto = {spelt(values[-1])} WHERE address = '{ADDRESS}';"
    rig.database.sql("\n".join([*rows, last]))


def test_hostile_values_are_values(relays: Relays) -> None:
    """What others wrote into the rows, and what a plan has in its free text."""
    text = PEOPLE.replace("[[rotation]]", '[[rotation]]\nnote = "\'; DROP TABLE alias; --"', 1)
    text = text.replace('"weekly"', '"week\'ly; \\"--%s%(name)s"')
    ask = f'ask = "{relays.engine}:/etc/postfix/map.cf"\n'
    planted(relays, *HOSTILE)
    tables = [TABLE]
    if relays.engine != "ldap":
        tables.append(TABLE.replace('"alias"', '"many"') + 'several = "rows"\n')
    for table in tables:
        write_roster(relays, text + target(relays, table=table).replace(ask, ""))
        done = relays.rotation(NEXT_MONDAY, "apply")
        assert done.status == 0, done.err
        name = "many" if "many" in table else "alias"
        assert relays.held(table=name) == ["bob@example.com"]
        assert relays.held("keep@example.org", name) == ["carol@example.com"]


NAMES = [
    r"cn=a\, b\+c\"\\\;\<\>",
    r"cn=\# \3D *)(objectClass=*",
    "cn=-D",
    "cn=Zo\u00eb: x",
]


def test_any_entry_is_one_entry(relays: Relays) -> None:
    if relays.engine != "ldap":
        return
    for name in NAMES:
        entry = f"{name},ou=aliases,dc=example,dc=org"
        coded = b64encode(entry.encode()).decode()
        relays.directory.modify(
            f"dn:: {coded}\nchangetype: add\nobjectClass: inetOrgPerson\nsn: x\n"
            "mail: alice@example.com\n"
        )
        quoted = json.dumps(entry, ensure_ascii=False)
        text = target(relays).replace(f'entry = "{ENTRY}"', f"entry = {quoted}")
        ask = f'ask = "{relays.engine}:/etc/postfix/map.cf"\n'
        write_roster(relays, PEOPLE + text.replace(ask, ""))
        done = relays.rotation(NEXT_MONDAY, "apply")
        assert done.status == 0, (name, done.err)
        assert "alice -> bob" in done.out
        assert relays.rotation(NEXT_MONDAY, "apply").out == ""
        assert relays.held() == ALICE
        assert relays.held("keep@example.org") == ["carol@example.com"]


def test_words_of_sql_are_names_of_columns(relays: Relays) -> None:
    if relays.engine == "ldap":
        return
    mark = '"' if relays.engine == "pgsql" else "`"
    name, key, value = (f"{mark}{word}{mark}" for word in ("Order", "select", "From$1"))
    relays.database.sql(
        f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({key} varchar(99), {value} text); "
        f"INSERT INTO {name} VALUES ('{ADDRESS}', 'alice@example.com'); "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO "
        f"rotation{'' if relays.engine == 'pgsql' else '@localhost'}"
    )
    table = 'table = "Order"\nkey = "select"\nvalue = "From$1"\n'
    ask = f'ask = "{relays.engine}:/etc/postfix/map.cf"\n'
    write_roster(relays, PEOPLE + target(relays, table=table).replace(ask, ""))
    done = relays.rotation(NEXT_MONDAY, "apply")
    assert done.status == 0, done.err
    assert relays.database.sql(f"SELECT {value} FROM {name}").strip() == "bob@example.com"


ADDRESSES = [
    "rotation%20sslmode=disable@localhost/mail",
    "rotation@localhost/mail%20sslmode=disable%20host=127.0.0.1",
    "rotation@localhost/postgresql:%20",
    "rotation'%20password='x@localhost/mail",
    "rot%0Aation@localhost/mail",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_says_nothing_else(relays: Relays, address: str) -> None:
    """A user or a database of that name, which there is not; TLS stays verified."""
    if relays.engine == "ldap":
        return
    write(relays, change=lambda text: text.replace("rotation@localhost/mail", address))
    done = relays.rotation(NEXT_MONDAY, "apply")
    assert done.status in (2, 3), done
    assert "Traceback" not in done.err
    assert relays.held() == ALICE
