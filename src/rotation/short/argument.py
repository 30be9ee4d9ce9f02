"""Whether what was typed is text, before anything is made of it."""

from __future__ import annotations

import sys


def undecoded() -> str | None:
    """The first argument of this process that holds bytes which are no text (PEP 383); None: all
    are text, and can be written to any file and shown to anybody."""
    for word in sys.argv[1:]:
        if any("\ud800" <= c <= "\udfff" for c in word):
            return word
    return None
