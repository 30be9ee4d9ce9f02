"""Evolution's calendar store, as its mail program uses it: what it holds after some invitations.

Reads a JSON list of iCalendar texts from standard input, and prints a JSON list of what the
calendar holds then: UID, start and end in UTC. Run by Debian's own Python, in a D-Bus session.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any


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
    for text in json.load(sys.stdin):
        try:
            component = ICalGLib.Component.new_from_string(text)
            client.receive_objects_sync(component, ECal.OperationFlags.NONE, None)
        except GLib.Error as error:
            # to take out what was never there is no fault
            if "METHOD:CANCEL" not in text:
                raise
            print(error.message, file=sys.stderr)
    _, components = client.get_object_list_sync("#t", None)
    held = [
        (
            component.get_uid(),
            component.get_dtstart().as_ical_string(),
            component.get_dtend().as_ical_string(),
        )
        for component in components
    ]
    print(json.dumps(sorted(held, key=lambda event: event[1])))


if __name__ == "__main__":
    main()
