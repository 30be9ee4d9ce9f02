"""The trip wire on what people do to the plan, on handoffs, and on what is remembered itself."""

from __future__ import annotations

import json
import os

from .rigs import NOTIFICATIONS, Rig
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, rotation, target, write_roster

FORWARD = "/root/.forward"
ROSTER_FILE = "/etc/rotation/duty.toml"
OVERRIDES = "/etc/rotation/duty.overrides.toml"
RECORD = "/var/lib/rotation/verify.json"
FIVE_BEFORE, ONE_BEFORE = "2026-11-30T08:54:00+00:00", "2026-11-30T08:59:00+00:00"
THREE_AFTER, TEN_AFTER = "2026-11-30T09:03:00+00:00", "2026-11-30T09:10:00+00:00"
YEAR = """\
[[override]]
start = 2026-11-01T00:00:00Z
end = 2027-11-01T00:00:00Z
out = "bob"
in = "carol"
"""


def start(rig: Rig) -> None:
    rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: alice\n")
    rig.write(FORWARD, f"{NOTIFICATIONS}@box.test\n")
    rig.rebuild()
    write_roster(rig)
    rig.run(["rm", "-rf", "/var/lib/rotation", OVERRIDES])
    assert rotation(rig, MONDAY, "apply").status == 0
    good(rig)


def good(rig: Rig, at: str = MONDAY) -> None:
    done = rotation(rig, at, "verify")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_a_handoff_that_apply_has_not_come_to_is_no_alarm(postfix: Rig) -> None:
    start(postfix)
    for at in (FIVE_BEFORE, ONE_BEFORE):
        assert rotation(postfix, at, "apply").status == 0
    good(postfix, NEXT_MONDAY)
    good(postfix, THREE_AFTER)
    said = json.loads(rotation(postfix, THREE_AFTER, "doctor", "--json").out)
    assert [one["what"] for one in said if one["about"] == "target"] == [
        "the target holds what it should, in text and index"
    ]
    # a run that should have come and did not
    late = rotation(postfix, TEN_AFTER, "verify")
    assert late.status == 1
    assert f"the alias {NOTIFICATIONS} holds alice; it should hold bob" in late.err
    # somebody who was not on duty before the handoff either
    postfix.write(postfix.aliases, f"postmaster: root\n{NOTIFICATIONS}: carol\n")
    postfix.rebuild()
    done = rotation(postfix, THREE_AFTER, "verify")
    assert done.status == 1
    assert "holds carol; it should hold bob" in done.err


def test_a_run_after_the_handoff_that_failed_is_an_alarm(postfix: Rig) -> None:
    start(postfix)
    assert rotation(postfix, ONE_BEFORE, "apply").status == 0
    kept = postfix.read(postfix.aliases)
    postfix.path(postfix.aliases).unlink()
    assert rotation(postfix, NEXT_MONDAY, "apply").status == 3
    postfix.write(postfix.aliases, kept)
    postfix.rebuild()
    assert rotation(postfix, THREE_AFTER, "verify").status == 1


def test_an_address_that_was_changed_is_told_until_it_is_accepted(postfix: Rig) -> None:
    start(postfix)
    write_roster(postfix, (ROSTER + target(postfix)).replace('"alice"\n', '"carol"\n', 1))
    os.utime(postfix.path(ROSTER_FILE), (1795435200, 1795435200))
    assert rotation(postfix, MONDAY, "apply").status == 0
    for _ in range(2):
        done = rotation(postfix, MONDAY, "verify")
        assert done.status == 1
        assert "the address of alice is carol now, and was alice" in done.err
        assert "the file is root's, written at 2026-11-23T12:00:00+00:00" in done.err
    taken = rotation(postfix, MONDAY, "verify", "--accept")
    assert taken.status == 0
    good(postfix)


