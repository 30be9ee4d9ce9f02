"""The trip wire: every target and the whole chain from root, against what they should be and what
they were when all was well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rotation.clock.told import day_and_time
from rotation.dataclasses import dataclass, replace
from rotation.errors import ApplyError, Problem, Where
from rotation.mail.apply import carry_out
from rotation.mail.foresee import next_handoffs
from rotation.model import Roster
from rotation.model.target import FileTarget, Kind, Target, files
from rotation.plan import Hold, Leave, Outcome, Unknown, label, plan
from rotation.route import Trace
from rotation.route.model import GOOD, Step, Verdict
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded
from rotation.system import DryRun, Files, System
from rotation.watch.baseline import Baseline
from rotation.watch.contents import Edits, Texts, edits, text_of
from rotation.watch.delivery.record import failing
from rotation.watch.guard import guarded, marks, moved
from rotation.watch.marks import Edge, Mark, Record, changes, mark, record
from rotation.watch.runs import runs

ADDRESSES = ("root", "postmaster")
"""Whose mail has to arrive (RFC 2142 for the second)."""
_INSTANT = timedelta(seconds=1)

Follow = Callable[[Sequence[str]], list[Trace]]
Pairs = Sequence[tuple[Loaded, datetime]]


@dataclass(frozen=True, slots=True)
class Verified:
    """What is wrong now, what has changed since all was well, and the record of now.

    `known` is whether there was a record to compare with. `ours` is what our own commands changed
    in the plan; where that is all, `renewed` is the old record with it.
    """

    wrong: tuple[Problem, ...]
    changed: tuple[Problem, ...]
    record: Record
    known: bool
    ours: tuple[str, ...] = ()
    renewed: Record | None = None

    @property
    def good(self) -> bool:
        """Whether nothing is to be said."""
        return not self.wrong and not self.changed


def verify(
    baseline: Baseline,
    rosters: Sequence[Loaded],
    follow: Callable[[Pairs], Follow],
    now: datetime,
    wrong: Sequence[Problem] = (),
) -> Verified:
    """Compare. Nothing is changed; the targets' folders are locked, so that no `apply` is at work
    meanwhile. Raises ApplyError when a lock cannot be had.

    `follow` follows addresses for those who are on duty at these instants. `wrong` is what is known
    to be wrong already.
    """
    system = baseline.system
    targets = [target for loaded in rosters for target in loaded.roster.targets]
    with system.lock(*sorted({system.real(target.path).parent for target in files(targets)})):
        pairs = instants(system, rosters, now, baseline.sets)
        wrong = [*wrong, *target_problems(system, pairs), *unwritable(system, _ours(targets))]
        try:
            traces = follow(pairs)(ADDRESSES)
        except ApplyError as error:
            return Verified((*wrong, *error.problems), (), record(frozenset(), {}, now), True)
        wrong += _chain(traces[:1])
        if traces[0].good and targets and not moved(system, traces[0], targets):
            wrong.append(unmoved(traces[0]))
        those = [loaded.roster for loaded in rosters]
        what = guarded(system, traces, targets, those)
        edges = what.edges | set(_elsewhere(traces[1:]))
        new = record(frozenset(edges), marks(system, what), now, _texts(system, those))
    tampered, old = tuple(baseline.tampered()), baseline.record()
    if old is None:
        return Verified(tuple(wrong), tampered, new, bool(tampered))
    # a file that is out of the way now is looked at all the same
    gone = _again(system, old, set(new.marks))
    compared = Record(new.at, new.edges, {**new.marks, **gone})
    edited = _edited(baseline, old, new)
    changed = (*tampered, *changes(old, compared, system), *edited.told)
    renewed = None
    if new.texts != old.texts and not edited.told:
        renewed = replace(old, texts={**old.texts, **new.texts})
    return Verified(tuple(wrong), changed, new, True, edited.ours, renewed)


def instants(
    system: System, rosters: Sequence[Loaded], now: datetime, sets: Sequence[str]
) -> Pairs:
    """The instant at which to judge each roster: now, or just before a handoff that `apply` has not
    come to yet, where every target is as it should have been until then."""
    last = runs(system, sets)

    def instant(loaded: Loaded) -> datetime:
        handoff = _last_handoff(loaded, now)
        if last is None or handoff is None or not last.still_to_come(handoff, now):
            return now
        before = handoff - _INSTANT
        as_now = not target_problems(system, [(loaded, now)])
        return now if as_now or target_problems(system, [(loaded, before)]) else before

    return [(loaded, instant(loaded)) for loaded in rosters]


def _last_handoff(loaded: Loaded, now: datetime) -> datetime | None:
    starts = []
    for role in dict.fromkeys(target.role for target in loaded.roster.targets):
        schedule = loaded.schedule(role)
        if isinstance(schedule, Schedule) and (start := schedule.at(now).start) is not None:
            starts.append(start)
    return max(starts, default=None)


def _texts(system: Files, rosters: Sequence[Roster]) -> dict[str, Texts]:
    texts = {}
    for roster in rosters:
        written, dated = system.read(roster.path), system.read(roster.overrides_file)
        if written is not None:
            overrides = None if dated is None else text_of(dated.data)
            texts[str(roster.path)] = Texts(text_of(written.data), overrides)
    return texts


def _edited(baseline: Baseline, old: Record, new: Record) -> Edits:
    """What was changed in the rosters that both records have, with who wrote the files and when."""
    told: list[Problem] = []
    ours: list[str] = []
    for path, texts in new.texts.items():
        if path in old.texts:
            changed = edits(Path(path), old.texts[path], texts)
            ours += changed.ours
            told += [_signed(baseline, problem) for problem in changed.told]
    return Edits(tuple(told), tuple(ours))


def _signed(baseline: Baseline, problem: Problem) -> Problem:
    system = baseline.system
    status = system.status(Path(problem.where.file)) if problem.where is not None else None
    if status is None:
        return problem
    account = system.account(status.st_uid)
    name = account.name if account is not None else f"user number {status.st_uid}"
    when = datetime.fromtimestamp(int(status.st_mtime), UTC).isoformat()
    return replace(problem, hint=f"the file is {name}'s, written at {when}; {baseline.accept}")


def files_since(baseline: Baseline) -> list[Problem]:
    """What has changed of the files that are remembered: all that can be said where no roster can
    be read. Raises ApplyError."""
    old, system = baseline.record(), baseline.system
    if old is None:
        return []
    return list(changes(old, Record(old.at, old.edges, _again(system, old, set())), system))


def _again(system: Files, old: Record, known: set[str]) -> dict[str, Mark]:
    """The files of a record as they are now, but for those that are known."""
    return {
        path: mark(system, Path(path), content=bool(was.digest))
        for path, was in old.marks.items()
        if path not in known
    }


def target_problems(system: System, rosters: Pairs) -> list[Problem]:
    """Targets that do not hold what they should."""
    problems: list[Problem] = []
    for outcome in carry_out(DryRun(system), plan(rosters, failing(system))):
        match outcome.wish:
            case Hold() as hold:
                problems.extend(outcome.problems)
                if outcome.changed:
                    problems.append(_other(hold, outcome))
            case Leave():
                problems.extend(outcome.problems)
            case Unknown(target=target):
                what = f"{label(target)} cannot be checked: nobody can know what it should hold"
                problems.append(Problem(what, target.where, "a calendar cannot be read: see above"))
    for at, problem in next_handoffs(system, rosters):
        if problem not in problems:
            when = day_and_time(at, None, weekday=False, named=True)
            what = f"the handoff at {when} will fail: {problem.what}"
            problems.append(replace(problem, what=what))
    return problems


def unwritable(system: System, targets: Iterable[FileTarget]) -> Iterator[Problem]:
    """Targets that the next handoff cannot be written to: their rights, mounts and flags."""
    for target in targets:
        real = system.real(target.path)
        present = [path for path in (real.parent, real) if system.status(path) is not None]
        if not all(system.writable(path) for path in present):
            hint = "run as root; see `mount` for read-only file systems, `lsattr` for flags"
            yield Problem("rotation may not write it", Where(str(target.path)), hint)


def _ours(targets: Iterable[Target]) -> list[FileTarget]:
    """The files that are not written with the rights of their owner."""
    return [target for target in files(targets) if target.kind is not Kind.FORWARD]


def _other(wish: Hold, outcome: Outcome) -> Problem:
    target = wish.target
    match target:
        case FileTarget(kind=Kind.ALIASES, name=name):
            words = f"the alias {name}"
        case FileTarget(kind=Kind.INCLUDE | Kind.FORWARD):
            words = "this file"
        case _:
            words = label(target)
    held = "something other than a plain list"
    if outcome.before is not None:
        held = ", ".join(outcome.before) or "nothing"
    should = ", ".join(wish.addresses)
    if outcome.before is not None and sorted(outcome.before) == sorted(wish.addresses):
        what = f"{words} is right in the text, but not in the server's index"
    else:
        what = f"{words} holds {held}; it should hold {should}"
    return Problem(what, Where(target.place), "rotation apply makes it true")


def _chain(traces: Sequence[Trace]) -> list[Problem]:
    """Ends of root's mail that are not whoever should get it."""
    problems = []
    for trace in traces:
        if trace.good:
            continue
        bad = [step for step in trace.ends if step.end and step.end.verdict not in GOOD]
        for step in bad:
            problems.append(_end(trace, step))
        if not bad:
            problems.append(Problem(f"mail for {trace.address} does not reach anybody on duty"))
    return problems


