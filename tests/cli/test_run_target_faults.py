"""A target that is a program: what it prints stays its own fault, and what it did is put back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rotation.errors import printable
from tests.cli.sample import call
from tests.cli.test_run_target import LINE, STORE, program

SECOND = """
[[target]]
aliases = "aliases"
name = "all-system-notifications"
rebuild = []
"""
ODD = {
    "thousands of brackets": ("head -c 100000 /dev/zero | tr '\\0' '['", "does not print JSON"),
    "half of a character": ("echo '[\"\\\\ud800\"]'", "characters that are not text"),
    "a byte that is no UTF-8": ("printf '[\"a\\377\"]'", "characters that are not text"),
    "half of a character as revision": (
        'echo \'{"addresses": [], "revision": "\\\\ud800"}\'',
        "characters that are not text",
    ),
    "a number of 9999 digits": (
        "echo \"[$(head -c 9999 /dev/zero | tr '\\0' 9)]\"",
        "does not print JSON",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_it_prints_costs_that_target_alone(roster: Path, name: str) -> None:
    body, words = ODD[name]
    program(roster, f'#!/bin/sh\ncat >> "$0.log"\n{body}\n', SECOND)
    aliases = roster.parent / "aliases"
    for command in ("verify", "doctor"):
        done = call(roster, command)
        assert words in done.output
        assert "Traceback" not in done.output
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert words in done.stderr
    assert b"bob@example.com" in aliases.read_bytes()
    assert '"addresses"' not in (roster.parent / "set-alias.log").read_text()  # never `set`


@pytest.mark.parametrize("name", ODD)
def test_what_it_prints_after_the_change_is_taken_back(roster: Path, name: str) -> None:
    body, words = ODD[name]
    again = f'if [ "$1" = get ] && [ -e "$0.was" ]; then {body}; exit; fi\n'
    text = STORE.replace("case", f'{again}[ "$1" = set ] && touch "$0.was"\ncase', 1)
    program(roster, text)
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert words in done.stderr
    assert json.loads((roster.parent / "held").read_text()) == ["alice@example.com"]


def test_nothing_comes_back_where_nothing_was(roster: Path) -> None:
    evil = """set) echo '["evil@example.com"]' > "$here/held"
    grep -q 'addresses": \\[\\]' "$here/given.set" || exit 0; """
    text = STORE.replace("set) ", evil)
    program(roster, text)
    (roster.parent / "held").write_text("[]")
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert "it was told to take it back" in done.stderr
    assert (roster.parent / "calls").read_text() == "get\nset\nget\nset\n"
    assert json.loads((roster.parent / "held").read_text()) == []


HELD = r"""s/.*\("addresses": \[[^]]*\]\).*\("revision": "[^"]*"\).*/{\1, \2}/"""
KEEPS = f"""\
#!/bin/sh
here=$(dirname "$0")
cat > "$here/given.$1"
echo "$1" >> "$here/calls"
case $1 in
get) cat "$here/held" ;;
set) sed '{HELD}' "$here/given.set" > "$here/held" ;;
esac
"""


def test_a_revision_is_left_where_the_addresses_are_right(roster: Path) -> None:
    """Else a hub with an older copy would not know that there is a newer one."""
    program(roster, KEEPS)
    held = roster.parent / "held"
    held.write_text(json.dumps({"addresses": ["bob@example.com"], "revision": None}))
    done = call(roster, "apply")
    assert (done.exit_code, done.output) == (0, "")
    kept = json.loads(held.read_text())
    assert kept["addresses"] == ["bob@example.com"]
    assert kept["revision"].startswith("rotation ")
    assert (call(roster, "apply").output, json.loads(held.read_text())) == ("", kept)
    assert (roster.parent / "calls").read_text() == "get\nset\nget\nget\n"


def test_a_hand_off_by_one_that_keeps_no_revision(roster: Path) -> None:
    program(roster)
    (roster.parent / "held").write_text('{"addresses": ["bob@example.com"]}')
    assert call(roster, "apply").output == ""
    assert (roster.parent / "calls").read_text() == "get\n"
    (roster.parent / "held").write_text('["alice@example.com"]')
    assert call(roster, "apply").stdout == LINE


def test_any_text_can_be_shown() -> None:
    assert printable("a\ud800b\x1b") == "a\\ud800b\\x1b"
    assert printable("a\udcffb") == "a\\xffb"


def test_what_is_no_program_is_said_as_such(roster: Path) -> None:
    path = program(roster)
    path.chmod(0o644)
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert f"cannot run {path}: permission denied" in done.stderr
    assert (
        "may it be run? is it a program of this host, or a script with #! at its top?"
        in done.stderr
    )
    assert "mail server" not in done.stderr
