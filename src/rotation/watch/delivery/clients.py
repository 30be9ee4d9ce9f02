"""What a client that only sends lets anybody know of the mail that it took: at most whether its hub
took it. Sources: msmtp(1) `logfile` and `syslog`; nullmailer-send(8); dma(8); ssmtp(8); esmtp(1).
"""

from __future__ import annotations

from rotation.errors import Problem
from rotation.watch.delivery.client_lines import TELL

_LEFT = {
    "msmtp": "it keeps no mail; each is a line with exitcode= where `logfile` says, or in the log "
    "of mail with `syslog`",
    "nullmailer": "what its hub has not taken waits in /var/spool/nullmailer/queue, what that "
    "refused lies in /var/spool/nullmailer/failed; see mailq, journalctl -u nullmailer",
    "dma": "what its hub has not taken waits in /var/spool/dma; see mailq, its lines in the log "
    "of mail",
    "ssmtp": "it keeps no mail; see the lines of sSMTP in the log of mail, which name no recipient "
    "of what was sent",
    "esmtp": "it keeps no mail and no log: only its exit status tells",
}


def unknown(client: str) -> Problem:
    """That the end of mail is not known on a host with such a client, and what there is to see."""
    what = f"what becomes of mail is not known: {client} hands it to its hub, whose log tells"
    if client in TELL:
        then = f"`verify` reads in what {client} writes whether the hub took it"
        what = f"{client} hands mail to its hub, whose log tells what becomes of it; {then}"
    return Problem(what, hint=_LEFT[client])
