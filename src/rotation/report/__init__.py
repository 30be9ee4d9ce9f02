"""Who has had how much duty, against what would be fair, and who should take a shift."""

from __future__ import annotations

from rotation.report.fairness import Score, fair_times, score
from rotation.report.figures import Figures, Part, PersonLine, RoleTable, report
from rotation.report.suggest import Candidate, Suggestion, rank, suggest

__all__ = [
    "Candidate",
    "Figures",
    "Part",
    "PersonLine",
    "RoleTable",
    "Score",
    "Suggestion",
    "fair_times",
    "rank",
    "report",
    "score",
    "suggest",
]
