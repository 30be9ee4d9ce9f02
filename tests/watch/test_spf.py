"""SPF, after RFC 7208: what a domain says of an address that sends its mail."""

from __future__ import annotations

import pytest

from rotation.system.dns import Answered, Unanswered
from rotation.watch.outside.spf import MOST, Spf, check

Zone = dict[tuple[str, str], tuple[str, ...]]
OUR = "192.0.2.7"
ZONE: Zone = {
    ("host.test", "A"): (OUR, "198.51.100.1"),
    ("host.test", "AAAA"): ("2001:db8::7",),
    ("near.test", "A"): ("192.0.2.99",),
    ("mail.test", "MX"): ("10 none.test", "20 host.test"),
    ("ours.test", "TXT"): (f"v=spf1 ip4:{OUR} -all",),
    ("others.test", "TXT"): ("v=spf1 ip4:203.0.113.1 -all",),
    ("twice.test", "TXT"): ("v=spf1 -all", "v=spf1 +all"),
}


def said(record: str | tuple[str, ...], address: str = OUR, **silent: str) -> Spf:
    """What a domain with this record says; whoever is asked of a name in `silent` is silent."""
    records = (record,) if isinstance(record, str) else record
    zone = {**ZONE, ("asked.test", "TXT"): records}

    def lookup(name: str, kind: str) -> Answered | Unanswered:
        if silent.get(kind) == name:
            return Unanswered("no answer")
        return Answered(zone.get((name, kind), ()), exists=True)

    return check(lookup, "asked.test", address)


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ((), Spf.NONE),
        ("v=spf10 -all", Spf.NONE),
        ("v=spf1", Spf.NEUTRAL),
        ("V=SPF1 +ALL", Spf.PASSES),
        ("v=spf1 all", Spf.PASSES),
        ("v=spf1 -all", Spf.FAIL),
        ("v=spf1 ~all", Spf.SOFTFAIL),
        ("v=spf1 ?all", Spf.NEUTRAL),
        (("v=spf1 -all", "v=spf1 -all"), Spf.BROKEN),
        ("v=spf1 ip4:192.0.2.0/24 -all", Spf.PASSES),
        ("v=spf1 -ip4:192.0.2.0/24 +all", Spf.FAIL),
        ("v=spf1 ip4:192.0.3.0/24 -all", Spf.FAIL),
        ("v=spf1 ip6:2001:db8::/32 -all", Spf.FAIL),
        ("v=spf1 ip4:here -all", Spf.BROKEN),
        ("v=spf1 a:host.test -all", Spf.PASSES),
        ("v=spf1 a:near.test -all", Spf.FAIL),
        ("v=spf1 a:near.test/24 -all", Spf.PASSES),
        ("v=spf1 mx:mail.test -all", Spf.PASSES),
        ("v=spf1 mx:none.test -all", Spf.FAIL),
        ("v=spf1 a -all", Spf.FAIL),
        ("v=spf1 include:ours.test -all", Spf.PASSES),
        ("v=spf1 -include:ours.test +all", Spf.FAIL),
        ("v=spf1 include:others.test ~all", Spf.SOFTFAIL),
        ("v=spf1 include:none.test +all", Spf.BROKEN),
        ("v=spf1 include:twice.test +all", Spf.BROKEN),
        ("v=spf1 redirect=ours.test", Spf.PASSES),
        ("v=spf1 redirect=ours.test -all", Spf.FAIL),
        ("v=spf1 redirect=none.test", Spf.BROKEN),
        ("v=spf1 redirect=asked.test", Spf.BROKEN),
        ("v=spf1 include:asked.test -all", Spf.BROKEN),
        ("v=spf1 exp=why.test -all", Spf.FAIL),
        ("v=spf1 everybody -all", Spf.BROKEN),
        ("v=spf1 exists:%{i}.test -all", Spf.UNKNOWN),
        ("v=spf1 ptr -all", Spf.UNKNOWN),
        ("v=spf1 redirect=%{d}.test", Spf.UNKNOWN),
        # the record is read from the left, and to the first that matches
        ("v=spf1 +all exists:%{i}.test", Spf.PASSES),
    ],
)
def test_what_a_record_says(record: str | tuple[str, ...], result: Spf) -> None:
    assert said(record) is result


def test_an_address_of_the_other_kind_has_networks_of_its_own() -> None:
    assert said("v=spf1 a:host.test -all", "2001:db8::7") is Spf.PASSES
    assert said("v=spf1 a:host.test/24//32 -all", "2001:db8:1::1") is Spf.PASSES
    assert said("v=spf1 a:host.test/24//64 -all", "2001:db8:1::1") is Spf.FAIL


def test_more_questions_than_the_rules_allow_are_an_error() -> None:
    terms = " ".join(["a:near.test"] * (MOST - 1))
    assert said(f"v=spf1 {terms} a:host.test -all") is Spf.PASSES
    assert said(f"v=spf1 {terms} a:near.test a:host.test -all") is Spf.BROKEN
    assert said(f"v=spf1 {terms} redirect=ours.test") is Spf.PASSES
    assert said(f"v=spf1 {terms} a:near.test redirect=ours.test") is Spf.BROKEN


def test_who_does_not_answer_says_nothing() -> None:
    assert said("v=spf1 -all", TXT="asked.test") is Spf.UNKNOWN
    assert said("v=spf1 a:host.test -all", A="host.test") is Spf.UNKNOWN
    assert said("v=spf1 mx:mail.test -all", MX="mail.test") is Spf.UNKNOWN
    assert said("v=spf1 include:ours.test -all", TXT="ours.test") is Spf.UNKNOWN
