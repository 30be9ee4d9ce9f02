"""What `doctor` says: one thing after the other, each with how bad it is and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from rotation.dataclasses import dataclass
from rotation.errors import Problem, Severity, Where


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at. `about` is a word for programs; a fix is there unless all is well.

    An error: mail does not, or will not, reach whoever is on duty. A warning: it may not always.
    """

    severity: Severity
    about: str
    what: str
    where: Where | None = None
    fix: str | None = None


def from_problems(
    problems: Iterable[Problem], about: str, severity: Severity = Severity.ERROR
) -> list[Diagnosis]:
    """Findings of problems that something else found."""
    return [Diagnosis(severity, about, p.what, p.where, p.hint) for p in problems]
