"""Hosts that only send: each client's own rule for local names, then off to its hub.

What is followed is mail that root sends, as cron does: msmtp and esmtp read the sender's own
configuration first. The sources are named in the readers, `rotation.mail.clients`.
"""

from __future__ import annotations

from rotation.route.clients.base import Client
from rotation.route.clients.dma import Dma
from rotation.route.clients.esmtp import Esmtp
from rotation.route.clients.msmtp import Msmtp
from rotation.route.clients.nullmailer import Nullmailer
from rotation.route.clients.ssmtp import Ssmtp

WALKERS: dict[str, type[Client]] = {
    walker.name: walker for walker in (Msmtp, Nullmailer, Dma, Esmtp, Ssmtp)
}
