"""Files that others own or may write, and access lists as the kernel keeps them: no setfacl."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host.trust import vet

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="giving files to other users needs root")
ALICE, GROUP = 54321, 54322
"""Numbers that no account of a host has."""
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
_NOBODY = 0xFFFFFFFF


def grant(path: Path, *, user: int | None = None, group: int | None = None, mask: int = 7,
          default: bool = False, others: int = 0) -> None:  # fmt: skip
    """Let one more user or group read, write and pass, as far as the mask lets them."""
    entries = [(0x01, 7, _NOBODY), (0x04, 5, _NOBODY), (0x10, mask, _NOBODY)]
    entries.append((0x20, others, _NOBODY))
    if user is not None:
        entries.append((0x02, 7, user))
    if group is not None:
        entries.append((0x08, 7, group))
    os.setxattr(path, DEFAULT if default else ACCESS, packed(*sorted(entries)))


def packed(*entries: tuple[int, int, int]) -> bytes:
    """A list of tag, rights, number in the form of linux/posix_acl_xattr.h."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def for_group(path: Path, mode: int) -> None:
    os.chown(path, 0, GROUP)
    path.chmod(mode)


def complaints(path: Path, *, shared: bool = False) -> list[tuple[str, str, str]]:
    """Where, what and the command of each complaint."""
    try:
        vet(path, shared=shared)
    except ApplyError as error:
        return [
            (p.where.file if p.where else "", p.what.partition(";")[0],
             (p.hint or "").partition(" (")[0]) for p in error.problems
        ]  # fmt: skip
    return []
