"""Making a target true by a program of the administrator's, which can say what it holds.

It is called with `get` or `set` as its last argument and a JSON object on standard input, by its
absolute path and without a shell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail import revision
from rotation.mail.custom import vet
from rotation.mail.outcome import Done, same
from rotation.model.target import RunTarget
from rotation.plan import Hold
from rotation.system import Finished, System

Members = tuple[str, ...]
_MOST = 3
"""Lines of a program's complaint that are shown."""


def make_true(system: System, target: RunTarget, hold: Hold) -> Done:
    """Have the program hold the addresses. Raises ApplyError; then it was told to hold again what
    it held before."""
    if system.status(system.real(_path(target))) is None:
        what = f"no such program: {target.argv[0]}"
        raise ApplyError(Problem(what, target.where, "install it, or correct the target"))
    vet(system, target.argv)
    ours = revision.of(hold, system.host_name())
    before, left = _get(system, target, hold)
    right = same(before, hold.addresses)
    if right:
        return Done(before, False)
    judged = revision.judge(hold, ours, left, target.place)
    if judged.older is not None:
        raise ApplyError(judged.older)
    try:
        _set(system, target, hold, hold.addresses, ours)
        system.believe(lambda: _believe(system, target, hold))
    except ApplyError as error:
        if before:
            try:
                _set(system, target, hold, before, None)
            except ApplyError as again:
                raise ApplyError([*error.problems, *again.problems]) from None
        raise
    return Done(before, True)


def _path(target: RunTarget) -> Path:
    return Path(target.argv[0])


def _given(target: RunTarget, hold: Hold) -> dict[str, object]:
    return {"name": target.name, "roster": hold.roster.name, "role": target.role}


def _get(system: System, target: RunTarget, hold: Hold) -> tuple[Members, str | None]:
    """The addresses that it has, and the revision if it keeps one. Raises ApplyError."""
    data = json.dumps(_given(target, hold)).encode()
    finished = system.ask([*target.argv, "get"], data=data, limit=target.limit)
    _well(target, finished, "get")
    try:
        said = json.loads(finished.out)
    except ValueError:
        raise _odd(target, "prints no JSON") from None
    left = None
    if isinstance(said, dict):
        left, said = said.get("revision"), said.get("addresses")
    if not isinstance(said, list) or not all(isinstance(word, str) for word in said):
        raise _odd(target, "prints no list of addresses")
    if left is not None and not isinstance(left, str):
        raise _odd(target, "prints a revision that is no text")
    return tuple(said), left


def _set(
    system: System,
    target: RunTarget,
    hold: Hold,
    addresses: Members,
    ours: revision.PlanRevision | None,
) -> None:
    end = hold.shift.end
    given = _given(target, hold) | {
        "addresses": list(addresses),
        "people": list(hold.shift.people),
        "until": None if end is None else end.astimezone(hold.roster.zone).isoformat(),
        "revision": None if ours is None else str(ours),
    }
    finished = system.run([*target.argv, "set"], data=_json(given), limit=target.limit)
    _well(target, finished, "set")


def _json(given: Mapping[str, object]) -> bytes:
    return json.dumps(given).encode()


def _believe(system: System, target: RunTarget, hold: Hold) -> None:
    members, _ = _get(system, target, hold)
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
