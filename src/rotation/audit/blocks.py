"""Configuration files whose grammar is more than a line: apt.conf, sudoers, XML, objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rotation.audit.model import Setting

_APT = re.compile(
    r"""(?P<comment>//[^\n]*|\#[^\n]*|/\*.*?\*/)|(?P<string>"(?:[^"\\\n]|\\.)*")"""
    r"""|(?P<mark>[{};])|(?P<word>(?:(?!//|/\*)[^\s{};"#])+)""",
    re.DOTALL,
)
_CLEAR = re.compile(r"#clear\s+([^\s;]+)")
_DEFAULTS = re.compile(r"\s*Defaults(?P<scope>[@:!>]\S+)?\s+(?P<rest>.*)")
_PARAMETER = re.compile(
    r'(?P<not>!*)\s*(?P<key>[A-Za-z_]\w*)\s*(?:[+-]?=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^,\s]*))?'
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.-]*)(?:\s[^<>]*)?>([^<]*)</\1\s*>")
_REMARKS = re.compile(r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/|//[^\n]*|\#[^\n]*', re.DOTALL)
_OBJECT = re.compile(r"\s*(?:object|template|apply)\s+(\w+)")
_ASSIGNED = re.compile(r'\s*([A-Za-z_][\w.]*)\s*\+?=\s*"?([^"\n]*?)"?\s*;?\s*$')
_DEFINE = re.compile(r"\s*define\s+(\w+)\s*\{?")
_REMARK = re.compile(r"\s#.*")
_ATTRIBUTE = re.compile(r"\s*([A-Za-z_]\w*)\s+([^;]*)")


def apt(lines: Sequence[str]) -> Iterator[Setting]:
    """apt.conf(5): `A::B "value";` and `A { B "value"; };`, with all three kinds of comments.

    Keys come whole (A::B). What `#clear` takes away is the empty value.
    """
    text = "\n".join(lines)
    scopes: list[str] = []
    names: list[str] = []
    values: list[str] = []
    start = 0
    for token in _APT.finditer(text):
        if token.lastgroup == "comment":
            if match := _CLEAR.match(token.group()):
                yield Setting(match[1], "", text.count("\n", 0, token.start()) + 1)
            continue
        if token.lastgroup == "word":
            if not names:
                start = token.start()
            (values if names else names).append(token.group())
        elif token.lastgroup == "string":
            if not names and not values:
                start = token.start()
            values.append(token.group()[1:-1])
        elif token.group() == "{":
            scopes.append("::".join(names))
            names, values = [], []
        else:
            if token.group() == ";" and (names or values):
                key = "::".join(part for part in (*scopes, *names) if part)
                yield Setting(key, " ".join(values), text.count("\n", 0, start) + 1)
            if token.group() == "}" and scopes:
                scopes.pop()
            names, values = [], []


def sudoers(lines: Sequence[str]) -> Iterator[Setting]:
    """sudoers(5): the parameters of `Defaults` lines, backslashes joined; a flag is "true".

    The section is a scope (`Defaults:alice`) or "global". `!mailto` is the empty value, `!flag`
    is "false".
    """
    number = 0
    while number < len(lines):
        start, line = number + 1, lines[number]
        while line.endswith("\\") and number + 1 < len(lines):
            number += 1
            line = line[:-1] + lines[number]
        number += 1
        match = _DEFAULTS.match(line)
        if match is None:
            continue
        for parameter in _PARAMETER.finditer(_REMARK.sub("", match["rest"])):
            value = parameter["value"]
            if value is None:
                negated = len(parameter["not"]) % 2 == 1
                value = "false" if negated else "true"
                if negated and parameter["key"].startswith("mailto"):
                    value = ""
            key = parameter["key"]
            yield Setting(key, value.strip('"'), start, match["scope"] or "global")


def xml(lines: Sequence[str]) -> Iterator[Setting]:
    """Elements that hold only text, comments left out; not an XML parser, for ossec.conf is
    several documents in one file."""
    text = "\n".join(lines)
    text = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for match in _ELEMENT.finditer(text):
        yield Setting(match[1], match[2].strip(), text.count("\n", 0, match.start()) + 1)


def objects(lines: Sequence[str]) -> Iterator[Setting]:
    """Icinga 2: `key = "value"` inside `object TYPE "name" { }`; TYPE is the section."""
    text = _REMARKS.sub(
        lambda match: (
            match.group() if match.group().startswith('"') else re.sub(r"[^\n]", " ", match.group())
        ),
        "\n".join(lines),
    )
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        if match := _OBJECT.match(line):
            section = match[1]
            line = line[match.end() :].partition("{")[2].rstrip().removesuffix("}")
        elif line.startswith("}"):
            section = ""
        if match := _ASSIGNED.match(line):
            yield Setting(match[1], match[2], number, section)


def nagios(lines: Sequence[str]) -> Iterator[Setting]:
    """Nagios objects: `key value ; remark` inside `define TYPE { }`; TYPE is the section."""
    section = ""
    for number, line in enumerate(lines, 1):
        if line.lstrip()[:1] in ("#", ";"):
            continue
        if match := _DEFINE.match(line):
            section = match[1]
        elif line.strip().startswith("}"):
            section = ""
        elif section and (match := _ATTRIBUTE.match(line)):
            yield Setting(match[1], match[2].strip(), number, section)


def smartd(lines: Sequence[str]) -> Iterator[Setting]:
    """smartd.conf(5): for each device the value of its `-m`, key "-m"; the device is the section.

    `DEFAULT` lines hold for those below them; nothing below DEVICESCAN counts. `<nomailer>`, which
    only runs a program, is not an address.
    """
    default = ""
    for number, words in _device_lines(lines):
        after = dict(pairwise(words))
        address = after.get("-m", default)
        if words[0] == "DEFAULT":
            default = address
            continue
        # -d ignore leaves a device alone, -d removable is for one that may be missing
        if after.get("-d") != "ignore":
            yield Setting("-m", "" if address == "<nomailer>" else address, number, words[0])
        if words[0] == "DEVICESCAN":
            return


def _device_lines(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The words of each line, those that a backslash joins being one."""
    number = 0
    while number < len(lines):
        start, line = number + 1, lines[number].partition("#")[0]
        while line.rstrip().endswith("\\") and number + 1 < len(lines):
            number += 1
            line = line.rstrip()[:-1] + " " + lines[number].partition("#")[0]
        number += 1
        if words := line.split():
            yield start, words
