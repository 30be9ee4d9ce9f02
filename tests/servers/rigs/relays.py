"""Two relays that ask one database or directory: Postfix twice, PostgreSQL, MariaDB, OpenLDAP.

The second relay is another instance, at 127.0.0.2. The servers are at `localhost`, with
certificates of an authority of the test's (/srv/tls/ca.pem), and at their usual sockets. Both
relays have the same kind of `virtual_alias_maps`, and hand all mail on to 192.0.2.25.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import trustme

from .base import wait
from .host import Finished
from .postfix import MAIN, Postfix

ADDRESS = "duty@example.org"
ENTRY = f"cn={ADDRESS},ou=aliases,dc=example,dc=org"
PASSWORD = "corr'ect \"horse\\ %s;--"
FOLDERS = ("/etc/postfix", "/etc/postfix-2")
TLS = "/srv/tls"
SPOOL, DATA = "/var/spool/postfix-2", "/var/lib/postfix-2"
SQL = {
    "pgsql": """\
hosts = inet:localhost:5432
user = relay
password = reads
dbname = mail
query = SELECT goto FROM alias WHERE address = '%s'
""",
    "mysql": """\
hosts = unix:/run/mysqld/mysqld.sock
user = relay
password = reads
dbname = mail
query = SELECT goto FROM alias WHERE address = '%s'
""",
    "ldap": """\
server_host = ldapi://%2Frun%2Fslapd%2Fldapi
version = 3
search_base = ou=aliases,dc=example,dc=org
query_filter = (cn=%s)
result_attribute = mail
bind = no
""",
}
SCHEMA = """\
CREATE TABLE alias
    (address varchar(255) PRIMARY KEY, goto varchar(60) NOT NULL, rotation varchar(255));
CREATE TABLE many (address varchar(255), goto varchar(60), rotation varchar(255));
INSERT INTO alias (address, goto) VALUES ('duty@example.org', 'alice@example.com');
INSERT INTO alias (address, goto) VALUES ('keep@example.org', 'carol@example.com');
INSERT INTO many (address, goto) VALUES ('duty@example.org', 'alice@example.com');
INSERT INTO many (address, goto) VALUES ('keep@example.org', 'carol@example.com');
"""
DIRECTORY = """\
dn: dc=example,dc=org
objectClass: domain
dc: example

dn: ou=aliases,dc=example,dc=org
objectClass: organizationalUnit
ou: aliases

dn: cn=duty@example.org,ou=aliases,dc=example,dc=org
objectClass: inetOrgPerson
cn: duty@example.org
sn: duty
mail: alice@example.com

dn: cn=keep@example.org,ou=aliases,dc=example,dc=org
objectClass: inetOrgPerson
cn: keep@example.org
sn: keep
mail: carol@example.com
"""
SLAPD = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile /run/slapd/slapd.pid
TLSCACertificateFile /srv/tls/ca.pem
TLSCertificateFile /srv/tls/server.pem
TLSCertificateKeyFile /srv/tls/server.key
database mdb
maxsize 10485760
suffix "dc=example,dc=org"
directory /var/lib/ldap
rootdn "cn=admin,dc=example,dc=org"
rootpw {password}
access to * by * read
"""


