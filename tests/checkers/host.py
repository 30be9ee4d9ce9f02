"""A scratch place in which a checker's script runs: its tool, its state and its mail are files."""

from __future__ import annotations

import email
import os
import subprocess
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from rotation.checkers.model import Often, Options, Preset, Signal
from rotation.checkers.render import render

OPTIONS = (
    *("every", "heartbeat", "heartbeat_to", "to", "often"),
    *("times", "within", "escalate", "escalate_to"),
)
KIND = "nice -n 10 ionice -c 3"
SENDMAIL = """#!/bin/sh
cd "{folder}" || exit 1
[ "$*" = '-oi -t' ] || exit 64
[ ! -e refuse ] || exit "$(cat refuse)"
set -- mails/*
number=$#
[ -e "$1" ] || number=0
cat >mails/$((1000 + number))
"""


@dataclass
class Mail:
    """One mail as it was handed to sendmail."""

    subject: str
    body: str
    message: EmailMessage
    raw: bytes


class Scratch:
    """A checker whose tool prints what `out` holds and ends with the status in `status`."""

    def __init__(self, folder: Path, shell: list[str], **preset: Any) -> None:
        self.folder = folder
        self.shell = shell
        (folder / "mails").mkdir()
        sendmail = folder / "sendmail"
        sendmail.write_text(SENDMAIL.format(folder=folder))
        sendmail.chmod(0o755)
        self.tool("")
        options = {name: preset.pop(name) for name in OPTIONS if name in preset}
        if "often" in options:
            options["often"] = Often(options["often"])
        self.options = Options(
            state=str(folder / "state" / "checkers"), sendmail=str(sendmail), **options
        )
        first = Preset(
            name="tool",
            title="a tool for the tests",
            run=f'cat "{folder}/out"\nexit "$(cat "{folder}/status")"',
            signal=Signal(preset.pop("signal", "output")),
            noun="warning",
        )
        self.preset = replace(first, **preset)
        self.script = folder / "rotation-tool"
        self.write()

    def write(self, hurry: bool = True) -> None:
        """Make the script; its tool gives way to nobody, or, as on a host, to all other tests."""
        text = render(self.preset, self.options)
        if hurry:
            assert KIND in text
            text = text.replace(KIND, "nice -n 0 ionice -c 2")
        self.script.write_text(text)
        self.script.chmod(0o755)

    @property
    def state(self) -> Path:
        return Path(self.options.state, self.preset.name)

    def tool(self, out: str | bytes, status: int = 0) -> None:
        data = out.encode() if isinstance(out, str) else out
        (self.folder / "out").write_bytes(data)
        (self.folder / "status").write_text(str(status))

    def refuse(self, status: int | None) -> None:
        """Let sendmail end with this status and take nothing; None: let it work."""
        path = self.folder / "refuse"
        if status is None:
            path.unlink()
        else:
            path.write_text(str(status))

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the script as cron would: nearly no environment, no terminal."""
        return subprocess.run(
            [*self.shell, str(self.script), *arguments],
            capture_output=True,
            text=True,
            errors="surrogateescape",
            stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "HOME": "/root", "SHELL": "/bin/sh", **env},
            cwd="/",
            timeout=600,
            check=False,
        )

    def mails(self) -> list[Mail]:
        """The mails since last time."""
        found = []
        for path in sorted((self.folder / "mails").iterdir()):
            raw = path.read_bytes()
            message = email.message_from_bytes(raw, policy=default)
            assert isinstance(message, EmailMessage)
            assert not message.defects, message.defects
            found.append(Mail(str(message["Subject"]), message.get_content(), message, raw))
            path.unlink()
        return found

    def step(self, out: str | bytes = "", status: int = 0) -> list[Mail]:
        """One run with the tool in that state; the script must be silent and content."""
        self.tool(out, status)
        done = self.run()
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert not list(self.state.glob("lock*")), os.listdir(self.state)
        return self.mails()
