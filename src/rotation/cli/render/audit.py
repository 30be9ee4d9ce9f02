"""An audit for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence

from rotation.audit.audit import Audit
from rotation.audit.carry import FixOutcome
from rotation.audit.fix import FileFix
from rotation.audit.judge import label, words
from rotation.audit.model import Recipient, Sender, ToolFinding
from rotation.cli import output
from rotation.cli.render.trace import good_ends
from rotation.errors import Severity, Where, printable
from rotation.route.model import Trace

_COLOUR = {Severity.ERROR: "1;31", Severity.WARNING: "33", Severity.NOTE: "36"}


def show(audit: Audit, changes: Sequence[FileFix] = ()) -> None:
    """A table of who mails whom, then the findings, the worst first; `changes` could be made."""
    rows: list[tuple[str, ...]] = []
    loud: list[int] = []
    for sender in audit.senders:
        if not sender.recipients and (not sender.installed or _silent(sender)):
            continue
        for recipient in sender.recipients or (None,):
            trace = audit.traces.get(recipient.address) if recipient else None
            if sender.armed and (trace is None or not trace.good):
                loud.append(len(rows))
            rows.append(_row(sender, recipient, trace))
    # one line for what a tool says of one address in one file
    kept = {tuple(row[:4]): number for number, row in reversed(list(enumerate(rows)))}
    numbers = sorted(kept.values())
    if rows:
        head = ("TOOL", "ADDRESS", "SENDS", "ENDS AT", "STANDS AT")
        lines = {number: line for line, number in enumerate(numbers)}
        marked = [lines[number] for number in loud if number in lines]
        output.table(head, [rows[number] for number in numbers], marked)
    for finding in audit.findings:
        print()
        _show(finding)
    if not audit.findings:
        output.say("nothing wrong was found")
    if changes:
        count = sum(len(change.findings) for change in changes)
        output.say(f"\n{count} of them can be mended by: rotation audit --fix")


def show_changes(audit: Audit, changes: Sequence[FileFix]) -> None:
    """What would be changed, as diffs."""
    print()
    if audit.right.plain is None:
        output.say(
            "nothing can be changed: no address ends at the person on duty; mend root's mail first"
        )
    elif not changes:
        output.say("nothing can be changed safely: the rest is for a person to do")
    for change in changes:
        output.diff(change.path, change.before or b"", change.after)


def _silent(sender: Sender) -> bool:
    mail, tool = sender.mail, sender.table
    return (mail is not None and mail.silent) or (tool is not None and tool.silent)


def _row(sender: Sender, recipient: Recipient | None, trace: Trace | None) -> tuple[str, ...]:
    sends = "yes" if sender.armed else "no" if sender.installed else "not installed"
    if recipient is None:
        return label(sender), "-", "no" if sends == "yes" else sends, "", _place(sender.where)
    place = recipient.where or sender.where
    built_in = " (default)" if recipient.where is None else ""
    ends = "" if trace is None else good_ends(trace) if trace.good else words(trace)
    return label(sender), recipient.address, sends, ends, _place(place) + built_in


def _place(where: Where | None) -> str:
    return "" if where is None else str(where)


def _show(finding: ToolFinding) -> None:
    text = finding.problem.render(finding.severity.value)
    if output.fancy():
        first, _, rest = text.partition(":")
        text = f"\x1b[{_COLOUR[finding.severity]}m{first}\x1b[0m:{rest}"
    print(text)
    if finding.test:
        output.say(f"  test: {finding.test}")


def audit_json(
    audit: Audit, changes: Sequence[FileFix] = (), outcomes: Sequence[FixOutcome] = ()
) -> object:
    """An audit for programs; docs/audit.md has the shape."""
    done = {outcome.change.path: outcome for outcome in outcomes}
    return {
        "good": audit.good,
        "senders": [_sender_json(sender, audit) for sender in audit.senders],
        "findings": [_finding_json(finding) for finding in audit.findings],
        "changes": [_change_json(change, done.get(change.path)) for change in changes],
    }


def _change_json(change: FileFix, outcome: FixOutcome | None) -> object:
    return {
        "file": str(change.path),
        "tools": list(dict.fromkeys(tool.name for tool in change.tools)),
        "after": list(dict.fromkeys(tool.after for tool in change.tools if tool.after)),
        "made": outcome is not None and not outcome.problems,
        "backup": str(outcome.backup) if outcome and outcome.backup else None,
        "problems": [printable(problem.what) for problem in outcome.problems] if outcome else [],
    }


def _sender_json(sender: Sender, audit: Audit) -> object:
    return {
        "tool": printable(sender.tool),
        "what": printable(sender.what),
        "installed": sender.installed,
        "armed": sender.armed,
        "off": [need.say for need in sender.off],
        "addresses": [
            _recipient_json(recipient, audit.traces.get(recipient.address))
            for recipient in sender.recipients
        ],
        **_placed(sender.where),
    }


def _recipient_json(recipient: Recipient, trace: Trace | None) -> object:
    return {
        "address": printable(recipient.address),
        **_placed(recipient.where),
        "good": None if trace is None else trace.good,
        "ends": []
        if trace is None
        else [
            {
                "who": printable(step.end.who),
                "verdict": step.end.verdict.value,
                "why": printable(step.end.why),
            }
            for step in trace.ends
            if step.end is not None
        ],
    }


def _finding_json(finding: ToolFinding) -> object:
    problem = finding.problem
    return {
        "severity": finding.severity.value,
        "fault": finding.fault.value,
        "tool": finding.tool,
        "address": finding.address and printable(finding.address),
        "what": printable(problem.what),
        **_placed(problem.where),
        "hint": problem.hint and printable(problem.hint),
        "test": finding.test or None,
    }


def _placed(where: Where | None) -> dict[str, object]:
    """The place, and its two parts beside it as well: who reads them need not be told anew."""
    place = output.place_json(where)
    return {"where": place, **(place or {"file": None, "line": None})}
