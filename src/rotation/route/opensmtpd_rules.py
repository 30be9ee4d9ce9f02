"""The part of smtpd.conf(5) that decides where mail of this host goes: tables, actions, matches."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path

from rotation.dataclasses import dataclass, field, replace
from rotation.errors import Where
from rotation.mail.opensmtpd import CONFIGS
from rotation.route.doubts import LEAST_SIZE, Doubt
from rotation.route.tree import MailHost
from rotation.route.words import bytes_of

_WORD = re.compile(r'"([^"]*)"|(#.*)|([{}!,])|([^\s{}!,"]+)')
_HARMLESS = (
    "listen", "smtp", "pki", "ca", "queue", "mta", "admd", "bounce", "srs", "proc", "proc-exec",
    "filter", "limit", "table",
)  # fmt: skip
"""Directives that do not decide where mail of this host goes (smtpd.conf(5))."""
_OPTIONS = {
    "alias": 1, "virtual": 1, "userbase": 1, "user": 1, "ttl": 1, "host": 1, "domain": 1,
    "helo": 1, "helo-src": 1, "pki": 1, "ca": 1, "tls": 0, "auth": 1, "src": 1, "mail-from": 1,
    "srs": 0, "backup": 0, "mx": 1, "junk": 0, "no-verify": 0,
}  # fmt: skip
"""Options of an action, with how many words each takes."""
_LOCAL = ("mbox", "maildir", "mda", "lmtp", "expand-only", "forward-only")


@dataclass(slots=True)
class Action:
    """What an `action` line says."""

    name: str
    method: str
    options: dict[str, str]
    argument: str = ""
    """What stands behind the method: a path, a command, a socket."""
    unknown: str = ""
    """An option that is not followed."""

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
    unsure: str = ""
    """Why it cannot be told whether it takes an address."""


@dataclass(slots=True)
class Rules:
    """All of a configuration."""

    tables: dict[str, str | list[str]] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    """What is not followed and could divert any mail."""
    macros: dict[str, str] = field(default_factory=dict)
    delimiter: str = "+"


def read(place: MailHost, config: Path | None) -> Rules | None:
    """The configuration; None when there is none."""
    for path in (config,) if config else CONFIGS:
        if place.text(path) is not None:
            rules = Rules()
            _read(place, path, rules, 0)
            return rules
    return None


def _read(place: MailHost, path: Path, rules: Rules, depth: int) -> None:
    for number, words in _lines((place.text(path) or b"").decode("utf-8", "surrogateescape")):
        where = Where(str(path), number)
        words = [rules.macros.get(w[1:], w) if w.startswith("$") else w for w in words]
        match words:
            case ["include", other] if depth < 5:
                _read(place, Path(other), rules, depth + 1)
            case ["table", name, source] if source != "{":
                rules.tables[name] = source
            case ["table", name, "{", *rest]:
                rules.tables[name] = [w for w in rest if w not in ("{", "}", ",")]
            case ["action", name, method, *rest]:
                rules.actions[name] = _action(name, method, rest)
            case [name, "=", *rest]:
                rules.macros[name] = " ".join(rest)
            case ["smtp", "sub-addr-delim", char]:
                rules.delimiter = char
            case ["match", *rest]:
                rules.rules.append(_rule(rest, where))
            case [("listen" | "smtp"), *rest] if "filter" in rest or _small(rest):
                rules.doubts.append(Doubt(" ".join(words), where))
            case [first, *_] if first in _HARMLESS:
                pass
            case _:
                rules.doubts.append(Doubt(" ".join(words), where))


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


def _small(words: list[str]) -> bool:
    """Whether a limit is so low that ordinary mail is refused (`smtp max-message-size`)."""
    if words[:1] != ["max-message-size"]:
        return False
    limit = bytes_of(words[1].upper() if len(words) > 1 else "", "KMGT")
    return limit is None or limit < LEAST_SIZE


def _action(name: str, method: str, words: list[str]) -> Action:
    """An `action` line."""
    argument = unknown = ""
    if method in ("maildir", "mda", "lmtp") and words and words[0] not in _OPTIONS:
        argument, words = words[0], words[1:]
    options: dict[str, str] = {}
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("rcpt-to",) and method == "lmtp":
            at += 1
            continue
        if word not in _OPTIONS:
            unknown = unknown or word
            at += 1
            continue
        taken = _OPTIONS[word]
        options[word] = words[at + 1].strip("<>") if taken and at + 1 < len(words) else ""
        at += 1 + taken
    return Action(name, method, options, argument, unknown)


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
                regex = words[at : at + 1] == ["regex"]
                values, at = _values(words, at + regex)
                values += ["regex"] * regex
            conditions.append((f"{word} {kind}", positive, values))
        elif word in ("auth", "tls", "tag", "helo", "mail-from", "rcpt-to"):
            values = []
            if word != "tls" and at < len(words) and words[at] not in ("for", "from", "action"):
                values, at = _values(words, at)
            conditions.append((word, positive, values))
        elif word != "reject":
            conditions.append((word, positive, []))  # what it means is not known
        positive = True
    return Rule(conditions, action, where)


def _values(words: list[str], at: int) -> tuple[list[str], int]:
    if at < len(words) and words[at] == "{":
        end = words.index("}", at) if "}" in words[at:] else len(words)
        return [w for w in words[at + 1 : end] if w != ","], end + 1
    return words[at : at + 1], at + 1


def _opaque(rules: Rules, value: str) -> bool:
    """Whether a value is a table, or a kind of matching, that cannot be looked into."""
    if not value.startswith("<"):
        return value == "regex"
    source = rules.tables.get(value.strip("<>"))
    return source is None or (isinstance(source, str) and not source.startswith(("file:", "/")))


def listed(place: MailHost, rules: Rules, values: list[str]) -> list[str]:
    """Values with the tables among them replaced by what they hold."""
    members: list[str] = []
    for value in values:
        if not value.startswith("<"):
            members.append(value)
            continue
        table = rules.tables.get(value.strip("<>"), [])
        if isinstance(table, list):
            members += table
        elif table.startswith(("file:", "/")):
            text = (place.text(Path(table.removeprefix("file:"))) or b"").decode("utf-8", "replace")
            members += [w for line in text.split("\n") if (w := line.partition("#")[0].strip())]
    return members


def decide(place: MailHost, rules: Rules, address: str, names: tuple[str, ...]) -> Rule | None:
    """The first rule that takes an address of mail that begins on this host; `names` are the
    host's own."""
    domain = address.rpartition("@")[2]
    for rule in rules.rules:
        if not any(condition.startswith("for ") for condition, _, _ in rule.conditions):
            continue
        held = [
            (condition, _holds(place, rules, condition, values, address, domain, names), positive)
            for condition, positive, values in rule.conditions
        ]
        if any(answer is (not positive) for _, answer, positive in held):
            continue
        unknown = [condition for condition, answer, _ in held if answer is None]
        if unknown:
            return replace(rule, unsure=f"{rule.where}: match … {unknown[0]} is not followed")
        return rule
    return None


def _holds(
    place: MailHost, rules: Rules, condition: str, values: list[str], address: str, domain: str,
    names: tuple[str, ...],
) -> bool | None:  # fmt: skip
    """Whether a condition holds for mail that begins on this host; None: it cannot be told."""
    if any(_opaque(rules, value) for value in values):
        return None
    match condition:
        case "from any" | "from local" | "from socket" | "for any":
            return True
        case "for local":
            return domain in names
        case "for domain":
            wanted = listed(place, rules, values)
            return any(fnmatch.fnmatchcase(domain, pattern.lower()) for pattern in wanted)
        case "for rcpt-to" | "rcpt-to":
            return address.lower() in (v.lower() for v in listed(place, rules, values))
        case "from src":
            # what this host hands in by its socket is from none of them
            near = ("local", "127.", "::1", "0.0.0.0/0", "::/0", "localhost")
            sources = listed(place, rules, values)
            return None if any(value.startswith(near) for value in sources) else False
        case "tls":
            return False  # mail that is handed in on this host does not come by it
        case "tag":
            return [value.lower() for value in values] == ["local"] or None
        case _:
            return None
