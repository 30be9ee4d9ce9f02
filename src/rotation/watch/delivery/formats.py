"""The lines of mail servers' logs that tell what became of a mail: pure, one reader for each.

Sources: Postfix's log_adhoc.c and postconf(5) `maillog_file`; the Exim specification, "Log files";
the Sendmail Installation and Operation Guide, 2.1 "The System Log"; smtpd(8); each held to what the
server really writes. What another host answered, and addresses that strangers chose, stand in these
lines too: each pattern takes nothing from behind the first of them but words for people to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from enum import Enum, auto

from rotation.dataclasses import dataclass
from rotation.watch.delivery.times import SYSLOG, before, exim_moment, moment, since_epoch


class Fate(Enum):
    """What a line tells of a mail."""

    BEGUN = auto()
    """It came in."""
    TRIED = auto()
    """What follows of this mail, and names nobody, is about this address as well; without an
    address, about nobody who was named before."""
    SENT = auto()
    DEFERRED = auto()
    BOUNCED = auto()
    EXPIRED = auto()
    """It was put off for too long: all its recipients that still wait are given up."""
    GONE = auto()
    """It is not in the queue any more. Without a name: some are not, and nobody says which; those
    that wait still will be told of again."""


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One thing that a line tells: when, of which mail, what, and for which address.

    `began` is since when that mail has been on its way; `sender` is the envelope's; `said` are the
    words of whoever refused it, or of the log; `hop` is the mail's name at the next server, if that
    is on this host too.
    """

    at: datetime
    message: str
    fate: Fate
    address: str = ""
    said: str = ""
    began: datetime | None = None
    sender: str | None = None
    hop: str | None = None


Reader = Callable[[str, datetime], MailEvent | None]

# an address between <>, in which a quoted local part can hold anything
_ANGLED = r'<(?:[^<>"]|"(?:[^"\\]|\\.)*")*>'
_LOOPBACK = re.compile(r"\[?(127\.|::1|localhost)")
_QUEUED = re.compile(r"queued as ([0-9A-Za-z]+)|\(([0-9A-Za-z]+) Message accepted")


_POSTFIX = re.compile(
    rf"(?P<id>[0-9A-Za-z]+): to=(?P<to>{_ANGLED}), (?:orig_to={_ANGLED}, )?relay=(?P<relay>[^,]*), "
    r"(?:conn_use=\d+, )?delay=(?P<delay>[\d.]+), delays=[\d./]+, dsn=[\d.]+, "
    r"status=(?P<status>\w+) \((?P<said>.*)\)"
)
_POSTFIX_FROM = re.compile(
    rf"(?P<id>[0-9A-Za-z]+): from=(?P<from>{_ANGLED}), (?:size=\d|status=(?P<status>\S+), )"
)
_POSTFIX_GONE = re.compile(r"(?P<id>[0-9A-Za-z]+): removed|Deleted: \d+ messages?")
_POSTFIX_FATES = {
    "sent": Fate.SENT,
    "deferred": Fate.DEFERRED,
    "SOFTBOUNCE": Fate.DEFERRED,
    "bounced": Fate.BOUNCED,
    "expired": Fate.BOUNCED,
}


def postfix(program: str, text: str, at: datetime) -> MailEvent | None:
    """What a line of Postfix tells."""
    if match := _POSTFIX.fullmatch(text):
        fate = _POSTFIX_FATES.get(match["status"])
        if fate is None:
            return None  # somebody asked whether it could be delivered
        if fate is Fate.SENT and program.endswith(("/discard", "/error")):
            fate = Fate.BOUNCED
        delay = match["delay"]
        began = before(at, lambda: timedelta(seconds=float(delay)))
        hop = _hop(match["relay"], match["said"]) if fate is Fate.SENT else None
        to = match["to"][1:-1]
        return MailEvent(at, match["id"], fate, to, match["said"], began, hop=hop)
    if match := _POSTFIX_FROM.match(text):
        expired = (match["status"] or "").endswith("expired")
        if match["status"] and not expired:
            return None
        fate, sender = Fate.EXPIRED if expired else Fate.BEGUN, match["from"][1:-1]
        return MailEvent(at, match["id"], fate, sender=sender)
    if match := _POSTFIX_GONE.fullmatch(text):
        return MailEvent(at, match["id"] or "", Fate.GONE)
    return None


