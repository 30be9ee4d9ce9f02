"""The names of a site's files: safe ones, and which are its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}\Z", re.ASCII)


def safe_names(words: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A file name for each word: the word itself where it is plain and free in any case.

    Others become plain, with a digest of the word, so that a name stays what it is.
    """
    used = {word.casefold() for word in taken}
    names: dict[str, str] = {}
    for word in words:
        name = word
        if not _PLAIN.match(word) or word.casefold() in used:
            plain = re.sub(r"[^A-Za-z0-9_]+", "-", word)[:40].strip("-") or "x"
            name = f"{plain}-{sha256(word.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
        used.add(name.casefold())
        names[word] = name
    return names


def is_ours(path: str) -> bool:
    """Whether a path is one that `site` may write: a manifest is a file that others can change."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    plain = bool(_PLAIN.match(stem)) and (not slash or bool(_PLAIN.match(folder)))
    return plain and bool(dot) and ending in ("ics", "html", "json", "csv")


def manifest(files: Iterable[str]) -> bytes:
    """What is written beside the files: which they are, so that nothing else is ever touched."""
    return json.dumps({"files": sorted(files)}, indent=1).encode() + b"\n"


def listed(data: bytes) -> frozenset[str]:
    """The files that a manifest lists, as far as they can be ours. Raises ValueError."""
    values: object = json.loads(data)
    files = values.get("files") if isinstance(values, Mapping) else None
    if not isinstance(files, list):
        raise ValueError("no manifest")
    return frozenset(path for path in files if isinstance(path, str) and is_ours(path))
