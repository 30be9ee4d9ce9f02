"""Every event's mail as people see it: golden files, the same under every shell.

`WRITE_GOLDEN=1 pytest tests/checkers/test_mails.py` writes them, and the page that shows them.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rotation.checkers.render import template
from tests.checkers.host import Mail, Scratch
from tests.checkers.shells import SHELLS, shell
from tests.checkers.test_lock import _identity, _locked

FOLDER = Path(__file__).parent / "mails"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "mails.md"
WRITE = os.environ.get("WRITE_GOLDEN") == "1"
BEGIN, END = "<!-- the mails -->\n", "<!-- to here -->\n"

DISKS: dict[str, Any] = {
    "name": "disk-space",
    "title": "df: file systems that are nearly full",
    "noun": "full file system",
    "by_hand": "df -h",
    "normalise": (r"s/ \(now [0-9]+%\)//",),
}
SMART: dict[str, Any] = {
    "name": "smartctl",
    "title": "smartctl: disks that fail, are about to, or cannot be read",
    "noun": "disk problem",
    "by_hand": "sudo smartctl -x /dev/sda",
    "watch": True,
}
LOGS: dict[str, Any] = {
    "name": "logcheck",
    "title": "logcheck: log lines that no rule explains",
    "noun": "log line",
    "once": ".",
}
PORTS: dict[str, Any] = {
    "name": "ports",
    "title": "ss: listening ports that came or went",
    "noun": "port",
    "signal": "change",
    "by_hand": "sudo ss -lntup",
}
RAID: dict[str, Any] = {
    "name": "raid",
    "title": "cat /proc/mdstat",
    "filter": "_]",
}
VAR = "/var: at least 90% of the space used (now 92%)\n"
HOME = "/home: no space left\n"
SSHD = "tcp 0.0.0.0:22 sshd\n"
# a name, what it shows, the checker, and what its tool says in each run: the last run's mail counts
Run = tuple[str, int]
MAILS: list[tuple[str, str, dict[str, Any], list[Run]]] = [
    ("new", "Something is wrong.", DISKS, [(VAR, 0)]),
    (
        "changed",
        "One more is wrong, one is settled, one stays.",
        DISKS,
        [("/srv: no space left\n" + VAR, 0), (VAR + HOME, 0)],
    ),
    ("still", "It stays wrong: said again on every Nth run.", DISKS, [(VAR, 0), (VAR, 0)]),
    ("cleared", "All is well again.", DISKS, [(VAR, 0), ("", 0)]),
    (
        "gone",
        "What was wrong cannot be looked at any more.",
        SMART,
        [("/dev/sda: FAILING, says the disk itself\n", 0), ("!gone", 0)],
    ),
    (
        "failed",
        "The tool failed.",
        RAID,
        [("cat: /proc/mdstat: No such file or directory\n", 1)],
    ),
    (
        "unknown",
        "The tool says what no rule knows.",
        SMART,
        [("?fatal: cannot talk to the kernel\n", 0)],
    ),
    (
        "doubtful",
        "The filter passes over what looks like a failure of the tool.",
        RAID,
        [("fatal: cannot talk to the kernel\n", 0)],
    ),
    (
        "once",
        "What the tool tells only once, whole.",
        LOGS,
        [("Nov 24 11:00:00 box foo[12]: something odd\n", 0)],
    ),
    ("first-look", "What a checker of changes starts from.", PORTS, [(SSHD, 0)]),
    (
        "came",
        "Something is there that was not.",
        PORTS,
        [(SSHD, 0), (SSHD + "tcp 0.0.0.0:8000 python3\n", 0)],
    ),
    (
        "known",
        "Somebody knows of one of them: rotation checker ack disk-space /var --until friday",
        DISKS,
        [(VAR, 0), ("!ack", 0), (VAR + HOME, 0)],
    ),
    (
        "known-until-now",
        "The date is past, and it is still wrong.",
        DISKS,
        [(VAR, 0), ("!ack", 0), (VAR, 0), ("!past", 0), (VAR, 0)],
    ),
    (
        "escalated",
        "Nobody has settled it: to the backup too.",
        DISKS | {"escalate": 2, "escalate_to": "backup-duty", "every": 0},
        [(VAR, 0), (VAR, 0)],
    ),
    ("still-fails", "It fails as before.", RAID | {"every": 1}, [("", 2), ("", 2)]),
    ("works-again", "The checker works again.", RAID, [("", 2), ("", 0)]),
    (
        "alive",
        "For a dead-man's switch that reads mail.",
        DISKS | {"heartbeat_to": "switch@example.com"},
        [("", 0)],
    ),
    ("heartbeat", "A sign of life.", DISKS | {"heartbeat": 1}, [("", 0)]),
    (
        "digest",
        "A digest, which comes always.",
        {"name": "logwatch", "title": "Logwatch: a digest of the logs", "digest": True},
        [("Failed logins from:\n   192.0.2.7: 2 times\n", 0)],
    ),
]
MAILS += [
    (
        "worse",
        "The same is worse, which settles nothing.",
        SMART,
        [("/dev/sdb: an attribute is at its limit now\n", 0), ("/dev/sdb: FAILING\n", 0)],
    ),
    ("went", "Something is not there that was.", PORTS, [(SSHD + "udp :123 ntpd\n", 0), (SSHD, 0)]),
    (
        "not-whole",
        "The tool found something and failed; what it did not tell proves nothing.",
        DISKS,
        [(VAR + HOME, 0), (HOME + "/srv: no space left\n", 1)],
    ),
    (
        "no-longer-said",
        "The checker was given another command or other values.",
        DISKS,
        [(VAR, 0), ("!other", 0), ("", 0)],
    ),
    ("no-memory", "The state folder cannot be used.", DISKS, [("!link", 0), (VAR, 0)]),
    ("stuck", "A run hangs, and no other can begin.", DISKS, [("!stuck", 0)]),
    ("nowhere", "Nothing can be written.", DISKS, [("!full", 0)]),
]
SHOWN = (
    *("new", "changed", "still", "cleared", "gone"),
    *("failed", "unknown", "once", "came", "known"),
)


def tool_of(folder: Path) -> str:
    """Lines that begin with ? are unknown; /dev/sda was looked at unless it is gone."""
    return (
        f'cd "{folder}"\n[ -e gone ] || echo /dev/sda >>"$seen"\necho /dev/sdb >>"$seen"\n'
        f"sed -n 's/^?//p' out >>\"$unknown\"\ngrep -v '^?' out\n"
        f'exit "$(cat status)"'
    )


def mail_of(name: str, folder: Path, words: list[str]) -> str:
    """The mail, with what differs from run to run and host to host made alike."""
    _, _, more, runs = next(row for row in MAILS if row[0] == name)
    more = {"every": 1, **more}
    if more["name"] == "smartctl":
        more["run"] = tool_of(folder)
    host = Scratch(folder, words, **more)
    mails = []
    for out, status in runs:
        match out:
            case "!ack":
                friday = int(time.time()) + 999_999
                (host.state / "acks").write_text(f"{friday}\tFri 2026-11-27 00:00\tmatch\t^/var\n")
                continue
            case "!past":
                (host.state / "acks").write_text("1\tFri 2026-11-27 00:00\tmatch\t^/var\n")
                continue
            case "!other":
                host.preset = replace(host.preset, run=f"{host.preset.run}\n")
                host.write()
                continue
            case "!link":
                host.state.parent.mkdir(parents=True)
                host.state.symlink_to(folder)
                continue
            case "!stuck":
                mails = stuck(host)
                continue
            case "!full":
                mails = full(host)
                continue
            case "!gone":
                (folder / "gone").touch()
                out = ""
            case _:
                pass
        mails = host.step(out, status)
    (mail,) = mails
    text = made_alike(mail.raw.decode())
    # the command is a stand-in that is of no interest
    text = re.sub(r"(?s)(\nCommand[^\n]*:\n).*?(By hand:\n)", r"\1    ...\n\2", text)
    text = re.sub(r"(?s)(By hand:\n)    cd .*?(    /)", r"\1\2", text)
    text = re.sub(rf"(?s)By hand:\n    cat \"{folder}.*?\n    exit[^\n]*\n", "By hand:\n", text)
    text = text.replace(str(host.state), f"/var/lib/rotation/checkers/{more['name']}")
    return text.replace(str(host.script), f"/etc/cron.daily/rotation-{more['name']}")


def stuck(host: Scratch) -> list[Mail]:
    """What is mailed where a run has been at work for two days."""
    _locked(host, _identity(os.getpid()))
    long_ago = time.time() - 2 * 86400
    os.utime(host.state / "lock", (long_ago, long_ago))
    assert host.run().returncode == 0
    return host.mails()


def full(host: Scratch) -> list[Mail]:
    """What is mailed where there is no room for the state, none in /run, and no folder for more."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("a full disk needs root, and mounts of its own")
    (host.folder / "state").mkdir()
    script = f"""
        mount -t tmpfs -o size=64k,mode=700 none "{host.folder}/state" || exit
        mkdir -p -m 700 "{host.state.parent}" "{host.state}"
        cat /dev/zero >"{host.folder}/state/fill" 2>/dev/null
        mount --bind /run /run
        mount -o remount,ro,bind /run || exit
        TMPDIR=/nonexistent {shlex.join([*host.shell, str(host.script)])}
    """
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done
    return host.mails()