def unmoved(trace: Trace) -> Problem:
    """That mail gets to whoever is on duty by chance, as a stopped clock is right."""
    end = next(step for step in trace.ends if step.end and step.end.verdict in GOOD)
    what = f"mail for {trace.address} gets to whoever is on duty, but through no target: no handoff"
    hint = f"name in it what a target holds; see: rotation trace {trace.address}"
    return Problem(f"{what} moves it", end.where, hint)


def _elsewhere(traces: Sequence[Trace]) -> Iterator[Edge]:
    """Where mail ends that does not reach whoever is on duty: a step like any other, which may be
    meant so."""
    for trace in traces:
        for step in trace.ends:
            if step.end and step.end.verdict not in GOOD:
                file = step.where.file if step.where else ""
                how = "unsure" if step.end.verdict is Verdict.UNSURE else "not on duty"
                yield Edge(trace.address, step.end.who, f"{how}: {step.end.why}", file)


def _end(trace: Trace, step: Step) -> Problem:
    who = step.end.who if step.end else step.text
    why = step.end.why if step.end else ""
    what = f"mail for {trace.address} ends at {who}: {why}"
    notes = [note.text for note in step.notes]
    hint = "; ".join([*notes, f"see: rotation trace {trace.address}"])
    return Problem(what, step.where, hint)
