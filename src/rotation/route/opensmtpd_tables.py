"""What OpenSMTPD's tables of aliases hold: inline, a file, a compiled map. Source: table(5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rotation.errors import Where
from rotation.mail import told
from rotation.mail.aliases import Dialect
from rotation.mail.server import need
from rotation.route.opensmtpd_list import inline, split
from rotation.route.opensmtpd_rules import Rules
from rotation.route.tree import MailHost, Node
from rotation.system import Account


class Refused(Exception):
    """OpenSMTPD refuses the whole table; the message says why."""


class Opaque(Exception):
    """A table that only OpenSMTPD can look into."""


class Tables:
    """The tables of one configuration."""

    def __init__(self, place: MailHost, rules: Rules) -> None:
        self._place = place
        self._rules = rules
        self._indexes: dict[Path, dict[str, str] | None] = {}

    def lookup(self, node: Node, table: str, key: str) -> list[tuple[str, Where]] | None:
        """The members behind a key, None where there is none. Raises Refused, Opaque."""
        source = self._rules.tables.get(table)
        if not isinstance(source, str):
            pairs = inline(source or [])
            if key not in pairs:
                return None
            return [(item, Where("smtpd.conf")) for item in split(pairs[key])]
        if not source.startswith(("file:", "db:", "/")):
            raise Opaque(f"the table {table} ({source}) is not followed")
        kind, _, rest = source.rpartition(":")
        path = Path(rest)
        if kind == "db":
            path = path.with_name(path.name.removesuffix(".db"))
        reading = self._place.reading(path, Dialect.OPENSMTPD)
        entry = reading.winner(key)
        if kind == "db":
            value = self._indexed(node, Path(rest), key)
        elif reading.refused:
            raise Refused(f"OpenSMTPD refuses {path}, for a line in it is wrong")
        else:
            value = entry.value.decode("utf-8", "surrogateescape") if entry else None
            self._mind_memory(path, key, split(value or ""))
        if value is None:
            return None
        if entry is None:
            node.note("the index has this alias, the text has not", None, "newaliases")
        where = Where(str(path), entry.line if entry else None)
        return [(item, where) for item in split(value)]

    def _mind_memory(self, path: Path, key: str, members: Sequence[str]) -> None:
        """Raise Opaque where the daemon was last told of other members of an alias of ours than the
        file has now. What it holds of other people's aliases nobody can know: the file counts."""
        known = told.last(self._place.system, path)
        held = None if known is None else known.members(key)
        if held is not None and sorted(held) != sorted(members):
            raise Opaque(
                f"{path} has changed since OpenSMTPD was told of it: `rotation apply` tells it"
            )

    def account(self, table: str, user: str) -> Account | None:
        """A user of a `userbase` table: uid:gid:home (table(5), "Userinfo tables").

        Raises Opaque.
        """
        source = self._rules.tables.get(table)
        if isinstance(source, list):
            value = inline(source).get(user, "")
        elif source is not None and source.startswith(("file:", "/")):
            text = self._place.text(Path(source.removeprefix("file:"))) or b""
            rows = (line.split(None, 1) for line in text.decode("utf-8", "replace").split("\n"))
            value = next((row[1].strip() for row in rows if len(row) == 2 and row[0] == user), "")
        else:
            raise Opaque(f"userbase <{table}> ({source}) is not followed")
        fields = value.split(":", 2)
        if len(fields) < 3 or not (fields[0].isdecimal() and fields[1].isdecimal()):
            return None
        return Account(user, int(fields[0]), int(fields[1]), Path(fields[2]), "")

    def _indexed(self, node: Node, index: Path, key: str) -> str | None:
        if index not in self._indexes:
            makemap = need(self._place.system, "makemap")
            done = self._place.system.ask([makemap, "-U", "-t", "aliases", index])
            rows = (line.partition("\t") for line in done.out.splitlines())
            entries = {k.lower(): v for k, _, v in rows} if done.status == 0 else None
            self._indexes[index] = entries
        listed = self._indexes[index]
        if listed is None:
            node.note(f"{index} cannot be read", None, "newaliases")
        return (listed or {}).get(key)
