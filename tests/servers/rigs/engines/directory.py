"""OpenLDAP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.rigs.base import wait

from .base import ADDRESS, CA, CERTIFICATE, KEY, TLS, Engine

CONF, URL = "/etc/ldap/slapd.conf", "ldapi://%2Frun%2Fslapd%2Fldapi"
ENTRY = f"cn={ADDRESS},ou=aliases,dc=example,dc=org"
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

dn: cn=reader,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: admin
"""
SLAPD = f"""\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile /run/slapd/slapd.pid
TLSCACertificateFile {CA}
TLSCertificateFile {CERTIFICATE}
TLSCertificateKeyFile {KEY}
authz-regexp "gidNumber=0.uidNumber=0,cn=peercred,cn=external,cn=auth"
    "cn=admin,dc=example,dc=org"
database mdb
maxsize 10485760
suffix "dc=example,dc=org"
directory /var/lib/ldap
rootdn "cn=admin,dc=example,dc=org"
rootpw admin
access to attrs=userPassword by * auth
access to * by * read
"""
FEW = 64
"""Files, connections among them."""
CROWD = """\
import os, select, socket, sys
pid, most = sys.argv[1], int(sys.argv[2])
crowd = []
full = False
while not full:
    here = socket.socket(socket.AF_UNIX)
    here.connect("/run/slapd/ldapi")
    # a search of the root entry: whoever is taken in is answered
    here.sendall(bytes.fromhex("302502010163200400"
        "0a01000a0100020100020100010100870b6f626a656374436c6173733000"))
    crowd.append(here)
    while not full and not select.select([here], [], [], 0.01)[0]:
        full = len(os.listdir(f"/proc/{pid}/fd")) >= most
print(len(crowd), flush=True)
sys.stdin.read()
"""
"""Takes every connection that a server has, and keeps it."""


class OpenLdap(Engine):
    map = f"""\
server_host = {URL}
version = 3
search_base = ou=aliases,dc=example,dc=org
query_filter = (cn=%s)
result_attribute = mail
bind = no
"""
    owner = "openldap"
    password = "admin\n"
    plain = (CONF, "\nTLS", "\n#TLS")

    def prepare(self) -> None:
        self.rig.write(CONF, SLAPD, owner="openldap")
        self.rig.write(f"{TLS}/directory.ldif", DIRECTORY)
        self.rig.must(self.rig.run(["sh", "-euc", f"""
            rm -rf /etc/ldap/slapd.d
            install -d -o openldap -g openldap /var/lib/ldap /run/slapd
            slapadd -q -f {CONF} -l {TLS}/directory.ldif
            chown -R openldap:openldap /var/lib/ldap
        """]))  # fmt: skip

    def serve(self, files: int | None = None) -> None:
        limit = "" if files is None else f"ulimit -n {files}; "
        self.rig.must(self.rig.run(["install", "-d", "-o", "openldap", "/run/slapd"]))
        urls = f"ldap://localhost/ ldaps://localhost/ {URL}/"
        started = f'{limit}exec slapd -f {CONF} -h "{urls}" -u openldap -g openldap'
        self.rig.must(self.rig.run(["sh", "-euc", started]))
        wait(lambda: self.rig.run(["ldapsearch", "-x", "-H", URL, "-s", "base",
                                   "-b", "dc=example,dc=org"]).status == 0, "slapd")  # fmt: skip

    @property
    def number(self) -> str:
        return self.rig.read("/run/slapd/slapd.pid").decode().strip()

    def held(self, name: str, table: str) -> list[str]:
        asked = ["ldapsearch", "-x", "-LLL", "-o", "ldif_wrap=no", "-H", URL, "-b",
                 f"cn={name},ou=aliases,dc=example,dc=org", "-s", "base", "mail"]  # fmt: skip
        lines = self.rig.must(self.rig.run(asked)).out.splitlines()
        return sorted(line[6:] for line in lines if line.startswith("mail: "))

    def modify(self, ldif: str) -> None:
        """Change the directory as its administrator."""
        admin = ["-D", "cn=admin,dc=example,dc=org", "-w", "admin"]
        self.rig.must(self.rig.run(["ldapmodify", "-x", "-H", URL, *admin], ldif))

    def reset(self) -> None:
        self.modify(
            f"dn: {ENTRY}\nchangetype: modify\nreplace: mail\nmail: alice@example.com\n-\n"
            "replace: description\n"
        )

    @contextmanager
    def read_only(self) -> Iterator[None]:
        with self.restarted_with(CONF, "maxsize", "readonly on\nmaxsize"):
            yield

    @contextmanager
    def full(self) -> Iterator[None]:
        """It may open no more files, and all connections that it has are taken."""
        self.silence()
        self.serve(files=FEW)
        try:
            with subprocess.Popen(
                self.rig.host.enter([sys.executable, "-c", CROWD, self.number, str(FEW)]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            ) as crowd:
                assert crowd.stdin is not None
                assert crowd.stdout is not None
                assert int(crowd.stdout.readline()) > 0
                yield
                crowd.stdin.close()
        finally:
            self.silence()
            self.serve()
