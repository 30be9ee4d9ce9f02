"""A Sendmail that keeps no mail (FEATURE(`nullclient')): everything goes to its hub, root's too."""

from __future__ import annotations

import json

from .conftest import NewRig
from .rigs import Sendmail
from .roster_in_rig import MONDAY, ROSTER, rotation, target, write_roster

NULL = """\
divert(0)dnl
define(`_USE_ETC_MAIL_')dnl
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`debian')dnl
define(`confDOMAIN_NAME', `box.test')dnl
define(`confTO_IDENT', `0')dnl
define(`confDELAY_LA', `0')dnl
define(`confQUEUE_LA', `100000')dnl
define(`confREFUSE_LA', `100000')dnl
FEATURE(`nullclient', `[192.0.2.25]')dnl
"""


def _ends(rig: Sendmail, address: str) -> list[dict[str, str]]:
    done = rotation(rig, MONDAY, "trace", "--json", address)
    assert "Traceback" not in done.err, done.err
    (tree,) = json.loads(done.out)
    ends: list[dict[str, str]] = tree["ends"]
    return ends


def test_everything_goes_to_the_hub(new_rig: NewRig) -> None:
    rig = new_rig(Sendmail, started=False)
    rig.write("/etc/mail/sendmail.mc", NULL)
    rig.must(rig.run(["sh", "-euc", "cd /etc/mail && m4 sendmail.mc > sendmail.cf"]))
    # what a host that has a mailbox for everybody would read, and this one does not
    rig.write(rig.aliases, "postmaster: root\nroot: bob\nduty: bob\n")
    rig.write("/root/.forward", "carol\n")
    people = ROSTER.replace('alice = "alice"', 'alice = "root@box.test"')
    write_roster(rig, people + target(rig))
    rig.start()
    for asked, whom in (
        ("root", "root@box.test"), ("duty", "duty@box.test"), ("bob@box.test", "bob@box.test"),
        ("x@elsewhere.test", "x@elsewhere.test"), ("bob@localhost", "bob@localhost"),
    ):  # fmt: skip
        said = rig.run(["sendmail-mta", "-Am", "-bv", asked]).out
        (end,) = _ends(rig, asked)
        assert end["stop"] in ("remote", "unsure"), (end, said)
        assert end["to"].lower() == whom, (end, said)
        number = asked.replace("@", "-at-")
        rig.must(rig.send(asked, number))
        boxes = rig.run(["ls", "/var/mail"]).out
        rig.wait_for(whom, number)
        assert rig.delivered(number) == [whom], (boxes, said)
    # and so the person on duty is whoever has that address at the hub
    done = rotation(rig, MONDAY, "trace", "root")
    assert "bob" not in done.out
    assert "carol" not in done.out
