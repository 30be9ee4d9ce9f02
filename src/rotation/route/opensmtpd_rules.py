"""The part of smtpd.conf(5) that decides where mail of this host goes: tables, actions, matches."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rotation.errors import Where
from rotation.mail.opensmtpd import CONFIGS
from rotation.route.tree import MailHost

_WORD = re.compile(r'"([^"]*)"|(#.*)|([{}!,])|([^\s{}!,"]+)')
_LOCAL = ("mbox", "maildir", "mda", "lmtp", "expand-only", "forward-only")


@dataclass(slots=True)
class Action:
    """What an `action` line says."""

    name: str
    method: str
    options: dict[str, str]

    @property
    def local(self) -> bool:
        """Whether it delivers on this host."""
        return self.method in _LOCAL


@dataclass(slots=True)
class Rule:
    """A `match` line: its conditions that matter, and the action's name (None: reject)."""

    conditions: list[tuple[str, bool, list[str]]]
    action: str | None
    where: Where


@dataclass(slots=True)
class Rules:
    """All of a configuration."""

    tables: dict[str, str | list[str]] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    delimiter: str = "+"


def read(place: MailHost, config: Path | None) -> Rules | None:
    """The configuration; None when there is none."""
    for path in (config,) if config else CONFIGS:
        if place.text(path) is not None:
            found = Rules()
            _read(place, path, found, 0)
            return found
    return None


def _read(place: MailHost, path: Path, found: Rules, depth: int) -> None:
    for number, words in _lines((place.text(path) or b"").decode("utf-8", "surrogateescape")):
        where = Where(str(path), number)
        match words:
            case ["include", other] if depth < 5:
                _read(place, Path(other), found, depth + 1)
            case ["table", name, source] if source != "{":
                found.tables[name] = source
            case ["table", name, "{", *rest]:
                found.tables[name] = [w for w in rest if w not in ("{", "}", ",")]
            case ["action", name, method, *rest]:
                found.actions[name] = Action(name, method, _options(rest))
            case ["smtp", "sub-addr-delim", char]:
                found.delimiter = char
            case ["match", *rest]:
                found.rules.append(_rule(rest, where))
            case _:
                pass  # nothing that decides where mail goes


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Logical lines as words, with the number of the first: a backslash joins, a brace holds."""
    words: list[str] = []
    first = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not words:
            first = number
        joined = line.rstrip().endswith("\\")
        for match in _WORD.finditer(line.rstrip().removesuffix("\\")):
            if match[2]:
                break
            words.append(match[1] if match[1] is not None else match[0])
        if words and not joined and words.count("{") == words.count("}"):
            yield first, words
            words = []


def _options(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("alias", "virtual", "userbase", "user", "host"):
        if name in words[:-1]:
            found[name] = words[words.index(name) + 1].strip("<>")
    return found


def _rule(words: list[str], where: Where) -> Rule:
    conditions: list[tuple[str, bool, list[str]]] = []
    action: str | None = None
    at = 0
    positive = True
    while at < len(words):
        word = words[at]
        at += 1
        if word == "!":
            positive = False
            continue
        if word == "action" and at < len(words):
            action = words[at]
            at += 1
        elif word in ("for", "from") and at < len(words):
            kind = words[at]
            at += 1
            values: list[str] = []
            if kind in ("domain", "rcpt-to", "src", "rdns", "mail-from"):
                values, at = _values(words, at)
            conditions.append((f"{word} {kind}", positive, values))
        elif word in ("auth", "tls", "tag", "helo", "mail-from", "rcpt-to"):
            values = []
            if word != "tls" and at < len(words) and words[at] not in ("for", "from", "action"):
                values, at = _values(words, at)
            conditions.append((word, positive, values))
        positive = True
    return Rule(conditions, action, where)


def _values(words: list[str], at: int) -> tuple[list[str], int]:
    if at < len(words) and words[at] == "{":
        end = words.index("}", at) if "}" in words[at:] else len(words)
        return [w for w in words[at + 1 : end] if w != ","], end + 1
    return words[at : at + 1], at + 1


def listed(place: MailHost, rules: Rules, values: list[str]) -> list[str]:
    """Values with the tables among them replaced by what they hold."""
    found: list[str] = []
    for value in values:
        if not value.startswith("<"):
            found.append(value)
            continue
        table = rules.tables.get(value.strip("<>"), [])
        if isinstance(table, list):
            found += table
        elif table.startswith(("file:", "/")):
            text = (place.text(Path(table.removeprefix("file:"))) or b"").decode("utf-8", "replace")
            found += [w for line in text.split("\n") if (w := line.partition("#")[0].strip())]
    return found


def decide(place: MailHost, rules: Rules, address: str, names: tuple[str, ...]) -> Rule | None:
    """The first rule that takes an address of mail that begins on this host; `names` are the
    host's own."""
    domain = address.rpartition("@")[2]
    for rule in rules.rules:
        if all(
            _holds(place, rules, one, values, address, domain, names) is positive
            for one, positive, values in rule.conditions
        ) and any(one.startswith("for ") for one, _, _ in rule.conditions):
            return rule
    return None


def _holds(
    place: MailHost, rules: Rules, one: str, values: list[str], address: str, domain: str,
    names: tuple[str, ...],
) -> bool:  # fmt: skip
    match one:
        case "from any" | "from local" | "from socket" | "for any":
            return True
        case "for local":
            return domain in names
        case "for domain":
            wanted = listed(place, rules, values)
            return any(fnmatch.fnmatchcase(domain, pattern.lower()) for pattern in wanted)
        case "for rcpt-to" | "rcpt-to":
            return address.lower() in (v.lower() for v in listed(place, rules, values))
        case _:
            return False
