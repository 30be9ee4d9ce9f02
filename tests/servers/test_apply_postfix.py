"""What `apply` does where one mail server is enough to see it: Postfix."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .rigs import NOTIFICATIONS, Postfix
from .roster_in_rig import (
    LINE,
    NEXT_MONDAY,
    ROSTER,
    SOURCE,
    THIRD,
    files_of,
    rotation,
    state,
    target,
    write_roster,
)


def test_several_rosters_one_index(postfix: Postfix) -> None:
    postfix.write(postfix.aliases, f"{NOTIFICATIONS}: alice\nother: alice\n")
    postfix.must(postfix.rebuild())
    write_roster(postfix)
    write_roster(postfix, ROSTER + target(postfix, name="other"), name="two")
    done = rotation(postfix, NEXT_MONDAY, "apply")
    assert (done.status, done.out.count("\n")) == (0, 2), done.err
    assert postfix.map()[NOTIFICATIONS] == postfix.map()["other"] == "bob"
    write_roster(postfix, ROSTER + target(postfix, 'also = ["eve@example.com"]'), name="two")
    before = state(postfix, *files_of(postfix))
    done = rotation(postfix, THIRD, "apply")
    assert done.status == 3
    assert "different people" in done.err
    assert state(postfix, *files_of(postfix)) == before
    postfix.path("/etc/rotation/two.toml").unlink()


def test_another_instance_of_postfix(postfix: Postfix) -> None:
    folder = postfix.second()
    postfix.write(f"{folder}/aliases", "duty: alice\n")
    postfix.must(postfix.run(["postalias", "-c", folder, f"hash:{folder}/aliases"]))
    text = f'\n[[target]]\naliases = "{folder}/aliases"\nname = "duty"\nconfig = "{folder}"\n'
    write_roster(postfix, ROSTER + text)
    rig = postfix
    rig.must(rotation(rig, NEXT_MONDAY, "apply"))
    answer = rig.run(["postalias", "-c", folder, "-q", "duty", f"hash:{folder}/aliases"])
    assert answer.out == "bob\n"


def test_two_runs_at_once(postfix: Postfix) -> None:
    postfix.write(postfix.aliases, f"postmaster: root\n{NOTIFICATIONS}: alice\n")
    postfix.must(postfix.rebuild())
    write_roster(postfix)
    script = str(Path(__file__).with_name("run_at.py"))
    argv = ["/usr/bin/env", f"PYTHONPATH={SOURCE}", sys.executable, "-B", script, NEXT_MONDAY]
    running = [
        subprocess.Popen(
            postfix.host.enter([*argv, "apply"]), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    done = [process.communicate(timeout=600) for process in running]
    assert [process.returncode for process in running] == [0] * 4, done
    assert sorted(out for out, _ in done) == [b"", b"", b"", LINE.encode()]
    assert postfix.resolve(NOTIFICATIONS) == ["bob"]


def test_without_the_rights(postfix: Postfix) -> None:
    write_roster(postfix)
    postfix.write(postfix.aliases, f"postmaster: root\n{NOTIFICATIONS}: alice\n")
    postfix.must(postfix.rebuild())
    before = state(postfix, *files_of(postfix))
    done = rotation(postfix, NEXT_MONDAY, "apply", user="alice")
    assert done.status == 3
    assert "permission denied" in done.err.lower()
    assert "Traceback" not in done.err
    assert state(postfix, *files_of(postfix)) == before


def test_a_full_disk(postfix: Postfix) -> None:
    folder = "/srv/full"
    postfix.must(postfix.run(["mkdir", "-p", folder]))
    postfix.must(postfix.run(["mount", "-t", "tmpfs", "-o", "size=16k,mode=755", "x", folder]))
    try:
        postfix.write(f"{folder}/duty", "alice\n")
        postfix.run(["sh", "-c", f"cat /dev/zero > {folder}/filler"])
        write_roster(postfix, ROSTER + f'\n[[target]]\ninclude = "{folder}/duty"\n')
        done = rotation(postfix, NEXT_MONDAY, "apply")
        assert done.status == 3
        assert "no space left" in done.err
        assert postfix.read(f"{folder}/duty") == b"alice\n"
        assert sorted(path.name for path in postfix.path(folder).iterdir()) == ["duty", "filler"]
    finally:
        postfix.must(postfix.run(["umount", folder]))


def test_a_forward_in_a_home_is_written_as_its_owner(postfix: Postfix) -> None:
    home = "/home/carol"
    write_roster(postfix, ROSTER + f'\n[[target]]\nforward = "{home}/.forward"\n')
    postfix.must(rotation(postfix, NEXT_MONDAY, "apply"))
    assert postfix.read(f"{home}/.forward") == b"bob\n"
    made = postfix.stat(f"{home}/.forward")
    assert (made.st_uid, made.st_mode & 0o777) == (postfix.stat(home).st_uid, 0o644)
    # a link planted there is not followed, and root's file is not touched
    postfix.write("/root/secret", "s3cret\n", mode=0o600)
    postfix.path(f"{home}/.forward").unlink()
    postfix.must(postfix.run(["ln", "-s", "/root/secret", f"{home}/.forward"], user="carol"))
    done = rotation(postfix, NEXT_MONDAY, "apply")
    assert done.status == 3
    assert "symbolic link" in done.err
    assert postfix.read("/root/secret") == b"s3cret\n"
    postfix.must(postfix.run(["rm", f"{home}/.forward"]))
