"""A mail server that is told everything: its index is a list of what the text holds.

It stands where a real one would (`Server`), so that what `apply` makes of any server's answers can
be tried without one, its faults too. The real ones are in tests/servers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rotation.mail.aliases import Dialect
from rotation.mail.listing import Listing
from rotation.mail.server import Built, Index, known_members
from rotation.system import Scratch

Answers = Mapping[str, tuple[str, ...] | None]


@dataclass(eq=False)
class Copying:
    """It warns of a line without a colon and drops it; a text with `panic` it does not take.

    `spoils` is an alias that a new index does not hold, once the text holds `when`; `deaf`, and it
    answers from the index as it was. `told` counts how often it was told that the index is new.
    """

    path: Path
    spoils: str = ""
    when: bytes = b"\0"
    deaf: bool = False
    remembers: bool = False
    patches: bool = False
    told: int = 0
    name: str = "copying"
    dialect: Dialect = Dialect.POSTFIX
    index: tuple[Path, ...] = ()
    heard: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        self.folder = self.path.parent
        self.index = () if self.remembers else (self.path.with_name(self.path.name + ".db"),)
        self.heard = self._held()

    def _held(self) -> bytes:
        place = self.index[0] if self.index else self.path
        return place.read_bytes() if place.exists() else b""

    def build(self, scratch: Scratch, staged: Path) -> Built:
        text = staged.read_bytes()
        lines, said = [], []
        for number, line in enumerate(text.splitlines(), 1):
            name, colon, value = line.partition(b":")
            if line.startswith(b"#"):
                continue
            if not colon:
                said.append(f"warning: line {number}: {line.decode()!r} has no colon")
            elif name != self.spoils.encode() or self.when not in text:
                lines.append(name.lower() + b"\t" + value.strip() + b"\n")
        if b"panic" in text:
            return Built(said=tuple(said), failed=not self.patches)
        if not self.index:
            return Built(said=tuple(said))
        made = staged.with_name(staged.name + ".db")
        made.write_bytes(b"".join(lines))
        index = Index(made, self.index[0], ("/usr/bin/remake", str(self.path)))
        return Built((index,), self._listing(made), tuple(said))

    def patch(self, scratch: Scratch, staged: Path, entries: Mapping[str, str]) -> Built:
        listing = self.listed()
        if not self.patches or listing is None:
            return Built()
        text = {**listing.entries(), **entries}
        staged.write_text("".join(f"{name}: {value}\n" for name, value in text.items()))
        return self.build(scratch, staged)

    def _listing(self, index: Path) -> Listing | None:
        data = index.read_bytes() if index.exists() else None
        return None if data is None else Listing(lambda: iter((data,)), "\t")

    def listed(self) -> Listing | None:
        return self._listing(self.index[0]) if self.index else None

    def answers(self, names: Collection[str]) -> Answers:
        held = self.heard if self.deaf else self._held()
        lines = held.decode().replace(": ", "\t").splitlines()
        values = dict(line.split("\t", 1) for line in lines if "\t" in line)
        return {name: known_members(values.get(name.lower())) for name in names}

    def key(self, name: str) -> str:
        return name

    def announce(self) -> None:
        self.told += 1
