"""ROTATION_FRESH for programs that get no more of the environment than a test gives them."""

from __future__ import annotations

import os

FRESH = {name: os.environ[name] for name in ("ROTATION_FRESH",) if name in os.environ}
"""With `ROTATION_FRESH=1 make test` whatever a test starts takes the long way."""
