"""What PostgreSQL and MariaDB have in common: tables, and a client on a socket."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from tests.servers.rigs.base import wait
from tests.servers.rigs.host import Finished

from .base import Engine

PASSWORD = "corr'ect \"horse\\ %s;--"
ROWS = """\
INSERT INTO alias (address, goto) VALUES ('duty@example.org', 'alice@example.com');
INSERT INTO alias (address, goto) VALUES ('keep@example.org', 'carol@example.com');
INSERT INTO many (address, goto) VALUES ('duty@example.org', 'alice@example.com');
INSERT INTO many (address, goto) VALUES ('keep@example.org', 'carol@example.com');
"""
SCHEMA = f"""\
CREATE TABLE alias (address varchar(255) PRIMARY KEY, goto varchar(60), rotation varchar(255));
CREATE TABLE many (address varchar(255), goto varchar(60), rotation varchar(255));
{ROWS}"""


class SqlEngine(Engine):
    """A database called `mail`."""

    password = f"{PASSWORD}\n"
    lasting: ClassVar[tuple[str, str]]
    """Statements that make it read-only for rotation, and not any more."""

    def client(self, database: str) -> list[str]:
        """The command that runs statements as the administrator."""
        raise NotImplementedError

    def sql(self, text: str, database: str = "mail") -> str:
        """Run statements as the administrator of the database."""
        return self.rig.must(self.tried(text, database)).out

    def tried(self, text: str, database: str = "mail") -> Finished:
        """Run statements that may fail."""
        return self.rig.run(self.client(database), text)

    def held(self, name: str, table: str) -> list[str]:
        rows = self.sql(f"SELECT goto FROM {table} WHERE address = '{name}'").splitlines()
        return sorted(member for row in rows for member in row.split(",") if member)

    def reset(self) -> None:
        self.sql(f"DELETE FROM alias; DELETE FROM many; {ROWS}")

    @contextmanager
    def changed(self, on: str, off: str) -> Iterator[None]:
        """Between two statements of the administrator's."""
        self.sql(on)
        try:
            yield
        finally:
            self.sql(off)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        with self.changed(*self.lasting):
            yield

    @contextmanager
    def talking(self, *statements: str) -> Iterator[None]:
        """Somebody has said this and does not end."""
        self.rig.run(["rm", "-f", "/tmp/said"])
        with subprocess.Popen(
            self.rig.host.enter(self.client("mail")),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        ) as client:
            assert client.stdin is not None
            client.stdin.write("\n".join([*statements, "\\! touch /tmp/said\n"]).encode())
            client.stdin.flush()
            wait(lambda: self.rig.exists("/tmp/said"), "what somebody says")
            yield
            client.stdin.close()  # what was begun is undone

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody has begun to change the row and does not end."""
        with self.talking("BEGIN; UPDATE alias SET goto = 'mallory@example.com';"):
            yield
