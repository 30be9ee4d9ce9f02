"""Whether this host is set up right: rosters, targets, server, schedule, clock, chain, rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from rotation.check import examine
from rotation.clock.told import day_and_time
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Severity, Where, counted
from rotation.mail.detect import detect
from rotation.mail.foresee import odd_lines
from rotation.model import CLIENTS, Rotation, Unit
from rotation.model.target import LdapTarget, RunTarget, Target, files
from rotation.plan import Hold, label, plan
from rotation.route import Trace
from rotation.route.model import GOOD, Stop
from rotation.schedule.loaded import Loaded
from rotation.system import Look, System
from rotation.watch.alarm import direct
from rotation.watch.baseline import Baseline
from rotation.watch.command import Expected
from rotation.watch.delivery.clients import unknown
from rotation.watch.findings import Diagnosis, from_problems
from rotation.watch.guard import calendars, guarded, moved
from rotation.watch.rights import rights
from rotation.watch.runs import last_run
from rotation.watch.scheduled import scheduled
from rotation.watch.servers import clock, only_for_root, running, stale
from rotation.watch.verify import (
    ADDRESSES,
    Follow,
    instants,
    target_problems,
    unmoved,
    unwritable,
)

_STALE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Patient:
    """What there is to look at; `server` and `config` are what the targets name, if they do."""

    system: System
    rosters: Sequence[tuple[Loaded, datetime]]
    follow: Follow
    now: datetime
    baseline: Baseline
    server: str | None = None
    config: Path | None = None
    known: bool = True
    """Whether it is known who should get mail: the rosters could be read."""

    state: Path | None = None
    """The state folder of this call."""
    user: str = "root"
    """Who runs this."""

    def expected(self) -> Expected:
        """What a job has to run to count."""
        turns = [
            _length(rotation) for loaded, _ in self.rosters for rotation in loaded.roster.rotations
            if rotation.calendar is None
        ]  # fmt: skip
        return Expected(self.baseline.place, self.state, self.user, min(turns, default=None))

    @property
    def targets(self) -> list[Target]:
        """The targets of all rosters."""
        return [target for loaded, _ in self.rosters for target in loaded.roster.targets]


def _length(rotation: Rotation) -> timedelta:
    """How long a turn is at least; with hours, people change every day."""
    units = {Unit.HOUR: timedelta(hours=1), Unit.DAY: timedelta(days=1),
             Unit.WEEK: timedelta(days=7), Unit.MONTH: timedelta(days=28)}  # fmt: skip
    whole = rotation.every.count * units[rotation.every.unit]
    return min(whole, timedelta(days=1)) if rotation.hours else whole


def doctor(patient: Patient) -> list[Diagnosis]:
    """Everything there is to say, in the order in which mail depends on it."""
    system = patient.system
    findings = [*_rosters(patient), *_fallbacks(patient), *_tried(_targets, patient, "target")]
    name = patient.server or detect(system)
    if name is None:
        fix = "install one: apt install postfix"
        findings.append(Diagnosis(Severity.ERROR, "server", "there is no mail server", None, fix))
    else:
        findings.append(running(system, name, patient.config))
        findings += only_for_root(system, name)
        findings += stale(system, name, patient.config)
        if name in CLIENTS:
            findings += from_problems([unknown(name)], "delivery", Severity.NOTE)
    if patient.rosters or not patient.known:  # else there is nothing here to apply
        findings += [*scheduled(system, patient.expected()), _last_run(patient), *_unheard(patient)]
    findings.append(clock(system))
    if name is not None:
        findings += [*_tried(_chain, patient, "chain"), *_tried(_rights, patient, "rights")]
        findings += _tried(_unheard_alarms, patient, "run")
    return list(dict.fromkeys(findings))


def _tried(
    look: Callable[[Patient], Iterable[Diagnosis]], patient: Patient, about: str
) -> list[Diagnosis]:
    """What a look finds; that it could not be taken is a finding too, and ends nothing else."""
    findings: list[Diagnosis] = []
    try:
        findings.extend(look(patient))
    except ApplyError as error:
        findings += from_problems(error.problems, about)
    return findings


def _rosters(patient: Patient) -> Iterator[Diagnosis]:
    for loaded, _ in patient.rosters:
        roster = loaded.roster
        where = Where(str(roster.path))
        strange = examine(loaded, patient.now).findings
        if strange:
            odd = counted(len(strange), "thing is", "things are")
            what = f"the roster {roster.name}: {odd} odd"
            yield Diagnosis(Severity.NOTE, "roster", what, where, "see: rotation check")
        else:
            people = counted(len(roster.people), "person", "people")
            what = f"the roster {roster.name}: {people}, {counted(len(roster.targets), 'target')}"
            yield Diagnosis(Severity.OK, "roster", what, where)
    if patient.rosters and not patient.targets:
        what = "no roster has a target: `apply` has nothing to do"
        yield Diagnosis(Severity.WARNING, "target", what, None, "add a [[target]] to a roster")


def _targets(patient: Patient) -> Iterator[Diagnosis]:
    system = patient.system
    yield from from_problems(unwritable(system, files(patient.targets)), "target")
    loaded = [loaded for loaded, _ in patient.rosters]
    problems = target_problems(system, instants(system, loaded, patient.now, patient.baseline.sets))
    yield from from_problems(problems, "target")
    for odd in odd_lines(system, patient.targets):
        yield Diagnosis(Severity.WARNING, "target", odd.what, odd.where, odd.hint)
    for elsewhere in patient.targets:
        if isinstance(elsewhere, LdapTarget | RunTarget):
            what = f"nobody can know beforehand whether {label(elsewhere)} takes the next handoff"
            fix = "try it once by hand: it can be asked, but not tried out"
            yield Diagnosis(Severity.NOTE, "target", what, elsewhere.where, fix)
    if patient.targets and not problems and patient.known:
        count = len(patient.targets)
        what = "the target holds" if count == 1 else f"all {count} targets hold"
        yield Diagnosis(Severity.OK, "target", f"{what} what it should, in text and index")


def _fallbacks(patient: Patient) -> Iterator[Diagnosis]:
    """Roles that nobody has now, so that the fallback gets the mail."""
    told = set()
    for wish in plan(patient.rosters):
        if not isinstance(wish, Hold) or wish.shift.people:
            continue
        role, end = wish.target.role, wish.shift.end
        if (wish.roster.path, role) in told:
            continue
        told.add((wish.roster.path, role))
        until = "" if end is None else f" until {day_and_time(end, wish.roster.zone)}"
        what = f"nobody has the role {role!r}{until}: the fallback gets all of its mail"
        where, fix = Where(str(wish.roster.path)), "rotation schedule, rotation check"
        yield Diagnosis(Severity.WARNING, "roster", what, where, fix)


def _last_run(patient: Patient) -> Diagnosis:
    at, status = last_run(patient.system, patient.baseline.sets)
    fix = f"{patient.baseline.command} apply"
    if at is None:
        what = "`rotation apply` has never run here"
        if patient.baseline.sets[0]:
            what += f" for {patient.baseline.place}"
        return Diagnosis(Severity.WARNING, "run", what, None, fix)
    when = at.isoformat(timespec="minutes")
    if status != 0:
        what = f"the last `rotation apply`, at {when}, ended with status {status}"
        return Diagnosis(Severity.ERROR, "run", what, None, "run it by hand and read what it says")
    if patient.now - at > _STALE:
        what = f"`rotation apply` ran last at {when}, more than a day ago"
        return Diagnosis(
            Severity.WARNING, "run", what, None, "is cron running? systemctl status cron"
        )
    return Diagnosis(Severity.OK, "run", f"`rotation apply` ran last at {when}")


def _unheard(patient: Patient) -> Iterator[Diagnosis]:
    """Nobody hears of a failure where only cron tells it: to root, and so to the alias itself."""
    for loaded, _ in patient.rosters:
        roster = loaded.roster
        if roster.targets and roster.ping is None and roster.alarm is None:
            what = f"if `apply` fails for {roster.name}, only cron tells root: that is the alias"
            fix = 'add [monitor] with alarm = "ADDRESS" at another host, or ping = "https://…"'
            yield Diagnosis(Severity.NOTE, "run", what, Where(str(roster.path)), fix)


def _unheard_alarms(patient: Patient) -> Iterator[Diagnosis]:
    """An alarm that goes where root's mail goes, or by what may have failed itself."""
    for loaded, _ in patient.rosters:
        roster = loaded.roster
        if roster.alarm is not None and not direct(patient.follow([roster.alarm])[0]):
            what = f"the alarm of {roster.name} goes to {roster.alarm}, whose mail does not leave "
            what += "this host straight away: where it ends may be what has failed"
            fix = f"name an address at another host; see: rotation trace {roster.alarm}"
            yield Diagnosis(Severity.WARNING, "run", what, Where(str(roster.path)), fix)


