"""Nobody in between, and nothing but values: who vouches for a server, where passwords stand, and
what others have written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from .relay_faults import away, healed, left, write
from .rigs.engines import CA
from .rigs.relays import ENTRY, TLS, Relays
from .roster_in_rig import MONDAY, NEXT_MONDAY, SOURCE

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
