"""Targets that are no file of this host: what is read, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.errors import RosterError
from rotation.model.target import (
    Engine,
    LdapTarget,
    RunTarget,
    Several,
    SqlTarget,
    Statements,
    TableRow,
)
from rotation.roster.parse import parse
from tests.roster.example_rosters import HEAD

PATH = Path("/etc/rotation/duty.toml")
SQL = """\
sql   = "postgresql://relay@db.example.com:5433/mail"
name  = "duty@example.com"
table = "mail.alias"
key   = "address"
value = "goto"
"""
LDAP = """\
ldap      = "ldaps://ldap.example.com"
entry     = "cn=duty,dc=example,dc=com"
attribute = "mail"
bind      = "cn=rotation,dc=example,dc=com"
password  = "./ldap.password"
"""


def one(body: str) -> object:
    (target,) = parse(f"{HEAD}\n[[target]]\n{body}".encode(), PATH).targets
    return target


def refused(body: str) -> str:
    with pytest.raises(RosterError) as error:
        one(body)
    for problem in error.value.problems:
        assert problem.where is not None
        assert problem.where.line is not None
    return "\n".join(problem.render() for problem in error.value.problems)


def test_a_row_of_a_table() -> None:
    target = one(f'{SQL}several = "rows"\nrevision = "plan"\npassword = "mail-db"\n')
    assert isinstance(target, SqlTarget)
    database = target.database
    assert (database.engine, database.user, database.host) == (
        Engine.POSTGRESQL, "relay", "db.example.com"
    )  # fmt: skip
    assert (database.port, database.name, database.password) == (5433, "mail", "mail-db")
    assert target.row == TableRow(("mail", "alias"), "address", "goto", Several.ROWS, "plan")
    assert target.place == "postgresql://db.example.com:5433/mail"


def test_sockets_and_statements() -> None:
    query = "SELECT goto FROM alias WHERE address = %(name)s AND note LIKE '50%%'"
    statement = "UPDATE alias SET goto = %(addresses)s WHERE address = %(name)s"
    for url, engine, socket in (
        ("mysql:///mail", Engine.MYSQL, None),
        ("mariadb:///mail?socket=/run/my.sock", Engine.MYSQL, "/run/my.sock"),
        ("postgres:///mail?host=/run/pg", Engine.POSTGRESQL, "/run/pg"),
    ):
        target = one(
            f'sql = "{url}"\nname = "duty"\nquery = "{query}"\nstatement = "{statement}"\n'
        )
        assert isinstance(target, SqlTarget)
        assert (target.database.engine, target.database.host) == (engine, None)
        assert target.database.socket == socket
        assert target.row == Statements(query, statement)


def test_an_entry_and_a_program() -> None:
    entry = one(LDAP)
    assert isinstance(entry, LdapTarget)
    assert entry.directory.password == "/etc/rotation/ldap.password"
    assert entry.place == "ldaps://ldap.example.com/cn=duty,dc=example,dc=com"
    assert isinstance(one('ldap = "ldapi://%2Frun%2Fslapd%2Fldapi"\nentry = "cn=a"\n'
                          'attribute = "mail"\n'), LdapTarget)  # fmt: skip
    run = one('run = ["/usr/local/bin/set-alias", "it"]\nlimit = 5\n')
    assert isinstance(run, RunTarget)
    assert (run.argv, run.limit) == (("/usr/local/bin/set-alias", "it"), 5)


HOSTILE = [
    "alias; DROP TABLE alias",
    'alias" --',
    "alias`",
    "a.b.c",
    "alias WHERE 1=1",
    "%s",
    "%(name)s",
    "1alias",
    "ali\u0430s",
    "alias\\\\",
    "*",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("key", ["table", "key", "value", "revision"])
def test_names_of_a_table_are_plain(name: str, key: str) -> None:
    lines = [line for line in SQL.splitlines() if not line.startswith(key)]
    body = "\n".join([*lines, f"{key} = '{name}'"])
    assert "is not a plain name" in refused(body)


NAMES = ["x'; DROP TABLE alias; --@example.com", "a b@example.com", "*", "%@example.com"]
NAMES += ["duty@exa mple.com", "duty'@example.com"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_row_is_found_by(name: str) -> None:
    body = SQL.replace('"duty@example.com"', f'"{name}"')
    assert "'name'" in refused(body) or "address" in refused(body) or "alias" in refused(body)


REFUSED = {
    "sqlite": (SQL.replace("postgresql://relay@db.example.com:5433/", "sqlite:///"), "372 of 600"),
    "a map of sqlite": (SQL + 'ask = "sqlite:/etc/postfix/x.cf"\n', "372 of 600"),
    "a password": (SQL.replace("relay@", "relay:s3cr3t@"), "a password stands in the address"),
    "no database": (SQL.replace("/mail", "/"), "names no database"),
    "an option": (SQL.replace("/mail", "/mail?sslmode=disable"), "sslmode cannot be set"),
    "another engine": (
        SQL.replace("postgresql:", "oracle:"),
        "is not a database that rotation knows",
    ),
    "a port": (SQL.replace("5433", "x"), "cannot be read"),
    "no address": (SQL.replace("postgresql://relay@db.example.com:5433/mail", "mail"), "address"),
    "half": (SQL.replace('key   = "address"\n', ""), "no 'key'"),
    "both": (SQL + 'query = "SELECT 1"\n', "do not go together"),
    "one statement": (
        'sql = "mysql:///m"\nname = "duty"\nquery = "SELECT a FROM b WHERE c = %(name)s"\n',
        "needs both",
    ),
    "a parameter": (
        'sql = "mysql:///m"\nname = "duty"\nquery = "SELECT a FROM b WHERE c = %(name)s"\n'
        'statement = "UPDATE b SET a = %(addresses)s WHERE c = %(nam)s"\n',
        "a parameter that is not known: nam",
    ),
    "several parameters": (
        'sql = "mysql:///m"\nname = "duty"\nquery = "SELECT a FROM b WHERE c = %(name)s"\n'
        'statement = "UPDATE b SET a = %(addresses)s, d = %(who)s WHERE c = %(nam)s OR %s"\n',
        "a parameter that is not known: who, nam, %",
    ),
    "addresses in the question": (
        'sql = "mysql:///m"\nname = "duty"\n'
        'query = "SELECT a FROM b WHERE c = %(name)s AND a = %(addresses)s"\n'
        'statement = "UPDATE b SET a = %(addresses)s WHERE c = %(name)s"\n',
        "'query' has a parameter that is not known: addresses",
    ),
    "the other form": (
        'sql = "mysql:///m"\nname = "duty"\nquery = "SELECT a FROM b WHERE c = \'%s\'"\n'
        'statement = "UPDATE b SET a = %(addresses)s WHERE c = %(name)s"\n',
        "a parameter that is not known",
    ),
    "a map": (SQL + 'ask = "pgsql:virtual.cf; rm"\n', "is not a map of Postfix"),
    "a password as such": (SQL + 'password = "corr horse"\n', "is not the password itself"),
    "a foreign key": (SQL + 'entry = "cn=x"\n', "'entry' belongs to an ldap target, not to sql"),
    "an attribute": (LDAP.replace('"mail"', '"mail)(cn=*"'), "is not the name of an attribute"),
    "no bind": (LDAP.replace("bind ", "#"), "does not say who changes"),
    "a path": (LDAP.replace("ldap.example.com", "ldap.example.com/dc=x"), "a scheme and a host"),
    "http": (LDAP.replace("ldaps:", "https:"), "not the address of a directory"),
    "no program": ("run = []\n", "names no program"),
    "a relative program": ('run = ["set-alias"]\n', "not an absolute path"),
    "a text": ('run = "/bin/set-alias"\n', "must be a list"),
    "a limit": ('run = ["/bin/x"]\nlimit = 0\n', "from 1 to 600"),
    "two places": (SQL + LDAP, "names several places at once"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_why_and_where(name: str) -> None:
    body, words = REFUSED[name]
    said = refused(body)
    assert words in said
    assert "s3cr3t" not in said
    assert "Traceback" not in said
