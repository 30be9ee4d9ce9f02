"""The forms of what is said of the domain name system."""

from __future__ import annotations

from rotation.errors import Severity, Where
from rotation.system.dns import Unanswered
from rotation.watch.findings import Diagnosis

ABOUT = "dns"


def fine(what: str) -> Diagnosis:
    """Something is as it should be."""
    return Diagnosis(Severity.OK, ABOUT, what)


def unknown(what: str, answer: object) -> Diagnosis:
    """Nobody can tell: `answer` says why, if it is `Unanswered`."""
    why = answer.why if isinstance(answer, Unanswered) else "no answer"
    return Diagnosis(Severity.WARNING, ABOUT, f"{what} cannot be told: {why}", None, "run it again")


def warning(what: str, fix: str, where: Where | None = None) -> Diagnosis:
    """Something that others may mind, and what to do."""
    return Diagnosis(Severity.WARNING, ABOUT, what, where, fix)


def error(what: str, fix: str) -> Diagnosis:
    """Something that loses mail, and what to do."""
    return Diagnosis(Severity.ERROR, ABOUT, what, None, fix)
