"""`rotation forward` on every mail server and client: what it writes, that mail then goes there,
and what it refuses to touch."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest

from .conftest import NewRig
from .rigs import Exim, Finished, Postfix, Rig, wait
from .rigs.base import ALIASES
from .rigs.senders import CLIENTS, Client
from .roster_in_rig import MONDAY, ROSTER, rotation

DUTY = "duty@people.test"
RULE = {
    "msmtp": "/etc/aliases",
    "dma": "/etc/aliases",
    "nullmailer": "/etc/nullmailer/adminaddr",
    "esmtp": "/etc/esmtprc",
    "ssmtp": "/etc/ssmtp/ssmtp.conf",
}


def forward(rig: Rig, *more: str) -> Finished:
    done = rotation(rig, MONDAY, "forward", DUTY, *more)
    assert "Traceback" not in done.err, done.err
    return done


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client(new_rig: NewRig, name: str) -> None:
    rig = new_rig(CLIENTS[name])
    rule = RULE[name]
    before, mode = rig.read(rule), rig.stat(rule)
    dry = forward(rig, "--dry-run")
    assert dry.status == 0, dry
    assert DUTY in dry.out
    assert rig.read(rule) == before
    asked = forward(rig)
    assert (asked.status, rig.read(rule)) == (2, before)
    assert "nobody is there to be asked" in asked.err
    done = forward(rig, "--yes")
    assert done.status == 0, done
    assert f"root's mail goes to {DUTY} now" in done.out
    assert dry.out == done.out[: len(dry.out)], "the rehearsal showed what was then done"
    # only that line, and the file's attributes are what they were
    old, new = before.decode().splitlines(), rig.read(rule).decode().splitlines()
    assert len(set(new) - set(old)) == 1
    assert len(set(old) - set(new)) <= 1
    after = rig.stat(rule)
    assert (after.st_mode, after.st_uid, after.st_gid) == (mode.st_mode, mode.st_uid, mode.st_gid)
    rig.must(rig.send("root", "to the duty"))
    rig.wait_for(DUTY, "to the duty")
    assert rig.delivered("to the duty") == [DUTY]
    again = forward(rig, "--yes")
    assert (again.status, again.out.splitlines()[0]) == (0, f"root's mail goes to {DUTY} already")
    # and to somebody else
    assert rotation(rig, MONDAY, "forward", "other@people.test", "--yes").status == 0
    rig.must(rig.send("root", "to the other"))
    rig.wait_for("other@people.test", "to the other")
    assert rig.delivered("to the other") == ["other@people.test"]


@pytest.mark.parametrize("name", CLIENTS)
def test_addresses_that_are_not_vetted(new_rig: NewRig, name: str) -> None:
    rig = new_rig(CLIENTS[name])
    before = rig.read(RULE[name])
    for wrong in (
        "|touch${IFS}/x@people.test",
        "a b@people.test",
        "root",
        'x";id@people.test',
        "-f",
    ):
        done = rotation(rig, MONDAY, "forward", "--yes", "--", wrong)
        assert done.status == 2, (wrong, done)
    assert (
        rotation(rig, MONDAY, "forward", "--yes", "alice").status == 3
    )  # a bare name leads nowhere
    assert rig.read(RULE[name]) == before


REFUSED = [
    ("dma", "/etc/dma/dma.conf", "SMARTHOST 192.0.2.25\nNULLCLIENT\n", "NULLCLIENT dma reads no"),
    ("dma", "/etc/dma/dma.conf", "NONSENSE\n", "dma does not take this line"),
    ("dma", "/etc/aliases", "no colon\n", "dma refuses the aliases"),
    ("msmtp", "/etc/msmtprc", "account x\nhost 192.0.2.25\n", "no default account"),
    ("msmtp", "/etc/aliases", "a: b\na: c\n", "repeats the alias 'a'"),
    ("msmtp", "/root/.msmtprc", "account default\nhost x\nfrom a@b\n", "root's own configuration"),
    ("esmtp", "/etc/esmtprc", "hostname=192.0.2.25:25\nqualifydomain=x.test\n", "qualifydomain"),
    ("esmtp", "/etc/esmtprc", "nonsense=1\n", "esmtp does not know 'nonsense'"),
    ("nullmailer", "/etc/nullmailer/defaulthost", "elsewhere.test\n", "would not go to"),
    ("ssmtp", "/etc/ssmtp/ssmtp.conf", "hostname=x\n", "knows no host to send to"),
]


@pytest.mark.parametrize(("name", "path", "text", "said"), REFUSED)
def test_what_stands_in_its_way(
    new_rig: NewRig, name: str, path: str, text: str, said: str
) -> None:
    rig = new_rig(CLIENTS[name])
    rig.write(path, text)
    before = {file: rig.read(file) for file in {path, RULE[name]}}
    done = forward(rig, "--yes")
    assert done.status == 3, done
    assert said in done.err
    assert {file: rig.read(file) for file in before} == before


def test_msmtp_that_reads_no_aliases_yet(new_rig: NewRig) -> None:
    rig = new_rig(CLIENTS["msmtp"])
    text = "defaults\naccount hub\nhost 192.0.2.25\nfrom root@box.test\naccount default : hub\n"
    rig.write("/etc/msmtprc", text)
    rig.path("/etc/aliases").unlink()
    assert forward(rig, "--yes").status == 0
    assert rig.read("/etc/msmtprc").decode() == f"{text}aliases /etc/aliases\n"
    assert rig.read("/etc/aliases").decode() == f"root: {DUTY}\n"
    rig.must(rig.send("root", "hello"))
    assert rig.delivered("hello") == [DUTY]


def test_a_server(rig: Rig) -> None:
    rig.write(rig.aliases, ALIASES)
    rig.must(rig.rebuild())
    rig.path("/root/.forward").unlink()
    done = forward(rig, "--yes")
    assert done.status == 0, done
    assert rig.read("/root/.forward").decode() == f"{DUTY}\n"
    rig.must(rig.send("root", "by the forward"))
    rig.wait_for(DUTY, "by the forward")
    # an alias beats it, and so is what has to be changed
    rig.write(rig.aliases, f"{ALIASES}root: carol\n")
    rig.must(rig.rebuild())
    if isinstance(rig, Postfix):
        rig.make_index_later()
    done = forward(rig, "--yes")
    assert done.status == 0, done
    assert f"root: {DUTY}\n" in rig.read(rig.aliases).decode()
    rig.must(rig.send("root", "by the alias"))
    rig.wait_for(DUTY, "by the alias")
    assert rig.delivered("by the alias") == [DUTY]


def test_an_exim_satellite(new_rig: NewRig) -> None:
    """Where the hub has everybody's mail, a .forward is not read, and the alias is what counts."""
    rig = new_rig(Exim, started=False)
    text = rig.read("/etc/exim4/update-exim4.conf.conf").decode()
    text = text.replace("configtype='smarthost'", "configtype='satellite'")
    rig.write(
        "/etc/exim4/update-exim4.conf.conf", text.replace("readhost=''", "readhost='hub.test'")
    )
    rig.must(rig.run(["update-exim4.conf"]))
    rig.start()
    rig.path("/root/.forward").unlink()
    done = forward(rig, "--yes")
    assert done.status == 0, done
    assert not rig.exists("/root/.forward")
    assert f"root: {DUTY}\n" in rig.read("/etc/aliases").decode()
    rig.must(rig.send("root", "by the alias"))
    rig.wait_for(DUTY, "by the alias")
    assert rig.delivered("by the alias") == [DUTY]


