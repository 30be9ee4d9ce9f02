"""The units of a checker under a real systemd: what keeps a script from mailing is mailed."""

from __future__ import annotations

from pathlib import Path

from rotation.checkers.model import Options
from rotation.checkers.units import failure, names, service
from tests.checkers.presets.scratch import preset
from tests.checkers.presets.told import told
from tests.checkers.test_mails import FOLDER, WRITE, made_alike

DISKS = preset("disk-space")
OPTIONS = Options(state="/var/lib/rotation/checkers")
SCRIPT = Path("/usr/local/lib/rotation/rotation-disk-space")


def test_a_unit_that_fails_is_mailed(suite: str) -> None:
    unit, _, failed = names("disk-space")
    found = told(
        f"""
        cat >/etc/systemd/system/{unit} <<'ROTATION_UNIT'
{service(DISKS, SCRIPT)}
ROTATION_UNIT
        cat >/etc/systemd/system/{failed} <<'ROTATION_UNIT'
{failure(DISKS, OPTIONS)}
ROTATION_UNIT
        printf '#!/bin/sh\\ncat >/tmp/mail; mv /tmp/mail /tmp/mailed\\n' >/usr/sbin/sendmail
        chmod 755 /usr/sbin/sendmail
        mkdir -p {SCRIPT.parent}
        try() {{
            rm -f /tmp/mailed
            systemctl reset-failed
            systemctl start {unit}
            until [ -e /tmp/mailed ]; do sleep 0.2; done
            cp /tmp/mailed /box/told/$1.out
            : >/box/told/$1.err
            echo 0 >/box/told/$1
        }}
        systemctl daemon-reload
        try missing
        # as where sendmail takes nothing
        printf '#!/bin/sh\\nexit 75\\n' >{SCRIPT}
        chmod 755 {SCRIPT}
        try unsent
        printf '#!/bin/sh\\nkill -KILL $$\\n' >{SCRIPT}
        try killed
        """,
        boot=True,
    )
    text = "\n".join(found["unsent"].lines) + "\n"
    golden = FOLDER / "unit-failed.txt"
    if WRITE and suite == "bookworm":
        golden.write_text(made_alike(text))
    assert made_alike(text) == golden.read_text()
    assert "Result=exit-code" in found["missing"].lines
    assert "Result=signal" in found["killed"].lines
