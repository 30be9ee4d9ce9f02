"""The `[[target]]` tables of a roster to `Target` values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from rotation import address
from rotation.dataclasses import replace
from rotation.errors import meant
from rotation.model import DUTY, SERVERS, Person
from rotation.model.target import FileTarget, Kind, Target
from rotation.roster.elsewhere import Reader, check_address, program, read_ldap, read_run
from rotation.roster.sql import read_sql
from rotation.toml.table import Table

_PLACES = {
    "aliases": 'aliases = "/etc/aliases" and name = "all-system-notifications"',
    "virtual": 'virtual = "/etc/postfix/virtual" and name = "duty@example.com"',
    "include": 'include = "/etc/mail/duty"',
    "forward": 'forward = "/root/.forward"',
    "sql": 'sql = "postgresql://relay@db.example.com/mail"',
    "ldap": 'ldap = "ldaps://ldap.example.com"',
    "run": 'run = ["/usr/local/bin/set-alias"]',
}
"""The keys that say what a target is, with an example each."""
_FILES = ("aliases", "virtual")
_FAR = ("sql", "ldap")
_OF = {
    **dict.fromkeys(("server", "config", "rebuild"), _FILES),
    **dict.fromkeys(("table", "key", "value", "several", "query", "statement"), ("sql",)),
    **dict.fromkeys(("entry", "attribute", "bind"), ("ldap",)),
    **dict.fromkeys(("password", "ca", "ask"), _FAR),
    "limit": ("run",),
    "name": (*_FILES, *_FAR, "run"),
    "revision": (*_FAR, *(kind.value for kind in Kind)),
    "owner": ("aliases",),
}
"""Which kinds have a key that is not every target's."""
_KEYS = (*_PLACES, *_OF)


def read_target(table: Table, base: Path, people: Mapping[str, Person]) -> Target | None:
    """The target in a table; problems are noted in the table's document, then None comes out.

    Relative paths are made absolute from `base`. `also` may name people, whose addresses it
    then stands for.
    """
    before = len(table.document.problems)
    kinds = [key for key in _PLACES if key in table]
    reader = Reader(table, base, table.text("role") or DUTY, _also(table, people), people)
    if len(kinds) != 1:
        said = "names no place" if not kinds else "names several places at once"
        table.document.report(
            table.path, f"this target {said}", f"one of: {'; '.join(_PLACES.values())}"
        )
        _take_all(table)
        return None
    (kind,) = kinds
    for key, owners in _OF.items():
        if key in table and kind not in owners:
            table.take(key)
            article = "an" if owners[0] in ("aliases", "sql", "ldap") else "a"
            others = f" (or {', '.join(owners[1:])})" if owners[1:] else ""
            what = f"{key!r} belongs to {article} {owners[0]} target{others}, not to {kind}"
            table.report(key, what)
    target = _READERS[kind](reader, kind)
    bounced = table.text("bounced")
    _take_all(table)
    if target is None or len(table.document.problems) > before:
        return None
    return target if bounced is None else replace(target, bounced=bounced)


def _take_all(table: Table) -> None:
    """Keys that have been looked at, or would only add to what is wrong already."""
    for key in _KEYS:
        table.take(key)


def _file(reader: Reader, kind: str) -> Target | None:
    table = reader.table
    written, name = table.text(kind), table.text("name")
    server, config, rebuild = table.text("server"), table.text("config"), _rebuild(table)
    owner, revision = _owner(table, name, reader.people), table.text("revision")
    if kind == Kind.ALIASES.value:
        _check_alias(table, name)
    elif kind == Kind.VIRTUAL.value:
        check_address(table, name)
    if server is not None and server not in SERVERS:
        hint = meant(server, SERVERS, f"one of {', '.join(SERVERS)}, or rebuild")
        table.report("server", f"unknown mail server {server!r}", hint)
    if written is None:
        return None
    if revision is not None and reader.path(revision) == reader.path(written):
        hint = f'a file of its own: revision = "{written}.revision"'
        table.report("revision", "the revision of the plan cannot stand in the target itself", hint)
    return FileTarget(
        kind=Kind(kind),
        path=reader.path(written),
        where=table.where,
        name=name,
        role=reader.role,
        also=reader.also,
        server=server,
        config=None if config is None else reader.path(config),
        rebuild=rebuild,
        owner=owner,
        revision=None if revision is None else reader.path(revision),
    )


_READERS: dict[str, Callable[[Reader, str], Target | None]] = {
    **{kind.value: _file for kind in Kind},
    "sql": lambda reader, _: read_sql(reader),
    "ldap": lambda reader, _: read_ldap(reader),
    "run": lambda reader, _: read_run(reader),
}


def _also(table: Table, people: Mapping[str, Person]) -> tuple[str, ...]:
    addresses: list[str] = []
    for path, entry in table.strings("also"):
        if entry in people:
            addresses.extend(people[entry].email)
        elif fault := address.fault(entry):
            table.document.report(path, f"address {entry!r} {fault[0]}", fault[1])
        else:
            addresses.append(entry)
    return tuple(dict.fromkeys(addresses))


def _owner(table: Table, name: str | None, people: Mapping[str, Person]) -> str | None:
    """Who gets what bounces: an address, or a person, of whom the first one counts."""
    written = table.text("owner")
    if written is None:
        return None
    if written in people and people[written].email:
        return people[written].email[0]
    if fault := address.fault(written):
        table.report("owner", f"address {written!r} {fault[0]}", fault[1])
    if name is not None and written.lower() in (name.lower(), f"owner-{name}".lower()):
        table.report("owner", f"what bounces would go back to {name!r}", "name another address")
    return written


def _rebuild(table: Table) -> tuple[str, ...] | None:
    hint = 'rebuild = ["/usr/bin/newaliases"], or [] when none is needed; no shell reads it'
    return program(table, "rebuild", hint)


def _check_alias(table: Table, name: str | None) -> None:
    if name is None:
        table.document.report(
            table.path, "this target has no 'name'", 'the alias: name = "all-system-notifications"'
        )
    elif fault := address.alias_fault(name):
        table.report("name", f"alias {name!r} {fault}")
