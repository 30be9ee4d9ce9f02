"""Changing the plan from the command line: what is shown, asked, written and refused."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from rotation.roster.parse import parse
from tests.cli.sample import NOW, ROSTERS, call, overrides

SWAP = """\
weekly: swap alice bob
role  from                  to                    now    then
duty  Mon 7 Dec 09:00 GMT   Mon 14 Dec 09:00 GMT  alice  bob
duty  Mon 14 Dec 09:00 GMT  Mon 21 Dec 09:00 GMT  bob    alice
"""


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "rosters" / "weekly.toml"
    path.parent.mkdir()
    path.write_bytes((ROSTERS / "weekly.toml").read_bytes())
    return path


def test_swap_shows_what_changes_and_writes_it(roster: Path) -> None:
    done = call(roster, "swap", "alice", "bob", "--yes", "--by", "carol")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(SWAP)
    id_ = parse(roster.read_bytes(), roster, overrides(roster).read_bytes()).overrides[0].id
    assert done.stdout.removeprefix(SWAP) == (
        f"wrote {overrides(roster)}; to take it back: rotation undo {id_}\n"
    )
    assert overrides(roster).read_text() == "\n".join(
        f"""[[override]]
start = 2026-12-{start}T09:00:00Z
end   = 2026-12-{end}T09:00:00Z
out   = "{out}"
in    = "{in_}"
role  = "duty"
id    = "{id_}"
note  = "swap alice bob"
by    = "carol"
at    = 2026-11-24T10:00:00Z
"""
        for start, end, out, in_ in (("07", 14, "alice", "bob"), (14, 21, "bob", "alice"))
    )
    then = call(roster, "who", "--at", "2026-12-08", "--json")
    assert [p["key"] for p in json.loads(then.stdout)[0]["people"]] == ["bob"]


def test_log_and_undo(roster: Path) -> None:
    overrides(roster).write_text("# ours\n")
    assert call(roster, "log").stdout == "nothing was changed\n"
    call(roster, "swap", "alice", "bob", "--yes", "--by", "carol")
    (entry,) = json.loads(call(roster, "log", "--json").stdout)
    assert {k: v for k, v in entry.items() if k != "id"} == {
        "roster": "weekly",
        "at": "2026-11-24T10:00:00+00:00",
        "by": "carol",
        "what": "swap alice bob",
        "start": "2026-12-07T09:00:00+00:00",
        "end": "2026-12-21T09:00:00+00:00",
        "state": "to come",
        "undone": None,
        "undone_by": None,
    }
    shown = call(roster, "log").stdout.splitlines()
    assert shown[0].split() == ["roster", "id", "at", "by", "what", "from", "to", "state"]
    assert shown[1].startswith(f"weekly  {entry['id']}  Tue 24 Nov 10:00  carol  swap alice bob")
    done = call(roster, "undo", entry["id"], "--yes", "--by", "bob")
    assert done.exit_code == 0
    assert (
        overrides(roster).read_text()
        == f"""# ours

