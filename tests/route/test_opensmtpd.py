"""OpenSMTPD's lists and rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.host.real import Host
from rotation.route.opensmtpd_list import member, split
from rotation.route.opensmtpd_rules import decide, read
from rotation.route.tree import MailHost


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
