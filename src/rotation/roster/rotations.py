"""The rotations of a roster: people taking turns, or a calendar that says who has them."""

from __future__ import annotations

from datetime import date, time

from rotation.clock.words import parse_every
from rotation.model import DUTY, Every, Rotation, Unit, Window
from rotation.roster.entries import Entries
from rotation.roster.zone import read_zone
from rotation.toml.table import Table, describe


class Rotations(Entries):
    """Reads [[rotation]] tables, as `Entries` reads the dated ones."""

    def _turns(self, table: Table) -> tuple[tuple[str, ...], ...]:
        value = table.take("people")
        path = (*table.path, "people")
        example = (
            'people = ["alice", "bob"], and ["carol", "dan"] inside it for a turn held together'
        )
        if value is None:
            if table.good:
                table.document.report(table.path, f"{table.label} has no 'people'", example)
        elif not isinstance(value, list):
            table.report("people", f"'people' must be a list, not {describe(value)}", example)
        elif not value:
            table.report("people", "'people' is empty: nobody can be on duty", example)
        turns = []
        for index, turn in enumerate(value if isinstance(value, list) else ()):
            members = turn if isinstance(turn, list) else [turn]
            for number, key in enumerate(members):
                if isinstance(key, str) and key in self.people:
                    continue
                at = (*path, index, number) if isinstance(turn, list) else (*path, index)
                if isinstance(key, str):
                    self._known(table.document, at, key)
                else:
                    table.document.report(
                        at, f"'people' must hold keys of people, not {describe(key)}", example
                    )
            turns.append(tuple(dict.fromkeys(key for key in members if isinstance(key, str))))
        if isinstance(value, list) and value and all(turn == [] for turn in value):
            table.report("people", "every turn is nobody's: nobody can be on duty", example)
        return tuple(turns)

    def rotation(self, table: Table) -> Rotation | None:
        """A [[rotation]] block; None where it has a problem, which is then noted."""
        before = len(self.listed.problems)
        name = table.text("name", required='give each rotation a name: name = "weekly"') or "?"
        role = table.text("role") or DUTY
        priority = table.integer("priority", 0)
        own = read_zone(table) if "timezone" in table else None
        since = table.instant("since", own or self.zone)
        until = table.instant("until", own or self.zone, end=True)
        calendar = table.text("calendar")
        if calendar is not None and "://" in calendar:
            self._check_link(table, calendar)
        match = self._match(table) if calendar is not None else None
        stale = self._stale(table) if calendar is not None else None
        only, ignore = self._words(table) if calendar is not None else ((), ())
        if since and until and since >= until:
            table.report(
                "until", f"rotation {name!r} ends before it begins: until is not after since"
            )
        stamp = self._stamp(table)
        turns: tuple[tuple[str, ...], ...] = ()
        every, start, handoff = Every(1, Unit.WEEK), date.min, time(0)
        hours: tuple[Window, ...] = ()
        country = None
        if calendar is None:
            turns = self._turns(table)
            every = self._every(table)
            start = (
                table.day("start", required="the date of the first handoff: start = 2026-01-05")
                or start
            )
            handoff = table.clock("handoff", handoff)
            hours, country = self._hours(table, "duty hours")
            if country is not None and every.unit is Unit.DAY:
                table.report(
                    "hours",
                    "turns counted in days with hours cannot have 'holiday' among them: a holiday "
                    "that a country adds or moves would move every turn after it",
                    'every = "1 week", or hours without it',
                )
        if len(self.listed.problems) > before:
            return None
        return Rotation(
            name, table.where, role, priority, turns, every, start, handoff, hours,
            since, until, calendar, match, stale, only, ignore, **stamp, zone=own, holidays=country,
        )  # fmt: skip

    def _every(self, table: Table) -> Every:
        example = 'every = "1 week" (N hours, days, weeks or months)'
        text = table.text("every", required=example)
        every = parse_every(text) if text is not None else Every(1, Unit.WEEK)
        if every is None:
            table.report("every", f"{text!r} is not a length of a turn", example)
        return every or Every(1, Unit.WEEK)
