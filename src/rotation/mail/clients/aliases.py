"""The aliases files of msmtp and dma, which read the text itself whenever they send."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.aliases import Dialect
from rotation.mail.clients import dma, msmtp
from rotation.mail.clients.values import AliasTable, ClientConfig
from rotation.mail.listing import Listing
from rotation.mail.server import Built
from rotation.system import Look, Scratch


class ClientAliases:
    """An aliases file without an index. `reads` is what the client says it reads, None for none."""

    dialect = Dialect.PLAIN
    index: tuple[Path, ...] = ()
    remembers = False

    def __init__(
        self,
        name: str,
        system: Look,
        path: Path,
        reads: str | None,
        parse: Callable[[bytes], AliasTable],
    ) -> None:
        self.name = name
        self._system = system
        self._parse = parse
        self.path = system.real(path)
        self.folder = self.path.parent
        if reads is None or system.real(Path(reads)) != self.path:
            what = f"{name} reads {reads}, not this file" if reads else f"{name} reads no aliases"
            hint = "correct the target" if reads else f"aliases {path} in {msmtp.CONF}"
            raise ApplyError(Problem(what, Where(str(path)), hint))

    def build(self, scratch: Scratch, staged: Path) -> Built:
        """There is nothing to build: what would be read of the text at `staged`."""
        entries = {name.lower(): ", ".join(at) for name, at in self._read(staged).items()}
        return Built((), Listing.of(entries))

    def patch(self, scratch: Scratch, staged: Path, entries: Mapping[str, str]) -> Built:
        """It has no index."""
        return Built()

    def listed(self) -> None:
        """It has no index."""

    def answers(self, names: Collection[str]) -> Mapping[str, tuple[str, ...] | None]:
        """Whom the client mails for each name; the case of letters matters to both."""
        aliases = self._read(self.path)
        return {name: aliases.get(name) for name in names}

    def key(self, name: str) -> str:
        """The name itself."""
        return name

    def announce(self) -> None:
        """The text is read for each mail."""

    def _read(self, path: Path) -> dict[str, tuple[str, ...]]:
        file = self._system.read(path)
        aliases = self._parse(file.data if file else b"")
        if aliases.fault is not None:
            where = Where(str(self.path), aliases.fault.line)
            what = f"{self.name} refuses the aliases: {aliases.fault.what}"
            raise ApplyError(Problem(what, where, "mend that line of the file, then run again"))
        return {
            name: tuple(member for alias in file for member in alias.members)
            for name, file in aliases.entries.items()
        }


def open_msmtp(system: Look, path: Path, config: Path | None) -> ClientAliases:
    """The aliases file of the account that /etc/msmtprc makes the default one.

    Raises ApplyError where that is another file, or none.
    """
    accounts = msmtp.parse(_text(system, config or msmtp.CONF))
    settings = msmtp.default(accounts, msmtp.MsmtpAccounts()) or ClientConfig()
    return ClientAliases("msmtp", system, path, settings.get("aliases"), msmtp.read_aliases)


def open_dma(system: Look, path: Path, config: Path | None) -> ClientAliases:
    """The aliases file that dma.conf names. Raises ApplyError where that is another file."""
    settings = dma.parse(_text(system, config or dma.CONF))
    reads = None if settings.get("NULLCLIENT") is not None else settings.get("ALIASES")
    if reads is None and settings.get("NULLCLIENT") is None:
        reads = dma.ALIASES
    return ClientAliases("dma", system, path, reads, dma.read_aliases)


def _text(system: Look, path: Path) -> str:
    file = system.read(path)
    return "" if file is None else file.data.decode("utf-8", "surrogateescape")
