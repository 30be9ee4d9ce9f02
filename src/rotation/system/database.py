"""A database that mail servers ask. One transaction at a time, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from rotation.model.target import Database

Row = tuple[str | None, ...]
"""What a query answers: texts, None for NULL."""
Parameters = Mapping[str, str | None]
"""The values of a statement, by the names that stand in it as %(name)s; None is NULL. They are
never a part of its text."""


class Session(Protocol):
    """A transaction. Nothing of it stays unless it is committed. Every method raises ApplyError
    with what the database said."""

    def ask(self, query: str, parameters: Parameters) -> list[Row]:
        """The rows that a query answers."""

    def change(self, statement: str, parameters: Parameters) -> int:
        """Run a statement; how many rows it changed."""

    def commit(self) -> None:
        """Make it so. A dry run does not."""


class Databases(Protocol):
    """Opens databases."""

    def database(self, database: Database) -> AbstractContextManager[Session]:
        """A transaction in a database, undone at its end unless it was committed; over verified
        TLS or a socket, and within a time. Raises ApplyError where there is none to be had."""
