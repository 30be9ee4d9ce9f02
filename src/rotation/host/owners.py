"""Doing something in other people's folders with their rights, not with root's. Source:
credentials(7)."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rotation.host import trust
from rotation.host.files import failure


@contextmanager
def as_owner(folder: Path) -> Iterator[None]:
    """Do what follows with the rights of whoever is the first to own a part of the way to
    `folder`: nothing that they put there can then lead root anywhere.

    Changes nothing for those who are not root. Raises ApplyError where a part of the way that is
    root's can be written by others, for then it is not known whose rights those would be.
    """
    if os.geteuid() != 0:
        yield
        return
    try:
        owner = trust.in_control(folder)
    except OSError as error:
        raise failure(folder, "look at the folder", error) from None
    if owner is None or owner.st_uid == 0:
        yield
        return
    group, groups, user = os.getegid(), os.getgroups(), owner.st_uid
    try:
        entry = pwd.getpwuid(user)
        theirs, gid = os.getgrouplist(entry.pw_name, entry.pw_gid), entry.pw_gid
    except KeyError:
        theirs, gid = [owner.st_gid], owner.st_gid
    # the real user stays root, so that theirs cannot send signals to this program
    try:
        try:
            os.setgroups(theirs)
            os.setegid(gid)
            os.seteuid(user)
        except OSError as error:
            raise failure(folder, "take the rights of its owner", error) from None
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)
