"""Exim filters and Sieve in a `.forward`: what they do depends on the mail, so nobody is sure."""

from __future__ import annotations

import json

import pytest

from .rigs import Exim, wait
from .roster_in_rig import MONDAY, ROSTER, rotation, target, write_roster

# the first line, and whether Exim takes what follows for a filter
BEGINNINGS = {
    "# Exim filter": True,
    "#Exim filter": True,
    "# exim FILTER <<== do not edit": True,
    "#   exim   filter": True,
    "#eximfilter": True,
    "\n  # Exim filter": True,
    "# An Exim filter": False,
    "# filter": False,
    "# Exim-filter": False,
}


def _ends(rig: Exim, address: str) -> tuple[int, list[tuple[str, str]]]:
    done = rotation(rig, MONDAY, "trace", "--json", address)
    assert "Traceback" not in done.err, done.err
    (tree,) = json.loads(done.out)
    return done.status, [(end["verdict"], end["stop"]) for end in tree["ends"]]


@pytest.fixture
def people(exim: Exim) -> Exim:
    """All of alice's mail goes to carol for a filter, and to bob for a list."""
    write_roster(exim, ROSTER + target(exim))
    exim.write(exim.aliases, "postmaster: root\nduty: alice\n")
    return exim


@pytest.mark.parametrize("first", BEGINNINGS)
def test_what_is_a_filter_is_unsure(people: Exim, first: str) -> None:
    rig = people
    # for a filter: two comments and a command; for a list: two comments and an address
    rig.write("/home/alice/.forward", f"{first}\ncarol\n", owner="alice")
    status, ends = _ends(rig, "duty")
    assert status == 1
    subject = f"filter {list(BEGINNINGS).index(first)}"
    rig.must(rig.send("alice", subject))
    if BEGINNINGS[first]:
        assert ends == [("unsure", "unsure")]
        # "carol" is no command of a filter: Debian's Exim skips it (skip_syntax_errors)
        rig.wait_for("alice", subject)
        assert rig.delivered(subject) == ["alice"]
    else:
        assert ends == [("other", "mailbox")]
        rig.wait_for("carol", subject)
        assert rig.delivered(subject) == ["carol"]
    rig.run(["sh", "-c", "rm -rf /var/spool/exim4/input/*"])


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("# Exim filter\ndeliver bob@box.test\n", ["bob"]),
        ("# Exim filter\nif $h_subject: contains filtered then seen finish endif\n", []),
        ('# Sieve filter\nrequire "fileinto";\nredirect "carol@box.test";\n', ["carol"]),
        ("# Sieve filter\ndiscard;\n", []),
        ("# Exim filter\n", ["alice"]),
    ],
)
def test_what_it_really_does(people: Exim, text: str, whom: list[str]) -> None:
    """Never what trace would say of the mailbox alone; where it is, that is not called certain."""
    rig = people
    rig.write("/home/alice/.forward", text, owner="alice")
    assert _ends(rig, "duty") == (1, [("unsure", "unsure")])
    said = rotation(rig, MONDAY, "trace", "duty").out
    kind = "a Sieve filter" if "Sieve" in text else "an Exim filter"
    assert f"/home/alice/.forward is {kind}: what it does depends on the mail" in said
    subject = f"filtered {abs(hash(text))}"
    rig.must(rig.send("duty", subject))
    for user in whom:
        rig.wait_for(user, subject)
    if not whom:
        wait(lambda: not rig.run(["exim4", "-bpru"]).out.strip(), "the queue to be empty")
    assert rig.delivered(subject) == whom
    rig.path("/home/alice/.forward").unlink()
    assert _ends(rig, "duty") == (0, [("duty", "mailbox")])
