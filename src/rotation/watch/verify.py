"""The trip wire: every target and the whole chain from root, against what they should be and what
they were when all was well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.apply import carry_out
from rotation.model import Kind
from rotation.plan import Hold, Leave, Outcome, Unknown, label, plan
from rotation.route import Trace
from rotation.route.model import GOOD, Step
from rotation.schedule.loaded import Loaded
from rotation.system import DryRun, System
from rotation.watch.guard import guarded, marks
from rotation.watch.marks import Mark, Record, changes, mark, parse, record

NOTE = "verify.json"
"""What the record is kept under."""
ACCEPT = "if this change is yours: rotation verify --accept"

Follow = Callable[[Sequence[str]], list[Trace]]


@dataclass(frozen=True, slots=True)
class Verified:
    """What is wrong now, what has changed since all was well, and the record of now.

    `known` is whether there was a record to compare with.
    """

    wrong: tuple[Problem, ...]
    changed: tuple[Problem, ...]
    record: Record
    known: bool

    @property
    def good(self) -> bool:
        """Whether nothing is to be said."""
        return not self.wrong and not self.changed


def verify(
    system: System, rosters: Sequence[tuple[Loaded, datetime]], follow: Follow, now: datetime
) -> Verified:
    """Compare. Nothing is changed; the targets' folders are locked, so that no `apply` is at work
    meanwhile. Raises ApplyError when a lock cannot be had."""
    targets = [target for loaded, _ in rosters for target in loaded.roster.targets]
    folders = sorted({system.real(target.path).parent for target in targets})
    with ExitStack() as stack:
        for folder in folders:
            stack.enter_context(system.lock(folder))
        wrong = target_problems(system, rosters)
        try:
            traces = follow(["root"])
        except ApplyError as error:
            return Verified((*wrong, *error.problems), (), record(frozenset(), {}, now), True)
        wrong += _chain(traces)
        those = [loaded.roster for loaded, _ in rosters]
        what = guarded(system, traces, targets, those)
        new = record(frozenset(what.edges), marks(system, what), now)
    data = system.recorded(NOTE)
    old = parse(data) if data is not None else None
    if old is None:
        unreadable = () if data is None else (_unreadable(),)
        return Verified(tuple(wrong), unreadable, new, data is not None)
    # a file that is out of the way now is looked at all the same
    gone = _again(system, old, set(new.marks))
    compared = Record(new.at, new.edges, {**new.marks, **gone})
    return Verified(tuple(wrong), tuple(changes(old, compared, system)), new, True)


def files_since(system: System) -> list[Problem]:
    """What has changed of the files that are remembered: all that can be said where no roster can
    be read. Raises ApplyError."""
    data = system.recorded(NOTE)
    old = parse(data) if data is not None else None
    if old is None:
        return []
    return list(changes(old, Record(old.at, old.edges, _again(system, old, set())), system))


def _again(system: System, old: Record, known: set[str]) -> dict[str, Mark]:
    """The files of a record as they are now, but for those that are known."""
    return {
        path: mark(system, Path(path), content=bool(was.digest))
        for path, was in old.marks.items()
        if path not in known
    }


def _unreadable() -> Problem:
    return Problem("what was remembered of the chain cannot be read", hint=ACCEPT)


def target_problems(system: System, rosters: Sequence[tuple[Loaded, datetime]]) -> list[Problem]:
    """Targets that do not hold what they should."""
    problems: list[Problem] = []
    for outcome in carry_out(DryRun(system), plan(rosters)):
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
    return problems


def _other(wish: Hold, outcome: Outcome) -> Problem:
    target = wish.target
    words = f"the alias {target.name}" if target.kind is Kind.ALIASES else "this file"
    held = "something other than a plain list"
    if outcome.before is not None:
        held = ", ".join(outcome.before) or "nothing"
    should = ", ".join(wish.addresses)
    if outcome.before is not None and sorted(outcome.before) == sorted(wish.addresses):
        what = f"{words} is right in the text, but not in the server's index"
    else:
        what = f"{words} holds {held}; it should hold {should}"
    return Problem(what, Where(str(target.path)), "rotation apply makes it true")


def _chain(traces: Sequence[Trace]) -> list[Problem]:
    """Ends of root's mail that are not whoever should get it."""
    found = []
    for trace in traces:
        if trace.good:
            continue
        bad = [step for step in trace.ends if step.end and step.end.verdict not in GOOD]
        for step in bad:
            found.append(_end(trace, step))
        if not bad:
            found.append(Problem(f"mail for {trace.address} does not reach anybody on duty"))
    return found


def _end(trace: Trace, step: Step) -> Problem:
    who = step.end.who if step.end else step.text
    why = step.end.why if step.end else ""
    what = f"mail for {trace.address} ends at {who}: {why}"
    notes = [note.text for note in step.notes]
    hint = "; ".join([*notes, f"see: rotation trace {trace.address}"])
    return Problem(what, step.where, hint)
