"""Nothing that a tool tells is lost, and what an older script left is understood."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from rotation.checkers.model import Sort, Variable
from tests.checkers.host import Scratch
from tests.checkers.shells import shell


def test_a_tool_that_tells_once_is_mailed_whole(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, once=".")
    lines = [f"line number {number} of the log, which is told once" for number in range(15_000)]
    lines.append("z" * 9000)
    mails = host.step("\n".join(lines) + "\n")
    assert len(mails) > 1
    for number, mail in enumerate(mails, 1):
        assert mail.subject.endswith(f"({number} of {len(mails)} mails)")
        assert len(mail.raw) < 510_000
    text = "".join(mail.body for mail in mails)
    told = [line[2:] for line in text.splitlines() if line.startswith("+ line number")]
    assert told == lines[:-1]
    assert text.count("z") >= 9000
    assert host.step("") == []


def test_of_many_mails_those_that_were_not_taken_go_out_later(
    dash: list[str], tmp_path: Path
) -> None:
    host = Scratch(tmp_path, dash, once=".")
    sendmail = tmp_path / "sendmail"
    # after the second mail the server takes no more
    taken = '[ "$number" -lt 2 ] || [ -e open ] || exit 75\ncat >mails'
    sendmail.write_text(sendmail.read_text().replace("cat >mails", taken))
    lines = [f"line number {number}" + " x" * 60 for number in range(10_000)]
    host.tool("\n".join(lines) + "\n")
    assert host.run().returncode == 75
    assert len(host.mails()) == 2
    (tmp_path / "open").touch()
    text = "".join(mail.body for mail in host.step("another\n"))
    assert [line[2:] for line in text.splitlines() if line.startswith("+ line")] == lines
    assert "+ another\n" in text
    assert host.step("") == []


def test_to_look_by_hand_consumes_nothing(any_shell: list[str], tmp_path: Path) -> None:
    run = f'cat "{tmp_path}/out"; : >"{tmp_path}/out"'  # as logcheck does
    host = Scratch(tmp_path, any_shell, once=".", run=run)
    host.tool("a\nb\n")
    looked = host.run("--print")
    assert (looked.returncode, looked.stdout) == (1, "a\nb\n")
    assert host.run("--print").stdout == ""
    (mail,) = host.step("c\n")
    assert mail.body.startswith("New:\n\n+ a\n+ b\n+ c\n\n")
    assert host.step("") == []
    # where nothing can be kept it is not asked at all
    host.tool("d\n")
    host.state.chmod(0o777)
    refused = host.run("--print")
    assert refused.returncode == 3
    assert "what it tells once would be in no mail" in refused.stderr
    assert (tmp_path / "out").read_text() == "d\n"


def test_a_command_that_knows_of_looking_is_asked_as_it_is(dash: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, dash, once=".", run='echo "looking: $looking"')
    assert host.run("--print").stdout == "looking: yes\n"
    assert not (tmp_path / "state").exists()
    assert host.step()[0].subject.endswith("tool: looking: no")


def test_a_failed_run_is_mailed_whole(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell)
    lines = [f"error number {number}" for number in range(300)]
    (mail,) = host.step("\n".join(lines) + "\n", 127)
    assert [line[2:] for line in mail.body.splitlines() if "  error number" in line] == lines


def test_what_fails_says_why(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, run="fail 'there is no disk' 'what the tool said'")
    host.run()
    (mail,) = host.mails()
    assert mail.subject.endswith("tool: checker failed: there is no disk: what the tool said")
    assert "\n  what the tool said\n" in mail.body


@pytest.mark.parametrize("name", ["bash", "busybox", "mksh", "ksh93"])
def test_a_plain_pipe_hides_no_failure_where_the_shell_has_pipefail(
    name: str, tmp_path: Path
) -> None:
    def subject(run: str) -> str:
        host.preset = replace(host.preset, run=run)
        host.write()
        text = host.script.read_text()
        assert "pipefail='yes'" in text
        words = " ".join(shell(name))
        host.script.write_text(text.replace('"$@" /bin/sh -c', f'"$@" {words} -c'))
        host.run()
        return host.mails()[0].subject

    host = Scratch(tmp_path, shell(name))
    assert subject("false | cat").endswith("tool: checker failed: exit status 1")
    # a reader that has had enough is no failure
    assert "checker failed" not in subject("seq 1 100000 | sed 1q")


def test_the_state_of_an_older_script(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, signal="either")
    host.step("")
    since = "2026-11-17T06:47:00+0000"
    (host.state / "known").write_text(
        f"{since}\ta\ta\n{since}\tb\tb\n{since}\texit status 2\texit status 2\n"
    )
    (host.state / "facts").write_text(f"mailed {since}\nfound {since}\nsilent 2\nfailing \n")
    for name in ("seen", "history"):
        (host.state / name).unlink(missing_ok=True)
    assert host.step("a\nb\n", 2) == []
    # the newer script may word it otherwise: then it is not said to be settled
    (host.state / "known").write_text(f"{since}\told words\told words\n")
    (host.state / "facts").write_text("silent 0\n")
    (mail,) = host.step("new words\n", 2)
    assert mail.subject.endswith("tool: new words (1 gone)")
    assert (
        "No longer said, but the checker has another command or other settings than before:"
        in mail.body
    )
    assert "Settled" not in mail.body
    (host.state / "known").write_text(f"{since}\told words\told words\n")
    (host.state / "facts").write_text("silent 0\n")
    (mail,) = host.step("")
    assert mail.subject.endswith("tool: no longer said: old words")
    assert "Nothing is wrong" not in mail.body


def test_the_unsent_mail_of_an_older_script(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell)
    host.step("")
    (host.state / "unsent").write_text("To: root\nSubject: [box] tool: 1 new warning\n\nNew:\n")
    (host.state / "unsent.known").write_text("2026-11-17T06:47:00+0000\ta\ta\n")
    (host.state / "unsent.facts").write_text("mailed x\nfound x\nsilent 0\nfailing \n")
    older, newer = host.step("")
    assert older.subject == "[box] tool: 1 new warning"
    assert newer.subject.endswith("tool: no longer said: a")
    assert host.step("") == []
    assert not list(host.state.glob("unsent*"))


def test_a_run_that_hangs_is_told_once_a_day(dash: list[str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    host = Scratch(tmp_path, dash, run=f'cat "{pipe}"')
    first = subprocess.Popen([*dash, str(host.script)], stdin=subprocess.DEVNULL)
    with pipe.open("w") as stream:
        assert (host.run().returncode, host.mails()) == (0, [])
        two_days_ago = (host.state / "lock").stat().st_mtime - 2 * 86400
        os.utime(host.state / "lock", (two_days_ago, two_days_ago))
        assert host.run().returncode == 0
        (mail,) = host.mails()
        assert "checker failed: a run of more than a day ago has not ended" in mail.subject
        assert (host.run().returncode, host.mails()) == (0, [])
        stream.write("found\n")
    assert first.wait() == 0
    assert len(host.mails()) == 1


def test_a_value_that_is_none(any_shell: list[str], tmp_path: Path) -> None:
    rules = {"LIMIT": Variable(Sort.NUMBER, 1, 100), "SKIP": Variable(Sort.REGEX)}
    for given, said in (
        ({"LIMIT": "90%", "SKIP": "x"}, "LIMIT must be a whole number, 1 to 100"),
        ({"LIMIT": "101", "SKIP": "x"}, "LIMIT must be a whole number, 1 to 100"),
        ({"LIMIT": "", "SKIP": "x"}, "LIMIT must be a whole number, 1 to 100"),
        ({"LIMIT": "9", "SKIP": ""}, "SKIP must be a regular expression"),
        ({"LIMIT": "9", "SKIP": "("}, "SKIP must be a regular expression"),
    ):
        folder = tmp_path / str(abs(hash(str(given))))
        folder.mkdir()
        host = Scratch(folder, any_shell, vars=given, rules=rules)
        (mail,) = host.step("a\n")
        assert f"tool: checker failed: {said}" in mail.subject
