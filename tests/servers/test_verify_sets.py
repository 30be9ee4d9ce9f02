"""Several sets of rosters on one host: each is compared with what was remembered for it alone."""

from __future__ import annotations

import json

from .rigs import NOTIFICATIONS, Rig
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, rotation, target, write_roster
from .tampered import FORWARD, chmod, good, start

OTHER = "/srv/other"
LIST = "/etc/mail/duty"
NAMED = ("--rosters", OTHER)
FIVE_BEFORE, ONE_BEFORE = "2026-11-30T08:54:00+00:00", "2026-11-30T08:59:00+00:00"
THREE_AFTER = "2026-11-30T09:03:00+00:00"


def _two_sets(rig: Rig) -> None:
    """That of the host and another one, which holds a list beside the same alias."""
    start(rig)
    rig.run(["rm", "-rf", "/var/lib/rotation", OTHER])
    rig.write(LIST, "alice\n")
    text = ROSTER + target(rig) + f'[[target]]\ninclude = "{LIST}"\n'
    rig.write(f"{OTHER}/duty.toml", text)
    rig.write(f"{OTHER}/notes.txt", "")
    for named in ((), NAMED):
        assert rotation(rig, MONDAY, *named, "apply").status == 0


def _verified(rig: Rig, *words: str) -> tuple[int, str]:
    done = rotation(rig, MONDAY, *words)
    return done.status, done.err


def test_what_one_set_remembers_is_no_change_of_another(postfix: Rig) -> None:
    _two_sets(postfix)
    for _ in range(3):
        assert _verified(postfix, "verify") == (0, "")
        assert _verified(postfix, *NAMED, "verify") == (0, "")
        # one file of the folder is a set of its own, from whatever folder it is named
        assert _verified(postfix, "--rosters", f"{OTHER}/../other/duty.toml", "verify") == (0, "")
    chmod(postfix, FORWARD, 0o600)
    for named, command in (((), "rotation"), (NAMED, f"rotation --rosters {OTHER}")):
        status, said = _verified(postfix, *named, "verify")
        assert status == 1
        assert f"if this change is yours: {command} verify --accept" in said
    # what one accepts, the other is still told
    assert rotation(postfix, MONDAY, *NAMED, "verify", "--accept").status == 0
    assert _verified(postfix, *NAMED, "verify") == (0, "")
    assert "has the mode 0600 now, not 0644" in _verified(postfix, "verify")[1]
    chmod(postfix, FORWARD, 0o644)
    assert _verified(postfix, "verify") == (0, "")
    assert "has the mode 0644 now, not 0600" in _verified(postfix, *NAMED, "verify")[1]


def test_what_was_remembered_for_all_sets_at_once_is_understood(postfix: Rig) -> None:
    _two_sets(postfix)
    assert _verified(postfix, *NAMED, "verify") == (0, "")
    state = postfix.path("/var/lib/rotation")
    (kept,) = state.glob("verify-*.json")
    for path in (kept, kept.with_suffix(".seen")):
        path.rename(state / f"verify{path.suffix}")
    chmod(postfix, FORWARD, 0o600)
    assert "has the mode 0600 now, not 0644" in _verified(postfix, *NAMED, "verify")[1]
    assert rotation(postfix, MONDAY, *NAMED, "verify", "--accept").status == 0
    assert _verified(postfix, *NAMED, "verify") == (0, "")
    # of rosters that it says nothing of it is none
    postfix.write("/srv/third/duty.toml", ROSTER + target(postfix))
    assert _verified(postfix, "--rosters", "/srv/third", "verify") == (0, "")
    chmod(postfix, FORWARD, 0o644)


def test_a_record_of_a_set_that_is_gone_or_replaced(postfix: Rig) -> None:
    _two_sets(postfix)
    for named in ((), NAMED):
        assert _verified(postfix, *named, "verify") == (0, "")
    state = postfix.path("/var/lib/rotation")
    (kept,) = state.glob("verify-*.json")
    kept.write_bytes((state / "verify.json").read_bytes())
    said = _verified(postfix, *NAMED, "verify")[1]
    assert "what is remembered of the chain is not what `rotation verify` wrote" in said
    kept.unlink()
    assert "what was remembered of the chain is gone" in _verified(postfix, *NAMED, "verify")[1]
    good(postfix)


def test_apply_of_one_set_is_none_of_another(postfix: Rig) -> None:
    _two_sets(postfix)
    for at in (FIVE_BEFORE, ONE_BEFORE):
        assert rotation(postfix, at, "apply").status == 0
    assert rotation(postfix, THREE_AFTER, "verify").status == 0  # its next run is still to come
    late = rotation(postfix, THREE_AFTER, *NAMED, "verify")
    assert late.status == 1
    assert f"the alias {NOTIFICATIONS} holds alice; it should hold bob" in late.err


def test_doctor_tells_the_runs_of_one_set_from_those_of_another(postfix: Rig) -> None:
    _two_sets(postfix)
    postfix.run(["rm", "-rf", "/var/lib/rotation"])
    assert rotation(postfix, NEXT_MONDAY, "apply").status == 0
    assert _run_of(postfix) == ["`rotation apply` ran last at 2026-11-30T09:00+00:00"]
    assert _run_of(postfix, *NAMED) == [f"`rotation apply` has never run here for {OTHER}"]
    assert rotation(postfix, NEXT_MONDAY, *NAMED, "apply").status == 0
    assert _run_of(postfix, *NAMED) == ["`rotation apply` ran last at 2026-11-30T09:00+00:00"]
    # who applies the folder applies each file of it, and who applies one file does not the folder
    whole = _run_of(postfix, "--rosters", f"{OTHER}/duty.toml")
    assert whole == ["`rotation apply` ran last at 2026-11-30T09:00+00:00"]
    postfix.run(["rm", "-rf", "/var/lib/rotation"])
    one_file = ("--rosters", f"{OTHER}/duty.toml")
    assert rotation(postfix, NEXT_MONDAY, *one_file, "apply").status == 0
    assert _run_of(postfix, *NAMED) == [f"`rotation apply` has never run here for {OTHER}"]
    write_roster(postfix)


def _run_of(rig: Rig, *named: str) -> list[str]:
    findings = json.loads(rotation(rig, NEXT_MONDAY, *named, "doctor", "--json").out)
    run = [one["what"] for one in findings if one["about"] == "run"]
    return [what for what in run if "rotation apply" in what]
