"""`trace` on measured aliases files: to whom each server delivered, and whether it refused."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from .rigs import Rig
from .roster_in_rig import SOURCE

CASES = json.loads((Path(__file__).parents[1] / "cases" / "alias_ends.json").read_text())["cases"]
NOT_FOLLOWED = {
    # what no administrator writes: mail for somebody besides an error, a lone CR, an octet cut
    ("unbalanced-quote", "sendmail"),
    ("unbalanced-paren", "sendmail"),
    ("cr-only", "sendmail"),
    ("cr-only", "opensmtpd"),
    ("utf8-rhs-localpart", "sendmail"),
    ("sec-pipe-quoted-localpart", "exim"),
    ("sec-file-quoted-localpart", "exim"),
    # an address that OpenSMTPD may take or not: it is called unsure
    ("key-quoted-hash", "opensmtpd"),
}
FAILS = ("refused", "put off", "loop")


def _words(kind: str, whom: str) -> str:
    whom = re.sub(r"\s+", " ", whom).lower()
    if kind in ("command", "file"):
        whom = whom.replace('"', "").removeprefix("|").strip()
    return f"{kind}:{whom.removeprefix(chr(92))}"


def _measured(to: list[str]) -> set[str]:
    """What was measured, in the words of `_ours`."""
    found = set()
    for one in to:
        kind, _, whom = one.partition(":")
        if kind == "command(failed)":  # its name stands in what the shell complained of
            kind, whom = "command", re.sub(r'.*(?:status \d+: "|sh: 1: )', "", whom)
            whom = re.split(r'"|: not found', whom)[0]
        found.add(_words(kind, whom.replace("(maildir)", "/tmp/md/")))
    return found


def _ours(ends: list[list[str]]) -> set[str]:
    names = {"mailbox": "user", "remote": "addr", "pipe": "command", "file": "file"}
    return {_words(names[stop], whom) for stop, whom in ends if stop in names}


def test_measured_files(rig: Rig) -> None:
    rebuild = ["/usr/bin/newaliases" if rig.name == "postfix" else "newaliases"]
    given = {"aliases": rig.aliases, "rebuild": rebuild, "cases": CASES}
    script = str(Path(__file__).with_name("trace_files.py"))
    done = rig.run(
        [sys.executable, "-B", script], json.dumps(given), {"PYTHONPATH": str(SOURCE)}, timeout=300
    )
    assert done.status == 0, done.err
    answers = json.loads(done.out)
    wrong = []
    for case in CASES:
        for lookup, expected in case["ends"][rig.name].items():
            if any("more)" in one for one in expected["to"]):
                continue
            ends = answers[case["id"]][lookup]
            fails = any(stop in FAILS for stop, _ in ends)
            theirs = _measured(expected["to"])
            if rig.name == "exim" and any(t.startswith(("command:", "file:")) for t in theirs):
                # measured with transports for those, which Debian's routers for aliases lack
                theirs = {t for t in theirs if not t.startswith(("command:", "file:"))}
                expected = {**expected, "fails": True}
            if (case["id"], rig.name) in NOT_FOLLOWED:
                continue
            if (_ours(ends), fails) != (theirs, expected["fails"]):
                wrong.append((case["id"], lookup, expected, ends))
    assert not wrong, "\n".join(map(str, wrong))
