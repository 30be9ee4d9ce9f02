"""`rotation trace` under generated configurations of Sendmail, held to what it delivers."""

from __future__ import annotations

import random

from . import chains
from .chains import Maker
from .deliveries import delivered, quiet, send, wrong
from .rigs import Sendmail

QUEUED = ["sh", "-c", "cd /var/spool; grep -L '^N[1-9]' mqueue*/[qt]f*"]
"""What waits for its first attempt: later ones are an hour away."""
ADDRESSES = 25
"""Mails for each configuration."""
ODD = (
    "-u01", "u01@[127.0.0.1]", "u02@box.test.", "box.test!u03", "u04%example.com@box.test",
    "u05@", "u06@BOX.test", "u07@@box.test", "u08@[192.0.2.9]", "u10@sub.box.test",
    "u14@box..test", ".u15@box.test", "postmaster", "a/b", "u11+tag@box.test", "root",
    "v1@virt.test", "v2@virt.test", "v3@virt.test", "other@virt.test", "v4@virt.test",
)  # fmt: skip
VIRTUSERS = (
    "v1@virt.test u01\nv2@virt.test x1@example.com\nv3@virt.test error:nouser gone\n"
    "v4@virt.test %1-list\n@virt.test %1@away.test\nu02@box.test x2@example.com\n"
)
# What is put before the mailer definitions, and what behind all.
FEATURES = (
    "define(`LOCAL_RELAY', `[192.0.2.25]')dnl\n",
    "define(`MAIL_HUB', `[192.0.2.25]')dnl\n",
    "define(`LUSER_RELAY', `[192.0.2.25]')dnl\n",
    "define(`LUSER_RELAY', `local:u05')dnl\n",
    "define(`LUSER_RELAY', `error:5.1.1:550 gone')dnl\n",
    "FEATURE(`virtusertable', `hash /etc/mail/virtusers')dnl\nVIRTUSER_DOMAIN(`virt.test')dnl\n",
    "FEATURE(`virtusertable', `hash /etc/mail/virtusers')dnl\n"
    "VIRTUSER_DOMAIN_FILE(`/etc/mail/virtdomains')dnl\n",
    "FEATURE(`preserve_local_plus_detail')dnl\n",
    "FEATURE(`preserve_luser_host')dnl\ndefine(`LUSER_RELAY', `[192.0.2.25]')dnl\n",
    "FEATURE(`mailertable', `hash /etc/mail/mailers')dnl\n",
    "LOCAL_USER(`u06 u07 root')dnl\ndefine(`LOCAL_RELAY', `[192.0.2.25]')dnl\n",
    "INPUT_MAIL_FILTER(`none', `S=inet:1@127.0.0.1, F=T')dnl\n",
    "FEATURE(`stickyhost')dnl\ndefine(`MAIL_HUB', `[192.0.2.25]')dnl\n",
    "define(`confFALLBACK_SMARTHOST', `[192.0.2.25]')dnl\n",
    "define(`confUSERDB_SPEC', `/etc/mail/userdb.db')dnl\n",
    "define(`confMAX_MESSAGE_SIZE', `5000000')dnl\n",
)
RULES = (
    "LOCAL_RULE_0\nRu08\t\t$#discard $: discard\n",
    "LOCAL_RULE_0\nRu09 $*\t\t$#relay $@ [192.0.2.25] $: x9@example.com\n",
    "LOCAL_RULESETS\nSLocal_check_rcpt\nR$*\t\t$#discard $: discard\n",
    "LOCAL_CONFIG\nHSubject: $>Mine\nLOCAL_RULESETS\nSMine\nR$*\t\t$#discard $: discard\n",
)


def _configure(rig: Sendmail, dice: random.Random, stock: str) -> str:
    features = "FEATURE(`accept_unresolvable_domains')dnl\n"
    features += "".join(dice.sample(FEATURES, dice.choice([0, 1, 1, 2])))
    rules = dice.choice(["", "", *RULES])
    text = stock.replace("MAILER_DEFINITIONS", f"{features}MAILER_DEFINITIONS", 1)
    rig.write("/etc/mail/world.mc", text + rules)
    access = dice.choice(["", "", "To:u03@box.test DISCARD\n", "From:bounces.test DISCARD\n"])
    rig.write("/etc/mail/access", f"Connect:127.0.0.1 RELAY\n{access}")
    rig.write("/etc/mail/virtusers", VIRTUSERS)
    rig.write("/etc/mail/virtdomains", "virt.test\n")
    rig.write("/etc/mail/mailers", "example.com local:u10\nsub.box.test error:nohost no\n")
    script = "cd /etc/mail && m4 world.mc > sendmail.cf && "
    script += "for m in access virtusers mailers; do makemap hash $m < $m; done"
    rig.must(rig.run(["sh", "-c", script]))
    return f"{features}{rules}{access}"


def test_nothing_unknown_is_called_duty(sendmail: Sendmail) -> None:
    world = Maker(36, 60, plus=True).make()
    chains.write(sendmail, world)
    stock = sendmail.read("/etc/mail/sendmail.mc").decode()
    plain = sendmail.read("/etc/mail/sendmail.cf")
    dice = random.Random(37 + 1000 * chains.SEED)
    counts: dict[str, int] = {}
    differ: list[str] = []
    for number in range(max(1, chains.COUNT // ADDRESSES)):
        sendmail.stop()
        said = _configure(sendmail, dice, stock)
        sendmail.start()
        names = [*dice.sample(world.asked, ADDRESSES - 10), *dice.sample(ODD, 10)]
        traced = chains.trees(sendmail, names)
        start = number * ADDRESSES
        send(sendmail, ["/usr/sbin/sendmail", "-i", "-f", "SENDER", "--"], start, names)
        quiet(lambda: not sendmail.run(QUEUED).out)
        became = delivered(sendmail, start, names)
        sendmail.run(["sh", "-c", "rm -f /var/spool/mqueue/* /var/spool/mqueue-client/*"])
        differ += [f"{said!r}: {each}" for each in wrong(traced, became, counts)]
    sendmail.write("/etc/mail/sendmail.cf", plain)
    print("seed", chains.SEED, counts)
    assert not differ, f"{len(differ)} of {sum(counts.values())}:\n" + "\n".join(differ[:25])
    assert counts["told"] > counts.get("unsure", 0) / 3, counts
