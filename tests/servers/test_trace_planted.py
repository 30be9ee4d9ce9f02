"""Settings that divert, refuse or hold mail, each planted on the real server: while one is there,
no end that it concerns is "duty"; without it, the same end is, and the mail arrives there.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from .rigs import Exim, OpenSMTPD, Postfix, Rig, Sendmail
from .rigs.postfix import MAIN
from .test_trace_satellites import _traced
from .worlds import DUTY

ALIASES = f"""\
postmaster: root
all-system-notifications: {DUTY}
here: alice
some: {DUTY}, here
late: here, {DUTY}
"""
AWAY, HERE = "root", "here"
"""One whose mail ends elsewhere, by root's .forward and an alias; one whose mail ends here."""


@dataclass(frozen=True)
class Plant:
    """A setting, and the addresses whose mail it takes away from whoever is on duty."""

    text: str
    concerns: tuple[str, ...] = (AWAY, HERE)
    where: str = ""


def _duty(rig: Rig, address: str) -> set[str]:
    """Who gets mail for an address and is on duty, as trace says."""
    (ends,) = _traced(rig, [address])
    return {end["who"] for end in ends if end["verdict"] == "duty"}


def _stock(rig: Rig) -> None:
    """Without a plant, mail arrives where trace says."""
    for address, to in ((AWAY, DUTY), (HERE, "alice")):
        assert _duty(rig, address) == {to}
        rig.must(rig.send(address, f"stock {address}"))
        rig.wait_for(to, f"stock {address}")


def _aliases(rig: Rig) -> None:
    rig.write(rig.aliases, ALIASES)
    rig.must(rig.rebuild())


POSTFIX = {
    "few hops": Plant("hopcount_limit = 2"),
    "small mail": Plant("message_size_limit = 100"),
    "small mailboxes": Plant("mailbox_size_limit = 100\nmessage_size_limit = 100"),
    "few rounds": Plant("virtual_alias_recursion_limit = 1"),
    "few members": Plant("virtual_alias_expansion_limit = 1"),
    "who submits": Plant("authorized_submit_users = !root, static:all"),
    "whose sender": Plant("local_login_sender_maps = inline:{root=nobody}"),
    "parents": Plant(
        "parent_domain_matches_subdomains = transport_maps\n"
        "transport_maps = inline:{test=discard:}"
    ),
    "a parent to relay for": Plant("relay_domains = test\nrelay_transport = discard:", (AWAY,)),
    "no base": Plant(
        "virtual_mailbox_domains = people.test\nvirtual_mailbox_maps = static:x", (AWAY,)
    ),
    "no owner": Plant(
        "virtual_mailbox_domains = people.test\nvirtual_mailbox_maps = static:x\n"
        "virtual_mailbox_base = /var/mail",
        (AWAY,),
    ),
    "a table that is not served": Plant(
        "virtual_alias_maps = proxy:texthash:/etc/postfix/none\nproxy_read_maps ="
    ),
    "no 8-bit headers": Plant("strict_7bit_headers = yes"),
    "no 8-bit mail": Plant("strict_8bitmime = yes"),
    "forbidden characters": Plant("message_reject_characters = x"),
    "faults": Plant("fault_injection_code = 1"),
    "a chroot": Plant("local/unix/chroot=y", where="-F"),
    "hops of cleanup": Plant("cleanup/unix/hopcount_limit=1", where="-P"),
}  # fmt: skip


@pytest.fixture
def postfix(postfix: Postfix) -> Postfix:
    _aliases(postfix)
    return postfix


def _postfix(rig: Postfix, plant: Plant) -> None:
    main = f"{MAIN}alias_maps = hash:/etc/aliases\n"
    rig.configure(main if plant.where else f"{main}{plant.text}\n")
    if plant.where:
        rig.must(rig.run(["postconf", plant.where, plant.text]))


