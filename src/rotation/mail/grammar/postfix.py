"""How Postfix reads an aliases file: aliases(5), postalias(1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rotation.dataclasses import dataclass
from rotation.mail.grammar.model import (
    SPACE,
    SPACES,
    STRAY,
    Builder,
    Dialect,
    Line,
    Scan,
    Section,
)

_POSTFIX_SIMPLE = re.compile(rb"([A-Za-z0-9_.+-]+)[ \t]*:")
_POSTFIX_SPECIALS = b'|%!()<>@,;:\\".[]'
_POSTFIX_SPACE = b" \t\r\n"


def scan(text: bytes, sections: Iterable[Section]) -> Scan:
    """Read the sections of a file line by line, without judging it as a whole."""
    out = Builder(Dialect.POSTFIX)
    for section in sections:
        for own in logical_lines(text, section):
            _postfix_entry(b"".join(line.body for line in own), own, out)
    return out.done()


def logical_lines(text: bytes, lines: Section) -> Iterator[list[Line]]:
    """The lines that make an entry each; comments and blank lines may stand between them."""
    at = 0
    while at < len(lines):
        own: list[Line] = []
        while at < len(lines):
            line = lines[at]
            if line.body.strip(SPACE) and not line.comment:
                own.append(line)
            at += 1
            following = text[line.end : line.end + 1]
            if own and following != b"#" and following not in SPACES:
                break
        if own:
            yield own


def _postfix_entry(logical: bytes, own: list[Line], out: Builder) -> None:
    first = own[0].number
    if logical[:1] in SPACES:
        out.odd(first, STRAY)
        return
    whole, logical = logical, logical.split(b"\0")[0]
    if not logical.isascii() and not _is_utf8(whole):
        out.odd(first, "is not UTF-8: dropped")
        return
    simple = _POSTFIX_SIMPLE.match(logical)
    if simple:
        key, rest = simple[1], logical[simple.end() :]
        why = "" if rest.strip(_POSTFIX_SPACE) else "has nothing after the colon: dropped"
        out.add(key, rest.lstrip(_POSTFIX_SPACE), own, why)
        return
    tokens = postfix_tokens(logical)
    colon = next((i for i, token in enumerate(tokens) if token.kind == ":"), 0)
    before = {token.kind for token in tokens[:colon]}
    if colon == 0 or "," in before:
        out.odd(first, "is not a name, a colon and a value: dropped")
        return
    key = postfix_key(tokens[:colon])
    value = logical[tokens[colon].end :].lstrip(_POSTFIX_SPACE)
    why = ""
    if colon + 1 == len(tokens):
        why = "has nothing after the colon: dropped"
    elif before & {"@", "%"}:
        why = "has a name that is not local: dropped"
    out.add(key, value, own, why)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Token:
    """A token of Postfix's: `kind` is atom, quoted, literal, comment, or the operator itself."""

    kind: str
    text: bytes
    end: int

    @property
    def word(self) -> bool:
        """Whether it is more than an operator."""
        return len(self.kind) > 1


def postfix_tokens(text: bytes) -> list[Token]:
    """Split a logical line into the tokens of RFC 822 that Postfix works on (postalias(1))."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        char = text[at : at + 1]
        if char in (b"(", b'"', b"["):
            kind = {b"(": "comment", b'"': "quoted", b"[": "literal"}[char]
            word, at = (
                _comment(text, at)
                if char == b"("
                else _collect(text, at + 1, b'"' if char == b'"' else b"]")
            )
            if char != b"(":
                at = min(at + 1, len(text))  # past the closing quote, where there is one
            tokens.append(Token(kind, word, at))
        elif char in _POSTFIX_SPACE:
            at += 1
        elif char in _POSTFIX_SPECIALS and char != b"\\":
            at += 1
            tokens.append(Token(char.decode("ascii"), char, at))
        else:
            word, at = _collect(text, at, _POSTFIX_SPACE + _POSTFIX_SPECIALS)
            plain = not any(byte < 33 or byte == 127 or byte in _POSTFIX_SPECIALS for byte in word)
            tokens.append(Token("atom" if plain else "quoted", word, at))
    return tokens


def _collect(text: bytes, at: int, stops: bytes) -> tuple[bytes, int]:
    word = bytearray()
    while at < len(text):
        char = text[at]
        if char == 0x5C:  # a backslash takes the next byte as it is
            at += 1
            if at == len(text):
                break
            char = text[at]
        elif char in stops:
            break
        word.append(0x20 if char in _POSTFIX_SPACE else char)
        at += 1
    return bytes(word), at


def _comment(text: bytes, at: int) -> tuple[bytes, int]:
    start, depth = at, 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == 0x28:
            depth += 1
        elif char == 0x29:
            depth -= 1
            if depth == 0:
                break
        elif char == 0x5C and at < len(text):
            at += 1
    return text[start:at], at


def postfix_key(tokens: list[Token]) -> bytes:
    """Put the tokens of a name together again, unquoted, as Postfix stores it."""
    out = bytearray()
    for i, token in enumerate(tokens):
        out += b"[" + token.text + b"]" if token.kind == "literal" else token.text
        if i + 1 < len(tokens) and (
            tokens[i + 1].kind == "<" or (token.word and tokens[i + 1].word)
        ):
            out += b" "
    return bytes(out)
