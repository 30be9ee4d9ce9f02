"""Who an event names. Only keys of the roster's people come out, never text of the calendar."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import unquote

from rotation.model import MATCHES

# from the beginning of a word only: a long one without an address must not be tried from each place
_ADDRESS = re.compile(r"(?<!\S)\S+@\S+")
# a name is a word of its own: not part of a longer one, of a double name or of a dotted one
_BEFORE = r"(?<!\w)(?<!\w[.'\u2019-])"
_AFTER = r"(?!\w)(?![.-]\w)(?!['\u2019](?!s(?!\w))\w)"

_FOR = re.compile(r" \(?for ")
_AND = re.compile(r" (?:and|&|\+) ")


@dataclass(frozen=True, slots=True)
class PersonNames:
    """How a person may be named in a calendar, beside the key: addresses and a full name."""

    email: tuple[str, ...]
    name: str | None = None


class Matcher:
    """Finds people. `match` is one of MATCHES; anything else raises ValueError."""

    def __init__(self, people: Mapping[str, PersonNames], match: str) -> None:
        if match not in MATCHES:
            raise ValueError(f"match is {match!r}, not one of {', '.join(MATCHES)}")
        self._match = match
        self._addresses: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for key, person in people.items():
            for address in person.email:
                self._addresses.setdefault(address.strip().casefold(), set()).add(key)
            for name in (key, person.name):
                if name and (folded := _folded(name)):
                    self._names.setdefault(folded, set()).add(key)
        longest = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile(
            f"{_BEFORE}(?:{'|'.join(map(re.escape, longest))}){_AFTER}" if longest else "(?!)"
        )

    def people(self, attendees: Iterable[str], summary: str) -> tuple[str, ...]:
        """The keys of those named, in the order in which they are named, nobody twice.

        `attendees` are calendar addresses (section 3.3.3) and count first. In `summary` a key or
        a full name counts where it is a word of its own, in any case; the longest name wins. In
        `bob for alice` only bob is named. A name or address that several people have names none of
        them.
        """
        found: list[set[str]] = []
        if self._match != "summary":
            found = [self._addresses.get(_address(text), set()) for text in attendees]
        if self._match != "attendee" and not any(len(keys) == 1 for keys in found):
            found = [self._names[word] for word in self._words(_folded(_ADDRESS.sub("@", summary)))]
        return tuple(dict.fromkeys(key for keys in found if len(keys) == 1 for key in keys))

    def _words(self, text: str) -> Iterator[str]:
        """The names in a folded title, without those for whom the one before them came."""
        last, replaced = 0, False
        for match in self._pattern.finditer(text):
            between = text[last : match.start()]
            covered = last > 0 and _FOR.fullmatch(between)
            replaced = bool(covered or (replaced and _AND.fullmatch(between)))
            if not replaced:
                yield match[0]
            last = match.end()

    def hint(self, summary: str) -> str:
        """What to do about an event that names nobody."""
        if self._match == "attendee":
            return "invite somebody from [people] to it, by one of the addresses there"
        for word in re.findall(r"[\w.-]+", _folded(summary[:500])):
            if close := get_close_matches(word, self._names, 1, 0.75):
                return f"did you mean '{min(self._names[close[0]])}'?"
        return "write the key or the full name of somebody from [people] into its title"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _address(text: str) -> str:
    """The mail address in a calendar address, case-folded: `MAILTO:Alice@Example.com?x=y`."""
    bare = text.strip().strip("<>")
    scheme, colon, rest = bare.partition(":")
    if colon and scheme.casefold() == "mailto":
        bare = unquote(rest.partition("?")[0])
    return bare.strip().casefold()
