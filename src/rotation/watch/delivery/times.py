"""When a line of a mail server's log was written, and since when its mail is on its way: pure.

What stands in a log can be anything: a time that cannot be is the time of reading, and a delay that
cannot be is none. Neither may keep anybody from learning what the line tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

SYSLOG = re.compile(
    r"(?:(?P<iso>\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:?\d\d))|(?P<old>[A-Z][a-z]{2} [ \d]\d "
    r"\d\d:\d\d:\d\d)) (?:[^ :\[\]]+ )?(?P<program>[^ :\[\]]+)(?:\[(?P<tag>[\w.]+)\])?: "
    r"(?P<text>.*)",
    re.DOTALL,
)
"""A line of syslog's, in the format of RFC 5424 or of RFC 3164."""
BARE = re.compile(
    r"(?P<iso>(?!))?(?P<old>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?P<text>host=.*)", re.DOTALL
)
"""A line of msmtp's own log, which names no program (msmtp(1), `logfile_time_format`)."""
_EXIM = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? (?P<offset>[+-]\d{4} )?.*", re.DOTALL
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""No log is older; nearer the ends of the calendar, times cannot be reckoned with."""
_WRONG = (ValueError, OverflowError, OSError)


def moment(match: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    """When a line that `SYSLOG` matched was written; `now` where that cannot be. `zone` is that
    of the host's clock: the old format has neither a zone nor a year."""
    if match["iso"]:
        return _sane(lambda: datetime.fromisoformat(match["iso"]), now, zone)
    for year in (now.year, now.year - 1):
        try:
            at = _in_year(year, match["old"]).replace(tzinfo=zone).astimezone(UTC)
        except _WRONG:  # such as 29 February in the other year
            continue
        if at <= now + timedelta(days=1):
            return min(at, now)
    return now


def written(line: str, now: datetime, zone: tzinfo) -> datetime | None:
    """When a line of any log was written, as above; None where it does not say."""
    if match := SYSLOG.fullmatch(line) or BARE.fullmatch(line):
        return moment(match, now, zone)
    match = _EXIM.fullmatch(line)
    return exim_moment(match, now, zone) if match else None


def exim_moment(match: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    """When a line of Exim's with a `date`, and perhaps an `offset`, was written; `now` where that
    cannot be."""
    text = f"{match['date']}{(match['offset'] or '').strip()}"
    return _sane(lambda: datetime.fromisoformat(text), now, zone)


def since_epoch(seconds: int, other: datetime) -> datetime:
    """The instant so many seconds after 1970; `other` where that cannot be."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except _WRONG:
        return other


def before(at: datetime, delay: Callable[[], timedelta]) -> datetime:
    """The instant that is a delay before `at`; `at` itself where the delay cannot be."""
    return _sane(lambda: at - delay(), at, UTC)


def _sane(read: Callable[[], datetime], other: datetime, zone: tzinfo) -> datetime:
    """What `read` gives, in UTC and not after `other`; `other` where that cannot be."""
    try:
        at = read()
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except _WRONG:
        return other
    return min(at, other) if at >= _EPOCH else other


@cache
def _in_year(year: int, text: str) -> datetime:
    """A time of syslog's; of those there are few, each on many lines."""
    return datetime.strptime(f"{year} {text} +0000", "%Y %b %d %H:%M:%S %z")
