"""What has to stay as it is for root's mail to arrive: steps, files, folders."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rotation.dataclasses import dataclass, field
from rotation.mail.custom import deciding, runs_what_it_is_given
from rotation.mail.detect import configs, detect
from rotation.model import Roster
from rotation.model.target import FileTarget, LdapTarget, RunTarget, SqlTarget, Target, files
from rotation.route import Step, Trace
from rotation.route.judge import ELSEWHERE
from rotation.system import Files, Look, System
from rotation.system.link import is_link
from rotation.watch.marks import Edge, Mark, mark

_INDEXES = (".db", ".lmdb", ".cdb", ".dir", ".pag")


@dataclass
class Guarded:
    """Paths to guard, each with whether its content is guarded too, and the steps."""

    paths: dict[Path, bool] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)

    def add(self, path: Path, *, content: bool = False) -> None:
        """Guard a path."""
        self.paths[path] = self.paths.get(path, False) or content


def guarded(
    system: System, traces: Iterable[Trace], targets: Sequence[Target], rosters: Iterable[Roster]
) -> Guarded:
    """Everything on the way down to the targets, whose own content `apply` changes lawfully.

    The files of whoever is on duty are their own: the verdicts of the trace speak of those.
    """
    guards = Guarded()
    own = {system.real(target.path) for target in files(targets)}
    for trace in traces:
        for here, there in _above(system, trace.step, targets):
            file = there.where.file if there.where else ""
            guards.edges.add(Edge(here.text, there.text, there.how, file))
            if file.startswith("/"):
                _add_file(system, guards, Path(file), own)
        _add_homes(system, guards, trace.step, targets, own)
    for target in targets:
        match target:
            case FileTarget(path=path, rebuild=rebuild):
                _add_file(system, guards, path, own)
                _add_command(system, guards, rebuild or (), own)
            case RunTarget(argv=argv):
                _add_command(system, guards, argv, own)
            case SqlTarget() | LdapTarget():
                pass  # its map stands on the way, and with it the file that tells of the server
    for roster in rosters:
        # the overrides file belongs to whoever wrote it last; what they wrote is looked at instead
        guards.add(roster.path)
        guards.add(roster.overrides_file.parent)
        for calendar in calendars(roster):
            guards.add(calendar)  # what it says changes lawfully; whose it is does not
            guards.add(system.real(calendar))
    for config in _configs(system, targets):
        if system.status(config, follow=False) is not None:
            guards.add(config, content=True)
            guards.add(system.real(config), content=True)
    for path in list(guards.paths):
        guards.add(path.parent)
    return guards


def calendars(roster: Roster) -> Iterator[Path]:
    """The files of calendars that say who is on duty, or away."""
    named = [rotation.calendar for rotation in roster.rotations]
    named += [absences.calendar for absences in roster.absence_calendars]
    for calendar in named:
        if calendar and not is_link(calendar):
            yield roster.path.parent / calendar


def _above(system: Files, step: Step, targets: Sequence[Target]) -> Iterator[tuple[Step, Step]]:
    """The steps down to the targets: a target's own members are not among them."""
    for child in step.children:
        if child.how == ELSEWHERE:
            continue  # people on duty at another host: they change lawfully
        if child.where is None or not _of_target(system, step, child, targets):
            if child.where is not None and child.how != "delivery":
                yield step, child
            yield from _above(system, child, targets)


def moved(system: Files, trace: Trace, targets: Sequence[Target]) -> bool:
    """Whether a handoff moves this mail: a step on its way is a target's, or another host's.

    Of a target that no file on the way tells of nobody can say, and it may be the one.
    """
    if any(_makes_unseen(target) for target in targets):
        return True
    return any(
        child.how == ELSEWHERE or _of_target(system, step, child, targets)
        for step in trace.step.walk()
        for child in step.children
    )


def _makes_unseen(target: Target) -> bool:
    match target:
        case SqlTarget(ask=ask) | LdapTarget(ask=ask):
            return ask is None
        case RunTarget():
            return True
        case _:
            return False


