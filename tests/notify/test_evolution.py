"""The mails of a swap, a join, a leave and of somebody removed, in Evolution's own calendar store.

Needs Debian's evolution-data-server, gir1.2-ecal-2.0, python3-gi and dbus (`make clients`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.export.lint import events
from tests.export.roster_folder import COVER, ROSTER
from tests.notify.mailed_roster import REMIND, MailedRoster, rest

PYTHON = "/usr/bin/python3"
STORE = Path("/usr/libexec/evolution-calendar-factory")


def held(folder: Path, mails: list[EmailMessage]) -> list[tuple[str, str, str]]:
    """What Evolution's calendar has after these mails: UID, start and end of each event."""
    session = shutil.which("dbus-run-session")
    if session is None or not STORE.exists():
        pytest.skip("no evolution-data-server")
    found = subprocess.run(
        [PYTHON, "-c", "import gi; gi.require_version('ECal', '2.0')"],
        capture_output=True,
        check=False,
    )
    if found.returncode != 0:
        pytest.skip("no gir1.2-ecal-2.0")
    home = folder / "home"
    home.mkdir(exist_ok=True)
    texts = [
        part.get_content()
        for mail in mails
        for single in (mail, *rest(mail))
        for part in single.walk()
        if part.get_content_type() == "text/calendar"
    ]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    done = subprocess.run(
        [session, "--", PYTHON, str(Path(__file__).with_name("evolution.py"))],
        input=json.dumps(texts).encode(),
        capture_output=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [(uid, start, end) for uid, start, end in json.loads(done.stdout)]


def ahead(mailed: MailedRoster, person: str, count: int) -> set[tuple[str, str]]:
    """The next duties of a person in the final schedule, by start and end."""
    listed = events(mailed.export("--person", person))
    coming = [e for e in listed if e["DTSTART"] > f"{mailed.now:%Y%m%dT%H%M%SZ}"]
    return {(e["DTSTART"], e["DTEND"]) for e in coming[:count]}


def spans(calendar: list[tuple[str, str, str]]) -> set[tuple[str, str]]:
    return {(start, end) for _, start, end in calendar}


def test_the_calendar_holds_what_the_final_schedule_holds(tmp_path: Path) -> None:
    two = ROSTER.replace('"alice", "bob", "carol"', '"alice", "bob"') + REMIND
    mailed = MailedRoster(tmp_path, two)
    mailed.notify()
    carol: list[EmailMessage] = []

    def told() -> None:
        mailed.later(minutes=5)
        mails = mailed.notify()
        if "carol" in mails:
            carol.append(mails["carol"])

    # she joins: the next three duties, and no dozens
    mailed.roster.write_text(ROSTER + REMIND)
    told()
    calendar = held(tmp_path, carol)
    assert len(calendar) == 3
    assert spans(calendar) == ahead(mailed, "carol", 3)
    # a swap takes one of them away
    mailed.overrides(COVER)
    told()
    (tmp_path / "swap").mkdir()
    calendar = held(tmp_path / "swap", carol)
    assert ("20261130T090000Z", "20261207T090000Z") not in spans(calendar)
    assert spans(calendar) <= ahead(mailed, "carol", 10)
    # and back
    mailed.overrides("")
    told()
    (tmp_path / "back").mkdir()
    calendar = held(tmp_path / "back", carol)
    assert spans(calendar) == ahead(mailed, "carol", 3)
    # she leaves, and is removed
    without = "".join(line for line in two.splitlines(True) if not line.startswith("carol"))
    mailed.roster.write_text(without)
    told()
    (tmp_path / "gone").mkdir()
    assert held(tmp_path / "gone", carol) == []
