"""OpenSMTPD: a table of aliases, a text that the daemon holds in memory or a compiled map. Sources:
smtpd.conf(5), table(5), makemap(8), smtpctl(8)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail import aliases
from rotation.mail.aliases import Dialect
from rotation.mail.listing import Listing
from rotation.mail.server import (
    Argv,
    Built,
    Index,
    ServerKind,
    complaints,
    known_members,
    need,
    split_members,
    told,
)
from rotation.system import Look, Scratch, System

CONFIGS = (Path("/etc/smtpd.conf"), Path("/etc/mail/smtpd.conf"))
_TABLE = re.compile(
    r'^\s*table\s+"?(?P<name>[\w-]+)"?\s+"?(?P<kind>file|db):(?P<path>[^\s"]+)', re.M
)
_INCLUDE = re.compile(r'^\s*include\s+"(?P<path>[^"]+)"', re.M)
_REFUSED = re.compile(r"invalid map entry|may not be used", re.IGNORECASE)
_PATH = re.compile(r"/[A-Za-z0-9_./+@-]*\Z", re.ASCII)


class OpenSMTPD:
    """OpenSMTPD with one configuration (`config` is a file, None for the default one)."""

    name = "opensmtpd"
    dialect = Dialect.OPENSMTPD
    use = "alias"
    """What an action of smtpd.conf(5) takes the table for."""

    def __init__(self, system: System, path: Path, config: Path | None) -> None:
        self._system = system
        self._smtpctl = need(system, "smtpctl")
        self._smtpd = need(system, "smtpd")
        self.path = system.real(path)
        if not _PATH.match(str(self.path)):
            raise ApplyError(
                Problem("holds characters that mean something to smtpd.conf", Where(str(self.path)))
            )
        self._table, self._index = self._find(path, config)
        self.folder = (self._index or self.path).parent
        self.index: tuple[Path, ...] = () if self._index is None else (self._index,)
        self.remembers = self._index is None

    def _find(self, path: Path, config: Path | None) -> tuple[str, Path | None]:
        """The name of the table, and its compiled map if it is one."""
        for file in (config,) if config else CONFIGS:
            for name, kind, written in self._tables(file):
                if kind == "file" and self._system.real(written) == self.path:
                    return name, None
                text = written.with_name(written.name.removesuffix(".db"))
                if kind == "db" and self._system.real(text) == self.path:
                    return name, written
        raise ApplyError(
            Problem(
                "no table of OpenSMTPD's is this file",
                Where(str(path)),
                "see `table` in smtpd.conf, or correct the target",
            )
        )

    def _tables(self, file: Path, depth: int = 0) -> list[tuple[str, str, Path]]:
        conf = self._system.read(file)
        if conf is None or depth > 5:
            return []
        text = conf.data.decode("utf-8", "surrogateescape")
        tables = [(m["name"], m["kind"], Path(m["path"])) for m in _TABLE.finditer(text)]
        for match in _INCLUDE.finditer(text):
            tables += self._tables(Path(match["path"]), depth + 1)
        return tables

    def build(self, scratch: Scratch, staged: Path) -> Built:
        if self._index is None:
            return self._rehearsed(scratch, staged)
        makemap = need(self._system, "makemap")
        index = staged.with_name(staged.name + ".db")
        argv: Argv = [makemap, "-t", "aliases", "-o", index, staged]
        finished = self._system.ask(argv)
        said = complaints(finished, argv, staged, self.path)
        if finished.status != 0:
            return Built(said=said, failed=True)
        by_hand = (str(makemap), "-t", "aliases", "-o", str(self._index), str(self.path))
        return Built((Index(index, self._index, by_hand),), self._listed(index), said)

    def patch(self, scratch: Scratch, staged: Path, entries: Mapping[str, str]) -> Built:
        """makemap makes nothing at all of a text with a duplicate; of its own index's lines it
        does."""
        present = self.listed()
        file = self._system.read(staged)
        if present is None or file is None:
            return Built()
        everything = {**present.entries(), **entries}
        lines = "".join(f"{key}: {value}\n" for key, value in everything.items())
        text = staged.with_name(f"{staged.name}.listed")
        scratch.write(text, lines.encode("utf-8", "surrogateescape"), file)
        return self.build(scratch, text)

    def _rehearsed(self, scratch: Scratch, staged: Path) -> Built:
        """Let smtpd read the text as it will: one bad line, and it would refuse the table."""
        file = self._system.read(staged)
        config = staged.with_name("smtpd.conf")
        text = (
            f"table aliases file:{staged}\nlisten on lo\n"
            f'action "local" mbox {self.use} <aliases>\nmatch for local action "local"\n'
        )
        if file is not None:
            scratch.write(config, text.encode(), file)
        argv: Argv = [self._smtpd, "-n", "-f", config]
        finished = self._system.ask(argv)
        said = complaints(finished, argv, staged, self.path, odd=_REFUSED)
        return Built(said=said, failed=finished.status != 0)

    def listed(self) -> Listing | None:
        return None if self._index is None else self._listed(self._index)

    def _listed(self, index: Path) -> Listing | None:
        """All that an index holds; None for one that is missing or broken: it answers nothing."""
        argv: Argv = [need(self._system, "makemap"), "-U", "-t", "aliases", index]
        printed = self._system.ask_lengthy(argv, reads=(index,))
        finished = printed.finished
        if finished.status != 0 or complaints(finished, argv, index, self.path, output=False):
            return None
        return Listing(printed.pieces, "\t")

    def answers(self, names: Collection[str]) -> Mapping[str, tuple[str, ...] | None]:
        if self._index is not None:
            listing = self._listed(self._index)
            values = listing.entries({name.lower() for name in names}) if listing else {}
            return {name: known_members(values.get(name.lower())) for name in names}
        # the daemon's memory cannot be asked; `announce` makes it what the text is
        file = self._system.read(self.path)
        reading = aliases.read(file.data if file else b"", self.dialect, names)
        entries = {name: reading.winner(name) for name in names}
        return {
            name: split_members(entry.value.decode("utf-8", "surrogateescape")) if entry else None
            for name, entry in entries.items()
        }

    def key(self, name: str) -> str:
        return name

    def announce(self) -> None:
        argv: Argv = [self._smtpctl, "update", "table", self._table]
        finished = self._system.run(argv)
        # a server that is not running reads the table when it starts
        if finished.status != 0 and "running" not in finished.err:
            raise ApplyError(
                Problem(
                    f"smtpctl update table {self._table}: {finished.said}",
                    Where(str(self.path)),
                    "does the running smtpd use this configuration? look at its log",
                )
            )


class OpenSMTPDVirtual(OpenSMTPD):
    """The same for a table of virtual users: table(5), VIRTUAL DOMAINS."""

    use = "virtual"


def _runs(system: Look, config: Path | None) -> bool | None:
    """Source: smtpctl(8)."""
    done = told(system, "smtpctl", "show", "status")
    if done is None or "permission" in done.err.lower():
        return None
    return done.status == 0


KIND = ServerKind(
    "opensmtpd",
    sendmail=("smtpctl",),
    programs=("smtpctl",),
    configs=CONFIGS,
    runs=_runs,
    start="systemctl start opensmtpd",
    open=OpenSMTPD,
    virtual=OpenSMTPDVirtual,
)