[[undone]]
id        = "{entry["id"]}"
note      = "swap alice bob"
by        = "carol"
at        = 2026-11-24T10:00:00Z
start     = 2026-12-07T09:00:00Z
end       = 2026-12-21T09:00:00Z
undone    = 2026-11-24T10:00:00Z
undone_by = "bob"
"""
    )
    (kept,) = json.loads(call(roster, "log", "--json").stdout)
    assert kept == entry | {
        "state": "undone",
        "undone": "2026-11-24T10:00:00+00:00",
        "undone_by": "bob",
    }
    assert call(roster, "log").stdout.rstrip().endswith("undone by bob, Tue 24 Nov 10:00")


def test_log_keeps_what_was_under_way_when_it_was_undone(roster: Path) -> None:
    call(roster, "away", "bob", "now", "2026-11-27", "--yes")
    call(roster, "join", "erin", "--email", "erin@example.com", "--yes", "--by", "root")
    absent, joined = json.loads(call(roster, "log", "--json").stdout)
    later = NOW + timedelta(hours=3, seconds=17)
    assert call(roster, "away", "bob", "--cancel", "--yes", "--by", "eve", now=later).exit_code == 0
    assert call(roster, "undo", joined["id"], "--yes", "--by", "eve", now=later).exit_code == 0
    first, second = json.loads(call(roster, "log", "--json", now=later).stdout)
    assert (first["id"], first["state"], first["undone_by"]) == (absent["id"], "over", "eve")
    assert first["undone"] == "2026-11-24T13:00:00+00:00"
    assert (second["what"], second["state"], second["by"]) == ("join erin", "undone", "root")
    assert "the rest undone by eve" in call(roster, "log", now=later).stdout
    assert call(roster, "undo", joined["id"], "--yes").exit_code == 2


def test_nothing_is_said_or_written_in_seconds(roster: Path) -> None:
    now = NOW + timedelta(seconds=37)
    said = [
        call(roster, *words, now=now).stdout
        for words in (
            ("cover", "carol", "--for", "bob", "--yes"),
            ("away", "alice", "now", "friday", "--yes"),
            ("away", "alice", "--cancel", "--yes"),
            ("schedule", "--from", "now", "--to", "+30d"),
            ("log",),
            ("check",),
        )
    ]
    assert not re.search(r"\d\d:\d\d:\d\d", "".join(said))
    assert set(re.findall(r"T\d\d:\d\d:(\d\d)", overrides(roster).read_text())) == {"00"}


def test_a_dry_run_shows_the_lines_and_writes_nothing(roster: Path) -> None:
    done = call(roster, "away", "carol", "2026-12-24", "2027-01-02", "--dry-run")
    assert done.exit_code == 0
    assert "Thu 24 Dec 00:00 GMT  Mon 28 Dec 09:00 GMT  carol  alice" in done.stdout
    assert "+start  = 2026-12-24\n+end    = 2027-01-02\n" in done.stdout
    assert not overrides(roster).exists()


def test_without_a_terminal_and_without_yes_nothing_is_written(roster: Path) -> None:
    done = call(roster, "cover", "carol", "--for", "bob")
    assert done.exit_code == 2
    assert "add --yes" in done.stderr
    assert not overrides(roster).exists()


def test_join_and_leave(roster: Path) -> None:
    before = roster.read_bytes()
    done = call(roster, "join", "dan", "--email", "dan@example.com", "--after", "bob", "--yes")
    assert done.exit_code == 0, done.output
    assert (
        "bob until Mon 2026-11-30 09:00, then in this order: dan, carol, alice, bob" in done.stdout
    )
    assert roster.read_bytes().startswith(before)
    assert call(roster, "who").stdout.startswith("weekly duty: bob,")
    assert "; next dan" in call(roster, "who").stdout
    assert call(roster, "leave", "alice", "--yes").exit_code == 0
    (late,) = json.loads(call(roster, "who", "--json", "--at", "2026-12-15").stdout)
    assert [p["key"] for p in late["people"]] == ["bob"]


def test_what_somebody_should_know_goes_to_stderr(roster: Path) -> None:
    for person in ("alice", "bob"):
        call(roster, "away", person, "2026-12-24", "2027-01-02", "--yes")
    done = call(roster, "away", "carol", "2026-12-24", "--yes")
    assert "warning: nobody would be on duty as 'duty'" in done.stderr
    assert "managers@example.com" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("swap", "alice", "alice", "--yes"),
        ("swap", "alice", "zed", "--yes"),
        ("swap", "alice", "bob", "--of", "soon", "--yes"),
        ("swap", "alice", "bob", "--by", "a\nb", "--yes"),
        ("swap", "alice", "bob", "--of", "2026-03-29T01:30", "--yes"),  # does not exist
        ("cover", "alice", "--for", "alice", "--yes"),
        ("away", "carol", "--yes"),
        ("away", "carol", "2027-01-02", "2026-12-24", "--yes"),
        ("away", "carol", "--cancel", "--yes"),
        ("join", "dan", "--yes"),
        ("join", "x y", "--email", "x@example.com", "--yes"),
        ("leave", "zed", "--yes"),
        ("undo", "beef", "--yes"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    roster: Path, arguments: tuple[str, ...]
) -> None:
    before = roster.read_bytes()
    done = call(roster, *arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.output
    assert roster.read_bytes() == before
    assert not overrides(roster).exists()


def test_an_overrides_file_that_cannot_be_read_is_left_alone(roster: Path) -> None:
    overrides(roster).write_text("[[override]\n")
    done = call(roster, "swap", "alice", "bob", "--yes")
    assert done.exit_code == 2
    assert f"--> {overrides(roster)}:1" in done.stderr
    assert overrides(roster).read_text() == "[[override]\n"


def test_an_override_in_an_inline_table_stops_an_append_before_it_is_written(roster: Path) -> None:
    text = 'override = [{ start = 2026-12-01, end = 2026-12-02, in = "bob" }]\n'
    overrides(roster).write_text(text)
    done = call(roster, "swap", "alice", "bob", "--yes")
    assert done.exit_code == 2
    assert "TOML syntax" in done.stderr
    assert overrides(roster).read_text() == text


def test_people_of_two_rosters(roster: Path) -> None:
    other = roster.with_name("other.toml")
    other.write_text(roster.read_text().replace("bob", "zoe"))
    folder = roster.parent
    done = call(folder, "swap", "alice", "zoe", "--yes")
    assert done.exit_code == 0, done.output
    assert "wrote" in done.stdout
    apart = call(folder, "swap", "bob", "zoe", "--yes")
    assert apart.exit_code == 2
    assert "bob is in weekly; zoe is in other" in apart.stderr
    both = call(folder, "swap", "alice", "carol", "--yes")
    assert both.exit_code == 2
    assert "more than one roster has them (other, weekly)" in both.stderr
    assert call(folder, "undo", "beef", "--yes").exit_code == 2


def test_an_id_of_two_rosters_is_the_one_that_still_stands(roster: Path) -> None:
    """The same change at the same minute has the same id in both."""
    other = roster.with_name("other.toml")
    other.write_bytes(roster.read_bytes())
    for path in (roster, other):
        done = call(path, "cover", "carol", "--for", "bob", "--yes")
        assert done.exit_code == 0, done.output
    entry = done.stdout.split()[-1]
    both = call(roster.parent, "undo", entry, "--yes")
    assert (both.exit_code, "in more than one roster: other, weekly" in both.stderr) == (2, True)
    assert call(other, "undo", entry, "--yes").exit_code == 0
    rest = call(roster.parent, "undo", entry, "--yes")
    assert (rest.exit_code, rest.stdout.split(":")[0]) == (0, "weekly")


def test_owner_mode_and_link_of_the_file_stay(roster: Path) -> None:
    real = roster.parent.parent / "kept.toml"
    real.write_text("# ours\n")
    real.chmod(0o640)
    overrides(roster).symlink_to(real)
    assert call(roster, "swap", "alice", "bob", "--yes").exit_code == 0
    assert overrides(roster).is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_text().startswith("# ours\n\n[[override]]\n")


def test_a_new_overrides_file_is_for_the_same_eyes_as_the_roster(roster: Path) -> None:
    roster.chmod(0o640)
    assert call(roster, "swap", "alice", "bob", "--yes").exit_code == 0
    assert overrides(roster).stat().st_mode & 0o777 == 0o640


def test_swaps_move_with_their_turns_if_told(roster: Path) -> None:
    call(roster, "swap", "alice", "bob", "--yes")
    join = ("join", "erin", "--email", "erin@example.com", "--yes")
    done = call(roster, *join, "--dry-run")
    assert "to move it with their turns: --move" in done.stderr
    done = call(roster, *join, "--move")
    assert done.exit_code == 0
    assert done.stderr == ""
    assert "moved: swap alice bob" in done.stdout
    schedule = json.loads(call(roster, "schedule", "--json", "--to", "+6w").stdout)
    served = [shift["people"] for shift in schedule]
    assert served == [["bob"], ["carol"], ["erin"], ["bob"], ["alice"], ["carol"], ["erin"]]


def test_leave_moves_them_too_and_only_if_told(roster: Path) -> None:
    call(roster, "swap", "alice", "bob", "--yes")
    leave = ("leave", "carol", "--yes")
    plain = call(roster, *leave, "--dry-run")
    assert "to move it with their turns: --move" in plain.stderr
    assert "moved: " not in plain.stdout
    done = call(roster, *leave, "--move")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "moved: swap alice bob" in done.stdout


def test_an_absence_to_the_handoffs(roster: Path) -> None:
    done = call(roster, "away", "alice", "2026-12-08", "2026-12-13", "--yes", "--dry-run")
    assert "alice keeps Mon 2026-12-14 00:00 to Mon 2026-12-14 09:00" in done.stderr
    done = call(roster, "away", "alice", "2026-12-08", "2026-12-13", "--whole", "--yes")
    assert done.stderr == ""
    assert "Mon 7 Dec 09:00 GMT  Mon 14 Dec 09:00 GMT  alice  bob" in done.stdout
