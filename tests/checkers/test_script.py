"""What a checker's script does beside the table: its mail, its tool, and bad luck."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.checkers.host import Scratch
from tests.checkers.shells import shell, store, tool
from tests.checkers.test_lock import _folder

HOSTILE = (
    b"plain\n\x1b[1;31mred\x1b[0m\n\x1b]0;title\x07set\nnul\0byte\n.\nFrom nobody\n"
    b"Bcc: x@example.com\nbell\x07\x08\x7f\n50%\r100%\r\nbroken \xff\xc3( \xed\xa0\x80 utf\n"
    + "gr\u00fc\u00dfe \u65e5\u672c \u202etxt\u202c \x9bcsi \u2028 \U0001f600\n".encode()
    + b"x" * 3000
    + b"\n"
    + b"y" * 100_000
    + b"\n"
    + "\u00fc".encode() * 1500
    + b"\n"
)


def test_the_mail(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(
        tmp_path, any_shell, by_hand="sudo tool --all", to="root, ops@example.com", good=(0, 1)
    )
    host.step("old\nstays\n", 1)
    (host.state / "known").write_text(
        "2026-11-17T06:47:00+0000\told\told\n2026-11-17T06:47:00+0000\tstays\tstays\n"
    )
    (mail,) = host.step("fresh\nstays\n", 1)
    assert mail.raw.startswith(b"To: root, ops@example.com\n")
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message.get_content_type() == "text/plain"
    assert mail.message.get_content_charset() == "utf-8"
    assert mail.message["Content-Transfer-Encoding"] == "8bit"
    assert mail.message["Date"].datetime is not None
    assert mail.body == (
        "New:\n\n+ fresh\n\nSettled:\n\n- old\n\n"
        "Still wrong:\n\n  stays  (since 2026-11-17 06:47)\n\n"
        "a tool for the tests\n"
        f'Command (exit status 1):\n    cat "{tmp_path}/out"\n'
        f'    exit "$(cat "{tmp_path}/status")"\n'
        f"By hand:\n    sudo tool --all\n    {host.script} --print\n"
    )


def test_output_that_is_out_to_do_harm(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell)
    (mail,) = host.step(HOSTILE)
    assert mail.subject.endswith("] tool: plain (1 of 15 new warnings)")
    assert set(mail.message.keys()) == {
        *("To", "Subject", "Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
        *("Auto-Submitted", "Precedence", "X-Rotation-Checker"),
    }
    text = mail.raw.decode("utf-8", "strict")
    assert all(char.isprintable() or char == "\n" for char in text)
    assert max(map(len, mail.raw.splitlines())) <= 900
    lines = mail.body.splitlines()
    for line in ("red", "set", "nulbyte", ".", "From nobody", "Bcc: x@example.com", "bell", "50%"):
        assert f"+ {line}" in lines
    assert "+ broken ??( ??? utf" in lines
    assert "+ gr\u00fc\u00dfe \u65e5\u672c txt csi  \U0001f600" in lines
    assert "[95502 more bytes]" in lines
    assert mail.body.count("\u00fc") == 1501
    assert host.step(HOSTILE) == []


def test_twenty_thousand_lines(dash: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, dash)
    many = "".join(f"finding number {n}\n" for n in range(20_000))
    (mail,) = host.step(many)
    assert mail.subject.endswith("tool: finding number 0 (1 of 20000 new warnings)")
    assert "\n  ... 19800 more lines\n" in mail.body
    assert "By hand:" in mail.body
    assert len(mail.raw) < 20_000
    assert host.step(many) == []
    (mail,) = host.step(many + "one more\n")
    assert mail.subject.endswith("tool: one more (20000 still wrong)")
    assert mail.body.startswith("New:\n\n+ one more\n\n")
    (mail,) = host.step()
    assert mail.subject.endswith("tool: cleared: finding number 0 (1 of 20001 warnings)")


@pytest.mark.parametrize("name", ["gawk", "original-awk"])
def test_another_awk(name: str, dash: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, dash)
    text = host.script.read_text()
    assert "    awk " in text
    libraries = ":".join(str(path) for path in store().glob("usr/lib/*-linux-*"))
    awk = f"    LD_LIBRARY_PATH={libraries} {tool(f'usr/bin/{name}')} "
    host.script.write_text(text.replace("    awk ", awk))
    (mail,) = host.step(HOSTILE)
    assert "+ gr\u00fc\u00dfe \u65e5\u672c txt csi  \U0001f600" in mail.body
    assert "+ broken ??( ??? utf" in mail.body
    assert max(map(len, mail.raw.splitlines())) <= 900
    (mail,) = host.step("plain\nother\n")
    assert mail.subject.endswith("tool: other (14 settled, 1 still wrong)")


def test_on_a_host_that_has_nothing_but_busybox(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("changing the root folder needs root")
    busybox = tool("bin/busybox")
    root = tmp_path / "root"
    for folder in ("bin", "tmp", "run", "dev", "var/lib"):
        (root / folder).mkdir(parents=True)
    shutil.copy(busybox, root / "bin/busybox")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    for applet in applets.stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    os.mknod(root / "dev/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    host = Scratch(tmp_path, [])
    text = host.script.read_text().replace(str(tmp_path), "")
    (root / "rotation-tool").write_text(text)
    (root / "sendmail").write_text((tmp_path / "sendmail").read_text().replace(str(tmp_path), ""))
    (root / "sendmail").chmod(0o755)
    (root / "mails").mkdir()
    expected = [
        "plain (1 of 15 new warnings)",
        None,
        "other (14 settled, 1 still wrong)",
    ]
    for out, subject in zip((HOSTILE, HOSTILE, b"plain\nother\n"), expected, strict=True):
        (root / "out").write_bytes(out)
        (root / "status").write_text("0")
        done = subprocess.run(
            ["/bin/sh", "/rotation-tool"],
            capture_output=True,
            text=True,
            preexec_fn=lambda: os.chroot(root),
            env={"PATH": "/bin"},
            cwd=root,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        found = sorted((root / "mails").iterdir())
        assert len(found) == (subject is not None)
        for path in found:
            assert f"tool: {subject}\n" in path.read_text()
            assert max(map(len, path.read_bytes().splitlines())) <= 900
            path.unlink()


def test_print_mails_nothing_and_remembers_nothing(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, failed=(3,))
    for out, status, expected in (("", 0, 0), ("b\n\x1b[1ma\n", 0, 1), ("c\n", 3, 3)):
        host.tool(out, status)
        done = host.run("--print")
        assert done.returncode == expected
        assert done.stdout == out.replace("\x1b[1m", "")
    assert not (tmp_path / "state").exists()
    assert host.mails() == []
    assert host.run("--prnit").returncode == 2


def test_the_failure_of_a_tool_before_a_pipe(any_shell: list[str], tmp_path: Path) -> None:
    run = f'must sh -c \'cat "{tmp_path}/out"; exit $(cat "{tmp_path}/status")\' | sed s/a/b/'
    host = Scratch(tmp_path, any_shell, run=run)
    assert host.step("", 0) == []
    (mail,) = host.step("a\n", 100)
    assert mail.subject.endswith("tool: checker failed: sh ended with status 100: b")
    assert "\n  b\n" in mail.body
    mails = host.step("a\n", 0)
    assert [mail.subject.partition("tool: ")[2] for mail in mails] == ["b"]
    assert "The checker works again" in mails[0].body


def test_the_time_limit(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, run="echo begun; sleep 60 | cat; echo never", timeout=1)
    assert host.run().returncode == 0
    (mail,) = host.mails()
    assert mail.subject.endswith("tool: checker failed: no end within 1 seconds")
    assert "\n  begun\n" in mail.body


def test_a_tool_that_is_killed(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, run="kill -SEGV $$")
    host.run()
    (mail,) = host.mails()
    assert mail.subject.endswith("tool: checker failed: killed by signal 11")


def test_a_command_that_is_not_there_or_no_shell_text(tmp_path: Path, dash: list[str]) -> None:
    host = Scratch(tmp_path, dash, run="no-such-program --all")
    host.run()
    assert "checker failed: a program was not found: " in host.mails()[0].subject
    host = Scratch(_folder(tmp_path), dash, run="if then")
    host.run()
    (mail,) = host.mails()
    assert "yntax error" in mail.body


def test_the_command_reads_nothing(dash: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, dash, run="cat")
    done = subprocess.run([*dash, host.script], input=b"what cron was given\n", timeout=300)
    assert done.returncode == 0
    assert host.mails() == []


def test_the_command_has_a_folder_of_its_own(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, run='date >"$tmp/x"; ls "$tmp"; umask; ls -ld "$tmp"')
    assert host.run().returncode == 0
    body = host.mails()[0].body
    assert body.startswith("New:\n\n+ x\n+ 0022\n+ drwx------ ")
    assert not (host.state / "work").exists()


def test_the_command_gives_way_to_others(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, run="nice")
    host.write(hurry=False)
    (mail,) = host.step()
    assert mail.subject.endswith(f"tool: {min(19, os.nice(0) + 10)}")


def test_variables_reach_the_command(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(
        tmp_path,
        any_shell,
        run='echo "$LIMIT|$TEXT"',
        vars={"LIMIT": "90", "TEXT": "it's $HOME `x`"},
    )
    host.run()
    assert "+ 90|it's $HOME `x`\n" in host.mails()[0].body


def test_a_full_disk_hides_nothing(tmp_path: Path, dash: list[str]) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a small disk needs root and unshare")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounts of its own are not to be had here, as in a chroot")
    host = Scratch(tmp_path, dash)
    host.step("before\n")
    host.tool("before\nfull\n")
    script = (
        f"mount -t tmpfs -o size=16k,mode=700 none '{tmp_path}/state' && "
        f"mkdir -p '{host.state}' && chmod 700 '{host.state.parent}' '{host.state}' && "
        f"cat /dev/zero >'{host.state}/fill' 2>/dev/null; '{shell('dash')[0]}' '{host.script}'"
    )
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    mails = host.mails()
    subjects = [mail.subject.partition("tool: ")[2] for mail in mails]
    assert subjects == ["before (1 of 2 new warnings)"], done


def test_a_broken_awk_hides_nothing(tmp_path: Path, dash: list[str]) -> None:
    host = Scratch(tmp_path, dash)
    host.script.write_text(host.script.read_text().replace("    awk -F", "    false -F"))
    (mail,) = host.step("a\n")
    assert mail.subject.endswith("tool: checker failed: its lines could not be compared")
