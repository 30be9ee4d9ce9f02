"""`rotation import` as people type it."""

from __future__ import annotations

from pathlib import Path

from rotation.roster.parse import parse
from tests.cli.sample import call

CASES = Path(__file__).parents[1] / "cases" / "imports"


def test_dry_it_prints_a_roster_and_what_was_left(tmp_path: Path) -> None:
    done = call(tmp_path, "import", str(CASES / "opsgenie.json"))
    assert done.exit_code == 0, done.stderr
    roster = parse(done.stdout.encode(), tmp_path / "x.toml")
    assert [rotation.name for rotation in roster.rotations] == ["Business hours", "After hours"]
    assert "warning: not carried over: rotation 'Old', which ended 2021-01-05" in done.stderr
    assert "# Not carried over: rotation 'Old'" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_it_writes_both_files_and_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "new" / "team.toml"
    done = call(path, "import", str(CASES / "goalert.json"), "-o", str(path))
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(f"wrote {path}: 3 people, 2 rotations, 3 overrides")
    assert call(path, "who", "--json").exit_code == 0
    assert "2026-12-24" in (path.parent / "team.overrides.toml").read_text()
    again = call(path, "import", str(CASES / "goalert.json"), "-o", str(path))
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)


def test_whoever_has_no_address_is_named(tmp_path: Path) -> None:
    done = call(tmp_path, "import", str(CASES / "pagerduty.json"))
    assert done.exit_code == 2
    assert "no mail address of Regina Phalange is known" in done.stderr
    people = ("--person", "Regina Phalange=r@example.com", "--person", "earline=e@example.com")
    done = call(tmp_path, "import", str(CASES / "pagerduty.json"), *people)
    assert done.exit_code == 0, done.stderr


def test_it_is_compared_with_the_old_calendar(tmp_path: Path) -> None:
    path, feed = tmp_path / "team.toml", tmp_path / "old.ics"
    call(path, "import", str(CASES / "opsgenie.json"), "-o", str(path))
    assert call(path, "export", "-o", str(feed)).exit_code == 0
    source = str(CASES / "opsgenie.json")
    done = call(path, "import", source, "--feed", str(feed))
    assert (done.exit_code, "the same as the old calendar until" in done.stdout) == (0, True)
    # a calendar in which somebody else has a shift
    feed.write_text(feed.read_text().replace("duty: alice", "duty: bob"))
    done = call(path, "import", source, "--feed", str(feed))
    assert done.exit_code == 1
    assert "bob" in done.stdout
    assert "the old calendar" in done.stdout
    done = call(path, "import", source, "--feed", str(tmp_path / "none.ics"))
    assert done.exit_code == 2
    assert "could not be read" in done.stderr


def test_a_table(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("Name;Von;Bis\nAlice Jones;05.01.2026;11.01.2026\nBob;12.01.2026;18.01.2026\n")
    people = ("--person", "Alice Jones=a@example.com", "--person", "bob=b@example.com")
    zone = ("--timezone", "Europe/Berlin", "--handoff", "09:00")
    done = call(tmp_path, "import", str(table), *people, *zone)
    assert done.exit_code == 0, done.stderr
    assert "start  = 2026-01-12T09:00:00+01:00" in done.stdout
    assert "taken for the last day of a shift" in done.stderr
    days = "Name;Von;Bis\nAlice Jones;05.01.2026;05.01.2026\nBob;06.01.2026;06.01.2026\n"
    for rows in (days, f"{days}Bob;13.01.2026;13.01.2026\nBob;14.01.2026;18.01.2026\n"):
        table.write_text(rows)  # a shift of a single day says it too
        done = call(tmp_path, "import", str(table), *people, *zone)
        assert done.exit_code == 0, done.stderr
        assert "end    = 2026-01-06T09:00:00+01:00" in done.stdout
        assert "taken for the last day of a shift" in done.stderr
    table.write_text(f"{days}Alice Jones;13.01.2026;20.01.2026\nBob;20.01.2026;27.01.2026\n")
    done = call(tmp_path, "import", str(table), *people, *zone)
    assert (done.exit_code, "some ends are the day" in done.stderr) == (2, True)
    done = call(tmp_path, "import", str(table), *people, "--timezone", "Europe/Lodnon")
    assert (done.exit_code, "Europe/London" in done.stderr) == (2, True)
    assert call(tmp_path, "import", str(tmp_path / "none.csv")).exit_code == 2
