"""The names of our own temporary files and folders."""

from __future__ import annotations

import os
import re
from pathlib import Path

from rotation.system.links import OURS

RUN = Path("/run/rotation")
"""Where root's locks lie: whoever can open a file can hold a lock on it, and so hold us up."""
_OUR_NAME = re.compile(re.escape(OURS) + r"[0-9a-f]{16}")


def new_name() -> str:
    """A name for a temporary file or folder of ours that nothing else has."""
    return f"{OURS}{os.urandom(8).hex()}"


def is_our_name(name: str) -> bool:
    """Whether `new_name` could have given it."""
    return _OUR_NAME.fullmatch(name) is not None
