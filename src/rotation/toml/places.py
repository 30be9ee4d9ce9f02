"""Where each key and each array element of a TOML document stands.

`tomllib` says nothing about lines. This scanner is run on documents that `tomllib` has accepted,
so it may trust the grammar (TOML 1.0) and only needs to find its way.
"""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'"""(?:\\.|[^\\])*?"""(?!")',
        r"'''.*?'''(?!')",
        r'"(?:\\.|[^"\\\n])*"',
        r"'[^'\n]*'",
    )
)


def locate(text: str) -> dict[Path, int]:
    """The line (from 1) of every table, key and array element of a valid TOML document.

    A path holds keys and, for elements of arrays and arrays of tables, indexes from 0.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self._counted = 0
        self._line = 1
        self._tables: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        """The line of every table and key of the document, by its path."""
        prefix: Path = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self._peek("["):
                prefix = self._header()
            else:
                self._assignment(prefix)
            self._skip(_BLANK)
        return self.lines

    def _header(self) -> Path:
        line = self._here()
        many = self._peek("[[")
        self.at += 2 if many else 1
        keys = self._keys()
        self.at += 2 if many else 1
        path: Path = ()
        for key in keys[:-1]:
            self.lines.setdefault((*path, key), line)
            path = self._newest((*path, key))
        path = (*path, keys[-1])
        if many:
            index = self._tables.get(path, -1) + 1
            self._tables[path] = index
            self.lines.setdefault(path, line)
            path = (*path, index)
        self.lines.setdefault(path, line)
        return path

    def _newest(self, path: Path) -> Path:
        return (*path, self._tables[path]) if path in self._tables else path

    def _assignment(self, prefix: Path) -> None:
        line = self._here()
        path = prefix
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                keys.append(tomllib.loads(f"key = {self._string()}")["key"])
            else:
                keys.append(self._take(_BARE))
            self._skip(_SPACE)
            if not self._peek("."):
                return keys
            self.at += 1

    def _value(self, path: Path) -> None:
        if self._peek("["):
            self.at += 1
            index = 0
            while True:
                self._skip(_BLANK)
                if self._peek("]"):
                    break
                self.lines[(*path, index)] = self._here()
                self._value((*path, index))
                index += 1
                self._skip(_BLANK)
                if self._peek(","):
                    self.at += 1
            self.at += 1
        elif self._peek("{"):
            self.at += 1
            while True:
                self._skip(_BLANK)
                if self._peek("}"):
                    break
                self._assignment(path)
                self._skip(_BLANK)
                if self._peek(","):
                    self.at += 1
            self.at += 1
        elif self.text[self.at] in "\"'":
            self._string()
        else:
            self._take(_SCALAR)

    def _string(self) -> str:
        for pattern in _STRINGS:
            if match := pattern.match(self.text, self.at):
                self.at = match.end()
                return match.group()
        raise ValueError(f"no string at offset {self.at}")  # tomllib would have refused it

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None or not match.group():
            raise ValueError(f"unexpected text at offset {self.at}")
        self.at = match.end()
        return match.group()

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def _peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def _here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line
