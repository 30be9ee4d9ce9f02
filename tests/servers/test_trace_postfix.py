"""`rotation trace` against what Postfix really delivers, on generated chains."""

from __future__ import annotations

import json
import random
import re
import sys
from collections import defaultdict
from typing import Any

from . import chains
from .chains import End, Maker, World
from .conftest import NewRig
from .rigs import Postfix, wait

# Sends one message for each address on standard input, with its number as subject and in the
# sender's address, to which refusals go; says which were not taken.
SEND = """
import smtplib, sys
with smtplib.SMTP("127.0.0.1", 25) as server:
    for number, to in enumerate(sys.stdin.read().split()):
        text = f"Subject: c{number:05}\\n\\nx\\n"
        try:
            server.sendmail(f"s{number:05}@bounces.test", [to], text)
        except smtplib.SMTPRecipientsRefused as error:
            server.rset()
            print(number, error.recipients[to][0])
        except smtplib.SMTPResponseException as error:
            server.rset()
            print(number, error.smtp_code)
"""
MAIN = """\
virtual_alias_maps = hash:/etc/postfix/virtual
virtual_alias_domains = virt.test
canonical_maps = hash:/etc/postfix/canonical
transport_maps = hash:/etc/postfix/transport
virtual_mailbox_domains = boxes.test
virtual_mailbox_maps = hash:/etc/postfix/boxes
virtual_transport = discard:
recipient_delimiter = +
"""
SMTP_LIMITS = """\
local_recipient_maps =
soft_bounce = no
maximal_queue_lifetime = 1d
smtpd_soft_error_limit = 100000
smtpd_hard_error_limit = 100000
smtpd_error_sleep_time = 0
smtpd_client_message_rate_limit = 0
smtpd_junk_command_limit = 100000
default_process_limit = 40
"""


def _tables(rig: Postfix, world: World) -> list[str]:
    """Virtual, canonical and transport tables; the addresses that go through them."""
    dice = random.Random(11)
    virtual, canonical, asked = [], [], []
    for number in range(120):
        key = f"v{number:03}"
        full = f"{key}@{dice.choice(['virt.test', 'box.test', 'away.test'])}"
        asked.append(full)
        values = []
        for _ in range(dice.choice([1, 1, 2, 3])):
            near = max(0, number + dice.randint(-2, 2))
            values.append(
                dice.choice(
                    [
                        dice.choice(list(world.aliases)),
                        dice.choice(chains.USERS),
                        f"x{dice.randrange(60)}@example.com",
                        f"v{near:03}@virt.test",
                        f"v{near:03}@box.test",
                        "nosuch9",
                        f"{key}@box.test",
                    ]
                )
            )
        virtual.append(f"{full if dice.random() < 0.7 else key} {', '.join(values)}\n")
    for number in range(20):
        canonical.append(f"k{number:02}@box.test {dice.choice(chains.USERS)}@box.test\n")
        canonical.append(f"k{number:02}@k.test k{number + dice.choice([-1, 0, 1]):02}@box.test\n")
        asked += [f"k{number:02}", f"k{number:02}@k.test"]
    virtual.append("@all.test u01, x3@example.com\n")
    transport = "gone.test discard:\nerr.test error:no mail here\n"
    for name, text in (
        ("virtual", "virt.test anything\n" + "".join(virtual)), ("transport", transport),
        ("canonical", "".join(canonical)), ("boxes", "b1@boxes.test b1/\n"),
    ):  # fmt: skip
        rig.write(f"/etc/postfix/{name}", text)
        rig.must(rig.run(["postmap", f"hash:/etc/postfix/{name}"]))
    return [*asked, "any@all.test", "x@gone.test", "x@err.test", "b1@boxes.test",
            "v001+tag@virt.test", "nosuch@virt.test"]  # fmt: skip


def _idle(rig: Postfix) -> bool:
    script = "find /var/spool/postfix/maildrop /var/spool/postfix/incoming "
    script += "/var/spool/postfix/active -type f | head -1"
    return not rig.run(["sh", "-c", script]).out.strip()


def settled(rig: Postfix, timeout: float = 300) -> None:
    """Wait until all mail has been delivered or put off."""
    for _ in range(3):  # what is forwarded is in no queue for a moment
        wait(lambda: _idle(rig), "the queue to be empty", timeout)
        rig.run(["sleep", "0.3"])


