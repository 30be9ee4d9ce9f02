"""`rotation trace` under generated configurations of OpenSMTPD, held to what it delivers."""

from __future__ import annotations

import random

from . import chains
from .chains import Maker
from .deliveries import delivered, quiet, send, wrong
from .rigs import OpenSMTPD

ADDRESSES = 25
"""Mails for each configuration."""
ODD = (
    "-u01", "u01@[127.0.0.1]", "u02@box.test.", "box.test!u03", "u04%example.com@box.test",
    "u06@BOX.test", "u08@[192.0.2.9]", "u10@sub.box.test", "u14@box..test", ".u15@box.test",
    "postmaster", "u11+tag@box.test", "u12-tag@box.test", "root", "v1@virt.test", "v2@virt.test",
    "other@virt.test", "w1", "w2", "alice", "u13/x",
)  # fmt: skip
LOCAL = (
    'mbox alias <aliases>', "mbox alias <aliases>", "maildir alias <aliases>",
    'maildir "/tmp/all" alias <aliases>', 'mda "/bin/cat" alias <aliases>',
    'lmtp "/nowhere/socket" alias <aliases>', "expand-only alias <aliases>", "mbox",
    "forward-only alias <aliases>", "mbox alias <aliases> userbase <users>",
    "mbox alias <aliases> user alice", "mbox alias <aliases> ttl 1h",
    'mbox alias <aliases> wrapper "w"',
)  # fmt: skip
LINES = (
    "smtp sub-addr-delim -\n", 'mta max-deferred 100\n', "queue ttl 1d\n",
    'mine = "box.test"\n', "smtp max-message-size 10M\n",
)  # fmt: skip
MATCHES = (
    'match for domain "virt.test" action "virtual"\n', 'match for rcpt-to "u05@box.test" reject\n',
    'match from mail-from "nobody@x.test" for any reject\n', 'match tag NEVER for any reject\n',
    'match for domain regex "^sub[.]" action "local"\n', 'match helo "x.test" for any reject\n',
    'match ! from local for any reject\n', 'match for domain { "sub.box.test" } action "local"\n',
    'match for rcpt-to <some> action "relay"\n', 'match auth from any for any action "relay"\n',
    'match mail-from regex "bounces" for any action "relay"\n',
    'match for any action "relay"\n', 'match from src 10.0.0.0/8 for any reject\n',
)  # fmt: skip


def _configure(rig: OpenSMTPD, dice: random.Random) -> str:
    local = dice.choice(LOCAL)
    lines = "".join(dice.sample(LINES, dice.choice([0, 1])))
    matches = "".join(dice.sample(MATCHES, dice.choice([0, 1, 1, 2])))
    home = 'match for domain "box.test" action "local"\n'
    if "mine" in lines:
        home = 'match for domain $mine action "local"\n'
    rig.write("/etc/mail/virtuals", "v1: u01\nv2: x1@example.com\n@virt.test: u07\n")
    rig.write("/etc/mail/some", "u06@box.test\n")
    accounts = rig.read("/etc/passwd").decode().splitlines()
    rows = (line.split(":") for line in accounts)
    users = "".join(f"{r[0]} {r[2]}:{r[3]}:{r[5]}\n" for r in rows if r[0] in chains.USERS[:24])
    rig.write("/etc/mail/users", users)
    text = (
        f"{lines}table aliases file:{rig.aliases}\ntable virtuals file:/etc/mail/virtuals\n"
        "table some file:/etc/mail/some\ntable users file:/etc/mail/users\n"
        f'listen on localhost\naction "local" {local}\naction "virtual" mbox virtual <virtuals>\n'
        'action "relay" relay host smtp://192.0.2.25\n'
        f'{matches}{home}match for local action "local"\nmatch from local for any action "relay"\n'
    )
    rig.write("/etc/smtpd.conf", text)
    return f"{lines}{local}\n{matches}"


def _untried(rig: OpenSMTPD) -> list[str]:
    """The envelopes that were not tried yet, or are being tried; smtpctl(8) names the fields."""
    rows = rig.run(["smtpctl", "show", "queue"]).out.splitlines()
    fields = {row: row.split("|") for row in rows}
    return [row for row in rows if fields[row][10] == "0" or fields[row][11] != "pending"]


def test_nothing_unknown_is_called_duty(opensmtpd: OpenSMTPD) -> None:
    world = Maker(46, 60, plus=True).make()
    chains.write(opensmtpd, world)
    dice = random.Random(47 + 1000 * chains.SEED)
    counts: dict[str, int] = {}
    differ: list[str] = []
    for number in range(max(1, chains.COUNT // ADDRESSES)):
        if opensmtpd.running():
            opensmtpd.stop()
        said = _configure(opensmtpd, dice)
        if opensmtpd.run(["smtpd", "-n"]).status != 0:
            continue
        opensmtpd.must(opensmtpd.run(["smtpd"]))
        quiet(lambda: opensmtpd.listening(25))
        names = [*dice.sample(world.asked, ADDRESSES - 10), *dice.sample(ODD, 10)]
        traced = chains.trees(opensmtpd, names)
        start = number * ADDRESSES
        send(opensmtpd, ["/usr/sbin/sendmail", "-f", "SENDER", "--"], start, names)
        quiet(lambda: not _untried(opensmtpd))
        became = delivered(opensmtpd, start, names)
        opensmtpd.run(["smtpctl", "remove", "all"])
        differ += [f"{said!r}: {each}" for each in wrong(traced, became, counts)]
    print("seed", chains.SEED, counts)
    assert not differ, f"{len(differ)} of {sum(counts.values())}:\n" + "\n".join(differ[:25])
    assert counts["told"] > counts.get("unsure", 0) / 3, counts
