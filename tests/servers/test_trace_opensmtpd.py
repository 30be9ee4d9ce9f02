"""`rotation trace` against OpenSMTPD's own expansion, from its log, on generated chains."""

from __future__ import annotations

import re
import sys

from . import chains
from .chains import End, Maker
from .rigs import OpenSMTPD, wait

ASK = """
import socket, sys
for name in sys.stdin.read().split():
    with socket.create_connection(("127.0.0.1", 25)) as server, server.makefile("rwb") as stream:
        stream.readline()
        to = name if "@" in name else f"{name}@box.test"
        for line in ("HELO box.test", "MAIL FROM:<root>", f"RCPT TO:<{to}>"):
            stream.write(line.encode() + b"\\r\\n")
            stream.flush()
            answer = stream.readline()
        print(name, answer.decode()[:3])
"""
_STEP = re.compile(r"expand: (.*)$")


def _ends(lines: list[str]) -> set[End]:
    """Where the mail goes after an expansion that went well."""
    found: set[End] = set()
    for line in lines:
        match = re.search(r"(?:no|empty) \.forward for user (\S+), just deliver", line)
        if match:
            found.add(("mailbox", match[1]))
        match = re.search(r"lka_expand: username: (\S+) \[depth=\d+, sameuser=1\]", line)
        if match:
            found.add(("mailbox", match[1]))
        match = re.search(r"lka_expand: (filename|filter): (.*) \[depth=\d+\]", line)
        if match and match[2] == "/dev/null":
            found.add(("lost", ""))
        elif match:
            found.add(("file" if match[1] == "filename" else "pipe", match[2].lower()))
        match = re.search(r"lka_expand: address: (\S+) \[depth=\d+\]", line)
        if match and match[1].lower().rpartition("@")[2] not in ("box.test", "localhost"):
            found.add(("remote", match[1].lower()))
    return found


def _ours(tree: object) -> set[End]:
    """What we say; a circle that is dropped refuses nothing as long as somebody else is left."""
    assert isinstance(tree, dict)
    heard = [end for end in tree["ends"] if "dropped" not in end["why"]]
    return chains.ends({"ends": heard or tree["ends"]})


def test_opensmtpd_says_the_same(opensmtpd: OpenSMTPD) -> None:
    world = Maker(7, chains.COUNT, plus=True).make()
    chains.write(opensmtpd, world)
    opensmtpd.must(opensmtpd.run(["smtpctl", "trace", "expand"]))
    traced = chains.trees(opensmtpd, world.asked)
    ours = {address: _ours(tree) for address, tree in traced.items()}
    start = len(opensmtpd.read("/var/log/mail.log"))
    asked = opensmtpd.run(
        [sys.executable, "-I", "-S", "-c", ASK], "\n".join(world.asked), timeout=300
    )
    answers = dict(line.split() for line in asked.out.splitlines())
    assert list(answers) == world.asked, asked.err

    def chunks() -> list[str]:
        text = opensmtpd.read("/var/log/mail.log")[start:].decode(errors="replace")
        lines = [match[1] for line in text.splitlines() if (match := _STEP.search(line))]
        blocks = re.split(r"^(?=lka_expand: address: .*\[depth=0\]$)", "\n".join(lines), flags=re.M)
        return [block for block in blocks if block.startswith("lka_expand: address")]

    wait(lambda: len(chunks()) == len(world.asked), "the trace in the log")
    theirs: dict[str, set[End]] = {}
    for address, chunk in zip(world.asked, chunks(), strict=True):
        code = answers[address]
        if code == "250":
            theirs[address] = _ends(chunk.splitlines())
        else:
            theirs[address] = {("defer", "") if code.startswith("4") else ("bounce", "")}
    unsure = {a for a in traced if any(kind == "unsure" for kind, _ in ours[a])}
    assert len(unsure) <= len(theirs) // 20, sorted(unsure)
    sure = {address: found for address, found in theirs.items() if address not in unsure}
    differ = chains.differences(ours, sure)
    assert not differ, f"{len(differ)} of {len(theirs)}:\n" + "\n".join(differ[:40])
