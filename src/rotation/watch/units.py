"""Units of systemd as it reads them: drop-ins, lists that are emptied, masks. Sources:
systemd.unit(5), systemd.exec(5), systemd.syntax(7)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rotation.dataclasses import dataclass
from rotation.errors import ApplyError
from rotation.system import Files

UNITS = tuple(
    Path(folder, "systemd/system")
    for folder in ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib")
)
"""Where units are, the first that has a name first."""
_NOWHERE = Path("/dev/null")
_ON_TERMS = re.compile(r"(Condition|Assert)\w+|Root(Directory|Image)")


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A unit with its drop-ins: every key with its value, in the order that counts."""

    path: Path
    masked: bool
    settings: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Its settings, a line each."""
        return "\n".join(f"{key}={value}" for key, value in self.settings)

    def values(self, key: str) -> list[str]:
        """The values of a key; an empty one takes back those before it."""
        values: list[str] = []
        for name, value in self.settings:
            if name == key:
                values = [*values, value] if value else []
        return values

    def last(self, key: str) -> str:
        """The value of a key that has one; empty where it has none."""
        return next(reversed(self.values(key)), "")

    @property
    def on_terms(self) -> bool:
        """Whether it starts only where something holds, or sees other files than we do."""
        return any(_ON_TERMS.fullmatch(key) and self.values(key) for key, _ in self.settings)

    def environment(self, files: Files) -> dict[str, str] | None:
        """The variables that its commands are given; None where nobody can tell."""
        variables: dict[str, str] = {}
        for line in self.values("Environment"):
            variables |= _assigned(line)
        for name in self.values("EnvironmentFile"):
            path, may_be_missing = name.removeprefix("-"), name.startswith("-")
            text = None if re.search(r"[*?%[]", path) else _read(files, Path(path))
            if text is None and not may_be_missing:
                return None
            for line in (text or "").splitlines():
                if not line.lstrip().startswith(("#", ";")):
                    variables |= _assigned(line)
        return variables


def read_unit(files: Files, name: str) -> UnitFile | None:
    """The unit of that name with its drop-ins; None where there is none."""
    places = [folder / name for folder in UNITS]
    path = next((place for place in places if _there(files, place)), None)
    if path is None:
        return None
    text = _read(files, path)
    masked = not text and (text is not None or files.real(path) == _NOWHERE)
    dropped: dict[str, str] = {}
    for kind in (Path(name).suffix.removeprefix("."), name):
        for folder in reversed(UNITS):
            parts = names_in(files, folder / f"{kind}.d")
            dropped |= {part: _read(files, folder / f"{kind}.d" / part) or "" for part in parts}
    texts = [text or "", *(dropped[part] for part in sorted(dropped) if part.endswith(".conf"))]
    return UnitFile(path, masked, tuple(pair for part in texts for pair in _pairs(part)))


def _pairs(text: str) -> Sequence[tuple[str, str]]:
    lines = re.sub(r"\\\n", " ", text).splitlines()
    pairs = (line.strip().partition("=") for line in lines if line.lstrip()[:1] not in ("#", ";"))
    return [(name.strip(), value.strip()) for name, equals, value in pairs if equals]


def _assigned(line: str) -> dict[str, str]:
    with suppress(ValueError):  # a quote that nothing ends
        pairs = (word.partition("=") for word in shlex.split(line))
        return {name: value for name, _, value in pairs}
    return {}


def _there(files: Files, path: Path) -> bool:
    try:
        return files.status(path, follow=False) is not None
    except ApplyError:
        return True


def _read(files: Files, path: Path) -> str | None:
    try:
        file = files.read(path)
    except ApplyError:
        return None
    return None if file is None else file.data.decode("utf-8", "replace")


def names_in(files: Files, folder: Path) -> list[str]:
    """The names in a folder; none where there is no such folder, or it cannot be listed."""
    try:
        return files.names(folder) or []
    except ApplyError:
        return []
