"""`rotation doctor`: is this host set up right."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.context import Call, call_of, handled, leave, state_folder
from rotation.errors import Exit, Problem, RosterError, printable

if TYPE_CHECKING:
    from rotation.schedule.loaded import Loaded
    from rotation.system.dns import Lookup
    from rotation.watch.doctor import Patient
    from rotation.watch.findings import Diagnosis

_COLOURS = {"error": "1;31", "warning": "33", "note": "36", "ok": "32"}


@handled
def doctor(
    context: typer.Context,
    via: Annotated[
        list[str] | None,
        typer.Option(help="[DOMAIN=]PATH: a roster of the host that root's mail leaves for."),
    ] = None,
    dns: Annotated[
        bool, typer.Option("--dns", help="Also ask the DNS whether providers will take the mail.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Look at everything that root's mail depends on, and say what to do about it.

    Rosters, targets, the mail server, the schedule of `apply` and its last run, the clock, the
    chain from root, and who could change it; with --dns, what other providers see of the mail that
    leaves. Exit status 1 when there is an error or a warning.
    """
    from rotation.errors import Severity

    call = call_of(context)
    lookup = call.resolver() if dns else None
    findings = _findings(call, via or [], lookup)
    if as_json:
        output.say_json([_json(finding) for finding in findings])
    else:
        for finding in findings:
            _show(finding)
    bad = any(finding.severity in (Severity.ERROR, Severity.WARNING) for finding in findings)
    leave(Exit.NO if bad else Exit.OK)


def _findings(call: Call, via: list[str], lookup: Lookup | None) -> list[Diagnosis]:
    from rotation.check import HORIZON
    from rotation.cli.chain import follower, instance, own_rosters, who_may_get_it
    from rotation.roster.load import Terms
    from rotation.route import Accepted, Via
    from rotation.watch.baseline import Baseline
    from rotation.watch.doctor import Patient
    from rotation.watch.doctor import doctor as look
    from rotation.watch.findings import from_problems

    accepted, others = Accepted(), list[Via]()
    own: list[Loaded] = []
    unread: tuple[Problem, ...] = ()
    try:
        # with their calendars as far as what is odd about them is looked for; what a roster that
        # `apply` would not take names as a target must not be run or given a password here either
        terms = Terms(trusted=True)
        own = own_rosters(lambda: call.load_ahead(call.ahead(None, HORIZON), terms), via)
        accepted, others = who_may_get_it(call, own, None, via, terms)
    except RosterError as error:
        # the rest can be looked at all the same
        unread = error.problems
    wrong = from_problems([*call.unread, *unread], "roster")
    name, config = instance(call, own)

    follow = follower(call, accepted, others, name, config)
    pairs = [(loaded, call.now) for loaded in own]
    account = call.system.account(os.geteuid())
    patient = Patient(
        call.system,
        pairs,
        follow,
        call.now,
        Baseline(call.system, call.sets, call.named_from_root, call.command),
        name,
        config,
        known=not wrong,
        state=state_folder(),
        user=account.name if account is not None else str(os.geteuid()),
    )
    return [*wrong, *look(patient), *_outside(patient, lookup)]


def _outside(patient: Patient, lookup: Lookup | None) -> list[Diagnosis]:
    """What other providers see of the mail that leaves; once, that nobody looked."""
    from rotation.errors import Severity
    from rotation.mail.detect import detect
    from rotation.watch.findings import Diagnosis
    from rotation.watch.outside.look import outside_domains, past_the_hub

    server = patient.server or detect(patient.system)
    rosters = [loaded for loaded, _ in patient.rosters]
    if lookup is not None:
        return list(past_the_hub(patient.system, server, patient.config, rosters, lookup))
    domains = outside_domains(patient.system, rosters, patient.config)
    if server is None or not domains:
        return []
    what = f"whether {', '.join(domains)} will take this host's mail is not looked at"
    return [Diagnosis(Severity.NOTE, "dns", what, None, "rotation doctor --dns")]


def _show(finding: Diagnosis) -> None:
    label = finding.severity.value
    colour = _COLOURS[label] if output.fancy() else None
    shown = f"\x1b[{colour}m{label}\x1b[0m" if colour else label
    print(f"{shown}: {printable(finding.what)}")
    if finding.where is not None:
        print(f"  --> {printable(str(finding.where))}")
    if finding.fix:
        print(f"  fix: {printable(finding.fix)}")


def _json(finding: Diagnosis) -> object:
    return {
        "severity": finding.severity.value,
        "about": finding.about,
        "what": printable(finding.what),
        "where": output.place_json(finding.where),
        "fix": finding.fix and printable(finding.fix),
    }
