"""Rosters of every kind, and what people do to them in a line each."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from rotation.changes.absences import away, cancel
from rotation.changes.assign import assign, cover_all
from rotation.changes.book import Book, Change
from rotation.changes.log import records
from rotation.changes.membership import join, leave
from rotation.changes.moved import moved
from rotation.changes.trades import cover, swap
from rotation.changes.turns import change
from rotation.changes.undo import undo
from tests.changes.roster_texts import HEAD, NOW, after, book, local, served, stamp


def rotation(name: str, people: str, every: str, more: str = "") -> str:
    return (
        f'\n[[rotation]]\nname = "{name}"\npeople = [{people}]\nevery = "{every}"\n'
        f'start = 2026-01-05\nhandoff = "09:00"\n{more}'
    )


THREE = '"alice", "bob", "carol"'
ROSTERS = {
    "weekly": HEAD + rotation("weekly", THREE, "1 week"),
    "layered": HEAD
    + rotation("weekly", THREE, "1 week")
    + rotation(
        "office", '"dan", "carol"', "1 week", 'hours = ["mon-fri 10:00-16:00"]\npriority = 1\n'
    ),
    "nested": HEAD + rotation("pairs", '["alice", "bob"], ["carol", "dan"], "alice"', "1 week"),
    "monthly": HEAD + rotation("monthly", THREE, "1 month"),
    "hourly": HEAD + rotation("hourly", f'{THREE}, "dan"', "8 hours"),
}


def did(plan: Book, what: str) -> Change:
    """What somebody does: `swap alice bob 12-09 12-16`, `away carol 12-07 12-14`, ... ; dates are
    of the winter 2026/27, and undo counts changes in the log from the first, 1."""
    word, *rest = what.split()
    dated = [part for part in rest if part[:1].isdigit() and "-" in part]
    times = [at(part) for part in dated]
    names = [part for part in rest if part[:1].isalpha() or part == "*"]
    match word:
        case "swap":
            # a day is all of it
            days = [
                (t, t + timedelta(days="T" not in part))
                for t, part in zip(times, dated, strict=True)
            ]
            of, with_ = (*days, None, None)[:2]
            return swap(plan, names[0], names[1], stamp(), of=of, with_=with_)
        case "cover":
            start, end = (*times, None, None)[:2]
            if names[1] == "*":
                return cover_all(plan, names[0], stamp(), start=start, end=end)
            return cover(plan, names[0], names[1], stamp(), start=start, end=end)
        case "assign":
            return assign(plan, names, times[0], times[1], stamp())
        case "beside":
            return assign(plan, names, times[0], times[1], stamp(), beside=True)
        case "away":
            return away(plan, names[0], times[0], times[1], stamp())
        case "back":
            return cancel(plan, names[0], stamp(), None, None)
        case "join":
            return join(plan, names[0], stamp(), rotation=names[1], start=(*times, None)[0])
        case "leave":
            return leave(plan, names[0], stamp(), start=(*times, None)[0])
        case "join+":
            done = join(plan, names[0], stamp(), rotation=names[1], start=(*times, None)[0])
            return moved(done, NOW)
        case "handoff":
            return change(plan, names[0], stamp(), start=times[0], handoff=time(17))
        case "undo":
            record = records(plan.loaded, NOW)[int(rest[0]) - 1]
            return undo(plan, record.id or "", NOW)
        case _:
            raise ValueError(what)


def at(text: str) -> datetime:
    """`12-09` or `01-06T12:00` of this winter."""
    year = "2026" if text[:2] in ("11", "12") else "2027"
    return local(f"{year}-{text}" + ("" if "T" in text else "T00:00"))


def told(roster: str, story: str) -> Book:
    """The roster after all that people do in a story, one thing after the other."""
    plan = book_of(roster)
    for what in story.split("; "):
        plan = after(did(plan, what))
    return plan


def book_of(roster: str) -> Book:
    return book(ROSTERS[roster])


def at_noon(plan: Book, days: str, hour: str = "12:00") -> str:
    """Who is on duty on some days."""
    stamps = [
        f"{2026 if day[:2] in ('11', '12') else 2027}-{day}" + ("" if "T" in day else f"T{hour}")
        for day in days.split()
    ]
    return " ".join("+".join(sorted(who.split("+"))) for who in served(plan, *stamps))
