"""Sendmail: aliases in a compiled map beside each file of its option AliasFile.

Sources: the Sendmail Installation and Operation Guide (AliasFile, `-bi`, `-bt`), newaliases(1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.aliases import Dialect
from rotation.mail.listing import Listing
from rotation.mail.server import (
    Argv,
    Built,
    Index,
    Server,
    ServerKind,
    alive,
    complaints,
    known_members,
    need,
    split_members,
)
from rotation.system import Look, Scratch, System

PROGRAMS = ("sendmail-mta", "sendmail")
CONFIG = Path("/etc/mail/sendmail.cf")
SWITCH = Path("/etc/mail/service.switch")
"""Which services it asks for aliases; those other than "files" are no files."""
SUBMIT = Path("/etc/mail/submit.cf")
"""The configuration by which mail of this host is handed to the server."""
_OPTION = re.compile(r"^O\s*AliasFile\s*=\s*(.*)$", re.MULTILINE)
_FILE = re.compile(r"(?:(?P<kind>[a-z]+):)?\s*(?P<flags>(?:-\S+\s+)*)(?P<path>/\S+)")
_SWITCH = re.compile(r"^O\s*ServiceSwitchFile", re.MULTILINE)
_PID = re.compile(r"^O\s*PidFile\s*=\s*(\S+)", re.MULTILINE)
_ANSWER = re.compile(r"map_lookup: aliases \((?P<name>.*?)\) returns (?P<value>.*) \(\d+\)\s*$")
_ODD = re.compile(r"missing|too long|starts with space|cannot open", re.IGNORECASE)


class Sendmail:
    """Sendmail with one configuration (`config` is a .cf file, None for the default one)."""

    name = "sendmail"
    dialect = Dialect.SENDMAIL
    remembers = False

    def __init__(self, system: Look, path: Path, config: Path | None) -> None:
        self._system = system
        self._program = need(system, *PROGRAMS)
        self._option: tuple[str, ...] = () if config is None else (f"-C{config}",)
        self.path = system.real(path)
        self._config = config or CONFIG
        self._kind, written = self._file(path, self._config)
        # the index is named after the path in the configuration, not after what it links to
        self._written = written
        self.folder = written.parent
        self.index: tuple[Path, ...] = (written.with_name(written.name + ".db"),)

    def _file(self, path: Path, config: Path) -> tuple[str | None, Path]:
        file = self._system.read(config)
        option = file and _OPTION.search(file.data.decode("utf-8", "surrogateescape"))
        value = option[1].strip() if option else ""
        for part in value.split(","):
            match = _FILE.match(part.strip())
            if match and self._system.real(Path(match["path"])) == self.path:
                return match["kind"], Path(match["path"])
        raise ApplyError(
            Problem(
                f"Sendmail does not read this file: AliasFile={value or ' is not set'}",
                Where(str(path)),
                f"see {config}, or correct the target",
            )
        )

    def build(self, scratch: Scratch, staged: Path) -> Built:
        kind = f"{self._kind}:" if self._kind else ""
        argv: Argv = [self._program, *self._option, "-bi", f"-OAliasFile={kind}{staged}"]
        finished = self._system.ask(argv)
        said = complaints(finished, argv, staged, self.path, odd=_ODD)
        index = staged.with_name(staged.name + ".db")
        if index.name not in (self._system.names(staged.parent) or ()):
            if finished.status != 0:
                return Built(said=said, failed=True)
            raise ApplyError(
                Problem(
                    "Sendmail made no .db index of this file",
                    Where(str(self.path)),
                    "only hash and btree maps are known; name the command: rebuild = [...]",
                )
            )
        by_hand = (str(self._program), *self._option, "-bi")
        # a line that it drops makes for an exit status too; the rest is in the index
        return Built((Index(index, self.index[0], by_hand),), self._listed(staged), said)

    def patch(self, scratch: Scratch, staged: Path, entries: Mapping[str, str]) -> Built:
        return Built()

    def listed(self) -> Listing | None:
        return self._listed(self._written)

    def _listed(self, text: Path) -> Listing | None:
        """All that the index of a text holds, None for one that is missing or broken.

        Sendmail itself then answers from the text without a word, so only this is honest.
        """
        makemap = need(self._system, "makemap")
        reads = (CONFIG, text, text.with_name(text.name + ".db"))
        argv: Argv = [makemap, "-u", self._kind or "hash", text]
        printed = self._system.ask_lengthy(argv, reads=reads)
        return Listing(printed.pieces, "\t", ("@",)) if printed.finished.status == 0 else None

    def answers(self, names: Collection[str]) -> Mapping[str, tuple[str, ...] | None]:
        listing = self._listed(self._written)
        values = listing.entries({name.lower() for name in names}) if listing else {}
        if not values:
            return dict.fromkeys(names)
        argv: Argv = [self._program, *self._option, "-bt"]
        lines = "".join(f"/map aliases {name}\n" for name in values)
        finished = self._system.ask(argv, data=lines.encode("ascii"), reads=self._reads())
        matches = (_ANSWER.search(line) for line in finished.out.splitlines())
        said = {match["name"].lower(): match["value"] for match in matches if match}
        for name, value in values.items():
            if split_members(said.get(name, value)) != split_members(value):
                raise ApplyError(
                    Problem(
                        f"Sendmail knows {name!r} from another file too, and asks that first",
                        Where(str(self.path)),
                        "take it out there, or change the order of AliasFile",
                    )
                )
        return {name: known_members(values.get(name.lower())) for name in names}

    def key(self, name: str) -> str:
        return name

    def _reads(self) -> tuple[Path, ...] | None:
        """What an answer of Sendmail is made of; None where services other than files have a part
        in it."""
        try:
            files = [self._system.read(path) for path in (self._config, SWITCH)]
        except ApplyError:
            return None
        config, switch = (
            file.data.decode("utf-8", "surrogateescape") if file else "" for file in files
        )
        services = (line.split() for line in switch.splitlines())
        listed = _OPTION.findall(config)
        if (
            any(words[:1] == ["aliases"] and words != ["aliases", "files"] for words in services)
            or _SWITCH.search(config)
            or len(listed) != 1
        ):
            return None
        parts = [_FILE.fullmatch(part.strip()) for part in listed[0].split(",")]
        if not all(part and part["kind"] in (None, "hash", "btree") for part in parts):
            return None
        texts = [Path(part["path"]) for part in parts if part]
        indexes = (text.with_name(text.name + ".db") for text in texts)
        return (self._config, SWITCH, *KIND.configs, *texts, *indexes)

    def announce(self) -> None:
        """Sendmail opens its maps for each delivery."""


def _virtual(system: System, path: Path, config: Path | None) -> Server:
    """Sendmail's virtusertable takes one address for each key (the Installation and Operation
    Guide; cf/README, VIRTUAL HOSTING), and nobody knows how many will be on duty."""
    raise ApplyError(
        Problem(
            "Sendmail's virtusertable takes one address, and several people may be on duty",
            Where(str(path)),
            "put a line like `duty@example.com duty` there once, run makemap, and let a target "
            'hold the alias: aliases = "/etc/mail/aliases", name = "duty"',
        )
    )


def _runs(system: Look, config: Path | None) -> bool | None:
    """Source: sendmail(8), option PidFile."""
    file = system.read(config or CONFIG)
    match = _PID.search(file.data.decode("utf-8", "surrogateescape")) if file else None
    pidfile = Path(match[1] if match else "/var/run/sendmail.pid")
    return alive(system, pidfile, "sendmail", "sm.bin")


KIND = ServerKind(
    "sendmail",
    sendmail=("sm.bin", "libexec/sendmail", "sendmail-mta"),
    programs=(),
    configs=(CONFIG, SUBMIT, Path("/etc/mail/local-host-names")),
    runs=_runs,
    start="systemctl start sendmail",
    open=Sendmail,
    virtual=_virtual,
    there=lambda system: bool(system.program("sendmail")) and system.read(CONFIG) is not None,
)
