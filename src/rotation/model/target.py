"""The places that `apply` makes true: frozen values, made only by code that has checked them.

Whoever does something with a target has to tell the kinds apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from urllib.parse import quote

from rotation.dataclasses import dataclass
from rotation.errors import Where

DUTY = "duty"
"""The role of whatever does not name one."""


class Kind(Enum):
    """What a target that is a file of this host is."""

    ALIASES = "aliases"
    VIRTUAL = "virtual"
    INCLUDE = "include"
    FORWARD = "forward"

    @property
    def table(self) -> bool:
        """Whether it is a table of names, of which the target is one."""
        return self in (Kind.ALIASES, Kind.VIRTUAL)


@dataclass(frozen=True, slots=True)
class FileTarget:
    """A file of this host, or an entry of one. `path` is absolute; `also` holds vetted addresses.

    `server` is one of the names in `SERVERS` or None (detect it); `config` is that instance's
    configuration (a folder for Postfix, a file for the others); `rebuild` is a command that
    replaces the server's own way to rebuild its index, the empty tuple for "none is needed".
    `owner` is the vetted address of who gets what bounces; the role `bounced` is mailed as well
    while mail for whoever is on duty does not arrive. `revision` is the file beside it for the
    revision of the plan.
    """

    kind: Kind
    path: Path
    where: Where
    name: str | None = None
    role: str = DUTY
    also: tuple[str, ...] = ()
    server: str | None = None
    config: Path | None = None
    rebuild: tuple[str, ...] | None = None
    owner: str | None = None
    bounced: str | None = None
    revision: Path | None = None

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return str(self.path)


class Engine(Enum):
    """The database servers that mail servers ask."""

    POSTGRESQL = "postgresql"
    MYSQL = "mysql"


class Several(Enum):
    """How a table holds several addresses of one key."""

    LIST = "list"
    """One row, with commas between them."""
    ROWS = "rows"
    """A row each."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database. `host` None is a socket of this host, the usual one unless `socket` names it.

    `password` is the path of a file, or the name of a systemd credential; `ca` the certificates
    of the authorities that may vouch for the server, None for the host's own.
    """

    engine: Engine
    name: str
    host: str | None = None
    port: int | None = None
    socket: str | None = None
    user: str | None = None
    password: str | None = None
    ca: Path | None = None

    def __str__(self) -> str:
        host = self.host or ""
        host = f"[{host}]" if ":" in host else host
        port = f":{self.port}" if self.port is not None else ""
        return f"{self.engine.value}://{host}{port}/{quote(self.name)}"


@dataclass(frozen=True, slots=True)
class TableRow:
    """The row, or the rows, of `table` whose column `key` is the target's name. `value` is the
    column of the addresses; `revision` that of the revision of the plan, if it has one.

    `table` can be two words: the schema, and the table in it.
    """

    table: tuple[str, ...]
    key: str
    value: str
    several: Several = Several.LIST
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Statements:
    """What somebody wrote: `query` reads the addresses, `statement` writes them.

    Both have parameters as `%(name)s` and `%(addresses)s`; with `%(revision)s` in the statement,
    the query's second column is the revision of the plan.
    """

    query: str
    statement: str

    @property
    def revision(self) -> bool:
        """Whether it keeps the revision of the plan."""
        return "%(revision)s" in self.statement


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlTarget:
    """A row that every relay asks for. `ask` is the map by which the mail server of this host
    does, as in main.cf: what it answers has the last word."""

    database: Database
    row: TableRow | Statements
    where: Where
    name: str
    role: str = DUTY
    also: tuple[str, ...] = ()
    bounced: str | None = None
    ask: str | None = None

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return str(self.database)


@dataclass(frozen=True, slots=True)
class Directory:
    """An LDAP server: ldaps://, ldap:// (which is StartTLS, always) or ldapi:// (a socket).

    `bind` is who we are there, None on a socket: whoever runs this. `password` and `ca` as in
    `Database`.
    """

    url: str
    bind: str | None = None
    password: str | None = None
    ca: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapTarget:
    """An attribute of an entry; `revision` is the attribute for the revision of the plan, `ask`
    as in `SqlTarget`."""

    directory: Directory
    entry: str
    attribute: str
    where: Where
    name: str | None = None
    role: str = DUTY
    also: tuple[str, ...] = ()
    bounced: str | None = None
    revision: str | None = None
    ask: str | None = None

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.directory.url}/{self.entry}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTarget:
    """A program that is told who is on duty, and can tell. `limit` is in seconds."""

    argv: tuple[str, ...]
    where: Where
    name: str | None = None
    role: str = DUTY
    also: tuple[str, ...] = ()
    bounced: str | None = None
    limit: int = 60

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return self.argv[0]


Target = FileTarget | SqlTarget | LdapTarget | RunTarget


def files(targets: Iterable[Target]) -> list[FileTarget]:
    """Those that are files of this host."""
    return [target for target in targets if isinstance(target, FileTarget)]
