"""Sessions in PostgreSQL and MariaDB, over verified TLS or a socket and nothing in between.

Neither driver verifies anything unless it is told to. Sources: libpq, "Database Connection Control
Functions"; the documentation of psycopg 3 and of PyMySQL.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rotation.errors import ApplyError, Problem
from rotation.model.target import Database, Engine
from rotation.system.database import Parameters, Row, Session

if TYPE_CHECKING:
    import psycopg

CONNECT = 10
"""Seconds for a connection."""
STATEMENT = 20
"""Seconds for a statement, and for a lock that somebody holds."""
_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
_SOCKETS = {Engine.POSTGRESQL: "/var/run/postgresql", Engine.MYSQL: "/run/mysqld/mysqld.sock"}
_HINTS = {
    # SQLSTATE of PostgreSQL (its manual, appendix A), error numbers of MariaDB
    "28P01": "wrong password: see `password` of the target, or ~/.pgpass",
    "28000": "may this user log in from here? see pg_hba.conf",
    "53300": "the server has no connection left: the next run tries again",
    "42P01": "correct `table`, or make it",
    "42703": "correct the names of the columns in the target",
    "42501": "grant it: SELECT, INSERT, UPDATE and DELETE on that table",
    "25006": "this is a replica: name the server that takes changes",
    "55P03": "somebody holds a lock on the row: the next run tries again",
    "57014": "the server is busy, or somebody holds a lock: the next run tries again",
    "22001": "the addresses are longer than the column: make it larger",
    "1045": "wrong user or password: see `password` of the target",
    "1040": "the server has no connection left: the next run tries again",
    "1203": "the user has no connection left: the next run tries again",
    "1146": "correct `table`, or make it",
    "1054": "correct the names of the columns in the target",
    "1142": "grant it: SELECT, INSERT, UPDATE and DELETE on that table",
    "1290": "this is a replica: name the server that takes changes",
    "1205": "somebody holds a lock on the row: the next run tries again",
    "1213": "two runs were at it at once: the next run tries again",
    "1406": "the addresses are longer than the column: make it larger",
}


@contextmanager
def session(database: Database, password: str | None, passwords: Path | None) -> Iterator[Session]:
    """A transaction, undone at its end unless it was committed.

    `passwords` is a file like ~/.pgpass, which PostgreSQL's library reads itself. Raises
    ApplyError.
    """
    open_session = _postgresql if database.engine is Engine.POSTGRESQL else _mysql
    with open_session(database, password, passwords) as opened:
        yield opened


def _authorities(database: Database) -> str:
    if database.ca is not None:
        return str(database.ca)
    for path in _AUTHORITIES:
        if Path(path).is_file():
            return path
    what = "there are no certificates of authorities on this host to verify the server by"
    raise ApplyError(Problem(what, hint='apt install ca-certificates, or name them: ca = "/path"'))


def _no_driver(database: Database, extra: str) -> ApplyError:
    what = f"the driver for {database} is not installed"
    return ApplyError(Problem(what, hint=f"pip install 'rotation[{extra}]'"))


def _failed(database: Database, code: str, said: str) -> ApplyError:
    what = f"{database}: {said or 'it cannot be reached'}"
    hint = _HINTS.get(code, "mail goes on to whoever the relays still know; the next run heals it")
    return ApplyError(Problem(what, hint=hint))


def _texts(rows: Any) -> list[Row]:
    def text(value: Any) -> str | None:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value).decode("utf-8", "surrogateescape")
        return None if value is None else str(value)

    return [tuple(text(value) for value in row) for row in rows]


@contextmanager
def _postgresql(
    database: Database, password: str | None, passwords: Path | None
) -> Iterator[Session]:
    try:
        import psycopg
    except ImportError:
        raise _no_driver(database, "postgresql") from None
    settings: dict[str, str | int] = {
        # what is not given here, the library would take from the environment
        "host": database.host or database.socket or _SOCKETS[database.engine],
        "hostaddr": "",
        "port": database.port or 5432,
        "dbname": database.name,
        "options": "",
        "sslmode": "disable",
        "gssencmode": "disable",
        "target_session_attrs": "any",
        "connect_timeout": CONNECT,
        "application_name": "rotation",
        "client_encoding": "UTF8",
    }
    if database.host is not None:
        settings |= {"sslmode": "verify-full", "sslrootcert": _authorities(database)}
    if database.user is not None:
        settings["user"] = database.user
    if password is not None:
        settings["password"] = password
    elif passwords is not None:
        settings["passfile"] = str(passwords)
    try:
        connection = psycopg.connect(autocommit=False, **settings)  # type: ignore[arg-type]
    except psycopg.Error as error:
        raise _failed(database, _state(error), _words(error)) from None
    try:
        opened = _PostgreSQL(database, connection)
        opened.change(f"SET LOCAL statement_timeout = '{STATEMENT}s'", {})
        opened.change(f"SET LOCAL lock_timeout = '{STATEMENT // 2}s'", {})
        yield opened
    finally:
        with suppress(psycopg.Error):
            connection.rollback()
        with suppress(psycopg.Error):
            connection.close()


def _state(error: psycopg.Error) -> str:
    if error.sqlstate:
        return str(error.sqlstate)
    # before there is a session the library knows no SQLSTATE, only words
    said = str(error)
    for words, state in (("password", "28P01"), ("too many clients", "53300"),
                         ("remaining connection slots", "53300")):  # fmt: skip
        if words in said:
            return state
    return ""


def _words(error: psycopg.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if error.sqlstate is None:  # there may be several attempts, with advice behind each
        lines = [line for line in lines if "failed:" in line][-1:] or lines
    return lines[0] if lines else ""


class _PostgreSQL:
    def __init__(self, database: Database, connection: psycopg.Connection[Any]) -> None:
        self._database = database
        self._connection = connection

    def ask(self, query: str, parameters: Parameters) -> list[Row]:
        """Rows."""
        return _texts(self._run(query, parameters).fetchall())

    def change(self, statement: str, parameters: Parameters) -> int:
        """How many rows changed."""
        return int(self._run(statement, parameters).rowcount)

    def _run(self, statement: str, parameters: Parameters) -> psycopg.Cursor[Any]:
        import psycopg

        try:
            given = dict(parameters) or None
            return self._connection.execute(statement.encode(), given)
        except psycopg.Error as error:
            raise _failed(self._database, _state(error), _words(error)) from None

    def commit(self) -> None:
        """Make it so."""
        import psycopg

        try:
            self._connection.commit()
        except psycopg.Error as error:
            raise _failed(self._database, _state(error), _words(error)) from None


@contextmanager
def _mysql(database: Database, password: str | None, passwords: Path | None) -> Iterator[Session]:
    try:
        import pymysql
    except ImportError:
        raise _no_driver(database, "mysql") from None
    settings: dict[str, Any] = {
        "database": database.name,
        "user": database.user or "root",
        "password": password or "",
        "charset": "utf8mb4",
        "autocommit": False,
        "connect_timeout": CONNECT,
        "read_timeout": STATEMENT,
        "write_timeout": STATEMENT,
        "local_infile": False,
        "program_name": "rotation",
    }
    if database.host is None:
        settings |= {
            "unix_socket": database.socket or _SOCKETS[database.engine],
            "ssl_disabled": True,
        }
    else:
        # given a context of ours, the driver refuses a server without TLS
        context = ssl.create_default_context(cafile=_authorities(database))
        settings |= {"host": database.host, "port": database.port or 3306, "ssl": context}
    try:
        connection = pymysql.connect(**settings)
    except (pymysql.Error, OSError) as error:
        raise _failed(database, *_mysql_words(error)) from None
    try:
        opened = _MySQL(database, connection)
        opened.change(
            "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES'), "
            f"SESSION innodb_lock_wait_timeout = {STATEMENT // 2}, "
            f"SESSION lock_wait_timeout = {STATEMENT // 2}",
            {},
        )
        yield opened
    finally:
        with suppress(pymysql.Error, OSError):
            connection.rollback()
        with suppress(pymysql.Error, OSError):
            connection.close()


def _mysql_words(error: Exception) -> tuple[str, str]:
    arguments = error.args
    code = str(arguments[0]) if arguments else ""
    said = str(arguments[1]) if len(arguments) > 1 else str(error)
    return code, said.splitlines()[0] if said else code


class _MySQL:
    def __init__(self, database: Database, connection: Any) -> None:
        self._database = database
        self._connection = connection

    def ask(self, query: str, parameters: Parameters) -> list[Row]:
        """Rows."""
        return _texts(self._run(query, parameters)[1])

    def change(self, statement: str, parameters: Parameters) -> int:
        """How many rows changed."""
        return self._run(statement, parameters)[0]

    def _run(self, statement: str, parameters: Parameters) -> tuple[int, Any]:
        import pymysql

        try:
            with self._connection.cursor() as cursor:
                count = cursor.execute(statement, dict(parameters) or None)
                return int(count), cursor.fetchall()
        except (pymysql.Error, OSError) as error:
            raise _failed(self._database, *_mysql_words(error)) from None

    def commit(self) -> None:
        """Make it so."""
        import pymysql

        try:
            self._connection.commit()
        except (pymysql.Error, OSError) as error:
            raise _failed(self._database, *_mysql_words(error)) from None
