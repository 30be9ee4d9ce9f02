"""Verdicts: who should get the mail, who does, and where following it ends."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rotation.errors import Where
from rotation.roster.parse import parse as parse_roster
from rotation.route import Accepted, Step, Trace, Verdict, Via, accepted_at, via
from rotation.route.judge import judged
from rotation.route.model import End, Stop
from rotation.schedule.loaded import Loaded
from rotation.system import Account


def account(name: str) -> Account | None:
    uids = {"root": 0, "alice": 1001, "bin": 2, "daemon2": 1002}
    if name not in uids:
        return None
    shell = "/usr/sbin/nologin" if name == "daemon2" else "/bin/sh"
    return Account(name, uids[name], uids[name], Path("/home", name), shell)


@pytest.mark.parametrize(
    ("end", "verdict"),
    [
        (End(Stop.MAILBOX, "alice", names=("alice", "alice@box.test")), Verdict.DUTY),
        (End(Stop.MAILBOX, "alice", names=("alice",)), Verdict.OTHER),
        (End(Stop.MAILBOX, "root", names=("root",)), Verdict.DEAD),
        (End(Stop.MAILBOX, "bin", names=("bin",)), Verdict.DEAD),
        (End(Stop.MAILBOX, "daemon2", names=("daemon2",)), Verdict.DEAD),
        (End(Stop.MAILBOX, "v@virt.test", names=("v@virt.test",)), Verdict.OTHER),
        (End(Stop.REMOTE, "x@y.test", domain="y.test", names=("x@y.test",)), Verdict.LEAVES),
        (End(Stop.REMOTE, "Z@y.test", domain="y.test", names=("z@y.test",)), Verdict.ALSO),
        (End(Stop.REMOTE, "b@y.test", domain="y.test", names=("b@y.test",)), Verdict.OTHER),
        (End(Stop.LOOP, "a"), Verdict.LOOP),
        (End(Stop.LOST, "/dev/null", "/dev/null"), Verdict.DEAD),
        (End(Stop.PIPE, "cat"), Verdict.PIPE),
        (End(Stop.UNSURE, "x", "a filter"), Verdict.UNSURE),
    ],
)
def test_verdicts(end: End, verdict: Verdict) -> None:
    accepted = Accepted(
        {"alice@box.test": (Verdict.DUTY, "alice"), "z@y.test": (Verdict.ALSO, "archive")},
        {"b@y.test": "bob, not on duty"},
    )
    step = judged(Step("x", end=end), accepted, account)
    assert step.end is not None
    assert step.end.verdict is verdict
    assert step.end.why or verdict is Verdict.LOOP
    assert Trace("x", step, "postfix").good is (verdict is Verdict.DUTY)


ROSTER = b"""\
timezone = "Europe/London"
fallback = ["managers@x.test"]
[people]
alice = "alice@x.test"
bob = { email = ["bob@x.test", "bob"] }
[[rotation]]
name = "weekly"
people = ["alice", "bob"]
every = "1 week"
start = 2026-11-23
[[target]]
aliases = "/etc/aliases"
name = "Duty"
also = ["archive@x.test"]
"""

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_who_should_get_it() -> None:
    loaded = Loaded(parse_roster(ROSTER, Path("/etc/rotation/duty.toml")))
    accepted = accepted_at([(loaded, NOW)])
    assert {a: v for a, (v, _) in accepted.ends.items()} == {
        "alice@x.test": Verdict.DUTY,
        "archive@x.test": Verdict.ALSO,
    }
    assert set(accepted.known) == {"alice@x.test", "bob@x.test", "bob", "managers@x.test"}
    before = accepted_at([(loaded, datetime(2026, 1, 1, tzinfo=UTC))])
    assert before.ends["managers@x.test"][0] is Verdict.FALLBACK


def _remote(address: str) -> End:
    domain = address.rpartition("@")[2]
    return End(Stop.REMOTE, address, domain=domain, names=(address,))


def test_on_through_other_rosters_and_no_further_than_ten() -> None:
    loaded = Loaded(parse_roster(ROSTER, Path("/etc/rotation/duty.toml")))
    central = via([(loaded, NOW)], "Central.test")
    leaves = Step("x", end=_remote("duty+x@central.test"))
    step = judged(leaves, accepted_at([(loaded, NOW)]), account, [central])
    assert [child.text for child in step.children] == ["alice@x.test", "archive@x.test"]
    assert Trace("x", step, "exim").good
    elsewhere = judged(Step("x", end=_remote("duty@other.test")), Accepted(), account, [central])
    assert not elsewhere.children
    circle = Via(None, {"duty": (("duty@a.test",), Where("r", 1))})
    deep = judged(Step("x", end=_remote("duty@b.test")), Accepted(), account, [circle])
    assert len(list(deep.walk())) == 11
