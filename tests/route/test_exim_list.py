"""Exim's lists."""

from __future__ import annotations

from pathlib import Path

from rotation.errors import Where
from rotation.host.real import Host
from rotation.route.exim_list import parse
from rotation.route.model import Stop
from rotation.route.tree import MailHost

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
