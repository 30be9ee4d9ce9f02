"""Where the domains of people lead to: who takes mail, who does not, and who cannot be asked."""

from __future__ import annotations

import pytest

from rotation.errors import Severity
from rotation.system.dns import Answered, Unanswered
from rotation.watch.outside.recipient import recipient

SILENT = Unanswered("no answer within 5 seconds")
Zone = dict[tuple[str, str], tuple[str, ...] | Unanswered]


def _said(zone: Zone) -> list[tuple[Severity, str]]:
    """What is said of x.example; `zone` has what each name answers, None else is there."""

    def lookup(name: str, kind: str) -> Answered | Unanswered:
        records = zone.get((name, kind), ())
        if isinstance(records, Unanswered):
            return records
        return Answered(records, exists=any(known == name for known, _ in zone))

    return [(said.severity, said.what) for said in recipient(lookup, "x.example")]


@pytest.mark.parametrize(
    ("exchangers", "hosts"),
    [
        (["mx.nowhere.example."], {}),
        (["localhost."], {}),
        (["."], {}),
        ([".", "."], {}),
        (["mx.example."], {("mx.example", "A"): ()}),
        (["192.0.2.1."], {}),
        (["localhost."], {("localhost", "A"): ("127.0.0.1",), ("localhost", "AAAA"): ("::1",)}),
        (["mx.example.", "."], {("mx.example", "A"): ("0.0.0.0", "127.9.9.9")}),
        (["mx.example."], {("mx.example", "AAAA"): ("::", "::ffff:127.0.0.1", "ff02::1")}),
        (["mx.example."], {("mx.example", "A"): ("255.255.255.255", "169.254.1.1", "0.1.2.3")}),
    ],
)
def test_an_mx_that_leads_nowhere_takes_no_mail(exchangers: list[str], hosts: Zone) -> None:
    mx = tuple(f"10 {host}" for host in exchangers)
    ((severity, what),) = _said({("x.example", "MX"): mx, **hosts})
    assert severity is Severity.ERROR
    assert "x.example takes no mail: its MX leads nowhere" in what


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.4.5", "0.0.0.0", "::1", "::"])
def test_an_address_that_leads_nowhere_takes_no_mail(address: str) -> None:
    kind = "AAAA" if ":" in address else "A"
    ((severity, what),) = _said({("x.example", kind): (address,)})
    assert severity is Severity.ERROR
    assert f"it has no MX, and is {address}" in what


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "64:ff9b::c000:201"])
def test_an_address_of_another_host_takes_mail(address: str) -> None:
    kind = "AAAA" if ":" in address else "A"
    assert [how for how, _ in _said({("x.example", kind): (address, "::1")})] == [Severity.OK]
    mx: Zone = {("x.example", "MX"): ("10 mx.example.",), ("mx.example", kind): (address,)}
    assert [how for how, _ in _said(mx)] == [Severity.OK]


def test_one_of_several_that_leads_nowhere_is_said_too() -> None:
    zone: Zone = {
        ("x.example", "MX"): ("10 localhost.", "20 mx.example."),
        ("localhost", "A"): ("127.0.0.1",),
        ("mx.example", "A"): ("192.0.2.1",),
    }
    fine, warning = _said(zone)
    assert fine == (Severity.OK, "x.example takes mail")
    assert warning[0] is Severity.WARNING
    assert "an MX of x.example leads nowhere: localhost is 127.0.0.1" in warning[1]


@pytest.mark.parametrize(
    "zone",
    [
        {("x.example", "MX"): SILENT},
        {("x.example", "MX"): ("10 mx.example.", "20 ."), ("mx.example", "A"): SILENT},
        {("x.example", "A"): SILENT},
        {("x.example", "A"): ("127.0.0.1",), ("x.example", "AAAA"): SILENT},
    ],
)
def test_who_does_not_answer_is_not_well_and_not_wrong(zone: Zone) -> None:
    ((severity, what),) = _said(zone)
    assert severity is Severity.WARNING
    assert "whether x.example takes mail cannot be told: no answer within 5 seconds" in what


def test_nothing_at_all() -> None:
    assert _said({}) == [(Severity.ERROR, "x.example does not exist: mail for it bounces")]
    there: Zone = {("x.example", "TXT"): ("hello",)}
    assert _said(there)[0][1] == "x.example has neither MX nor address: mail for it bounces"
