"""`doctor --dns`: what other providers see, asked of a real name server in the rig."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, Exim, OpenSMTPD, Postfix, Rig, wait
from .rigs.senders import CLIENTS
from .roster_in_rig import MONDAY, rotation, target

NAMES = Path(__file__).parent / "rigs" / "names.py"
ZONE = "/run/zone"
ROSTER = """\
timezone = "Etc/UTC"
fallback = ["boss@null.example"]

[people]
alice = "alice@good.example"
bob   = "bob@plain.example"
carol = "carol@gone.example"
dan   = "dan@broken.example"
erin  = "erin@empty.example"
fred  = "fred@loop.example"

[[rotation]]
name   = "weekly"
people = ["alice", "bob", "carol", "dan", "erin", "fred"]
every  = "1 week"
start  = 2026-11-23
"""
RECIPIENTS = """\
good.example MX 10 mx.good.example.
mx.good.example A 192.0.2.9
plain.example A 192.0.2.10
null.example MX 0 .
broken.example SERVFAIL
empty.example TXT "hello"
loop.example MX 10 lo.loop.example.
loop.example MX 20 mx.gone.example.
lo.loop.example A 127.0.0.1
"""
HUB = """\
hub.example MX 10 hub.example.
hub.example A 192.0.2.25
"""


def _start(rig: Rig, roster: str = ROSTER, more: str = "", name: str = "hub.example") -> None:
    rig.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    rig.write(ZONE, "")
    rig.write("/etc/mailname", f"{name}\n")
    if isinstance(rig, Postfix):
        main = rig.read("/etc/postfix/main.cf").decode()
        main = main.replace("relayhost = [192.0.2.25]", "relayhost =")
        main = main.replace("mydestination = box.test", f"mydestination = {name}, box.test")
        rig.configure(main.replace("myhostname = box.test", f"myhostname = {name}"))
    rig.write("/etc/rotation/duty.toml", roster + target(rig, more))
    rig.must(rig.run(["sh", "-c", f"{sys.executable} {NAMES} {ZONE} > /tmp/names 2>&1 & :"]))
    wait(lambda: rig.exists("/tmp/names") and b"ready" in rig.read("/tmp/names"), "the names")


def _look(rig: Rig, zone: str) -> dict[str, str]:
    """What is said of the DNS: each sentence, with how bad it is."""
    rig.write(ZONE, zone)
    done = rotation(rig, MONDAY, "doctor", "--dns", "--json")
    assert "Traceback" not in done.err, done.err
    said: list[Any] = [entry for entry in json.loads(done.out) if entry["about"] == "dns"]
    assert all(entry["fix"] for entry in said if entry["severity"] != "ok")
    return {entry["what"]: entry["severity"] for entry in said} | {
        entry["fix"]: "fix" for entry in said if entry["fix"]
    }


def _has(said: dict[str, str], severity: str, words: str) -> bool:
    return any(words in what for what, how in said.items() if how == severity)


def test_whether_the_domains_of_people_take_mail(new_rig: NewRig) -> None:
    rig = new_rig(Postfix, started=False)
    _start(rig)
    said = _look(rig, RECIPIENTS + HUB)
    assert _has(said, "ok", "good.example takes mail")
    assert _has(said, "ok", "plain.example takes mail (it has no MX, but an address)")
    assert _has(said, "error", "null.example takes no mail: its MX record says so")
    assert _has(said, "error", "gone.example does not exist: mail for it bounces")
    assert _has(said, "error", "empty.example has neither MX nor address: mail for it bounces")
    assert _has(said, "error", "loop.example takes no mail: its MX leads nowhere: lo.loop.example")
    assert _has(said, "warning", "whether broken.example takes mail cannot be told: the servers")


SPF = {
    "none": ("", "warning", "hub.example has no SPF and signs nothing with DKIM"),
    "all": ('hub.example TXT "v=spf1 -all"', "warning", "of hub.example forbids it: 192.0.2.25"),
    "soft": ('hub.example TXT "v=spf1 ~all"', "warning", "advises against it: 192.0.2.25"),
    "nothing": ('hub.example TXT "v=spf1"', "warning", "says nothing of it: 192.0.2.25"),
    "mx": ('hub.example TXT "v=spf1 mx -all"', "ok", "the SPF of hub.example lets 192.0.2.25 send"),
    "a": ('hub.example TXT "v=spf1 a/32 -all"', "ok", "lets 192.0.2.25 send"),
    "net": ('hub.example TXT "v=spf1 ip4:192.0.2.0/24 -all"', "ok", "lets 192.0.2.25 send"),
    "six": ('hub.example TXT "v=spf1 ip6:2001:db8::/32 -all"', "warning", "forbids it: 192.0.2.25"),
    "include": (
        'hub.example TXT "v=spf1 include:spf.good.example -all"\n'
        'spf.good.example TXT "v=spf1 ip4:192.0.2.25 -all"',
        "ok", "lets 192.0.2.25 send",
    ),
    "include of nothing": (
        'hub.example TXT "v=spf1 include:spf.gone.example -all"', "warning", "that is wrong",
    ),
    "redirect": (
        'hub.example TXT "v=spf1 redirect=spf.good.example"\n'
        'spf.good.example TXT "v=spf1 ip4:192.0.2.25 -all"',
        "ok", "lets 192.0.2.25 send",
    ),
    "a circle": ('hub.example TXT "v=spf1 redirect=hub.example"', "warning", "that is wrong"),
    "two": (
        'hub.example TXT "v=spf1 mx -all"\nhub.example TXT "v=spf1 a -all"',
        "warning", "several SPF records",
    ),
    "split": ('hub.example TXT "v=spf1 ip4:192." "0.2.25 -all"', "ok", "lets 192.0.2.25 send"),
    "a macro": (
        'hub.example TXT "v=spf1 exists:%{i}.good.example -all"', "warning", "cannot be told",
    ),
    "an include that fails": (
        'hub.example TXT "v=spf1 include:broken.example -all"', "warning", "cannot be told",
    ),
    "another record": ('hub.example TXT "v=spf10 mx"', "warning", "hub.example has no SPF"),
    "long": (
        "\n".join(f'hub.example TXT "{"x" * 200}{n}"' for n in range(9))
        + '\nhub.example TXT "v=spf1 mx -all"',
        "ok", "lets 192.0.2.25 send",
    ),
}  # fmt: skip


def test_whether_the_hub_may_send_as_its_domain(new_rig: NewRig) -> None:
    rig = new_rig(Postfix, started=False)
    _start(rig)
    for name, (records, severity, words) in SPF.items():
        said = _look(rig, f"{RECIPIENTS}{HUB}{records}\n")
        assert _has(said, severity, words), (name, said)
        good = _has(said, "ok", "the SPF of hub.example lets")
        assert good == (severity == "ok"), (name, said)
    said = _look(rig, f"{RECIPIENTS}{HUB}")
    assert _has(said, "fix", 'publish: hub.example. TXT "v=spf1 ip4:192.0.2.25 -all"')


def test_a_domain_that_is_nobodys_and_one_that_does_not_exist(new_rig: NewRig) -> None:
    rig = new_rig(Postfix, started=False)
    _start(rig, name="hub.internal")
    said = _look(rig, RECIPIENTS)
    assert _has(said, "warning", "mail from here is root@hub.internal, which is nobody's domain")
    assert _has(said, "fix", "postconf -e myorigin=example.com")
    rig.write("/etc/mailname", "hub.example\n")
    said = _look(rig, RECIPIENTS)
    assert _has(said, "warning", "root@hub.example, which has neither MX nor address")
    said = _look(rig, f"{RECIPIENTS}hub.example SERVFAIL\n")
    assert _has(
        said, "warning", "whether hub.example, which mail from here comes from, exists cannot"
    )
    assert not _has(said, "ok", "hub.example")


KEY = "hub._domainkey.hub.example"


def test_whether_the_key_of_its_signatures_is_published(new_rig: NewRig) -> None:
    rig = new_rig(Postfix, started=False)
    _start(rig)
    said = _look(rig, RECIPIENTS + HUB)
    assert _has(said, "note", "nothing here signs mail with DKIM")
    assert _has(said, "fix", "opendkim-genkey")
    main = rig.read("/etc/postfix/main.cf").decode()
    rig.configure(f"{main}non_smtpd_milters = inet:127.0.0.1:8891\n")
    said = _look(rig, RECIPIENTS + HUB)
    assert _has(
        said, "note", "whether mail is signed here with a DKIM key that is published is not"
    )
    rig.write("/etc/opendkim.conf", "Domain hub.example\nSelector hub\n")
    said = _look(rig, RECIPIENTS + HUB)
    assert _has(said, "warning", f"a DKIM key that is not published: {KEY}")
    said = _look(rig, f'{RECIPIENTS}{HUB}{KEY} TXT "v=DKIM1; k=rsa; p="\n')  # a key taken back
    assert _has(said, "warning", f"a DKIM key that is not published: {KEY}")
    said = _look(rig, f'{RECIPIENTS}{HUB}{KEY} TXT "v=DKIM1; k=rsa; p=MIIBIjAN"\n')
    assert _has(said, "ok", f"the DKIM key {KEY} is published")
    said = _look(rig, f"{RECIPIENTS}{HUB}{KEY} SERVFAIL\n")
    assert _has(said, "warning", f"whether the DKIM key {KEY} is published cannot be told")


WEB = """\
web.example A 192.0.2.80
web.example TXT "v=spf1 a -all"
"""


def test_passing_on_breaks_the_spf_of_other_hosts(new_rig: NewRig) -> None:
    """web.example mails through the hub, as the hub's own log tells."""
    rig = new_rig(Postfix)
    _start(rig)
    main = rig.read("/etc/postfix/main.cf").decode()
    rig.configure(main.replace("relayhost =", "relayhost = [192.0.2.25]"))
    rig.must(rig.run(["postfix", "reload"]))
    assert rotation(rig, MONDAY, "apply").status == 0
    rig.must(rig.send("root", "x", sender="root@web.example"))
    rig.wait_for("alice@good.example", "x")
    rotation(rig, datetime.now(UTC).isoformat(), "verify")  # the log is of today
    rig.configure(main)
    zone = RECIPIENTS + HUB + WEB
    said = _look(rig, zone)
    words = "mail of root@web.example is passed on as it is, and the SPF of web.example does not"
    assert _has(said, "warning", words), said
    assert _has(said, "fix", 'owner = "postmaster@hub.example" in that target')
    assert _has(said, "fix", "postsrsd")
    assert not _has(said, "warning", "DMARC")
    said = _look(rig, f'{zone}_dmarc.web.example TXT "v=DMARC1; p=reject"\n')
    assert _has(said, "warning", "the DMARC policy of web.example is reject")
    said = _look(rig, f"{zone}_dmarc.web.example SERVFAIL\n")
    assert _has(said, "warning", "whether web.example has a DMARC policy cannot be told")
    said = _look(rig, zone.replace('"v=spf1 a -all"', '"v=spf1 a ip4:192.0.2.25 -all"'))
    assert not _has(said, "warning", "is passed on as it is")
    rig.write("/etc/rotation/duty.toml", ROSTER + target(rig, 'owner = "postmaster@hub.example"'))
    said = _look(rig, zone)
    assert not _has(said, "warning", "is passed on as it is")


