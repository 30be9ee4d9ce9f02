"""What became of the mail: the logs that the real servers write, and a server that refuses."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, RIGS, OpenSMTPD, Postfix, Rig, wait
from .roster_in_rig import rotation

ROSTER = """\
timezone = "Etc/UTC"

[people]
alice = "alice@far.example"
bob   = "bob@far.example"
carol = "carol@far.example"

[[rotation]]
name   = "always"
people = [["alice", "bob"]]
every  = "1 week"
start  = 2020-01-06

[[rotation]]
name   = "second"
people = ["carol"]
every  = "1 week"
start  = 2020-01-06
role   = "backup"
"""
SPAM = "550 5.7.1 \x1b[31m SPF (status=sent) to=<alice@far.example>, dsn=2.0.0, stat=Sent"
UNKNOWN = {"postfix": "unknown user", "exim": "Unrouteable", "sendmail": "User unknown"}
LATER = "451 4.7.1 come back later"


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest, new_rig: NewRig) -> Rig:
    """Each of the four in turn, with an empty log and an empty queue."""
    return new_rig(RIGS[request.param])


@pytest.fixture
def postfix(new_rig: NewRig) -> Postfix:
    return new_rig(Postfix)


def _target(rig: Rig, more: str = "") -> str:
    return f'\n[[target]]\naliases = "{rig.aliases}"\nname = "{NOTIFICATIONS}"\n{more}\n'


def _at(hours: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def _start(rig: Rig, more: str = "", roster: str = ROSTER) -> None:
    rig.write("/etc/rotation/duty.toml", roster + _target(rig, more))
    _refuse(rig)
    done = rotation(rig, _at(), "apply")
    assert done.status == 0, done
    done = rotation(rig, _at(), "verify")
    assert (done.status, done.out, done.err) == (0, "", "")


def _refuse(rig: Rig, **answers: str) -> None:
    lines = [f"{name}@far.example {answer}\n" for name, answer in answers.items()]
    rig.write("/run/refused", "".join(lines))


def _send(rig: Rig, subject: str, *answers: str) -> None:
    """A mail to root, and what the log has to say of it in the end."""
    start = len(_log(rig))
    rig.must(rig.send("root", subject))
    for answer in answers:
        wait(lambda answer=answer: answer in _log(rig)[start:], f"{answer} in the log")  # type: ignore[misc]


def _log(rig: Rig) -> str:
    return rig.log(lines=10_000)


def _verify(rig: Rig, hours: float = 0, *more: str) -> tuple[int, str]:
    done = rotation(rig, _at(hours), "verify", *more)
    assert "Traceback" not in done.err, done.err
    return done.status, done.err


def test_a_bounce_and_a_long_wait_are_told_once_and_are_over(rig: Rig) -> None:
    _start(rig)
    _refuse(rig, alice=LATER, bob=SPAM)
    _send(rig, "first", "come back later", "5.7.1")
    status, said = _verify(rig)
    assert status == 1
    assert "error: mail for bob@far.example (bob, on duty) bounces" in said
    assert "SPF (status=sent) to=<alice@far.example>" in said  # what stands there means nothing
    assert "\x1b" not in said
    assert "mail for alice" not in said  # not for an hour yet
    assert _verify(rig) == (1, "")  # said once
    status, said = _verify(rig, 1.1)
    assert status == 1
    assert "error: mail for alice@far.example (alice, on duty) is put off for more than" in said
    assert "come back later" in said
    assert "bob" not in said
    _refuse(rig)
    rig.must(rig.send("root", "second"))
    rig.wait_for("alice@far.example", "second")
    rig.wait_for("bob@far.example", "second")
    wait(lambda: _verify(rig, 1.2)[0] == 0, "the troubles to be over")
    assert rotation(rig, _at(1.3), "verify").status == 0


def test_the_alarm_is_one_of_its_own(rig: Rig) -> None:
    _start(rig)
    _refuse(rig, bob=SPAM)
    _send(rig, "x", "5.7.1")
    away = "oncall@elsewhere.example"
    for hours in (0, 0.1):
        assert rotation(rig, _at(hours), "verify", "--alarm", away).status == 1
    wait(lambda: bool(rig.mailbox(away)), "the alarm")
    _refuse(rig)
    rig.must(rig.send("root", "y"))
    rig.wait_for("bob@far.example", "y")
    wait(lambda: _verify(rig, 0.2, "--alarm", away)[0] == 0, "mail to arrive again")
    wait(lambda: len(rig.mailbox(away)) == 2, "the news")
    first, second = rig.mailbox(away)
    assert "does not reach whoever is on duty" in first
    assert "arrives again" in second


@pytest.mark.parametrize("pack", [False, True])
def test_a_log_that_was_rotated_is_read_on(postfix: Postfix, pack: bool) -> None:
    _start(postfix)
    _refuse(postfix, bob=SPAM)
    _send(postfix, "x", "5.7.1")
    log = postfix.path("/var/log/mail.log")
    old = log.with_name("mail.log.1.gz" if pack else "mail.log.1")
    old.write_bytes(gzip.compress(log.read_bytes()) if pack else log.read_bytes())
    log.write_bytes(b"")
    _send(postfix, "nothing", "removed")
    try:
        status, said = _verify(postfix)
    finally:
        old.unlink()
    assert status == 1
    assert "bob@far.example (bob, on duty) bounces" in said
    assert "replaced" not in said


def test_a_log_that_is_gone_is_told(postfix: Postfix) -> None:
    _start(postfix)
    log = postfix.path("/var/log/mail.log")
    log.write_bytes(b"something else\n" * 100)
    status, said = _verify(postfix)
    assert status == 0
    assert "postfix's log: a part is missing: what it held before it was replaced" in said
    assert "warning: what becomes of mail is not known" in said
    main = postfix.read("/etc/postfix/main.cf").decode()
    postfix.configure(f"{main}maillog_file = /var/log/nowhere.log\n")
    status, said = _verify(postfix)
    postfix.configure(main)
    assert status in (0, 1)  # the configuration is a part of the chain
    assert "warning: what becomes of mail is not known" in said
    assert "/var/log/nowhere.log" in said


JOURNALD = """
mount -t tmpfs rig /sys
mkdir -p /sys/fs/cgroup /run/systemd/journal
mount -t cgroup2 rig /sys/fs/cgroup
rm -rf /dev/log /var/log/mail.log /var/log/mail /var/log/journal/*
echo 0123456789abcdef0123456789abcdef > /etc/machine-id
setsid /lib/systemd/systemd-journald > /tmp/journald 2>&1 &
"""


def _journal(new_rig: NewRig) -> Rig:
    """A host that has a journal and no log, whose server does not run yet."""
    rig = new_rig(Postfix, started=False)
    if not rig.exists("/lib/systemd/systemd-journald"):
        pytest.skip("no journald on this host")
    if rig.run(["sh", "-euc", JOURNALD]).status != 0:
        pytest.skip("no journald can be had in a namespace here")
    wait(lambda: rig.exists("/run/systemd/journal/dev-log"), "journald to start")
    rig.path("/dev").joinpath("log").symlink_to("/run/systemd/journal/dev-log")
    return rig


def test_a_journal_that_has_nothing_of_mail(new_rig: NewRig) -> None:
    rig = _journal(new_rig)
    rig.must(rig.run(["logger", "-p", "user.info", "nothing of mail"]))
    rig.write("/etc/rotation/duty.toml", ROSTER + _target(rig))
    status, said = _verify(rig)  # nothing was applied yet
    assert status == 1
    assert "is not known" not in said


def test_a_host_that_has_a_journal_and_no_log(new_rig: NewRig) -> None:
    rig = _journal(new_rig)
    rig.start()
    _start(rig)
    _refuse(rig, bob=SPAM)
    rig.must(rig.send("root", "x"))
    rig.wait_for("alice@far.example", "x")

    def told() -> bool:
        status, said = _verify(rig)
        return status == 1 and "bob@far.example (bob, on duty) bounces" in said

    wait(told, "the bounce in the journal")


def test_what_somebody_took_out_of_the_queue_is_no_trouble(postfix: Postfix) -> None:
    _start(postfix)
    _refuse(postfix, alice=LATER)
    _send(postfix, "x", "come back later")
    assert _verify(postfix) == (0, "")
    postfix.must(postfix.run(["postsuper", "-d", "ALL"]))
    assert _verify(postfix, 2) == (0, "")


def test_mail_for_a_local_user(rig: Rig) -> None:
    local = ROSTER.replace('"alice@far.example"', '"alice"').replace('"bob@far.example"', '"bob"')
    _start(rig, roster=local)
    rig.must(rig.send("root", "arrives"))
    rig.wait_for("bob", "arrives")
    assert _verify(rig) == (0, "")
    if isinstance(rig, OpenSMTPD):  # it refuses the whole mail where it does not know somebody
        return
    passwd = rig.read("/etc/passwd").decode()
    gone = "\n".join(line for line in passwd.splitlines() if not line.startswith("bob:"))
    rig.write("/etc/passwd", f"{gone}\n")
    try:
        _send(rig, "local", UNKNOWN[rig.name])
        status, said = _verify(rig)
    finally:
        rig.write("/etc/passwd", passwd)
    assert status == 1, (said, _log(rig))
    assert "mail for bob (bob, on duty) bounces" in said


def test_another_role_is_mailed_as_long_as_mail_bounces(rig: Rig) -> None:
    _start(rig, 'bounced = "backup"')
    people = ["alice@far.example", "bob@far.example"]
    assert rig.resolve(NOTIFICATIONS) == people
    _refuse(rig, bob=SPAM)
    _send(rig, "bounces", "5.7.1")
    assert _verify(rig)[0] == 1
    done = rotation(rig, _at(), "apply")
    assert done.status == 0
    assert f"{NOTIFICATIONS}: alice, bob -> alice, bob, carol" in done.out
    assert "warning: mail for bob@far.example does not arrive: as long as that lasts" in done.err
    assert "mails backup as well" in done.err
    assert rig.resolve(NOTIFICATIONS) == [*people, "carol@far.example"]
    assert rotation(rig, _at(), "apply").err == ""  # said once
    assert _verify(rig) == (1, "")  # and no wrong target, nor anybody strange at the end
    _send(rig, "is read", "5.7.1")
    rig.wait_for("carol@far.example", "is read")
    _refuse(rig)
    rig.must(rig.send("root", "arrives"))
    rig.wait_for("bob@far.example", "arrives")
    wait(lambda: _verify(rig)[0] == 0, "mail to arrive")
    done = rotation(rig, _at(), "apply")
    assert f"{NOTIFICATIONS}: alice, bob, carol -> alice, bob" in done.out
    assert "note: over: mail for bob@far.example does not arrive" in done.err
    assert rig.resolve(NOTIFICATIONS) == people
    assert _verify(rig) == (0, "")