def test_postfix(postfix: Postfix) -> None:
    master = postfix.read("/etc/postfix/master.cf")
    _stock(postfix)
    for name, plant in POSTFIX.items():
        postfix.write("/etc/postfix/master.cf", master)
        _postfix(postfix, plant)
        assert not [a for a in plant.concerns if _duty(postfix, a)], name
    postfix.write("/etc/postfix/master.cf", master)


def test_postfix_keeps_all_that_it_queues_anew_while_one_is_put_off(postfix: Postfix) -> None:
    main = f"{MAIN}alias_maps = hash:/etc/aliases\n"
    postfix.stop()
    postfix.configure(f"{main}mailbox_transport_maps = inline:{{alice=retry:later}}\n")
    postfix.start()
    for address in ("some", "late"):
        assert not _duty(postfix, address)
        postfix.must(postfix.send(address, f"waits {address}"))
    postfix.must(postfix.send("root", "after them"))
    postfix.wait_for(DUTY, "after them")
    assert not {"waits some", "waits late"} & set(postfix.mailbox(DUTY))
    postfix.configure(main)
    postfix.must(postfix.run(["postfix", "reload"]))
    assert _duty(postfix, "some") == {DUTY, "alice"}
    postfix.must(postfix.run(["postqueue", "-f"]))
    postfix.wait_for(DUTY, "waits some")
    postfix.wait_for(DUTY, "waits late")


@pytest.mark.parametrize("box", ["Maildir/", "mbox"])
def test_a_home_that_cannot_be_written_is_a_bounce(postfix: Postfix, box: str) -> None:
    home = postfix.path("/home/alice")
    home.chmod(0o555)
    postfix.stop()
    postfix.configure(f"{MAIN}alias_maps = hash:/etc/aliases\nhome_mailbox = {box}\n")
    postfix.start()
    try:
        assert _duty(postfix, "some") == {DUTY}
        postfix.must(postfix.send("some", f"bounces {box}"))
        postfix.wait_for(DUTY, f"bounces {box}")
    finally:
        home.chmod(0o755)


def test_a_soft_bounce_of_one_keeps_the_rest(postfix: Postfix) -> None:
    postfix.write(postfix.aliases, f"{ALIASES}gone: nosuch, {DUTY}\n")
    postfix.must(postfix.rebuild())
    main = f"{MAIN}alias_maps = hash:/etc/aliases\n"
    assert _duty(postfix, "gone") == {DUTY}
    postfix.must(postfix.send("gone", "bounces for one"))
    postfix.wait_for(DUTY, "bounces for one")
    postfix.stop()
    postfix.configure(f"{main}soft_bounce = yes\n")
    postfix.start()
    assert not _duty(postfix, "gone")
    postfix.must(postfix.send("gone", "waits for one"))
    postfix.must(postfix.send("root", "after it"))
    postfix.wait_for(DUTY, "after it")
    assert "waits for one" not in postfix.mailbox(DUTY)


