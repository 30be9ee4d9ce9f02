"""Who could change where root's mail goes: rights of every file and folder on its way."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from rotation.errors import ApplyError, Severity, Where
from rotation.system import Look
from rotation.watch.findings import Diagnosis

ABOUT = "rights"


def rights(system: Look, paths: Iterable[Path], deciding: Collection[Path] = ()) -> list[Diagnosis]:
    """What strangers could write, with the folders up to the root; one line if that is nothing.

    Somebody may have a file of their own in their own home, unless it is one of the `deciding`.
    """
    files = {path for path in paths if system.status(path, follow=False) is not None}
    folders = {folder for path in files for folder in path.parents}
    findings = [
        finding
        for path in sorted(files | folders)
        for finding in _of(system, path, deciding)
    ]  # fmt: skip
    if not findings:
        what = f"no stranger can write any of {len(files)} files on the way of root's mail"
        findings.append(Diagnosis(Severity.OK, ABOUT, what))
    return findings


def _of(system: Look, path: Path, deciding: Collection[Path]) -> Iterator[Diagnosis]:
    status = system.status(path, follow=False)
    if status is None:
        return
    where = Where(str(path))
    owner = system.account(status.st_uid)
    home = owner is not None and path.is_relative_to(owner.home) and owner.home != Path("/")
    home = home and path not in deciding
    if status.st_uid != 0 and not home and (owner is None or owner.person):
        name = owner.name if owner else f"user number {status.st_uid}"
        what = f"belongs to {name}, who can change where root's mail goes"
        yield Diagnosis(Severity.WARNING, ABOUT, what, where, f"chown -h root {path}")
    if stat.S_ISLNK(status.st_mode):
        return
    folder = stat.S_ISDIR(status.st_mode)
    if status.st_mode & stat.S_IWOTH and not (folder and status.st_mode & stat.S_ISVTX):
        what = "everybody can write it, and so change where root's mail goes"
        yield Diagnosis(Severity.ERROR, ABOUT, what, where, f"chmod o-w {path}")
    elif (
        status.st_mode & stat.S_IWGRP
        and status.st_gid != 0
        and not (folder and status.st_mode & stat.S_ISVTX)
    ):
        what = f"its group ({status.st_gid}) can write it, and so change where root's mail goes"
        yield Diagnosis(Severity.WARNING, ABOUT, what, where, f"chmod g-w {path}")
    elif status.st_mode & stat.S_IWGRP and not (folder and status.st_mode & stat.S_ISVTX):
        yield from _listed(system, path)


def _listed(system: Look, path: Path) -> Iterator[Diagnosis]:
    """Whom an access control list lets write what is root's and of root's group: its mask stands
    where the group's rights do (acl(5))."""
    try:
        system.vet(path)
    except ApplyError as error:
        for problem in error.problems:
            if "access control list" in problem.what and "on the way" not in problem.what:
                what = f"{problem.what}: they can change where root's mail goes"
                mend = (problem.hint or "").partition(" (")[0]
                yield Diagnosis(Severity.WARNING, ABOUT, what, Where(str(path)), mend)
