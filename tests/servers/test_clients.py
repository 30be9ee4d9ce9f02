"""Hosts that only send, in every command that looks at where mail goes."""

from __future__ import annotations

import json
import re

import pytest

from .conftest import NewRig
from .rigs import wait
from .rigs.senders import CLIENTS
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, rotation, write_roster

DUTY = "alice@people.test"
PEOPLE = ROSTER.replace('"alice"\n', f'"{DUTY}"\n', 1).replace('"bob"\n', '"bob@people.test"\n', 1)
FORWARD = '\n[[target]]\nforward = "/root/.forward"\n'
INCLUDE = '\n[[target]]\ninclude = "/etc/duty.list"\n'


@pytest.mark.parametrize("name", CLIENTS)
def test_a_list_that_nobody_reads(new_rig: NewRig, name: str) -> None:
    rig = new_rig(CLIENTS[name])
    before = rig.read("/root/.forward")
    for text, what in ((FORWARD, "a .forward"), (INCLUDE, "an include list")):
        write_roster(rig, PEOPLE + text)
        said = f"{name} never reads {what}: this target does nothing"
        for arguments in (["apply"], ["apply", "--dry-run"], ["apply", "--check"]):
            done = rotation(rig, MONDAY, *arguments)
            assert done.status == 3, (arguments, done)
            assert said in done.err
        done = rotation(rig, MONDAY, "check")
        assert done.status == 1, done
        assert f"error: {said}" in done.out
    assert rig.read("/root/.forward") == before
    assert not rig.exists("/etc/duty.list")


@pytest.mark.parametrize("name", ["msmtp", "dma"])
def test_an_alias_of_a_client_that_reads_aliases(new_rig: NewRig, name: str) -> None:
    rig = new_rig(CLIENTS[name])
    rig.write("/etc/aliases", "# ours\npostmaster: root\nroot: somebody@people.test\n")
    write_roster(rig, f'{PEOPLE}\n[[target]]\naliases = "/etc/aliases"\nname = "root"\n')
    done = rotation(rig, MONDAY, "apply")
    assert done.status == 0, done
    assert rig.read("/etc/aliases").decode() == f"# ours\npostmaster: root\nroot: {DUTY}\n"
    rig.must(rig.send("root", "on monday"))
    rig.wait_for(DUTY, "on monday")
    assert rotation(rig, MONDAY, "trace", "root").status == 0
    assert rotation(rig, NEXT_MONDAY, "trace", "root").status == 1
    assert rotation(rig, NEXT_MONDAY, "apply").status == 0
    rig.must(rig.send("root", "on the next"))
    rig.wait_for("bob@people.test", "on the next")
    assert rig.delivered("on the next") == ["bob@people.test"]
    # what the client would then refuse is not written
    rig.write("/etc/aliases", "a: b: c\nroot: somebody@people.test\n")
    done = rotation(rig, MONDAY, "apply")
    assert done.status == 3, done
    assert rig.read("/etc/aliases") == b"a: b: c\nroot: somebody@people.test\n"


@pytest.mark.parametrize("name", ["nullmailer", "esmtp", "ssmtp"])
def test_an_alias_of_a_client_that_reads_none(new_rig: NewRig, name: str) -> None:
    rig = new_rig(CLIENTS[name])
    write_roster(rig)
    before = rig.read("/etc/aliases")
    done = rotation(rig, MONDAY, "apply")
    assert done.status == 3, done
    assert f"{name} reads no aliases file: this target changes nothing" in done.err
    assert rig.read("/etc/aliases") == before


@pytest.mark.parametrize("name", CLIENTS)
def test_verify_and_audit(new_rig: NewRig, name: str) -> None:
    rig = new_rig(CLIENTS[name])
    rig.path("/root/.forward").unlink()
    write_roster(rig, PEOPLE)
    assert rotation(rig, MONDAY, "verify").status == 1
    report = json.loads(rotation(rig, MONDAY, "audit", "--json").out)
    assert "required-alias" in {finding["fault"] for finding in report["findings"]}
    assert rotation(rig, MONDAY, "forward", DUTY, "--yes").status == 0
    done = rotation(rig, MONDAY, "verify")
    assert done.status == 0, done
    report = json.loads(rotation(rig, MONDAY, "audit", "--json").out)
    wrong = [finding["what"] for finding in report["findings"] if finding["severity"] == "error"]
    assert not [what for what in wrong if "root" in what], wrong
    # somebody else changes the rule
    rule = "/etc/aliases" if name in ("msmtp", "dma") else rig.config
    rule = "/etc/nullmailer/adminaddr" if name == "nullmailer" else rule
    text = rig.read(rule).decode().replace(DUTY, "stranger@elsewhere.test")
    rig.path(rule).write_text(text)
    done = rotation(rig, MONDAY, "verify")
    assert done.status == 1, done
    assert "stranger@elsewhere.test" in done.out + done.err


# what a mail that arrived, and one that was refused, leave: where, and in which words
LEFT = {
    "msmtp": ("/var/log/mail.log", "recipients=alice@people.test .*exitcode=EX_OK",
              "recipients=no@people.test .*exitcode=EX_DATAERR"),
    "nullmailer": ("/var/log/mail.log", "to: <alice@people.test>", "Moving message .* into failed"),
    "dma": ("/var/log/mail.log", "<alice@people.test> delivery successful",
            "550 5.7.1 strangers(.|\\n)*delivery failed, bouncing"),
    "ssmtp": ("/var/log/mail.log", "Sent mail for root@box.test", "RCPT TO:<no@people.test>"),
    "esmtp": ("", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CLIENTS)
def test_what_becomes_of_mail_is_not_known(new_rig: NewRig, name: str) -> None:
    """It is said, not taken for well; and what there is to see is what docs/watch.md says. Of
    those that write a log, `verify` reads it (test_delivery_clients.py)."""
    rig = new_rig(CLIENTS[name])
    target = '\n[[target]]\naliases = "/etc/aliases"\nname = "root"\n'
    write_roster(rig, PEOPLE + target)
    if name in ("msmtp", "dma"):
        assert rotation(rig, MONDAY, "apply").status == 0
    said = f"what becomes of mail is not known: {name} hands it to its hub"
    told = f"warning: {said}" in rotation(rig, MONDAY, "verify").err
    assert told is (name in ("ssmtp", "esmtp"))
    assert said not in rotation(rig, MONDAY, "verify").err  # said once
    more = said if told else f"{name} hands mail to its hub, whose log tells what becomes of it"
    assert f"note: {more}" in rotation(rig, MONDAY, "doctor").out
    rig.write("/run/refused", "no@people.test 550 5.7.1 strangers\n")
    statuses = [
        rig.run(["sendmail", "-t"], f"To: {to}\nSubject: {to}\n\nx\n").status
        for to in (DUTY, "no@people.test")
    ]
    assert statuses[0] == 0
    assert bool(statuses[1]) is (name in ("msmtp", "esmtp", "ssmtp"))
    rig.wait_for(DUTY, DUTY)
    path, *patterns = LEFT[name]
    if path:
        wait(lambda: all(re.search(p, rig.log(lines=100)) for p in patterns), "what it leaves")
    else:
        assert not rig.log(lines=100)
    if name == "nullmailer":
        wait(lambda: bool(rig.run(["ls", "/var/spool/nullmailer/failed"]).out), "what failed")
