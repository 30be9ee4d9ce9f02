"""A target that relays ask is at fault: it alone is left as it was, and the next run heals it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .relay_rosters import LINE, PEOPLE, target
from .rigs import Finished
from .rigs.relays import Relays
from .roster_in_rig import NEXT_MONDAY, write_roster

SECOND = '\n[[target]]\ninclude = "/etc/mail/duty"\n'
LONG = 'also = ["' + '", "'.join(f"somebody{n}@example.com" for n in range(9)) + '"]\n'


def right(rig: Relays) -> None:
    """Make the target right, and another one beside it."""
    rig.path("/etc/mail").mkdir(exist_ok=True)
    rig.write("/etc/mail/duty", "alice@example.com\n")
    rig.run(["rm", "-rf", "/var/lib/rotation"])
    rig.write("/etc/rotation/db.password", rig.password, mode=0o600)
    rig.write("/etc/postfix/map.cf", rig.read("/etc/postfix-2/map.cf"))
    rig.asked_server.reset()
    write(rig)


def write(rig: Relays, more: str = "", change: Callable[[str], str] = str) -> None:
    """The roster with both, its target with changes."""
    write_roster(rig, PEOPLE + change(target(rig, more)) + SECOND)


def left(rig: Relays, words: str, held: list[str] | None = None) -> Finished:
    """Apply: this target fails, with these words, and is as it was; the other one is made true."""
    rig.write("/etc/mail/duty", "alice@example.com\n")
    rig.run(["rm", "-rf", "/var/lib/rotation"])
    done = rig.rotation(NEXT_MONDAY, "apply")
    assert done.status == 3, done
    assert re.search(words, done.err, re.IGNORECASE), done.err
    assert "hint:" in done.err
    assert "Traceback" not in done.err
    assert "horse" not in done.err, "the password is in the message"
    assert done.out.startswith("/etc/mail/duty: alice -> bob")
    assert rig.read("/etc/mail/duty") == b"bob@example.com\n"
    if held is not None:
        assert rig.held() == held
    return done


def healed(rig: Relays) -> None:
    """The next run makes the handoff."""
    done = rig.rotation(NEXT_MONDAY, "apply")
    assert done.status == 0, done.err
    assert done.out.startswith(LINE)
    assert rig.held() == ["bob@example.com"]


@contextmanager
def away(rig: Relays) -> Iterator[None]:
    """The server is not there."""
    rig.asked_server.silence()
    try:
        yield
    finally:
        rig.asked_server.serve()
