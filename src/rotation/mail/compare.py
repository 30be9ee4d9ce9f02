"""What a change of an aliases file may make different, and what not: pure.

What a server says of lines that are not ours, and says of the present text as well, changes
nothing: the change is made, and every other alias is served as before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.aliases_text import AliasesText, Members
from rotation.mail.listing import Listing
from rotation.mail.server import refused, split_members

_BY_HAND = "the file is written in a way that is not safe to change: tidy it by hand once"


def complaints(
    old: Sequence[str],
    new: Sequence[str],
    wanted: Mapping[str, Members],
    text: AliasesText,
    path: Path,
) -> None:
    """Refuse what a server says of the new `text` and did not say of the old one, and what it says
    of the entries that are `wanted`. Raises ApplyError."""
    known = Counter(_bare(line) for line in old)
    lines = {entry.line for name in wanted for s in text.scans for entry in text.named(name, s)}
    quoted = re.compile('"(?:' + "|".join(map(re.escape, wanted)) + ')"', re.IGNORECASE)
    fresh = []
    for line in new:
        bare = _bare(line)
        number = re.search(r"line (\d+)|:(\d+):", line)
        ours = number is not None and int(number[1] or number[2]) in lines
        if not known[bare] or ours or (wanted and quoted.search(line)):
            fresh.append(line)
        known[bare] -= 1
    if fresh:
        raise refused(fresh, path)


def _bare(line: str) -> str:
    """A complaint without numbers: lines move where an entry had several."""
    return re.sub(r"\d+", "#", line)


def entries(
    old: Listing | None, new: Listing | None, wanted: Mapping[str, Members], path: Path
) -> None:
    """The two indexes may differ in the entries that are `wanted` and nowhere else."""
    if old is None or new is None:
        return
    changed = sorted(new.differs(old) - {name.lower() for name in wanted})
    if changed:
        raise ApplyError(
            Problem(
                f"the change would alter other aliases too: {', '.join(changed[:5])}",
                Where(str(path)),
                _BY_HAND,
            )
        )


def ours(new: Listing | None, wanted: Mapping[str, Members], server: str, path: Path) -> None:
    """The new index holds what is `wanted`, before anything is moved into place."""
    if new is None:
        return
    values = new.entries({name.lower() for name in wanted})
    for name, addresses in wanted.items():
        if split_members(values.get(name.lower(), "")) != tuple(addresses):
            raise ApplyError(
                Problem(
                    f"{server} would not take the new entry of {name!r}",
                    Where(str(path)),
                    "is the file's beginning or end damaged? tidy it by hand once",
                )
            )
