"""Calendars from addresses: when to ask, what to keep, and what an answer that fails is worth.

Two notes are kept of an address, named by a hash of it: the last good copy, and when it was last
found to be true. The second alone is written when a server says that nothing has changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from rotation.calendars.kept import Kept
from rotation.calendars.near import NearNow
from rotation.calendars.repair import NotACalendar, whole
from rotation.clock.local import stored
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Problem, counted
from rotation.model import NEVER
from rotation.system import Fetch, Records
from rotation.system.link import Answer, Link

STALE = timedelta(days=3)
"""How old a copy may be acted on unless the roster says otherwise: a long weekend."""
FRESH = timedelta(minutes=4)
"""For how long `apply` believes a copy unasked: less than the five minutes of its cron line."""
FRESHEST = timedelta(hours=1)
"""The longest for which Cache-Control can ask for that."""

Watch = Callable[[bytes, bytes, datetime], None]
"""Told of a copy and of what takes its place, and when the copy was last found to be true."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The last good copy. `checked`: when the server last said that this is the calendar.

    `tried`: when it failed to say anything since, and `fault` how; None where it did not.
    """

    data: bytes
    digest: str
    checked: datetime
    etag: str | None = None
    modified: str | None = None
    fresh: timedelta = FRESH
    tried: datetime | None = None
    fault: tuple[str, str | None] = ("", None)

    def is_fresh(self, now: datetime, limit: timedelta) -> bool:
        """Whether the server need not be asked: it has just answered, or just failed to.

        What is older than `limit` never is, whatever Cache-Control says.
        """
        since = self.checked if self.tried is None else self.tried
        return since <= now < self.due(limit)

    def due(self, limit: timedelta) -> datetime:
        """When the server is to be asked again."""
        if self.tried is not None:
            return self.tried + FRESH
        return self.checked + min(self.fresh, limit)


class Copies:
    """The calendars of addresses at the instant `now`, each asked for once.

    With `often`, for a program that runs every few minutes, a fresh copy is not asked for again.
    """

    def __init__(self, records: Records, fetch: Fetch, now: datetime, *, often: bool) -> None:
        self._records, self._fetch = records, fetch
        self.now, self._often = now.astimezone(UTC), often
        self.kept = Kept(records, now)
        self.due = NEVER
        """When the first of them that were not asked for now is to be asked for."""
        self._near: dict[str, NearNow] = {}
        self._watches: dict[Link, list[Watch]] = {}
        self._known: dict[Link, tuple[Copy, tuple[Problem, ...]] | ApplyError] = {}

    def near(self, name: str) -> NearNow:
        """What is remembered between runs of the calendar that is known by `name`."""
        if name not in self._near:
            self._near[name] = NearNow(self._records, self.kept, self.now, name)
        return self._near[name]

    def watch(self, link: Link, watch: Watch) -> None:
        """Call `watch` before a new answer of `link` takes the place of the last good copy.

        To be told before the link is asked.
        """
        self._watches.setdefault(link, []).append(watch)

    def get(
        self, link: Link, stale: timedelta | None, *, old: bool = False
    ) -> tuple[bytes, tuple[Problem, ...]]:
        """The calendar at `link`, and what there is to warn of.

        Where it cannot be had: the last good copy, if that is no older than `stale` (None:
        STALE), or with `old` however old it is. Raises ApplyError where there is none.
        """
        limit = STALE if stale is None else stale
        if link not in self._known:
            try:
                self._known[link] = self._ask(link, limit)
            except ApplyError as error:
                self._known[link] = error
        known = self._known[link]
        if isinstance(known, ApplyError):
            raise known
        copy, problems = known
        if copy.tried is None:
            return copy.data, problems
        age = max(self.now - copy.checked, timedelta(0))
        what, hint = copy.fault
        if age > limit and not old:
            advice = 'stale = "5 days", beside calendar, makes it good for longer'
            raise ApplyError(Problem(too_old(what, age, limit), None, hint or advice))
        past = Problem(f"{what}; what it said {words(age)} ago is used", None, hint)
        return copy.data, (past, *problems)

    def _ask(self, link: Link, limit: timedelta) -> tuple[Copy, tuple[Problem, ...]]:
        copy = self._recalled(link)
        if copy is not None and self._often and copy.is_fresh(self.now, limit):
            self.due = min(self.due, copy.due(limit))
            return copy, ()
        try:
            answer = self._fetch(link, copy.etag if copy else None, copy.modified if copy else None)
            later = self._taken(link, copy, answer)
        except ApplyError as error:
            if copy is None:
                raise
            fault = error.problems[0]
            later = Copy(
                copy.data,
                copy.digest,
                copy.checked,
                copy.etag,
                copy.modified,
                copy.fresh,
                self.now,
                (fault.what, fault.hint),
            )
        if copy is not None and later.digest != copy.digest:
            for watch in self._watches.get(link, ()):
                watch(copy.data, later.data, copy.checked)
        return later, self._noted(link, copy, later)

    def _taken(self, link: Link, copy: Copy | None, answer: Answer) -> Copy:
        """What an answer is worth. Raises ApplyError where it is no calendar."""
        age = None if answer.fresh is None else timedelta(seconds=answer.fresh)
        fresh = FRESH if age is None else min(max(age, FRESH), FRESHEST)
        if answer.body is None:
            if copy is None:  # no server says so unless it was asked
                raise ApplyError(Problem(f"{link} answers that nothing has changed"))
            data, digest = copy.data, copy.digest
        else:
            data, digest = answer.body, sha256(answer.body).hexdigest()
            try:
                whole(data)
            except NotACalendar as error:
                hint = "does the address want a password, or another path?"
                raise ApplyError(Problem(f"{link} answers, but with {error}", None, hint)) from None
        etag = answer.etag or (copy.etag if copy and answer.body is None else None)
        modified = answer.modified or (copy.modified if copy and answer.body is None else None)
        return Copy(data, digest, self.now, etag, modified, fresh)

    def _noted(self, link: Link, before: Copy | None, later: Copy) -> tuple[Problem, ...]:
        """Keep a copy for the next time; what stands in the way of that is worth a warning."""
        tried = later.tried and later.tried.isoformat()
        stamp = {
            "digest": later.digest,
            "checked": later.checked.isoformat(),
            "etag": later.etag,
            "modified": later.modified,
            "fresh": later.fresh.total_seconds(),
            "tried": tried,
            "fault": later.fault,
        }
        try:
            if before is None or before.digest != later.digest:
                head = {"digest": later.digest, "checked": later.checked.isoformat()}
                line = json.dumps(head).encode() + b"\n"
                self._records.record(f"{link.name}.calendar", line + later.data)
            self._records.record(f"{link.name}.checked", json.dumps(stamp).encode())
        except ApplyError as error:
            what = f"no copy of {link} can be kept: {error.problems[0].what}"
            return (Problem(what, error.problems[0].where, error.problems[0].hint),)
        return ()

    def _recalled(self, link: Link) -> Copy | None:
        """The last good copy, None where there is none that can be read."""
        try:
            kept = self._records.recorded(f"{link.name}.calendar")
        except ApplyError:  # a folder that others can write: what is in it is nobody's word
            return None
        if kept is None:
            return None
        line, _, data = kept.partition(b"\n")
        try:
            head = json.loads(line)
            copy = Copy(data, str(head["digest"]), stored(head["checked"]))
        except (ValueError, TypeError, KeyError):
            return None
        stamp = self._records.recorded(f"{link.name}.checked")
        try:
            said = json.loads(stamp or b"")
            what, hint = said["fault"]
            later = Copy(
                data,
                str(said["digest"]),
                stored(said["checked"]),
                said["etag"],
                said["modified"],
                timedelta(seconds=said["fresh"]),
                said["tried"] and stored(said["tried"]),
                (str(what), hint),
            )
        except (ValueError, TypeError, KeyError, OverflowError):
            return copy
        # a run that was killed between the two notes leaves a stamp of another copy
        return later if later.digest == copy.digest else copy


def too_old(what: str, age: timedelta, limit: timedelta) -> str:
    """That a copy is not used, for what and how old it is."""
    return f"{what}; the last good copy is {words(age)} old, and is not used after {words(limit)}"


def words(age: timedelta) -> str:
    """A length of time in words, by its largest unit: "3 days"."""
    seconds = int(age.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return counted(seconds // size, unit)
    return "less than a minute"
