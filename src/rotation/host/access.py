"""Who can write a file or a folder: its owner, its mode and its access control list.

Sources: acl(5) and linux/posix_acl_xattr.h (the form in the extended attributes
`system.posix_acl_access` and `system.posix_acl_default`), xattr(7), inode(7).
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from pathlib import Path

from rotation.dataclasses import dataclass

_ACCESS, _DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
_VERSION = 2
_WRITE = 2
_USER, _GROUP_OWNER, _GROUP, _MASK, _OTHER = 0x02, 0x04, 0x08, 0x10, 0x20
_ENTRY = struct.Struct("<HHI")


class BadList(ValueError):
    """An access control list that is not in the one form that is known."""


@dataclass(frozen=True, slots=True)
class Writers:
    """Who can write something beside its owner, who always can: numbers of users and of groups.

    `group` is whether its own group can. `listed_users` and `listed_groups` are those that its
    access control list names.
    """

    everybody: bool
    group: bool
    listed_users: frozenset[int] = frozenset()
    listed_groups: frozenset[int] = frozenset()


def by_mode(mode: int) -> Writers:
    """Who can write what has this mode and no access control list."""
    return Writers(bool(mode & stat.S_IWOTH), bool(mode & stat.S_IWGRP))


def by_list(data: bytes) -> Writers:
    """Who can write what has this access control list, from the bytes of the attribute.

    The mask takes from all but the owner and the others (acl(5), "Access check algorithm").
    Raises BadList.
    """
    if len(data) < 4 or (len(data) - 4) % _ENTRY.size or data[:4] != struct.pack("<I", _VERSION):
        raise BadList
    entries = list(_ENTRY.iter_unpack(data[4:]))
    mask = next((rights for tag, rights, _ in entries if tag == _MASK), _WRITE)

    def those(wanted: int) -> frozenset[int]:
        return frozenset(
            number for tag, rights, number in entries if tag == wanted and rights & mask & _WRITE
        )

    everybody = any(tag == _OTHER and rights & _WRITE for tag, rights, _ in entries)
    return Writers(everybody, bool(those(_GROUP_OWNER)), those(_USER), those(_GROUP))


def writers(path: Path, mode: int) -> Writers:
    """Who can write what stands at `path`, no link, with this mode. Raises OSError, BadList."""
    data = _attribute(path, _ACCESS)
    return by_mode(mode) if data is None else by_list(data)


def heirs(path: Path) -> Writers | None:
    """Who could write a file that somebody makes in the folder `path`, as far as its default list
    decides; None where it has none. Raises OSError, BadList."""
    data = _attribute(path, _DEFAULT)
    return None if data is None else by_list(data)


def _attribute(path: Path, name: str) -> bytes | None:
    try:
        return os.getxattr(path, name, follow_symlinks=False)
    except OSError as error:
        # a file system without such lists, or a file without one
        if error.errno in (errno.ENODATA, errno.ENOTSUP, errno.ENOSYS):
            return None
        raise
