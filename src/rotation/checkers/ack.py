"""What people know of and do not want to hear again until a date: the file `acks` of a checker.

A line each: until when (seconds since 1970), the same for people, `line` or `match`, and the text:
a line as it is compared, or an extended regular expression. The script reads it at every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.checkers.state import State
from rotation.clock.told import day_and_time
from rotation.dataclasses import dataclass
from rotation.system import Files

FILE = "acks"
"""Its name in the state folder of a checker."""


@dataclass(frozen=True, slots=True)
class Ack:
    """Something that is known until an instant."""

    until: datetime
    text: str
    matches: bool
    """Whether the text is a regular expression."""


def read_acks(system: Files, folder: Path) -> list[Ack]:
    """What is noted in a checker's state folder, past or not."""
    file = system.read(folder / FILE, follow=False)
    text = "" if file is None else file.data.decode("utf-8", "surrogateescape")
    acks = []
    for line in text.removesuffix("\n").split("\n"):
        until, _, rest = line.partition("\t")
        _, _, rest = rest.partition("\t")
        how, _, what = rest.partition("\t")
        if until.isdecimal() and len(until) < 12 and how in ("line", "match") and what:
            acks.append(Ack(datetime.fromtimestamp(int(until), UTC), what, how == "match"))
    return acks


def render_acks(acks: Sequence[Ack], zone: ZoneInfo) -> bytes:
    """The text of the file; dates for people in `zone`."""
    rows = (
        f"{int(ack.until.timestamp())}\t{day_and_time(ack.until, zone)}\t"
        f"{'match' if ack.matches else 'line'}\t{ack.text}\n"
        for ack in acks
    )
    return "".join(rows).encode("utf-8", "surrogateescape")


def with_acks(
    present: Sequence[Ack], state: State, pattern: str | None, until: datetime, now: datetime
) -> list[Ack]:
    """`present` with all that is wrong now, or what `pattern` matches, known until an instant.

    An instant that is not to come takes such notes away. What has ended is left out.
    """
    if pattern is not None:
        texts = [(pattern, True)]
    else:
        texts = [(wrong.key, False) for wrong in state.wrong]
        texts += [(f"checker failed: {state.failing}", False)] if state.failing else []
    replaced = set(texts)
    every = pattern is None and until <= now
    kept = [
        ack
        for ack in present
        if ack.until > now and not every and (ack.text, ack.matches) not in replaced
    ]
    return kept if until <= now else kept + [Ack(until, *text) for text in texts]
