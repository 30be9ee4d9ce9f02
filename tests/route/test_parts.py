"""The pure parts of following mail: splitting, lists, rules, verdicts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rotation.errors import Where
from rotation.host.real import Host
from rotation.roster.parse import parse as parse_roster
from rotation.route import Accepted, Step, Trace, Verdict, Via, accepted_at, via
from rotation.route.exim_list import parse
from rotation.route.judge import judged
from rotation.route.model import End, Stop
from rotation.route.opensmtpd_list import member, split
from rotation.route.opensmtpd_rules import decide, read
from rotation.route.postfix_maps import words
from rotation.route.tree import MailHost, Node, TooManyError, fold
from rotation.route.words import comma_items, plain, postfix_items
from rotation.schedule.final import Loaded
from rotation.system import Account


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("alice, bob", ["alice", "bob"]),
        ("alice bob", ["alice", "bob"]),
        ("alice (a note), bob@x.test", ["alice", "bob@x.test"]),
        ("Alice Smith <alice@x.test>, bob", ["alice@x.test", "bob"]),
        ('"|/bin/cat -n", /var/log/x', ["|/bin/cat -n", "/var/log/x"]),
        (":include:/etc/mail/list", [":include:/etc/mail/list"]),
        ("alice+tag@box.test", ["alice+tag@box.test"]),
        ("", []),
        (" , ,", []),
    ],
)
def test_postfix_items(text: str, items: list[str]) -> None:
    assert postfix_items(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("alice, bob", ["alice", "bob"]),
        ("alice bob", ["alice bob"]),
        ('"|/bin/cat a, b", bob', ['"|/bin/cat a, b"', "bob"]),
        ("alice (x, y), bob", ["alice (x, y)", "bob"]),
        ("Alice <a@x.test>, \\bob", ["Alice <a@x.test>", "\\bob"]),
        ('"open, bob', ['"open, bob']),
    ],
)
def test_comma_items(text: str, items: list[str]) -> None:
    assert comma_items(text) == items


def test_lists_in_main_cf() -> None:
    value = "hash:/a, inline:{ {v@x.test=alice bob}, {w=x} },regexp:/b\n pipemap:{hash:/c,hash:/d}"
    assert words(value) == [
        "hash:/a",
        "inline:{ {v@x.test=alice bob}, {w=x} }",
        "regexp:/b",
        "pipemap:{hash:/c,hash:/d}",
    ]


def test_plain() -> None:
    assert plain('"|/bin/cat \\"x\\""') == '|/bin/cat "x"'
    assert plain("Alice (on duty) <a@x.test>") == "a@x.test"
    assert plain("alice (x)") == "alice"


@pytest.mark.parametrize(
    ("line", "items"),
    [
        ("a, b", ["a", "b"]),
        ("\\alice, bob", ["alice", "bob"]),
        ('"|cat a, b", c', ['"|cat a, b"', "c"]),
        ("a, 'b, c", ["a", "\" 'b, c"]),
        ("a\\", ['"a']),
    ],
)
def test_opensmtpd_split(line: str, items: list[str]) -> None:
    assert split(line) == items


def test_opensmtpd_members() -> None:
    assert member('"|cat -n"') == ("command", "cat -n")
    assert member("error:550 no") == ("error", "550 no")
    assert member("a b")[0] == "bad"


def test_opensmtpd_rules(tmp_path: Path) -> None:
    config = tmp_path / "smtpd.conf"
    config.write_text(
        'table aliases file:/etc/aliases\ntable doms { "one.test", two.test }\n'
        "smtp sub-addr-delim -\n"
        'action "local" mbox alias <aliases>  # a comment\n'
        'action "out" \\\n   relay host smtp://192.0.2.1\n'
        'match from src 192.0.2.0/24 for any action "out"\n'
        'match auth from any for any action "out"\n'
        "match for domain <doms> reject\n"
        'match for domain { "*.box.test", "box.test" } action "local"\n'
        'match ! for local action "out"\n'
        'match for local action "local"\n'
    )
    place = MailHost(Host(tmp_path / "state"))
    rules = read(place, config)
    assert rules is not None
    assert rules.delimiter == "-"
    assert rules.actions["out"].options == {"host": "smtp://192.0.2.1"}

    def action(address: str) -> str | None:
        rule = decide(place, rules, address, ("host.test", "localhost"))
        assert rule is not None
        return rule.action

    assert action("a@one.test") is None
    assert action("a@two.test") is None
    assert action("a@x.box.test") == "local"
    assert action("a@host.test") == "local"
    assert action("a@elsewhere.test") == "out"


FLAGS = frozenset({"allow_fail", "allow_defer", "skip_syntax_errors"})


def test_exim_lists(tmp_path: Path) -> None:
    place = MailHost(Host(tmp_path / "state"))
    (tmp_path / "inner").write_text("# note\ncarol\n")
    (tmp_path / "loop").write_text(f":include:{tmp_path}/loop\n")

    def read_list(text: str, flags: frozenset[str] = FLAGS) -> tuple[list[str], object]:
        found = parse(place, text, lambda line, _: Where("x", line), flags)
        return [item.text for item in found.items], found.fault and found.fault[0]

    assert read_list("alice, bob\n# c\n  dan@x.test") == (["alice", "bob", "dan@x.test"], None)
    assert read_list('"|/bin/cat a, b", /var/x') == (["|/bin/cat a, b", "/var/x"], None)
    assert read_list(f":include:{tmp_path}/inner, bob") == (["carol", "bob"], None)
    assert read_list(f":include:{tmp_path}/loop")[1] is Stop.LOOP
    assert read_list(":include:/nowhere")[1] is Stop.PUT_OFF
    assert read_list("alice, :fail: gone, really")[1] is Stop.REFUSED
    assert read_list(":blackhole:")[1] is Stop.LOST
    assert read_list(":defer: later")[1] is Stop.PUT_OFF
    assert read_list(":fail: no", frozenset())[1] is Stop.PUT_OFF
    assert read_list("alice bob, carol") == (["carol"], None)
    assert read_list("alice bob, carol", frozenset())[1] is Stop.PUT_OFF


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


def _remote(address: str) -> End:
    domain = address.rpartition("@")[2]
    return End(Stop.REMOTE, address, domain=domain, names=(address,))


def test_a_tree_that_grows_without_end_is_given_up() -> None:
    def grow(node: Node) -> None:
        while True:
            node = node.add("x", "alias", None)

    with pytest.raises(TooManyError):
        grow(Node("top"))


def test_what_goes_round_is_told_once() -> None:
    top = Node("a")
    at = top
    for _ in range(20):
        at = at.add("b", "alias", None)
        at.add("carol", "alias", None).stop(Stop.MAILBOX, "carol")
        at = at.add("a", "alias", None)
    at.stop(Stop.LOOP, "a", "loop")
    fold(top)
    assert len(list(top.walk())) < 8
    kinds = {n.end.stop for n in top.walk() if n.end is not None}
    assert kinds == {Stop.LOOP, Stop.MAILBOX}
