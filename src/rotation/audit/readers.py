"""Configuration files as their tools read them, line by line: text in, settings out.

Each reader takes the lines of a file and gives its settings in order. They are tolerant: a line
that makes no sense is no setting. Commented-out defaults do not count.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence

from rotation.audit import blocks
from rotation.audit.model import Setting

Reader = Callable[[Sequence[str]], Iterable[Setting]]

_ASSIGNMENT = re.compile(r"\s*(?:export\s+|readonly\s+|declare\s+(?:-\w+\s+)*)?([A-Za-z_]\w*)=(.*)")
_WORDS = re.compile(r"\s*([^\s#;]\S*)\s+(.*)")
_SECTION = re.compile(r"\s*\[\s*([^\]]+?)\s*\]")
_EITHER = re.compile(r"[=:]")
_REMARKS = re.compile(r"[#;]")
_REMARK = re.compile(r"\s[#;].*")
_LONGEST = 50
"""Lines that a quoted value may go on over."""


def shell(lines: Sequence[str]) -> Iterator[Setting]:
    """Assignments of sh(1), as in /etc/default: `KEY="value"`, quotes and comments understood."""
    at = 0
    while at < len(lines):
        number = at + 1
        match = _ASSIGNMENT.match(lines[at])
        at += 1
        if match is None:
            continue
        text = match[2]
        words = _words(text)
        while words is None and at < len(lines) and at - number < _LONGEST:
            text += "\n" + lines[at]
            words = _words(text)
            at += 1
        if words is None:  # a quote that nothing ends: the line is as far as it goes
            at, words = number, [match[2]]
        # an assignment before a command is for that command alone
        if len(words) <= 1 or words[1] in (";", "&&"):
            yield Setting(match[1], words[0] if words else "", number)


def _words(text: str) -> list[str] | None:
    """The words after the equals sign; the first is the value. None: a quote is open."""
    if not text or text[0].isspace():
        return [""]
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=";&")
        lexer.whitespace_split = True
        lexer.commenters = ""
        first = list(lexer)
    except ValueError:
        return None
    cut = next((i for i, word in enumerate(first) if word.startswith("#")), len(first))
    return first[:cut]


def equals(lines: Sequence[str]) -> Iterator[Setting]:
    """`key = value`, with or without quotes; `#` and `;` begin remarks."""
    for number, line in enumerate(lines, 1):
        key, sign, value = line.partition("=")
        if sign and key.strip() and not _REMARKS.search(key):
            yield Setting(key.strip(), bare(value), number)


def words(lines: Sequence[str]) -> Iterator[Setting]:
    """`key value`, as in mdadm.conf(5); a semicolon may end it, as in psad.conf."""
    for number, line in enumerate(_joined(lines, "#"), 1):
        if match := _WORDS.match(line):
            yield Setting(match[1], bare(match[2]).removesuffix(";"), number)


def ini(lines: Sequence[str]) -> Iterator[Setting]:
    """`[section]`, `key = value` or `key: value`; an indented line goes on the value above it."""
    section, open_one = "", None
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if open_one is not None and line[0].isspace():
            value = f"{open_one.value}\n{bare(stripped)}"
            open_one = Setting(open_one.key, value, open_one.line, section)
            continue
        if open_one is not None:
            yield open_one
            open_one = None
        if match := _SECTION.match(line):
            section = match[1]
        elif (sign := _EITHER.search(stripped)) and sign.start():
            key, value = stripped[: sign.start()].rstrip(), stripped[sign.end() :]
            open_one = Setting(key, bare(value), number, section)
    if open_one is not None:
        yield open_one


def flat(lines: Sequence[str]) -> Iterator[Setting]:
    """Like `ini`, where indentation means nothing: git-config(1), php.ini, unit files."""
    return ini([line.strip() for line in lines])


def postfix(lines: Sequence[str]) -> Iterator[Setting]:
    """main.cf, postconf(5): `#` only begins a line, indented lines go on, quotes are no quotes."""
    for number, line in enumerate(_joined(lines, "#"), 1):
        key, sign, value = line.partition("=")
        if sign and key.strip():
            yield Setting(key.strip(), value.strip(), number)


def text(lines: Sequence[str]) -> Iterator[Setting]:
    """Every line that is no comment, whole; the table's `pattern` finds what is in it."""
    for number, line in enumerate(lines, 1):
        if line.strip() and line.lstrip()[0] != "#":
            yield Setting("", line.strip(), number)


def logical(lines: Sequence[str]) -> Iterator[Setting]:
    """Like `text`, with lines that end in a backslash joined: smartd.conf(5), sh(1)."""
    number = 0
    while number < len(lines):
        start, whole = number + 1, lines[number]
        while whole.endswith("\\") and number + 1 < len(lines):
            number += 1
            whole = whole[:-1] + " " + lines[number]
        number += 1
        if whole.strip() and not whole.lstrip().startswith("#"):
            yield Setting("", _REMARK.sub("", whole).strip(), start)


def bare(value: str) -> str:
    """A value without its quotes, or without the remark behind it."""
    value = value.strip()
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        if end > 0 and (end == len(value) - 1 or value[end + 1] in " \t#;,"):
            return value[1:end]
    return _REMARK.sub("", f" {value}").strip()


def _joined(lines: Sequence[str], comment: str) -> list[str]:
    """The lines with indented ones moved to the end of the one they go on; none is lost."""
    joined: list[str] = []
    last = None
    for line in lines:
        if not line.strip() or line.lstrip().startswith(comment):
            joined.append("")
        elif line[0].isspace() and last is not None:
            joined[last] += " " + line.strip()
            joined.append("")
        else:
            last = len(joined)
            joined.append(line)
    return joined


READERS: dict[str, Reader] = {
    "shell": shell,
    "equals": equals,
    "words": words,
    "ini": ini,
    "flat": flat,
    "postfix": postfix,
    "text": text,
    "logical": logical,
    "apt": blocks.apt,
    "sudoers": blocks.sudoers,
    "xml": blocks.xml,
    "objects": blocks.objects,
    "nagios": blocks.nagios,
    "smartd": blocks.smartd,
}
