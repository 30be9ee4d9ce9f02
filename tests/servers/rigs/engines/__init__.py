"""The databases and the directory that relays ask, each at `localhost` and at its usual socket."""

from __future__ import annotations

from .base import ADDRESS, CA, CERTIFICATE, KEY, TLS, Engine
from .directory import ENTRY, OpenLdap
from .mariadb import MariaDb
from .postgresql import PostgreSql
from .sql import PASSWORD, SqlEngine

ENGINES: dict[str, type[Engine]] = {"pgsql": PostgreSql, "mysql": MariaDb, "ldap": OpenLdap}

__all__ = [
    "ADDRESS",
    "CA",
    "CERTIFICATE",
    "ENGINES",
    "ENTRY",
    "KEY",
    "PASSWORD",
    "TLS",
    "Engine",
    "SqlEngine",
]
