"""trace on servers that are set up to send only: an Exim satellite, a Postfix null client.

Each world is a configuration from a seed, held to what the server really delivers. "duty" must
never be wrong: such a mail went where trace says and nowhere else.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import NewRig
from .rigs import Exim, Postfix, Rig, wait
from .roster_in_rig import SOURCE
from .worlds import DUTY, aliases_text

COUNT = int(os.environ.get("ROTATION_WORLDS", "12"))
SEED = int(os.environ.get("ROTATION_SEED", "0"))
SUBJECT = "where is this going"
ASKED = ("root", "alice", "postmaster", "oncall", "nosuch", "root@localhost", "root@box.test")
FORWARDS = (None, None, f"{DUTY}\n", "oncall\n", f"{DUTY}, \\root\n", "root@hub.test\n")
# What is refused here no hub has to refuse, and the other way round.
SAFE = {
    "refused": "the hub of the rig takes what a real one would refuse",
    "loop": "a circle, which the server ends in a mailbox or a bounce",
    "unsure": "trace does not say",
    "put off": "the server tries again later",
    "lost": "nobody is left",
}


@dataclass(frozen=True)
class Satellite:
    """A world: what it is configured with, and its lists."""

    settings: dict[str, str]
    aliases: str
    forwards: dict[str, str | None]


def _worlds(name: str) -> Iterator[Satellite]:
    for number in range(COUNT):
        dice = random.Random(f"{name} {SEED} {number}")
        choices = EXIM if name == "exim" else POSTFIX
        settings = {key: dice.choice(values) for key, values in choices.items()}
        if name == "exim":  # the same configuration has the same answers
            settings["dc_mailname_in_oh"] = "true"  # only debconf reads it
            if not settings["dc_readhost"]:
                settings["dc_hide_mailname"] = "false"
        forwards = {user: dice.choice(FORWARDS) for user in ("root", "alice")}
        yield Satellite(settings, aliases_text(dice), forwards)


EXIM = {
    "dc_eximconfig_configtype": ("satellite", "satellite", "smarthost", "local"),
    "dc_other_hostnames": ("box.test", "", "box.test;other.test", "localhost"),
    "dc_readhost": ("", "hub.test", "box.test"),
    "dc_hide_mailname": ("true", "false"),
    "dc_smarthost": ("192.0.2.25",),
    "dc_local_interfaces": ("127.0.0.1",),
    "dc_relay_domains": ("",),
    "dc_minimaldns": ("false",),
    "dc_relay_nets": ("",),
    "CFILEMODE": ("644",),
    "dc_use_split_config": ("false",),
    "dc_mailname_in_oh": ("true", "false"),
    "dc_localdelivery": ("mail_spool",),
}
POSTFIX = {
    "mydestination": ("", "", "localhost", "box.test, localhost", "$myhostname"),
    "myorigin": ("box.test", "hub.test", "$mydomain"),
    "local_transport": ("local:$myhostname", "error:no local mail here", "smtp:[192.0.2.25]"),
    "alias_maps": ("hash:/etc/aliases", "hash:/etc/aliases", ""),
    "virtual_alias_maps": (
        "", "", f"inline:{{root={DUTY}}}", f"static:{DUTY}", f"inline:{{root@hub.test={DUTY}}}",
    ),
    "relayhost": ("[192.0.2.25]",),
    "canonical_maps": ("", "", f"inline:{{root@box.test={DUTY}}}", "inline:{@box.test=@hub.test}"),
    "recipient_delimiter": ("", "+"),
    "luser_relay": ("", "", DUTY),
    "local_recipient_maps": ("", "proxy:unix:passwd.byname $alias_maps"),
}  # fmt: skip


def _set_up(rig: Rig, world: Satellite, main: str) -> None:
    rig.write("/etc/aliases", world.aliases)
    for user, text in world.forwards.items():
        home = "/root" if user == "root" else f"/home/{user}"
        if text is None:
            rig.path(f"{home}/.forward", follow=False).unlink(missing_ok=True)
        else:
            rig.write(f"{home}/.forward", text, owner=user)
    if isinstance(rig, Exim):
        rig.answer("".join(f"{key}='{value}'\n" for key, value in world.settings.items()))
    elif isinstance(rig, Postfix):
        lines = [f"{key} = {value}\n" for key, value in world.settings.items()]
        kept = [line for line in main.splitlines(keepends=True) if line.split()[0] not in POSTFIX]
        rig.configure("".join([*kept, *lines]))
        rig.run(["newaliases"])
        rig.reload()


TRACE = """
import json, os, sys
from pathlib import Path
import rotation.route.exim, rotation.route.postfix
from rotation.host.real import Host
from rotation.route import Accepted, Verdict, trace
duty = (Verdict.DUTY, "on duty")
for line in sys.stdin:
    if os.fork():
        os.wait()
        continue
    accepted = Accepted({"%s": duty, "alice": duty})
    traces = trace(Host(Path("/tmp/state")), json.loads(line), accepted)
    print(json.dumps([[{"who": s.end.who, "stop": s.end.stop.value, "verdict": s.end.verdict.value}
                       for s in t.ends if s.end] for t in traces]), flush=True)
    os._exit(0)
