"""The `[[target]]` tables of a roster to `Target` values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rotation import address
from rotation.errors import meant
from rotation.model import DUTY, SERVERS, Kind, Person, Target
from rotation.toml.table import Table

_KINDS = {
    Kind.ALIASES: 'aliases = "/etc/aliases" and name = "all-system-notifications"',
    Kind.INCLUDE: 'include = "/etc/mail/duty"',
    Kind.FORWARD: 'forward = "/root/.forward"',
}


def read_target(table: Table, base: Path, people: Mapping[str, Person]) -> Target | None:
    """The target in a table; problems are noted in the table's document, then None comes out.

    Relative paths are made absolute from `base`. `also` may name people, whose addresses it
    then stands for.
    """
    before = len(table.document.problems)
    paths = {kind: text for kind in Kind if (text := table.text(kind.value)) is not None}
    if len(paths) != 1:
        said = "names no place" if not paths else "names several places at once"
        table.document.report(
            table.path, f"this target {said}", f"one of: {'; '.join(_KINDS.values())}"
        )
    name = table.text("name")
    role = table.text("role") or DUTY
    also = _also(table, people)
    server = table.text("server")
    config = table.text("config")
    rebuild = _rebuild(table)
    if len(table.document.problems) > before:
        return None
    ((kind, written),) = paths.items()
    if kind is Kind.ALIASES:
        _check_alias(table, name)
    else:
        for key, value in (
            ("name", name), ("server", server), ("config", config), ("rebuild", rebuild)
        ):  # fmt: skip
            if value is not None:
                table.report(key, f"{key!r} belongs to an aliases target, not to {kind.value}")
    if server is not None and server not in SERVERS:
        hint = meant(server, SERVERS, f"one of {', '.join(SERVERS)}, or rebuild")
        table.report("server", f"unknown mail server {server!r}", hint)
    if len(table.document.problems) > before:
        return None
    return Target(
        kind=kind,
        path=_absolute(base, written),
        where=table.where,
        name=name,
        role=role,
        also=also,
        server=server,
        config=None if config is None else _absolute(base, config),
        rebuild=rebuild,
    )


def _absolute(base: Path, written: str) -> Path:
    # not resolve(): a symbolic link must stay what it is until somebody decides about it
    return Path(base.absolute(), written)


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


def _rebuild(table: Table) -> tuple[str, ...] | None:
    written = table.take("rebuild")
    if written is None:
        return None
    words = [word for word in written if isinstance(word, str)] if isinstance(written, list) else []
    if words != written or not all(word and "\0" not in word for word in words):
        table.report(
            "rebuild",
            "'rebuild' must be a list of a program and its arguments",
            'rebuild = ["/usr/bin/newaliases"], or [] when none is needed; no shell reads it',
        )
        return None
    if words and not words[0].startswith("/"):
        table.report(
            "rebuild",
            f"{words[0]!r} is not an absolute path",
            "cron's PATH lacks /usr/sbin: write the program with its folder",
        )
    return tuple(words)


def _check_alias(table: Table, name: str | None) -> None:
    if name is None:
        table.document.report(
            table.path, "this target has no 'name'", 'the alias: name = "all-system-notifications"'
        )
    elif fault := address.alias_fault(name):
        table.report("name", f"alias {name!r} {fault}")
