"""What other providers may make of the mail that this host passes on: what is missing in the domain
name system, and the cheap cures. Sources: RFC 7208 (SPF), RFC 7489 (DMARC), RFC 6376 (DKIM), RFC
7505 (null MX), RFC 5321 section 5.1; what large providers ask of senders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address

from rotation.dataclasses import dataclass
from rotation.errors import Severity, Where
from rotation.system.dns import Lookup, Unanswered
from rotation.watch.findings import Diagnosis
from rotation.watch.outside.hub import Hub, Signing
from rotation.watch.outside.recipient import recipient
from rotation.watch.outside.say import ABOUT, unknown, warning
from rotation.watch.outside.spf import Spf, check, record_of

_PRIVATE = (
    "localhost",
    "localdomain",
    "local",
    "lan",
    "internal",
    "invalid",
    "intranet",
    "home",
    "corp",
    "home.arpa",
)
_STRICT = ("reject", "quarantine")
SRS = (
    "or SRS, which makes every sender the hub's: apt install postsrsd; postconf -e "
    "sender_canonical_maps=tcp:localhost:10001 sender_canonical_classes=envelope_sender"
)
_SIGN = (
    "sign at the hub: apt install opendkim opendkim-tools; opendkim-genkey -D /etc/dkimkeys -s hub "
    "-d {domain}; publish /etc/dkimkeys/hub.txt; and make it a milter of the mail server, for "
    "local mail too (Postfix: smtpd_milters, non_smtpd_milters)"
)


@dataclass(frozen=True, slots=True)
class Passed:
    """What a host passes on: to which domains, by which targets (with an owner or not), as whose.

    `alone` are the domains of senders that mail came from; what `owned` passes on is sent as the
    hub's own.
    """

    domains: tuple[str, ...]
    targets: Mapping[str, Where]
    owned: frozenset[str]
    senders: tuple[str, ...]


def outside(addresses: Iterable[str], own: Iterable[str]) -> tuple[str, ...]:
    """The domains of addresses that are not kept here, each once."""
    here = {domain.lower() for domain in own}
    domains = (address.rpartition("@")[2].lower() for address in addresses if "@" in address)
    return tuple(dict.fromkeys(domain for domain in domains if domain not in here))


def judge(lookup: Lookup, hub: Hub, passed: Passed) -> Iterator[Diagnosis]:
    """Everything to say of what other providers see."""
    if not passed.domains:
        return
    for domain in passed.domains:
        yield from recipient(lookup, domain)
    where = ", ".join(passed.domains)
    ours = dict.fromkeys((hub.origin, hub.name))
    addresses = _addresses(lookup, hub)
    for domain in ours:
        yield from _sender(lookup, hub, domain, addresses, where)
    yield from _key(lookup, hub, where)
    for domain in passed.senders:
        if domain not in ours:
            yield from _forwarded(lookup, hub, domain, addresses, passed)
    for name, place in passed.targets.items():
        if name in passed.owned and not hub.owners:
            yield _ignored(hub, name, place)


def _addresses(lookup: Lookup, hub: Hub) -> list[str]:
    """The public addresses of this host, as far as its name tells."""
    if hub.relay is not None:
        return []
    replies = [lookup(hub.name, kind) for kind in ("A", "AAAA")]
    records = [r for reply in replies if not isinstance(reply, Unanswered) for r in reply.records]
    return [record for record in records if not ip_address(record).is_loopback]


def _sender(
    lookup: Lookup, hub: Hub, domain: str, addresses: Sequence[str], where: str
) -> Iterator[Diagnosis]:
    """What is missing for mail that says it comes from a domain of this host's."""
    if _private(domain):
        what = f"mail from here is root@{domain}, which is nobody's domain: {where} may refuse it"
        yield warning(what, _origin(hub))
        return
    replies = [lookup(domain, kind) for kind in ("MX", "A", "AAAA")]
    if not any(not isinstance(reply, Unanswered) and reply.records for reply in replies):
        silent = next((r for r in replies if isinstance(r, Unanswered)), None)
        if silent is not None:
            yield unknown(f"whether {domain}, which mail from here comes from, exists", silent)
        else:
            what = f"mail from here is root@{domain}, which has neither MX nor address: {where} "
            yield warning(f"{what}may refuse it", _origin(hub))
        return
    yield from _spf(lookup, hub, domain, addresses, where)


def _spf(
    lookup: Lookup, hub: Hub, domain: str, addresses: Sequence[str], where: str
) -> Iterator[Diagnosis]:
    shown = " ".join(f"ip{ip_address(a).version}:{a}" for a in addresses) or "ip4:ADDRESS"
    record = record_of(lookup, domain)
    fix = f'publish: {domain}. TXT "v=spf1 {shown} -all"'
    if record is Spf.UNKNOWN:
        yield unknown(f"whether {domain} has SPF", lookup(domain, "TXT"))
    elif record is Spf.NONE:
        signed = " and signs nothing with DKIM" if hub.signing is Signing.NO else ""
        yield warning(f"{domain} has no SPF{signed}: {where} may refuse root's mail", fix)
    elif record is Spf.BROKEN:
        yield warning(f"{domain} has several SPF records, which counts as a wrong one", "keep one")
    elif not addresses:
        leaves = f"by {hub.relay}" if hub.relay else f"by an address that {hub.name} does not tell"
        what = f"whether the SPF of {domain} lets this host send is not known: mail leaves {leaves}"
        yield Diagnosis(Severity.NOTE, ABOUT, what, None, f"it says: {record}")
    for address in addresses if isinstance(record, str) else ():
        result = check(lookup, domain, address)
        what = f"the SPF of {domain} {result.value}: {address}"
        if result is Spf.PASSES:
            yield Diagnosis(Severity.OK, ABOUT, f"the SPF of {domain} lets {address} send")
        elif result is Spf.UNKNOWN:
            yield warning(
                f"whether the SPF of {domain} lets {address} send cannot be told",
                f"it says: {record}",
            )
        else:
            mend = f'add {shown} to it: "{record}"'
            yield warning(f"{what}: {where} may refuse root's mail", mend)


