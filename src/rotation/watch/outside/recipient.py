"""Whether a domain takes mail: somewhere that its MX records, or its address, lead to.

Sources: RFC 5321 section 5.1, RFC 7505 (null MX), RFC 6890 (addresses that are nobody's).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from rotation.system.dns import Lookup, Unanswered
from rotation.watch.findings import Diagnosis
from rotation.watch.outside.say import error, fine, unknown, warning

_FIX = "correct the address, or let the person name another one"
_THIS_NETWORK = ip_network("0.0.0.0/8")


def recipient(lookup: Lookup, domain: str) -> Iterator[Diagnosis]:
    """What there is to say of a domain that mail goes to; that it takes mail if nothing is wrong.

    Whether a server listens there is not tried.
    """
    answer = lookup(domain, "MX")
    if isinstance(answer, Unanswered):
        yield unknown(f"whether {domain} takes mail", answer)
    elif answer.records == ("0 .",):
        yield error(f"{domain} takes no mail: its MX record says so (null MX)", _FIX)
    elif answer.records:
        yield from _exchangers(lookup, domain, answer.records)
    else:
        yield _by_address(lookup, domain, answer.exists)


def _exchangers(lookup: Lookup, domain: str, records: tuple[str, ...]) -> Iterator[Diagnosis]:
    ordered = sorted((int(preference), host) for preference, host in map(str.split, records))
    hosts = dict.fromkeys(host.lower() for _, host in ordered)
    leads = {host: _nowhere(lookup, host) for host in hosts}
    nowhere = {host: why for host, why in leads.items() if isinstance(why, str)}
    silent = next((why for why in leads.values() if isinstance(why, Unanswered)), None)
    words = ", ".join(f"{host.rstrip('.') or '.'} {why}" for host, why in nowhere.items())
    if None in leads.values():
        yield fine(f"{domain} takes mail")
        if nowhere:
            what = f"an MX of {domain} leads nowhere: {words}: mail for it may wait or bounce"
            yield warning(what, "tell whoever runs that domain")
    elif silent is not None:
        yield unknown(f"whether {domain} takes mail", silent)
    else:
        yield error(f"{domain} takes no mail: its MX leads nowhere: {words}", _FIX)


def _by_address(lookup: Lookup, domain: str, exists: bool) -> Diagnosis:
    if not exists:
        return error(f"{domain} does not exist: mail for it bounces", _FIX)
    match _nowhere(lookup, domain):
        case None:
            return fine(f"{domain} takes mail (it has no MX, but an address)")
        case Unanswered() as silent:
            return unknown(f"whether {domain} takes mail", silent)
        case "has no address" | "does not exist":
            return error(f"{domain} has neither MX nor address: mail for it bounces", _FIX)
        case why:
            return error(f"{domain} takes no mail: it has no MX, and {why}", _FIX)


def _nowhere(lookup: Lookup, host: str) -> str | Unanswered | None:
    """Why mail for a host gets nowhere, in words; None where it gets somewhere."""
    if host == ".":
        return "is no host"
    answers = [lookup(host.rstrip("."), kind) for kind in ("A", "AAAA")]
    records = [r for a in answers if not isinstance(a, Unanswered) for r in a.records]
    if any(_usable(ip_address(record)) for record in records):
        return None
    for answer in answers:
        if isinstance(answer, Unanswered):
            return answer
        if not answer.exists:
            return "does not exist"
    return (
        f"is {', '.join(records)}, where no other host can be reached"
        if records
        else "has no address"
    )


def _usable(address: IPv4Address | IPv6Address) -> bool:
    """Whether it can be another host's: in a private network too."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if isinstance(address, IPv4Address) and (address in _THIS_NETWORK or address.is_reserved):
        return False
    return not (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or address.is_link_local
    )
