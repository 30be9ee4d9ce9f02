"""The findings of `check` as a Nagios, Icinga or Naemon plugin says them.

One line, `ROTATION STATE - text | performance data`, and the exit status 0, 1, 2 or 3. Source: the
Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Plugin Return Codes".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from enum import IntEnum

from rotation.check import HORIZON, Checked, Finding
from rotation.errors import Problem, RosterError, Severity, UsageError, counted

_DAY = timedelta(days=1)


class ServiceState(IntEnum):
    """The state of a service, and the exit status that says so."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


def status(results: Iterable[Checked | RosterError]) -> tuple[int, str]:
    """The exit status and the line.

    CRITICAL: a roster has errors, or nobody would get the mail now. WARNING: any other warning.
    UNKNOWN: a roster or a calendar cannot be read, or the command line is wrong. Notes change no
    state. Gaps and the runway are figures of what is known, and missing where a role is not.
    """
    state, known = ServiceState.OK, True
    broken, unread = list[Problem](), list[Problem]()
    findings: list[Finding] = []
    gaps, runway, rosters = 0, HORIZON, 0
    try:
        for result in results:
            if isinstance(result, RosterError):
                for problem in result.problems:
                    lost = problem.where is None or problem.where.line is None
                    (unread if lost else broken).append(problem)
                continue
            rosters += 1
            findings += result.findings
            known = known and result.known
            gaps += result.gaps
            runway = min(runway, result.runway)
            if result.open:
                state = ServiceState.CRITICAL
    except UsageError as error:  # its own exit status would mean CRITICAL
        unread += error.problems
    by_severity = Counter(finding.severity for finding in findings)
    warned = [f.problem for f in findings if f.severity is not Severity.NOTE]
    if broken:
        state = ServiceState.CRITICAL
    elif (unread or not known) and state is not ServiceState.CRITICAL:
        state = ServiceState.UNKNOWN
    elif warned and state is ServiceState.OK:
        state = ServiceState.WARNING
    told = [*broken, *unread, *warned]
    text = counted(rosters, "roster") + ", nothing odd"
    if told:
        first = told[0]
        text = f"{first.where}: {first.what}" if first.where else first.what
        text += f" (and {len(told) - 1} more)" if len(told) > 1 else ""
    figures = [f"gaps={gaps}", f"runway={runway // _DAY}d"] if rosters and known else []
    figures += [
        f"errors={len(broken) + len(unread) + by_severity[Severity.ERROR]}",
        f"warnings={by_severity[Severity.WARNING]}",
        f"notes={by_severity[Severity.NOTE]}",
    ]
    # a bar would begin the performance data
    return int(state), f"ROTATION {state.name} - {text.replace('|', '/')} | {' '.join(figures)}"
