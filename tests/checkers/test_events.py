"""The event table: every signal and every event, under the usual shells and the others in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checkers.host import Scratch
from tests.checkers.shells import SHELLS, shell, some_shells

# each step: what the tool prints, its status, what the subject says after "tool: " (None: no mail)
Step = tuple[str, int, str | None]
TABLE: dict[str, tuple[dict[str, object], list[Step]]] = {
    "output": (
        {"signal": "output", "every": 3},
        [
            ("", 0, None),
            ("a\nb\n", 0, "a (1 of 2 new warnings)"),
            ("b\na\n", 0, None),
            ("a\nb\nc\n", 0, "c (2 still wrong)"),
            ("a\nc\n", 0, "settled: b (2 still wrong)"),
            ("a\nd\n", 0, "d (1 settled, 1 still wrong)"),
            ("a\nd\n", 0, None),
            ("a\nd\n", 0, None),
            ("a\nd\n", 0, "still: a (1 of 2 warnings)"),
            ("a\nd\n", 0, None),
            ("\n  \n", 0, "cleared: a (1 of 2 warnings)"),
            ("", 0, None),
        ],
    ),
    "output, and a status that is not good": (
        {"signal": "output", "every": 0},
        [
            ("", 3, "checker failed: exit status 3"),
            ("a\nb\n", 1, "a (1 of 2 new warnings)"),
            # it was not well at its end: that b is not said proves nothing
            ("a\n", 1, None),
            ("", 1, "checker failed: exit status 1"),
            ("a\n", 0, "settled: b (1 still wrong)"),
            ("", 1, "checker failed: exit status 1"),
            ("", 0, "cleared: a"),
        ],
    ),
    "output through a filter, from a tool that fails": (
        {"signal": "output", "filter": "_]", "every": 0},
        [
            ("cat: no such file\n", 1, "checker failed: exit status 1: cat: no such file"),
            ("[UU]\n", 0, "checker works again"),
            ("[U_]\n", 0, "[U_]"),
            ("cat: no such file\n", 1, "checker failed: exit status 1: cat: no such file"),
            ("[U_]\n", 0, "checker works again (1 still wrong)"),
        ],
    ),
    "exit": (
        {"signal": "exit", "every": 2},
        [
            ("OK: fine\n", 0, None),
            ("DISK CRITICAL\n", 2, "DISK CRITICAL"),
            ("DISK CRITICAL\n", 2, None),
            ("DISK CRITICAL\n", 2, "still: DISK CRITICAL"),
            ("DISK CRITICAL\n", 1, "DISK CRITICAL: exit status 1 (before: 2) (1 still wrong)"),
            ("OK: fine\n", 0, "cleared: DISK CRITICAL"),
            ("", 1, "checker failed: exit status 1"),
            ("OK: fine\n", 0, "checker works again"),
        ],
    ),
    "exit, other statuses are well": (
        {"signal": "exit", "good": (0, 4)},
        [("x\n", 4, None), ("x\n", 0, None), ("x\n", 200, "x")],
    ),
    "either": (
        {"signal": "either", "every": 0},
        [
            ("", 0, None),
            ("changed /bin/ls\n", 2, "changed /bin/ls"),
            ("changed /bin/ls\n", 2, None),
            ("", 2, "checker failed: exit status 2"),
            ("", 0, "cleared: changed /bin/ls"),
            ("x\n", 0, "x"),
        ],
    ),
    "change": (
        {"signal": "change", "every": 1},
        [
            ("tcp 22\ntcp 25\n", 0, "first look, 2 warnings"),
            ("tcp 22\ntcp 25\n", 0, None),
            ("tcp 25\ntcp 80\ntcp 22\n", 0, "tcp 80"),
            ("tcp 22\n", 0, "gone: tcp 25 (2 gone)"),
            ("tcp 22\ntcp 25\n", 0, "tcp 25"),
            ("tcp 25\ntcp 26\n", 0, "tcp 26 (1 gone)"),
            ("tcp 25\ntcp 26\n", 0, None),
            ("", 0, "gone: tcp 25 (2 gone)"),
            ("", 0, None),
        ],
    ),
    "change, nothing at first": (
        {"signal": "change"},
        [("", 0, None), ("tcp 22\n", 0, "tcp 22")],
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
            # not all of the list, perhaps
            ("tcp 22\n", 3, "checker failed: exit status 3: tcp 22"),
            ("tcp 22\n", 0, "checker works again"),
        ],
    ),
    "change, and what is wrong from the first look on": (
        {"signal": "change", "alarm": "INFECTED", "every": 2},
        [
            ("dotfile\nls INFECTED\n", 0, "ls INFECTED (first look, 1 warning)"),
            ("dotfile\nls INFECTED\n", 0, None),
            ("dotfile\nls INFECTED\n", 0, "still: ls INFECTED"),
            ("dotfile\nls INFECTED\nother\n", 0, "other (1 still wrong)"),
            ("dotfile\nother\n", 0, "cleared: ls INFECTED"),
            ("dotfile\n", 0, "gone: other"),
        ],
    ),
    "heartbeat": (
        {"signal": "output", "heartbeat": 3, "every": 0},
        [
            ("", 0, None),
            ("", 0, None),
            ("", 0, "heartbeat, 3 runs without news"),
            ("", 0, None),
            ("a\n", 0, "a"),
            ("a\n", 0, None),
            ("a\n", 0, None),
            ("a\n", 0, "heartbeat, 3 runs without news (1 still wrong)"),
        ],
    ),
    "the checker fails": (
        {"signal": "either", "every": 2, "failed": (125,)},
        [
            ("a\n", 1, "a"),
            ("usage: ...\n", 125, "checker failed: exit status 125: usage: ..."),
            ("usage: 2\n", 125, None),
            ("usage: ...\n", 125, "checker still fails: exit status 125: usage: ..."),
            ("", 127, "checker failed: a program was not found"),
            ("", 126, "checker failed: a program could not be run"),
            ("", 137, "checker failed: killed"),
            ("", 124, "checker failed: no end within 7200 seconds"),
            ("", 139, "checker failed: killed by signal 11"),
            ("a\n", 1, "checker works again (1 still wrong)"),
            ("", 125, "checker failed: exit status 125"),
            ("a\nb\n", 1, "b (1 still wrong)"),
            ("", 0, "cleared: a (1 of 2 warnings)"),
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
        {"signal": "output", "once": ".", "every": 1},
        [("a\n", 0, "a"), ("", 0, None), ("a\n", 0, "a"), ("", 0, None)],
    ),
    "some lines are told once": (
        {"signal": "output", "once": "added", "every": 2},
        [
            ("eve added\nroot may log in\n", 0, "root may log in (1 of 2 new warnings)"),
            ("root may log in\n", 0, None),
            ("root may log in\n", 0, "still: root may log in"),
            ("", 0, "cleared: root may log in"),
            ("bob added\n", 0, "bob added"),
            ("", 0, None),
        ],
    ),
    "what can wait does, a week at most": (
        {"signal": "output", "low": "low urgency", "often": "day", "every": 0},
        [
            ("a low urgency\n", 0, None),
            ("a low urgency\n", 0, None),
            ("a low urgency\nb\n", 0, "b (1 of 2 new warnings)"),
            ("a low urgency\nb\nc low urgency\n", 0, None),
            *[("a low urgency\nb\nc low urgency\n", 0, None)] * 5,
            ("a low urgency\nb\nc low urgency\n", 0, "c low urgency (2 still wrong)"),
            ("a low urgency\nb\nc low urgency\n", 0, None),
            ("a low urgency\nd low urgency\n", 0, "settled: b (2 settled, 1 still wrong)"),
        ],
    ),
    "three times within five runs": (
        {"signal": "output", "times": 3, "within": 5, "every": 0},
        [
            ("a\n", 0, None),
            ("", 0, None),
            ("a\n", 0, None),
            ("", 0, None),
            ("a\n", 0, "a"),
            ("a\n", 0, None),
            ("", 0, None),
            ("", 0, "cleared: a"),
            ("a\n", 0, "a"),
            ("", 2, None),
            ("", 2, None),
            ("", 2, "checker failed: exit status 2"),
        ],
    ),
    "what nobody settles goes further": (
        {"signal": "output", "every": 0, "escalate": 3, "escalate_to": "boss@example.com"},
        [
            ("a\n", 0, "a"),
            ("a\n", 0, None),
            ("a\n", 0, "still after 3 runs: a"),
            ("a\nb\n", 0, "b (1 still wrong)"),
            ("b\n", 0, "settled: a (1 still wrong)"),
        ],
    ),
    "digest": (
        {"signal": "output", "digest": True},
        [("a\n", 0, "digest"), ("a\n", 0, "digest"), ("", 0, "digest")],
    ),
    "lines that count": (
        {"signal": "output", "filter": "^(warn|crit)", "ignore": "harmless$"},
        [
            ("info: x\nwarn: harmless\n", 0, None),
            ("info: x\nwarn: y\ncrit: z\nwarn: harmless\n", 0, "warn: y (1 of 2 new warnings)"),
            ("info: y\nwarn: y\ncrit: z\n", 0, None),
            ("info: y\n", 0, "cleared: warn: y (1 of 2 warnings)"),
        ],
    ),
    "what does not count as a change": (
        {"signal": "output", "normalise": ("s/[0-9]+%/N%/g", "s/pid [0-9]+/pid N/")},
        [
            ("/ 91% pid 7\n", 0, "/ 91% pid 7"),
            ("/ 93% pid 9\n", 0, None),
            ("/ 93% pid 9\n/home 95%\n", 0, "/home 95% (1 still wrong)"),
        ],
    ),
    "an expression that is none": (
        {"signal": "output", "filter": "("},
        [("a\n", 0, "checker failed: the filter is not a regular expression: a")],
    ),
    "a program that is missing": (
        {"signal": "output", "needs": ("sh", "no-such-program")},
        [("a\n", 0, "checker failed: no-such-program not found"), ("a\n", 0, None)],
    ),
    "a subject is short, and no more than a header": (
        {"signal": "output"},
        [("x" * 200 + "\n", 0, "x" * 87 + "..."), ("To: b\n", 0, "To: b (1 settled)")],
    ),
}


@pytest.mark.parametrize(
    ("case", "which"), [(case, which) for case in TABLE for which in some_shells(case)]
)
def test_the_table(case: str, which: str, tmp_path: Path) -> None:
    preset, steps = TABLE[case]
    host = Scratch(tmp_path, shell(which), **preset)
    for number, (out, status, expected) in enumerate(steps):
        subjects = [mail.subject.partition("tool: ")[2] for mail in host.step(out, status)]
        assert subjects == ([] if expected is None else [expected]), f"step {number}"


# yash has no bytes but those of the locale, which is C: its subjects end before such a letter
@pytest.mark.parametrize("which", [name for name in SHELLS if name != "yash"])
def test_a_subject_that_is_not_ascii(which: str, tmp_path: Path) -> None:
    host = Scratch(tmp_path, shell(which))
    text = "gr\u00fc\u00dfe \u65e5\u672c " * 9
    (mail,) = host.step(f"{text}\n")
    assert mail.subject.partition("tool: ")[2] == f"{text[:52]}..."
    assert mail.raw.isascii() or max(map(len, mail.raw.partition(b"\n\n")[0].splitlines())) < 90
    assert mail.raw.partition(b"\n\n")[0].isascii()
