"""Addresses that lead back to where the mail comes from, by what the mail servers call local."""

from __future__ import annotations

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, RIGS, Rig
from .roster_in_rig import (
    MONDAY,
    NEXT_MONDAY,
    ROSTER,
    files_of,
    rotation,
    state,
    target,
    write_roster,
)


@pytest.mark.parametrize("local", [NOTIFICATIONS, "root"])
def test_the_alias_by_its_full_address_is_refused(rig: Rig, local: str) -> None:
    rig.write(rig.aliases, f"{NOTIFICATIONS}: carol\n")
    rig.rebuild()
    write_roster(rig, ROSTER.replace('"alice"\n', f'"{local}@Box.Test"\n', 1) + target(rig))
    rig.run(["rm", "-rf", "/var/lib/rotation"])
    done = rotation(rig, MONDAY, "check")
    assert "would go round in circles" in done.out
    done = rotation(rig, MONDAY, "apply")
    assert done.status == 3
    assert "would go round in circles" in done.err
    assert rig.read(rig.aliases) == f"{NOTIFICATIONS}: carol\n".encode()


@pytest.mark.parametrize(
    ("aliases", "refused"),
    [
        (f"ops: night\nnight: carol, {NOTIFICATIONS}@Box.Test\n", True),
        (f"ops: Night+3\nnight: {NOTIFICATIONS}\nother: ops\n", True),
        ("ops: night\nnight: dave\ndave: night\n", False),
        (f"ops: carol\nnight: {NOTIFICATIONS}\n", False),
        (f"ops: night+3\nnight+3: carol\nnight: {NOTIFICATIONS}\n", False),
        (f"ops: night@example.com\nnight: {NOTIFICATIONS}\n", False),
        (f"# ops: night\n#ops: {NOTIFICATIONS}\nops: carol # {NOTIFICATIONS}\n", False),
    ],
)
@pytest.mark.parametrize("address", ["ops", "ops@Box.Test"])
def test_an_address_that_leads_back_by_way_of_other_aliases_is_refused(
    rig: Rig, address: str, aliases: str, refused: bool
) -> None:
    text = f"{NOTIFICATIONS}: carol\n{aliases}"
    rig.write(rig.aliases, text)
    rig.rebuild()
    rig.run(["rm", "-rf", "/var/lib/rotation"])
    write_roster(rig, ROSTER.replace('"alice"\n', f'"{address}"\n', 1) + target(rig))
    done = rotation(rig, MONDAY, "apply")
    way = f"{address} leads back to the alias itself (ops -> night"
    assert (way in done.err) == refused, done
    assert (rig.read(rig.aliases) == text.encode()) == refused, done
    assert done.status == (3 if refused else 0), done


@pytest.mark.parametrize("local", ["duty", "duty+night", "root"])
def test_a_list_that_leads_back_to_the_alias_that_includes_it_is_refused(
    rig: Rig, local: str
) -> None:
    path = "/etc/mail/duty"
    rig.write(rig.aliases, f"{NOTIFICATIONS}: duty\nduty: carol,\n  :include:{path}\n")
    rig.rebuild()
    rig.write(path, "carol\n")
    rig.write(f"{path}.other", "carol\n")
    lists = "".join(f'[[target]]\ninclude = "{name}"\n' for name in (path, f"{path}.other"))
    write_roster(rig, ROSTER.replace('"alice"\n', f'"{local}@box.test"\n', 1) + lists)
    done = rotation(rig, MONDAY, "apply")
    assert done.status == 3
    refused = f"mail for {path} would go round in circles"
    assert refused in done.err
    assert rig.read(path) == b"carol\n"
    assert (rig.read(f"{path}.other") == b"carol\n") == (local == "root")
    assert refused in rotation(rig, MONDAY, "check").out


@pytest.mark.parametrize("text_too", [True, False])
def test_a_file_that_is_a_mount_of_its_own_is_refused_and_foreseen(
    new_rig: NewRig, text_too: bool
) -> None:
    rig = new_rig(RIGS["postfix"], started=False)
    write_roster(rig)
    mounted = rig.aliases if text_too else f"{rig.aliases}.db"
    bind = f"cp -p {mounted} /srv/given && mount --bind /srv/given {mounted}"
    rig.must(rig.run(["sh", "-euc", bind]))
    before = state(rig, *files_of(rig))
    for arguments in (("apply", "--dry-run"), ("apply", "--check"), ("apply",)):
        done = rotation(rig, NEXT_MONDAY, *arguments)
        assert done.status == 3, done
        assert "mount its folder instead" in done.err, done
        assert mounted in done.err, done
    assert "mount its folder instead" in rotation(rig, MONDAY, "doctor").out
    assert state(rig, *files_of(rig)) == before