def _hop(relay: str, said: str) -> str | None:
    """What a mail is called by the server of this host that it was given to."""
    match = _QUEUED.search(said) if _LOOPBACK.match(relay) else None
    return (match[1] or match[2]) if match else None


_SENDMAIL = re.compile(
    r'(?P<id>\w+): to=(?P<to>[^"]*?), (?:ctladdr=[^"]*?, )?delay=(?P<delay>[\d+:]+), '
    r"(?:xdelay=[\d+:]+, )?mailer=[^,]*, pri=\d+, (?:relay=(?P<relay>[^,]*), )?"
    r"dsn=(?P<class>[245])\.\d+\.\d+, (?P<said>.*)"
)
_SENDMAIL_FROM = re.compile(r"(?P<id>\w+): from=(?P<from>[^,]*), size=\d")
_CLASSES = {"2": Fate.SENT, "4": Fate.DEFERRED, "5": Fate.BOUNCED}


def sendmail(program: str, text: str, at: datetime) -> list[MailEvent]:
    """What a line of Sendmail tells; it can name several recipients."""
    if match := _SENDMAIL.fullmatch(text):
        fate = _CLASSES[match["class"]]
        hop = _hop(match["relay"] or "", match["said"]) if fate is Fate.SENT else None
        delay = match["delay"]
        began = before(at, lambda: _clock(delay))
        return [
            MailEvent(at, match["id"], fate, address.strip(" <>"), match["said"], began, hop=hop)
            for address in match["to"].split(",")
        ]
    if match := _SENDMAIL_FROM.match(text):
        return [MailEvent(at, match["id"], Fate.BEGUN, sender=match["from"].strip("<>"))]
    return []


def _clock(delay: str) -> timedelta:
    """Sendmail's `[DAYS+]HH:MM:SS`."""
    days, _, rest = delay.rpartition("+")
    numbers = [int(part or 0) for part in rest.split(":")]
    hours, minutes, seconds = [0] * (3 - len(numbers)) + numbers[-3:]
    return timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=seconds)


_SMTPD = re.compile(
    r"\w+ (?:mta|mda) delivery evpid=(?P<id>\w+) from=<(?P<from>[^<>]*)> to=<(?P<to>[^<>]*)> "
    r'rcpt=<[^<>]*> (?:source="[^"]*" |relay="[^"]*" |user=\S+ )*delay=(?P<delay>\w+) '
    r'result="?(?P<result>\w+)"? stat="?(?P<said>.*?)"?'
)
_RESULTS = {
    "Ok": Fate.SENT,
    "TempFail": Fate.DEFERRED,
    "PermFail": Fate.BOUNCED,
    "Loop": Fate.BOUNCED,
    "Discard": Fate.BOUNCED,
}
_SPAN = re.compile(r"(\d+)([dhms])")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def opensmtpd(program: str, text: str, at: datetime) -> MailEvent | None:
    """What a line of OpenSMTPD tells."""
    match = _SMTPD.fullmatch(text)
    fate = _RESULTS.get(match["result"]) if match else None
    if match is None or fate is None:
        return None
    delay = match["delay"]
    began = before(at, lambda: _span(delay))
    return MailEvent(at, match["id"], fate, match["to"], match["said"], began, match["from"])


def _span(delay: str) -> timedelta:
    """OpenSMTPD's `1d2h3m4s`."""
    return timedelta(seconds=sum(int(count) * _UNITS[unit] for count, unit in _SPAN.findall(delay)))


