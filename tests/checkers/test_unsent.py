"""Mails that could not be sent: kept, sent later, and none of them lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checkers.host import Scratch


@pytest.mark.parametrize("status", [75, 1])
def test_a_mail_that_cannot_be_sent_goes_out_later_once(
    any_shell: list[str], tmp_path: Path, status: int
) -> None:
    host = Scratch(tmp_path, any_shell)
    host.tool("a\n")
    host.refuse(status)
    done = host.run()
    assert (done.returncode, done.stdout) == (75, "")
    assert f"ended with status {status}" in done.stderr
    assert "unsent yes" in (host.state / "last").read_text()
    host.tool("a\nb\n")
    assert host.run().returncode == 75
    host.refuse(None)
    (mail,) = host.step("a\nb\nc\n")
    assert mail.subject.endswith("tool: a (1 of 3 new warnings)")
    assert host.step("a\nb\nc\n") == []
    assert not list(host.state.glob("unsent*"))


def test_a_mail_that_could_not_be_sent_and_is_settled_since(
    any_shell: list[str], tmp_path: Path
) -> None:
    host = Scratch(tmp_path, any_shell)
    host.tool("a\n")
    host.refuse(75)
    host.run()
    host.refuse(None)
    first, second = host.step("")
    assert first.subject.endswith("tool: a")
    assert second.subject.endswith("tool: cleared: a")
    assert host.step("") == []


def test_what_is_told_once_is_not_lost_with_its_mail(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, once=".")
    host.refuse(75)
    for line in ("a\n", "b\n"):
        host.tool(line)
        assert host.run().returncode == 75
    host.tool("", 127)
    host.run()
    host.refuse(None)
    mails = host.step("")
    assert [mail.subject.partition("tool: ")[2] for mail in mails] == ["a (1 of 2 new warnings)"]
    assert mails[0].body.startswith("New:\n\n+ a\n+ b\n\n")
    assert host.step("") == []


def test_a_run_that_was_killed_after_its_last_mail_was_taken(
    any_shell: list[str], tmp_path: Path
) -> None:
    host = Scratch(tmp_path, any_shell)
    host.refuse(75)
    host.tool("a\n")
    assert host.run().returncode == 75
    host.refuse(None)
    for mail in (host.state / "unsent").iterdir():
        mail.unlink()
    assert host.step("a\n") == []
    assert not list(host.state.glob("unsent*"))
    (mail_of_now,) = host.step("")
    assert mail_of_now.subject.endswith("tool: cleared: a")


def test_without_any_sendmail(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell)
    (tmp_path / "sendmail").unlink()
    host.tool("a\n")
    done = host.run()
    assert done.returncode == 75
    assert "there is no sendmail" in done.stderr
