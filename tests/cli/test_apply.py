"""`rotation apply` as people type it: once and again, rehearsed, refused."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.sample import call


def test_apply_once_and_again(roster: Path) -> None:
    aliases = roster.parent / "aliases"
    shown = call(roster, "apply", "--dry-run")
    assert "-all-system-notifications: alice@example.com\n" in shown.stdout
    assert "+all-system-notifications: bob@example.com\n" in shown.stdout
    assert call(roster, "apply", "--check").exit_code == 1
    assert aliases.read_bytes().endswith(b": alice@example.com\n")
    assert not (roster.parent / "state").exists()
    done = call(roster, "apply")
    assert (done.exit_code, done.stdout) == (
        0,
        "all-system-notifications: alice -> bob, until Mon 30 Nov 09:00 GMT (weekly)\n",
    )
    assert aliases.read_bytes() == b"root: x\nall-system-notifications: bob@example.com\n"
    before = os.stat(aliases)
    again = call(roster, "apply")
    assert (again.exit_code, again.output) == (0, "")
    after = os.stat(aliases)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert call(roster, "apply", "--check").exit_code == 0
    assert sorted(p.name for p in roster.parent.iterdir()) == ["aliases", "state", "weekly.toml"]


def test_an_alias_that_is_new_or_no_plain_list(roster: Path) -> None:
    aliases = roster.parent / "aliases"
    aliases.write_bytes(b"root: x")
    assert call(roster, "apply").stdout.startswith("all-system-notifications: (nothing) -> bob, ")
    assert aliases.read_bytes() == b"root: x\nall-system-notifications: bob@example.com\n"
    aliases.write_bytes(b'all-system-notifications: "|/bin/cat"\n')
    assert "(not a plain list) -> bob, " in call(roster, "apply").stdout


def test_apply_as_json(roster: Path) -> None:
    (answer,) = json.loads(call(roster, "apply", "--json").stdout)
    assert answer["before"] == ["alice@example.com"]
    assert answer["after"] == ["bob@example.com"]
    assert answer["changed"] is True
    assert answer["target"] == str(roster.parent / "aliases")
    assert answer["name"] == "all-system-notifications"


def test_what_nobody_looked_at_is_null_in_json(roster: Path) -> None:
    aliases = roster.parent / "aliases"
    aliases.unlink()
    aliases.mkdir()
    (answer,) = json.loads(call(roster, "apply", "--json").stdout)
    assert (answer["before"], answer["changed"]) == (None, False)
    assert answer["problems"]
    aliases.rmdir()
    aliases.write_bytes(b'all-system-notifications: "|/bin/cat"\n')  # no addresses, and not empty
    (answer,) = json.loads(call(roster, "apply", "--json").stdout)
    assert (answer["before"], answer["changed"]) == (None, True)
    aliases.write_bytes(b"root: x\n")
    (answer,) = json.loads(call(roster, "apply", "--json").stdout)
    assert (answer["before"], answer["changed"]) == ([], True)


def test_a_rehearsed_instant_is_for_rehearsals(roster: Path) -> None:
    done = call(roster, "apply", "--at", "+7d")
    assert done.exit_code == 2
    assert "--dry-run" in done.stderr
    assert "carol" in call(roster, "apply", "--dry-run", "--at", "+7d").stdout


def test_no_fallback_leaves_the_target(roster: Path) -> None:
    roster.write_text(roster.read_text().replace("fallback", "#fallback"))
    before = (roster.parent / "aliases").read_bytes()
    done = call(roster, "apply", now=datetime(2020, 1, 1, tzinfo=UTC))
    assert done.exit_code == 1
    assert "there is no fallback" in done.stderr
    assert (roster.parent / "aliases").read_bytes() == before


def _absent(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _socket(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _open_to_all(path: Path) -> None:
    path.chmod(0o666)


def _huge(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.truncate(10**10)


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_absent, "no such aliases file"),
        (_folder, "is a folder"),
        (_socket, "is a socket"),
        (_pipe, "is a named pipe"),
        (_open_to_all, "written by everybody"),
        (_huge, "larger than"),
        (_dangling, "no such aliases file"),
    ],
)
def test_an_aliases_file_that_is_none(roster: Path, spoil: object, said: str) -> None:
    assert callable(spoil)
    spoil(roster.parent / "aliases")
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert said in done.stderr
    assert done.stdout == ""


def test_a_folder_that_is_not_there(roster: Path) -> None:
    text = roster.read_text()
    roster.write_text(text + '\n[[target]]\ninclude = "nowhere/duty"\n')
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert "no such folder" in done.stderr
    assert "all-system-notifications: alice -> bob" in done.stdout  # the other target is made true


def test_two_targets_of_one_alias(roster: Path) -> None:
    (roster.parent / "link").symlink_to("aliases")
    more = '\n[[target]]\naliases = "link"\nname = "ALL-system-notifications"\nrebuild = []\n'
    roster.write_text(roster.read_text() + more + 'also = ["eve@example.com"]\n')
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert "different people" in done.stderr
    roster.write_text(roster.read_text().replace('also = ["eve@example.com"]\n', ""))
    assert call(roster, "apply").exit_code == 0


def test_a_rebuild_that_fails_or_is_not_there(roster: Path) -> None:
    good = roster.read_text()
    before = (roster.parent / "aliases").read_bytes()
    for command in (
        '"/bin/false"',
        '"/nonexistent/newaliases"',
        # a warning that it did not give of the text as it was
        f'"/bin/sh", "-c", "grep bob \\"$0\\" && echo warning: x; true", "{roster.parent}/aliases"',
    ):
        roster.write_text(good.replace("rebuild = []", f"rebuild = [{command}]"))
        done = call(roster, "apply")
        assert done.exit_code == 3
        assert done.stdout == ""
        assert (roster.parent / "aliases").read_bytes() == before


def test_an_unknown_person_changes_nothing(roster: Path) -> None:
    before = (roster.parent / "aliases").read_bytes()
    roster.write_text(roster.read_text().replace('"bob", "carol"]', '"bob", "carl"]'))
    done = call(roster, "apply")
    line = 1 + roster.read_text().splitlines().index('people  = ["alice", "bob", "carl"]')
    assert done.exit_code == 2
    assert done.stderr == (
        f"error: unknown person 'carl'\n  --> {roster}:{line}\n"
        "  hint: did you mean 'carol'? people are listed at line 6\n"
    )
    assert (roster.parent / "aliases").read_bytes() == before
    assert call(roster, "check").exit_code == 1
    assert f"{roster}:{line}: error: unknown person 'carl'" in call(roster, "check").stdout


def test_a_roster_that_everybody_can_write(roster: Path) -> None:
    roster.chmod(0o666)
    assert call(roster, "apply").exit_code == 2
    assert call(roster, "who").exit_code == 0


@pytest.mark.parametrize(
    ("key", "held", "line", "said"),
    [
        ("include", "# ours\npostmaster: root\nduty: bob\n", 2, 'is it aliases = "'),
        ("include", "root:bob@example.com\n", 1, "an entry of an aliases file"),
        ("forward", "bob@example.com\n\nroot : bob\n", 3, "an entry of an aliases file"),
        ("include", "duty@example.com\tbob@example.com\n", 1, 'is it virtual = "'),
        ("include", 'timezone = "UTC"\n', 1, "a line of a configuration file"),
        ("include", "[people]\n", 1, "a line of a configuration file"),
        ("include", "duty\0bob\0", 1, "what a program wrote for itself"),
        ("forward", "#  EXIM filter\nsave /dev/null\n", 1, "a filter begins here"),
        ("forward", "# Sieve Filter\nbob@example.com\n", 1, "a filter begins here"),
    ],
)
def test_a_file_that_is_no_list_is_never_written_over(
    roster: Path, key: str, held: str, line: int, said: str
) -> None:
    file = roster.parent / "file"
    file.write_text(held)
    text = roster.read_text()
    roster.write_text(f'{text[: text.index("[[target]]")]}[[target]]\n{key} = "file"\n')
    for options in ((), ("--check",), ("--dry-run",)):
        done = call(roster, "apply", *options, state=roster.parent / "-".join(("s", *options)))
        assert (done.exit_code, done.stdout) == (3, "")
        assert f"file:{line}\n" in done.stderr
        assert said in done.stderr
    assert file.read_text() == held


def test_whatever_a_list_may_hold_makes_room(roster: Path) -> None:
    file = roster.parent / "file"
    held = ["a@example.com, c@example.com", '"|/bin/x y: z=1"', "/var/mail/x", "\\alice", "bob"]
    held += [
        ":include:/etc/x",
        "B <b@example.com>",
        "<c@x.org> (c)",
        "|/bin/x a = 1",
        "a@x.org (d)",
    ]
    text = roster.read_text()
    roster.write_text(f'{text[: text.index("[[target]]")]}[[target]]\ninclude = "file"\n')
    for line in ["# Exim filter", *held]:
        file.write_text(f"{line}\n")
        assert call(roster, "apply").exit_code == 0
        assert file.read_text().endswith("bob@example.com\n")


def test_what_a_killed_change_of_the_rosters_left_goes(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("rosters", "dated", "mail")]
    for folder in folders:
        folder.mkdir()
    rosters, dated, mail = folders
    (rosters / "duty.toml").write_text(
        f'timezone = "UTC"\noverrides = "{dated}/duty.overrides.toml"\n'
        '[people]\nbob = "bob@far.example"\n'
        '[[rotation]]\nname = "w"\npeople = ["bob"]\nevery = "1 week"\nstart = 2026-01-05\n'
        f'[[target]]\ninclude = "{mail}/duty"\n'
    )
    left = [folder / f".rotation-{'0a' * 8}" for folder in (rosters, dated)]
    for path in left:
        path.write_text("half of a rost")
    for words in (("--dry-run",), ("--check",)):
        call(rosters, "apply", *words)
        assert all(path.exists() for path in left)
    assert call(rosters, "apply").exit_code == 0
    assert not any(path.exists() for path in left)
    assert (mail / "duty").read_text() == "bob@far.example\n"