_EXIM = re.compile(
    r"(?:(?P<date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? (?P<offset>[+-]\d{4} )?)?(?:\[\d+\] )?"
    r"(?P<id>[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) "
    r"(?P<how><=|=>|->|>>|\*\*|==|Completed|[Rr]emoved by|cancelled by)"
    r"(?: (?P<who>\S+)(?P<said>.*))?",
    re.DOTALL,
)
_EXIM_FATES = {
    "<=": Fate.BEGUN,
    "=>": Fate.SENT,
    "->": Fate.SENT,
    ">>": Fate.SENT,
    "**": Fate.BOUNCED,
    "==": Fate.DEFERRED,
}
_EXIM_ROUTE = re.compile(
    r"(?:<[^<>]*> )?(?:[A-Z]{1,3}=\S+ )*(?:defer \(-?\d+\)(?=[ :]) ?)?"
    r"(?:H=\S+ \[[^\]]*\](?::\d+)?)?: "
)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def exim(line: str, now: datetime, zone: tzinfo) -> MailEvent | None:
    """What a line of Exim's main log, or of the syslog of an Exim, tells."""
    in_syslog = SYSLOG.fullmatch(line)
    match = _EXIM.fullmatch(in_syslog["text"] if in_syslog else line)
    if match is None:
        return None
    at = moment(in_syslog, now, zone) if in_syslog else now
    if match["date"]:
        at = exim_moment(match, now, zone)
    fate = _EXIM_FATES.get(match["how"], Fate.GONE)
    who = (match["who"] or "").removesuffix(":")
    if fate is Fate.BEGUN:
        return MailEvent(at, match["id"], fate, sender="" if who == "<>" else who)
    if fate is Fate.GONE:
        return MailEvent(at, match["id"], fate)
    said = _EXIM_ROUTE.sub("", (match["said"] or "").strip(), count=1).strip(" :")
    return MailEvent(at, match["id"], fate, who.strip("<>"), said, _of_id(match["id"], at))


def _of_id(message: str, at: datetime) -> datetime:
    """When a mail came in: the first part of its name is the second, in base 62."""
    seconds = 0
    for digit in message[:6]:
        seconds = seconds * 62 + _DIGITS.index(digit)
    return min(since_epoch(seconds, at), at)


_WORDS = {
    "postfix": (": to=<", ": from=<", ": removed", "Deleted: "),
    "exim": (" <= ", " => ", " -> ", " >> ", " ** ", " == ", " Completed", "moved by", "cancelled"),
    "opensmtpd": (" delivery evpid=",),
    "sendmail": (": to=", ": from="),
}
"""Of which a line has one if it tells anything: most do not, and logs are long."""


def events(server: str, line: str, now: datetime, zone: tzinfo) -> list[MailEvent]:
    """What a line of the log of a server tells; `zone` is where its clock is, `now` when it is
    read: nothing happened later."""
    if not any(word in line for word in _WORDS[server]):
        return []
    if server == "exim":
        event = exim(line, now, zone)
        return [event] if event else []
    match = SYSLOG.fullmatch(line)
    if match is None:
        return []
    at = moment(match, now, zone)
    if server == "sendmail":
        return sendmail(match["program"], match["text"], at)
    event = (postfix if server == "postfix" else opensmtpd)(match["program"], match["text"], at)
    return [event] if event else []


_NAMES = {
    "postfix": re.compile("postfix.*|.*/(?:qmgr|cleanup|smtpd?|local|master|pickup|bounce)"),
    "exim": re.compile("exim.*"),
    "opensmtpd": re.compile("(?:open)?smtpd"),
    "sendmail": re.compile("sendmail|sm-.*"),
    "msmtp": re.compile("msmtp"),
    "dma": re.compile("dma"),
    "nullmailer": re.compile("nullmailer.*"),
}
"""What the programs of each call themselves."""


class Seen:
    """Whether any line of some logs is a server's: `answer` is None before the first line."""

    def __init__(self, server: str, answer: bool | None = None) -> None:
        self.answer = answer
        self._server = server

    def take(self, line: str, *, tells: bool) -> None:
        """One more line, and whether it `tells` what became of a mail."""
        if self.answer or not line:
            return
        match = SYSLOG.fullmatch(line)
        if match is None:  # Exim's own log has no names in it
            self.answer = tells or self._server == "exim"
        else:
            self.answer = tells or _NAMES[self._server].fullmatch(match["program"]) is not None
