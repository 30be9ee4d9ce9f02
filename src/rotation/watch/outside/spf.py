"""Whether a domain lets an address send its mail: SPF, after RFC 7208. Pure but for `lookup`."""

from __future__ import annotations

import re
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from rotation.dataclasses import dataclass
from rotation.system.dns import Lookup, Unanswered

Address = IPv4Address | IPv6Address

MOST = 10
"""Questions that one check may lead to (RFC 7208 section 4.6.4)."""
_TERM = re.compile(
    r"(?P<sign>[-+?~]?)(?P<name>[a-z][a-z0-9_-]*)(?::(?P<value>[^/\s]+))?(?P<length>(?:/\d+)?(?://\d+)?)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?P<sign>[-+?~]?)ip(?P<version>[46]):(?P<value>\S+)", re.IGNORECASE)
_MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9_.-]*)=(?P<value>\S*)", re.IGNORECASE)


class Spf(Enum):
    """What a domain says of an address."""

    PASSES = "allows it"
    FAIL = "forbids it"
    SOFTFAIL = "advises against it"
    NEUTRAL = "says nothing of it"
    NONE = "has no SPF"
    BROKEN = "has an SPF record that is wrong"
    UNKNOWN = "cannot be told"


_SIGNS = {"": Spf.PASSES, "+": Spf.PASSES, "-": Spf.FAIL, "~": Spf.SOFTFAIL, "?": Spf.NEUTRAL}


@dataclass
class _Check:
    """One check: who asks, for which address, and how many questions are left."""

    lookup: Lookup
    address: Address
    left: int = MOST

    def _spend(self) -> bool:
        self.left -= 1
        return self.left >= 0

    def of(self, domain: str) -> Spf:
        """What the record of a domain says."""
        record = record_of(self.lookup, domain)
        if isinstance(record, Spf):
            return record
        redirect = None
        for term in record.split()[1:]:
            if match := _MODIFIER.fullmatch(term):
                if match["name"].lower() == "redirect":
                    redirect = match["value"]
                continue
            result = self._term(term, domain)
            if result is not None:
                return result
        if redirect is None:
            return Spf.NEUTRAL
        if "%" in redirect:
            return Spf.UNKNOWN
        if not self._spend():
            return Spf.BROKEN
        led = self.of(redirect)
        return Spf.BROKEN if led is Spf.NONE else led

    def _term(self, term: str, domain: str) -> Spf | None:
        """What a mechanism decides; None where it does not match."""
        if match := _ADDRESS.fullmatch(term):
            try:
                inside = self.address in ip_network(match["value"], strict=False)
            except ValueError:
                return Spf.BROKEN
            return _SIGNS[match["sign"]] if inside else None
        match = _TERM.fullmatch(term)
        if match is None:
            return Spf.UNKNOWN if "%" in term else Spf.BROKEN
        name, value = match["name"].lower(), match["value"] or domain
        if name == "all":
            return _SIGNS[match["sign"]]
        if name not in ("include", "a", "mx", "ptr", "exists"):
            return Spf.BROKEN
        if not self._spend():
            return Spf.BROKEN
        if "%" in value or name in ("ptr", "exists"):
            return Spf.UNKNOWN
        if name == "include":
            return self._include(value, match["sign"])
        hosts: list[str] | None = [value]
        if name == "mx":
            hosts = self._exchangers(value)
        matches = None if hosts is None else self._has(hosts, match["length"])
        if matches is None:
            return Spf.UNKNOWN
        return _SIGNS[match["sign"]] if matches else None

    def _include(self, domain: str, sign: str) -> Spf | None:
        led = self.of(domain)
        if led is Spf.PASSES:
            return _SIGNS[sign]
        if led in (Spf.NONE, Spf.BROKEN):
            return Spf.BROKEN
        return Spf.UNKNOWN if led is Spf.UNKNOWN else None

    def _exchangers(self, domain: str) -> list[str] | None:
        answer = self.lookup(domain, "MX")
        if isinstance(answer, Unanswered):
            return None
        return [record.split()[-1] for record in answer.records][:MOST]

    def _has(self, hosts: list[str], length: str) -> bool | None:
        """Whether the address is one of these hosts', or in their network."""
        four = self.address.version == 4
        lengths = re.fullmatch(r"(?:/(\d+))?(?://(\d+))?", length)
        bits = (lengths[1] if four else lengths[2]) if lengths else None
        for host in hosts:
            answer = self.lookup(host, "A" if four else "AAAA")
            if isinstance(answer, Unanswered):
                return None
            for record in answer.records:
                try:
                    network = ip_network(f"{record}/{bits}" if bits else record, strict=False)
                except ValueError:
                    return None
                if self.address in network:
                    return True
        return False


def record_of(lookup: Lookup, domain: str) -> str | Spf:
    """The record of a domain; NONE, BROKEN (several) or UNKNOWN where there is not just one."""
    answer = lookup(domain, "TXT")
    if isinstance(answer, Unanswered):
        return Spf.UNKNOWN
    records = [r for r in answer.records if re.match(r"v=spf1( |$)", r, re.IGNORECASE)]
    if not records:
        return Spf.NONE
    return records[0] if len(records) == 1 else Spf.BROKEN


def check(lookup: Lookup, domain: str, address: str) -> Spf:
    """What `domain` says of mail that comes from an address."""
    return _Check(lookup, ip_address(address)).of(domain)
