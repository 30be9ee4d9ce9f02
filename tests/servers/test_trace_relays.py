"""`trace` through tables in PostgreSQL, MariaDB, OpenLDAP and SQLite: as Postfix asks them, and
what is down or wrong there is never somebody on duty."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest

from .conftest import NewRig
from .relay_rosters import PEOPLE
from .rigs.relays import ADDRESS, ENTRY, FOLDERS, Relays
from .roster_in_rig import MONDAY, NEXT_MONDAY, rotation, write_roster

ENGINES = ["pgsql", "mysql", "ldap", "sqlite"]
SQLITE = "dbpath = /etc/postfix/mail.sqlite\nquery = SELECT goto FROM alias WHERE address = '%s'\n"
Hold = Callable[[str, str], None]
RUN = """
import sqlite3, sys
with sqlite3.connect("/etc/postfix/mail.sqlite") as database:
    for statement in sys.argv[1:]:
        database.execute(statement)
"""


def _sqlite(rig: Relays, *statements: str) -> None:
    rig.must(rig.run([sys.executable, "-I", "-c", RUN, *statements]))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rig(new_rig: NewRig, engine: str) -> Relays:
    """Two relays that ask an engine, and a roster without a target."""
    rig = new_rig(Relays, engine="virtual" if engine == "sqlite" else engine, started=False)
    write_roster(rig, PEOPLE)
    if engine == "sqlite":
        _sqlite(rig, "CREATE TABLE alias (address PRIMARY KEY, goto)",
                f"INSERT INTO alias VALUES ('{ADDRESS}', 'alice@example.com')")  # fmt: skip
        for folder in FOLDERS:
            rig.write(f"{folder}/map.cf", SQLITE)
            main = rig.read(f"{folder}/main.cf").decode()
            where = f"hash:{folder}/virtual"
            rig.configure(main.replace(where, f"sqlite:{folder}/map.cf"), folder)
    return rig


@pytest.fixture
def hold(rig: Relays, engine: str) -> Hold:
    """Puts a value under a key of the engine's."""

    def put(key: str, value: str) -> None:
        if engine == "ldap":
            entry = ENTRY.replace(ADDRESS, key)
            text = f"dn: {entry}\nobjectClass: inetOrgPerson\ncn: {key}\nsn: x\nmail: {value}\n"
            delete = ["ldapdelete", "-x", "-D", "cn=admin,dc=example,dc=org", "-w", "admin"]
            socket = ["-H", "ldapi://%2Frun%2Fslapd%2Fldapi"]
            rig.run([*delete, *socket, entry])
            rig.must(rig.run(["ldapadd", *delete[1:], *socket], text))
            return
        statements = [
            f"DELETE FROM alias WHERE address = '{key}'",
            f"INSERT INTO alias (address, goto) VALUES ('{key}', '{value}')",
        ]
        if engine == "sqlite":
            _sqlite(rig, *statements)
        else:
            rig.database.sql("; ".join(statements))

    return put


def _silence(rig: Relays, engine: str) -> None:
    if engine == "sqlite":
        rig.path("/etc/postfix/mail.sqlite").write_bytes(b"no database at all" * 100)
    else:
        rig.asked_server.silence()


def _ends(rig: Relays, address: str, at: str = MONDAY) -> tuple[int, set[tuple[str, str]]]:
    done = rotation(rig, at, "trace", "--json", address)
    assert "Traceback" not in done.err, done.err
    (tree,) = json.loads(done.out)
    return done.status, {(end["verdict"], end["to"]) for end in tree["ends"]}


def _nobody(rig: Relays, address: str) -> None:
    """Nobody is called on duty."""
    status, ends = _ends(rig, address)
    assert status == 1
    assert "duty" not in {verdict for verdict, _ in ends}, ends


