"""What cron would mail at every run is said when it appears, once a day, and when it is over."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ParamSpec

from rotation.cli.context import Call, complain, heard
from rotation.errors import ApplyError, Problem, Where

AGAIN = timedelta(days=1)
"""How long what lasts stays unsaid."""
_AGE = re.compile(r"\b\d+ (second|minute|hour|day|week)s?\b")
_P = ParamSpec("_P")


def said_once(command: str) -> Callable[[Callable[_P, None]], Callable[_P, None]]:
    """For a command that cron runs every few minutes. Its exit status stays what it is; on a
    terminal, and where nothing is done but shown, everything is said."""

    def decorate(run: Callable[_P, None]) -> Callable[_P, None]:
        @functools.wraps(run)
        def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> None:
            # whoever names another instant is no cron job
            rehearsal = any(kwargs.get(option) for option in ("dry_run", "check", "at"))
            call = getattr(kwargs.get("context"), "obj", None)
            if rehearsal or not isinstance(call, Call) or _on_a_terminal():
                run(*args, **kwargs)
                return
            complaints: list[tuple[Problem, str]] = []
            finished = False
            try:
                with heard() as complaints:
                    run(*args, **kwargs)
            except SystemExit:
                # of a roster or a calendar that could not be read, nothing was looked at
                finished = call.answered and not call.unread and not call.unseen
                raise
            finally:
                _say(call, command, complaints, finished=finished)

        return wrapper

    return decorate


def say_once(call: Call, what: str, told: list[tuple[Problem, str]]) -> None:
    """Say each of these as `said_once` does; `what` they are about, of which these are all."""
    if _on_a_terminal():
        for problem, label in told:
            complain(problem, label)
    else:
        _say(call, what, told, finished=not call.unread)


def _on_a_terminal() -> bool:
    return any(stream is not None and stream.isatty() for stream in (sys.stdout, sys.stderr))


def _say(call: Call, command: str, told: list[tuple[Problem, str]], *, finished: bool) -> None:
    """Say what is new or a day old; of a run that looked at everything, what is over too.

    What was said when is remembered, unless it could not be written.
    """
    # rosters of the same name in two folders are two
    rosters = sha256(os.fsencode(call.place)).hexdigest()
    name = f"said-{command}-{rosters[:16]}.json"
    before = _remembered(call, name)
    lasting: dict[str, dict[str, str]] = {}
    fresh: dict[str, dict[str, str]] = {}
    for problem, label in told:
        key = _key(problem)
        entry = before.get(key)
        if key in fresh:
            complain(problem, label)
        elif entry is None or call.now - datetime.fromisoformat(entry["at"]) >= AGAIN:
            complain(problem, label)
            where = problem.where.file if problem.where else ""
            fresh[key] = {"at": call.now.isoformat(), "what": problem.what, "where": where}
        lasting[key] = fresh.get(key) or before[key]
    for key, entry in before.items():
        if key not in lasting and finished:
            file = Where(entry["where"]) if entry["where"] else None
            complain(Problem(f"over: {entry['what']}", file), "note")
        elif key not in lasting:
            lasting[key] = entry
    if not _heard():
        return
    if lasting != before:
        try:
            call.system.record(name, json.dumps(lasting).encode() if lasting else None)
        except ApplyError as error:
            for problem in error.problems:
                complain(problem, "warning")


def _heard() -> bool:
    """Whether what was said could be written."""
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        return False
    raw = getattr(getattr(sys.stderr, "buffer", None), "raw", None)
    return getattr(raw, "fault", None) is None  # the program's own streams remember it


def _remembered(call: Call, name: str) -> dict[str, dict[str, str]]:
    """What was said, and when; nothing where the record is not there or not ours."""
    try:
        value = json.loads(call.system.recorded(name) or b"{}")
        good = {
            str(key): {name: str(entry[name]) for name in ("at", "what", "where")}
            for key, entry in value.items()
            if datetime.fromisoformat(entry["at"]).tzinfo is not None
        }
    except (ApplyError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    # a clock that went back: say it again
    return {key: e for key, e in good.items() if datetime.fromisoformat(e["at"]) <= call.now}


def _key(problem: Problem) -> str:
    """The same trouble, however old it is by now, and wherever in its file it has moved."""
    file = problem.where.file if problem.where else ""
    said = f"{_AGE.sub('', problem.what)}\0{file}"
    return sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:32]
