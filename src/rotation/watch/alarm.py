"""An alarm by mail that does not travel the damaged chain, once a day while nothing changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from rotation import address
from rotation.dataclasses import dataclass
from rotation.errors import Problem, UsageError
from rotation.mail.send import message, send
from rotation.route import Trace
from rotation.route.model import Stop
from rotation.system import System


@dataclass(frozen=True, slots=True)
class Words:
    """What an alarm says: what its records are called, subjects, and the parts of its text. The
    commands in `hint` name the rosters."""

    note: str
    raised: str
    settled: str
    what: str
    well: str
    hint: str


def chain_words(host: str, command: str) -> Words:
    """The words for the chain of root's mail on a host, where rotation is called by `command`."""
    return Words(
        "alarm",
        f"rotation: root's mail on {host} may not arrive",
        f"rotation: root's mail on {host} is right again",
        f"The chain of root's mail on {host} is not as it should be.",
        f"The chain of root's mail on {host} is whole again.",
        f"There: {command} verify; {command} trace root.",
    )


def delivery_words(host: str, command: str) -> Words:
    """The words for mail of a host that whoever is on duty does not get, `command` as above."""
    return Words(
        "alarm-delivery",
        f"rotation: mail from {host} does not reach whoever is on duty",
        f"rotation: mail from {host} arrives again",
        f"Mail that {host} sent on does not arrive, as its own log says.",
        f"Mail that {host} sends on arrives again, as far as its log says.",
        f"There: {command} doctor --dns; mailq.",
    )


AGAIN = timedelta(days=1)
"""How long the same alarm stays silent."""


def check_address(to: str) -> None:
    """Refuse an address that this host's own aliases could lead astray. Raises UsageError."""
    fault = address.fault(to)
    if fault is not None:
        raise UsageError(Problem(f"cannot mail the alarm to {to!r}: it {fault[0]}", hint=fault[1]))
    if "@" not in to:
        raise UsageError(
            Problem(
                f"{to!r} is a name on this host: its mail would travel the chain that is watched",
                hint="an address at another host: --alarm oncall@example.com",
            )
        )


def direct(trace: Trace) -> bool:
    """Whether mail for the alarm's address leaves this host at once."""
    end = trace.step.end
    return end is not None and end.stop is Stop.REMOTE and not trace.step.children


def raise_alarm(
    system: System, to: str, problems: Sequence[Problem], words: Words, now: datetime
) -> bool:
    """Mail what is wrong, unless that very alarm was mailed within a day; whether it was mailed.

    Nothing wrong: says so once after an alarm. Raises ApplyError when the mail was not taken.
    """
    text = "\n".join(problem.render("-") for problem in problems)
    digest = sha256("\n".join(sorted(p.what for p in problems)).encode()).hexdigest()
    note = _note(to, words)
    last, at = _last(system, note)
    if not problems:
        if last is None:
            return False
        send(system, message([to], words.settled, f"{words.well}\n", now))
        system.record(note, None)
        return True
    if last == digest and at is not None and now - at < AGAIN:
        return False
    body = f"{words.what}\n\n{text}\n\n{words.hint} This mail did not travel that chain.\n"
    send(system, message([to], words.raised, body, now))
    system.record(note, json.dumps({"digest": digest, "at": now.isoformat()}).encode())
    return True


def _note(to: str, words: Words) -> str:
    """What is remembered of an alarm is remembered for each address, and for each set of rosters:
    what one was told is no news of the other, and that the other's are right settles nothing."""
    about = sha256(f"{to.lower()}\0{words.hint}".encode("utf-8", "surrogateescape")).hexdigest()
    return f"{words.note}-{about[:16]}.json"


def _last(system: System, note: str) -> tuple[str | None, datetime | None]:
    data = system.recorded(note)
    try:
        value = json.loads(data or b"{}")
        at = datetime.fromisoformat(value["at"])
        return str(value["digest"]), at if at.tzinfo else None
    except (ValueError, KeyError, TypeError):
        return ("", None) if data else (None, None)
