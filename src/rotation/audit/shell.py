"""Whom a shell script mails, read from its text.

What counts is a command (after `|`, `;`, `then`, …) that is one of the known mailers, with its
options: mailx(1), sendmail(8), msmtp(1), swaks(1). A plain assignment in the same script stands
for its variable; any other variable stays one, and cannot be followed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from rotation.dataclasses import dataclass

_COMMAND = re.compile(
    r"(?:^|[|;&({`!]|\$\(|\b(?:then|do|else|exec|sudo|env|nice|ionice|time)\s)\s*"
    r"(?:\w+=\S*\s+)*(?:/[\w./-]*/)?(mailx?|s-nail|heirloom-mailx|mutt|sendmail|msmtp|swaks)"
    r"(?=\s|$)(?P<rest>[^\n]*)"
)
_ASSIGNED = re.compile(
    r"""^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=(?:"([^"$`]*)"|'([^']*)'|([^\s"'$`;]*))"""
)
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|([A-Za-z_]\w*))")
_HEADER = re.compile(
    r"""(?:^|[;({]|&&)\s*(?:(?:echo|printf)\s+(?:-\w+\s+)*)?["']?(?:To|Cc|Bcc):\s*([^\n\\"';]+)""",
    re.IGNORECASE,
)
_END = frozenset(
    {"|", ";", "&", "&&", "||", "<", ">", ">>", "<<", "<<<", ")", "`", "}", "2>&1", ">&"}
)
_PLAIN = re.compile(r"(?:\+\d|[A-Za-z0-9_$])[A-Za-z0-9_.+@%{}$=-]*")
_WITH_VALUE = {
    "mail": "sarSqbcA",
    "sendmail": "fFrCLNORVXBp",
    "msmtp": "fFCaXN",
}
_RECIPIENTS = {"mail": "bc", "sendmail": "", "msmtp": ""}
_SWAKS = ("-t", "--to", "--cc", "--bcc")


@dataclass(frozen=True, slots=True)
class Mailed:
    """Whom a script mails: the address as the shell would have it, and its line, from 1."""

    address: str
    line: int


def mailed(text: str) -> tuple[Mailed, ...]:
    """Everybody whom a shell script, or one command of it, mails; each once."""
    values = _values(text)
    people: dict[str, Mailed] = {}
    from_header = False
    for number, line in _logical(text):
        for match in _COMMAND.finditer(line):
            words, header = _recipients(match[1], match["rest"])
            from_header = from_header or header
            for word in words:
                for address in re.split(r"[,\s]+", _expanded(word, values)):
                    if _PLAIN.fullmatch(address):
                        people.setdefault(address, Mailed(address, number))
    for number, line in _logical(text) if from_header else ():
        for header_line in _HEADER.finditer(line):
            for part in _expanded(header_line[1], values).split(","):
                address = part.rpartition("<")[2].strip(" >\t")
                if _PLAIN.fullmatch(address):
                    people.setdefault(address, Mailed(address, number))
    return tuple(people.values())


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are no comments, joined at backslashes, with the number of their first."""
    begun, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        start = start or number
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        if not (begun + line).lstrip().startswith("#"):
            yield start, begun + line
        begun, start = "", 0
    if begun:
        yield start, begun


def _values(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for _, line in _logical(text):
        if match := _ASSIGNED.match(line):
            values[match[1]] = next((part for part in match.groups()[1:] if part), "")
    return values


def _expanded(word: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[3]
        known = values.get(name) or match[2]
        return known if known else match[0]

    return _VARIABLE.sub(value, word)


def _recipients(program: str, rest: str) -> tuple[list[str], bool]:
    """The recipients of a mailer's command line, and whether it takes them from the headers."""
    kind = program if program in ("swaks", "sendmail", "msmtp") else "mail"
    words = list(_words(rest))
    if kind == "swaks":
        return _swaks(words), False
    valued, recipients = _WITH_VALUE[kind], _RECIPIENTS[kind]
    addresses: list[str] = []
    header = False
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            addresses += words[at:]
            break
        if not word.startswith("-") or word == "-":
            addresses.append(word)
            continue
        if word.startswith("--"):
            header = header or word == "--read-recipients"
            continue
        for index, letter in enumerate(word[1:], 1):
            if letter == "t" and kind != "mail":
                header = True
            if letter in "o" and kind != "mail":
                break  # -oi, -oem and their like hold their value
            if letter in valued:
                value = word[index + 1 :]
                if not value and at < len(words):
                    value = words[at]
                    at += 1
                if letter in recipients:
                    addresses.append(value)
                break
    return addresses, header


def _swaks(words: list[str]) -> list[str]:
    addresses = []
    for index, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in _SWAKS:
            addresses.append(value if equals else "".join(words[index + 1 : index + 2]))
    return addresses


def _words(rest: str) -> Iterator[str]:
    """The words of a command up to where the shell ends it."""
    lexer = shlex.shlex(rest, posix=True, punctuation_chars="|;&<>()`")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        for word in lexer:
            if set(word) <= set("|;&<>()`}"):
                return
            yield word
    except ValueError:  # a quote that ends on a later line
        return
