"""A throw-away host: this machine's files under an overlay, in namespaces of its own.

Inside, `/` is a copy-on-write view of this host with one mail server laid over it, the network is
a loopback of its own (port 25 is free), and the processes are counted from 1. The process that
holds it all (helper.py) waits for the end of its standard input: when whoever made the host goes
away, however it does, the kernel ends every process inside and forgets every file.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
HELPER = Path(__file__).with_name("helper.py")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
HOSTNAME = "box.test"
_LIBC = ctypes.CDLL(None, use_errno=True)

# File systems whose mounts are made anew inside, or are of no use there.
VIRTUAL = re.compile(r"/(proc|sys|dev|run|tmp)(/|$)")


class Unavailable(Exception):
    """No rig can be had on this host; the message says why, and what to do."""


@dataclass
class Finished:
    """A command that has ended."""

    status: int
    out: str
    err: str


def store() -> Path:
    """Where install.sh has put the servers."""
    return Path(os.environ.get("ROTATION_SERVERS", REPOSITORY / ".servers"))


def _unpacked(name: str) -> Path:
    install = "run as root: sh tests/servers/install.sh"
    if os.geteuid() != 0:
        raise Unavailable(f"real mail servers need root; {install}")
    complete = ".complete"
    if name == "relays":
        install, complete = "run as root: make relays", ".complete-relays"
    if not (store() / complete).exists() or not (store() / name).is_dir():
        raise Unavailable(f"no {name} in {store()}; {install}")
    for tool in ("unshare", "nsenter", "setpriv", "ip"):
        if shutil.which(tool, path=PATH) is None:
            raise Unavailable(f"no '{tool}' on this host; {install}")
    return store() / name


def _mounts(binds: Iterable[Path]) -> list[str]:
    """What to show inside beside `/` itself; parents before what is in them."""
    found: dict[str, str] = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        where = line.split()[4].encode().decode("unicode_escape")
        if where != "/" and not VIRTUAL.match(where) and Path(where).is_dir():
            kind = line.split(" - ")[1].split()[0]
            if kind in ("ext4", "xfs", "btrfs", "tmpfs", "f2fs", "zfs"):
                found[where] = "over"
    python = Path(sys.prefix), Path(sys.base_prefix)
    outside = [path for path in python if VIRTUAL.match(str(path))]
    for path in (REPOSITORY, *outside, *binds):
        found[str(path.resolve())] = "bind"
    return [f"{how} {where}" for where, how in sorted(found.items())]


class Host:
    """One throw-away host with the server `name` unpacked into it. Close it when done."""

    def __init__(self, name: str, binds: Iterable[Path] = ()) -> None:
        command = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork"]
        command += ["--kill-child", sys.executable, "-I", "-S", str(HELPER), str(_unpacked(name))]
        command += _mounts(binds)
        with tempfile.TemporaryFile() as complaints:
            self._holder = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env={"PATH": PATH},
                start_new_session=True,
            )
            assert self._holder.stdout is not None
            ready = self._holder.stdout.readline()
            if ready != b"ready\n":
                self.close()
                complaints.seek(0)
                said = complaints.read().decode(errors="replace").strip()
                raise Unavailable(f"cannot make namespaces on this host: {said}")
        outer = self._holder.pid
        children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        self.pid = int(children[0])
        #: The root folder of this host, as seen from outside. Absolute links inside it lead
        #: astray: go through `inside()`.
        self.root = Path(f"/proc/{self.pid}/root")

    def close(self) -> None:
        """End every process inside; its files are gone with them."""
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()

    def inside(self, path: str | Path, follow: bool = True) -> Path:
        """The path from outside of a file inside, with the links on the way followed inside."""
        todo = list(reversed(Path(path).parts[1:]))
        at: list[str] = []
        for _ in range(400):
            if not todo:
                return self.root.joinpath(*at)
            part = todo.pop()
            if part == "..":
                del at[-1:]
                continue
            here = self.root.joinpath(*at, part)
            if here.is_symlink() and (todo or follow):
                target = Path(os.readlink(here))
                if target.is_absolute():
                    at, target = [], target.relative_to("/")
                todo += reversed(target.parts)
            else:
                at.append(part)
        raise OSError(f"too many links: {path}")

    def enter(self, argv: Sequence[str], user: str | None = None) -> list[str]:
        """The command line that runs `argv` inside."""
        enter = ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "-r", "-w"]
        if user is not None:
            drop = ["setpriv", "--reuid", user, "--regid", user, "--init-groups"]
            return [*enter, *drop, *argv]
        return [*enter, *argv]

    def connect(self, port: int) -> socket.socket:
        """A connection to a port inside; made by a thread that is there for a moment."""

        def there() -> socket.socket:
            with open(f"/proc/{self.pid}/ns/net") as network:
                if _LIBC.setns(network.fileno(), 0) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            return socket.create_connection(("127.0.0.1", port))

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(there).result()

    def run(
        self,
        argv: Sequence[str],
        input: str | bytes | None = None,  # noqa: A002 - as in subprocess.run
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        timeout: float = 600,
    ) -> Finished:
        """Run a command inside, as cron would: a bare environment, no terminal.

        Output goes through files, not pipes: a daemon that it leaves behind keeps nobody waiting.
        """
        home = "/root" if user is None else f"/home/{user}"
        around = {"PATH": PATH, "HOME": home, "LOGNAME": user or "root", "LANG": "C.UTF-8"}
        data = input.encode() if isinstance(input, str) else input or b""
        with (
            tempfile.TemporaryFile() as stdin,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            stdin.write(data)
            stdin.seek(0)
            with subprocess.Popen(
                self.enter(argv, user),
                stdin=stdin,
                stdout=out,
                stderr=err,
                env={**around, **(env or {})},
                start_new_session=True,
            ) as process:
                try:
                    status = process.wait(timeout)
                except BaseException:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    raise
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode(errors="surrogateescape"))
        return Finished(status, *texts)