ROUTER = "x:\n  driver = redirect\n  data = bob@people.test\n  "
EXIM = {
    "small mail": Plant("message_size_limit = 100", where="main"),
    "few hops": Plant("received_headers_max = 0", where="main"),
    "users that get nothing": Plant("never_users = alice", (HERE,), "main"),
    "much space": Plant("check_spool_space = 9000000000K", where="main"),
    "events": Plant("event_action = ${if eq{$event_name}{msg:delivery}{x}{}}", where="main"),
    "a list that looks at the mail": Plant(
        "domainlist mine = ${if match{$h_subject:}{stock}{*}{nosuch}}", where="main"
    ),
    "an ACL that lets some in": Plant(
        "acl_not_smtp = some", where="main",
    ),
    "a first time": Plant(f"{ROUTER}condition = ${{if first_delivery}}\n", where="routers"),
    "the caller": Plant(
        f"{ROUTER}condition = ${{if eq{{$originator_uid}}{{0}}}}\n", where="routers"
    ),
    "files by the mail": Plant(
        f"{ROUTER}require_files = ${{if match{{$h_subject:}}{{stock}}{{/etc}}{{/nosuch}}}}\n",
        where="routers",
    ),
    "a route by the mail": Plant(
        "x:\n  driver = manualroute\n  domains = people.test\n  transport = remote_smtp_smarthost\n"
        "  route_list = * ${if match{$h_subject:}{stock}{127.0.0.1}{192.0.2.25}} byname\n",
        (AWAY,), "routers",
    ),
    "rewriting by the mail": Plant(
        '*@people.test "${if match{$h_subject:}{stock}{bob@people.test}{$0}}" T\n', (AWAY,),
        "rewrite",
    ),
    "a small transport": Plant(
        "remote_smtp_smarthost:\n  message_size_limit = 10\n", (AWAY,), "over"
    ),
    "a quota": Plant("mail_spool:\n  quota = 10\n", (HERE,), "over"),
    "somebody else's mailbox": Plant(
        "mail_spool:\n  file = /var/mail/${if eq{$local_part_data}{alice}{bob}{carol}}\n", (HERE,),
        "over",
    ),
}  # fmt: skip
TEXT = "what is longer than a hundred characters\n" * 5
ACLS = "some:\n  accept\n    condition = ${if match{$h_subject:}{nothing}}\n"


def _exim(stock: str, plant: Plant) -> str:
    match plant.where:
        case "main":
            return stock.replace("begin acl\n", f"{plant.text}\nbegin acl\n{ACLS}", 1)
        case "over":
            name, _, options = plant.text.partition("\n")
            option = options.split("=")[0]
            kept = [line for line in stock.split("\n") if not line.startswith(option)]
            return "\n".join(kept).replace(f"{name}\n", plant.text, 1)
        case section:
            begin = f"begin {section}\n"
            return stock.replace(begin, f"{begin}{plant.text}\n", 1)


def test_exim(exim: Exim) -> None:
    _aliases(exim)
    stock = exim.read("/var/lib/exim4/config.autogenerated").decode()
    _stock(exim)
    for name, plant in EXIM.items():
        exim.write("/etc/exim4/exim4.conf", _exim(stock, plant))
        exim.must(exim.run(["exim4", "-bV"]))
        assert not [a for a in plant.concerns if _duty(exim, a)], name
        to = {AWAY: DUTY, HERE: "alice"}
        if name not in ("events", "a list that looks at the mail"):  # a doubt by itself
            for address in plant.concerns:
                exim.run(["exim4", "-odi", "-i", address], f"Subject: stock {name}\n\n{TEXT}\n")
                assert f"stock {name}" not in exim.mailbox(to[address]), name
    exim.path("/etc/exim4/exim4.conf").unlink()


RULE = "LOCAL_CONFIG\nLOCAL_RULE_0\n"
SENDMAIL = {
    "small mail": Plant("define(`confMAX_MESSAGE_SIZE', `100')dnl"),
    "few hops": Plant("define(`confMAX_HOP', `1')dnl"),
    "short headers": Plant("define(`confMAX_HEADERS_LENGTH', `20')dnl"),
    "no rights": Plant("define(`confRUN_AS_USER', `smmta')dnl"),
    "not to me": Plant("define(`confME_TOO', `False')dnl"),
    "a group of queues": Plant(
        "QUEUE_GROUP(`slow', `P=/var/spool/mqueue, I=1d')dnl\nFEATURE(`queuegroup', `slow')dnl"
    ),
    "by the sender": Plant(
        "LOCAL_RULE_0\nR$*\t$: $&f $| $1\n"
        "Rroot@box.test $| $*\t$#esmtp $@ [192.0.2.25] $: carol@people.test\nR$* $| $*\t$: $2\n",
        where="end",
    ),
    "by the client": Plant(
        "LOCAL_RULE_0\nR$*\t$: $&{client_addr} $| $1\n"
        "R127.0.0.1 $| $*\t$#esmtp $@ [192.0.2.25] $: carol@people.test\nR$* $| $*\t$: $2\n",
        where="end",
    ),
    "the client's own name": Plant("define(`confDOMAIN_NAME', `hub.test')dnl", where="submit"),
    "the client's own rules": Plant(
        "LOCAL_RULE_3\nR$* here $*\tcarol@people.test\n", (HERE,), "submit end"
    ),
    "this host refused": Plant("From:root@box.test REJECT", where="access"),
    "its domain refused": Plant("From:box.test REJECT", where="access"),
    "its address refused": Plant("127.0.0.1 REJECT", where="access"),
    "its root refused": Plant("root@ REJECT", where="access"),
    "an access table elsewhere": Plant("Kaccess program /bin/true", where="cf"),
    "a small local mailer": Plant("M=10", (HERE,), where="cf"),
}
MAKE = """
cd /etc/mail
m4 sendmail.mc > sendmail.cf
m4 submit.mc > submit.cf
makemap hash access < access
"""


