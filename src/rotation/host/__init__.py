"""What the real host is made of: files, locks and programs. Only `system` uses it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rotation.host import (
        accounts,
        locks,
        owners,
        passwords,
        programs,
        public,
        stages,
        state_folder,
    )

__all__ = [
    "accounts",
    "locks",
    "owners",
    "passwords",
    "programs",
    "public",
    "stages",
    "state_folder",
]


def __getattr__(name: str) -> object:
    """A file of this room when it is needed first: most runs read a few files, and no more."""
    if name not in __all__:
        raise AttributeError(name)
    return import_module(f"rotation.host.{name}")
