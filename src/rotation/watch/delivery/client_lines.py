"""The lines of clients that only send which tell what became of a mail: pure, one reader for each.

Sources: msmtp(1) `logfile` and `syslog`; dma(8) and the messages of its net.c and dma.c;
nullmailer-send(8) and the messages of its send.cc; each held to what the client really writes. dma
and nullmailer name the recipient first and tell what became of the mail in lines of their own. What
a hub answered stands at the end of a line, and means nothing there but for people to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo

from rotation.watch.delivery.formats import Fate, MailEvent
from rotation.watch.delivery.times import BARE, SYSLOG, moment

_MSMTP = re.compile(
    r"host=\S* .*?\bfrom=(?P<from>\S*) recipients=(?P<to>\S+) (?P<said>.*) "
    r"exitcode=(?P<code>EX_\w+)"
)
_ERROR = re.compile(r"(?:smtpmsg='(.*?)' )?errormsg='(.*)'\Z")
_DMA_TRIES = re.compile(r"<(?P<to>[^<>]+)> trying delivery")
_DMA_SENT = re.compile(r"<(?P<to>[^<>]+)> delivery successful")
_DMA_WAITS = re.compile(
    r"(?:(?:remote|local) delivery deferred|connect to \S+ \[[^]]*\] failed): (.*)"
)
_DMA_FAILS = re.compile(
    r"remote delivery to \S+ \[[^]]*\] failed after [A-Z ]+: (.*)"
    r"|delivery failed, bouncing as \S+()|can not bounce a bounce message, discarding()"
)
_NULLMAILER_TRIES = re.compile(r"From: <[^<>]*> to: (?P<to><[^<>]*>(?:, <[^<>]*>)*)")
_NULLMAILER_WAITS = re.compile(r"(?:\w+: Failed|Sending failed): (.*)")
_NULLMAILER_FAILS = re.compile(r"Moving message \S+ into failed")


def client_events(client: str, line: str, now: datetime, zone: tzinfo) -> list[MailEvent]:
    """What a line of a client's log tells; `zone` is where its clock is, `now` when it is read:
    nothing happened later."""
    match = SYSLOG.fullmatch(line) or (BARE.fullmatch(line) if client == "msmtp" else None)
    if match is None:
        return []
    message = match.groupdict().get("tag") or client
    return list(_READERS[client](match["text"], moment(match, now, zone), message))


def _msmtp(text: str, at: datetime, message: str) -> Iterator[MailEvent]:
    """A mail is one line; it keeps none, so that what the hub does not take now is lost."""
    if (match := _MSMTP.fullmatch(text)) is None:
        return
    fate = Fate.SENT if match["code"] == "EX_OK" else Fate.BOUNCED
    error = _ERROR.search(match["said"])
    said = " / ".join(part for part in error.groups() if part) if error else match["code"]
    for address in match["to"].split(","):
        yield MailEvent(at, message, fate, address, said, sender=match["from"])


def _tries(at: datetime, message: str, addresses: list[str]) -> Iterator[MailEvent]:
    """What follows is about these."""
    for address in ("", *addresses):
        yield MailEvent(at, message, Fate.TRIED, address)


def _dma(text: str, at: datetime, message: str) -> Iterator[MailEvent]:
    if match := _DMA_TRIES.fullmatch(text):
        yield from _tries(at, message, [match["to"]])
    elif match := _DMA_SENT.fullmatch(text):
        yield MailEvent(at, message, Fate.SENT, match["to"])
    elif match := _DMA_WAITS.fullmatch(text):
        yield MailEvent(at, message, Fate.DEFERRED, said=match[1])
    elif match := _DMA_FAILS.fullmatch(text):
        yield MailEvent(at, message, Fate.BOUNCED, said=match[1] or "")


def _nullmailer(text: str, at: datetime, message: str) -> Iterator[MailEvent]:
    if match := _NULLMAILER_TRIES.fullmatch(text):
        yield from _tries(at, message, re.findall(r"<([^<>]+)>", match["to"]))
    elif text == "Sent file.":
        yield MailEvent(at, message, Fate.SENT)
    elif match := _NULLMAILER_WAITS.fullmatch(text):
        yield MailEvent(at, message, Fate.DEFERRED, said=match[1])
    elif _NULLMAILER_FAILS.fullmatch(text):
        yield MailEvent(at, message, Fate.BOUNCED)


_READERS: dict[str, Callable[[str, datetime, str], Iterator[MailEvent]]] = {
    "msmtp": _msmtp,
    "dma": _dma,
    "nullmailer": _nullmailer,
}
TELL = frozenset(_READERS)
"""The clients that write what became of mail, and for whom it was."""
