"""Rosters whose target is what two relays ask: see rigs/relays.py."""

from __future__ import annotations

from .rigs.relays import ADDRESS, ENTRY, FOLDERS, TLS, Relays
from .roster_in_rig import ROSTER, write_roster

PEOPLE = (
    ROSTER.replace('"alice"', '"alice@example.com"', 1)
    .replace('bob   = "bob"', 'bob   = "bob@example.com"')
    .replace('["carol", "dan@example.com"]', '["carol@example.com", "dan@example.com"]')
)
LINE = f"{ADDRESS}: alice -> bob, until Mon 7 Dec 09:00 GMT (weekly)\n"
TABLE = 'table = "alias"\nkey = "address"\nvalue = "goto"\n'
REVISION = {
    "virtual": "FOLDER/virtual.revision",
    "pgsql": "rotation",
    "mysql": "rotation",
    "ldap": "description",
}
SECRET = f'password = "/etc/rotation/db.password"\nca = "{TLS}/ca.pem"\n'


def target(rig: Relays, more: str = "", *, socket: bool = False, table: str = TABLE) -> str:
    """The target of a rig, over TLS or by a socket."""
    if rig.engine == "virtual":
        return "".join(
            f'\n[[target]]\nvirtual = "{folder}/virtual"\nconfig = "{folder}"\n'
            f'name = "{ADDRESS}"\n{more.replace("FOLDER", folder)}'
            for folder in FOLDERS
        )
    name = f'name = "{ADDRESS}"\nask = "{rig.engine}:/etc/postfix/map.cf"\n'
    if rig.engine == "ldap":
        where = f'ldap = "ldaps://localhost"\nbind = "cn=admin,dc=example,dc=org"\n{SECRET}'
        return f'\n[[target]]\n{where}{name}entry = "{ENTRY}"\nattribute = "mail"\n{more}'
    scheme = {"pgsql": "postgresql", "mysql": "mysql"}[rig.engine]
    if socket:
        where = f'sql = "{scheme}://{"rotation@" if rig.engine == "pgsql" else ""}/mail"\n'
    else:
        where = f'sql = "{scheme}://rotation@localhost/mail"\n{SECRET}'
    return f"\n[[target]]\n{where}{name}{table}{more}"


def write(rig: Relays, more: str = "", *, socket: bool = False, table: str = TABLE) -> None:
    """The roster of a rig with that target."""
    write_roster(rig, PEOPLE + target(rig, more, socket=socket, table=table))
