"""An address of a virtual map, on the servers that have such maps."""

from __future__ import annotations

import re

import pytest

from .conftest import NewRig
from .rigs import Exim, OpenSMTPD, Postfix, Rig, Sendmail
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, rotation, state, write_roster

ADDRESS = "duty@example.org"
LINE = f"{ADDRESS}: alice -> bob, until Mon 7 Dec 09:00 GMT (weekly)\n"
VIRTUAL = "/etc/postfix/virtual"
TEXT = f"""\
# the domains
example.org anything
{ADDRESS.upper()}\talice
# a comment in the middle of it
  ,
  carol
keep@example.org   carol,
\tdan@example.com
@example.net nobody@example.com
"""


def target(path: str, name: str = ADDRESS, more: str = "") -> str:
    return f'\n[[target]]\nvirtual = "{path}"\nname = "{name}"\n{more}\n'


def virtual(rig: Postfix, text: str = TEXT, kind: str = "hash") -> None:
    """A virtual map of a type, and a roster with a target in it."""
    rig.write(VIRTUAL, text)
    rig.must(rig.run(["postmap", f"{kind}:{VIRTUAL}"]))
    main = rig.read("/etc/postfix/main.cf").decode()
    main = re.sub(r"virtual_alias_maps = .*\n", "", main)
    rig.configure(f"{main}virtual_alias_maps = {kind}:{VIRTUAL}\n")
    write_roster(rig, ROSTER + target(VIRTUAL))


def asked(rig: Postfix, name: str, kind: str = "hash") -> str | None:
    answer = rig.run(["postmap", "-q", name, f"{kind}:{VIRTUAL}"])
    return answer.out.strip() if answer.status == 0 else None


def index(rig: Postfix, kind: str = "hash") -> str:
    return VIRTUAL + {"lmdb": ".lmdb", "cdb": ".cdb"}.get(kind, ".db")


@pytest.mark.parametrize("kind", ["hash", "btree", "lmdb", "cdb"])
def test_a_handoff_changes_our_entry_and_nothing_else(new_rig: NewRig, kind: str) -> None:
    rig = new_rig(Postfix)
    virtual(rig, TEXT, kind)
    rig.must(rotation(rig, MONDAY, "apply"))
    rig.must(rig.send(ADDRESS, "in the week of alice"))
    rig.wait_for("alice", "in the week of alice")
    before = rig.read(VIRTUAL).decode()
    assert before.startswith("# the domains\nexample.org anything\n")
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    rig.must(rig.send(ADDRESS, "in the week of bob"))
    rig.wait_for("bob", "in the week of bob")
    assert rig.delivered("in the week of bob") == ["bob"]

    entry = f"{ADDRESS.upper()} "
    assert rig.read(VIRTUAL).decode() == before.replace(f"{entry}alice\n", f"{entry}bob\n")
    assert asked(rig, ADDRESS, kind) == "bob"
    assert asked(rig, "keep@example.org", kind) == "carol,\tdan@example.com"
    assert asked(rig, "@example.net", kind) == "nobody@example.com"
    text, compiled = rig.stat(VIRTUAL), rig.stat(index(rig, kind))
    assert compiled.st_mtime_ns >= text.st_mtime_ns
    again = rotation(rig, NEXT_MONDAY, "apply")
    assert (again.status, again.out, again.err) == (0, "", "")


def test_a_dry_run_shows_it_and_changes_nothing(postfix: Postfix) -> None:
    virtual(postfix)
    postfix.must(rotation(postfix, MONDAY, "apply"))
    before = state(postfix, VIRTUAL, index(postfix))
    done = rotation(postfix, NEXT_MONDAY, "apply", "--dry-run")
    assert done.status == 0, done.err
    assert f"would change {LINE}" in done.out
    assert f"-{ADDRESS.upper()} alice" in done.out
    assert f"+{ADDRESS.upper()} bob" in done.out
    assert f"would run: /usr/sbin/postmap hash:{VIRTUAL}" in done.out
    assert state(postfix, VIRTUAL, index(postfix)) == before
    assert rotation(postfix, NEXT_MONDAY, "apply", "--check").status == 1


