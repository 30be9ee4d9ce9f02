"""Whether what stands at a path may decide for whoever runs this: who else could change it, or
lead the path elsewhere.

As cron, sudo and sshd have it: a file decides for root where root alone can write it and every
folder on the way to it, through every symbolic link. Sources: path_resolution(7), symlink(7),
acl(5); inode(7) for the sticky bit.
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Problem, Where
from rotation.host.access import BadList, Writers, heirs, writers

_LINKS = 40
"""As many links in one path as Linux follows."""


@dataclass(frozen=True, slots=True)
class PathStep:
    """A folder, a link or a file on the way to a path; `path` itself has no link above it."""

    path: Path
    status: os.stat_result

    @property
    def link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.status.st_mode)


@dataclass(frozen=True, slots=True)
class Way:
    """Everything that is passed on the way to a path, from the root folder on, in order.

    `real` is where the path leads. `whole` is whether something stands there: it is the last step
    then.
    """

    steps: tuple[PathStep, ...]
    real: Path
    whole: bool


def way(path: Path) -> Way:
    """The way to `path`, link by link. Raises ApplyError for a loop, OSError."""
    here = Path("/")
    steps = [PathStep(here, os.lstat(here))]
    pending = _parts(path.absolute())
    links = 0
    while pending:
        part = pending.pop()
        if part == "..":
            here = here.parent
            continue
        entry = here / part
        try:
            step = PathStep(entry, os.lstat(entry))
        except (FileNotFoundError, NotADirectoryError):
            return Way(tuple(steps), entry.joinpath(*reversed(pending)), False)
        steps.append(step)
        if not step.link:
            here = entry
            continue
        links += 1
        if links > _LINKS:
            raise ApplyError(Problem("is a symbolic link in a loop", Where(str(path))))
        target = Path(os.readlink(entry))
        here = Path("/") if target.is_absolute() else here
        pending.extend(_parts(target))
    return Way(tuple(steps), here, True)


def _parts(path: Path) -> list[str]:
    """The parts of a path, the first one last."""
    return [part for part in reversed(path.parts) if part != os.sep]


def vet(path: Path, *, shared: bool = False) -> Way:
    """The way to `path`, which may decide for whoever runs this.

    With `shared` the file, and the folder that it lies in, may also be a group's. What does not
    exist decides nothing. Raises ApplyError, with every part of the way that others can change and
    what to do about it, and OSError.
    """
    passed = way(path)
    rule = _Rule(path)
    problems: dict[Problem, None] = {}
    folders = {step.path: step for step in passed.steps}
    for step in passed.steps:
        last = passed.whole and step.path == passed.real
        parent = folders[step.path.parent]
        if parent is not step:
            # only in the folder that the file really lies in may a group be at work
            group = shared and last
            problems.update(dict.fromkeys(rule.folder(parent, step, group=group, last=last)))
        if step.link:
            problems.update(dict.fromkeys(rule.owner(step)))
        elif last:
            problems.update(dict.fromkeys(rule.file(step, parent, shared=shared)))
    if problems:
        raise ApplyError(problems)
    return passed


def in_control(path: Path) -> os.stat_result | None:
    """The first part of the way to the folder `path` that is not root's: whoever owns it can lead
    the rest of the way elsewhere. None where all is root's.

    Raises ApplyError where others could put a link before that part, and OSError.
    """
    passed = way(path)
    if not passed.whole:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    rule, problems = _Rule(path), dict[Problem, None]()
    theirs = None
    for step in passed.steps:
        if step.status.st_uid != 0:
            theirs = step.status
            break
        if not step.link and step is not passed.steps[-1]:
            problems.update(dict.fromkeys(rule.replaceable(step)))
    if problems:
        raise ApplyError(problems)
    return theirs


class _Rule:
    """What is wrong with the parts of the way to a path, for whoever runs this."""

    def __init__(self, path: Path) -> None:
        self.path, self.user = path, os.geteuid()
        self.users = {0, self.user}
        # many hosts give everybody a group of their own and files that it can write
        self.groups = {0} if self.user == 0 else {0, os.getegid()}

    def folder(
        self, folder: PathStep, entry: PathStep, *, group: bool, last: bool
    ) -> Iterator[Problem]:
        """A folder in which `entry` is looked up: who else could put something in its place."""
        yield from self.owner(folder)
        sticky = folder.status.st_mode & stat.S_ISVTX and entry.status.st_uid in self.users
        if not sticky:
            yield from self._written(folder, group=group)
        if not last:
            return
        try:
            inherited = heirs(folder.path)
        except BadList:
            inherited = Writers(True, False)
        if inherited is None:
            return
        listed = inherited.listed_users - self.users
        groups = frozenset() if group else inherited.listed_groups - self.groups
        if inherited.everybody or listed or groups:
            what = "gives others the right to write every new file in it"
            yield self._problem(folder, what, f"setfacl -k {_word(folder.path)}")

    def file(self, file: PathStep, folder: PathStep, *, shared: bool) -> Iterator[Problem]:
        """The file or folder itself that decides."""
        if not (shared and self._of_group(file, folder)):
            yield from self.owner(file)
        sticky = file.status.st_mode & stat.S_ISVTX and stat.S_ISDIR(file.status.st_mode)
        if not sticky:
            yield from self._written(file, group=shared)

    def replaceable(self, folder: PathStep) -> Iterator[Problem]:
        """A folder of root's in which others could put a link; of a sticky one what is there
        stays its owner's."""
        if not folder.status.st_mode & stat.S_ISVTX:
            yield from self._written(folder, group=False)

    def owner(self, step: PathStep) -> Iterator[Problem]:
        """Whoever owns something can give themselves the right to write it."""
        if step.status.st_uid in self.users:
            return
        dereference = "-h " if step.link else ""
        fix = f"chown {dereference}{_name(self.user)} {_word(step.path)}"
        yield self._problem(step, f"belongs to {user_name(step.status.st_uid)}", fix)

    def _written(self, step: PathStep, *, group: bool) -> Iterator[Problem]:
        word = _word(step.path)
        try:
            can = writers(step.path, step.status.st_mode)
        except BadList:
            what = "has an access control list that cannot be read"
            yield self._problem(step, what, f"setfacl -b {word}")
            return
        if can.everybody:
            yield self._problem(step, "can be written by everybody", f"chmod o-w {word}")
        for number in sorted(can.listed_users - self.users):
            what = f"can be written by {user_name(number)}, by its access control list"
            yield self._problem(step, what, f"setfacl -x u:{number} {word}")
        if group:
            return
        for number in sorted(can.listed_groups - self.groups):
            what = f"can be written by {group_name(number)}, by its access control list"
            yield self._problem(step, what, f"setfacl -x g:{number} {word}")
        if can.group and step.status.st_gid not in self.groups:
            what = f"can be written by {group_name(step.status.st_gid)}"
            yield self._problem(step, what, f"chmod g-w {word}")

    def _of_group(self, file: PathStep, folder: PathStep) -> bool:
        """Whether the owner of a file in a group's folder is one of that group.

        Whoever writes a file whole, by a rename, is its owner, and stays it when taken out of
        the group: an account has to be a member now. Where the owner has no account, nobody
        can log in as them, and the group of the file tells: only members can give it (chown(2)).
        """
        try:
            can = writers(folder.path, folder.status.st_mode)
        except BadList:
            return False
        groups = {*can.listed_groups, *([folder.status.st_gid] if can.group else [])}
        if can.everybody or not groups:
            return False
        try:
            account = pwd.getpwuid(file.status.st_uid)
        except KeyError:
            return file.status.st_gid in groups
        return bool(groups & set(os.getgrouplist(account.pw_name, account.pw_gid)))

    def _problem(self, step: PathStep, what: str, fix: str) -> Problem:
        who = _name(self.user)
        about = "" if step.path == self.path else f"; it is on the way to {self.path}"
        alone = "root alone" if self.user == 0 else f"{who} or root alone"
        rule = f"what decides for {who} must be for {alone} to write, with every folder above it"
        return Problem(f"{what}{about}", Where(str(step.path)), f"{fix} ({rule})")


def user_name(number: int) -> str:
    """A user, for a message."""
    with suppress(KeyError):
        return f"{pwd.getpwuid(number).pw_name} (user {number})"
    return f"user {number}"


def group_name(number: int) -> str:
    """A group, for a message."""
    with suppress(KeyError):
        return f"the group {grp.getgrgid(number).gr_name} ({number})"
    return f"the group {number}"


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _word(path: Path) -> str:
    return shlex.quote(str(path))
