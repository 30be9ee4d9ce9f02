"""The servers' own answers before and after `apply`, on measured and on generated aliases files.

Either our alias leads to the new people and every other one to where it led, or `apply` refused
and changed nothing.
"""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import pytest

from rotation.mail.aliases import Dialect, read

from .rigs import Rig
from .roster_in_rig import NEXT_MONDAY, ROSTER, rotation, target, write_roster

CASES = json.loads((Path(__file__).parents[1] / "cases" / "aliases.json").read_text())
TEXTS = [base64.b64decode(case["b64"]) for case in CASES["cases"]]
PIECES = (
    b"oncall: alice\n",
    b"OnCall : carol ,\n",
    b'"oncall": alice\n',
    b"oncall: alice,\n\tcarol\n",
    b"\tcarol\n",
    b"# a note\n",
    b"\n",
    b"   \n",
    b"list: alice, carol\r\n",
    b'pipe: "|/bin/cat, -n"\n',
    b"caf\xe9: alice\n",
    b"inc: :include:/etc/list\n",
    b"postmaster: root\n",
    b"no colon\n",
    b"last: carol",
    b"join: alice \\\n",
)


def generated(count: int) -> list[bytes]:
    """The same files each time; each a few pieces in a row."""
    dice = random.Random(20261130)
    return [b"".join(dice.choices(PIECES, k=dice.randint(1, 7))) for _ in range(count)]


def served(rig: Rig, keys: list[str]) -> dict[str, str] | None:
    """All that the server has, None when it refuses the file whole."""
    try:
        return {key: value.strip() for key, value in rig.map(keys).items()}
    except AssertionError:
        return None


def test_the_server_answers_as_before_or_nothing_was_changed(rig: Rig) -> None:
    write_roster(rig, ROSTER + target(rig, name="oncall"))
    changed = 0
    for text in [*TEXTS, *generated(25)]:
        rig.write(rig.aliases, text)
        rig.rebuild()
        reading = read(text, Dialect(rig.name))
        plain = {e.key for e in reading.entries if e.key.replace("-", "").isalnum()}
        keys = sorted({*plain, "oncall"})
        before = served(rig, keys)
        done = rotation(rig, NEXT_MONDAY, "apply")
        assert "Traceback" not in done.err, (text, done.err)
        after = served(rig, keys)
        if done.status == 0:
            changed += 1
            if after is None and rig.name == "opensmtpd":
                assert rig.resolve("oncall") == ["bob"], text
                continue
            assert after is not None
            assert after.pop("oncall") == "bob", text
            if before is not None:  # else its own lister was stricter than the server
                before.pop("oncall", None)
                assert after == before, text
        else:
            assert done.status == 3, (text, done)
            assert rig.read(rig.aliases) == text
            assert after == before, text
    assert changed >= 15


@pytest.mark.parametrize("text", [*TEXTS, *generated(60)])
def test_our_reading_is_what_postfix_compiles(postfix: Rig, text: bytes) -> None:
    postfix.write("/tmp/aliases", text)
    postfix.run(["postalias", "hash:/tmp/aliases"])
    listed = postfix.run(["postalias", "-s", "hash:/tmp/aliases"]).out.splitlines()
    rows = [row.partition(":\t") for row in listed]
    theirs = {key for key, _, _ in rows if key != "@" and not key.startswith("YP_")}
    reading = read(text, Dialect.POSTFIX)
    assert {entry.key for entry in reading.entries} == theirs
    for key, _, value in rows:
        if (entry := reading.winner(key)) and value.isascii() and value.replace(", ", "").isalnum():
            plain = entry.value.decode("ascii", "replace")
            # a backslash before a name is gone in the map: it stops further aliasing
            assert "".join(plain.split()).replace("\\", "") == "".join(value.split())
