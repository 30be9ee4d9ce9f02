"""Making a target true by a program of the administrator's, which can say what it holds.

It is called with `get` or `set` as its last argument and a JSON object on standard input, by its
absolute path and without a shell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rotation.errors import ApplyError, Problem, Where
from rotation.mail import revision
from rotation.mail.custom import vet
from rotation.mail.outcome import Done, same, taken_back
from rotation.model.target import RunTarget
from rotation.plan import Hold
from rotation.system import Finished, System

Members = tuple[str, ...]
_MOST = 3
"""Lines of a program's complaint that are shown."""


class _Answer(NamedTuple):
    """The addresses that a program has, and the revision beside them, if it keeps one."""

    members: Members
    revision: str | None
    keeps_revision: bool = False


def make_true(system: System, target: RunTarget, hold: Hold) -> Done:
    """Have the program hold the addresses. Raises ApplyError; then it was told to hold again what
    it held before."""
    if system.status(system.real(_path(target))) is None:
        what = f"no such program: {target.argv[0]}"
        raise ApplyError(Problem(what, target.where, "install it, or correct the target"))
    vet(system, target.argv)
    ours = revision.of(hold, system.host_name())
    before = _get(system, target, hold)
    right = same(before.members, hold.addresses)
    judged = revision.judge(hold, ours, before.revision, target.place)
    if right and not (judged.newer and before.keeps_revision):
        return Done(before.members, False)
    if judged.older is not None:
        raise ApplyError(judged.older)
    wanted = _Answer(hold.addresses, None if ours is None else str(ours))
    try:
        _set(system, target, hold, wanted)
        system.believe(lambda: _believe(system, target, hold))
    except Exception as error:
        with taken_back(error, target.place):
            _set(system, target, hold, before)
        raise
    return Done(before.members, not right)


def _path(target: RunTarget) -> Path:
    return Path(target.argv[0])


def _given(target: RunTarget, hold: Hold) -> dict[str, object]:
    return {"name": target.name, "roster": hold.roster.name, "role": target.role}


def _get(system: System, target: RunTarget, hold: Hold) -> _Answer:
    """What it holds. Raises ApplyError."""
    data = json.dumps(_given(target, hold)).encode()
    finished = system.ask([*target.argv, "get"], data=data, limit=target.limit)
    _well(target, finished, "get")
    try:
        said = json.loads(finished.out)
    except (ValueError, RecursionError):  # the latter: thousands of brackets
        raise _odd(target, "does not print JSON") from None
    left, keeps = None, isinstance(said, dict) and "revision" in said
    if isinstance(said, dict):
        left, said = said.get("revision"), said.get("addresses")
    if not isinstance(said, list) or not all(isinstance(word, str) for word in said):
        raise _odd(target, "does not print a list of addresses")
    if left is not None and not isinstance(left, str):
        raise _odd(target, "prints a revision that is not text")
    for word in (*said, left or ""):
        try:
            word.encode()
        except UnicodeEncodeError:  # bytes that are not UTF-8, or half of a character
            raise _odd(target, "prints characters that are not text") from None
    return _Answer(tuple(said), left, keeps)


def _set(system: System, target: RunTarget, hold: Hold, held: _Answer) -> None:
    end = hold.shift.end
    given = _given(target, hold) | {
        "addresses": list(held.members),
        "people": list(hold.shift.people),
        "until": None if end is None else end.astimezone(hold.roster.zone).isoformat(),
        "revision": held.revision,
    }
    finished = system.run([*target.argv, "set"], data=_json(given), limit=target.limit)
    _well(target, finished, "set")


def _json(given: Mapping[str, object]) -> bytes:
    return json.dumps(given).encode()


def _believe(system: System, target: RunTarget, hold: Hold) -> None:
    members = _get(system, target, hold).members
    if not same(members, hold.addresses):
        said = ", ".join(members) or "nothing"
        what = f"{target.argv[0]} get prints {said} after the change, "
        what += f"not {', '.join(hold.addresses)}: it was told to take it back"
        raise ApplyError(Problem(what, Where(target.place), "see what it does with `set`"))


def _well(target: RunTarget, finished: Finished, verb: str) -> None:
    if finished.status == 0:
        return
    lines = [line.strip() for line in (finished.err or finished.out).splitlines() if line.strip()]
    said = "; ".join(lines[-_MOST:]) or f"exit status {finished.status}"
    raise ApplyError(Problem(f"{target.argv[0]} {verb}: {said}", Where(target.place),
                             "run it by hand; docs/targets.md has what it is given"))  # fmt: skip


def _odd(target: RunTarget, what: str) -> ApplyError:
    hint = 'as in ["alice@example.com"], or {"addresses": […], "revision": "…"}'
    return ApplyError(Problem(f"{target.argv[0]} get {what}", Where(target.place), hint))