def _chain(patient: Patient) -> Iterator[Diagnosis]:
    root, postmaster = patient.follow(["root", "postmaster"])
    if patient.known:
        yield from _way(patient, root, Severity.ERROR, _towards(patient))
        if root.server not in CLIENTS:  # RFC 5321, section 4.5.1, speaks of hosts that take mail
            yield from _way(patient, postmaster, Severity.WARNING, "")
    yield from _shadowed(patient, root)
    yield from _notes(root)
    if patient.baseline.data() is None:
        what = "no record of the chain is kept, so tampering would go unnoticed"
        yield Diagnosis(
            Severity.NOTE, "chain", what, None, f"{patient.baseline.command} verify, from cron too"
        )


def _rights(patient: Patient) -> list[Diagnosis]:
    rosters = [loaded.roster for loaded, _ in patient.rosters]
    traces = patient.follow(ADDRESSES)
    on_the_way = guarded(patient.system, traces, patient.targets, rosters)
    deciding = {path for roster in rosters for path in calendars(roster)}
    deciding |= {patient.system.real(path) for path in deciding}
    return rights(patient.system, {*on_the_way.paths, *_homes(patient.system, traces)}, deciding)


def _homes(system: Look, traces: Iterable[Trace]) -> Iterator[Path]:
    """The homes of the local users in whom mail ends: their `.forward` leads it on."""
    for trace in traces:
        for step in trace.ends:
            if step.end is None or step.end.stop is Stop.REMOTE:
                continue
            account = system.account(step.text.partition("@")[0].lower())
            if account is not None:
                yield account.home
                yield account.home / ".forward"


