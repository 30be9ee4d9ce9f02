"""What became of the mail on hosts that only send: the lines that msmtp, dma and nullmailer really
write, and a hub that refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from .conftest import NewRig
from .rigs import wait
from .rigs.senders import CLIENTS, Client, Dma, Msmtp, Nullmailer
from .roster_in_rig import rotation
from .test_delivery import ROSTER

TARGET = """
[[target]]
{kind} = "{path}"
{more}
"""
ALICE, BOB = "alice@far.example", "bob@far.example"
LAST = {"msmtp": "exitcode=EX_OK", "dma": "delivery successful", "nullmailer": "Sent file."}
"""What each logs of a mail when the hub has it already."""
SPAM = "550 5.7.1 exitcode=EX_OK Sent file. <alice@far.example> delivery successful"
LATER = "451 4.7.1 come back later"
# Debian's unit gives what it says to syslog, as a mail facility
DAEMON = """
cd /var/spool/nullmailer
setpriv --reuid mail --regid mail --clear-groups nullmailer-send 2>&1 |
    logger -t nullmailer-send -p mail.info &
"""


def _at(hours: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def _refuse(rig: Client, **answers: str) -> None:
    lines = [f"{name}@far.example {answer}\n" for name, answer in answers.items()]
    rig.write("/run/refused", "".join(lines))


def _send(rig: Client, *to: str) -> None:
    """A mail to these, whatever the client says of it."""
    rig.run(["sendmail", "-i", "-f", "root@box.test", *to], "Subject: x\n\nx\n")


def _verify(rig: Client, hours: float = 0) -> tuple[int, str]:
    done = rotation(rig, _at(hours), "verify")
    assert "Traceback" not in done.err, done.err
    return done.status, done.err


def _start(rig: Client) -> None:
    rig.path("/root/.forward", follow=False).unlink(missing_ok=True)
    more = 'name = "root"'
    rig.write("/etc/aliases", "root: nobody@elsewhere.example\n")
    text = ROSTER + TARGET.format(kind="aliases", path="/etc/aliases", more=more)
    if isinstance(rig, Nullmailer):  # it has one rule for everybody
        text = ROSTER + TARGET.format(kind="run", path="", more="").replace(
            'run = ""', 'run = ["/bin/true"]'
        )
    rig.write("/etc/rotation/duty.toml", text)
    _refuse(rig)
    rotation(rig, _at(), "apply")


@pytest.fixture(params=["msmtp", "msmtp's own log", "dma", "nullmailer"])
def rig(request: pytest.FixtureRequest, new_rig: NewRig) -> Client:
    """Each of the three that tell, with a line of theirs in the log."""
    name, _, own = request.param.partition("'")
    client = new_rig(CLIENTS[name], started=False)
    assert isinstance(client, Client)
    _start(client)
    if isinstance(client, Nullmailer):
        client.must(client.run(["sh", "-euc", DAEMON]))
    else:
        client.start()
    if own:
        text = client.text.replace("syslog LOG_MAIL", "logfile /var/log/msmtp.log")
        client.write(client.config, text)
    _send(client, "carol@far.example")
    log = client.path("/var/log/msmtp.log" if own else "/var/log/mail.log")
    wait(lambda: log.exists() and LAST[name] in log.read_text(), "the first mail in the log")
    return client


def _said(rig: Client, words: str, hours: float = 0) -> str:
    """What `verify` says once the log has those words for it."""
    heard = []

    def told() -> bool:
        heard.append(_verify(rig, hours)[1])
        return words in heard[-1]

    wait(told, words)
    return heard[-1]


def test_a_bounce_is_told_once_and_is_over(rig: Client) -> None:
    status, said = _verify(rig)
    assert "is not known" not in said
    before = status
    _refuse(rig, bob=SPAM)
    _send(rig, BOB)
    said = _said(rig, f"error: mail for {BOB} (bob, on duty) bounces")
    assert "550 5.7.1" in said
    assert f"mail for {ALICE}" not in said
    status, said = _verify(rig)
    assert (status, f"mail for {BOB}" in said) == (1, False)  # said once
    _refuse(rig)
    _send(rig, BOB)
    rig.wait_for(BOB, "x")
    wait(lambda: _verify(rig, 0.1)[0] == before, "the trouble to be over")


def test_one_that_the_hub_takes_later(rig: Client) -> None:
    _verify(rig)
    _refuse(rig, alice=LATER)
    _send(rig, ALICE)
    if isinstance(rig, Msmtp):  # it keeps none: what is not taken now is lost
        assert "come back later" in _said(rig, f"mail for {ALICE} (alice, on duty) bounces")
        return
    wait(lambda: "come back later" in rig.log(1000), "the hub's answer in the log")
    assert f"mail for {ALICE}" not in _verify(rig)[1]  # not for an hour yet
    said = _said(rig, f"mail for {ALICE} (alice, on duty) is put off for more than an hour", 1.1)
    assert "come back later" in said


def test_one_recipient_refused(rig: Client) -> None:
    """msmtp and nullmailer drop the whole mail then; dma has one for each recipient."""
    _verify(rig)
    _refuse(rig, bob=SPAM)
    _send(rig, ALICE, BOB)
    said = _said(rig, f"error: mail for {BOB} (bob, on duty) bounces")
    assert (f"mail for {ALICE} (alice, on duty) bounces" in said) is not isinstance(rig, Dma)


def test_an_msmtp_without_a_log(new_rig: NewRig) -> None:
    rig = new_rig(Msmtp)
    _start(rig)
    rig.write(rig.config, rig.text.replace("syslog LOG_MAIL", "syslog off"))
    _, said = _verify(rig)
    assert "warning: what becomes of mail is not known: msmtp's log: it writes none" in said


def test_a_hub_that_is_not_there(new_rig: NewRig) -> None:
    rig = new_rig(Dma)
    _start(rig)
    text = rig.read(rig.config).decode()
    rig.write(rig.config, f"{text}PORT 26\n")
    _verify(rig)
    _send(rig, ALICE)
    wait(lambda: "Connection refused" in rig.log(1000), "the refusal in the log")
    assert "refused" in _said(rig, f"mail for {ALICE} (alice, on duty) is put off", 1.1)
