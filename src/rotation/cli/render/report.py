"""The tables of `rotation report` as text, CSV and JSON."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta

from rotation.cli import output
from rotation.errors import printable
from rotation.model import Roster
from rotation.report import Part, PersonLine, RoleTable, Score

Reports = Iterable[tuple[Roster, list[RoleTable]]]
_HOUR = timedelta(hours=1)
_NOTABLE = 10
"""An overload of so many percent is worth a word in the text."""


def say(reports: Reports, now: datetime) -> None:
    """Every table for people, with a line on how evenly the duty is shared."""
    gap = False
    for roster, tables in reports:
        for table in tables:
            if gap:
                output.say()
            gap = True
            start, end = (
                output.moment(at, roster.zone, now, named=True) for at in (table.start, table.end)
            )
            output.say(f"{roster.name} {table.role or 'all roles'}: {start} to {end}")
            if not table.lines:
                output.say("nobody was on duty, and nobody shares the role")
                continue
            holidays = any(line.figures.holiday is not None for line in table.lines)
            head = ["person", "hours", "night h", "weekend h", *(["holiday h"] if holidays else [])]
            head += ["duties", "longest h", "share", *([] if table.score is None else ["fair"])]
            output.table(head, (_row(line, table) for line in table.lines))
            if table.score is not None:
                output.say(_verdict(table.score))


def _row(line: PersonLine, table: RoleTable) -> list[str]:
    figures = line.figures
    parts = [part for part in (figures.night, figures.weekend, figures.holiday) if part is not None]
    row = [line.person, *(_hours(time) for time in (figures.time, *(part.time for part in parts)))]
    row += [str(figures.duties), _hours(figures.longest), _percent(line.share)]
    return row if table.score is None else [*row, _percent(line.fair)]


def _verdict(score: Score) -> str:
    text = f"covered {score.coverage}%, balance {score.balance}, together {score.total}"
    over = [
        f"{key} +{percent}%" for key, percent in score.overloaded.items() if percent >= _NOTABLE
    ]
    return f"{text}; more than fair: {', '.join(over)}" if over else text


def _hours(time: timedelta) -> str:
    return f"{time / _HOUR:.1f}".removesuffix(".0")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


_COLUMNS = (
    "roster", "role", "from", "to", "person", "hours", "night_hours", "nights", "weekend_hours",
    "weekends", "holiday_hours", "holidays", "duties", "longest_hours", "share_percent",
    "fair_percent",
)  # fmt: skip


def say_csv(reports: Reports) -> None:
    """Every line of every table for a spreadsheet: RFC 4180, lines end as the host's do."""
    rows = [_csv_row(roster, table, line) for roster, tables in reports for table in tables
            for line in table.lines]  # fmt: skip
    # a column that nobody can fill is left out
    columns = [c for c in _COLUMNS if not c.startswith("holiday") or any(c in row for row in rows)]
    writer = csv.DictWriter(sys.stdout, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _csv_row(roster: Roster, table: RoleTable, line: PersonLine) -> dict[str, str | int | float]:
    row: dict[str, str | int | float] = {
        "roster": _cell(roster.name),
        "role": _cell(table.role or "(all)"),
        "from": output.iso(table.start, roster.zone) or "",
        "to": output.iso(table.end, roster.zone) or "",
        "person": _cell(line.person),
        **_figures(line),
    }
    for key, share in (("share_percent", line.share), ("fair_percent", line.fair)):
        if share is not None:
            row[key] = round(100 * share, 2)
    return row


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: OWASP, "CSV Injection"."""
    text = printable(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _figures(line: PersonLine) -> dict[str, str | int | float]:
    figures = line.figures
    row: dict[str, str | int | float] = {"hours": _exact(figures.time)}
    named = (("night", figures.night), ("weekend", figures.weekend), ("holiday", figures.holiday))
    for name, part in named:
        if isinstance(part, Part):
            row[f"{name}_hours"] = _exact(part.time)
            row[f"{name}s"] = part.count
    return row | {"duties": figures.duties, "longest_hours": _exact(figures.longest)}


def _exact(time: timedelta) -> float:
    return round(time / _HOUR, 4)


def unknown_json(roster: Roster, role: str) -> object:
    """A role of which nobody can know who had how much, for programs."""
    nothing = dict.fromkeys(("from", "to", "covered_hours", "score"))
    return {"roster": roster.name, "role": role, **nothing, "people": [], "known": False}


def as_json(roster: Roster, table: RoleTable) -> object:
    """One table for programs."""
    score = table.score
    return {
        "roster": roster.name,
        "role": table.role,
        "from": output.iso(table.start, roster.zone),
        "to": output.iso(table.end, roster.zone),
        "covered_hours": _exact(table.covered),
        "score": None
        if score is None
        else {
            "coverage": score.coverage,
            "balance": score.balance,
            "total": score.total,
            "overloaded": dict(score.overloaded),
        },
        "people": [
            {
                "person": line.person,
                **_figures(line),
                "share": None if line.share is None else round(line.share, 6),
                "fair": None if line.fair is None else round(line.fair, 6),
            }
            for line in table.lines
        ],
        "known": True,
    }
