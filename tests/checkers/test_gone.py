"""What was wrong and is not there any more is gone, and nothing that no rule knows is health."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checkers.host import Scratch
from tests.checkers.shells import shell, some_shells

# each step: what was looked at, what is wrong there, the status, the subject
Seen = tuple[str, str, int, str | None]
OBJECTS: dict[str, tuple[dict[str, object], list[Seen]]] = {
    "settled and gone": (
        {},
        [
            ("sda sdb", "sda: FAILING\n", 0, "sda: FAILING"),
            ("sdb", "", 0, "gone, not mended: sda: FAILING"),
            ("sdb", "", 0, None),
            ("sda sdb", "sda: FAILING\nsdb: hot\n", 0, "sda: FAILING (1 of 2 new warnings)"),
            ("sdb", "", 0, "gone, not mended: sda: FAILING (1 settled)"),
            ("sda sdb", "sda: FAILING\n", 0, "sda: FAILING"),
            ("sda sdb", "", 0, "cleared: sda: FAILING"),
            # one that was well is nobody's news without `watch`
            ("sda", "", 0, None),
        ],
    ),
    "worse is not settled": (
        {},
        [
            ("sda sdb", "sda: 90% full\n", 0, "sda: 90% full"),
            ("sda sdb", "sda: 95% full\nsdb: 90% full\n", 0, "sda: 95% full (1 of 2 new warnings)"),
            ("sda sdb", "sda: 95% full\n", 0, "settled: sdb: 90% full (1 still wrong)"),
            ("sda sdb", "", 0, "cleared: sda: 95% full"),
        ],
    ),
    "all of them are gone": (
        {},
        [
            ("sda", "sda: FAILING\n", 0, "sda: FAILING"),
            ("", "", 0, "gone, not mended: sda: FAILING"),
        ],
    ),
    "a failure is neither": (
        {"failed": (9,)},
        [
            ("sda sdb", "sda: FAILING\n", 0, "sda: FAILING"),
            ("", "", 9, "checker failed: exit status 9"),
            ("sdb", "", 0, "gone, not mended: sda: FAILING"),
        ],
    ),
    "what was well and is not there": (
        {"watch": True},
        [
            ("sda sdb", "", 0, None),
            ("sda", "", 0, "gone, not mended: sdb: was there last time"),
            ("sda", "", 0, None),
        ],
    ),
}


@pytest.mark.parametrize(
    ("case", "which"), [(case, which) for case in OBJECTS for which in some_shells(case)]
)
def test_gone_is_not_mended(case: str, which: str, tmp_path: Path) -> None:
    more, steps = OBJECTS[case]
    run = (
        f'tr " " "\\n" <"{tmp_path}/objects" >>"$seen"\n'
        f'cat "{tmp_path}/out"\nexit "$(cat "{tmp_path}/status")"'
    )
    host = Scratch(tmp_path, shell(which), run=run, **more)
    for number, (objects, out, status, expected) in enumerate(steps):
        (tmp_path / "objects").write_text(objects)
        mails = host.step(out, status)
        subjects = [mail.subject.partition("tool: ")[2] for mail in mails]
        assert subjects == ([] if expected is None else [expected]), f"step {number}"
        if expected and expected.startswith("gone"):
            assert "Gone, which is not mended" in mails[0].body
            assert "Nothing is wrong any more" not in mails[0].body


def test_a_line_that_no_rule_knows(any_shell: list[str], tmp_path: Path) -> None:
    run = f'cd "{tmp_path}"; grep ^bad out; grep -v -e ^bad -e ^good out >>"$unknown"; true'
    host = Scratch(tmp_path, any_shell, run=run, every=2)

    def subjects(out: str) -> list[str]:
        return [mail.subject.partition("tool: ")[2] for mail in host.step(out)]

    failed = "unknown output: fatal: no kernel"
    assert subjects("good\n") == []
    assert subjects("bad a\nbad b\n") == ["bad a (1 of 2 new warnings)"]
    assert subjects("fatal: no kernel\nbad a\n") == [f"checker failed: {failed} (1 still wrong)"]
    assert subjects("fatal: no kernel\nbad a\n") == []
    # what is found all the same is told; what is not found is not settled
    assert subjects("fatal: no kernel\nbad a\nbad c\n") == ["bad c (1 still wrong, checker failed)"]
    assert subjects("fatal: no kernel\n") == []
    assert subjects("bad a\nbad c\n") == ["settled: b (2 still wrong)".replace("b ", "bad b ")]
    assert subjects("good\n") == ["cleared: bad a (1 of 2 warnings)"]
