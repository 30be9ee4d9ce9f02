"""The event table: every signal and every event, under every shell that Debian packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checkers.host import Scratch
from tests.checkers.shells import SHELLS, shell

# each step: what the tool prints, its status, what the subject says after "tool: " (None: no mail)
Step = tuple[str, int, str | None]
TABLE: dict[str, tuple[dict[str, object], list[Step]]] = {
    "output": (
        {"signal": "output", "every": 3},
        [
            ("", 0, None),
            ("a\nb\n", 0, "2 new warnings"),
            ("b\na\n", 0, None),
            ("a\nb\nc\n", 0, "1 new warning, 2 still wrong"),
            ("a\nc\n", 1, "1 warning gone, 2 still wrong"),
            ("a\nd\n", 0, "1 new warning, 1 gone, 1 still wrong"),
            ("a\nd\n", 0, None),
            ("a\nd\n", 0, None),
            ("a\nd\n", 0, "still 2 warnings"),
            ("a\nd\n", 0, None),
            ("\n  \n", 0, "cleared, 2 warnings gone"),
            ("", 3, None),
            ("", 0, None),
        ],
    ),
    "exit": (
        {"signal": "exit", "every": 2},
        [
            ("OK: fine\n", 0, None),
            ("DISK CRITICAL\n", 2, "1 new warning"),
            ("DISK CRITICAL\n", 2, None),
            ("DISK CRITICAL\n", 2, "still 1 warning"),
            ("DISK CRITICAL\n", 1, "1 new warning, 1 gone, 1 still wrong"),
            ("OK: fine\n", 0, "cleared, 1 warning gone"),
            ("", 1, "1 new warning"),
            ("", 0, "cleared, 1 warning gone"),
        ],
    ),
    "exit, other statuses are well": (
        {"signal": "exit", "good": (0, 4)},
        [("x\n", 4, None), ("x\n", 0, None), ("x\n", 200, "1 new warning")],
    ),
    "either": (
        {"signal": "either"},
        [
            ("", 0, None),
            ("changed /bin/ls\n", 2, "1 new warning"),
            ("changed /bin/ls\n", 2, None),
            ("", 2, "1 warning gone, 1 still wrong"),
            ("", 0, "cleared, 1 warning gone"),
            ("x\n", 0, "1 new warning"),
        ],
    ),
    "change": (
        {"signal": "change", "every": 1},
        [
            ("tcp 22\ntcp 25\n", 0, "first look, 2 warnings"),
            ("tcp 22\ntcp 25\n", 0, None),
            ("tcp 25\ntcp 80\ntcp 22\n", 0, "1 new warning"),
            ("tcp 22\n", 0, "2 warnings gone"),
            ("tcp 22\ntcp 25\n", 0, "1 new warning"),
            ("tcp 22\ntcp 25\n", 0, None),
            ("", 0, "2 warnings gone"),
            ("", 0, None),
        ],
    ),
    "change, nothing at first": (
        {"signal": "change"},
        [("", 0, None), ("tcp 22\n", 0, "1 new warning")],
    ),
    "change, a failure and a heartbeat": (
        {"signal": "change", "heartbeat": 2, "failed": (9,)},
        [
            ("", 9, "checker failed: exit status 9"),
            ("tcp 22\n", 0, "first look, 1 warning"),
            ("", 9, "checker failed: exit status 9"),
            ("tcp 22\n", 0, "checker works again"),
            ("tcp 22\n", 0, None),
            ("tcp 22\n", 0, "heartbeat, 2 runs without news"),
            ("tcp 22\n", 3, "1 new warning"),
            ("tcp 22\n", 0, "1 warning gone"),
        ],
    ),
    "heartbeat": (
        {"signal": "output", "heartbeat": 3, "every": 0},
        [
            ("", 0, None),
            ("", 0, None),
            ("", 0, "heartbeat, 3 runs without news"),
            ("", 0, None),
            ("a\n", 0, "1 new warning"),
            ("a\n", 0, None),
            ("a\n", 0, None),
            ("a\n", 0, "heartbeat, 3 runs without news, 1 still wrong"),
        ],
    ),
    "the checker fails": (
        {"signal": "either", "every": 2, "failed": (125,)},
        [
            ("a\n", 1, "1 new warning"),
            ("usage: ...\n", 125, "checker failed: exit status 125"),
            ("usage: ...\n", 125, None),
            ("usage: ...\n", 125, "checker still fails: exit status 125"),
            ("", 127, "checker failed: a program was not found"),
            ("", 126, "checker failed: a program could not be run"),
            ("", 137, "checker failed: killed"),
            ("", 124, "checker failed: no end within 7200 seconds"),
            ("", 139, "checker failed: killed by signal 11"),
            ("a\n", 1, "checker works again, 1 still wrong"),
            ("", 125, "checker failed: exit status 125"),
            ("a\nb\n", 1, "1 new warning, 1 still wrong"),
            ("", 0, "cleared, 2 warnings gone"),
        ],
    ),
    "what fails is known whatever is well": (
        {"signal": "output", "good": (0, 127, 137)},
        [
            ("", 127, "checker failed: a program was not found"),
            ("", 137, "checker failed: killed"),
            ("", 0, "checker works again"),
            ("", 0, None),
        ],
    ),
    "told once": (
        {"signal": "output", "once": True, "every": 1},
        [("a\n", 0, "1 new warning"), ("", 0, None), ("a\n", 0, "1 new warning"), ("", 0, None)],
    ),
    "digest": (
        {"signal": "output", "digest": True},
        [("a\n", 0, "digest"), ("a\n", 0, "digest"), ("", 0, "digest")],
    ),
    "lines that count": (
        {"signal": "output", "filter": "^(warn|crit)", "ignore": "harmless$"},
        [
            ("info: x\nwarn: harmless\n", 0, None),
            ("info: x\nwarn: y\ncrit: z\nwarn: harmless\n", 0, "2 new warnings"),
            ("info: y\nwarn: y\ncrit: z\n", 0, None),
            ("info: y\n", 0, "cleared, 2 warnings gone"),
        ],
    ),
    "what does not count as a change": (
        {"signal": "output", "normalise": ("s/[0-9]+%/N%/g", "s/pid [0-9]+/pid N/")},
        [
            ("/ 91% pid 7\n", 0, "1 new warning"),
            ("/ 93% pid 9\n", 0, None),
            ("/ 93% pid 9\n/home 95%\n", 0, "1 new warning, 1 still wrong"),
        ],
    ),
    "an expression that is none": (
        {"signal": "output", "filter": "("},
        [("a\n", 0, "checker failed: the filter is not a regular expression")],
    ),
    "a program that is missing": (
        {"signal": "output", "needs": ("sh", "no-such-program")},
        [("a\n", 0, "checker failed: no-such-program not found"), ("a\n", 0, None)],
    ),
}


@pytest.mark.parametrize("which", SHELLS)
@pytest.mark.parametrize("case", TABLE)
def test_the_table(case: str, which: str, tmp_path: Path) -> None:
    preset, steps = TABLE[case]
    host = Scratch(tmp_path, shell(which), **preset)
    for number, (out, status, expected) in enumerate(steps):
        subjects = [mail.subject.partition("tool: ")[2] for mail in host.step(out, status)]
        assert subjects == ([] if expected is None else [expected]), f"step {number}"
