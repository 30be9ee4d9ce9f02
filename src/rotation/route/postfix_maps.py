"""Postfix's tables, asked as it asks them itself. Sources: postconf(1), postmap(1), postalias(1),
DATABASE_README, ADDRESS_REWRITING_README."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rotation.errors import Where
from rotation.mail.aliases import Dialect
from rotation.mail.postfix import INDEXED
from rotation.mail.server import Argv, need
from rotation.route.tree import MailHost, asked, lines

_LISTED = tuple(kind for kind in INDEXED if kind != "cdb")


class Maps:
    """The tables of one instance of Postfix (`option` is what names it to its programs)."""

    def __init__(self, place: MailHost, option: tuple[str, ...]) -> None:
        self._place = place
        self._option = option
        self._programs = {
            name: need(place.system, name) for name in ("postconf", "postalias", "postmap")
        }
        self._listed: dict[tuple[str, str], dict[str, str] | None] = {}
        self._answers: dict[tuple[str, str, str], str | None] = {}
        self._lines: dict[Path, dict[str, int]] = {}
        self.broken: list[str] = []
        """Tables that could not be read."""

    def settings(self, *names: str) -> dict[str, str]:
        """Values from main.cf, with what they refer to filled in."""
        argv: Argv = [self._programs["postconf"], *self._option, "-x", *names]
        text = asked(self._place.system, argv, "postfix check")
        pairs = (line.partition("=") for line in text.splitlines())
        return {key.strip(): value.strip() for key, _, value in pairs}

    def query(self, table: str, key: str, program: str = "postmap") -> tuple[str, Where] | None:
        """What a table has for a key, and where that stands."""
        kind, _, rest = table.removeprefix("proxy:").partition(":")
        key = key.lower()
        if kind in _LISTED:
            listed = self._list(table.removeprefix("proxy:"), program)
            value = None if listed is None else listed.get(key)
        else:
            value = self._ask(table, key, program)
        if value is None:
            return None
        return value, self.where(kind, rest, key, program)

    def _list(self, table: str, program: str) -> dict[str, str] | None:
        if (table, program) not in self._listed:
            argv: Argv = [self._programs[program], *self._option, "-s", table]
            finished = self._place.system.ask(argv)
            if finished.status != 0 or "fatal" in finished.err:
                self.broken.append(table)
                self._listed[table, program] = None
            else:
                mark = ":\t" if program == "postalias" else "\t"
                rows = (line.partition(mark) for line in finished.out.splitlines())
                self._listed[table, program] = {key.lower(): value for key, _, value in rows}
        return self._listed[table, program]

    def _ask(self, table: str, key: str, program: str) -> str | None:
        asked_for = (table, key, program)
        if asked_for not in self._answers:
            argv: Argv = [self._programs[program], *self._option, "-q", key, table]
            finished = self._place.system.ask(argv)
            if "fatal" in finished.err:
                self.broken.append(table.removeprefix("proxy:"))
            found = finished.status == 0
            self._answers[asked_for] = finished.out.rstrip("\n") if found else None
        return self._answers[asked_for]

    def where(self, kind: str, rest: str, key: str, program: str) -> Where:
        """Where a key stands: the line of the text that an index was made of, if it has one."""
        path = Path(rest)
        if kind not in (*INDEXED, "texthash"):
            return Where(rest if rest.startswith("/") else f"{kind}:{rest}")
        if program == "postalias":
            entry = self._place.reading(path, Dialect.POSTFIX).winner(key)
            return Where(str(path), entry.line if entry else None)
        if path not in self._lines:
            self._lines[path] = dict(reversed(list(_keys(self._place.text(path) or b""))))
        return Where(str(path), self._lines[path].get(key))

    def first(
        self, tables: list[str], key: str, program: str = "postmap"
    ) -> tuple[str, Where] | None:
        """The answer of the first table that has one."""
        return next((found for table in tables if (found := self.query(table, key, program))), None)

    def matches(self, words: list[str], value: str) -> bool:
        """Whether a list such as mydestination holds a value: words, /files, type:tables."""
        value = value.lower()
        for word in words:
            bare = word.removeprefix("!")
            if bare.startswith("/"):
                data = self._place.text(Path(bare)) or b""
                hit = value in (w.lower() for _, line in lines(data) for w in _plain(line))
            elif ":" in bare and not bare.startswith("["):
                hit = self.query(bare, value) is not None
            else:
                hit = bare.lower() == value or (
                    bare.startswith(".") and value.endswith(bare.lower())
                )
            if hit:
                return bare == word
        return False


def _plain(line: str) -> list[str]:
    return [] if line.lstrip().startswith("#") else line.replace(",", " ").split()


def _keys(data: bytes) -> Iterator[tuple[str, int]]:
    """The keys of a postmap(1) text with their lines."""
    for number, line in lines(data):
        if line[:1].strip() and not line.startswith("#"):
            yield line.split()[0].strip('"').lower(), number


def words(value: str) -> list[str]:
    """The words of a list in main.cf; braces hold together what is in them."""
    found, depth = [""], 0
    for char in value:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth <= 0 and (char.isspace() or char == ","):
            found.append("")
        else:
            found[-1] += char
    return [word for word in found if word]
