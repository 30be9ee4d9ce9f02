"""Hostile values, names and addresses say nothing else to a database or a directory."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from .relay_faults import write
from .relay_rosters import PEOPLE, TABLE, target
from .rigs.relays import ADDRESS, ENTRY, Relays
from .roster_in_rig import NEXT_MONDAY, write_roster

ALICE = ["alice@example.com"]
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