def _of_target(system: Files, here: Step, there: Step, targets: Sequence[Target]) -> bool:
    """Whether a step is one that a target makes."""
    if there.where is None or not there.where.file.startswith("/"):
        return False
    file = system.real(Path(there.where.file))
    return any(_makes(system, target, here.text.lower(), file) for target in targets)


def _makes(system: Files, target: Target, address: str, file: Path) -> bool:
    """Whether what a file, or the map that it tells of, says of an address is a target's."""
    name = (target.name or "").lower()
    match target:
        case FileTarget(path=path, kind=kind):
            return system.real(path) == file and (not kind.table or _named(name, address))
        case SqlTarget(ask=ask) | LdapTarget(ask=ask):
            path = Path((ask or "").rpartition(":")[2])
            return ask is not None and system.real(path) == file and _named(name, address)
        case RunTarget():
            return False


def _named(name: str, address: str) -> bool:
    """Whether an address, as it was written on the way, is that of an entry: a server adds its own
    domain where there is none, and cuts off what follows a `+` (postconf(5), recipient_delimiter).
    """
    local, _, domain = name.partition("@")
    theirs, _, written = address.partition("@")
    if domain and written and domain != written:
        return False
    return local in (theirs, theirs.partition("+")[0])


def _add_file(system: Files, guards: Guarded, path: Path, own: set[Path]) -> None:
    """A file on the way, what it links to, and its index."""
    real = system.real(path)
    aliases = real in own or _is_aliases(system, real)
    guards.add(path, content=not aliases)
    guards.add(real, content=not aliases)
    for file in {path, real}:
        for suffix in _INDEXES:
            index = file.with_name(file.name + suffix)
            if system.status(index, follow=False) is not None:
                guards.add(index)


def _add_command(system: System, guards: Guarded, argv: Sequence[str], own: set[Path]) -> None:
    """A program and all that it is given, and what those link to. Of what is no program, such as a
    file that the program keeps the addresses in, the content may change lawfully."""
    script_to_come = any(map(runs_what_it_is_given, argv))
    folders = set()
    for number, path in enumerate(deciding(system, argv)):
        real = system.real(path)
        status = system.status(real)
        mode = status.st_mode if status is not None else 0
        decides = number == 0 or stat.S_ISDIR(mode) or bool(mode & 0o111)
        if stat.S_ISDIR(mode):
            folders.add(path)
        elif not decides and path.parent in folders:
            decides = True
        elif not decides and script_to_come:
            decides, script_to_come = True, False
        lawful = real in own or (real.suffix in _INDEXES and real.with_suffix("") in own)
        guards.add(path, content=decides and not lawful)
        guards.add(real, content=decides and not lawful)


def _is_aliases(system: Files, path: Path) -> bool:
    """Whether a file is an aliases file: of those only the steps count, not all other lines."""
    return any(
        system.status(path.with_name(path.name + suffix)) is not None for suffix in _INDEXES
    ) or path.name.startswith("aliases")


def _add_homes(
    system: Look, guards: Guarded, step: Step, targets: Sequence[Target], own: set[Path]
) -> None:
    """The homes of the local users on the way, and their .forward even where there is none."""
    texts = {step.text, *(there.text for _, there in _above(system, step, targets))}
    for text in texts:
        account = system.account(text.partition("@")[0].lower())
        if account is not None:
            forward = account.home / ".forward"
            guards.add(account.home)
            guards.add(forward, content=system.real(forward) not in own)


def _configs(system: System, targets: Sequence[Target]) -> list[Path]:
    named = [target for target in files(targets) if target.server or target.config]
    server = next((t.server for t in named if t.server), None) or detect(system)
    paths = list(configs(system, server, None))
    for config in {target.config for target in named if target.config is not None}:
        paths += configs(system, server, config)
    return paths


def marks(system: Files, what: Guarded) -> dict[str, Mark]:
    """Every guarded file as it is now."""
    return {str(p): mark(system, p, content=content) for p, content in what.paths.items()}
