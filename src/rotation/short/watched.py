"""The host, watched: what is looked at is noted where the seam is asked for it, and what no look
speaks for is a doubt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rotation.errors import ApplyError
from rotation.host.real import Host
from rotation.short import RUN
from rotation.short.watch import Watch
from rotation.system.values import Account, File, Finished, Lengthy, Trust

if TYPE_CHECKING:
    from rotation.host.trust import PathStep

_NAMES = Path("/etc/nsswitch.conf")
_PASSWD = Path("/etc/passwd")
LIBRARIES = (Path("/etc/ld.so.cache"), Path("/etc/ld.so.preload"))
"""What says which libraries a program runs with; it is written anew when one is installed."""
_PROGRAMS = (*LIBRARIES, Path("/etc/group"), _NAMES, _PASSWD)
"""What any program may read."""


class WatchedHost(Host):
    """The real host; what is asked of it is noted. What changes it is a doubt, and so is what this
    class does not know."""

    def __init__(
        self,
        state: Path,
        watch: Watch,
        credentials: Path | None = None,
        passwords: Path | None = None,
    ) -> None:
        super().__init__(state, credentials, passwords)
        self._watch = watch

    def read(self, path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True) -> File | None:
        """See `Look.read`."""
        self._see_way(path, trust, follow=follow)
        self._watch.reading = str(path)
        try:
            file = super().read(path, trust=trust, follow=follow)
        except Exception:
            self._watch.see("file", path)
            raise
        finally:
            self._watch.reading = ""
        if file is None:
            self._watch.missed(path)
        else:
            self._watch.opened(path, file.attributes)
            if file.real is not path and file.real != path:
                self._watch.see("real", path)
        return file

    def _see_way(self, path: Path, how: Trust, *, follow: bool) -> None:
        """Note who could change what is read, as far as that decides."""
        if not follow:
            self._watch.see("link", path)
        if how is Trust.ANYBODY:
            return
        for step in self._way(path):
            self._watch.see("link" if step.link else "passage", step.path)
            # whether the owner of a group's file is of that group, others may be asked
            if how is Trust.GROUP and step.status.st_uid not in (0, os.geteuid()):
                self._watch.doubt(f"{step.path} is somebody's of a group")

    def _way(self, path: Path) -> tuple[PathStep, ...]:
        from rotation.host import trust

        try:
            return trust.way(path).steps
        except (OSError, ApplyError, ValueError) as error:  # whoever reads it hears of that
            self._watch.doubt(f"{path}: {error}")
            return ()

    def vet(self, path: Path) -> None:
        """See `Look.vet`."""
        self._see_way(path, Trust.ALONE, follow=True)
        super().vet(path)

    def read_as_owner(self, path: Path) -> File | None:
        """See `Look.read_as_owner`; what else its owner may read, other services may say."""
        self._see_way(path, Trust.ALONE, follow=False)
        if os.geteuid() == 0 and any(step.status.st_uid for step in self._way(path)):
            self._watch.doubt(f"{path} is read with the rights of its owner")
        file = super().read_as_owner(path)
        self._watch.see("file", path)
        return file

    def names(self, folder: Path) -> list[str] | None:
        """See `Look.names`."""
        self._watch.see("file", folder)
        names = super().names(folder)
        self._watch.see("file", folder)
        return names

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        """See `Look.status`."""
        kind = "file" if follow else "link"
        self._watch.see(kind, path)
        status = super().status(path, follow=follow)
        self._watch.see(kind, path)
        return status

    def real(self, path: Path) -> Path:
        """See `Look.real`."""
        self._watch.see("real", path)
        return super().real(path)

    def account(self, name: str | int) -> Account | None:
        """See `Look.account`."""
        account = super().account(name)
        self._of_account(name if account is None else account.uid)
        return account

    def _of_account(self, name: str | int) -> None:
        """Note what speaks for an account: the file of accounts, if it has it and is asked first.

        Where it is not found, some service might know it another time.
        """
        for path in (_NAMES, _PASSWD):
            self._watch.see("file", path)
        try:
            lines = _NAMES.read_text("ascii", "replace").splitlines()
            accounts = _PASSWD.read_text("utf-8", "surrogateescape").splitlines()
        except OSError:
            lines, accounts = [], []
        services = [line.split()[1:] for line in lines if line.split()[:1] == ["passwd:"]]
        listed = (line.split(":")[0:3:2] for line in accounts)
        if services != [["files"]] and not (
            services
            and services[0][:1] == ["files"]
            and any(str(name) in known for known in listed)
        ):
            self._watch.doubt(f"who {name} is, another service may say")

    def host_name(self) -> str:
        """See `Look.host_name`."""
        self._watch.see("host", "")
        return super().host_name()

    def zone(self) -> str | None:
        """See `Look.zone`."""
        self._watch.see("link", "/etc/localtime")
        return super().zone()

    def program(self, *names: str) -> Path | None:
        """See `Look.program`."""
        from rotation.host.programs import FOLDERS

        program = super().program(*names)
        for path in (Path(folder, name) for name in names for folder in FOLDERS):
            self._watch.see("file", path)
            if path == program:
                break
        return program

    def ask(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
        limit: float | None = None,
    ) -> Finished:
        """See `Look.ask`."""
        with self._asked(argv, reads):
            return super().ask(argv, data=data, reads=reads, limit=limit)

    def ask_lengthy(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
    ) -> Lengthy:
        """See `Look.ask_lengthy`."""
        with self._asked(argv, reads):
            return super().ask_lengthy(argv, data=data, reads=reads)

    @contextmanager
    def _asked(self, argv: Sequence[str | Path], reads: Sequence[Path] | None) -> Iterator[None]:
        if reads is None:
            self._watch.doubt(f"{argv[0]} answers from more than files")
        for path in (argv[0], *_PROGRAMS, *(reads or ())):
            self._watch.see("file", path)
        self._watch.see("host", "")
        with self._watch.asking():
            yield
        for path in reads or ():
            self._watch.see("file", path)

    @contextmanager
    def lock(self, *folders: Path) -> Iterator[None]:
        """See `Act.lock`: another run that holds it is waited for, and may be in the way."""
        from rotation.host import locks

        for folder in folders:
            self._watch.see("passage", folder)
            try:
                name = locks.lock_of(folder)
            except (OSError, ApplyError) as error:
                self._watch.doubt(f"{folder}: {error}")
                continue
            if name is not None:
                self._watch.see("file", name)
            elif os.access(folder, os.W_OK):
                self._watch.see("unlocked", folder)
        with super().lock(*folders):
            yield

    def recorded(self, name: str) -> bytes | None:
        """See `Records.recorded`."""
        data = super().recorded(name)
        if name.startswith(RUN):
            return data
        self._watch.see("passage", self._state)
        self._watch.see("file", self._state / name)
        # what lasts is said again one day; what a daemon was told is in its memory
        if data is not None and (name.startswith("said-") or name.endswith(".told")):
            self._watch.doubt(f"{name} is there")
        if data is None and name.endswith(".since"):
            self._watch.doubt("nothing is kept of a calendar: what it is worth depends on the day")
        return data

    def record(self, name: str, data: bytes | None) -> None:
        """See `Records.record`: every run leaves the record of itself."""
        if not name.startswith(RUN):
            self._watch.doubt(f"{name} is recorded")
        super().record(name, data)

    def remembered(self, path: Path) -> bytes | None:
        """See `Journal.remembered`."""
        from rotation.host import locks

        self._watch.see("file", self._state / locks.note_name(path))
        return super().remembered(path)


def _doubted(name: str) -> Callable[..., Any]:
    def method(self: WatchedHost, *arguments: Any, **options: Any) -> Any:
        self._watch.doubt(name)
        return getattr(Host, name)(self, *arguments, **options)

    return method


for _name in vars(Host):
    if not _name.startswith("_") and _name not in vars(WatchedHost):
        setattr(WatchedHost, _name, _doubted(_name))
