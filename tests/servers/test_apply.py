"""`rotation apply` on the real mail servers: from a roster to a mail in a mailbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, RIGS, Exim, Finished, OpenSMTPD, Postfix, Rig, Sendmail
from .roster_in_rig import (
    LINE,
    MONDAY,
    NEXT_MONDAY,
    ROSTER,
    THIRD,
    files_of,
    rotation,
    state,
    target,
    write_roster,
)

KEYS = ["postmaster", "mailer-daemon", NOTIFICATIONS, "keep-me", "other"]
ALL = [
    pytest.param(Postfix, {}, id="postfix-hash"),
    pytest.param(Postfix, {"map_type": "btree"}, id="postfix-btree"),
    pytest.param(Postfix, {"map_type": "lmdb"}, id="postfix-lmdb"),
    pytest.param(Postfix, {"map_type": "cdb"}, id="postfix-cdb"),
    pytest.param(Exim, {}, id="exim"),
    pytest.param(Sendmail, {}, id="sendmail"),
    pytest.param(OpenSMTPD, {}, id="opensmtpd-file"),
    pytest.param(OpenSMTPD, {"table": "db"}, id="opensmtpd-db"),
]


@pytest.mark.parametrize(("kind", "options"), ALL)
def test_mail_to_root_reaches_whoever_is_on_duty(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any]
) -> None:
    rig = new_rig(kind, **options)
    write_roster(rig)
    before = rig.map(KEYS)
    assert rotation(rig, MONDAY, "apply").status == 0
    rig.must(rig.send("root", "in the week of alice"))
    rig.wait_for("alice", "in the week of alice")

    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    rig.must(rig.send("root", "in the week of bob"))
    rig.wait_for("bob", "in the week of bob")

    rig.must(rotation(rig, THIRD, "apply"))
    rig.must(rig.send("root", "in the week of carol"))
    rig.wait_for("carol", "in the week of carol")
    rig.wait_for("dan@example.com", "in the week of carol")

    assert rig.delivered("in the week of alice") == ["alice"]
    assert rig.delivered("in the week of bob") == ["bob"]
    assert rig.delivered("in the week of carol") == ["carol", "dan@example.com"]
    after = rig.map(KEYS)
    assert after.pop(NOTIFICATIONS).replace(" ", "") == "carol,dan@example.com"
    before.pop(NOTIFICATIONS)
    assert after == before


@pytest.mark.parametrize(("kind", "options"), ALL)
def test_the_second_apply_is_silent_and_touches_nothing(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any]
) -> None:
    rig = new_rig(kind, **options)
    write_roster(rig)
    rig.must(rotation(rig, NEXT_MONDAY, "apply"))
    folder = str(Path(rig.aliases).parent)
    before = state(rig, *files_of(rig)), rig.stat(folder).st_mtime_ns
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert (state(rig, *files_of(rig)), rig.stat(folder).st_mtime_ns) == before


@pytest.mark.parametrize(("kind", "options"), ALL)
def test_applies_within_one_second_all_take_effect(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any]
) -> None:
    rig = new_rig(kind, **options)
    write_roster(rig)
    for number in range(3):
        for instant, person in ((MONDAY, "alice"), (NEXT_MONDAY, "bob")):
            rig.must(rotation(rig, instant, "apply"))
            subject = f"{person} {number}"
            rig.must(rig.send("root", subject))
            rig.wait_for(person, subject)
            assert rig.delivered(subject) == [person]


def test_owner_mode_links_and_every_other_byte_stay(rig: Rig) -> None:
    odd = b"# caf\xe9\r\nkeep-me: \tcarol\r\n# end of it" if rig.name != "sendmail" else b"# end"
    text = b"# first\n" + odd + b"\npostmaster: root\n" + NOTIFICATIONS.encode() + b":alice\n"
    rig.write(rig.aliases, text, mode=0o640 if rig.name != "opensmtpd" else 0o644)
    rig.must(rig.rebuild())
    write_roster(rig)
    was = rig.stat(rig.aliases, follow=True)
    link = rig.stat(rig.aliases)
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert done.status == 0, done.err
    now = rig.stat(rig.aliases, follow=True)
    assert rig.read(rig.aliases) == text.replace(b":alice", b": bob")
    assert (now.st_mode, now.st_uid, now.st_gid) == (was.st_mode, was.st_uid, was.st_gid)
    assert rig.stat(rig.aliases).st_mode == link.st_mode
    assert rig.resolve(NOTIFICATIONS) == ["bob"]


def test_a_stale_or_broken_index_is_healed(new_rig: NewRig) -> None:
    for kind in (Postfix, Sendmail):
        rig = new_rig(kind)
        write_roster(rig)
        rig.must(rotation(rig, MONDAY, "apply"))
        # a crash between the text and its index: the text says bob, the index alice
        text = rig.read(rig.aliases).replace(b": alice", b": bob")
        rig.write(rig.aliases, text)
        done = rotation(rig, NEXT_MONDAY, "apply")
        assert (done.status, done.out) == (0, LINE), done.err
        assert rig.resolve(NOTIFICATIONS) == ["bob"]
        for broken in (b"", b"garbage" * 1000):
            index = f"{rig.aliases}.db"
            owner = rig.stat(index)
            rig.path(index).write_bytes(broken)
            done = rotation(rig, NEXT_MONDAY, "apply")
            assert done.status == 0, done.err
            assert rig.map(KEYS)[NOTIFICATIONS] == "bob"
            assert rig.stat(index).st_uid == owner.st_uid


BROKEN = {
    "postfix": ("/usr/sbin/postalias", "postalias"),
    "sendmail": ("/usr/libexec/sendmail/sendmail", "sendmail"),
    "opensmtpd": ("/usr/sbin/smtpd", "smtpd"),
}


@pytest.mark.parametrize("name", [name for name in RIGS if name in BROKEN])
def test_a_rebuild_that_fails_leaves_everything_as_it_was(new_rig: NewRig, name: str) -> None:
    rig = new_rig(RIGS[name])
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    before, known = state(rig, *files_of(rig)), rig.map(KEYS)
    program = BROKEN[name][0]
    real = rig.read(program)
    mode = rig.stat(program).st_mode & 0o7777
    rig.path(program).rename(str(rig.path(program)) + ".real")
    # answers questions as the real one does, and fails at the work
    rig.write(
        program,
        '#!/bin/sh\nfor w; do case $w in -s|-q|-bt|-be) exec "$0.real" "$@";; esac; done\n'
        "echo 'disk on fire' >&2; exit 1\n",
        mode=0o755,
    )
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert done.status == 3, done
    assert "disk on fire" in done.err
    assert done.out == ""
    rig.path(program).unlink()
    rig.path(program + ".real").rename(rig.path(program))
    assert rig.read(program) == real
    assert rig.stat(program).st_mode & 0o7777 == mode
    assert state(rig, *files_of(rig)) == before
    assert rig.map(KEYS) == known
    rig.must(rig.send("root", "still alice"))
    rig.wait_for("alice", "still alice")
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out) == (0, LINE), done.err


def test_a_rebuild_command_of_the_roster_that_fails(rig: Rig) -> None:
    rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: alice\n")
    rig.must(rig.rebuild())
    text = ROSTER + target(rig, f'server = "{rig.name}"\nrebuild = ["/bin/false"]')
    write_roster(rig, text)
    before = state(rig, *files_of(rig))
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "/bin/false" in done.err
    after = state(rig, *files_of(rig))
    for path, (data, _, *rest) in before.items():
        assert (after[path][0], *after[path][2:]) == (data, *rest)


def test_a_server_that_does_not_read_the_file(rig: Rig) -> None:
    rig.write("/srv/aliases", f"{NOTIFICATIONS}: alice\n")
    write_roster(rig, ROSTER + target(rig).replace(rig.aliases, "/srv/aliases"))
    before = state(rig, "/srv/aliases")
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "/srv/aliases" in done.err
    assert "hint:" in done.err
    assert state(rig, "/srv/aliases") == before


def test_a_server_that_is_not_there(rig: Rig) -> None:
    other = "exim" if rig.name != "exim" else "postfix"
    write_roster(rig, ROSTER + target(rig, f'server = "{other}"'))
    before = state(rig, *files_of(rig))
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "on this host" in done.err
    assert state(rig, *files_of(rig)) == before


def test_a_dry_run_shows_and_changes_nothing(rig: Rig) -> None:
    rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: alice\n")
    rig.must(rig.rebuild())
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))  # OpenSMTPD cannot be asked what it was told by hand
    before = state(rig, *files_of(rig))
    done = rotation(rig, MONDAY, "apply", "--dry-run", "--at", "2026-11-30T09:00")
    assert done.status == 0, done.err
    assert f"-{NOTIFICATIONS}: alice\n+{NOTIFICATIONS}: bob\n" in done.out
    assert ("would run: " in done.out) == (rig.name != "exim")
    assert rotation(rig, NEXT_MONDAY, "apply", "--check").status == 1
    assert rotation(rig, MONDAY, "apply", "--check").status == 0
    assert state(rig, *files_of(rig)) == before
    assert rotation(rig, MONDAY, "apply", "--at", "tomorrow").status == 2


def test_an_include_list_reaches_the_person(rig: Rig) -> None:
    rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: :include:/etc/mail/duty\n")
    rig.write("/etc/mail/duty", "alice\n")
    rig.must(rig.rebuild())
    if isinstance(rig, Postfix):
        rig.make_index_later()
    write_roster(
        rig, ROSTER + '\n[[target]]\ninclude = "/etc/mail/duty"\nalso = ["dan@example.com"]\n'
    )
    for instant, person in ((MONDAY, "alice"), (NEXT_MONDAY, "bob")):
        rig.must(rotation(rig, instant, "apply"))
        subject = f"{rig.name} {person} by include"
        rig.must(rig.send("root", subject))
        rig.wait_for(person, subject)
        rig.wait_for("dan@example.com", subject)
        assert rig.delivered(subject) == sorted([person, "dan@example.com"])
    before = state(rig, "/etc/mail/duty")
    assert rotation(rig, NEXT_MONDAY, "apply").out == ""
    assert state(rig, "/etc/mail/duty") == before
    # what looks the same to the eye, and bounces on one of the servers at least
    for odd in (
        "bob\f\ndan@example.com\n",
        "bob\u00a0\ndan@example.com\n",
        "bob\rdan@example.com\n",
    ):
        rig.write("/etc/mail/duty", odd)
        rig.must(rotation(rig, NEXT_MONDAY, "apply"))
        assert rig.read("/etc/mail/duty") == b"bob\ndan@example.com\n"


def test_a_forward_file_reaches_the_person(rig: Rig) -> None:
    rig.write("/root/.forward", "alice\n")
    write_roster(rig, ROSTER + '\n[[target]]\nforward = "/root/.forward"\n')
    rig.must(rotation(rig, NEXT_MONDAY, "apply"))
    assert rig.read("/root/.forward") == b"bob\n"
    rig.must(rig.send("root", f"{rig.name} by forward"))
    rig.wait_for("bob", f"{rig.name} by forward")
    rig.write("/root/.forward", f"{NOTIFICATIONS}@box.test\n")


@pytest.mark.parametrize(("kind", "options"), ALL)
def test_a_phone_and_an_equals_sign_before_the_at_are_addresses_like_any_other(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any]
) -> None:
    rig = new_rig(kind, **options)
    emails = ["+447700900123@example.com", "bounces+bob=box@example.com"]
    people = ROSTER.replace('bob   = "bob"', f"bob = {{ email = {json.dumps(emails)} }}")
    write_roster(rig, people + target(rig) + '\n[[target]]\nforward = "/root/.forward"\n')
    rig.must(rotation(rig, NEXT_MONDAY, "apply"))
    rig.must(rig.send(NOTIFICATIONS, "by alias"))
    rig.must(rig.send("root", "by forward"))
    for subject in ("by alias", "by forward"):
        for email in emails:
            rig.wait_for(email, subject)
        assert rig.delivered(subject) == sorted(emails)
    before = state(rig, *files_of(rig), "/root/.forward")
    assert rotation(rig, NEXT_MONDAY, "apply") == Finished(0, "", "")
    assert state(rig, *files_of(rig), "/root/.forward") == before


@pytest.mark.parametrize(("kind", "options"), ALL)
def test_a_handoff_in_a_file_of_many_aliases(
    new_rig: NewRig, kind: type[Rig], options: dict[str, Any]
) -> None:
    rig = new_rig(kind, **options)
    others = "".join(f"user{number}: user{number}@example.com\n" for number in range(1500))
    before = others + rig.read(rig.aliases).decode() + others.replace("user", "other")
    rig.write(rig.aliases, before)
    rig.must(rig.rebuild())
    write_roster(rig)
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert (done.status, done.out, done.err) == (0, LINE, "")
    after = before.replace(f"{NOTIFICATIONS}: alice", f"{NOTIFICATIONS}: bob")
    assert rig.read(rig.aliases).decode() == after
    expected = {
        NOTIFICATIONS: "bob",
        "user7": "user7@example.com",
        "other1499": "other1499@example.com",
    }
    assert rig.map(expected).items() >= expected.items()
