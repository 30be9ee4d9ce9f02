"""Carrying out a plan: every target of every roster, one rewrite and one index per file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from rotation.errors import ApplyError, Problem
from rotation.mail import beside, lists
from rotation.mail.aliases_file import AliasesFile
from rotation.mail.detect import server_for
from rotation.mail.outcome import Done, problems_of
from rotation.mail.recipients import Circles
from rotation.model.target import FileTarget, Kind, LdapTarget, RunTarget, SqlTarget, files
from rotation.plan import Hold, Leave, Outcome, Unknown, Wish, by_place
from rotation.system import DryRun, System


def carry_out(system: System, wishes: Sequence[Wish]) -> list[Outcome]:
    """Make every wish true on `system`, in their order; one that fails does not stop the others.

    What must be left, or is not known, is not touched and has its problem as the outcome.
    """
    outcomes: dict[int, Outcome] = {}
    circles = Circles(system)
    holds: dict[int, Hold] = {}
    for number, wish in enumerate(wishes):
        match wish:
            case Leave(problem=problem) | Unknown(problem=problem):
                outcomes[number] = Outcome(wish, None, False, (problem,))
            case Hold(target=target, addresses=addresses):
                if round_about := tuple(circles.of(target, addresses)):
                    outcomes[number] = Outcome(wish, None, False, round_about)
                else:
                    holds[number] = wish
    # a .forward that is a link is refused later, and so is not followed here either
    kinds = {target.path: target.kind for target in files([hold.target for hold in holds.values()])}
    real = {
        path: path if kind is Kind.FORWARD else system.real(path) for path, kind in kinds.items()
    }
    for group in by_place(holds, real):
        for number, problem in group.contradicted.items():
            outcomes[number] = Outcome(holds[number], None, False, (problem,))
        if group.numbers:
            outcomes.update(_carry_out_group(system, {n: holds[n] for n in group.numbers}))
    return [outcomes[number] for number in range(len(wishes))]


def _carry_out_group(system: System, holds: dict[int, Hold]) -> Iterator[tuple[int, Outcome]]:
    """The outcome of each numbered hold of one file, or of one place elsewhere."""
    first = next(iter(holds.values()))
    target = first.target
    done: Mapping[int, Done | Problem]
    try:
        match target:
            case FileTarget():
                done = _file(system, target, holds)
            # few hosts have any of these, and they cost much to import
            case SqlTarget():
                from rotation.mail import sql

                done = dict.fromkeys(holds, sql.make_true(system, target, first))
            case LdapTarget():
                from rotation.mail import ldap

                done = dict.fromkeys(holds, ldap.make_true(system, target, first))
            case RunTarget():
                from rotation.mail import program

                done = dict.fromkeys(holds, program.make_true(system, target, first))
    except Exception as error:
        problems = problems_of(error, target.place)
        for number, hold in holds.items():
            yield number, Outcome(hold, None, False, problems)
        return
    for number, hold in holds.items():
        match done[number]:
            case Problem() as problem:
                yield number, Outcome(hold, None, False, (problem,))
            case Done(before, changed):
                yield number, Outcome(hold, before, changed)


def _file(
    system: System, target: FileTarget, holds: Mapping[int, Hold]
) -> Mapping[int, Done | Problem]:
    """Make the holds of one file true, but for those of an older copy of the plan. Raises
    ApplyError."""
    with system.lock(system.real(target.path).parent, *beside.folders(holds.values())):
        late = beside.leave(system, holds)
        done: dict[int, Done | Problem] = {
            number: _looked_at(system, target, holds[number], problem)
            for number, problem in late.items()
        }
        holds = {number: hold for number, hold in holds.items() if number not in late}
        return {**done, **(_changed(system, target, holds) if holds else {})}


def _looked_at(system: System, target: FileTarget, hold: Hold, problem: Problem) -> Done | Problem:
    """The problem of a hold that must not be carried out, unless it is true already."""
    with suppress(ApplyError):
        (done,) = _changed(DryRun(system), target, {0: hold}).values()
        if not done.changed:
            return done
    return problem


def _changed(system: System, target: FileTarget, holds: Mapping[int, Hold]) -> dict[int, Done]:
    if not target.kind.table:
        addresses = next(iter(holds.values())).addresses
        return dict.fromkeys(holds, Done(*lists.make_true(system, target, addresses)))
    file = AliasesFile(system, server_for(system, target), target.rebuild)
    names = _spelt({n: file.server.key(hold.target.name or "") for n, hold in holds.items()})
    report = file.make_true({names[n]: hold.addresses for n, hold in holds.items()})
    return {number: report[names[number]] for number in holds}


def _spelt(names: dict[int, str]) -> dict[int, str]:
    """The alias of each hold, in the spelling of the first one for it: servers ignore case."""
    first: dict[str, str] = {}
    return {number: first.setdefault(name.lower(), name) for number, name in names.items()}
