"""Exim: a redirect router looks aliases up in the text itself, so there is no index. Sources: the
Exim specification, chapters "The redirect router" and "File and database lookups" (lsearch)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail import aliases
from rotation.mail.aliases import Dialect
from rotation.mail.listing import Listing
from rotation.mail.server import Argv, Built, ServerKind, alive, known_members, need, told
from rotation.system import Look, Scratch

PROGRAMS = ("exim4", "exim")
_LOOKUP = re.compile(
    r"(?P<kind>[a-z]*search|cdb|dbm(?:nz|jz)?|lmdb)\*?@?\*?[^{}]*\{(?P<path>/[^{}]*)\}"
)
_INCLUDE = re.compile(rb"^\s*\.include(?:_if_exists)?\s+(\S+)", re.MULTILINE)
_DOMAIN = re.compile(r"\$domain(?:_data)?(?![A-Za-z_])")
_PLAIN = re.compile(r"[A-Za-z0-9_.+@-]+\Z", re.ASCII)
_PATH = re.compile(r"/[A-Za-z0-9_./+@-]*\Z", re.ASCII)
DEBIAN = Path("/etc/exim4/update-exim4.conf.conf")
"""What Debian makes the configuration from."""
_MOST = 300
"""Aliases that Exim is asked for before and after; a lookup reads the file from its beginning."""


class Exim:
    """Exim with one configuration (`config` is a file, None for the default one)."""

    name = "exim"
    dialect = Dialect.EXIM
    remembers = False

    def __init__(self, system: Look, path: Path, config: Path | None) -> None:
        self._system = system
        self._program = need(system, *PROGRAMS)
        self._option: tuple[str, ...] = () if config is None else ("-C", str(config))
        self._written, self.path = path, system.real(path)
        if not _PATH.match(str(self.path)):
            raise ApplyError(
                Problem("holds characters that mean something to Exim", Where(str(self.path)))
            )
        self.folder = self.path.parent
        self.index: tuple[Path, ...] = ()
        self._consulted(path, () if config is None else (config,))

    def _consulted(self, path: Path, config: tuple[Path, ...]) -> None:
        argv: Argv = (self._program, *self._option, "-bP", "configure_file", "routers")
        finished = self._system.ask(argv, reads=(*KIND.configs, *config))
        self._settings = self._read_settings(finished.out.partition("\n")[0].strip(), config)
        if finished.status != 0:
            raise ApplyError(Problem(f"Exim is not set up: {finished.said}", hint="exim4 -bV"))
        kinds = {
            match["kind"]
            for match in _LOOKUP.finditer(finished.out)
            if self._matches(match["path"])
        }
        if "lsearch" in kinds:
            return
        if kinds:
            what = f"Exim looks this file up by {', '.join(sorted(kinds))}, not by lsearch"
            hint = "name the command that rebuilds it: rebuild = [...]"
        else:
            what = "none of Exim's routers looks aliases up in this file by lsearch"
            hint = "see `exim4 -bP routers`, or correct the target"
        raise ApplyError(Problem(what, Where(str(path)), hint))

    def _read_settings(self, used: str, config: tuple[Path, ...]) -> tuple[Path, ...] | None:
        """The files that its lookups are made of beside the aliases file; None where its
        configuration includes others, or is none that is known."""
        known = (*KIND.configs, *config)
        file = None
        with suppress(ApplyError):  # Exim may read what we may not
            file = self._system.read(Path(used)) if Path(used) in known else None
        if file is None:
            return None
        for name in _INCLUDE.findall(file.data):
            # a name without a path is a macro, which stands for one only where it is set
            if b"/" in name or re.search(rb"^\s*%b\s*=" % re.escape(name), file.data, re.M):
                return None
        return known

    def _matches(self, written: str) -> bool:
        """Whether a path as the configuration has it is this file's."""
        return self._system.real(Path(written)) == self.path

    def build(self, scratch: Scratch, staged: Path) -> Built:
        text = self._system.read(staged)
        listed = aliases.keys(text.data if text else b"", self.dialect).split(b"\n")
        some = listed[:: len(listed) // _MOST + 1]
        keys = dict.fromkeys(key.decode("utf-8", "surrogateescape") for key in some)

        def ask(names: Collection[str]) -> dict[str, str]:
            answers = self._ask((name for name in names if _PLAIN.match(name)), staged)
            return {name: value for name, value in answers.items() if value is not None}

        return Built((), _Lookups(ask(keys.keys()), ask))

    def patch(self, scratch: Scratch, staged: Path, entries: Mapping[str, str]) -> Built:
        return Built()

    def listed(self) -> None:
        """It has no index."""

    def answers(self, names: Collection[str]) -> Mapping[str, tuple[str, ...] | None]:
        values = self._ask(names, self.path)
        return {name: known_members(values[name.lower()]) for name in names}

    def _ask(self, keys: Iterable[str], path: Path) -> dict[str, str | None]:
        """What Exim's own lookup finds; the keys hold nothing that an expansion would act on."""
        listed = list(keys)
        lines = "".join(
            f"${{lookup{{{key}}}lsearch{{{path}}}{{=$value}}{{-}}}}\n" for key in listed
        )
        reads = None if self._settings is None else (*self._settings, path)
        argv: Argv = (self._program, *self._option, "-be")
        finished = self._system.ask(argv, data=lines.encode(), reads=reads)
        # each answer follows a prompt, and a last prompt the end of the input
        answers = finished.out.removeprefix("> ").split("\n> ")[: len(listed)]
        if len(answers) != len(listed) or any(answer[:1] not in "=-" for answer in answers):
            raise ApplyError(
                Problem(
                    f"Exim cannot look aliases up: {finished.said}",
                    Where(str(self.path)),
                    "try exim4 -be '${lookup{root}lsearch{" + str(self.path) + "}}'",
                )
            )
        return {
            key.lower(): answer[1:] if answer.startswith("=") else None
            for key, answer in zip(listed, answers, strict=True)
        }

    def key(self, name: str) -> str:
        return name

    def announce(self) -> None:
        """Exim reads the text for each delivery."""


class _Lookups(Listing):
    """What Exim answers for some names; for any others it is asked when somebody wants to know."""

    def __init__(
        self, some: Mapping[str, str], ask: Callable[[Collection[str]], dict[str, str]]
    ) -> None:
        text = "".join(f"{name}\t{value}\n" for name, value in some.items())
        super().__init__(lambda: iter((text.encode("utf-8", "surrogateescape"),)), "\t")
        self._ask = ask

    def entries(self, names: Collection[str] | None = None) -> dict[str, str]:
        return super().entries() if names is None else self._ask(names) if names else {}


class EximVirtual(Exim):
    """The same for whole addresses: a file for each domain, whose keys are local parts
    (`lsearch{/etc/exim4/virtual/$domain}`), or one file of whole addresses."""

    _domain: str | None = None
    """The domain whose file it is."""

    def _matches(self, written: str) -> bool:
        if not (variable := _DOMAIN.search(written)):
            return super()._matches(written)
        before, after = written[: variable.start()], written[variable.end() :]
        pattern = f"{re.escape(before)}([A-Za-z0-9.-]+){re.escape(after)}"
        match = re.fullmatch(pattern, str(self._written)) or re.fullmatch(pattern, str(self.path))
        self._domain = match[1].lower() if match else self._domain
        return match is not None

    def key(self, name: str) -> str:
        local, _, domain = name.rpartition("@")
        if self._domain is None:
            return name
        if domain.lower() != self._domain:
            what = f"this is Exim's file for {self._domain}, and {name} is not there"
            raise ApplyError(Problem(what, Where(str(self.path)), "correct the target"))
        return local


_NO_DAEMON = re.compile(rb"^\s*QUEUERUNNER=[\"']?nodaemon\b", re.MULTILINE)


def _runs(system: Look, config: Path | None) -> bool | None:
    """Source: exim(8); /etc/default/exim4 of Debian, by which Exim delivers at once what is handed
    to it here, and no daemon is started."""
    settings = system.read(Path("/etc/default/exim4"))
    if settings is not None and _NO_DAEMON.search(settings.data):
        return None
    option = () if config is None else ("-C", str(config))
    answers = (told(system, program, *option, "-bP", "pid_file_path") for program in PROGRAMS)
    done = next((done for done in answers if done is not None), None)
    path = done.out.partition("=")[2].strip() if done else ""
    return alive(system, Path(path or "/run/exim4/exim.pid"), "exim")


KIND = ServerKind(
    "exim",
    sendmail=("exim",),
    programs=PROGRAMS,
    configs=(
        Path("/etc/exim4/exim4.conf"),
        DEBIAN,
        Path("/var/lib/exim4/config.autogenerated"),
        Path("/etc/exim/exim.conf"),
    ),
    runs=_runs,
    start="systemctl start exim4",
    open=Exim,
    virtual=EximVirtual,
)
