"""What `doctor --dns` looks at: this host's names, the addresses of its rosters, and who mailed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from rotation.errors import ApplyError, Severity
from rotation.mail.recipients import own_domains
from rotation.model import SERVERS
from rotation.model.target import FileTarget
from rotation.schedule.loaded import Loaded
from rotation.system import Look, System
from rotation.system.dns import Lookup
from rotation.watch.delivery.record import last_look
from rotation.watch.findings import Diagnosis
from rotation.watch.outside.hub import look
from rotation.watch.outside.judge import Passed, judge, outside
from rotation.watch.outside.say import ABOUT

_AS_IT_IS = ("msmtp", "dma", "esmtp", "ssmtp")
"""Clients that send a header `From: root` on as it is (measured on each)."""


def outside_domains(
    system: Look, rosters: Sequence[Loaded], config: Path | None
) -> tuple[str, ...]:
    """The domains that mail of the rosters leaves this host for."""
    addresses = []
    for loaded in rosters:
        roster = loaded.roster
        addresses += [address for person in roster.people.values() for address in person.email]
        addresses += roster.fallback_addresses
        for target in roster.targets:
            addresses += target.also
            if isinstance(target, FileTarget) and target.owner is not None:
                addresses.append(target.owner)
    own = frozenset({"localhost", system.host_name().lower()})
    with suppress(ApplyError):  # a server that cannot be asked
        own = own_domains(system, config)
    return outside(addresses, own)


def past_the_hub(
    system: System,
    server: str | None,
    config: Path | None,
    rosters: Sequence[Loaded],
    lookup: Lookup,
) -> Iterator[Diagnosis]:
    """What is missing for other providers to take the mail that leaves here."""
    if server in _AS_IT_IS:
        yield _without_domain(system, server)
    if server not in SERVERS:
        return
    targets = [target for loaded in rosters for target in loaded.roster.targets]
    named = {target.name: target.where for target in targets if target.name is not None}
    owned = {t.name for t in targets if isinstance(t, FileTarget) and t.owner and t.name}
    fates = last_look(system)
    senders = [
        loaded.roster.sender.rpartition("@")[2].lower()
        for loaded in rosters
        if loaded.roster.sender
    ]
    senders += fates.senders if fates is not None else ()
    domains = outside_domains(system, rosters, config)
    passed = Passed(domains, named, frozenset(owned), tuple(dict.fromkeys(filter(None, senders))))
    yield from judge(lookup, look(system, server, config), passed)


def _without_domain(system: Look, client: str) -> Diagnosis:
    what = f"{client} sends `From: root (Cron Daemon)` on as it is, without a domain: providers "
    what += "refuse such mail"
    host = system.host_name()
    fix = (
        f"MAILFROM=root@{host} at the top of /etc/crontab and every other crontab; or on the hub: "
    )
    fix += "postconf -e local_header_rewrite_clients=permit_mynetworks"
    return Diagnosis(Severity.WARNING, ABOUT, what, None, fix)
