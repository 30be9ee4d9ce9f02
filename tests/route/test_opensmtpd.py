"""OpenSMTPD's lists and rules."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host.real import Host
from rotation.mail.opensmtpd import CONFIGS
from rotation.route import Accepted
from rotation.route.follow import trace
from rotation.route.model import Stop
from rotation.route.opensmtpd import OpenSMTPDFollower
from rotation.route.opensmtpd_list import parse, split
from rotation.route.opensmtpd_rules import decide, read
from rotation.route.tree import MailHost
from rotation.system import Account


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
    assert parse('"|cat -n"') == ("command", "cat -n")
    assert parse("error:550 no") == ("error", "550 no")
    assert parse("a b")[0] == "bad"


def test_opensmtpd_rules(tmp_path: Path) -> None:
    config = tmp_path / "smtpd.conf"
    config.write_text(
        'table aliases file:/etc/aliases\ntable doms { "one.test", two.test }\n'
        "smtp sub-addr-delim -\n"
        'action "local" mbox alias <aliases>  # a comment\n'
        'action "out" \\\n   relay host smtp://192.0.2.1\n'
        'match from src 192.0.2.0/24 for any action "out"\n'
        'match tls from any for any action "out"\n'
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


@pytest.mark.parametrize(
    "condition",
    ["auth from any", "from mail-from x@a.test", "helo h.test", "from src 127.0.0.1", "tag own"],
)
def test_a_condition_that_cannot_be_told_makes_the_rule_unsure(
    tmp_path: Path, condition: str
) -> None:
    config = tmp_path / "smtpd.conf"
    config.write_text(
        f'action "out" relay\naction "in" mbox\nmatch {condition} for any action "out"\n'
        'match for local action "in"\n'
    )
    place = MailHost(Host(tmp_path / "state"))
    rules = read(place, config)
    assert rules is not None
    rule = decide(place, rules, "a@host.test", ("host.test",))
    assert rule is not None
    assert "is not followed" in rule.unsure
    narrow = config.read_text().replace("for any", "for domain other.test")
    config.write_text(narrow)
    place = MailHost(Host(tmp_path / "state"))
    rules = read(place, config)
    assert rules is not None
    rule = decide(place, rules, "a@host.test", ("host.test",))
    assert rule is not None
    assert (rule.unsure, rule.action) == ("", "in")


def test_what_smtpd_conf_says_and_nobody_follows_is_a_doubt(tmp_path: Path) -> None:
    config = tmp_path / "smtpd.conf"
    config.write_text(
        'own = "box.test"\nlisten on lo filter "spam"\nlisten on socket\nforward everything\n'
        'action "in" mbox wrapper "w"\nmatch for domain $own action "in"\n'
    )
    rules = read(MailHost(Host(tmp_path / "state")), config)
    assert rules is not None
    assert [each.setting for each in rules.doubts] == [
        "listen on lo filter spam", "forward everything",
    ]  # fmt: skip
    assert rules.actions["in"].unknown == "wrapper"
    assert rules.rules[0].conditions == [("for domain", True, ["box.test"])]


class People(Host):
    """A host with accounts of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "state")
        self.accounts = {}
        for number, name in enumerate(("root", "alice")):
            home = folder / name
            home.mkdir(mode=0o755)
            self.accounts[name] = Account(name, os.geteuid() + number, 0, home, "/bin/sh")

    def account(self, name: str | int) -> Account | None:
        return self.accounts.get(str(name))


@pytest.fixture
def people(tmp_path: Path) -> People:
    (tmp_path / "smtpd.conf").write_text('action "l" mbox\nmatch for local action "l"\n')
    return People(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "stop"),
    [
        ("root", "/srv/mail/root\n", Stop.PUT_OFF),
        ("root", "|cat\n", Stop.PUT_OFF),
        ("alice", "/srv/mail/alice\n", Stop.FILE),
        ("alice", "|cat\n", Stop.PIPE),
        ("alice", "/dev/null\n", Stop.LOST),
    ],
)
def test_files_and_commands_in_a_forward_are_for_all_but_root(
    people: People, name: str, text: str, stop: Stop
) -> None:
    forward = people.accounts[name].home / ".forward"
    forward.write_text(text)
    if os.geteuid() == 0:
        os.chown(forward, people.accounts[name].uid, 0)
        os.chown(forward.parent, people.accounts[name].uid, 0)
    forward.chmod(0o644)
    config = people.accounts["root"].home.parent / "smtpd.conf"
    (answer,) = trace(people, [name], Accepted({}), server="opensmtpd", config=config)
    assert [step.end.stop for step in answer.ends if step.end] == [stop]


@pytest.mark.skipif(any(path.exists() for path in CONFIGS), reason="OpenSMTPD is installed here")
def test_a_host_without_a_configuration_is_told_where_it_belongs(people: People) -> None:
    with pytest.raises(ApplyError) as caught:
        OpenSMTPDFollower(MailHost(people), None)
    assert str(caught.value.problems[0].where) == "/etc/smtpd.conf"
