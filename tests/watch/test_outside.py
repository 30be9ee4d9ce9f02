"""What other providers make of mail that is passed on: the policy of a sender's domain."""

from __future__ import annotations

import pytest

from rotation.system.dns import Answered
from rotation.watch.outside.hub import Hub, Signing
from rotation.watch.outside.judge import Passed, judge

HUB = Hub("postfix", "hub.test", "mx.hub.test", "[relay.test]", Signing.YES)
Records = dict[str, str]


def policies(domain: str, records: Records) -> list[str]:
    """What is said of DMARC where root@domain is passed on; `records` are TXT, by name."""

    def lookup(name: str, kind: str) -> Answered:
        text = records.get(name) if kind == "TXT" else "192.0.2.1" if kind == "A" else None
        return Answered((text,) if text else (), exists=True)

    passed = Passed(("people.test",), {}, frozenset(), (domain,))
    said = (said.what for said in judge(lookup, HUB, passed))
    return [what for what in said if "DMARC" in what]


@pytest.mark.parametrize(
    ("domain", "records", "policy"),
    [
        ("web.test", {"_dmarc.web.test": "v=DMARC1; p=reject"}, "reject"),
        ("web.test", {"_dmarc.web.test": "v=DMARC1; p=none; sp=reject"}, None),
        ("web.test", {"_dmarc.web.test": "v=DMARC12; p=reject"}, None),
        ("a.web.test", {"_dmarc.web.test": "v=DMARC1; p=none; sp=quarantine"}, "quarantine"),
        ("a.web.test", {"_dmarc.web.test": "v=DMARC1; p=reject"}, "reject"),
        # the nearest one counts, and none of a domain in which others are registered
        (
            "a.b.web.test",
            {"_dmarc.b.web.test": "v=DMARC1; p=none", "_dmarc.web.test": "v=DMARC1; p=reject"},
            None,
        ),
        ("web.test", {"_dmarc.test": "v=DMARC1; p=reject"}, None),
        ("web.test", {"_dmarc.": "v=DMARC1; p=reject"}, None),
        # mail that comes from the hub's own domain, or from one below it, is the hub's
        ("hub.test", {"_dmarc.hub.test": "v=DMARC1; p=reject"}, None),
        ("a.hub.test", {"_dmarc.hub.test": "v=DMARC1; p=reject"}, None),
    ],
)
def test_the_policy_is_that_of_the_domain_or_of_the_nearest_above_it(
    domain: str, records: Records, policy: str | None
) -> None:
    said = policies(domain, records)
    assert len(said) == (policy is not None)
    assert all(f"the DMARC policy of {domain} is {policy}" in what for what in said)
