"""The last copy of a calendar that was of use, for when it says nothing any more.

Two notes are kept of a calendar, under a name that tells what is read in it: the copy, and a small
one that says which copy it is, since when the calendar has been of no use, and when it was last
asked for: what nothing asks for goes one day.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from rotation.clock.local import stored
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError
from rotation.system import Records

_OFTEN = timedelta(days=30)
"""How often it is noted that a calendar is still asked for."""


@dataclass(frozen=True, slots=True)
class Useful:
    """A copy that was of use, and how long the calendar has not been."""

    data: bytes
    age: timedelta


class Kept:
    """What was of use of calendars before the instant `now`."""

    def __init__(self, records: Records, now: datetime) -> None:
        self._records, self._now = records, now.astimezone(UTC)
        self._digested: tuple[bytes, str] | None = None

    def digest(self, data: bytes) -> str:
        """The SHA-256 of a calendar, in hexadecimal; it is asked for again and again."""
        if self._digested is None or self._digested[0] is not data:
            self._digested = data, sha256(data).hexdigest()
        return self._digested[1]

    def keeps(self, name: str, data: bytes) -> bool:
        """Whether `data` is the copy that is kept: then nobody has to look into it."""
        return self._stamp(name)[0] == self.digest(data)

    def keep(self, name: str, data: bytes, since: datetime | None = None) -> None:
        """Keep `data`, which is of use, or was until `since`.

        Where nothing can be kept, nothing is: it is only for another day.
        """
        digest = self.digest(data)
        kept, before, asked = self._stamp(name)
        if kept == digest and before == since and asked:
            return
        try:
            if kept != digest:
                self._records.record(f"{name}.useful", data)
            self._record(name, digest, since)
        except ApplyError:
            return

    def forget(self, name: str) -> None:
        """What is kept is of no use any more."""
        with suppress(ApplyError):
            for kind in ("since", "useful"):
                self._records.record(f"{name}.{kind}", None)

    def useful(self, name: str) -> Useful | None:
        """The last copy that was of use, now that the calendar is not; None where none is kept.

        Unless `keep` was told, that was until this is first asked: a file is read in every run.
        """
        digest, since, asked = self._stamp(name)
        if digest is None:
            return None
        try:
            data = self._records.recorded(f"{name}.useful")
        except ApplyError:
            return None
        if data is None or sha256(data).hexdigest() != digest:
            return None
        if since is None or not asked:
            since = since or self._now
            with suppress(ApplyError):  # the next run counts from then
                self._record(name, digest, since)
        return Useful(data, max(self._now - since, timedelta(0)))

    def _record(self, name: str, digest: str, since: datetime | None) -> None:
        stamp = {"digest": digest, "since": since and since.isoformat(), "asked": str(self._now)}
        self._records.record(f"{name}.since", json.dumps(stamp).encode())

    def _stamp(self, name: str) -> tuple[str | None, datetime | None, bool]:
        """The digest of the copy that is kept, since when the calendar has been of no use, and
        whether it stands there that it was asked for lately."""
        try:
            said = json.loads(self._records.recorded(f"{name}.since") or b"")
            since, asked = said["since"], said.get("asked")
            lately = asked is not None and abs(self._now - stored(asked)) < _OFTEN
            return str(said["digest"]), since and stored(since), lately
        except (ApplyError, ValueError, TypeError, KeyError, AttributeError):
            return None, None, False
