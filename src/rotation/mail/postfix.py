"""Postfix: local(8) looks aliases up in compiled maps. Sources: aliases(5), postalias(1),
postconf(5) `alias_maps`, DATABASE_README."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError, Problem, Where
from rotation.mail import aliases
from rotation.mail.aliases import Dialect
from rotation.mail.listing import Listing
from rotation.mail.server import (
    Argv,
    Built,
    Index,
    ServerKind,
    alive,
    complaints,
    known_members,
    need,
    told,
)
from rotation.system import Look, Scratch, System

INDEXED = ("hash", "btree", "lmdb", "cdb", "dbm", "sdbm")
"""The map types whose index postalias makes."""
FOLDER = Path("/etc/postfix")
"""The configuration of the default instance."""
_INTERNAL = ("@", "yp_last_modified", "yp_master_name")


SUFFIXES = {"lmdb": (".lmdb",), "cdb": (".cdb",), "dbm": (".dir", ".pag"), "sdbm": (".dir", ".pag")}
"""How an index is called beside its text; .db for all other types."""


def settings(system: Look, config: Path | None) -> tuple[Path, ...]:
    """The files and folders that Postfix's own programs read, whatever they are asked (strace(1) of
    postconf and postalias): the configuration, the map types that are packages of their own."""
    folder = config or FOLDER
    dynamic = folder / "dynamicmaps.cf.d"
    parts = (dynamic / name for name in system.names(dynamic) or ())
    named = (folder / name for name in ("main.cf", "master.cf", "dynamicmaps.cf"))
    return (*named, dynamic, *parts, Path("/etc/mailname"), Path("/usr/lib/postfix"))


class Redirects:
    """What a Postfix without Berkeley DB takes instead of its map types (postconf(5),
    `non_bdb_migration_level`, since Postfix 3.11)."""

    def __init__(self, system: Look, postconf: Path, option: tuple[str, ...]) -> None:
        names = ("non_bdb_migration_level", "default_database_type", "default_cache_db_type")
        argv: Argv = [postconf, *option, "-x", *names, "non_bdb_custom_mapping"]
        finished = system.ask(argv, reads=settings(system, Path(option[1]) if option else None))
        pairs = (line.partition("=") for line in finished.out.splitlines())
        said = {key.strip(): value.strip() for key, _, value in pairs}
        self._kinds: dict[str, str] = {}
        """What each type that is redirected really is."""
        if said.get(names[0], "disable") != "disable":
            self._kinds = {"hash": said.get(names[1], ""), "btree": said.get(names[2], "")}
            if said.get("non_bdb_custom_mapping"):
                self._kinds = {"hash": "", "btree": ""}  # Postfix alone knows

    def kind(self, kind: str) -> str:
        """The type that a map of this type really is; empty where only Postfix can tell."""
        return self._kinds.get(kind, kind)


@dataclass(frozen=True, slots=True)
class _Map:
    kind: str
    path: Path
    proxied: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return f"{self.kind}:{self.path}"


class Postfix:
    """One instance of Postfix (`config` is its folder, None for the default one)."""

    name = "postfix"
    dialect = Dialect.POSTFIX
    remembers = False
    parameter = "alias_maps"
    """What names the maps in main.cf."""
    maker = "postalias"
    """What makes an index, and asks it."""
    mark = ":\t"
    """What stands between a key and its value where that lists an index."""

    def __init__(self, system: System, path: Path, config: Path | None) -> None:
        self._system = system
        self._option: tuple[str, ...] = () if config is None else ("-c", str(config))
        self._postconf = need(system, "postconf")
        self._maker = need(system, self.maker)
        self._settings = settings(system, config)
        self._redirects = Redirects(system, self._postconf, self._option)
        self.path = system.real(path)
        consulted = self._consulted()
        mine = [m for m in consulted if m.kind in INDEXED and system.real(m.path) == self.path]
        if not mine:
            raise ApplyError(
                Problem(
                    f"Postfix does not read this file: {self.parameter} = "
                    f"{' '.join(map(str, consulted)) or '(empty)'}",
                    Where(str(path)),
                    f"put hash:FILE into {self.parameter} in main.cf, or correct the target",
                )
            )
        self._maps = list(dict.fromkeys(mine))
        self._earlier = consulted[: consulted.index(mine[0])]
        self.folder = self._maps[0].path.parent
        self.index = tuple(
            mapped.path.with_name(mapped.path.name + suffix)
            for mapped in self._maps
            for suffix in SUFFIXES.get(self._redirects.kind(mapped.kind), (".db",))
        )

    def _consulted(self) -> list[_Map]:
        argv: Argv = [self._postconf, *self._option, "-hx", self.parameter]
        finished = self._system.ask(argv, reads=self._settings)
        if finished.status != 0:
            raise ApplyError(
                Problem(f"Postfix is not set up: {finished.said}", hint="postfix check")
            )
        maps = []
        for word in finished.out.replace(",", " ").split():
            kind, colon, rest = word.removeprefix("proxy:").partition(":")
            proxied = word.startswith("proxy:")
            maps.append(_Map(kind, Path(rest), proxied) if colon else _Map("", Path(word)))
        return maps

    def build(self, scratch: Scratch, staged: Path) -> Built:
        index: list[Index] = []
        entries: Listing | None = None
        said: list[str] = []
        for mapped in self._maps:
            copy = _Map(mapped.kind, staged)
            argv: Argv = [self._maker, *self._option, str(copy)]
            finished = self._system.ask(argv)
            said += complaints(finished, argv, staged, mapped.path)
            if finished.status != 0:
                return Built(said=tuple(said), failed=True)
            by_hand = (str(self._maker), *self._option, str(mapped))
            suffixes = [
                name.removeprefix(staged.name)
                for name in self._system.names(staged.parent) or ()
                if name.startswith(f"{staged.name}.")
            ]
            taken = {file.staged for file in index}
            for suffix in suffixes:
                file = staged.with_name(staged.name + suffix)
                if file not in taken:
                    place = mapped.path.with_name(mapped.path.name + suffix)
                    index.append(Index(file, place, by_hand))
            entries = self._listed(copy)
        return Built(tuple(index), entries, tuple(said))

    def patch(self, scratch: Scratch, staged: Path, entries: Mapping[str, str]) -> Built:
        return Built()

    def listed(self) -> Listing | None:
        return self._listed(self._maps[-1])

    def _listed(self, mapped: _Map) -> Listing | None:
        argv: Argv = [self._maker, *self._option, "-s", str(mapped)]
        data = b""
        if self._redirects.kind(mapped.kind) in ("cdb", ""):
            # such a map cannot be listed, only asked
            file = self._system.read(mapped.path)
            data = aliases.keys(file.data if file else b"", self.dialect)
            argv = [self._maker, *self._option, "-q", "-", str(mapped)]
        printed = self._system.ask_lengthy(argv, data=data)
        finished = printed.finished
        asked = finished.status == 0 or (data and not finished.err)
        if not asked or complaints(finished, argv, mapped.path, self.path, output=False):
            return None
        return Listing(printed.pieces, self.mark, _INTERNAL)

    def answers(self, names: Collection[str]) -> Mapping[str, tuple[str, ...] | None]:
        for mapped in self._earlier:
            for name in self._ask(names, mapped):
                raise ApplyError(
                    Problem(
                        f"Postfix asks {mapped} before this file, and it knows {name!r} too",
                        Where(str(self.path)),
                        f"take it out there, or change the order of {self.parameter}",
                    )
                )
        values = [self._ask(names, mapped) for mapped in self._maps]
        alike = {name: {answers.get(name) for answers in values} for name in names}
        return {
            name: known_members(answers.pop()) if len(answers) == 1 else None
            for name, answers in alike.items()
        }

    def _ask(self, names: Collection[str], mapped: _Map) -> dict[str, str]:
        """What a map answers for those of the names that it knows."""
        argv: Argv = [self._maker, *self._option, "-q", "-", str(mapped)]
        data = "".join(f"{name}\n" for name in names).encode()
        finished = self._system.ask(argv, data=data, reads=self._reads(mapped))
        # a missing or broken index has status 1 as well: it answers nothing
        lines = finished.out.split("\n") if finished.status == 0 else ()
        pairs = (line.partition(self.mark) for line in lines)
        return {name: value.strip() for name, tab, value in pairs if tab}

    def key(self, name: str) -> str:
        return name

    def _reads(self, mapped: _Map) -> tuple[Path, ...] | None:
        """What the answer of a map is made of; None where no file speaks for that: a table of
        another kind, or a daemon (proxymap) that holds the map open."""
        kind = self._redirects.kind(mapped.kind)
        if mapped.proxied or mapped.kind not in INDEXED or not kind:
            return None
        text = mapped.path
        index = (text.with_name(text.name + suffix) for suffix in SUFFIXES.get(kind, (".db",)))
        return (*self._settings, text, *index, text.with_name("DB_CONFIG"))

    def announce(self) -> None:
        """Postfix looks for itself: an index that is another file is opened anew."""


class PostfixVirtual(Postfix):
    """The same for a map of virtual aliases: virtual(5), postmap(1)."""

    dialect = Dialect.POSTMAP
    parameter = "virtual_alias_maps"
    maker = "postmap"
    mark = "\t"


def stale_indexes(system: Look, config: Path | None) -> list[Path]:
    """Indexes of Berkeley DB beside tables that are of another type now: nothing reads them."""
    postconf = system.program("postconf")
    if postconf is None:
        return []
    option = () if config is None else ("-c", str(config))
    redirects = Redirects(system, postconf, option)
    names = ("alias_maps", "alias_database", "virtual_alias_maps", "canonical_maps")
    said = system.ask([postconf, *option, "-hx", *names, "transport_maps"]).out
    stale = []
    for word in dict.fromkeys(said.replace(",", " ").split()):
        kind, _, path = word.removeprefix("proxy:").partition(":")
        index = Path(f"{path}.db")
        if redirects.kind(kind) != kind and system.status(index) is not None:
            stale.append(index)
    return list(dict.fromkeys(stale))


def _configs(folder: Path) -> tuple[Path, ...]:
    return folder / "main.cf", folder / "master.cf"


def _runs(system: Look, config: Path | None) -> bool | None:
    """Source: master(8), "pid/master.pid"; `postfix status` would write to the log each time."""
    option = () if config is None else ("-c", str(config))
    done = told(system, "postconf", *option, "-hx", "queue_directory")
    if done is None or done.status != 0:
        return None
    return alive(system, Path(done.out.strip(), "pid/master.pid"), "master")


KIND = ServerKind(
    "postfix",
    sendmail=("postfix",),
    programs=("postconf",),
    configs=_configs(FOLDER),
    named=_configs,
    runs=_runs,
    start="postfix start, or systemctl start postfix",
    open=Postfix,
    virtual=PostfixVirtual,
)
