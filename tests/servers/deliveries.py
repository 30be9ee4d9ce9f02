"""What became of mail in a rig: sent one by one, with a number as subject and in the sender's
address, to which refusals go."""

from __future__ import annotations

import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from . import chains
from .chains import End
from .rigs import Rig

# Each line of standard input: number, address. {argv} comes before the address.
SEND = """
import subprocess, sys
argv = sys.argv[1:]
for line in sys.stdin.read().splitlines():
    number, to = line.split(" ", 1)
    words = [word.replace("SENDER", f"s{number}@bounces.test") for word in argv]
    text = f"From: s{number}@bounces.test\\nSubject: c{number}\\n\\nx\\n"
    done = subprocess.run([*words, to], input=text.encode(), capture_output=True)
    print(number, done.returncode)
"""


def send(rig: Rig, argv: Sequence[str], start: int, names: Sequence[str]) -> dict[str, int]:
    """Send a mail to each name, numbered from `start`; the exit statuses."""
    lines = "".join(f"{start + at:05} {name}\n" for at, name in enumerate(names))
    done = rig.run([sys.executable, "-I", "-S", "-c", SEND, *argv], lines, timeout=300)
    assert done.status == 0, done.err
    statuses = [int(line.split()[1]) for line in done.out.splitlines()]
    return dict(zip(names, statuses, strict=True))


def quiet(idle: Callable[[], bool], seconds: float = 120) -> bool:
    """Wait until nothing is under way any more, three times in a row; whether that came to be."""
    end = time.monotonic() + seconds
    calm = 0
    while calm < 3:
        calm = calm + 1 if idle() else 0
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def delivered(rig: Rig, start: int, names: Sequence[str]) -> dict[str, set[End]]:
    """What became of the mails: by mailboxes, files, commands and refusals."""
    found: dict[int, set[End]] = defaultdict(set)
    for box in rig.path("/var/mail").iterdir():
        if not box.is_file() or box.name.endswith(".lock"):
            continue
        text = box.read_text(errors="replace")
        refused = re.fullmatch(r"s(\d{5})@bounces\.test", box.name)
        if refused:
            found[int(refused[1])].add(("bounce", ""))
            continue
        kind = "remote" if "@" in box.name else "mailbox"
        for number in re.findall(r"^Subject: c(\d{5})", text, re.MULTILINE):
            found[int(number)].add((kind, box.name.lower()))
    for home in rig.path("/home").iterdir():
        boxes = [home / "mbox", *home.glob("Maildir/new/*")]
        text = "\n".join(box.read_text(errors="replace") for box in boxes if box.is_file())
        for number in re.findall(r"^Subject: c(\d{5})", text, re.MULTILINE):
            found[int(number)].add(("mailbox", home.name))
    for kind, folder in (("file", "/tmp/files"), ("pipe", "/tmp/pipes")):
        for file in rig.path(folder).iterdir():
            for number in re.findall(r"^Subject: c(\d{5})", file.read_text(), re.MULTILINE):
                whom = f"/tmp/files/{file.name}"
                whom = whom if kind == "file" else f"{chains.TAKE} {file.name.split('.')[0]}"
                found[int(number)].add((kind, whom))
    return {name: found[start + at] for at, name in enumerate(names)}


def wrong(
    traced: Mapping[str, object], became: dict[str, set[End]], counts: dict[str, int]
) -> list[str]:
    """Where somebody is said to get mail who does not, or gets it who is not named.

    What `trace` is unsure of is only counted. How mail fails is not compared, but that it does.
    """
    differ = []
    fails = {"bounce", "defer", "lost", "loop"}
    for name, tree in traced.items():
        said = chains.ends(tree)
        if any(kind == "unsure" or not whom.isascii() for kind, whom in said):
            counts["unsure"] = counts.get("unsure", 0) + 1
            continue
        counts["told"] = counts.get("told", 0) + 1
        # the rest of the world keeps mail in files, whose names hold no slash
        ours = {
            (kind, whom.replace("/", "_") if kind == "remote" else whom)
            for kind, whom in said
            if kind not in fails
        }
        theirs = {end for end in became[name] if end[0] not in fails}
        if ours != theirs:
            differ.append(f"{name}: we say {sorted(said)}, it became {sorted(became[name])}")
    return differ
