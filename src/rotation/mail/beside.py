"""The revisions of the plan beside files of this host, for hubs that share them by NFS or rsync(1).

A server reads the file itself, and other lines of it are not ours: so the revisions stand in a
file of their own, a line for each target. A revision is left before its target is changed. Whoever
fails after that has told those with an older copy to stay away, and the next run of theirs heals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os.path import relpath
from pathlib import Path
from urllib.parse import quote

from rotation.errors import ApplyError, Problem, Where
from rotation.mail import revision
from rotation.model.target import FileTarget
from rotation.plan import Hold
from rotation.system import File, System, Trust

_HEAD = "# rotation: which copy of the plan each target was made true by. Leave this to rotation.\n"


def folders(holds: Iterable[Hold]) -> Iterator[Path]:
    """The folders of the files of revisions, to be locked beside the target's own."""
    for hold in holds:
        if isinstance(hold.target, FileTarget) and hold.target.revision is not None:
            yield hold.target.revision.parent


def leave(system: System, holds: Mapping[int, Hold]) -> dict[int, Problem]:
    """Leave the revision of each of the numbered holds of one file, and say which of them must not
    be carried out, since a newer copy of the plan stood behind what is there. Hold the locks.
    Raises ApplyError."""
    places: dict[Path, dict[int, Hold]] = {}
    for number, hold in holds.items():
        if isinstance(hold.target, FileTarget) and hold.target.revision is not None:
            places.setdefault(hold.target.revision, {})[number] = hold
    late: dict[int, Problem] = {}
    for path, here in places.items():
        late |= _leave(system, path, here)
    return late


def _leave(system: System, path: Path, holds: Mapping[int, Hold]) -> dict[int, Problem]:
    if system.names(path.parent) is None:
        hint = "mount or make it first, or correct the revision"
        raise ApplyError(Problem("no such folder", Where(str(path.parent)), hint))
    present = system.read(path, trust=Trust.SOMEBODY)
    kept = _parsed(path, present)
    late: dict[int, Problem] = {}
    judged: dict[str, Problem | None] = {}  # rosters that agree on a target: the first one counts
    after = dict(kept)
    for number, hold in holds.items():
        key = _key(hold, path)
        if key not in judged:
            ours = revision.of(hold, system.host_name())
            left = kept.get(key)
            judgement = revision.judge(hold, ours, left, str(path))
            judged[key] = judgement.older
            if ours is not None and judgement.older is None:
                theirs = revision.parse(left)
                if judgement.newer or theirs is None or theirs.since < ours.since:
                    after[key] = str(ours)
        problem = judged[key]
        if problem is not None:
            late[number] = problem
    if after != kept:
        lines = [f"{key}: {left}\n" for key, left in sorted(after.items())]
        system.replace(path, "".join([_HEAD, *lines]).encode("ascii"), present)
    return late


def _key(hold: Hold, path: Path) -> str:
    """What a target is called in the file of revisions: by its way from there, which is the same
    on every hub, wherever the folders that they share are mounted."""
    file = quote(relpath(hold.target.place, path.parent), safe="")
    name = quote((hold.target.name or "").lower(), safe="@+=")
    return f"{file}/{name}" if name else file


def _parsed(path: Path, file: File | None) -> dict[str, str]:
    """What stands there; a file that holds anything else is somebody's own. Raises ApplyError."""
    kept: dict[str, str] = {}
    text = file.data.decode("utf-8", "surrogateescape") if file else ""
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        key, colon, left = line.partition(": ")
        try:
            if not colon or not key.isascii() or key in kept or revision.parse(left) is None:
                raise revision.ForeignError(line)
        except revision.ForeignError:
            what = f"where the revision of the plan should stand is something else: {line!r}"
            hint = "name a file for it that nothing else uses"
            raise ApplyError(Problem(what, Where(str(path), number), hint)) from None
        kept[key] = left
    return kept