def test_a_postfix_null_client(new_rig: NewRig) -> None:
    """postconf(5), "null client": nothing is local, so there is no alias and no .forward."""
    rig = new_rig(Postfix)
    settings = ("mydestination=", "relayhost=[192.0.2.25]", "local_transport=error:no local mail",
                "default_transport=smtp", "relay_transport=relay")  # fmt: skip
    rig.must(rig.run(["postconf", "-e", *settings]))
    rig.must(rig.run(["postfix", "reload"]))
    done = forward(rig, "--yes")
    assert done.status == 3, done
    assert "sends root's mail on before it reads an alias or a .forward" in done.err
    assert rig.read("/root/.forward") == b"all-system-notifications@box.test\n"
    # what it advises
    rig.must(rig.run(["postconf", "-e", f"virtual_alias_maps=inline:{{root={DUTY}}}"]))
    rig.must(rig.run(["postfix", "reload"]))
    assert forward(rig, "--yes").out.startswith(f"root's mail goes to {DUTY} already")
    rig.must(rig.send("root", "by the map"))
    rig.wait_for(DUTY, "by the map")


def join(hub: Rig, client: Client) -> None:
    """A cable between two rigs: the hub is 10.9.0.1, the client 10.9.0.2."""
    made = "ip link add cable type veth peer name cable netns"
    inside = ["nsenter", "-t", str(hub.host.pid), "-n", "sh", "-euc"]
    subprocess.run([*inside, f"{made} {client.host.pid}"], check=True)
    for rig, number in ((hub, 1), (client, 2)):
        up = f"ip addr add 10.9.0.{number}/24 dev cable && ip link set cable up"
        rig.must(rig.run(["sh", "-euc", up]))


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_and_its_hub(new_rig: NewRig, tmp_path: Path, name: str) -> None:
    """The host of a farm, set up by one command, and the hub that has the roster."""
    hub = new_rig(Postfix, started=False)
    client = new_rig(CLIENTS[name])
    join(hub, client)
    boxes = tmp_path / "boxes"
    boxes.mkdir()
    boxes.chmod(0o1777)
    for folder in tmp_path.parents:  # local(8) writes as the recipient, who must get there
        if str(folder).startswith(f"{tempfile.gettempdir()}/"):
            folder.chmod(0o711)
    tmp_path.chmod(0o711)
    settings = ("inet_interfaces=127.0.0.1 10.9.0.1", "mynetworks=10.9.0.0/24 127.0.0.0/8",
                f"mail_spool_directory={boxes}")  # fmt: skip
    hub.must(hub.run(["postconf", "-e", *settings]))
    hub.start()
    config = client.read(client.config).decode().replace("192.0.2.25", "10.9.0.1")
    client.path(client.config).write_text(config)
    client.path("/root/.forward").unlink()
    client.write("/etc/mailname", "client.test\n")
    roster = ROSTER.replace('"alice"\n', '"alice@box.test"\n', 1)
    roster += '\n[[target]]\naliases = "/etc/aliases"\nname = "all-system-notifications"\n'
    client.write("/srv/duty.toml", roster)
    address = "all-system-notifications@box.test"
    assert rotation(client, MONDAY, "forward", address, "--yes").status == 0
    done = rotation(client, MONDAY, "doctor", "--via", "/srv/duty.toml")
    assert done.status == 0, done
    assert "ok: mail for root ends at alice, on duty (duty)" in done.out
    done = rotation(client, MONDAY, "ping", "--mbox", f"{boxes}/alice", "--wait", "30s")
    assert done.status == 0, (done, hub.log(), client.log())
    assert f"arrived: {boxes}/alice, after" in done.out


def test_the_change_is_proved_by_a_mail(rig: Rig) -> None:
    """With --ping: root's mail to a local user of any server, seen to arrive."""
    rig.path("/root/.forward").unlink(missing_ok=True)
    done = rotation(rig, MONDAY, "forward", "bob", "--yes", "--ping")
    assert done.status == 0, done
    assert "root's mail goes to bob now" in done.out
    assert "arrived: /var/mail/bob, after" in done.out
    assert any("rotation ping" in subject for subject in rig.mailbox("bob"))
    again = rotation(rig, MONDAY, "forward", "bob", "--yes", "--ping")
    assert again.status == 0
    assert "root's mail goes to bob already" in again.out
    assert "arrived: /var/mail/bob, after" in again.out


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_that_pings_says_that_nothing_here_proves_it(new_rig: NewRig, name: str) -> None:
    rig = new_rig(CLIENTS[name])
    done = forward(rig, "--yes", "--ping")
    assert done.status == 0, done
    assert "sent to root: subject `rotation ping" in done.out
    assert "nothing here can prove that it arrives" in done.err
    wait(lambda: bool(rig.mailbox(DUTY)), "the mail at the hub")
