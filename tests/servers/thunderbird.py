"""Thunderbird itself, without a display: what its calendar holds after somebody clicked on mails.

It is driven by its own Marionette protocol (Debian's `thunderbird`; `make clients`).
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

LIMIT = 300
"""Seconds for the program to start, and for each step with a mail."""
_SETTINGS: dict[str, str | bool | int] = {
    # an account that is never asked: calendars take invitations to its address
    "mail.accountmanager.accounts": "account1,account2",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.accountmanager.localfoldersserver": "server2",
    "mail.account.account1.server": "server1",
    "mail.account.account1.identities": "id1",
    "mail.account.account2.server": "server2",
    "mail.server.server1.type": "pop3",
    "mail.server.server1.hostname": "localhost",
    "mail.server.server1.userName": "reader",
    "mail.server.server1.directory-rel": "[ProfD]Mail/reader",
    "mail.server.server1.login_at_startup": False,
    "mail.server.server1.check_new_mail": False,
    "mail.server.server2.type": "none",
    "mail.server.server2.hostname": "Local Folders",
    "mail.server.server2.userName": "nobody",
    "mail.server.server2.directory-rel": "[ProfD]Mail/Local Folders",
    "mail.smtpservers": "smtp1",
    "mail.smtpserver.smtp1.type": "smtp",
    "mail.smtpserver.smtp1.hostname": "localhost",
    "mail.identity.id1.valid": True,
    "mail.identity.id1.smtpServer": "smtp1",
    # any free port: Thunderbird writes it into its profile
    "marionette.port": 0,
    "app.update.auto": False,
    "datareporting.policy.dataSubmissionEnabled": False,
}


def read(
    folder: Path, reader: str, chapters: list[list[bytes]]
) -> list[list[tuple[str, str, str]]]:
    """What the calendar of `reader`, an address, holds after each list of mails: UID, start, end.

    `folder` is for the profile. Skips where there is no Thunderbird.
    """
    program = shutil.which("thunderbird")
    if program is None:
        pytest.skip("no thunderbird (make clients)")
    folder.mkdir()
    settings = {**_SETTINGS, "mail.identity.id1.useremail": reader}
    lines = (f"user_pref({json.dumps(key)}, {json.dumps(settings[key])});\n" for key in settings)
    (folder / "user.js").write_text("".join(lines))
    argv = [program, "--headless", "--no-remote", "--profile", str(folder)]
    argv += ["--marionette", "--remote-allow-system-access"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    with (folder / "said").open("wb") as said:
        running = subprocess.Popen(argv, env=environment, stdout=said, stderr=said)
    try:
        with _connection(folder, running) as connection:
            connection.settimeout(LIMIT * 10)
            with connection.makefile("rwb") as stream:
                marionette = Marionette(stream)
                marionette("WebDriver:NewSession", capabilities={})
                marionette("WebDriver:SetTimeouts", script=LIMIT * 10_000)
                marionette("Marionette:SetContext", value="chrome")
                script = Path(__file__).with_name("thunderbird.js").read_text()
                mails = [[mail.decode() for mail in chapter] for chapter in chapters]
                answer = marionette(
                    "WebDriver:ExecuteAsyncScript",
                    script=script,
                    args=[mails, LIMIT],
                    sandbox="system",
                )
                marionette("Marionette:Quit", flags=["eForceQuit"])
        running.wait(LIMIT)
    finally:
        running.kill()
        running.wait()
    assert "held" in answer["value"], answer
    return [[(uid, start, end) for uid, start, end in held] for held in answer["value"]["held"]]


def _connection(folder: Path, running: subprocess.Popen[bytes]) -> socket.socket:
    port = folder / "MarionetteActivePort"
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and running.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", int(port.read_text())))
        except (OSError, ValueError):  # not there yet, or not yet written whole
            time.sleep(0.1)
    pytest.fail("Thunderbird does not start: " + (folder / "said").read_text(errors="replace"))


class Marionette:
    """Commands to a program of Mozilla's: `[0, id, name, parameters]`, after its length."""

    def __init__(self, stream: io.BufferedRWPair) -> None:
        self._stream, self._count = stream, 0
        self._answer()  # what it is

    def __call__(self, name: str, **parameters: object) -> dict[str, Any]:
        """What it answers; fails with what it says is wrong."""
        self._count += 1
        command = json.dumps([0, self._count, name, parameters]).encode()
        self._stream.write(b"%d:%s" % (len(command), command))
        self._stream.flush()
        _, _, error, value = self._answer()
        assert error is None, error
        return value or {}

    def _answer(self) -> Any:
        digits = b""
        while (byte := self._stream.read(1)) != b":":
            assert byte, "Thunderbird hung up"
            digits += byte
        return json.loads(self._stream.read(int(digits)))
