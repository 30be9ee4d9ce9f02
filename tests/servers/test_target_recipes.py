"""The recipes of docs/targets.md, as they stand there, each with the real servers."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from .conftest import NewRig
from .relay_rosters import PEOPLE
from .rigs import Postfix, Rig
from .rigs.engines.directory import CONF
from .rigs.relays import TLS, Relays
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, SOURCE, rotation, write_roster

DOCS = SOURCE.parent / "docs"
RIGHT = ["alice@example.com"]


def block(title: str, language: str, number: int = 0) -> str:
    """A block of code of a section of the page."""
    text = (DOCS / "targets.md").read_text()
    (section,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return str(re.findall(rf"^ *```{language}\n(.*?)^ *```$", section, re.M | re.S)[number])


def handed_on(rig: Rig, people: str, title: str, number: int = 0) -> None:
    """The target of a section makes the handoff, once."""
    write_roster(rig, f"{people}\n{block(title, 'toml', number)}")
    rig.must(rotation(rig, MONDAY, "apply"))
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.err) == (0, "")
    assert "alice -> bob" in done.out
    assert rotation(rig, NEXT_MONDAY, "apply").out == ""


def test_one_host(postfix: Postfix) -> None:
    handed_on(postfix, ROSTER, "One host")
    assert postfix.resolve("all-system-notifications") == ["bob"]
    said = (DOCS / "targets.md").read_text()
    line = "all-system-notifications: :include:/etc/mail/duty"
    assert f"`{line}`" in said
    postfix.write(postfix.aliases, f"{line}\n")
    postfix.must(postfix.rebuild())
    postfix.make_index_later()
    postfix.path("/etc/mail").mkdir(exist_ok=True)
    handed_on(postfix, ROSTER, "One host", 1)
    postfix.must(postfix.send("all-system-notifications", "by the list"))
    postfix.wait_for("bob", "by the list")


def test_a_virtual_domain(postfix: Postfix) -> None:
    setting = "virtual_alias_maps = hash:/etc/postfix/virtual"
    assert f"`{setting}`" in (DOCS / "targets.md").read_text()
    postfix.write("/etc/postfix/virtual", "")
    postfix.must(postfix.run(["postmap", "hash:/etc/postfix/virtual"]))
    main = postfix.read("/etc/postfix/main.cf").decode()
    postfix.configure(f"{main}\n{setting}\n")
    handed_on(postfix, ROSTER, "A virtual domain")
    done = postfix.run(["postmap", "-q", "duty@example.com", "hash:/etc/postfix/virtual"])
    assert done.out.strip() == "bob"


def named(rig: Relays) -> None:
    """The servers' names, and their authority among those of the host."""
    hosts = rig.read("/etc/hosts").decode()
    rig.write("/etc/hosts", f"{hosts}127.0.0.1 db.example.com ldap.example.com\n")
    rig.write("/etc/ssl/certs/ca-certificates.crt", rig.read(f"{TLS}/ca.pem"))
    rig.write("/etc/ldap/ldap.conf", "TLS_CACERT /etc/ssl/certs/ca-certificates.crt\n")


SQL = "Two relays and PostgreSQL, or MariaDB"


@pytest.mark.parametrize("engine", ["pgsql", "mysql"])
def test_two_relays_and_a_database(new_rig: NewRig, engine: str) -> None:
    rig = new_rig(Relays, engine=engine, started=False)
    named(rig)
    rig.write("/etc/rotation/mail.password", rig.password, mode=0o600)
    people, made = PEOPLE, block(SQL, "sql")
    if engine == "mysql":
        made = re.sub(r"TO (\w+)", r"TO \1@localhost", made)
    rig.database.sql(f"DROP TABLE alias; {made}")
    rig.write("/etc/postfix/virtual.cf", block(SQL, "ini").replace("…", "reads"))
    text = block(SQL, "toml")
    statements = (
        text.partition("table ")[0]
        + block(SQL, "toml", 1)
        + 'ask = "pgsql:/etc/postfix/virtual.cf"\n'
    )
    rig.database.sql("ALTER TABLE alias ADD COLUMN modified timestamp, ADD COLUMN active "
                     "boolean NOT NULL DEFAULT true")  # fmt: skip
    for target, at, before, after in (
        (text, NEXT_MONDAY, "(nothing)", "bob"),
        (statements, MONDAY, "bob", "alice"),
    ):
        if engine == "mysql":
            target = target.replace("postgresql:", "mysql:").replace("pgsql:", "mysql:")
        write_roster(rig, f"{people}\n{target}")
        done = rotation(rig, at, "apply")
        assert (done.status, done.err) == (0, "")
        assert f"{before} -> {after}" in done.out
        assert rig.held("duty@example.com") == [f"{after}@example.com"]
        assert rotation(rig, at, "apply").out == ""


def test_a_directory(new_rig: NewRig) -> None:
    rig = new_rig(Relays, engine="ldap", started=False)
    named(rig)
    rig.write("/etc/rotation/ldap.password", "s3cr3t\n", mode=0o600)
    entries = block("LDAP", "ldif").replace("…", "s3cr3t")
    above = "dn: dc=example,dc=com\nobjectClass: domain\ndc: example\n\n"
    above += "dn: ou=aliases,dc=example,dc=com\nobjectClass: organizationalUnit\nou: aliases\n\n"
    rig.write(f"{TLS}/recipe.ldif", above + entries)
    conf = rig.read(CONF).decode()
    conf += '\ndatabase mdb\nmaxsize 10485760\nsuffix "dc=example,dc=com"\ndirectory /srv/ldap\n'
    conf += f"access to attrs=userPassword by * auth\naccess {block('LDAP', 'text')}"
    rig.asked_server.silence()
    rig.put(CONF, conf.encode())
    filled = f"slapadd -q -f {CONF} -b dc=example,dc=com -l {TLS}/recipe.ldif"
    owned = "chown -R openldap /srv/ldap"
    rig.must(rig.run(["sh", "-euc", f"install -d /srv/ldap; {filled}; {owned}"]))
    rig.asked_server.serve()
    rig.write("/etc/postfix/ldap-aliases.cf", block("LDAP", "ini"))
    handed_on(rig, PEOPLE, "LDAP")
    asked = ["postmap", "-q", "duty@example.com", "ldap:/etc/postfix/ldap-aliases.cf"]
    assert rig.must(rig.run(asked)).out.strip() == "bob@example.com"


API = """\
import json, sys
from http.server import ThreadingHTTPServer
from tests.cli.test_run_target import Api
Api.held = {"duty@example.com": ["alice@example.com"]}
server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
print(server.server_port, flush=True)
server.serve_forever()
"""


def test_a_hosted_mailbox(postfix: Postfix) -> None:
    path = "/usr/local/sbin/set-alias"
    postfix.write(path, (DOCS / "samples/set-alias").read_bytes(), mode=0o755)
    with subprocess.Popen(
        postfix.host.enter(["env", "-C", str(SOURCE.parent), sys.executable, "-B", "-c", API]),
        stdout=subprocess.PIPE,
        text=True,
    ) as api:
        assert api.stdout is not None
        port = api.stdout.readline().strip()
        settings = {"api": f"http://127.0.0.1:{port}/v1", "token": "s3cr3t"}
        postfix.write("/etc/rotation/set-alias.json", json.dumps(settings), mode=0o600)
        handed_on(postfix, PEOPLE, "A hosted mailbox, or anything else")
        api.terminate()