@pytest.mark.parametrize("kind", [Exim, OpenSMTPD])
def test_a_server_that_takes_no_notice_of_owners(new_rig: NewRig, kind: type[Rig]) -> None:
    rig = new_rig(kind, started=False)
    _start(rig, more='owner = "carol@good.example"')
    said = _look(rig, RECIPIENTS + HUB)
    assert _has(said, "warning", f"{rig.name} takes no notice of owner-{NOTIFICATIONS}")


def test_without_the_option_it_is_named_once(new_rig: NewRig) -> None:
    rig = new_rig(Postfix, started=False)
    rig.write("/etc/rotation/duty.toml", ROSTER + target(rig))
    done = rotation(rig, MONDAY, "doctor")
    assert done.out.count("rotation doctor --dns") == 1
    assert "SPF" not in done.out


def test_no_name_server_is_unknown_and_never_well(new_rig: NewRig) -> None:
    rig = new_rig(Postfix, started=False)
    one = ROSTER.replace('"bob", "carol", "dan", "erin", "fred"', "").replace(
        "boss@null", "boss@good"
    )
    rig.write(
        "/etc/rotation/duty.toml", one.split("bob ")[0] + one[one.index("\n[[rot") :] + target(rig)
    )
    for text in ("", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"):
        rig.write("/etc/resolv.conf", text)
        done = rotation(rig, MONDAY, "doctor", "--dns", "--json")
        said = [entry for entry in json.loads(done.out) if entry["about"] == "dns"]
        assert said
        assert not [entry for entry in said if entry["severity"] == "ok"], said
        assert done.status == 1


@pytest.mark.parametrize("name", ["msmtp", "dma", "esmtp", "ssmtp"])
def test_a_client_that_sends_a_from_without_a_domain(new_rig: NewRig, name: str) -> None:
    rig = new_rig(CLIENTS[name])
    text = "From: root (Cron Daemon)\nTo: root\nSubject: c\n\nx\n"
    rig.must(rig.run(["/usr/sbin/sendmail", "-i", "x@far.example"], text))
    rig.wait_for("x@far.example", "c")
    assert b"\nFrom: root (Cron Daemon)\n" in rig.read("/var/mail/x@far.example")
    rig.write("/etc/rotation/duty.toml", ROSTER)
    done = rotation(rig, MONDAY, "doctor", "--dns")
    assert f"warning: {name} sends `From: root (Cron Daemon)` on as it is" in done.out
    assert "MAILFROM=root@box.test" in done.out
