"""Two relays that ask one database or directory: Postfix twice, PostgreSQL, MariaDB, OpenLDAP.

The second relay is another instance, at 127.0.0.2. The servers are at `localhost`, with
certificates of an authority of the test's (/srv/tls/ca.pem), and at their usual sockets. Both
relays have the same kind of `virtual_alias_maps`, and hand all mail on to 192.0.2.25.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, cast

import trustme

from .base import addresses, wait
from .engines import ADDRESS, ENGINES, ENTRY, PASSWORD, TLS, Engine, SqlEngine
from .engines.directory import OpenLdap
from .postfix import MAIN, Postfix

__all__ = ["ADDRESS", "ENTRY", "FOLDERS", "PASSWORD", "TLS", "Relays"]
FOLDERS = ("/etc/postfix", "/etc/postfix-2")
SPOOL, DATA = "/var/spool/postfix-2", "/var/lib/postfix-2"
NAMES = ("localhost", "box.test", "db.example.com", "ldap.example.com")


class Relays(Postfix):
    name: ClassVar[str] = "relays"
    users: ClassVar[tuple[str, ...]] = ("postfix", "postgres", "mysql", "openldap")

    def __init__(self, binds: Iterable[Path] = (), engine: str = "virtual") -> None:
        self.engine = engine
        kind = ENGINES.get(engine)
        self.server: Engine | None = None if kind is None else kind(self)
        super().__init__(binds)

    def install(self) -> None:
        super().install()
        self._certificates()
        self.must(self.run(["ip", "address", "add", "127.0.0.2/8", "dev", "lo"]))
        self.second()
        for number, folder in enumerate(FOLDERS):
            if self.server is None:
                self.write(f"{folder}/virtual", f"{ADDRESS} alice@example.com\n")
                self.must(self.run(["postmap", f"hash:{folder}/virtual"]))
                table = f"hash:{folder}/virtual"
            else:
                self.write(f"{folder}/map.cf", self.server.map)
                table = f"{self.engine}:{folder}/map.cf"
            main = MAIN.replace("127.0.0.1\n", f"127.0.0.{number + 1}\n")
            main += f"virtual_alias_maps = {table}\nalias_maps =\nalias_database =\n"
            main += "virtual_alias_domains = example.org\n"
            if number:
                main += (
                    "multi_instance_name = postfix-2\nqueue_directory = /var/spool/postfix-2\n"
                    "data_directory = /var/lib/postfix-2\nlocal_recipient_maps =\n"
                )
            else:
                main += f"multi_instance_directories = {FOLDERS[1]}\n"
            self.configure(main, folder)
        self.must(self.run(["sh", "-euc", f"install -d {SPOOL}; install -d -o postfix {DATA}; "
            f"cd {SPOOL}; for q in active bounce corrupt defer deferred flush hold incoming "
            "private saved trace; do install -d -o postfix -m 700 $q; done; install -d pid; "
            "install -d -o postfix -g postdrop -m 1730 maildrop; "
            "install -d -o postfix -g postdrop -m 2710 public"]))  # fmt: skip
        if self.server is not None:
            self.server.prepare()
            self.server.serve()
            self.server.fill()

    def _certificates(self) -> None:
        """Those of a server called localhost, one that has run out, and a strange authority."""
        authority, stranger = trustme.CA(), trustme.CA()
        certificate = authority.issue_cert(*NAMES)
        expired = authority.issue_cert(*NAMES, not_after=datetime(2001, 1, 1, tzinfo=UTC))
        for path, blob in (
            ("ca.pem", authority.cert_pem),
            ("stranger.pem", stranger.cert_pem),
            ("server.pem", certificate.cert_chain_pems[0]),
            ("server.key", certificate.private_key_pem),
            ("expired.pem", expired.cert_chain_pems[0]),
            ("expired.key", expired.private_key_pem),
        ):
            self.write(f"{TLS}/{path}", blob.bytes(), mode=0o644)
        owner = self.server.owner if self.server else "root"
        for key in ("server.key", "expired.key"):
            self.write(f"{TLS}/{key}", self.read(f"{TLS}/{key}"), mode=0o600, owner=owner)
        self.password = self.server.password if self.server else f"{PASSWORD}\n"
        self.write("/etc/rotation/db.password", self.password, mode=0o600)

    def start(self) -> None:
        for folder in FOLDERS:
            self.start_instance(folder)
        wait(lambda: all(self.listens(n) for n in (1, 2)), "both relays to start")

    def listens(self, number: int) -> bool:
        """Whether the relay at 127.0.0.NUMBER takes mail."""
        rows = Path(f"/proc/{self.host.pid}/net/tcp").read_text().splitlines()[1:]
        here = f"{bytes([number, 0, 0, 127]).hex().upper()}:0019"  # the kernel's byte order
        return any((row.split()[1], row.split()[3]) == (here, "0A") for row in rows)

    # --- what they ask

    @property
    def database(self) -> SqlEngine:
        """The database; of a rig that has one."""
        return cast(SqlEngine, self.server)

    @property
    def directory(self) -> OpenLdap:
        """The directory; of a rig that has one."""
        return cast(OpenLdap, self.server)

    @property
    def asked_server(self) -> Engine:
        """The database or the directory."""
        assert self.server is not None
        return self.server

    def held(self, name: str = ADDRESS, table: str = "alias") -> list[str]:
        """What the row or the entry holds, asked without us."""
        if self.server is None:
            (both,) = {tuple(self.asked(folder, name)) for folder in FOLDERS}
            return [*both]
        return self.server.held(name, table)

    def asked(self, folder: str = FOLDERS[0], name: str = ADDRESS) -> list[str]:
        """What a relay's own map answers."""
        table = "hash:{}/virtual" if self.server is None else f"{self.engine}:{{}}/map.cf"
        done = self.run(["postmap", "-c", folder, "-q", name, table.format(folder)])
        return sorted(addresses(done.out)) if done.status == 0 else []

    def put(self, path: str, data: bytes) -> None:
        """Other bytes in a file; its owner and mode stay."""
        self.path(path).write_bytes(data)
