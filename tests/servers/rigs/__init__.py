"""Real mail servers in throw-away hosts; see base.Rig for what each can do."""

from __future__ import annotations

from .base import NOTIFICATIONS, PEOPLE, Rig, wait
from .exim import Exim
from .host import Finished, Unavailable
from .opensmtpd import OpenSMTPD
from .postfix import Postfix
from .sendmail import Sendmail

RIGS: dict[str, type[Rig]] = {rig.name: rig for rig in (Postfix, Exim, OpenSMTPD, Sendmail)}

__all__ = [
    "NOTIFICATIONS",
    "PEOPLE",
    "RIGS",
    "Exim",
    "Finished",
    "OpenSMTPD",
    "Postfix",
    "Rig",
    "Sendmail",
    "Unavailable",
    "wait",
]
