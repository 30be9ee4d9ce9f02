"""`rotation checker status`: what the checkers have found, and whether they are at work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.checker.options import Dir, state_of_checkers
from rotation.cli.checker.view import Json, scripts_in
from rotation.cli.context import call_of, handled
from rotation.cli.render.nagios import ServiceState
from rotation.clock.told import day_and_time
from rotation.errors import counted, printable

if TYPE_CHECKING:
    from rotation.checkers.install import Installed
    from rotation.checkers.state import State

# how long after its last run a checker is late
_LATE = {"hour": 3, "day": 50, "week": 9 * 24, "month": 35 * 24}


@handled
def status(
    context: typer.Context,
    folder: Dir = None,
    as_json: Json = False,
    nagios: Annotated[
        bool, typer.Option("--nagios", help="One status line, and the exit status of a plugin.")
    ] = False,
) -> None:
    """What the checkers of this host have found: last run, last mail, what is still wrong.

    With --nagios: CRITICAL where a checker fails, is late or never ran, or a mail is unsent;
    WARNING where something is wrong that is not known; UNKNOWN where there is no checker.
    """
    from rotation.checkers.state import read_states

    call = call_of(context)
    scripts = defaultdict(list)
    for script in scripts_in(context, folder):
        scripts[script.name].append(script)
    states = read_states(call.system, state_of_checkers())
    rows: list[tuple[str, ...]] = []
    answers: list[object] = []
    loud: list[int] = []
    texts: list[str] = []
    for name in sorted({*states, *scripts}):
        state, here = states.get(name), scripts.get(name, [])
        faults = _faults(state, here, call.now)
        if faults or (state and (state.wrong or state.failing)):
            loud.append(len(rows))
        rows.append((name, *_row(state), ", ".join(faults) or "-"))
        answers.append(_json(name, state, here, faults))
        texts += _texts(name, state)
    if nagios:
        code, line = _plugin(states, scripts, call.now)
        print(line)
        raise SystemExit(code)
    if as_json:
        output.say_json(answers)
        return
    if not rows:
        output.say("no checker is installed here, and none has run; see: rotation checker list")
        return
    head = ("checker", "last run", "last finding", "last mail", "still wrong", "trouble")
    output.table(head, rows, loud)
    for text in texts[:_SHOWN]:
        output.say(text)
    if len(texts) > _SHOWN:
        output.say(f"... {len(texts) - _SHOWN} more; all of them: --json")


_SHOWN = 100


def _row(state: State | None) -> tuple[str, ...]:
    if state is None:
        return ("never", "-", "-", "-")
    return (
        _local(state.ran) or "never",
        _local(state.last_finding) or "-",
        _local(state.mailed) or "-",
        str(len(state.wrong)) if state.wrong else "-",
    )


def _local(instant: datetime | None) -> str:
    """As the host that noted it saw it: with that host's offset."""
    return "" if instant is None else day_and_time(instant, None, weekday=False)


def _since(instant: datetime | None) -> str:
    return f"  (since {_local(instant)})" if instant else ""


def _texts(name: str, state: State | None) -> list[str]:
    return [
        f"{name}: {wrong.text}{_since(wrong.since)}{'  (known)' if wrong.acked else ''}"
        for wrong in (state.wrong if state else ())
    ]


def _faults(state: State | None, here: list[Installed], now: datetime) -> list[str]:
    """What is wrong with the checker itself."""
    faults = [
        f"{script.path} is not executable, so cron skips it" for script in here if script.idle
    ]
    if state is not None and state.failing:
        faults.append(f"fails: {state.failing}")
    if state is not None and state.unsent:
        faults.append("a mail waits to be sent")
    if state is not None and not here:
        faults.append("not installed here")
    hours = [hours for script in here if (hours := _hours(script, state)) is not None]
    late = timedelta(hours=max(hours)) if hours else None
    ran = state.ran if state else None
    if ran is not None and ran - now > timedelta(hours=2):
        # until then nobody could say that it is late
        faults.append("its last run is dated in the future: was the clock set back?")
    elif late is not None and ran is not None and now - ran > late:
        faults.append("late: cron has not run it since")
    elif late is not None and ran is None:
        installed = min(script.file.attributes.st_mtime for script in here)
        if now - datetime.fromtimestamp(installed, UTC) > late:
            faults.append("never ran, though it should have by now")
    return faults


def _hours(script: Installed, state: State | None) -> int | None:
    """After how many hours without a run a script is late, by its folder or what it says."""
    from rotation.checkers.inside import read_back
    from rotation.checkers.install import often_in

    often = often_in(script.path.parent)
    often = often or read_back(script.file.data.decode("utf-8", "surrogateescape")).often
    return _LATE.get(often or (state.often if state else None) or "")


def _plugin(
    states: Mapping[str, State], scripts: Mapping[str, list[Installed]], now: datetime
) -> tuple[int, str]:
    """The exit status and the line of a monitoring plugin."""
    critical: list[str] = []
    warning: list[str] = []
    known = 0
    for name in sorted({*states, *scripts}):
        state, here = states.get(name), scripts.get(name, [])
        for fault in _faults(state, here, now):
            (warning if fault == "not installed here" else critical).append(f"{name}: {fault}")
        for wrong in state.wrong if state else ():
            known += wrong.acked
            if not wrong.acked:
                warning.append(f"{name}: {wrong.text}")
    names = {*states, *scripts}
    level = ServiceState.CRITICAL if critical else ServiceState.WARNING
    if not scripts:
        level, told = ServiceState.UNKNOWN, ["no checker is installed here", *critical, *warning]
    elif critical or warning:
        told = [*critical, *warning]
    else:
        level, told = ServiceState.OK, [f"{counted(len(names), 'checker')}, nothing wrong"]
    text = told[0] + (f" (and {len(told) - 1} more)" if len(told) > 1 else "")
    figures = f"checkers={len(names)} trouble={len(critical)} wrong={len(warning)} known={known}"
    # a bar would begin the performance data
    return int(level), printable(f"CHECKERS {level.name} - {text.replace('|', '/')} | {figures}")


def _json(name: str, state: State | None, here: list[Installed], faults: list[str]) -> object:
    def instant(value: datetime | None) -> str | None:
        return None if value is None else value.isoformat()

    return {
        "name": name,
        "installed": [str(script.path) for script in here],
        "edited": any(script.edited for script in here),
        "last_run": instant(state.ran) if state else None,
        "last_status": state.status if state else None,
        "last_event": state.event if state else None,
        "last_finding": instant(state.last_finding) if state else None,
        "last_mail": instant(state.mailed) if state else None,
        "silent_runs": state.silent if state else 0,
        "failing": state.failing if state else None,
        "unsent": state.unsent if state else False,
        "wrong": [
            {"text": wrong.text, "since": instant(wrong.since), "known": wrong.acked}
            for wrong in (state.wrong if state else ())
        ],
        "trouble": faults,
    }
