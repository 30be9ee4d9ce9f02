"""A Sendmail that keeps no mail (FEATURE(`nullclient')): everything goes to its hub, root's too."""

from __future__ import annotations

import json
import re

from .conftest import NewRig
from .rigs import Sendmail
from .roster_in_rig import MONDAY, ROSTER, rotation, write_roster

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
define(`confPID_FILE', `/run/sendmail/mta/sendmail.pid')dnl
FEATURE(`no_default_msa')dnl
DAEMON_OPTIONS(`Family=inet, Name=MTA-v4, Port=smtp, Addr=127.0.0.1')dnl
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
    # what a host with mailboxes would read, and this one does not
    rig.write(rig.aliases, "postmaster: root\nroot: bob\nduty: bob\n")
    rig.write("/root/.forward", "carol\n")
    write_roster(rig, ROSTER.replace('alice = "alice"', 'alice = "alice@elsewhere.test"'))
    for asked in ("root", "duty", "bob@box.test", "bob@localhost", "alice@elsewhere.test"):
        said = rig.run(["sendmail-mta", "-Am", "-bv", asked]).out
        match = re.search(r"deliverable: mailer relay, host \[192\.0\.2\.25\], user (\S+)", said)
        assert match is not None, said
        (end,) = _ends(rig, asked)
        assert end["to"].lower() == match[1], end
        # what is said of local names is careful: who reads that address is the hub's to say
        verdicts = ("duty",) if asked.startswith("alice") else ("leaves", "unsure")
        assert end["verdict"] in verdicts, end
