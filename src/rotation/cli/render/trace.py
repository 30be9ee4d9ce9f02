"""Traces for people and for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from rotation.cli import output
from rotation.errors import printable
from rotation.route import End, Note, Step, Trace, Verdict
from rotation.route.model import GOOD

_PLAIN = ("|-- ", "`-- ", "|   ", "    ")
_DRAWN = ("├── ", "└── ", "│   ", "    ")
_GREEN, _RED, _YELLOW, _GREY = "32", "1;31", "33", "2"


def show(trace: Trace) -> None:
    """A trace as a tree, and the verdict on the whole of it in one line."""
    marks = _DRAWN if sys.stdout.isatty() and output.fancy() else _PLAIN
    print(_line(trace.step))
    for text in _below(trace.step, "", marks):
        print(text)
    print(_coloured(verdict(trace), _GREEN if trace.good else _RED))


def verdict(trace: Trace) -> str:
    """The verdict on a trace in one line."""
    if trace.good:
        return printable(f"{trace.address}: ends at {good_ends(trace)}")
    bad = [step.end for step in trace.ends if step.end and step.end.verdict not in GOOD]
    reasons = list(dict.fromkeys(f"{end.who}: {end.why}" for end in bad))
    if not reasons:
        return printable(f"{trace.address}: NO: does not reach anybody on duty")
    more = f"; and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    return printable(f"{trace.address}: NO: {'; '.join(reasons[:3])}{more}")


def good_ends(trace: Trace) -> str:
    """Where a trace that is good ends, in words."""
    return "; ".join(dict.fromkeys(step.end.why for step in trace.ends if step.end))


def _below(step: Step, prefix: str, marks: tuple[str, ...]) -> Iterator[str]:
    for note in step.notes:
        lead = marks[2] if step.children else ""
        yield f"{prefix}{lead}{_note(note)}"
    for child in step.children:
        last = child is step.children[-1]
        yield f"{prefix}{marks[1 if last else 0]}{_line(child)}"
        yield from _below(child, prefix + marks[3 if last else 2], marks)


def _line(step: Step) -> str:
    text = printable(step.text)
    if step.how:
        where = f" {step.where}" if step.where else ""
        text += "  " + _coloured(printable(f"({step.how}{where})"), _GREY)
    if step.end is not None:
        good = step.end.verdict in GOOD
        colour = _GREEN if good else _YELLOW if step.end.verdict is Verdict.LEAVES else _RED
        text += "  " + _coloured(printable(f"=> {'' if good else 'NO: '}{step.end.why}"), colour)
    return text


def _note(note: Note) -> str:
    hint = f" ({note.hint})" if note.hint else ""
    where = f" [{note.where}]" if note.where and str(note.where) not in note.text else ""
    return _coloured(printable(f"note: {note.text}{where}{hint}"), _YELLOW)


def _coloured(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if output.fancy() else text


def trace_json(trace: Trace) -> object:
    """A trace for programs; docs/trace.md has its shape. What is no text is made visible."""
    return {
        "address": printable(trace.address),
        "server": trace.server,
        "good": trace.good,
        "verdict": verdict(trace),
        "ends": [_end_json(step, step.end) for step in trace.ends if step.end is not None],
        "tree": _step_json(trace.step),
    }


def _end_json(step: Step, end: End) -> dict[str, object]:
    return {
        "to": printable(end.who),
        "verdict": end.verdict.value,
        "good": end.verdict in GOOD,
        "why": printable(end.why),
        "stop": end.stop.value,
        "domain": end.domain,
        "where": output.place_json(step.where),
    }


def _step_json(step: Step) -> dict[str, object]:
    return {
        "text": printable(step.text),
        "how": step.how,
        "where": output.place_json(step.where),
        "notes": [_note_json(note) for note in step.notes],
        "end": None if step.end is None else _end_json(step, step.end),
        "children": [_step_json(child) for child in step.children],
    }


def _note_json(note: Note) -> dict[str, object]:
    where = output.place_json(note.where)
    return {"text": printable(note.text), "where": where, "hint": note.hint}