def _key(lookup: Lookup, hub: Hub, where: str) -> Iterator[Diagnosis]:
    """Whether mail is signed, and the key is there."""
    if hub.signing is Signing.NO:
        what = f"nothing here signs mail with DKIM: {where} have SPF alone to go by"
        yield Diagnosis(Severity.NOTE, ABOUT, what, None, _SIGN.format(domain=hub.origin))
    elif hub.key is None:
        what = "whether mail is signed here with a DKIM key that is published is not known"
        yield Diagnosis(
            Severity.NOTE, ABOUT, what, None, "look into a mail that arrived: dkim=pass"
        )
    else:
        answer = lookup(hub.key, "TXT")
        if isinstance(answer, Unanswered):
            yield unknown(f"whether the DKIM key {hub.key} is published", answer)
        elif not any(re.search(r"(^|;)\s*p=[A-Za-z0-9+/]", record) for record in answer.records):
            what = f"mail is signed with a DKIM key that is not published: {hub.key}"
            yield warning(what, "publish it: opendkim-genkey wrote the record beside the key")
        else:
            yield Diagnosis(Severity.OK, ABOUT, f"the DKIM key {hub.key} is published")


def _forwarded(
    lookup: Lookup, hub: Hub, domain: str, addresses: Sequence[str], passed: Passed
) -> Iterator[Diagnosis]:
    """What passing on does to the mail of another host."""
    where = ", ".join(passed.domains)
    if _private(domain):
        what = (
            f"mail of root@{domain} is passed on, which is nobody's domain: {where} may refuse it"
        )
        yield warning(what, f"let that host send as a name that is there; {SRS}")
        return
    bare = {name: place for name, place in passed.targets.items() if name not in passed.owned}
    if not hub.owners:
        bare = dict(passed.targets)
    for name, place in bare.items():
        yield from _breaks(lookup, hub, domain, addresses, where, name, place)
    policy = _dmarc(lookup, domain)
    if isinstance(policy, Unanswered):
        yield unknown(f"whether {domain} has a DMARC policy", policy)
    elif policy in _STRICT and not _related(domain, hub.origin):
        what = (
            f"the DMARC policy of {domain} is {policy}: mail of its root that is passed on needs a "
        )
        what += f"DKIM signature of {domain}, or {where} refuse it"
        yield warning(what, f"sign on that host; or {_SIGN.format(domain=domain)}")


def _breaks(
    lookup: Lookup,
    hub: Hub,
    domain: str,
    addresses: Sequence[str],
    where: str,
    name: str,
    place: Where,
) -> Iterator[Diagnosis]:
    fix = (
        f'owner = "postmaster@{hub.origin}" in that target: the envelope is the hub\'s then; {SRS}'
    )
    if not hub.owners:
        fix = SRS if hub.server != "exim" else f"{_EXIM}; {SRS}"
    results = {check(lookup, domain, address) for address in addresses}
    what = f"mail of root@{domain} is passed on as it is"
    if results & {Spf.FAIL, Spf.SOFTFAIL}:
        what += f", and the SPF of {domain} does not allow this host: {where} may refuse it"
        yield warning(what, fix, place)
    elif Spf.UNKNOWN in results or not addresses:
        what += f"; whether the SPF of {domain} allows that cannot be told"
        severity = Severity.WARNING if Spf.UNKNOWN in results else Severity.NOTE
        yield Diagnosis(severity, ABOUT, what, place, fix)


_EXIM = (
    "in Exim's aliases router: errors_to = ${lookup{owner-$local_part}lsearch{/etc/aliases}"
    "{owner-$local_part@$domain}fail}"
)


def _ignored(hub: Hub, name: str, place: Where) -> Diagnosis:
    what = f"{hub.server} takes no notice of owner-{name}: what is passed on keeps its sender"
    return warning(what, _EXIM if hub.server == "exim" else SRS, place)


def _dmarc(lookup: Lookup, domain: str) -> str | Unanswered:
    """The policy of a domain, or of the nearest one above it; empty where there is none."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        answer = lookup("_dmarc." + ".".join(labels[start:]), "TXT")
        if isinstance(answer, Unanswered):
            return answer
        for record in answer.records:
            if re.match(r"v=DMARC1\b", record):
                key = "sp" if start else "p"
                tags = dict(re.findall(r"\b(s?p)\s*=\s*(\w+)", record))
                return str(tags.get(key) or tags.get("p") or "").lower()
    return ""


def _related(host: str, domain: str) -> bool:
    """Whether DMARC takes two domains for one owner's, as far as can be said without a list."""
    return (
        host == domain
        or host.endswith(f".{domain}")
        or domain.endswith(f".{host}")
        or (host.split(".")[1:] == domain.split(".")[1:] and host.count(".") > 1)
    )


def _private(domain: str) -> bool:
    return "." not in domain or domain.endswith(tuple(f".{name}" for name in _PRIVATE))


def _origin(hub: Hub) -> str:
    if hub.server == "postfix":
        return "postconf -e myorigin=example.com, a domain of yours"
    if hub.server == "exim":
        return "set a domain of yours in /etc/mailname (qualify_domain)"
    return "set a domain of yours in /etc/mailname, or masquerade as one"
