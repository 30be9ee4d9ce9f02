"""Splitting what stands behind an alias, in a list or a .forward, as each server does."""

from __future__ import annotations

import re

from rotation.mail.grammar.postfix import Token, postfix_tokens

_PARTS = re.compile(r'"(?:\\.|[^"\\])*"?|\((?:\\.|[^)\\])*\)?|<[^>]*>?|\\.|,|[^"(<\\,]+', re.DOTALL)
_ANGLE = re.compile(r"<([^<>]*)>\s*\Z")
_COMMENT = re.compile(r"\((?:\\.|[^()\\])*(?:\)|\Z)")
_ROUTE = re.compile(r"@[^:@]*:")
SPACE = " \t\n\v\f\r"
"""White space as C has it; str.strip() would take no-break spaces away too."""


def postfix_items(text: str) -> list[str]:
    """The recipients in a text, as tok822 of Postfix sees them: a comma or white space parts them
    (aliases(5), RFC 822)."""
    groups: list[list[Token]] = [[]]
    begun = 0  # where the part between two commas begins
    for token in postfix_tokens(text.encode("utf-8", "surrogateescape")):
        if token.kind == "comment":
            continue
        if token.kind in (",", ";"):
            begun = len(groups)
            groups.append([])
            continue
        if token.kind == ":" and ";" in text and len(groups) == begun + 1 and len(groups[-1]) == 1:
            groups[begun:] = [[]]  # what came before it was the name of a group
            continue
        if token.kind == "<":  # what came before it was a display name
            groups[begun:] = [[]]
            continue
        if token.kind == ">":
            groups.append([])
            continue
        if token.word and groups[-1] and groups[-1][-1].word:
            groups.append([])
        groups[-1].append(token)
    joined = (b"".join(_whole(token) for token in group) for group in groups if group)
    return [direct(item.decode("utf-8", "surrogateescape")) for item in joined]


def direct(item: str) -> str:
    """An address without its source route (RFC 5321, appendix C)."""
    return _ROUTE.sub("", item) if item.startswith("@") else item


def _whole(token: Token) -> bytes:
    return b"[" + token.text + b"]" if token.kind == "literal" else token.text


def comma_items(text: str) -> list[str]:
    """The members of a comma list, with regard to quotes, comments and angle brackets."""
    items = [""]
    for part in _PARTS.findall(text):
        if part == ",":
            items.append("")
        else:
            items[-1] += part
    return [item.strip(SPACE) for item in items if item.strip(SPACE)]


def plain(item: str) -> str:
    """A member without its comments, display name and the quotes around all of it."""
    if item.startswith(('"', "|", "/", ":", "\\")):
        whole = re.fullmatch(r'"((?:\\.|[^"\\])*)"', item)
        return re.sub(r"\\(.)", r"\1", whole[1]) if whole else item
    item = _COMMENT.sub("", item).strip(SPACE)
    angle = _ANGLE.search(item)
    return direct(angle[1].strip(SPACE)) if angle else item


def bytes_of(size: str, units: str) -> int | None:
    """The bytes that a size such as 20M says, in powers of 1024 by the place of its letter in
    `units`; None where it is not a size."""
    number = size[:-1] if size[-1:] and size[-1] in units else size
    factor = 1024 ** (units.index(size[-1]) + 1) if number != size else 1
    return int(number) * factor if number.isdigit() else None