class Relays(Postfix):
    name: ClassVar[str] = "relays"
    users: ClassVar[tuple[str, ...]] = ("postfix", "postgres", "mysql", "openldap")

    def __init__(self, binds: Iterable[Path] = (), engine: str = "virtual") -> None:
        self.engine = engine
        super().__init__(binds)

    def install(self) -> None:
        super().install()
        self._certificates()
        self.must(self.run(["ip", "address", "add", "127.0.0.2/8", "dev", "lo"]))
        self.second()
        for number, folder in enumerate(FOLDERS):
            if self.engine == "virtual":
                self.write(f"{folder}/virtual", f"{ADDRESS} alice@example.com\n")
                self.must(self.run(["postmap", f"hash:{folder}/virtual"]))
                table = f"hash:{folder}/virtual"
            else:
                self.write(f"{folder}/map.cf", SQL[self.engine])
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
        if self.engine in SQL:
            getattr(self, f"_{self.engine}")()
            self.serve()

    def _certificates(self) -> None:
        """Those of a server called localhost, one that has run out, and a strange authority."""
        authority, stranger = trustme.CA(), trustme.CA()
        certificate = authority.issue_cert("localhost", "box.test")
        expired = authority.issue_cert(
            "localhost", "box.test", not_after=datetime(2001, 1, 1, tzinfo=UTC)
        )
        for path, blob in (
            ("ca.pem", authority.cert_pem),
            ("stranger.pem", stranger.cert_pem),
            ("server.pem", certificate.cert_chain_pems[0]),
            ("server.key", certificate.private_key_pem),
            ("expired.pem", expired.cert_chain_pems[0]),
            ("expired.key", expired.private_key_pem),
        ):
            self.write(f"{TLS}/{path}", blob.bytes(), mode=0o644)
        owner = {"pgsql": "postgres", "mysql": "mysql", "ldap": "openldap"}.get(self.engine, "root")
        for key in ("server.key", "expired.key"):
            self.write(f"{TLS}/{key}", self.read(f"{TLS}/{key}"), mode=0o600, owner=owner)
        self.password = "admin\n" if self.engine == "ldap" else f"{PASSWORD}\n"
        self.write("/etc/rotation/db.password", self.password, mode=0o600)

    # --- PostgreSQL

    @property
    def programs(self) -> str:
        """The folder of PostgreSQL's server programs."""
        return max(
            f"/usr/lib/postgresql/{p.name}/bin" for p in self.path("/usr/lib/postgresql").iterdir()
        )

    def _pgsql(self) -> None:
        script = f"""
        install -d -o postgres -g postgres /var/lib/pg /var/run/postgresql
        setpriv --reuid postgres --regid postgres --init-groups {self.programs}/initdb \\
            -D /var/lib/pg -A scram-sha-256 --pwfile /srv/tls/pw -E UTF8 --locale C -N >/dev/null
        """
        self.write(f"{TLS}/pw", "super", mode=0o644)
        self.must(self.run(["sh", "-euc", script]))
        self.write("/var/lib/pg/pg_hba.conf",
                   "local all postgres trust\nlocal mail rotation peer map=root\n"
                   "hostssl all all all scram-sha-256\nhost all relay all scram-sha-256\n",
                   owner="postgres")  # fmt: skip
        self.write("/var/lib/pg/pg_ident.conf", "root root rotation\n", owner="postgres")
        conf = self.read("/var/lib/pg/postgresql.conf").decode()
        conf += (
            "listen_addresses = 'localhost'\nfsync = off\njit = off\nmax_connections = 20\n"
            "unix_socket_directories = '/var/run/postgresql'\nssl = on\n"
            f"ssl_cert_file = '{TLS}/server.pem'\nssl_key_file = '{TLS}/server.key'\n"
        )
        self.write("/var/lib/pg/postgresql.conf", conf, owner="postgres")

    # --- MariaDB

    def _mysql(self) -> None:
        self.write("/etc/mysql/my.cnf", "[mysqld]\nuser = mysql\ndatadir = /var/lib/my\n"
                   "socket = /run/mysqld/mysqld.sock\nbind-address = 127.0.0.1\n"
                   "pid-file = /run/mysqld/mysqld.pid\nlog-error = /var/log/mysql.err\n"
                   "innodb_buffer_pool_size = 8M\ninnodb_log_file_size = 4M\n"
                   "innodb_flush_log_at_trx_commit = 0\nmax_connections = 20\n"
                   f"ssl-ca = {TLS}/ca.pem\nssl-cert = {TLS}/server.pem\n"
                   f"ssl-key = {TLS}/server.key\nplugin_dir = /usr/lib/mysql/plugin\n")  # fmt: skip
        script = """
        install -d -o mysql -g mysql /var/lib/my /run/mysqld
        touch /var/log/mysql.err; chown mysql /var/log/mysql.err
        mariadb-install-db --defaults-file=/etc/mysql/my.cnf --skip-test-db \
            --auth-root-authentication-method=normal >/dev/null
        """
        self.must(self.run(["sh", "-euc", script]))

    # --- OpenLDAP

    def _ldap(self) -> None:
        self.write("/etc/ldap/slapd.conf", SLAPD.format(password="admin"), owner="openldap")
        self.write("/srv/tls/directory.ldif", DIRECTORY)
        script = """
        rm -rf /etc/ldap/slapd.d
        install -d -o openldap -g openldap /var/lib/ldap /run/slapd
        slapadd -q -f /etc/ldap/slapd.conf -l /srv/tls/directory.ldif
        chown -R openldap:openldap /var/lib/ldap
        """
        self.must(self.run(["sh", "-euc", script]))

    # --- whichever it is

    def serve(self, first: bool = True) -> None:
        """Start the database or the directory."""
        if self.engine == "pgsql":
            self.must(self.run(["install", "-d", "-o", "postgres", "/var/run/postgresql"]))
            self.must(self.run([f"{self.programs}/pg_ctl", "-D", "/var/lib/pg", "-w", "-t", "300",
                                "-l", "/var/lib/pg/log", "start"], user="postgres"))  # fmt: skip
            if first and not self._answers("SELECT 1 FROM alias"):
                self.sql("CREATE DATABASE mail", "postgres")
                self.sql(SCHEMA)
                quoted = PASSWORD.replace("'", "''")
                self.sql(f"CREATE USER rotation PASSWORD '{quoted}'; CREATE USER relay PASSWORD "
                         "'reads'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO relay; GRANT "
                         "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "
                         "rotation")  # fmt: skip
        elif self.engine == "mysql":
            self.must(
                self.run(
                    [
                        "sh",
                        "-euc",
                        "install -d -o mysql /run/mysqld\n"
                        "setsid mariadbd --defaults-file=/etc/mysql/my.cnf "
                        "</dev/null >/dev/null 2>&1 &",
                    ]
                )
            )
            wait(lambda: self._answers("SELECT 1"), "mariadb to start")
            if first and not self._answers("SELECT 1 FROM mail.alias"):
                quoted = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
                self.sql("CREATE DATABASE mail", "")
                self.sql(SCHEMA)
                self.sql(f"CREATE USER rotation@localhost IDENTIFIED BY '{quoted}'; "
                         "CREATE USER relay@localhost IDENTIFIED BY 'reads'; "
                         "GRANT SELECT ON mail.* TO relay@localhost; "
                         "GRANT SELECT, INSERT, UPDATE, DELETE ON mail.* TO "
                         "rotation@localhost")  # fmt: skip
        elif self.engine == "ldap":
            self.must(self.run(["install", "-d", "-o", "openldap", "/run/slapd"]))
            urls = "ldap://localhost/ ldaps://localhost/ ldapi://%2Frun%2Fslapd%2Fldapi/"
            self.must(self.run(["slapd", "-f", "/etc/ldap/slapd.conf", "-h", urls, "-u", "openldap",
                                "-g", "openldap"]))  # fmt: skip
            wait(lambda: self.run(["ldapsearch", "-x", "-H", urls.split()[2], "-s", "base",
                                   "-b", "dc=example,dc=org"]).status == 0, "slapd")  # fmt: skip

    def silence(self) -> None:
        """Stop the database or the directory."""
        if self.engine == "pgsql":
            self.must(self.run([f"{self.programs}/pg_ctl", "-D", "/var/lib/pg", "-w", "-t", "300",
                                "-m", "fast", "stop"], user="postgres"))  # fmt: skip
            return
        path = {"mysql": "/run/mysqld/mysqld.pid", "ldap": "/run/slapd/slapd.pid"}[self.engine]
        number = self.read(path).decode().strip()
        self.must(self.run(["kill", number]))
        wait(lambda: self.run(["kill", "-0", number]).status != 0, f"{self.engine} to stop")

    def sql(self, text: str, database: str = "mail") -> str:
        """Run statements as the administrator of the database."""
        return self.must(self._sql(text, database)).out

    def _sql(self, text: str, database: str = "mail") -> Finished:
        return self.run(self._client(database), text)

    def _client(self, database: str) -> list[str]:
        if self.engine == "pgsql":
            return [f"{self.programs}/psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h",
                    "/var/run/postgresql", "-U", "postgres", "-d", database]  # fmt: skip
        return ["mariadb", "-NB", "-S", "/run/mysqld/mysqld.sock", *filter(None, [database])]

    def _answers(self, query: str) -> bool:
        return self._sql(query, "" if self.engine == "mysql" else "mail").status == 0

    def held(self, name: str = ADDRESS, table: str = "alias") -> list[str]:
        """What the row or the entry holds, asked without us."""
        if self.engine == "ldap":
            asked = ["ldapsearch", "-x", "-LLL", "-o", "ldif_wrap=no", "-H",
                     "ldapi://%2Frun%2Fslapd%2Fldapi", "-b",
                     f"cn={name},ou=aliases,dc=example,dc=org", "-s", "base", "mail"]  # fmt: skip
            lines = self.must(self.run(asked)).out.splitlines()
            return sorted(line[6:] for line in lines if line.startswith("mail: "))
        rows = self.sql(f"SELECT goto FROM {table} WHERE address = '{name}'").splitlines()
        return sorted(member for row in rows for member in row.split(",") if member)

    def asked(self, folder: str = FOLDERS[0], name: str = ADDRESS) -> list[str]:
        """What a relay's own map answers."""
        table = "hash:{}/virtual" if self.engine == "virtual" else f"{self.engine}:{{}}/map.cf"
        done = self.run(["postmap", "-c", folder, "-q", name, table.format(folder)])
        return sorted(done.out.strip().split(",")) if done.status == 0 else []

    def start(self) -> None:
        for folder in FOLDERS:
            self.must(self.run(["postfix", "-c", folder, "start"]))
        wait(lambda: all(self.listens(n) for n in (1, 2)), "both relays to start")

    def listens(self, number: int) -> bool:
        """Whether the relay at 127.0.0.NUMBER takes mail."""
        rows = Path(f"/proc/{self.host.pid}/net/tcp").read_text().splitlines()[1:]
        here = f"{bytes([number, 0, 0, 127]).hex().upper()}:0019"  # the kernel's byte order
        return any((row.split()[1], row.split()[3]) == (here, "0A") for row in rows)

    # --- faults

    def put(self, path: str, data: bytes) -> None:
        """Other bytes in a file; its owner and mode stay."""
        self.path(path).write_bytes(data)

    def reset(self) -> None:
        """The rows, or the entries, as they were at the beginning."""
        if self.engine == "ldap":
            self.modify(
                f"dn: {ENTRY}\nchangetype: modify\nreplace: mail\nmail: alice@example.com\n-\n"
                "replace: description\n"
            )
            return
        rows = [line for line in SCHEMA.splitlines() if line.startswith("INSERT")]
        self.sql("\n".join(["DELETE FROM alias;", "DELETE FROM many;", *rows]))

    def modify(self, ldif: str) -> None:
        """Change the directory as its administrator."""
        self.must(self.run(["ldapmodify", "-x", "-H", "ldapi://%2Frun%2Fslapd%2Fldapi", "-D",
                            "cn=admin,dc=example,dc=org", "-w", "admin"], ldif))  # fmt: skip

    @contextmanager
    def restarted_with(self, path: str, old: str, new: str) -> Iterator[None]:
        """The server with another line in its configuration."""
        before = self.read(path)
        assert old.encode() in before
        self.put(path, before.replace(old.encode(), new.encode()))
        self.silence()
        self.serve(first=False)
        try:
            yield
        finally:
            self.put(path, before)
            self.silence()
            self.serve(first=False)

    def without_tls(self) -> AbstractContextManager[None]:
        """A server that speaks no TLS."""
        path, old, new = {
            "pgsql": ("/var/lib/pg/postgresql.conf", "\nssl = on", "\nssl = off"),
            "mysql": ("/etc/mysql/my.cnf", "\nssl-", "\n#ssl-"),
            "ldap": ("/etc/ldap/slapd.conf", "\nTLS", "\n#TLS"),
        }[self.engine]
        return self.restarted_with(path, old, new)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """A server that takes no changes, as a replica."""
        if self.engine == "ldap":
            with self.restarted_with("/etc/ldap/slapd.conf", "maxsize", "readonly on\nmaxsize"):
                yield
            return
        on, off = {
            "pgsql": ("ALTER ROLE rotation SET default_transaction_read_only = on",
                      "ALTER ROLE rotation RESET default_transaction_read_only"),
            "mysql": ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0"),
        }[self.engine]  # fmt: skip
        self.sql(on)
        try:
            yield
        finally:
            self.sql(off)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody has begun to change the row and does not end."""
        text = "BEGIN; UPDATE alias SET goto = 'mallory@example.com';\n\\! touch /tmp/locked\n"
        self.run(["rm", "-f", "/tmp/locked"])
        with subprocess.Popen(
            self.host.enter(self._client("mail")), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as client:
            assert client.stdin is not None
            client.stdin.write(text.encode())
            client.stdin.flush()
            wait(lambda: self.exists("/tmp/locked"), "the lock")
            yield
            client.stdin.close()  # the change is undone
