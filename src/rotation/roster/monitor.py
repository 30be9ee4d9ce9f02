"""`[monitor]`: who hears of it, beside the chain, when `rotation` itself fails."""

from __future__ import annotations

from rotation import address
from rotation.roster.keys import MONITOR
from rotation.toml.table import Document, Table


def read_monitor(document: Document, value: object) -> tuple[str | None, str | None]:
    """`ping` and `alarm` of the table `[monitor]`; what is wrong with it is noted."""
    if value is None:
        return None, None
    table = Table(document, ("monitor",), value, "[monitor]", MONITOR)
    ping, alarm = table.text("ping"), table.text("alarm")
    table.finish()
    if ping is not None:
        from rotation.system.link import BadLink, is_link, parse_link  # most rosters have none

        try:
            if not is_link(ping):
                raise BadLink("not the address of a web page")
            parse_link(ping)
        except BadLink as error:
            hint = error.hint or 'ping = "https://monitor.example.com/0123"'
            table.report("ping", f"'ping': {error.what}", hint)
    if alarm is not None:
        if fault := address.fault(alarm):
            table.report("alarm", f"address {alarm!r} {fault[0]}", fault[1])
        elif "@" not in alarm:
            table.report(
                "alarm",
                f"{alarm!r} is a name on this host: its mail would go where all mail goes",
                'an address at another host: alarm = "oncall@example.com"',
            )
    return ping, alarm
