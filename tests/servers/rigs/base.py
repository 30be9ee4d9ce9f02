"""What the four rigs have in common: a host, its people, its mailboxes."""

from __future__ import annotations

import contextlib
import mailbox
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from .host import Finished, Host

PEOPLE = ("alice", "bob", "carol")
NOTIFICATIONS = "all-system-notifications"
ALIASES = f"""\
# /etc/aliases
mailer-daemon: postmaster
postmaster: root
{NOTIFICATIONS}: alice
"""


def wait(until: Callable[[], bool], what: str, timeout: float = 300) -> None:
    """Poll until it holds; AssertionError when it does not come to hold."""
    end = time.monotonic() + timeout
    while not until():
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout} s in vain: {what}")
        time.sleep(0.01)


class Rig:
    """A throw-away host with one real mail server at its distribution's own paths.

    The chain under test is set up: root's mail -> /root/.forward ->
    all-system-notifications@box.test -> an alias -> alice -> /var/mail/alice. Mail for other
    domains leaves the server by SMTP and ends in /var/mail/ADDRESS. Use as a context manager, or
    `close()` it.
    """

    name: ClassVar[str]
    #: The aliases file.
    aliases: ClassVar[str] = "/etc/aliases"
    #: The files that the server writes its log to.
    logs: ClassVar[tuple[str, ...]] = ("/var/log/mail.log",)
    #: Users of the package (each with a group of that name), and groups without a user.
    users: ClassVar[tuple[str, ...]] = ()
    groups: ClassVar[tuple[str, ...]] = ()

    def __init__(self, binds: Iterable[Path] = ()) -> None:
        self.host = Host(self.name, binds)
        self.root = self.host.root
        try:
            self._people()
            self.write(self.aliases, ALIASES)
            self.write("/root/.forward", f"{NOTIFICATIONS}@box.test\n")
            self.install()
            self.must(self.rebuild())
        except BaseException:
            self.host.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process in the rig and forget its files."""
        self.host.close()

    # --- what each server does in its own way

    def install(self) -> None:
        """Do what the package's own set-up would do, then configure."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the server and wait until it takes mail."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        raise NotImplementedError

    def running(self) -> bool:
        raise NotImplementedError

    def rebuild(self) -> Finished:
        """The server's own newaliases."""
        raise NotImplementedError

    def resolve(self, name: str) -> list[str] | None:
        """What the server itself has for the alias `name`, one step; None when it has none."""
        raise NotImplementedError

    def map(self, keys: Iterable[str] = ()) -> dict[str, str]:
        """Every alias as the server reads it: key in lower case -> value as it stands.

        `keys` matters only to a server that answers but cannot list (Exim).
        """
        raise NotImplementedError

    # --- the host

    def run(
        self,
        argv: Sequence[str],
        input: str | bytes | None = None,  # noqa: A002 - as in subprocess.run
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        timeout: float = 600,
    ) -> Finished:
        """Run a command inside; status, output and errors. TimeoutExpired when it hangs."""
        return self.host.run(argv, input, env, user, timeout)

    def rotation(self, at: str, *arguments: str) -> Finished:
        """`rotation` at an instant as root, by a process that forks for it; see warm.py."""
        from tests.servers import warm

        return warm.run(self.host, at, *arguments)

    def must(self, finished: Finished) -> Finished:
        """That command, which has to have worked."""
        if finished.status != 0:
            raise AssertionError(f"status {finished.status}: {finished.err}{finished.out}")
        return finished

    def path(self, path: str | Path, follow: bool = True) -> Path:
        """Where a file of the rig is for the test, which stays outside."""
        return self.host.inside(path, follow)

    def exists(self, path: str | Path) -> bool:
        return self.path(path).exists()

    def stat(self, path: str | Path, follow: bool = False) -> os.stat_result:
        return os.lstat(self.path(path, follow))

    def read(self, path: str | Path) -> bytes:
        return self.path(path).read_bytes()

    def write(
        self, path: str | Path, data: str | bytes, mode: int = 0o644, owner: str = "root"
    ) -> None:
        """Write in place, as an editor that keeps the file would; links are followed."""
        real = self.path(path)
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_bytes(data.encode() if isinstance(data, str) else data)
        real.chmod(mode)
        os.chown(real, *self._ids(owner))

    def _ids(self, name: str) -> tuple[int, int]:
        for line in self.read("/etc/passwd").decode().splitlines():
            fields = line.split(":")
            if fields[0] == name:
                return int(fields[2]), int(fields[3])
        raise KeyError(name)

    def _people(self) -> None:
        """Users and groups, as the packages' scripts and adduser would add them."""
        own = {*PEOPLE, *self.users, *self.groups}
        lines: dict[str, list[str]] = {}
        for file in ("passwd", "group"):
            old = self.read(f"/etc/{file}").decode().splitlines()
            lines[file] = [line for line in old if line.split(":")[0] not in own]
        ids = {name: 61001 + number for number, name in enumerate(PEOPLE)}
        ids |= {name: 61101 + n for n, name in enumerate((*self.users, *self.groups))}
        for name, number in ids.items():
            lines["group"].append(f"{name}:x:{number}:")
            if name in PEOPLE:
                lines["passwd"].append(f"{name}:x:{number}:{number}::/home/{name}:/bin/sh")
            elif name in self.users:
                lines["passwd"].append(f"{name}:x:{number}:{number}::/nonexistent:/bin/false")
        for file, content in lines.items():
            self.write(f"/etc/{file}", "\n".join(content) + "\n")
        for name in PEOPLE:
            home = self.path(f"/home/{name}")
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)
            os.chown(home, ids[name], ids[name])

    def listening(self, port: int) -> bool:
        """Whether something in the rig listens on that TCP port."""
        rows = Path(f"/proc/{self.host.pid}/net/tcp").read_text().splitlines()[1:]
        sockets = [row.split()[1:4] for row in rows]
        return any(here.endswith(f":{port:04X}") and state == "0A" for here, _, state in sockets)

    def alive(self, pidfile: str) -> bool:
        """Whether the process that this file names runs."""
        try:
            number = self.read(pidfile).split()[0].decode()
        except (OSError, IndexError):
            return False
        return self.path(f"/proc/{number}/stat").exists()

    # --- mail

    def send(self, to: str, subject: str, body: str = "x", sender: str = "root") -> Finished:
        """Submit a mail through the rig's own sendmail, as a cron job of root would."""
        text = f"From: {sender}\nTo: {to}\nSubject: {subject}\n\n{body}\n"
        return self.run(["/usr/sbin/sendmail", "-i", "-f", sender, to], text)

    def mailbox(self, user: str) -> list[str]:
        """Subjects in the mailbox of a local user, or of an address elsewhere, in order."""
        path = self.path(f"/var/mail/{user}")
        if not path.is_file():
            return []
        with contextlib.closing(mailbox.mbox(path, create=False)) as box:
            return [str(message["subject"]) for message in box]

    def delivered(self, subject: str) -> list[str]:
        """Everybody who has got that message, once for each time; sorted."""
        boxes = sorted(box.name for box in self.path("/var/mail").iterdir())
        names = [name for name in boxes if not name.endswith(".lock")]
        return [name for name in names for had in self.mailbox(name) if had == subject]

    def wait_for(self, user: str, subject: str, timeout: float = 300) -> None:
        """Wait until that message is in that mailbox; else AssertionError with the log's end."""
        path, seen = self.path(f"/var/mail/{user}"), -1

        def came() -> bool:
            nonlocal seen
            size = path.stat().st_size if path.exists() else -1
            if size == seen:
                return False
            seen = size
            return subject in self.mailbox(user)

        try:
            wait(came, f"{subject!r} for {user}", timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def log(self, lines: int = 30) -> str:
        """The end of the server's log."""
        found = [self.read(path) for path in self.logs if self.exists(path)]
        text = b"\n".join(found).decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


def addresses(value: str) -> list[str]:
    """The addresses of an alias's value, as far as plain ones go."""
    return [part.strip() for part in value.split(",") if part.strip()]
