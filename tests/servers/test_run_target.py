"""A target that is a program, on a host with a mail server."""

from __future__ import annotations

from .rigs import Postfix
from .roster_in_rig import MONDAY, ROSTER, rotation, write_roster

SCRIPTS = "/etc/duty.d"
FIRST, SECOND = f"{SCRIPTS}/10-get", f"{SCRIPTS}/20-more"
HELPER = "/etc/rotation/helper"


def test_the_trip_wire_is_on_all_that_a_program_is_given(postfix: Postfix) -> None:
    words = f'"/bin/sh", "-c", "for s in $1/*; do . $s; done", "{HELPER}", "{SCRIPTS}"'
    head = ROSTER.partition("[[target]]")[0]
    write_roster(postfix, f'{head}[[target]]\nrun = [{words}]\nname = "duty"\n')
    postfix.write(FIRST, "echo '[\"alice\"]'\n")
    for path in (SECOND, HELPER):
        postfix.write(path, "# nothing\n")
    postfix.write("/root/.forward", "alice\n")
    done = rotation(postfix, MONDAY, "verify")
    assert done.status == 0, done.err
    done = rotation(postfix, MONDAY, "verify")
    assert (done.status, done.out, done.err) == (0, "", "")
    for path in (FIRST, HELPER):
        before = postfix.read(path)
        postfix.write(path, before + b"# evil\n")
        done = rotation(postfix, MONDAY, "verify")
        assert done.status == 1
        assert f"has other contents now\n  --> {path}\n" in done.err
        postfix.write(path, before)
    postfix.path(SECOND).unlink()
    done = rotation(postfix, MONDAY, "verify")
    assert done.status == 1
    assert f"has other contents now\n  --> {SCRIPTS}\n" in done.err
    looked = rotation(postfix, MONDAY, "doctor").out
    assert "nobody can know beforehand whether /bin/sh takes the next handoff" in looked