"""
"""Traces the addresses of each line, in a process of its own."""


@contextmanager
def _tracer(rig: Rig) -> Iterator[Callable[[list[str]], list[list[dict[str, Any]]]]]:
    argv = ["/usr/bin/env", f"PYTHONPATH={SOURCE}", sys.executable, "-B", "-c", TRACE % DUTY]
    with subprocess.Popen(
        rig.host.enter(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tracer:
        assert tracer.stdin is not None
        assert tracer.stdout is not None
        ask, answer = tracer.stdin, tracer.stdout

        def traced(asked: list[str]) -> list[list[dict[str, Any]]]:
            ask.write(json.dumps(asked) + "\n")
            ask.flush()
            traces: list[list[dict[str, Any]]] = json.loads(answer.readline())
            return traces

        yield traced
        ask.close()


def _traced(rig: Rig, asked: list[str]) -> list[list[dict[str, Any]]]:
    """Trace once."""
    with _tracer(rig) as traced:
        return traced(asked)


def _sent(rig: Rig, address: str) -> list[str]:
    """The mailboxes in which a mail ends; what is put off is thrown away."""
    boxes = rig.path("/var/mail")
    for box in boxes.iterdir():
        box.unlink()
    text = f"From: root\nSubject: {SUBJECT}\nTo: {address}\n\nx\n"
    if isinstance(rig, Exim):
        for hint in rig.path("/var/spool/exim4/db").iterdir():
            hint.unlink()  # what failed earlier is tried at once
        rig.run(["/usr/sbin/sendmail", "-odi", "-i", "-f", "<>", address], text)
        queue = rig.path("/var/spool/exim4/input")
        for file in [*queue.rglob("*-H"), *queue.rglob("*-D")]:
            file.unlink()
    else:
        rig.run(["/usr/sbin/sendmail", "-i", "-f", "", address], text)
        wait(lambda: _quiet(rig), "the queue to be empty, or to wait")
        if any(path.is_file() for path in rig.path("/var/spool/postfix/deferred").rglob("*")):
            rig.must(rig.run(["postsuper", "-d", "ALL"]))
    # news of a refusal go their own way; a domain's case is nothing
    return sorted({name.lower() for name in rig.delivered(SUBJECT)})


def _quiet(rig: Rig) -> bool:
    """Whether nothing is on its way in the queue of Postfix: what is left was put off."""
    queue = rig.path("/var/spool/postfix")
    folders = ("maildrop", "incoming", "active")
    return not any(any((queue / folder).iterdir()) for folder in folders)


def _judged(rig: Rig, main: str, traced: Callable[[list[str]], list[list[dict[str, Any]]]]) -> int:
    """Hold each world to what is delivered there; how often somebody on duty was found."""
    duty = 0
    for world in _worlds(rig.name):
        _set_up(rig, world, main)
        dice = random.Random(world.aliases)
        asked = ["root", dice.choice(ASKED[1:])]
        for address, ends in zip(asked, traced(asked), strict=True):
            came = _sent(rig, address)
            expected = {_box(end) for end in ends if end["stop"] in SENT}
            case = (address, ends, came, world)
            if any(end["verdict"] == "duty" for end in ends):
                duty += 1
                assert sorted(expected) == came, case
            elif sorted(expected) != came:
                assert {end["stop"] for end in ends} & set(SAFE), case
    return duty


@pytest.mark.parametrize("kind", [Exim, Postfix])
def test_duty_is_never_wrong(new_rig: NewRig, kind: type[Rig]) -> None:
    rig = new_rig(kind)
    main = rig.read("/etc/postfix/main.cf").decode() if kind is Postfix else ""
    with _tracer(rig) as traced:
        duty = _judged(rig, main, traced)
    assert duty >= COUNT // 8, "the worlds must hold enough that is right"


SENT = {"remote", "mailbox", "file"}


def _box(end: dict[str, Any]) -> str:
    """The name of the file that the mail ends in."""
    return str(end["who"]).removeprefix("/var/mail/").replace("/", "_").lower()
