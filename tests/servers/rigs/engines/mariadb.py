"""MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.servers.rigs.base import wait

from .base import CA, CERTIFICATE, KEY
from .sql import PASSWORD, SCHEMA, SqlEngine

SOCKET, CONF, DATA = "/run/mysqld/mysqld.sock", "/etc/mysql/my.cnf", "/var/lib/my"
MOST = 10
"""Connections; the least that it takes. One more is the administrator's."""


class MariaDb(SqlEngine):
    map = f"""\
hosts = unix:{SOCKET}
user = relay
password = reads
dbname = mail
query = SELECT goto FROM alias WHERE address = '%s'
"""
    owner = "mysql"
    plain = (CONF, "\nssl-", "\nssl = 0\n#ssl-")  # else a newer one makes itself a certificate
    lasting = ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0")

    def prepare(self) -> None:
        self.rig.write(CONF, f"[mysqld]\nuser = mysql\ndatadir = {DATA}\n"
                       f"socket = {SOCKET}\nbind-address = 127.0.0.1\n"
                       "pid-file = /run/mysqld/mysqld.pid\nlog-error = /var/log/mysql.err\n"
                       "innodb_buffer_pool_size = 8M\ninnodb_log_file_size = 4M\n"
                       f"innodb_flush_log_at_trx_commit = 0\nmax_connections = {2 * MOST}\n"
                       f"ssl-ca = {CA}\nssl-cert = {CERTIFICATE}\nssl-key = {KEY}\n"
                       "plugin_dir = /usr/lib/mysql/plugin\n")  # fmt: skip
        self.rig.must(self.rig.run(["sh", "-euc", f"""
            install -d -o mysql -g mysql {DATA} /run/mysqld
            touch /var/log/mysql.err; chown mysql /var/log/mysql.err
            mariadb-install-db --defaults-file={CONF} --skip-test-db \\
                --auth-root-authentication-method=normal >/dev/null
        """]))  # fmt: skip

    def serve(self) -> None:
        self.rig.must(self.rig.run(["sh", "-euc", f"""
            install -d -o mysql /run/mysqld
            setsid mariadbd --defaults-file={CONF} </dev/null >/dev/null 2>&1 &
        """]))  # fmt: skip
        wait(lambda: self.tried("SELECT 1", "").status == 0, "mariadb to start")

    @property
    def number(self) -> str:
        return self.rig.read("/run/mysqld/mysqld.pid").decode().strip()

    def fill(self) -> None:
        quoted = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
        self.sql("CREATE DATABASE mail", "")
        self.sql(SCHEMA)
        self.sql(f"CREATE USER rotation@localhost IDENTIFIED BY '{quoted}'; "
                 "CREATE USER relay@localhost IDENTIFIED BY 'reads'; "
                 "GRANT SELECT ON mail.* TO relay@localhost; "
                 "GRANT SELECT, INSERT, UPDATE, DELETE ON mail.* TO "
                 "rotation@localhost")  # fmt: skip

    def client(self, database: str) -> list[str]:
        return ["mariadb", "--skip-ssl", "-NB", "-S", SOCKET, *filter(None, [database])]

    @contextmanager
    def full(self) -> Iterator[None]:
        """All connections that there may be are taken."""
        before = self.sql("SELECT @@GLOBAL.max_connections").strip()
        self.sql(f"SET GLOBAL max_connections = {MOST}")
        with ExitStack() as others:
            for _ in range(MOST):
                others.enter_context(self.talking())
            yield
        wait(lambda: self.tried("SELECT 1").status == 0, "the others to go")
        self.sql(f"SET GLOBAL max_connections = {before}")
