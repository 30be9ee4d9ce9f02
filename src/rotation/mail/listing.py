"""All that an index answers, as the program that lists it prints it: read in pieces, never held.

An index may have a million entries. They come in no order that means anything, and in nearly the
same one from two indexes of nearly the same text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import zip_longest

_FEW = 64
"""So many names are looked for by a pattern: it costs a fraction of taking every line apart."""


class Listing:
    """Lines of a name, `separator`, and a value; what is `internal` (names in lower case) is left
    out. `pieces` begins to read it anew. Bytes that are not UTF-8 come as surrogate escapes."""

    def __init__(
        self,
        pieces: Callable[[], Iterator[bytes]],
        separator: str,
        internal: Collection[str] = (),
    ) -> None:
        self._pieces, self._separator, self._internal = pieces, separator, internal

    @classmethod
    def of(cls, entries: Mapping[str, str]) -> Listing:
        """The listing of a few entries, whose names are in lower case."""
        lines = "".join(f"{name}\t{value}\n" for name, value in entries.items())
        text = lines.encode("utf-8", "surrogateescape")
        return cls(lambda: iter((text,)), "\t")

    def entries(self, names: Collection[str] | None = None) -> dict[str, str]:
        """The values by name, in lower case; of all names, or of some (in lower case)."""
        wanted: dict[str, str] = {}
        pattern = None if names is None or len(names) > _FEW else self._pattern(names)
        for block in self._blocks():
            # the pattern folds the letters of ASCII alone
            quick = pattern if block.isascii() else None
            for line in quick.findall(block) if quick else block.split(b"\n"):
                name, value = self._entry(line)
                if (names is None or name in names) and name not in self._internal:
                    wanted[name] = value
        return wanted

    def differs(self, other: Listing) -> set[str]:
        """The names, in lower case, for which the two have different values, or one has none."""
        here: set[bytes] = set()
        there: set[bytes] = set()
        for left, right in zip_longest(self._blocks(), other._blocks(), fillvalue=b""):
            if left == right:
                continue
            lines, others = set(left.split(b"\n")), set(right.split(b"\n"))
            alone, others_alone = lines - others, others - lines
            here |= alone - there
            there -= alone
            there |= others_alone - here
            here -= others_alone
        # a line that one has twice may be left over, and then means nothing
        names = {self._entry(line)[0] for line in here} | {other._entry(line)[0] for line in there}
        values, other_values = self.entries(names), other.entries(names)
        return {name for name in names if values.get(name) != other_values.get(name)}

    def _pattern(self, names: Collection[str]) -> re.Pattern[bytes]:
        """What matches the lines of these names, and maybe others."""
        spelled = "|".join(map(re.escape, names)).encode("utf-8", "surrogateescape")
        rest = b"(?:" + re.escape(self._separator).encode() + rb".*|$)"
        return re.compile(rb"^(?:" + spelled + rb")" + rest, re.MULTILINE | re.IGNORECASE)

    def _entry(self, line: bytes) -> tuple[str, str]:
        name, _, value = line.decode("utf-8", "surrogateescape").partition(self._separator)
        return name.lower(), value

    def _blocks(self) -> Iterator[bytes]:
        """Its text in pieces of whole lines."""
        begun = b""
        for piece in self._pieces():
            whole, end, rest = piece.rpartition(b"\n")
            if end:
                yield begun + whole
                begun = rest
            else:
                begun += piece
        if begun:
            yield begun
