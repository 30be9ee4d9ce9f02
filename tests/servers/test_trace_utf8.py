"""Addresses and domains in UTF-8, as each server has them: what trace says, and what becomes of the
mail where the next server offers SMTPUTF8 (RFC 6531) and where it does not."""

from __future__ import annotations

import pytest

from .conftest import NewRig
from .rigs import RIGS, OpenSMTPD, Rig
from .test_trace_satellites import _traced
from .worlds import DUTY

ALIASES = f"""\
postmaster: root
all-system-notifications: {DUTY}
domain: x1@bücher.test
a-label: x2@xn--bcher-kva.test
local: jürgen@people.test
mixed: {DUTY}, x3@bücher.test
"""
KEY = "bücher: bob\n"
ASKED = (
    "domain", "a-label", "local", "mixed", "bücher", "bücher@box.test", "müller",
    "x4@bücher.test", "jürgen@people.test", "alice@bücher.box.test",
)  # fmt: skip
FAILS = {"refused", "put off", "loop", "lost"}


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest, new_rig: NewRig) -> Rig:
    """Each of the four, with such aliases; OpenSMTPD reads no file that has such a name."""
    rig = new_rig(RIGS[request.param])
    rig.write(rig.aliases, ALIASES if isinstance(rig, OpenSMTPD) else ALIASES + KEY)
    if isinstance(rig, OpenSMTPD):  # newaliases takes no such member; the daemon reads the text
        rig.stop()
        rig.start()
    else:
        rig.must(rig.rebuild())
    return rig


@pytest.mark.parametrize("offered", [False, True])
def test_as_each_server_has_it(rig: Rig, offered: bool) -> None:
    if offered:
        rig.write("/run/smtputf8", "")
    else:
        rig.path("/run/smtputf8").unlink(missing_ok=True)
    traces = dict(zip(ASKED, _traced(rig, list(ASKED)), strict=True))
    for number, address in enumerate(ASKED):
        rig.run(["sendmail", "-i", "-f", "root", address], f"From: root\nSubject: {number}\n\nx\n")
    for address, ends in traces.items():
        subject = str(ASKED.index(address))
        for end in ends:
            whom = end["who"].removeprefix("/var/mail/")
            if end["stop"] in ("mailbox", "remote") and (offered or whom.isascii()):
                rig.wait_for(whom, subject)
    rig.must(rig.send("a-label", "after all that"))
    rig.wait_for("x2@xn--bcher-kva.test", "after all that")
    for address, ends in traces.items():
        came = set(rig.delivered(str(ASKED.index(address))))
        duty = {end["who"] for end in ends if end["verdict"] == "duty"}
        assert duty <= came, (address, ends)
        if all(end["stop"] in FAILS for end in ends):
            assert not came, (address, ends, came)
    assert traces["mixed"][0]["verdict"] != "duty" or rig.name in ("postfix", "sendmail")
    assert {end["stop"] for end in traces["a-label"]} == {"remote"}
