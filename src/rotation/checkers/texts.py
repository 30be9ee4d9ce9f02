"""Which texts can stand in a script as they were written."""

from __future__ import annotations

MARK = "ROTATION_END"
"""The line that ends a text inside the script."""


UNLIKE = "a\\n0\\n/ :\\n"
"""Lines with nothing in common, as printf has them: who matches all of them matches every line."""


def text_fault(text: str) -> str | None:
    """Why a text of several lines cannot stand in a script as it is; None if it can."""
    if not text.strip():
        return "is empty"
    if not all(char.isprintable() or char in "\n\t" for char in text):
        return "holds a control character"
    if MARK in text.splitlines():
        return f"has the line {MARK}, which the script needs for itself"
    return None


def line_fault(text: str) -> str | None:
    """The same for a text of one line, such as a regular expression."""
    return "must be one line" if "\n" in text else text_fault(text)
