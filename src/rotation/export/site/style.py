"""How the page looks: one style sheet, no image, no font, no script, nothing from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

PALETTE = (
    ("#cfe2ff", "#0b2e6b"),
    ("#ffe3a8", "#4d3200"),
    ("#cdeccf", "#10401a"),
    ("#ffd3e0", "#6b0f32"),
    ("#e3d7ff", "#3b1d80"),
    ("#bfecec", "#0a4347"),
    ("#ffd8bf", "#662500"),
    ("#d9dfe7", "#28323d"),
    ("#e2f0a6", "#3a4500"),
    ("#ffcfca", "#74140b"),
    ("#c5ebff", "#063f5c"),
    ("#ead8c6", "#4a2c10"),
)
"""A light and a dark colour for each person, in the order of the roster; then from the start."""


def _colours() -> str:
    light = "".join(
        f".p{number} {{ background: {pale}; color: {deep}; }}\n"
        for number, (pale, deep) in enumerate(PALETTE)
    )
    dark = "".join(
        f"  .p{number} {{ background: {deep}; color: {pale}; }}\n"
        for number, (pale, deep) in enumerate(PALETTE)
    )
    # on paper it is always day
    return f"{light}@media screen and (prefers-color-scheme: dark) {{\n{dark}}}\n"


STYLE = files(__package__).joinpath("style.css").read_text("utf-8") + _colours()
_DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""What the page may load and run (Content Security Policy, level 3): its own style, no more."""