def delivered(rig: Postfix, count: int) -> dict[int, set[End]]:
    """What became of each message: by mailboxes, files, commands, refusals and the queue."""
    found: dict[int, set[End]] = defaultdict(set)
    for box in rig.path("/var/mail").iterdir():
        bounced = re.fullmatch(r"s(\d{5})@bounces\.test", box.name)
        if bounced:
            found[int(bounced[1])].add(("bounce", ""))
            continue
        for subject in rig.mailbox(box.name):
            if re.fullmatch(r"c\d{5}", subject):
                kind = "remote" if "@" in box.name else "mailbox"
                found[int(subject[1:])].add((kind, box.name.lower()))
    for home in rig.path("/home").iterdir():
        boxes = [home / "mbox", *home.glob("Maildir/new/*")]
        texts = [box.read_text(errors="replace") for box in boxes if box.is_file()]
        for number in re.findall(r"^Subject: c(\d{5})", "\n".join(texts), re.MULTILINE):
            found[int(number)].add(("mailbox", home.name))
    for kind, folder in (("file", "/tmp/files"), ("pipe", "/tmp/pipes")):
        for file in rig.path(folder).iterdir():
            for number in re.findall(r"^Subject: c(\d{5})", file.read_text(), re.MULTILINE):
                whom = f"/tmp/files/{file.name}"
                whom = whom if kind == "file" else f"{chains.TAKE} {file.name.split('.')[0]}"
                found[int(number)].add((kind, whom))
    for line in rig.must(rig.run(["postqueue", "-j"])).out.splitlines():
        queued = json.loads(line)
        sender = re.fullmatch(r"s(\d{5})@bounces\.test", queued["sender"])
        if sender:
            found[int(sender[1])].add(("defer", ""))
        for recipient in queued["recipients"]:  # a refusal that is on its way
            refused = re.fullmatch(r"s(\d{5})@bounces\.test", recipient["address"])
            if refused:
                found[int(refused[1])].add(("bounce", ""))
    return {number: found[number] for number in range(count)}


def owned(step: Any, names: set[str]) -> bool:
    """Whether mail goes through an alias with an owner."""
    name = step["text"].partition("@")[0].partition("+")[0].lower()
    return name in names or any(owned(child, names) for child in step["children"])


def test_postfix_delivers_as_we_say(postfix: Postfix) -> None:
    world = Maker(6, chains.COUNT, plus=True, owners=True).make()
    main = postfix.read("/etc/postfix/main.cf").decode()
    postfix.stop()
    postfix.configure(main + MAIN + SMTP_LIMITS)
    asked = list(dict.fromkeys([*world.asked, *_tables(postfix, world)]))
    chains.write(postfix, world)
    postfix.start()
    traced = chains.trees(postfix, asked)
    ours = {a: chains.ends(tree) for a, tree in traced.items()}
    sent = postfix.run([sys.executable, "-I", "-S", "-c", SEND], "\n".join(asked), timeout=300)
    assert sent.status == 0, sent.err
    settled(postfix)
    theirs = dict(zip(asked, delivered(postfix, len(asked)).values(), strict=True))
    for line in sent.out.splitlines():
        number, code = map(int, line.split())
        theirs[asked[number]].add(("bounce" if code >= 500 else "defer", ""))
    for address in asked:
        ours[address].discard(("lost", ""))
        if owned(traced[address]["tree"], world.owned):  # others are told of refusals
            ours[address].discard(("bounce", ""))
            theirs[address].discard(("bounce", ""))
    differ = chains.differences(ours, theirs)
    assert not differ, f"{len(differ)} of {len(theirs)}:\n" + "\n".join(differ[:40])


def test_a_file_is_tried_once_whether_it_was_allowed_or_not(new_rig: NewRig) -> None:
    postfix = new_rig(Postfix)
    world = World(homes=dict.fromkeys(chains.USERS, 0o755))
    for name, lines in {"first": "both\n{}\n", "last": "{}\nboth\n"}.items():
        world.aliases[name] = [f":include:/etc/lists/{name}"]
        world.files[f"/etc/lists/{name}"] = (lines.format("/tmp/files/both"), 0o644, "root")
    world.aliases["both"] = ["/tmp/files/both"]
    main = postfix.read("/etc/postfix/main.cf").decode()
    postfix.stop()
    postfix.configure(main + SMTP_LIMITS)
    chains.write(postfix, world)
    postfix.start()
    asked = ["first", "last"]
    sent = postfix.run([sys.executable, "-I", "-S", "-c", SEND], "\n".join(asked), timeout=300)
    assert (sent.status, sent.out) == (0, "")
    settled(postfix)
    expected = [{("file", "/tmp/files/both")}, {("bounce", "")}]
    assert list(delivered(postfix, 2).values()) == expected
    assert [chains.ends(tree) for tree in chains.trees(postfix, asked).values()] == expected
