"""Evolution's calendar store, as its mail program uses it: what it holds after some invitations.

Its store lives in a D-Bus session of its own, and is asked by Debian's own Python: as a script
this reads a JSON list of lists of iCalendar texts from standard input, and prints what the
calendar holds after each list. Needs Debian's evolution-data-server, gir1.2-ecal-2.0, python3-gi
and dbus (`make clients`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from email import message_from_bytes
from email.policy import default
from importlib import import_module
from pathlib import Path
from typing import Any

PYTHON = "/usr/bin/python3"
STORE = Path("/usr/libexec/evolution-calendar-factory")


def read(
    folder: Path, reader: str, chapters: list[list[bytes]]
) -> list[list[tuple[str, str, str]]]:
    """What the calendar of `reader`, an address, holds after each list of mails: UID, start, end.

    `folder` is for the store. Skips where there is no Evolution.
    """
    import pytest

    session = shutil.which("dbus-run-session")
    if session is None or not STORE.exists():
        pytest.skip("no evolution-data-server (make clients)")
    has = [PYTHON, "-c", "import gi; gi.require_version('ECal', '2.0')"]
    if subprocess.run(has, capture_output=True, check=False).returncode != 0:
        pytest.skip("no gir1.2-ecal-2.0 (make clients)")
    folder.mkdir()
    texts = [
        [
            part.get_content()
            for mail in chapter
            for part in message_from_bytes(mail, policy=default).walk()
            if part.get_content_type() == "text/calendar"
        ]
        for chapter in chapters
    ]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    done = subprocess.run(
        [session, "--", PYTHON, __file__],
        input=json.dumps(texts).encode(),
        capture_output=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [[(uid, start, end) for uid, start, end in held] for held in json.loads(done.stdout)]


def main() -> None:
    # Debian's, not the environment's: nothing else knows it
    gi: Any = import_module("gi")
    gi.require_version("ECal", "2.0")
    gi.require_version("EDataServer", "1.2")
    names = ("ECal", "EDataServer", "GLib", "ICalGLib")
    modules: list[Any] = [import_module(f"gi.repository.{name}") for name in names]
    ECal, EDataServer, GLib, ICalGLib = modules  # noqa: N806 - as they are called there

    registry = EDataServer.SourceRegistry.new_sync(None)
    source = registry.ref_builtin_calendar()
    client: Any = ECal.Client.connect_sync(source, ECal.ClientSourceType.EVENTS, 30, None)
    after = []
    for texts in json.load(sys.stdin):
        for text in texts:
            try:
                component = ICalGLib.Component.new_from_string(text)
                client.receive_objects_sync(component, ECal.OperationFlags.NONE, None)
            except GLib.Error as error:
                # to take out what was never there is no fault
                if "METHOD:CANCEL" not in text:
                    raise
                print(error.message, file=sys.stderr)
        _, components = client.get_object_list_sync("#t", None)
        after.append(
            [
                (
                    component.get_uid(),
                    component.get_dtstart().as_ical_string(),
                    component.get_dtend().as_ical_string(),
                )
                for component in components
            ]
        )
    print(json.dumps(after))


if __name__ == "__main__":
    main()
