"""What a command keeps for its next run, and that nothing which it has told is lost by it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.checkers.host import Scratch

# as logtail: what has come since the last run
LOGTAIL = """
told=$(cat "$kept/lines" 2>/dev/null) || told=0
tail -n "+$((told + 1))" "{folder}/out" >"$tmp/news"
sed -n 's/^?//p' "$tmp/news" >>"$unknown"
sed '/^?/d' "$tmp/news"
echo $(($(wc -l <"{folder}/out"))) >"$kept/lines"
exit "$(cat "{folder}/status")"
"""


def tail(folder: Path, shell: list[str]) -> Scratch:
    return Scratch(folder, shell, once=".", every=0, run=LOGTAIL.format(folder=folder))


def test_each_line_is_told_once(any_shell: list[str], tmp_path: Path) -> None:
    host = tail(tmp_path, any_shell)
    assert [mail.subject.rpartition(": ")[2] for mail in host.step("a\n")] == ["a"]
    assert host.step("a\n") == []
    # to look by hand takes nothing away
    host.tool("a\nb\n")
    assert host.run("--print").stdout == "b\n"
    assert host.run("--print").stdout == "b\n"
    (mail,) = host.step("a\nb\nc\n")
    assert "+ b\n+ c\n" in mail.body


def test_what_no_server_took_is_told_later(any_shell: list[str], tmp_path: Path) -> None:
    host = tail(tmp_path, any_shell)
    host.refuse(75)
    host.tool("a\n")
    assert host.run().returncode == 75
    host.tool("a\nb\n")
    assert host.run().returncode == 75
    host.refuse(None)
    (mail,) = host.step("a\nb\nc\n")
    assert "+ a\n+ b\n+ c\n" in mail.body
    assert host.step("a\nb\nc\n") == []


def test_a_run_that_failed_keeps_nothing(any_shell: list[str], tmp_path: Path) -> None:
    host = tail(tmp_path, any_shell)
    host.step("a\n")
    (mail,) = host.step("a\nb\n", 127)
    assert "checker failed" in mail.subject
    (mail,) = host.step("a\nb\nc\n")
    assert "+ b\n" in mail.body
    assert "+ c\n" in mail.body


def test_lines_that_no_rule_knows_are_not_passed_over(any_shell: list[str], tmp_path: Path) -> None:
    host = tail(tmp_path, any_shell)
    (mail,) = host.step("?a\n")
    assert mail.subject.endswith("checker failed: unknown output: a")
    # it fails as before, which is no news: so these wait
    assert host.step("?a\n?b\n") == []
    (mail,) = host.step("?a\n?b\nc\n")
    assert "Lines that it does not know:\n\n  b\n" in mail.body
    assert "+ c\n" in mail.body
    (mail,) = host.step("?a\n?b\nc\n")
    assert mail.subject.endswith("checker works again")


def test_after_a_kill_in_between_the_old_one_counts(dash: list[str], tmp_path: Path) -> None:
    host = tail(tmp_path, dash)
    host.step("a\n")
    # killed between the two renames, with a copy that may be half-written
    (host.state / "kept").rename(host.state / "kept.old")
    (host.state / "kept.new").mkdir()
    (host.state / "kept.new" / "lines").write_text("99\n")
    (mail,) = host.step("a\nb\n")
    assert "+ b\n" in mail.body
    assert not (host.state / "kept.old").exists()


@pytest.mark.parametrize("what", ["kept", "tmp"])
def test_it_is_for_root_only(dash: list[str], tmp_path: Path, what: str) -> None:
    host = Scratch(tmp_path, dash, run=f'ls -ld "${what}" | cut -c 1-10; : >"$kept/file"')
    (mail,) = host.step()
    assert mail.subject.endswith("drwx------")
    assert (host.state / "kept").stat().st_mode & 0o077 == 0
    shutil.rmtree(host.state)


def test_one_of_several_programs_will_do(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, needs=("no-such-program|sh", "/none|/bin/sh"))
    assert host.step("") == []
    folder = tmp_path / "other"
    folder.mkdir()
    host = Scratch(folder, any_shell, needs=("no-such-program|/none",))
    (mail,) = host.step("")
    assert mail.subject.endswith("checker failed: no-such-program|/none not found")