def test_other_peoples_faults_stop_nothing(postfix: Postfix) -> None:
    text = f"{TEXT}broken@example.org\nkeep@example.org somebody@example.com\nalias: carol\n"
    virtual(postfix, text)
    postfix.must(rotation(postfix, MONDAY, "apply"))
    done = rotation(postfix, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert asked(postfix, "keep@example.org") == "carol,\tdan@example.com"
    checked = rotation(postfix, NEXT_MONDAY, "check").out
    for words in ("nothing after the key", "repeats the name", "ends in a colon"):
        assert words in checked


def test_an_index_that_is_older_or_broken_is_healed(postfix: Postfix) -> None:
    virtual(postfix)
    postfix.must(rotation(postfix, MONDAY, "apply"))
    text = postfix.read(VIRTUAL).replace(b" alice", b" bob")
    postfix.write(VIRTUAL, text)  # a crash between the text and its index
    done = rotation(postfix, NEXT_MONDAY, "apply")
    assert (done.status, done.out) == (0, LINE), done.err
    assert asked(postfix, ADDRESS) == "bob"
    postfix.path(index(postfix)).write_bytes(b"garbage" * 1000)
    assert rotation(postfix, NEXT_MONDAY, "apply").status == 0
    assert asked(postfix, ADDRESS) == "bob"


def test_what_is_wrong_is_refused_and_left(postfix: Postfix) -> None:
    virtual(postfix, f"{TEXT}{ADDRESS} dan@example.com\n")
    before = state(postfix, VIRTUAL, index(postfix))
    done = rotation(postfix, NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "has 2 entries" in done.err
    assert state(postfix, VIRTUAL, index(postfix)) == before
    main = postfix.read("/etc/postfix/main.cf").decode()
    postfix.configure(main.replace(f"hash:{VIRTUAL}", ""))
    done = rotation(postfix, NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "Postfix does not read this file: virtual_alias_maps" in done.err


def test_verify_doctor_and_trace_know_it(new_rig: NewRig) -> None:
    rig = new_rig(Postfix)
    virtual(rig, f"{ADDRESS} alice\n")
    rig.write("/root/.forward", f"{ADDRESS}\n")
    main = rig.read("/etc/postfix/main.cf").decode()
    rig.configure(main + "virtual_alias_domains = example.org\n")
    rig.must(rig.run(["postfix", "reload"]))
    rig.must(rotation(rig, MONDAY, "apply"))
    traced = rotation(rig, MONDAY, "trace", "root")
    assert traced.status == 0, traced.out
    assert ADDRESS in traced.out
    assert VIRTUAL in traced.out
    rig.must(rotation(rig, MONDAY, "verify"))
    rig.must(rotation(rig, NEXT_MONDAY, "apply"))
    done = rotation(rig, NEXT_MONDAY, "verify")  # a handoff is no tampering
    assert (done.status, done.err) == (0, ""), done.err
    looked = rotation(rig, NEXT_MONDAY, "doctor").out
    assert "the target holds what it should" in looked

    rig.write(VIRTUAL, f"{ADDRESS} mallory@example.com\n")
    rig.must(rig.run(["postmap", f"hash:{VIRTUAL}"]))
    done = rotation(rig, NEXT_MONDAY, "verify")
    assert done.status == 1
    assert f"the virtual address '{ADDRESS}' holds mallory@example.com" in done.err
    assert rotation(rig, NEXT_MONDAY, "trace", "root").status == 1


def test_sendmail_takes_one_address(sendmail: Sendmail) -> None:
    sendmail.write("/etc/mail/virtusertable", f"{ADDRESS}\talice\n")
    write_roster(sendmail, ROSTER + target("/etc/mail/virtusertable"))
    done = rotation(sendmail, NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "takes one address" in done.err
    assert 'name = "duty"' in done.err
    assert sendmail.read("/etc/mail/virtusertable").decode() == f"{ADDRESS}\talice\n"


ROUTER = """\
virtual_domains:
  driver = redirect
  domains = dsearch;/etc/exim4/virtual
  data = ${lookup{$local_part}lsearch{/etc/exim4/virtual/$domain_data}}
  no_more
  allow_fail
"""


def test_an_alias_file_of_a_domain_of_exims(new_rig: NewRig) -> None:
    rig = new_rig(Exim)
    path = "/etc/exim4/virtual/example.org"
    rig.write(path, "# ours\nduty: alice\nkeep: carol\n")
    template = "/etc/exim4/exim4.conf.template"
    text = rig.read(template).decode()
    rig.write(template, text.replace("begin routers\n", f"begin routers\n\n{ROUTER}\n", 1))
    rig.must(rig.run(["update-exim4.conf"]))
    rig.stop()
    rig.start()
    write_roster(rig, ROSTER + target(path))
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert rig.read(path).decode() == "# ours\nduty: bob\nkeep: carol\n"
    rig.must(rig.send(ADDRESS, "to bob"))
    rig.wait_for("bob", "to bob")

    write_roster(rig, ROSTER + target(path, "duty@example.net"))
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "Exim's file for example.org" in done.err


@pytest.mark.parametrize("kind", ["file", "db"])
def test_a_virtual_table_of_opensmtpd(new_rig: NewRig, kind: str) -> None:
    rig = new_rig(OpenSMTPD)
    path = "/etc/mail/virtuals"
    rig.write(path, f"{ADDRESS}: alice\nkeep@example.org: carol\n")
    where = path if kind == "file" else f"{path}.db"
    if kind == "db":
        rig.must(rig.run(["makemap", "-t", "aliases", "-o", where, path]))
    conf = rig.read("/etc/smtpd.conf").decode()
    lines = [f"table virtuals {kind}:{where}", 'action "virtual" mbox virtual <virtuals>']
    rules = 'match from any for domain "example.org" action "virtual"\n'
    rig.write("/etc/smtpd.conf", conf.replace("match", f"{rules}match", 1).replace(
        "listen", "\n".join([*lines, "listen"]), 1))  # fmt: skip
    rig.stop()
    rig.start()
    write_roster(rig, ROSTER + target(path))
    rig.must(rotation(rig, MONDAY, "apply"))
    rig.must(rig.send(ADDRESS, "to alice"))
    rig.wait_for("alice", "to alice")
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    assert rig.read(path).decode() == f"{ADDRESS}: bob\nkeep@example.org: carol\n"
    rig.must(rig.send(ADDRESS, "to bob"))
    rig.wait_for("bob", "to bob")


def test_a_map_with_a_rebuild_command_of_the_rosters(rig: Rig) -> None:
    """A server that nobody names: the text is written as all of them read it."""
    rig.write("/srv/virtual", f"{ADDRESS} alice\n")
    write_roster(rig, ROSTER + target("/srv/virtual", more="rebuild = []"))
    rig.must(rotation(rig, NEXT_MONDAY, "apply"))
    assert rig.read("/srv/virtual").decode() == f"{ADDRESS} bob\n"
