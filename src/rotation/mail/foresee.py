"""What `apply` will refuse, before it has to: the next handoff rehearsed, odd lines named."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from stat import S_ISREG

from rotation.errors import ApplyError, Problem, Where
from rotation.mail import aliases
from rotation.mail.apply import carry_out
from rotation.mail.detect import server_for
from rotation.model.target import Kind, Target, files
from rotation.plan import Hold, plan
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded
from rotation.system import DryRun, System
from rotation.system.links import names


def next_handoffs(
    system: System, rosters: Sequence[tuple[Loaded, datetime]]
) -> Iterator[tuple[datetime, Problem]]:
    """What would go wrong at the next handoff of each target, and when that is, in its zone.

    New indexes are built in a private folder and compared, as a dry run does it; what is wrong
    with a target now already is wrong then too. A role that never changes hands, or that nobody
    can know, has no handoff to rehearse.
    """
    for loaded, at in rosters:
        instants: dict[datetime, set[str]] = {}
        for role in dict.fromkeys(target.role for target in loaded.roster.targets):
            schedule = loaded.schedule(role)
            end = schedule.at(at).end if isinstance(schedule, Schedule) else None
            if end is not None:
                instants.setdefault(end, set()).add(role)
        for instant, roles in sorted(instants.items()):
            wishes = [wish for wish in plan([(loaded, instant)]) if wish.target.role in roles]
            for outcome in carry_out(DryRun(system), wishes):
                for problem in outcome.problems if isinstance(outcome.wish, Hold) else ():
                    yield instant.astimezone(loaded.roster.zone), problem


def odd_lines(system: System, targets: Sequence[Target]) -> Iterator[Problem]:
    """The lines of the targets' aliases files that their server drops, warns of, or reads in a way
    that people do not expect. They stop no handoff. A file that cannot be read has none."""
    for path, target in {t.path: t for t in files(targets) if t.kind.table}.items():
        try:
            server = server_for(system, target)
            file = system.read(path)
        except ApplyError:
            continue  # `apply` says so
        if server.dialect is aliases.Dialect.PLAIN:
            continue  # nobody knows how it reads
        for oddity in aliases.read(file.data, server.dialect).oddities if file else ():
            what = f"{server.name}: this line {oddity.what}"
            yield Problem(what, Where(str(path), oddity.line), "correct it, or remove it")


def other_names(system: System, targets: Sequence[Target]) -> Iterator[Problem]:
    """The targets' files that have other names (hard links), by which somebody may read them: a
    file is replaced whole, so that a change reaches the name in the target alone."""
    for path, kind in {target.path: target.kind for target in files(targets)}.items():
        try:
            status = system.status(path, follow=kind is not Kind.FORWARD)
            many = names(system, path, status) if status and S_ISREG(status.st_mode) else 1
        except ApplyError:
            continue  # `apply` says so
        if many > 1:
            what = f"has {many} names (hard links): a change reaches this one alone"
            name = shlex.quote(str(path))
            find = f"find $(stat -c %m {name}) -xdev -samefile {name}"
            hint = f"{find} names them: make the others symbolic links"
            yield Problem(what, Where(str(path)), hint)
