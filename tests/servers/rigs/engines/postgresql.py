"""PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .base import CERTIFICATE, KEY, TLS
from .sql import PASSWORD, SCHEMA, SqlEngine

SOCKETS, DATA = "/var/run/postgresql", "/var/lib/pg"
HOSTS = """\
local all postgres trust
local mail rotation peer map=root
hostssl all all all scram-sha-256
host all relay all scram-sha-256
"""


class PostgreSql(SqlEngine):
    map = """\
hosts = inet:localhost:5432
user = relay
password = reads
dbname = mail
query = SELECT goto FROM alias WHERE address = '%s'
"""
    owner = "postgres"
    plain = (f"{DATA}/postgresql.conf", "\nssl = on", "\nssl = off")
    lasting = ("ALTER ROLE rotation SET default_transaction_read_only = on",
               "ALTER ROLE rotation RESET default_transaction_read_only")  # fmt: skip

    @property
    def programs(self) -> str:
        """The folder of its server programs."""
        root = "/usr/lib/postgresql"
        return max(f"{root}/{path.name}/bin" for path in self.rig.path(root).iterdir())

    def prepare(self) -> None:
        rig = self.rig
        rig.write(f"{TLS}/pw", "super", mode=0o644)
        rig.must(rig.run(["sh", "-euc", f"""
            install -d -o postgres -g postgres {DATA} {SOCKETS}
            setpriv --reuid postgres --regid postgres --init-groups {self.programs}/initdb \\
                -D {DATA} -A scram-sha-256 --pwfile {TLS}/pw -E UTF8 --locale C -N >/dev/null
        """]))  # fmt: skip
        rig.write(f"{DATA}/pg_hba.conf", HOSTS, owner="postgres")
        rig.write(f"{DATA}/pg_ident.conf", "root root rotation\n", owner="postgres")
        conf = rig.read(f"{DATA}/postgresql.conf").decode()
        conf += (
            "listen_addresses = 'localhost'\nfsync = off\njit = off\nmax_connections = 20\n"
            f"unix_socket_directories = '{SOCKETS}'\nssl = on\n"
            f"ssl_cert_file = '{CERTIFICATE}'\nssl_key_file = '{KEY}'\n"
        )
        rig.write(f"{DATA}/postgresql.conf", conf, owner="postgres")

    def _control(self, *words: str) -> None:
        argv = [f"{self.programs}/pg_ctl", "-D", DATA, "-w", "-t", "300", *words]
        self.rig.must(self.rig.run(argv, user="postgres"))

    def serve(self) -> None:
        self.rig.must(self.rig.run(["install", "-d", "-o", "postgres", SOCKETS]))
        self._control("-l", f"{DATA}/log", "start")

    def silence(self) -> None:
        self._control("-m", "fast", "stop")

    @property
    def number(self) -> str:
        return self.rig.read(f"{DATA}/postmaster.pid").decode().split()[0]

    def fill(self) -> None:
        self.sql("CREATE DATABASE mail", "postgres")
        self.sql(SCHEMA)
        quoted = PASSWORD.replace("'", "''")
        self.sql(f"CREATE USER rotation PASSWORD '{quoted}'; CREATE USER relay PASSWORD "
                 "'reads'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO relay; GRANT "
                 "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "
                 "rotation")  # fmt: skip

    @contextmanager
    def full(self) -> Iterator[None]:
        """Rotation may have none."""
        none, any_number = ("ALTER ROLE rotation CONNECTION LIMIT " + n for n in ("0", "-1"))
        with self.changed(none, any_number):
            yield

    def client(self, database: str) -> list[str]:
        return [f"{self.programs}/psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", SOCKETS,
                "-U", "postgres", "-d", database]  # fmt: skip
