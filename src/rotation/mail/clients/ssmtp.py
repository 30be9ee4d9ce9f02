"""sSMTP: /etc/ssmtp/ssmtp.conf, in which `root` is who gets the mail of the system's own users.

Sources: ssmtp(8), ssmtp.conf(5); what those leave open was measured on the Debian package (2.64).
"""

from __future__ import annotations

import re
from pathlib import Path

from rotation.mail.clients.values import ClientConfig, ConfigLine

CONF = Path("/etc/ssmtp/ssmtp.conf")
REVALIASES = Path("/etc/ssmtp/revaliases")
HUB = "mailhub"
"""Where mail goes when nothing names the hub."""
LAST_SYSTEM_USER = 999
_SETTING = re.compile(r"([^= \t]+)[= \t]([^= \t]*)")


def parse(text: str) -> ClientConfig:
    """Read ssmtp.conf; keys in lower case. A last line without a newline is not read."""
    values: dict[str, ConfigLine] = {}
    for number, line in enumerate(text.split("\n")[:-1], 1):
        line = line.partition("#")[0]
        match = _SETTING.match(line)
        if match is not None and "=" in line:
            values[match[1].lower()] = ConfigLine(match[2], number)
    return ClientConfig(values)


def hub_of(text: str, user: str) -> str | None:
    """The hub that `revaliases` gives to a sender, None where it does not."""
    hub = None
    for line in text.split("\n"):
        fields = line.partition("#")[0].split(":")
        if len(fields) > 2 and fields[0] == user and fields[2].strip():
            hub = fields[2].strip()
    return hub