def made_alike(text: str) -> str:
    """A mail with the same host and dates wherever and whenever it was made."""
    text = re.sub(r"^Date: .*$", "Date: Tue, 24 Nov 2026 06:47:00 +0000", text, flags=re.M)
    text = re.sub(r"^Subject: \[[^]]*\]", "Subject: [box.example.com]", text, flags=re.M)
    text = re.sub(r"\(since [0-9-]+ [0-9:]+", "(since 2026-11-24 06:25", text)
    return re.sub(r"Its last mail: [^.]*\.", "Its last mail: none.", text)


@pytest.mark.parametrize("which", SHELLS)
@pytest.mark.parametrize("name", [row[0] for row in MAILS])
def test_the_mail(name: str, which: str, tmp_path: Path) -> None:
    golden = FOLDER / f"{name}.txt"
    text = mail_of(name, tmp_path, shell(which))
    if WRITE and which == "dash":
        golden.write_text(text)
    assert text == golden.read_text()


def test_there_is_one_of_each_event() -> None:
    events = set(re.findall(r"\bevent=([a-z]+)", template())) - {"none"}
    golden = "".join(file.read_text() for file in FOLDER.glob("*.txt"))
    shown_events = set(re.findall(r"^X-Rotation-Checker: [a-z-]+; (.*)$", golden, re.M))
    assert shown_events == events | {"alive", "unit-failed"}
    assert {row[0] for row in MAILS} | {"unit-failed"} == {file.stem for file in FOLDER.glob("*")}


def shown(name: str) -> str:
    """A mail as the page has it: without the headers that nobody reads."""
    text = (FOLDER / f"{name}.txt").read_text()
    head, _, body = text.partition("\n\n")
    kept = [line for line in head.splitlines() if line.startswith(("To: ", "Subject: "))]
    what = next(row[1] for row in MAILS if row[0] == name)
    return f"## {what}\n\n```\n" + "\n".join(kept) + f"\n\n{body}```\n"


def test_the_page_shows_them() -> None:
    page = PAGE.read_text()
    head, _, rest = page.partition(BEGIN)
    mails = "\n".join(shown(name) for name in SHOWN)
    wanted = f"{head}{BEGIN}\n{mails}\n{END}{rest.partition(END)[2]}"
    if WRITE:
        PAGE.write_text(wanted)
    assert PAGE.read_text() == wanted
