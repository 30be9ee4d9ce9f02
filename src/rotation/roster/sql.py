"""Targets that are rows of a database, by a table's names or by statements of one's own."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from rotation import address
from rotation.errors import meant
from rotation.model.target import Database, Engine, Several, SqlTarget, Statements, TableRow
from rotation.roster.elsewhere import SQLITE, Reader, ask_of, check_address, password_of, url
from rotation.toml.table import Table

_ENGINES = {
    "postgresql": Engine.POSTGRESQL,
    "postgres": Engine.POSTGRESQL,
    "mysql": Engine.MYSQL,
    "mariadb": Engine.MYSQL,
}
_SQL = 'sql = "postgresql://relay@db.example.com/mail", or without a host for a socket'
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}\Z", re.ASCII)
_PARAMETER = re.compile(r"%(?:%|\(([a-z]+)\)s|.?)")


def read_sql(reader: Reader) -> SqlTarget | None:
    """A row of a database; what is wrong with it is noted."""
    table = reader.table
    database, ask = _database(reader), ask_of(table)
    name = _key(table)
    row = _row(table)
    if database is None or row is None:
        return None
    return SqlTarget(
        database=database,
        row=row,
        where=table.where,
        name=name,
        role=reader.role,
        also=reader.also,
        ask=ask,
    )


def _key(table: Table) -> str:
    """What a row is found by: an address, or the bare name of an alias."""
    name = table.text("name")
    if name is not None and "@" not in name:
        if fault := address.alias_fault(name):
            table.report("name", f"alias {name!r} {fault}")
        return name
    return check_address(table, name)


def _database(reader: Reader) -> Database | None:
    table, parts = reader.table, url(reader.table, "sql", _SQL)
    password, ca = password_of(reader), table.text("ca")
    if parts is None:
        return None
    if parts.scheme.startswith("sqlite"):
        table.report("sql", "SQLite is no place for the alias of a mail server", SQLITE)
        return None
    engine = _ENGINES.get(parts.scheme)
    if engine is None:
        hint = meant(parts.scheme, _ENGINES, "postgresql:// or mysql://")
        table.report("sql", f"{parts.scheme}:// is not a database that rotation knows", hint)
        return None
    name = unquote(parts.path.removeprefix("/"))
    if not name or not name.isprintable() or "/" in name:
        table.report("sql", "the address names no database", _SQL)
    sockets = dict(parse_qsl(parts.query, keep_blank_values=True))
    socket = sockets.pop("socket", None) or sockets.pop("host", None)
    if sockets:
        what = f"{', '.join(sockets)} cannot be set in the address"
        table.report("sql", what, "TLS is always verified; `ca` names other authorities")
    if socket is not None and not socket.startswith("/"):
        table.report("sql", f"{socket!r} is not the path of a socket", "?socket=/run/postgresql")
    if socket is not None and parts.hostname:
        table.report("sql", "the address names a host and a socket", "name one of them")
    return Database(
        engine=engine,
        name=name,
        host=parts.hostname or None,
        port=parts.port,
        socket=socket,
        user=unquote(parts.username) if parts.username else None,
        password=password,
        ca=None if ca is None else reader.path(ca),
    )


def _row(table: Table) -> TableRow | Statements | None:
    names = {key: table.text(key) for key in ("table", "key", "value", "revision")}
    several = table.text("several") or Several.LIST.value
    query, statement = table.text("query"), table.text("statement")
    if query is not None or statement is not None:
        given = [key for key, value in names.items() if value is not None]
        if given:
            what = f"{', '.join(given)} and statements of your own do not go together"
            table.report(given[0], what, "a revision is %(revision)s in the statement")
        return _statements(table, query, statement)
    if several not in (kind.value for kind in Several):
        table.report("several", f"{several!r} is neither 'list' nor 'rows'")
        return None
    example = 'as in table = "alias", key = "address", value = "goto"'
    for key in ("table", "key", "value"):
        if names[key] is None:
            table.document.report(table.path, f"this target has no {key!r}", example)
    parts = tuple((names["table"] or "").split("."))
    for key, written in names.items():
        words = parts if key == "table" else (written or "",)
        if written is not None and (len(words) > 2 or not all(map(_NAME.match, words))):
            hint = "letters, digits and _; a table can be SCHEMA.TABLE"
            table.report(key, f"{written!r} is not a plain name", hint)
    return TableRow(
        parts, names["key"] or "", names["value"] or "", Several(several), names["revision"]
    )


def _statements(table: Table, query: str | None, statement: str | None) -> Statements | None:
    wanted = (("query", query, {"name"}), ("statement", statement, {"name", "addresses"}))
    known = {"name", "addresses", "revision"}
    for key, text, needed in wanted:
        if text is None:
            what = "a statement of your own needs both 'query' and 'statement'"
            table.document.report(table.path, what, "the query reads what the statement writes")
            continue
        named = [match[1] for match in _PARAMETER.finditer(text) if match[0] != "%%"]
        allowed = {"name"} if key == "query" else known
        if odd := [name for name in named if name not in allowed]:
            words = ", ".join(dict.fromkeys(name or "%" for name in odd))
            what = f"{key!r} has a parameter that is not known: {words}"
            hint = f"known here: {', '.join(f'%({name})s' for name in sorted(allowed))}; %% is a %"
            table.report(key, what, hint)
        elif missing := needed - set(named):
            what = f"{key!r} does not use {', '.join(f'%({name})s' for name in sorted(missing))}"
            table.report(key, what, "the values go where these stand, without quotes around them")
    return None if query is None or statement is None else Statements(query, statement)
