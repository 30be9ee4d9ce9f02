"""`owner-NAME` beside an alias: as whose the mail is passed on, on the real servers."""

from __future__ import annotations

from .rigs import NOTIFICATIONS, Postfix, Rig, Sendmail, wait
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, files_of, rotation, state, target

OWNER = f"owner-{NOTIFICATIONS}"
AWAY = ROSTER.replace('alice = "alice"', 'alice = "alice@far.example"')


def _write(rig: Rig, more: str) -> None:
    rig.write("/etc/rotation/duty.toml", AWAY + target(rig, more))


def test_the_owner_is_written_beside_the_alias_and_read_back(rig: Rig) -> None:
    before = rig.read(rig.aliases)
    _write(rig, 'owner = "carol"')
    done = rotation(rig, MONDAY, "apply")
    assert (done.status, done.err) == (0, "")
    assert f"{OWNER}: (nothing) -> carol (who gets what bounces)" in done.out
    assert rig.resolve(OWNER) == ["carol"]
    assert rig.resolve(NOTIFICATIONS) == ["alice@far.example"]
    after = rig.read(rig.aliases)
    changed = before.replace(b"%s: alice" % NOTIFICATIONS.encode(), b"")
    kept = [line for line in changed.splitlines() if line]
    assert all(line in after.splitlines() for line in kept)
    assert rotation(rig, MONDAY, "apply").out == ""
    assert rotation(rig, MONDAY, "verify").status == 0
    now = state(rig, *files_of(rig))
    assert rotation(rig, MONDAY, "apply", "--check").status == 0
    assert state(rig, *files_of(rig)) == now
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert OWNER not in done.out
    assert rig.resolve(OWNER) == ["carol"]


def test_mail_is_passed_on_as_the_owners(rig: Rig) -> None:
    """Postfix makes it the sender, Sendmail whom it leads to; the others keep the sender."""
    _write(rig, 'owner = "carol"')
    assert rotation(rig, MONDAY, "apply").status == 0
    start = len(rig.log(lines=10_000))
    rig.must(rig.send("root", "passed on"))
    rig.wait_for("alice@far.example", "passed on")
    said = rig.log(lines=10_000)[start:]
    assert (f"from=<{OWNER}@box.test>" in said) == isinstance(rig, Postfix)
    assert ("clone: owner=carol" in said) == isinstance(rig, Sendmail)
    if isinstance(rig, (Postfix, Sendmail)):
        rig.write("/run/refused", "alice@far.example 550 5.7.1 no\n")
        rig.must(rig.send("root", "bounces"))
        wait(lambda: len(rig.mailbox("carol")) >= 1, "the bounce to reach the owner")
        rig.write("/run/refused", "")


def test_both_or_neither(rig: Rig) -> None:
    """An owner that stands in the file twice stops the alias too: its mail would be half right."""
    rig.write(rig.aliases, f"{NOTIFICATIONS}: alice\n{OWNER}: alice\n{OWNER}: bob\n")
    rig.rebuild()
    before = rig.read(rig.aliases)
    _write(rig, 'owner = "carol"')
    done = rotation(rig, NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "has 2 entries" in done.err
    assert rig.read(rig.aliases) == before
    assert rig.resolve(NOTIFICATIONS) == ["alice"]
