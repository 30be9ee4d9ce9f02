"""What the engines have in common: started, stopped, disturbed and looked at without us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import ClassVar

from tests.servers.rigs.base import Rig, wait

ADDRESS = "duty@example.org"
TLS = "/srv/tls"
CA, CERTIFICATE, KEY = f"{TLS}/ca.pem", f"{TLS}/server.pem", f"{TLS}/server.key"


class Engine:
    """A server in a rig. `map` is how Postfix asks it, `password` rotation's own, `owner` the user
    that it runs as, `plain` its configuration, a line in it that gives it TLS, and one for none."""

    map: ClassVar[str]
    owner: ClassVar[str]
    password: ClassVar[str]
    plain: ClassVar[tuple[str, str, str]]

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    def prepare(self) -> None:
        """What the package's set-up would do, and the configuration."""
        raise NotImplementedError

    def serve(self) -> None:
        """Start it, and wait until it answers."""
        raise NotImplementedError

    def fill(self) -> None:
        """What is in it at the beginning."""

    def silence(self) -> None:
        """Stop it, and wait until it is gone."""
        number = self.number
        self.rig.must(self.rig.run(["kill", number]))
        wait(lambda: self.rig.run(["kill", "-0", number]).status != 0, "the server to stop")

    @property
    def number(self) -> str:
        """Its process, by the number inside the rig."""
        raise NotImplementedError

    def held(self, name: str, table: str) -> list[str]:
        """What the row or the entry holds, asked without us; sorted."""
        raise NotImplementedError

    def reset(self) -> None:
        """The rows, or the entries, as they were at the beginning."""
        raise NotImplementedError

    def read_only(self) -> AbstractContextManager[None]:
        """It takes no changes, as a replica."""
        raise NotImplementedError

    def full(self) -> AbstractContextManager[None]:
        """It has no connection left."""
        raise NotImplementedError

    def without_tls(self) -> AbstractContextManager[None]:
        """It speaks no TLS."""
        return self.restarted_with(*self.plain)

    @contextmanager
    def restarted_with(self, path: str, old: str, new: str) -> Iterator[None]:
        """It has another line in its configuration."""
        before = self.rig.read(path)
        assert old.encode() in before
        self.rig.path(path).write_bytes(before.replace(old.encode(), new.encode()))
        self.silence()
        self.serve()
        try:
            yield
        finally:
            self.rig.path(path).write_bytes(before)
            self.silence()
            self.serve()
