"""What is wrong with what was found: pure, from senders and traces to findings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rotation.audit.model import Fault, Recipient, Right, Sender, Tool, ToolFinding
from rotation.errors import Problem, Severity
from rotation.route.model import GOOD, Trace, Verdict

Traces = Mapping[str, Trace]
"""The traces by address, as it was written."""

_STRANGER = re.compile(
    r"(?:you|your[\w.-]*|someone|somebody|somejuser|anotheruser|alertee|changeme|recipient)@.*"
    r"|.*@(?:[\w.-]+\.)?(?:example\.(?:com|org|net)|[\w-]+\.(?:example|invalid)"
    r"|(?:your|my|the|some)?[_-]?(?:domain|company|hostname|organi[sz]ation|isp)(?:\.\w+)+"
    r"|somewhere(?:\.\w+)*|address\.somewhere|company\.xy|fnord\.comm|blibb\.comm)",
    re.IGNORECASE,
)
_LONGEST = 320
"""Characters of an address, RFC 5321 4.5.3.1."""
_COMPUTED = re.compile(r"[$`]")
_LOST = frozenset({Verdict.DEAD, Verdict.LOOP})


def label(sender: Sender) -> str:
    """A sender in words."""
    return f"{sender.tool} ({sender.what})" if sender.what else sender.tool


def judge(
    sender: Sender, traces: Traces, right: Right, told: frozenset[str] = frozenset()
) -> Iterator[ToolFinding]:
    """Everything wrong with one sender; `right` is what to recommend.

    Mail that goes by way of root and only ends at what is in `told` is left out: of those ends it
    is said once.
    """
    if not sender.installed:
        return
    mail, tool = sender.mail, sender.table
    silent = (mail is not None and mail.silent) or (tool is not None and tool.silent)
    stock = mail.stock if mail else ()
    chosen = [
        recipient
        for recipient in sender.recipients
        if recipient.where and recipient.address not in stock
    ]
    if sender.off:
        yield from _off(sender, chosen, silent=silent, right=right)
    elif not sender.recipients and not silent:
        yield from _nobody(sender, right)
    elif mail is not None:
        for place in sender.missing:
            what = f"{label(sender)}: {mail.empty}"
            problem = Problem(what, place, _remedy(sender, right))
            yield _finding(Severity.WARNING, Fault.ADDRESS, sender, problem)
    seen = set()
    for recipient in sender.recipients:
        odd = sender.armed or recipient in chosen or _is_stranger(recipient.address, sender.table)
        key = (recipient.address.lower(), recipient.where and recipient.where.file)
        if odd and key not in seen:
            seen.add(key)
            trace = traces.get(recipient.address)
            if trace is None or not _told(trace, told):
                yield from _recipient(sender, recipient, trace, right)


def _off(
    sender: Sender, chosen: list[Recipient], *, silent: bool, right: Right
) -> Iterator[ToolFinding]:
    journal = all(need.journal for need in sender.off)
    if silent and not chosen:
        return
    if not sender.recipients and not journal and not any(need.idle for need in sender.off):
        yield from _nobody(sender, right)  # it runs, and tells nobody
        return
    loud = chosen or journal
    address = ", ".join(
        dict.fromkeys(recipient.address for recipient in chosen or sender.recipients)
    )
    set_to = f"{address} is set, but " if address and sender.where and not journal else ""
    what = f"{label(sender)}: {set_to}{'; '.join(need.say for need in sender.off)}"
    hint = "; ".join(need.hint for need in sender.off if need.hint) or None
    where = chosen[0].where if chosen else sender.where
    yield _finding(
        Severity.WARNING if loud else Severity.NOTE,
        Fault.JOURNAL if journal else Fault.OFF,
        sender,
        Problem(what, where, hint),
    )


def _nobody(sender: Sender, right: Right) -> Iterator[ToolFinding]:
    mail = sender.mail
    if mail is None:
        return
    what = "; ".join([mail.empty, *(need.say for need in sender.off)])
    hints = [*(need.hint for need in sender.off), _remedy(sender, right)]
    yield _finding(
        Severity.WARNING,
        Fault.JOURNAL if mail.journal else Fault.ADDRESS,
        sender,
        Problem(f"{label(sender)}: {what}", sender.where, "; ".join(filter(None, hints)) or None),
    )


def _recipient(
    sender: Sender, recipient: Recipient, trace: Trace | None, right: Right
) -> Iterator[ToolFinding]:
    address, name = recipient.address, label(sender)
    where = recipient.where or sender.where
    hint = _remedy(sender, right, recipient)

    def finding(severity: Severity, fault: Fault, what: str) -> ToolFinding:
        # what is not sent hurts nobody yet
        softer = severity if sender.armed else Severity.NOTE
        return _finding(softer, fault, sender, Problem(what, where, hint), address)

    if _COMPUTED.search(address):
        what = f"{name}: a shell computes the address {address}: it cannot be followed"
        yield finding(Severity.NOTE, Fault.UNSURE, what)
        return
    if sender.mail is not None and sender.mail.smtp and "@" not in address:
        what = f"{name}: speaks SMTP itself, so {address!r} needs a host"
        yield finding(Severity.WARNING, Fault.FORM, what)
    if trace is None or trace.good:
        return
    verdicts = {step.end.verdict for step in trace.ends if step.end} - GOOD
    if _is_stranger(address, sender.table):
        what = f"{name}: {address} is a placeholder that somebody forgot to change"
        yield finding(Severity.ERROR, Fault.STRANGER, what)
    elif verdicts and verdicts <= {Verdict.UNSURE}:
        yield finding(Severity.NOTE, Fault.UNSURE, f"{name}: {address}: {words(trace)}")
    else:
        lost = verdicts & _LOST or not verdicts
        plain = Severity.NOTE if sender.outward else Severity.WARNING
        severity = Severity.ERROR if lost else plain
        what = f"{name}: {address} does not end at the person on duty: {words(trace)}"
        yield finding(severity, Fault.ELSEWHERE, what)


def bad_ends(trace: Trace) -> list[str]:
    """Who is at the ends that are not good."""
    return [s.end.who for s in trace.ends if s.end is not None and s.end.verdict not in GOOD]


def _told(trace: Trace, told: frozenset[str]) -> bool:
    bad = set(bad_ends(trace))
    by_root = any(step.text.partition("@")[0].lower() == "root" for step in trace.step.walk())
    return by_root and bool(bad) and bad <= told


def words(trace: Trace, wanted: frozenset[Verdict] | None = None) -> str:
    """The ends that are not good (or only those with a verdict of `wanted`), in words."""
    ends = []
    for step in trace.ends:
        if step.end is None or step.end.verdict in GOOD:
            continue
        if wanted is None or step.end.verdict in wanted:
            ends.append(f"{step.end.who}: {step.end.why}")
    return "; ".join(dict.fromkeys(ends)) or "nobody gets it"


def _is_stranger(address: str, tool: Tool | None) -> bool:
    """Whether it looks like the placeholder of an example configuration."""
    if tool is not None and address.lower() in tool.strangers:
        return True
    return len(address) <= _LONGEST and _STRANGER.fullmatch(address) is not None


def _remedy(sender: Sender, right: Right, recipient: Recipient | None = None) -> str | None:
    """What to change, in the tool's own local file."""
    tool, mail = sender.table, sender.mail
    if tool is None:  # a script of the host's own
        return f"make it {right.plain or 'ADDRESS'} there"
    address = right.address(mail) or "ADDRESS"
    after = f"; then: {tool.after}" if tool.after else ""
    if mail is None:  # cron: each file, and each line in it, says for itself
        there = recipient is not None and recipient.text
        return f"MAILTO={address} {'there' if there else 'above that line'}"
    if recipient is not None and recipient.where is not None and may_edit(tool, recipient):
        return f"make it {address} there{after}"
    if tool.remedy is None:
        return None if recipient is None else f"make it {address}{after}"
    under = f" under [{tool.remedy.section}]" if tool.remedy.section else ""
    line = tool.remedy.line.replace("{address}", address)
    return f"{line}{under} in {tool.remedy.file}{after}"


def may_edit(tool: Tool, recipient: Recipient) -> bool:
    """Whether the address stands in a file that is the host's own, not the package's."""
    from fnmatch import fnmatchcase

    if recipient.where is None:
        return False
    own = [*tool.local, *([str(tool.remedy.file)] if tool.remedy else [])]
    return any(fnmatchcase(recipient.where.file, pattern) for pattern in own)


def _finding(
    severity: Severity, fault: Fault, sender: Sender, problem: Problem, address: str | None = None
) -> ToolFinding:
    test = sender.table.test if sender.table else ""
    return ToolFinding(severity, fault, sender.tool, problem, test, sender, address)