def test_overrides_by_hand_are_told_and_those_of_our_commands_named(postfix: Rig) -> None:
    start(postfix)
    postfix.write(OVERRIDES, YEAR)
    done = rotation(postfix, MONDAY, "verify")
    assert done.status == 1
    assert (
        "override: carol for bob from Sun 2026-11-01 00:00 to Mon 2027-11-01 00:00: "
        "written by hand" in done.err
    )
    assert f"--> {OVERRIDES}:1" in done.err
    postfix.path(OVERRIDES).unlink()
    good(postfix)
    swap = rotation(postfix, MONDAY, "swap", "bob", "carol", "--yes", "--by", "bob")
    assert swap.status == 0
    done = rotation(postfix, MONDAY, "verify")
    assert (done.status, done.err) == (0, "")
    assert "changed by rotation: duty: override: carol for bob from Mon 2026-11-30" in done.out
    assert ", by bob at Mon 2026-11-23 12:00" in done.out
    good(postfix)
    # one of ours hides none of theirs
    away = rotation(postfix, MONDAY, "away", "carol", "2027-01-04", "2027-01-05", "--yes")
    assert away.status == 0
    postfix.write(OVERRIDES, postfix.read(OVERRIDES).decode() + YEAR)
    done = rotation(postfix, MONDAY, "verify")
    assert (done.status, "written by hand" in done.err) == (1, True)
    assert "changed by rotation: duty: absence of carol" in done.out


def test_join_and_undo_are_ours(postfix: Rig) -> None:
    start(postfix)
    join = rotation(postfix, MONDAY, "join", "dora", "--email", "dora@example.com", "--yes")
    assert join.status == 0
    done = rotation(postfix, MONDAY, "verify")
    assert (done.status, done.err) == (0, "")
    assert "changed by rotation: duty: the block of the rotation 'weekly'" in done.out
    good(postfix)


def test_the_way_of_postmasters_mail(postfix: Rig) -> None:
    start(postfix)
    postfix.write(postfix.aliases, f"postmaster: carol\n{NOTIFICATIONS}: alice\n")
    postfix.rebuild()
    done = rotation(postfix, MONDAY, "verify")
    assert done.status == 1
    assert "mail for postmaster does not go on to root any more (alias)" in done.err
    assert rotation(postfix, MONDAY, "verify", "--accept").status == 0
    good(postfix)


def test_a_record_that_is_gone_or_replaced_is_told(postfix: Rig) -> None:
    start(postfix)
    kept = postfix.read(RECORD)
    postfix.path(RECORD).unlink()
    for _ in range(2):
        done = rotation(postfix, MONDAY, "verify")
        assert done.status == 1
        assert "what was remembered of the chain is gone" in done.err
    value = json.loads(kept)
    value["marks"][FORWARD]["owner"] = 61001
    postfix.write(RECORD, json.dumps(value))
    done = rotation(postfix, MONDAY, "verify")
    assert done.status == 1
    assert "what is remembered of the chain is not what `rotation verify` wrote" in done.err
    assert rotation(postfix, MONDAY, "verify", "--accept").status == 0
    good(postfix)


def test_doctor_tells_of_the_fallback_and_of_a_home_that_everybody_can_write(
    postfix: Rig,
) -> None:
    start(postfix)
    home = postfix.path("/home/alice")
    mode = home.stat().st_mode & 0o7777
    home.chmod(0o777)
    said = json.loads(rotation(postfix, MONDAY, "doctor", "--json").out)
    home.chmod(mode)
    found = [one["where"]["file"] for one in said if one["about"] == "rights" and one["where"]]
    assert "/home/alice" in found
    write_roster(postfix, ROSTER.replace("every ", 'hours = ["sun"]\nevery ') + target(postfix))
    said = json.loads(rotation(postfix, MONDAY, "doctor", "--json").out)
    what = (
        "nobody has the role 'duty' until Sun 2026-11-29 00:00: the fallback gets all of its mail"
    )
    assert ("warning", what) in [(one["severity"], one["what"]) for one in said]
