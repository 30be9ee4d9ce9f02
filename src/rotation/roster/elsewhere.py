"""Targets that are no file of this host: a row, an entry, a program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from rotation import address
from rotation.dataclasses import dataclass
from rotation.model import Person
from rotation.model.target import (
    Directory,
    LdapTarget,
    RunTarget,
)
from rotation.toml.table import Table

SQLITE = (
    "a writer of an SQLite file locks Postfix out: 372 of 600 mails were refused while the alias "
    'was written; use PostgreSQL or MariaDB, or a virtual map: virtual = "/etc/postfix/virtual"'
)
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*\Z", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?\Z", re.ASCII)
_MAP = re.compile(r"(proxy:)?[a-z]+:/[A-Za-z0-9_./+@-]*\Z", re.ASCII)
_CREDENTIAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z", re.ASCII)
_LONGEST = 600
"""Seconds that a program can have at most: other targets wait for it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A table of a target, and what all kinds of target have."""

    table: Table
    base: Path
    role: str
    also: tuple[str, ...]
    people: Mapping[str, Person]

    def path(self, written: str) -> Path:
        """An absolute path; not resolve(): a symbolic link must stay what it is until somebody
        decides about it."""
        return Path(self.base.absolute(), written)


def check_address(table: Table, name: str | None) -> str:
    """The name of a target that is a whole address; what is wrong with it is noted."""
    if name is None:
        table.document.report(
            table.path, "this target has no 'name'", 'the address: name = "duty@example.com"'
        )
        return ""
    if fault := address.fault(name):
        table.report("name", f"address {name!r} {fault[0]}", fault[1])
    elif "@" not in name:
        table.report("name", f"{name!r} has no domain", 'name = "duty@example.com"')
    return name


def program(table: Table, key: str, hint: str) -> tuple[str, ...] | None:
    """A program by its absolute path, and its arguments."""
    written = table.take(key)
    if written is None:
        return None
    words = [word for word in written if isinstance(word, str)] if isinstance(written, list) else []
    if words != written or not all(word and "\0" not in word for word in words):
        table.report(key, f"{key!r} must be a list of a program and its arguments", hint)
        return None
    if words and not words[0].startswith("/"):
        table.report(
            key,
            f"{words[0]!r} is not an absolute path",
            "cron's PATH lacks /usr/sbin: write the program with its folder",
        )
    return tuple(words)


def url(table: Table, key: str, hint: str) -> SplitResult | None:
    """An address of a server, without a password in it."""
    written = table.text(key)
    if written is None:
        return None
    try:
        parts = urlsplit(written)
        port, host, password = parts.port, parts.hostname, parts.password
    except ValueError:
        table.report(key, "the host or the port of the address cannot be read", hint)
        return None
    if "://" not in written:
        table.report(key, f"{key!r} is not an address", hint)
        return None
    if password is not None:
        what = "a password stands in the address, where everybody can read it"
        table.report(key, what, 'put it into a file for root alone: password = "/etc/…"')
    bare = (host or "").replace(":", "")
    if parts.scheme == "ldapi":
        bare = bare.replace("%", "")  # a path
    if port == 0 or (bare and not (_HOST.match(bare) and written.isascii())) or parts.fragment:
        table.report(key, "the host or the port of the address cannot be read", hint)
        return None
    return parts


def password_of(reader: Reader) -> str | None:
    """The path of a file, or the name of a credential."""
    written = reader.table.text("password")
    if written is None or _CREDENTIAL.match(written):
        return written
    if "/" not in written:
        what = "'password' names a file or a credential, and is not the password itself"
        reader.table.report("password", what, 'password = "/etc/rotation/mail.password"')
    return str(reader.path(written))


def ask_of(table: Table) -> str | None:
    """The map by which the mail server asks."""
    ask = table.text("ask")
    if ask is None:
        return None
    if ask.removeprefix("proxy:").startswith("sqlite:"):
        table.report("ask", "SQLite is no place for the alias of a mail server", SQLITE)
    elif not _MAP.match(ask):
        hint = 'as main.cf names it: ask = "pgsql:/etc/postfix/pgsql-virtual.cf"'
        table.report("ask", f"{ask!r} is not a map of Postfix's", hint)
    return ask


def read_ldap(reader: Reader) -> LdapTarget | None:
    """An attribute of an entry; what is wrong with it is noted."""
    table = reader.table
    hint = 'ldap = "ldaps://ldap.example.com"; ldap:// is StartTLS, ldapi:// a socket'
    parts, written = _url_of_directory(table, hint)
    entry, bind, ask, name = (
        table.text("entry"),
        table.text("bind"),
        ask_of(table),
        table.text("name"),
    )
    attributes = {key: table.text(key) for key in ("attribute", "revision")}
    password, ca = password_of(reader), table.text("ca")
    if entry is None:
        example = 'as in entry = "cn=duty,ou=aliases,dc=example,dc=com"'
        table.document.report(table.path, "this target has no 'entry'", example)
    if attributes["attribute"] is None:
        table.document.report(table.path, "this target has no 'attribute'", 'attribute = "mail"')
    for key, attribute in attributes.items():
        if attribute is not None and not _ATTRIBUTE.match(attribute):
            table.report(
                key, f"{attribute!r} is not the name of an attribute", "letters, digits, -"
            )
    if ask is not None or name is not None:
        name = check_address(table, name)
    if parts is None or written is None or entry is None:
        return None
    if bind is None and parts.scheme != "ldapi":
        what = "this target does not say who changes the entry"
        table.document.report(table.path, what, 'bind = "cn=rotation,dc=example,dc=com"')
    elif bind is not None and password is None:
        what = "this target has no 'password'"
        table.document.report(table.path, what, 'password = "/etc/rotation/ldap.password"')
    return LdapTarget(
        directory=Directory(written, bind, password, None if ca is None else reader.path(ca)),
        entry=entry,
        attribute=attributes["attribute"] or "",
        where=table.where,
        name=name,
        role=reader.role,
        also=reader.also,
        revision=attributes["revision"],
        ask=ask,
    )


def _url_of_directory(table: Table, hint: str) -> tuple[SplitResult | None, str | None]:
    """The address, and as it is given to programs."""
    parts = url(table, "ldap", hint)
    if parts is None:
        return None, None
    socket = parts.scheme == "ldapi"
    if parts.scheme not in ("ldaps", "ldap", "ldapi") or parts.query or parts.username:
        table.report("ldap", "this is not the address of a directory", hint)
        return None, None
    if parts.path not in ("", "/") or not (parts.hostname or socket):
        table.report("ldap", "the address of a directory is a scheme and a host", hint)
        return None, None
    return parts, f"{parts.scheme}://{parts.netloc}"


def read_run(reader: Reader) -> RunTarget | None:
    """A program; what is wrong with it is noted."""
    table = reader.table
    argv = program(table, "run", 'run = ["/usr/local/bin/set-alias"]; no shell reads it')
    name, limit = table.text("name"), table.integer("limit", 60)
    if argv is not None and not argv:
        table.report("run", "'run' names no program", 'run = ["/usr/local/bin/set-alias"]')
        return None
    if not 1 <= limit <= _LONGEST:
        table.report("limit", f"'limit' must be from 1 to {_LONGEST} seconds")
    if name is not None and not name.isprintable():
        table.report("name", "'name' must be one line of text")
    if argv is None:
        return None
    return RunTarget(
        argv=argv,
        where=table.where,
        name=name,
        role=reader.role,
        also=reader.also,
        limit=limit,
    )
