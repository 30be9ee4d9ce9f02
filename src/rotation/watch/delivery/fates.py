"""What became of mail for the people on duty, from one look at the log to the next: pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from rotation.dataclasses import dataclass, field, replace
from rotation.watch.delivery.formats import Fate, MailEvent

LATE = timedelta(hours=1)
"""How long mail may be put off."""
_MOST = 200
"""Characters of what a server said, and domains of senders, that are kept."""


@dataclass(frozen=True, slots=True)
class LogPosition:
    """How far a log was read: the bytes, by how many of its first ones it is known again, and
    when that was."""

    offset: int
    length: int
    head: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JournalPosition:
    """How far the journal was read: until when, and the last entry, by its cursor and its time."""

    at: datetime
    cursor: str = ""
    written: datetime | None = None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """The last that is known of an address: mail for it bounced, or waits, since then; `at` is
    when that was logged last."""

    bounced: bool
    since: datetime
    message: str
    said: str
    at: datetime

    def late(self, now: datetime) -> bool:
        """Whether somebody has to know."""
        return self.bounced or now - self.since >= LATE


@dataclass(frozen=True, slots=True)
class Fates:
    """What one look leaves for the next: when it was, how far each log was read, what is wrong
    with the mail for which address, and the domains that mail came from. `seen` is whether any
    line was the mail server's; None where there was no line at all. `asked` has whose mail each set
    of rosters watches, and since when it did not ask any more. `tried` has for whom a mail is,
    where the log names nobody once it is known what became of it."""

    at: datetime
    marks: Mapping[str, LogPosition] = field(default_factory=dict)
    troubles: Mapping[str, Undelivered] = field(default_factory=dict)
    senders: tuple[str, ...] = ()
    journal: JournalPosition | None = None
    seen: bool | None = None
    asked: Mapping[str, tuple[datetime, tuple[str, ...]]] = field(default_factory=dict)
    tried: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def failing(self) -> frozenset[str]:
        """The addresses that mail did not get to, in lower case, when it was last looked at."""
        return frozenset(a for a, trouble in self.troubles.items() if trouble.late(self.at))

    def dump(self) -> bytes:
        """The bytes that `parse` reads."""
        value = {
            "at": self.at.isoformat(),
            "marks": {
                p: [m.offset, m.length, m.head, m.at.isoformat()] for p, m in self.marks.items()
            },
            "troubles": {
                a: [t.bounced, t.since.isoformat(), t.message, t.said, t.at.isoformat()]
                for a, t in self.troubles.items()
            },
            "senders": self.senders,
            "journal": _dumped(self.journal),
            "seen": self.seen,
            "tried": dict(self.tried),
            "asked": {key: [at.isoformat(), names] for key, (at, names) in self.asked.items()},
        }
        return json.dumps(value).encode()


def _dumped(journal: JournalPosition | None) -> list[str | None] | None:
    if journal is None:
        return None
    written = journal.written.isoformat() if journal.written else None
    return [journal.at.isoformat(), journal.cursor, written]


def parse(data: bytes | None) -> Fates | None:
    """What an earlier look left; None where there was none, or it cannot be read."""
    try:
        value = json.loads(data or b"")
        troubles = {
            # an older version's note has no `at` here, nor in marks
            str(a): Undelivered(bool(b), _instant(s), str(m), str(t), _instant(at[0] if at else s))
            for a, (b, s, m, t, *at) in value["troubles"].items()
        }
        marks = {
            str(p): LogPosition(int(o), int(n), str(h), _instant(at[0] if at else value["at"]))
            for p, (o, n, h, *at) in value["marks"].items()
        }
        senders = tuple(str(sender) for sender in value["senders"])
        journal = None
        if (position := value.get("journal")) is not None:
            read, cursor, written = position
            journal = JournalPosition(
                _instant(read), str(cursor), _instant(written) if written else None
            )
        seen = value.get("seen")
        seen = None if seen is None else bool(seen)
        asked = {
            str(key): (_instant(at), tuple(str(name) for name in names))
            for key, (at, names) in value.get("asked", {}).items()
        }
        tried = {
            str(message): tuple(str(name) for name in names)
            for message, names in value.get("tried", {}).items()
        }
        at = _instant(value["at"])
        return Fates(at, marks, troubles, senders, journal, seen, asked, tried)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _instant(text: object) -> datetime:
    at = datetime.fromisoformat(str(text))
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(UTC)


def plain(address: str, own: Collection[str]) -> str:
    """An address as logs and rosters can both be compared by it: in lower case, and without a
    domain whose mail this host keeps."""
    local, _, domain = address.lower().rpartition("@")
    return local if local and domain in own else address.lower()


class Follow:
    """Follows the mail for some addresses through the events of a log, in their order."""

    def __init__(self, wanted: Iterable[str], own: Collection[str], old: Fates | None) -> None:
        self._own = own
        self._wanted = {plain(address, own): address.lower() for address in wanted}
        self._since = old.at if old is not None else None
        self._from: dict[str, str] = {}
        before = old.troubles if old is not None else {}
        self.troubles = {a: t for a, t in before.items() if a in self._wanted.values()}
        self.senders = dict.fromkeys(old.senders if old is not None else ())
        self._tried = dict(old.tried) if old is not None else {}

    @property
    def tried(self) -> dict[str, tuple[str, ...]]:
        """For whom the last mails are, where what becomes of them names nobody."""
        return dict(list(self._tried.items())[-_MOST:])

    def take(self, event: MailEvent) -> None:
        """One more event."""
        if event.fate is Fate.BEGUN:
            self._from[event.message] = event.sender or ""
        elif event.fate in (Fate.GONE, Fate.EXPIRED):
            self._end(event)
        elif event.fate is Fate.TRIED:
            known = self._tried.pop(event.message, ()) if event.address else ()
            self._tried[event.message] = (*known, event.address) if event.address else ()
        elif not event.address:
            for recipient in self._tried.get(event.message, ()):
                self.take(replace(event, address=recipient))
        elif (address := self._wanted.get(plain(event.address, self._own))) is not None:
            self._sender(event)
            if event.hop is None or event.hop not in self._from:
                self._fate(address, event)

    def _end(self, event: MailEvent) -> None:
        """A mail that waited is gone from the queue: given up, or taken out by somebody."""
        for address, trouble in list(self.troubles.items()):
            if event.message in ("", trouble.message) and not trouble.bounced:
                if _stale(event, trouble):
                    continue
                if event.fate is Fate.EXPIRED:
                    self.troubles[address] = replace(trouble, bounced=True, at=event.at)
                else:
                    del self.troubles[address]

    def _sender(self, event: MailEvent) -> None:
        sender = self._from.get(event.message, "") if event.sender is None else event.sender
        domain = sender.rpartition("@")[2].lower()
        if "@" in sender and domain and len(self.senders) < _MOST:
            self.senders[domain] = None

    def _fate(self, address: str, event: MailEvent) -> None:
        old = self.troubles.get(address)
        if old is not None and _stale(event, old):
            return
        if event.fate is Fate.SENT:
            self.troubles.pop(address, None)
        elif event.fate is Fate.BOUNCED or old is None:
            bounced = event.fate is Fate.BOUNCED
            since = event.at if bounced else event.began or event.at
            if old is not None and old.bounced:
                since = old.since
            said = (event.said or (old.said if old is not None else ""))[:_MOST]
            self.troubles[address] = Undelivered(bounced, since, event.message, said, event.at)
        elif not old.bounced:
            self.troubles[address] = replace(old, at=event.at)


def _stale(event: MailEvent, known: Undelivered) -> bool:
    """Whether an event is older than what is known: the same stands in several logs, and not all
    of them write parts of a second."""
    return event.at.replace(microsecond=0) < known.at.replace(microsecond=0)
