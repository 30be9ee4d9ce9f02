"""A host whose root's mail ends at the duty, and ways to tamper with it."""

from __future__ import annotations

import os
from collections.abc import Callable

from .rigs import NOTIFICATIONS, Postfix, Rig
from .roster_in_rig import MONDAY, rotation, write_roster

Tamper = Callable[[Rig], object]


def rebuild(rig: Rig) -> None:
    rig.rebuild()
    if isinstance(rig, Postfix) and rig.exists(f"{rig.aliases}.db"):
        rig.make_index_later()


def put_text(rig: Rig, path: str, text: str) -> None:
    real = rig.path(path)
    real.write_text(text)  # owner and mode stay
    rebuild(rig)


def edit(rig: Rig, path: str, old: str, new: str) -> None:
    text = rig.read(path).decode()
    assert old in text
    put_text(rig, path, text.replace(old, new))


def link(rig: Rig, path: str) -> None:
    real = rig.path(path, follow=False)
    aside = real.with_name("aside")
    real.rename(aside)
    real.symlink_to("aside")


def chown(rig: Rig, path: str, uid: int, gid: int) -> None:
    os.chown(rig.path(path, follow=False), uid, gid)


def chmod(rig: Rig, path: str, mode: int) -> None:
    rig.path(path).chmod(mode)


def gone(rig: Rig, path: str) -> None:
    rig.path(path, follow=False).unlink()


FORWARD = "/root/.forward"


ALIASES = "/etc/aliases"  # on Sendmail the file behind /etc/mail/aliases


ROSTER_FILE = "/etc/rotation/duty.toml"


def good(rig: Rig) -> None:
    done = rotation(rig, MONDAY, "verify")
    assert (done.status, done.out, done.err) == (0, "", "")


def start(rig: Rig) -> None:
    rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: alice\n")
    rig.write(FORWARD, f"{NOTIFICATIONS}@box.test\n")
    rig.path("/root").chmod(0o700)
    rebuild(rig)
    write_roster(rig)
    rig.run(["rm", "-rf", "/var/lib/rotation"])
    good(rig)


class Kept:
    """Files as they are, to be put back with all their attributes."""

    def __init__(self, rig: Rig, *paths: str) -> None:
        self._rig = rig
        self._paths = [path for path in paths if rig.exists(path)]
        rig.must(rig.run(["tar", "-cpPf", "/tmp/kept.tar", "--no-recursion", *self._paths]))

    def put_back(self) -> None:
        for path in self._paths:
            real = self._rig.path(path, follow=False)
            if not real.is_dir():
                real.unlink(missing_ok=True)
        self._rig.must(self._rig.run(["tar", "-xpPf", "/tmp/kept.tar"]))