def _towards(patient: Patient) -> str:
    """The command that sends root's mail to the first alias of the rosters, if they have one."""
    names = (target.name for target in files(patient.targets))
    return next((f"rotation forward {name}; " for name in names if name not in (None, "root")), "")


def _way(patient: Patient, trace: Trace, severity: Severity, mend: str) -> Iterator[Diagnosis]:
    if trace.good and patient.targets and not moved(patient.system, trace, patient.targets):
        problem = unmoved(trace)
        yield Diagnosis(severity, "chain", problem.what, problem.where, f"{mend}{problem.hint}")
        return
    if trace.good:
        who = "; ".join(dict.fromkeys(step.end.why for step in trace.ends if step.end))
        yield Diagnosis(Severity.OK, "chain", f"mail for {trace.address} ends at {who}")
        return
    bad = [(s.where, s.end) for s in trace.ends if s.end and s.end.verdict not in GOOD]
    for where, end in bad[:5]:
        what = f"mail for {trace.address} ends at {end.who}: {end.why}"
        fix = f"{mend}see: rotation trace {trace.address}"
        yield Diagnosis(severity, "chain", what, where, fix)
    if not bad:
        what = f"mail for {trace.address} does not reach anybody on duty"
        yield Diagnosis(severity, "chain", what, None, f"see: rotation trace {trace.address}")


def _shadowed(patient: Patient, trace: Trace) -> Iterator[Diagnosis]:
    """An alias beats a .forward, which then only looks as if it did something."""
    account = patient.system.account("root")
    children = trace.step.children
    if account is None or not children or children[0].how != "alias":
        return
    if trace.server in CLIENTS:  # which never read one; the trace says so
        return
    forward = account.home / ".forward"
    if patient.system.status(forward, follow=False) is not None:
        what = f"an alias for root beats {forward}, which does nothing"
        yield Diagnosis(
            Severity.WARNING, "chain", what, children[0].where, "take one of the two out"
        )


def _notes(trace: Trace) -> Iterator[Diagnosis]:
    for step in trace.step.walk():
        for note in step.notes:
            if note.hint is not None:
                yield Diagnosis(Severity.WARNING, "chain", note.text, note.where, note.hint)
