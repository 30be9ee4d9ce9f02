"""The list that a redirect router of Exim's works on: addresses, commands, files, special items.

Source: the Exim specification, chapter "The redirect router", sections on redirection items and
on their errors: one bad item puts the whole address off, unless the router skips those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from rotation.dataclasses import dataclass, field
from rotation.errors import Where
from rotation.route.model import Stop
from rotation.route.tree import MailHost
from rotation.route.words import SPACE, direct, plain
from rotation.system import Account

_ITEM = re.compile(r'"(?:\\.|[^"\\\n])*"?|\((?:\\.|[^)\\\n])*\)?|<[^>\n]*>?|\\.|[^"(<\\,\n]')
_ATOM = r"[^\s()<>@,;:\\\".\[\]\x00-\x1f]+"
_ADDRESS = re.compile(
    rf"(?:{_ATOM}(?:\.{_ATOM})*|\"(?:\\.|[^\"\\])*\")(?:@[A-Za-z0-9.\[\]:-]+)?\Z", re.ASCII
)
_SPECIAL = re.compile(r":(defer|blackhole|fail):\s*(.*)\Z", re.DOTALL)
_DEEPEST = 20

Locate = Callable[[int, str], Where]
"""From the line in the text (counted from 1) and an item to where it stands."""


@dataclass(frozen=True, slots=True)
class Redirected:
    """One item, and the lists that it came through, the outermost first. One that was `quoted` by a
    backslash is at the domain of the address that led to it."""

    text: str
    where: Where
    lists: tuple[tuple[str, Where], ...] = ()
    quoted: bool = False


@dataclass(slots=True)
class Listed:
    """All items, or why the address goes nowhere."""

    items: list[Redirected] = field(default_factory=list)
    fault: tuple[Stop, str] | None = None
    included: list[tuple[str, Where]] = field(default_factory=list)


def addressed(item: str) -> bool:
    """Whether an item is an address with a domain, however it begins: `|x@example.com` is one."""
    return "@" in item and _ADDRESS.match(item) is not None


def parse(
    place: MailHost,
    text: str,
    locate: Locate,
    flags: frozenset[str],
    reader: Account | None = None,
    lists: tuple[tuple[str, Where], ...] = (),
) -> Listed:
    """Read a list as Exim does; `flags` are those of the router, `reader` whose rights it has."""
    listed = Listed()
    for line, raw, rest in _split(text):
        item = direct(plain(raw)) if not raw.startswith('"') else _unquoted(raw)
        special = _SPECIAL.match(_unquoted(raw) if raw.startswith('"') else rest)
        if special:
            _special(listed, special[1], special[2].strip(), flags)
            return listed
        if item.startswith(":include:"):
            _include(place, listed, item[9:].strip(), locate(line, item), flags, reader, lists)
            if listed.fault is not None:
                return listed
            continue
        if item == ":unknown:" or not item:
            continue
        quoted = item.startswith("\\")
        item = item.removeprefix("\\")
        if item.startswith(("|", "/")) or _ADDRESS.match(item):
            listed.items.append(Redirected(item, locate(line, raw), lists, quoted))
        elif "skip_syntax_errors" not in flags:
            listed.fault = (Stop.PUT_OFF, f"Exim cannot read {item!r} and puts the mail off")
            return listed
    return listed


def _special(listed: Listed, kind: str, said: str, flags: frozenset[str]) -> None:
    allowed = {
        "defer": "allow_defer" in flags,
        "fail": "allow_fail" in flags,
        "blackhole": "forbid_blackhole" not in flags,
    }
    stop = {"defer": Stop.PUT_OFF, "fail": Stop.REFUSED, "blackhole": Stop.LOST}
    if not allowed[kind]:
        listed.fault = (Stop.PUT_OFF, f":{kind}: is not permitted here, and puts the mail off")
    else:
        listed.fault = (stop[kind], f":{kind}: {said}".strip())


def _include(
    place: MailHost,
    listed: Listed,
    name: str,
    where: Where,
    flags: frozenset[str],
    reader: Account | None,
    lists: tuple[tuple[str, Where], ...],
) -> None:
    listed.included.append((name, where))
    data = None
    if name.startswith("/"):
        data = place.text_for(reader, Path(name))
    if len(lists) > _DEEPEST:
        listed.fault = (Stop.LOOP, f"the list {name} includes itself")
    elif "forbid_include" in flags:
        listed.fault = (Stop.PUT_OFF, ":include: is not permitted here")
    elif data is None:
        listed.fault = (Stop.PUT_OFF, f"the list {name} cannot be read")
    if listed.fault is not None or data is None:
        return
    text = data.decode("utf-8", "surrogateescape")
    inner = parse(
        place, text, lambda line, _: Where(name, line), flags, reader, (*lists, (name, where))
    )
    listed.items += inner.items
    listed.included += inner.included
    listed.fault = inner.fault


def _split(text: str) -> Iterator[tuple[int, str, str]]:
    """The items with the line that each begins in, and all text from there on."""
    at, line = 0, 1
    while at < len(text):
        char = text[at]
        if char == "\n":
            line += 1
            at += 1
        elif char in SPACE or char == ",":
            at += 1
        elif char == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        else:
            start = at
            while at < len(text) and (match := _ITEM.match(text, at)):
                at = match.end()
            yield line, text[start:at].strip(SPACE), text[start:]
            at = max(at, start + 1)


def _unquoted(item: str) -> str:
    if len(item) > 1 and item.endswith('"'):
        return re.sub(r"\\(.)", r"\1", item[1:-1]).strip()
    return item
