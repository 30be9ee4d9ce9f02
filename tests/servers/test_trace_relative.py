"""A list by a relative path: nobody is on duty by way of the folder that trace runs in."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .rigs import OpenSMTPD, Rig
from .roster_in_rig import MONDAY, SOURCE, write_roster

SCRIPT = Path(__file__).with_name("run_at.py")


def test_a_relative_include_is_not_read_from_here(rig: Rig) -> None:
    write_roster(rig)
    rig.write("/etc/duty.list", "alice\n")
    rig.write(
        rig.aliases, "postmaster: root\nrel: :include:duty.list\nabs: :include:/etc/duty.list\n"
    )
    smtpd = isinstance(rig, OpenSMTPD)  # which takes no such table at all
    assert (rig.rebuild().status != 0) == smtpd
    for folder in ("/etc", "/"):
        for address, status in (("rel", 1), *([] if smtpd else [("abs", 0)])):
            trace = f"exec {sys.executable} -B {SCRIPT} {MONDAY} trace --json {address}"
            argv = ["sh", "-c", f"cd {folder}; {trace}"]
            done = rig.run(argv, env={"PYTHONPATH": str(SOURCE)})
            ends = json.loads(done.out)[0]["ends"]
            assert done.status == status, (folder, address, ends)
            assert any(end["verdict"] == "duty" for end in ends) == (status == 0)
    if smtpd:
        return
    rig.run(
        [
            "sh",
            "-c",
            "cd /etc; printf 'Subject: rel\\n\\nx\\n' | /usr/sbin/sendmail -i rel@box.test",
        ]
    )
    rig.run(["/usr/sbin/sendmail", "-i", "abs@box.test"], "Subject: abs\n\nx\n")
    rig.wait_for("alice", "abs")
    assert "rel" not in rig.mailbox("alice")