def test_what_it_answers_counts_and_what_is_down_is_nobody(
    rig: Relays, engine: str, hold: Hold
) -> None:
    assert _ends(rig, ADDRESS) == (0, {("duty", "alice@example.com")})
    assert _ends(rig, ADDRESS.upper()) == (0, {("duty", "alice@example.com")})
    status, ends = _ends(rig, ADDRESS, NEXT_MONDAY)
    assert (status, [verdict for verdict, _ in ends]) == (1, ["other"])
    rig.start()
    rig.must(rig.run(["sendmail", ADDRESS], "Subject: one\n\nx\n"))
    rig.wait_for("alice@example.com", "one")
    hold("two@example.org", f"{ADDRESS},x@elsewhere.test")
    status, ends = _ends(rig, "two@example.org")
    assert (status, ends) == (1, {("duty", "alice@example.com"), ("leaves", "x@elsewhere.test")})
    _nobody(rig, "nosuch@example.org")
    main = rig.read("/etc/postfix/main.cf").decode()
    for table in (f"{engine}:/etc/postfix/map.cf", f"proxy:{engine}:/etc/postfix/map.cf"):
        rig.configure(main.replace(f"{engine}:/etc/postfix/map.cf", table))
        assert _ends(rig, ADDRESS) == (0, {("duty", "alice@example.com")}), table
    rig.configure(main)
    conf = rig.read("/etc/postfix/map.cf").decode()
    for wrong in (
        conf.replace("= SELECT goto", "= SELECT nothing").replace("= mail\n", "= nothing(\n"),
        conf.replace("map.cf", ""),
        "",
    ):
        if wrong != conf and engine != "ldap":
            rig.write("/etc/postfix/map.cf", wrong)
            _nobody(rig, ADDRESS)
    rig.write("/etc/postfix/map.cf", conf)
    assert _ends(rig, ADDRESS)[0] == 0
    _silence(rig, engine)
    for table in (f"{engine}:/etc/postfix/map.cf", f"proxy:{engine}:/etc/postfix/map.cf"):
        rig.configure(main.replace(f"{engine}:/etc/postfix/map.cf", table))
        _nobody(rig, ADDRESS)


# setting, and what it answers for the person on duty
ELSEWHERE = {
    "transport_maps": "discard:",
    "relocated_maps": "elsewhere",
    "recipient_canonical_maps": "x@elsewhere.test",
    "virtual_alias_maps": "bob@example.com",
}


def test_it_decides_elsewhere_too(rig: Relays, engine: str, hold: Hold) -> None:
    """As aliases, transports, relocated people, domains; and each of them when it is down."""
    table, other = f"{engine}:/etc/postfix/map.cf", f"{engine}:/etc/postfix/other.cf"
    conf = rig.read("/etc/postfix/map.cf").decode()
    rig.write("/etc/postfix/other.cf", f"{conf}domain = example.com\n")
    main = rig.read("/etc/postfix/main.cf").decode()
    ours = ("alias_maps", "alias_database", "virtual_alias_maps", "virtual_alias_domains")
    lines = main.splitlines(keepends=True)
    bare = "".join(line for line in lines if line.partition(" ")[0] not in ours)
    local = f"alias_maps = hash:{rig.aliases}\nalias_database = hash:{rig.aliases}\n"
    aliased = f"{bare}alias_maps = {table}\n"
    on_duty = (0, {("duty", "alice@example.com")})
    rig.configure(aliased)
    hold("duty", "bob@example.com")
    assert _ends(rig, "duty@box.test")[1] == {("other", "bob@example.com")}
    hold("duty", "alice@example.com")
    assert _ends(rig, "duty@box.test") == on_duty
    for setting in ELSEWHERE:  # the last twice, of which Postfix warns
        rig.configure(f"{aliased}{setting} = {other}\n")
        assert _ends(rig, "duty@box.test") == on_duty, setting
    for setting, value in ELSEWHERE.items():
        hold("alice@example.com", value)
        rig.configure(f"{aliased}{setting} = {other}\n")
        _nobody(rig, "duty@box.test")
    _silence(rig, engine)
    rig.configure(aliased)
    _nobody(rig, "duty@box.test")
    rig.write(rig.aliases, "duty: alice@example.com\n")
    static = bare + local
    rig.configure(static)
    rig.must(rig.rebuild())
    assert _ends(rig, "duty@box.test") == on_duty
    for setting in (*ELSEWHERE, "mydestination", "relay_domains", "virtual_mailbox_domains",
                    "virtual_alias_domains", "canonical_maps"):  # fmt: skip
        rig.configure(f"{static}{setting} = {table}\n")
        _nobody(rig, "duty@box.test")
