"""One audit of a host: look at everything, follow every address once, judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rotation.audit.accounts import judge_accounts, look
from rotation.audit.cronfiles import CronFiles
from rotation.audit.gather import Gatherer
from rotation.audit.judge import bad_ends, judge
from rotation.audit.model import Fault, Right, Sender, Tool, ToolFinding
from rotation.audit.scripts import Scripts
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Severity, Where
from rotation.route.model import Trace
from rotation.system import Look

Follow = Callable[[Sequence[str]], Iterable[Trace]]
"""Follows addresses as the host's mail server would; `rotation.route.trace` with the rosters."""

_ORDER = list(Severity)


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found. `right` is the address to recommend."""

    senders: tuple[Sender, ...]
    traces: dict[str, Trace]
    findings: tuple[ToolFinding, ...]
    right: Right

    @property
    def good(self) -> bool:
        """Whether there is nothing but notes."""
        return all(finding.severity is Severity.NOTE for finding in self.findings)


def audit(system: Look, tools: Sequence[Tool], follow: Follow, good: Sequence[str]) -> Audit:
    """Audit a host. `good` are the addresses to recommend, the first that ends right is taken.

    What cannot be read becomes a finding; so does an ApplyError of `follow`, and then no address
    has a verdict.
    """
    gatherer = Gatherer(system)
    senders = [sender for tool in tools for sender in gatherer.senders(tool)]
    cron = CronFiles(system, {tool.name: tool for tool in tools})
    cron.read()
    senders.extend(cron.senders)
    senders.extend(Scripts(system, tools).senders(cron.jobs, cron.scripts))
    accounts = look(system)
    hosted = [name if "@" in name else f"{name}@localhost" for name in good]
    wanted = [recipient.address for sender in senders for recipient in sender.recipients]
    addresses = list(dict.fromkeys([*good, *hosted, *wanted, *accounts.addresses]))
    findings: list[ToolFinding] = []
    traces: dict[str, Trace] = {}
    try:
        traces = {trace.address: trace for trace in follow(addresses)}
    except ApplyError as error:
        findings += [
            ToolFinding(Severity.ERROR, Fault.SERVER, "mail", problem) for problem in error.problems
        ]
    right = Right(_first(traces, good), _first(traces, hosted))
    # where root's mail ends wrong, everything that mails root does: that is one finding, not forty
    told = frozenset(bad_ends(traces["root"])) if "root" in traces else frozenset()
    findings += [finding for sender in senders for finding in judge(sender, traces, right, told)]
    findings.extend(cron.findings)
    findings.extend(gatherer.complaints("audit"))
    findings.extend(judge_accounts(accounts, traces))
    findings.sort(key=_place)
    senders.sort(key=lambda sender: (sender.tool, sender.what))
    return Audit(tuple(senders), traces, tuple(findings), right)


def _first(traces: dict[str, Trace], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in traces and traces[name].good), None)


def _place(finding: ToolFinding) -> tuple[int, str, str, int]:
    where = finding.problem.where or Where("")
    return _ORDER.index(finding.severity), finding.tool, where.file, where.line or 0
