"""The keys of a `[[target]]`, which is one of many kinds."""

from __future__ import annotations

from rotation.model import DUTY, SERVERS
from rotation.toml.keys import Group, Key, TableKeys, Value

TARGET = TableKeys(
    "[[target]]",
    (
        Group(
            "an entry of an aliases file",
            (
                Key("aliases", Value.TEXT, "an aliases file"),
                Key("name", Value.TEXT, "the alias in it"),
            ),
            "`aliases` + `name`",
        ),
        Group(
            "an address of a virtual map: virtual(5) of Postfix, an alias file of a domain of "
            "Exim's, a virtual table of OpenSMTPD's; see [where the alias lives](docs/targets.md)",
            (Key("virtual", Value.TEXT, "a virtual map; `name` is the address in it"),),
            "`virtual` + `name`",
        ),
        Group(
            "a row of a database that relays ask, needs `rotation[postgresql]` or "
            "`rotation[mysql]`: the table and its columns, or statements of your own",
            (
                Key("sql", Value.TEXT, "postgresql:// or mysql:// (MariaDB), user, host, database"),
                Key("table", Value.TEXT, "the table, SCHEMA.TABLE if need be"),
                Key("key", Value.TEXT, "the column that holds `name`"),
                Key("value", Value.TEXT, "the column of the addresses"),
                Key(
                    "several",
                    Value.TEXT,
                    "several addresses: commas between them, or a row each",
                    "list",
                    choices=("list", "rows"),
                ),
                Key("query", Value.TEXT, "instead of the table: a SELECT of the addresses"),
                Key("statement", Value.TEXT, "with it: what writes %(addresses)s for %(name)s"),
            ),
            "`sql` + `name` + `table`, `key`, `value`, `several`; or `query`, `statement`",
        ),
        Group(
            "an attribute of an entry of a directory; needs ldap-utils",
            (
                Key("ldap", Value.TEXT, "ldaps://, ldap:// (always StartTLS) or ldapi://"),
                Key("entry", Value.TEXT, "the distinguished name of the entry"),
                Key("attribute", Value.TEXT, "the attribute of the addresses"),
                Key(
                    "bind", Value.TEXT, "the name to bind with", "on a socket, the user who runs it"
                ),
            ),
        ),
        Group(
            "for `sql` and `ldap`: a file with the password, or a credential of systemd's; the "
            "authorities that may vouch for the server; the map by which this host's mail server "
            "asks",
            (
                Key("password", Value.TEXT, "a file that root alone can read, or a credential"),
                Key("ca", Value.TEXT, "certificates of authorities", "the host's own"),
                Key("ask", Value.TEXT, "the mail server's own map: pgsql:/etc/postfix/virtual.cf"),
            ),
        ),
        Group(
            "a program for everything else, and its seconds",
            (
                Key("run", Value.WORDS, "a program that is called with `get` and `set`"),
                Key("limit", Value.WHOLE, "how many seconds it has", "60"),
            ),
        ),
        Group(
            "where hubs share the target: the column, the attribute or the file for the revision "
            "of the plan",
            (Key("revision", Value.TEXT, "where the revision of the plan stands", "nowhere"),),
        ),
        Group(
            "a whole file that an alias includes, or somebody's `.forward`",
            (
                Key("include", Value.TEXT, "a list that an alias includes"),
                Key("forward", Value.TEXT, "somebody's .forward"),
            ),
        ),
        Group(
            "whose duty; addresses that are always copied",
            (
                Key("role", Value.TEXT, "what the duty is", DUTY),
                Key("also", Value.TEXTS, "people or addresses that are always copied"),
            ),
        ),
        Group(
            "who gets what bounces, so that the mail is the hub's own to whoever receives it: "
            "`owner-NAME` beside the alias; the role that is mailed as well while mail for whoever "
            "is on duty does not arrive, as `verify` finds in the server's log",
            (
                Key("owner", Value.TEXT, "who gets what bounces: written as owner-NAME", "nobody"),
                Key(
                    "bounced", Value.TEXT, "the role that is mailed too while mail bounces", "none"
                ),
            ),
        ),
        Group(
            "see below",
            (
                Key("server", Value.TEXT, "the mail server", "detected", choices=SERVERS),
                Key("config", Value.TEXT, "its configuration, where that is not the default one"),
                Key("rebuild", Value.WORDS, "a command that rebuilds the index; none: `[]`"),
            ),
        ),
    ),
)