def _sendmail(rig: Sendmail, plant: Plant, main: str, submit: str) -> None:
    text = plant.text
    if plant.where == "":
        main = main.replace("MAILER_DEFINITIONS", f"{text}\nMAILER_DEFINITIONS", 1)
    elif plant.where == "end":
        main = f"{main}\n{text}"
    elif plant.where == "submit":
        submit = submit.replace("FEATURE(`msp'", f"{text}\nFEATURE(`msp'", 1)
    elif plant.where == "submit end":
        submit = f"{submit}\n{text}"
    rig.write("/etc/mail/sendmail.mc", main)
    rig.write("/etc/mail/submit.mc", submit)
    more = f"{text}\n" if plant.where == "access" else ""
    harmless = "GreetPause:localhost 0\nClientRate:127.0.0.1 0\nFrom:spam.test REJECT\n"
    rig.write("/etc/mail/access", f"Connect:127.0.0.1 RELAY\n{harmless}{more}")
    rig.must(rig.run(["sh", "-euc", MAKE]))
    cf = rig.read("/etc/mail/sendmail.cf").decode()
    if text.startswith("K"):
        rig.write("/etc/mail/sendmail.cf", cf.replace("\nKaccess", f"\n{text}\n#", 1))
    elif plant.where == "cf":
        rig.write("/etc/mail/sendmail.cf", cf.replace("\nMlocal,", f"\nMlocal,\t{text},", 1))


def test_sendmail(sendmail: Sendmail) -> None:
    _aliases(sendmail)
    main = sendmail.read("/etc/mail/sendmail.mc").decode()
    submit = sendmail.read("/etc/mail/submit.mc").decode()
    _sendmail(sendmail, Plant("", where="none"), main, submit)
    _stock(sendmail)
    for name, plant in SENDMAIL.items():
        _sendmail(sendmail, plant, main, submit)
        assert not [a for a in plant.concerns if _duty(sendmail, a)], name


OPENSMTPD = {
    "small mail": Plant("smtp max-message-size 1K\n"),
    "a filter": Plant(
        'filter "f" phase connect match !fcrdns disconnect "550 no"\nlisten on socket filter "f"\n'
    ),
    "a tag": Plant("listen on socket tag MINE\nmatch tag MINE for any reject\n"),
    "a sender": Plant('match mail-from "root@box.test" for any reject\n'),
}


def test_opensmtpd(opensmtpd: OpenSMTPD) -> None:
    _aliases(opensmtpd)
    stock = opensmtpd.read("/etc/smtpd.conf").decode()
    opensmtpd.stop()
    opensmtpd.start()
    _stock(opensmtpd)
    for name, plant in OPENSMTPD.items():
        first, match, rest = stock.partition("match ")
        opensmtpd.write("/etc/smtpd.conf", f"{first}{plant.text}{match}{rest}")
        opensmtpd.must(opensmtpd.run(["smtpd", "-n"]))
        assert not [a for a in plant.concerns if _duty(opensmtpd, a)], name
    opensmtpd.write("/etc/smtpd.conf", stock)
