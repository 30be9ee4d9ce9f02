"""Postfix's tables, asked as it asks them itself. Sources: postconf(1), postmap(1), postalias(1),
DATABASE_README, ADDRESS_REWRITING_README."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rotation.errors import ApplyError, Where
from rotation.mail.aliases import Dialect
from rotation.mail.postfix import INDEXED, Redirects
from rotation.mail.server import Argv, need
from rotation.route.tree import MailHost, asked, lines

_PATTERNS = ("regexp", "pcre", "cidr", "tcp")
"""Types that are asked for whole addresses only (ADDRESS_REWRITING_README)."""
_TEXTS = ("regexp", "pcre", "cidr", "texthash")
_PATIENCE = 60
"""Seconds in which a table has to answer; mysql_table(5) gives up sooner."""
_COMPLAINT = re.compile(r"(?m)^(?!.*warning: \S+/main\.cf, line ).*(fatal|error|warning)")
"""What says that a table did not answer; other faults of main.cf do not concern it."""
_PLAIN_KEY = re.compile(r"[^\x00-\x1f\x7f]+\Z")


class TableError(Exception):
    """A table that Postfix cannot read; the message is its name."""


class Maps:
    """The tables of one instance of Postfix (`option` is what names it to its programs)."""

    def __init__(self, place: MailHost, option: tuple[str, ...]) -> None:
        self._place = place
        self._option = option
        self._programs = {
            name: need(place.system, name) for name in ("postconf", "postalias", "postmap")
        }
        self._redirects = Redirects(place.system, self._programs["postconf"], option)
        self._listed: dict[tuple[str, str], dict[str, str] | None] = {}
        self._answers: dict[tuple[str, str, str], str | None] = {}
        self._failed: set[str] = set()
        """Tables that did not answer once: to ask each of them again can take minutes."""
        self._lines: dict[Path, dict[str, int]] = {}
        self._allowed: frozenset[str] | None = None

    def kind(self, kind: str) -> str:
        """The type that a table of this type really is."""
        return self._redirects.kind(kind)

    def lines(self, *options: str) -> list[str]:
        """What postconf says, line by line."""
        argv: Argv = [self._programs["postconf"], *self._option, *options]
        return asked(self._place.system, argv, "postfix check").splitlines()

    def said(self, *options: str) -> dict[str, str]:
        """The settings that postconf names, with their values."""
        pairs = (line.partition("=") for line in self.lines(*options))
        return {key.strip(): value.strip() for key, _, value in pairs}

    def settings(self, *names: str) -> dict[str, str]:
        """Values from main.cf, with what they refer to filled in; an older Postfix lacks some."""
        argv: Argv = [self._programs["postconf"], *self._option, "-x", *names]
        finished = self._place.system.ask(argv)
        if finished.status != 0 and "unknown parameter" not in finished.err:
            asked(self._place.system, argv, "postfix check")
        pairs = (line.partition("=") for line in finished.out.splitlines())
        return dict.fromkeys(names, "") | {key.strip(): text.strip() for key, _, text in pairs}

    def _proxied(self) -> frozenset[str]:
        """The tables that proxymap(8) may read."""
        if self._allowed is None:
            listed = words(self.settings("proxy_read_maps")["proxy_read_maps"])
            self._allowed = frozenset(word.removeprefix("proxy:") for word in listed)
        return self._allowed

    def query(
        self, table: str, key: str, program: str = "postmap", *, part: bool = False
    ) -> tuple[str, Where] | None:
        """What a table has for a key, and where that stands; `part`: not a whole address.

        Raises TableError for a table that cannot be read.
        """
        if part and pattern(table):
            return None
        bare = table.removeprefix("proxy:")
        if program == "postalias" and strange(table):
            raise TableError(table)
        if program == "postmap" and bare != table and bare not in self._proxied():
            raise TableError(table)  # proxymap(8) serves none but what it is allowed to
        kind, _, rest = bare.partition(":")
        key = key.lower()
        if not _PLAIN_KEY.match(key) or key == "-":
            return None
        real = self._redirects.kind(kind)
        if real in INDEXED and real != "cdb":
            value = self._list(f"{kind}:{rest}", program).get(key)
        else:
            value = self._ask(table, key, program)
        if value is None:
            return None
        return value, self.where(kind, rest, key, program)

    def _list(self, table: str, program: str) -> dict[str, str]:
        if (table, program) not in self._listed:
            argv: Argv = [self._programs[program], *self._option, "-s", table]
            finished = self._place.system.ask(argv)
            listed = None
            if finished.status == 0 and "fatal" not in finished.err:
                mark = ":\t" if program == "postalias" else "\t"
                rows = (line.partition(mark) for line in finished.out.splitlines())
                listed = {key.lower(): value for key, _, value in rows}
            self._listed[table, program] = listed
        listed = self._listed[table, program]
        if listed is None:
            raise TableError(table)
        return listed

    def _ask(self, table: str, key: str, program: str) -> str | None:
        asked_for = (table, key, program)
        if table in self._failed:
            raise TableError(table)
        if asked_for not in self._answers:
            argv: Argv = [self._programs[program], *self._option, "-q", key, table]
            try:
                finished = self._place.system.ask(argv, limit=_PATIENCE)
            except ApplyError:
                self._failed.add(table)
                raise TableError(table) from None
            if finished.status != 0 and _COMPLAINT.search(finished.err):
                self._failed.add(table)
                raise TableError(table)
            known = finished.status == 0
            self._answers[asked_for] = finished.out.rstrip("\n") if known else None
        return self._answers[asked_for]

    def values(self, table: str) -> list[str] | None:
        """All that a table can answer, for one that is a text or can be listed; None else."""
        kind, _, rest = table.removeprefix("proxy:").partition(":")
        real = self._redirects.kind(kind)
        if kind in ("inline", "static"):
            return [part.strip() for part in re.split(r"[{}=]", rest) if part.strip()]
        if kind in _TEXTS:
            text = self._place.text(Path(rest))
            return None if text is None else [_value(line) for _, line in lines(text)]
        if real in INDEXED and real != "cdb":
            try:
                return list(self._list(f"{kind}:{rest}", "postmap").values())
            except TableError:
                return None
        return None

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
        self, tables: list[str], key: str, program: str = "postmap", *, part: bool = False
    ) -> tuple[str, Where] | None:
        """The answer of the first table that has one. Raises TableError."""
        answers = (self.query(table, key, program, part=part) for table in tables)
        return next((answer for answer in answers if answer), None)

    def matches(self, words: list[str], value: str) -> bool:
        """Whether a list such as mydestination holds a value: words, /files, type:tables."""
        return self._held(words, [value.lower()])

    def within(self, words: list[str], domain: str, *, parents: bool) -> bool:
        """Whether a list of domains such as relay_domains holds one, or one above it: as `.domain`,
        or as `domain` where `parents` says so (postconf(5), parent_domain_matches_subdomains)."""
        labels = domain.lower().split(".")
        above = [".".join(labels[at:]) for at in range(1, len(labels))]
        return self._held(words, [domain.lower(), *(d if parents else f".{d}" for d in above)])

    def _held(self, words: list[str], values: list[str]) -> bool:
        for word in words:
            bare = word.removeprefix("!")
            if bare.startswith("/"):
                data = self._place.text(Path(bare)) or b""
                hit = bool({w.lower() for _, line in lines(data) for w in _plain(line)} & {*values})
            elif ":" in bare and not bare.startswith("["):
                hit = any(self.query(bare, value) is not None for value in values)
            else:
                hit = bare.lower() in values
            if hit:
                return bare == word
        return False


def pattern(table: str) -> bool:
    """Whether a table is asked for whole addresses only."""
    kind, _, rest = table.removeprefix("proxy:").partition(":")
    if kind in ("pipemap", "unionmap"):
        return any(pattern(each) for each in words(rest.strip("{} ")))
    return kind in _PATTERNS


def strange(table: str) -> bool:
    """Whether local(8) refuses to take aliases from a table, for who may answer in its place
    ("not allowed for security-sensitive data": Postfix's DICT_FLAG_PARANOID)."""
    kind, _, rest = table.removeprefix("proxy:").partition(":")
    if kind in ("pipemap", "unionmap"):
        return any(strange(each) for each in words(rest.strip("{} ")))
    return kind in ("socketmap", "tcp")


def _value(line: str) -> str:
    """What a line of a text table answers: all behind a pattern or a key."""
    match = re.match(r"\s*(?:!?/(?:\\.|[^/\\])*/\w*|\S+)\s+(.*)", line)
    return match[1] if match and not line.lstrip().startswith("#") else ""


def _plain(line: str) -> list[str]:
    return [] if line.lstrip().startswith("#") else line.replace(",", " ").split()


def _keys(data: bytes) -> Iterator[tuple[str, int]]:
    """The keys of a postmap(1) text with their lines."""
    for number, line in lines(data):
        if line[:1].strip() and not line.startswith("#"):
            yield line.split()[0].strip('"').lower(), number


def words(value: str) -> list[str]:
    """The words of a list in main.cf; braces hold together what is in them."""
    parts, depth = [""], 0
    for char in value:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth <= 0 and (char.isspace() or char == ","):
            parts.append("")
        else:
            parts[-1] += char
    return [word for word in parts if word]
