"""`rotation checker new`: a checker of a command of one's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli.checker.options import (
    How,
    Wanted,
    presets,
)
from rotation.cli.checker.place import carry_out, plan
from rotation.cli.context import call_of, complain, handled
from rotation.cli.grouped import grouped
from rotation.dataclasses import dataclass
from rotation.errors import Problem, UsageError

if TYPE_CHECKING:
    from rotation.checkers.model import Preset


@dataclass(frozen=True, slots=True)
class Counts:
    """What of a tool's answer counts, and as what: as typed."""

    filter_: Annotated[
        str | None, typer.Option("--filter", help="Only lines that match it count (grep -E).")
    ] = None
    ignore: Annotated[
        str | None, typer.Option(help="Lines that match it never count (grep -E).")
    ] = None
    normalise: Annotated[
        list[str] | None,
        typer.Option(help="A script for sed -E that takes out what differs in every run."),
    ] = None
    good: Annotated[
        list[int] | None, typer.Option(min=0, max=255, help="An exit status that means well.")
    ] = None
    failed: Annotated[
        list[int] | None,
        typer.Option(min=0, max=255, help="An exit status by which the tool itself failed."),
    ] = None
    once: Annotated[
        str | None, typer.Option(help="Lines that match it the tool tells only once (grep -E).")
    ] = None
    alarm: Annotated[
        str | None, typer.Option(help="With signal change: lines that are wrong at any time.")
    ] = None
    low: Annotated[
        str | None, typer.Option(help="Findings that wait for the next mail, a week at most.")
    ] = None


@handled
@grouped
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name of your own: a-z, 0-9 and -.")],
    command: Annotated[str, typer.Option("--run", help="What sh runs; what it prints counts.")],
    signal: Annotated[str, typer.Option(help="What counts: output, exit, either or change.")],
    counts: Counts,
    how: How,
    wanted: Wanted,
    noun: Annotated[str, typer.Option(help="A word for one finding, for the subject.")] = "finding",
    timeout: Annotated[str, typer.Option(help="When the tool is stopped: 30m, 2h.")] = "2h",
    title: Annotated[str | None, typer.Option(help="One line about it.")] = None,
) -> None:
    """A checker of a command of your own, in one line; otherwise like install."""
    from rotation.checkers.read import from_words

    call = call_of(context)
    if name in presets(call):
        hint = f"rotation checker install {name}, or take another name"
        raise UsageError(Problem(f"there is a preset {name!r} already", hint=hint))
    expressions = {
        "filter": counts.filter_,
        "ignore": counts.ignore,
        "once": counts.once,
        "alarm": counts.alarm,
        "low": counts.low,
    }
    preset = from_words(
        name,
        {
            "title": title or _first_line(command),
            "run": command,
            "signal": signal,
            "noun": noun,
            "timeout": timeout,
            "normalise": counts.normalise or [],
            "good": counts.good or [0],
            "failed": counts.failed or [],
            **{key: text for key, text in expressions.items() if text is not None},
        },
    )
    for problem in pitfalls(preset):
        complain(problem, "warning")
    carry_out(call, [plan(call, preset, how, wanted, "")], how)


_GREP = re.compile(r"(^|[|;&\s])(z|e|f)?grep\b(?!.*[|;&])[^\n]*\Z")


def pitfalls(preset: Preset) -> list[Problem]:
    """What in the command could pass for health, or for failure, and is neither."""
    problems = []
    if preset.pipes and "must " not in preset.run:
        hint = "write `must COMMAND | ...`: where that fails, the checker says so"
        problems.append(
            Problem("a pipe hides the exit status of all but its last command", hint=hint)
        )
    if preset.background and "must " not in preset.run:
        hint = "write `must COMMAND &`: where that fails, the checker says so"
        problems.append(Problem("what runs in the background hides its exit status", hint=hint))
    if preset.hides:
        hint = (
            "join them with `&&`, or write `must COMMAND` or `COMMAND || exit` where it has to work"
        )
        problems.append(
            Problem(
                "of several commands, and of a loop, only the last exit status counts", hint=hint
            )
        )
    last = preset.run.rstrip().rpartition("\n")[2]
    if _GREP.search(last) and 1 not in preset.good:
        hint = "choose the lines with --filter instead, or add --good 0 --good 1"
        problems.append(
            Problem(
                "grep ends with 1 where no line matches, and that counts as a failure", hint=hint
            )
        )
    return problems


def _first_line(command: str) -> str:
    lines = command.strip().splitlines() or [""]
    return lines[0] if len(lines[0]) <= 80 else f"{lines[0][:77]}..."
