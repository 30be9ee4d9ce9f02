"""`rotation report` on the command line."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rotation.clock import days
from tests.check.roster_blocks import NOW, absence, roster_text, rotation, run, write_roster

ROSTERS = Path(__file__).parents[2] / "rosters"


def test_the_last_year_of_a_sample() -> None:
    done = run(ROSTERS / "weekly.toml", "report")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "weekly duty: Mon 5 Jan 09:00 GMT to Tue 24 Nov 10:00 GMT\n"
        "person  hours  night h  weekend h  duties  longest h  share  fair\n"
        "alice   2688   896      768        16      168        34.7%  33.3%\n"
        "bob     2545   848      720        16      168        32.8%  33.3%\n"
        "carol   2520   840      720        15      169        32.5%  33.3%\n"
        "covered 100%, balance 100, together 100\n"
    )


def test_several_roles_are_counted_once_together(tmp_path: Path) -> None:
    text = roster_text(rotation(0, 1), rotation(1, 0, 1, name="second", role='"backup"'), people=2)
    done = run(write_roster(tmp_path, text), "report", "--from", "2026-01-05", "--to", "2026-01-26")
    assert done.stdout == (
        "team duty: Mon 5 Jan 00:00 GMT to Mon 26 Jan 00:00 GMT\n"
        "person  hours  night h  weekend h  duties  longest h  share  fair\n"
        "p0      336    112      96         2       168        66.7%  50.0%\n"
        "p1      168    56       48         1       168        33.3%  50.0%\n"
        "covered 100%, balance 50, together 75; more than fair: p0 +33%\n"
        "\n"
        "team backup: Mon 5 Jan 00:00 GMT to Mon 26 Jan 00:00 GMT\n"
        "person  hours  night h  weekend h  duties  longest h  share  fair\n"
        "p0      168    56       48         1       168        33.3%  33.3%\n"
        "p1      336    112      96         2       168        66.7%  66.7%\n"
        "covered 100%, balance 100, together 100\n"
        "\n"
        "team all roles: Mon 5 Jan 00:00 GMT to Mon 26 Jan 00:00 GMT\n"
        "person  hours  night h  weekend h  duties  longest h  share\n"
        "p0      504    168      144        1       504        50.0%\n"
        "p1      504    168      144        1       504        50.0%\n"
    )
    one = run(
        write_roster(tmp_path, text),
        "report",
        "--role",
        "backup",
        "--from",
        "2026-01-05",
        "--to",
        "2026-01-26",
    )
    assert one.stdout == done.stdout.split("\n\n")[1] + "\n"
    assert run(tmp_path / "team.toml", "report", "--role", "none").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "start", "end"),
    [
        ((), "2025-11-24T10:00:00+00:00", "2026-11-24T10:00:00+00:00"),
        (("--to", "2026-07-01"), "2025-07-01T00:00:00+01:00", "2026-07-01T00:00:00+01:00"),
        (("--to", "+30d"), "2026-11-24T10:00:00+00:00", "2026-12-24T10:00:00+00:00"),
        (("--from", "2026-07-01"), "2026-07-01T00:00:00+01:00", "2026-11-24T10:00:00+00:00"),
        (("--from", "2027-01-01"), "2027-01-01T00:00:00+00:00", "2028-01-01T00:00:00+00:00"),
        (
            ("--from", "2020-01-01", "--to", "2020-02-01"),
            "2020-01-01T00:00:00+00:00",
            "2020-02-01T00:00:00+00:00",
        ),
    ],
)
def test_the_span(arguments: tuple[str, ...], start: str, end: str, tmp_path: Path) -> None:
    path = write_roster(tmp_path, roster_text(rotation(start="2021-01-04")))
    (table,) = json.loads(run(path, "report", *arguments, "--json").stdout)
    assert (table["from"], table["to"]) == (start, end)


def test_nobody_at_all(tmp_path: Path) -> None:
    path = write_roster(tmp_path, roster_text(rotation()))
    done = run(path, "report", "--to", "2020-01-01")
    assert done.stdout.endswith("2020 00:00 GMT\nnobody was on duty, and nobody shares the role\n")
    (table,) = json.loads(run(path, "report", "--to", "2020-01-01", "--json").stdout)
    assert (table["people"], table["covered_hours"], table["score"]["coverage"]) == ([], 0, 0)


def test_nights_of_another_length(tmp_path: Path) -> None:
    path = write_roster(tmp_path, roster_text(rotation()))
    for night, hours in (("20:00-08:00", 84), ("00:00-05:00", 35)):
        arguments = ("--from", "2026-01-05", "--to", "2026-01-12", "--night", night, "--json")
        (table,) = json.loads(run(path, "report", *arguments).stdout)
        assert table["people"][0]["night_hours"] == hours
    for bad in ("late", "mon-fri 22:00-06:00", "22-6"):
        assert run(path, "report", "--night", bad).exit_code == 2


def test_public_holidays(tmp_path: Path) -> None:
    pytest.importorskip("holidays")
    text = 'holidays = "GB-SCT"\n' + roster_text(rotation())
    path = write_roster(tmp_path, text)
    done = run(path, "report", "--from", "2026-12-21", "--to", "2027-01-04")
    # 25 and 28 December (for the 26th, a Saturday), 1 and 2 January
    assert done.stdout == (
        "team duty: Mon 21 Dec 00:00 GMT to Mon 4 Jan 2027 00:00 GMT\n"
        "person  hours  night h  weekend h  holiday h  duties  longest h  share  fair\n"
        "p0      168    56       48         48         1       168        50.0%  20.0%\n"
        "p1      168    56       48         72         1       168        50.0%  20.0%\n"
        "p2      0      0        0          0          0       0          0.0%   20.0%\n"
        "p3      0      0        0          0          0       0          0.0%   20.0%\n"
        "p4      0      0        0          0          0       0          0.0%   20.0%\n"
        "covered 100%, balance 40, together 70; more than fair: p0 +150%, p1 +150%\n"
    )


@pytest.mark.parametrize(
    ("country", "hint"),
    [
        ("XX", "a country as ISO 3166 writes it"),
        ("GB-ZZZ", "the parts of 'GB' are ENG, NIR, SCT, WLS"),
        ("VA-1", "'VA' has no parts with holidays of their own"),
    ],
)
def test_an_unknown_country(country: str, hint: str, tmp_path: Path) -> None:
    pytest.importorskip("holidays")
    path = write_roster(tmp_path, f'# first\nholidays = "{country}"\n' + roster_text(rotation()))
    done = run(path, "report")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"no public holidays are known for {country!r}\n  --> {path}:2\n" in done.stderr
    assert hint in done.stderr
    checked = run(path, "check")
    assert checked.exit_code == 1
    assert checked.stdout.startswith(f"{path}:2: error: no public holidays are known")


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    days._library.cache_clear()
    path = write_roster(tmp_path, 'holidays = "GB"\n' + roster_text(rotation()))
    done = run(path, "report")
    assert done.exit_code == 0
    assert "holiday h" not in done.stdout
    assert f"--> {path}:1\n" in done.stderr
    assert "pip install 'rotation[holidays]'" in done.stderr
    assert "holiday" not in run(path, "report", "--csv").stdout
    assert run(path, "check").exit_code == 0
    assert run(write_roster(tmp_path, roster_text(rotation())), "report").stderr == ""


def test_a_spreadsheet_gets_no_formulas(tmp_path: Path) -> None:
    text = (
        'timezone = "UTC"\n[people]\n"=SUM(A1)" = "a@example.com"\n-bob = "b@example.com"\n'
        '"x;y" = "c@example.com"\n[[rotation]]\nname = "weekly"\nstart = 2026-01-05\n'
        'people = ["=SUM(A1)", "-bob", "x;y"]\nevery = "1 week"\nrole = "+1|cmd"\n'
    )
    path = write_roster(tmp_path, text, name="@team")
    done = run(path, "report", "--csv", "--from", "2026-01-05", "--to", "2026-01-26")
    assert (done.exit_code, done.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["person"] for row in rows] == ["'=SUM(A1)", "'-bob", "x;y"]
    assert {(row["roster"], row["role"]) for row in rows} == {("'@team", "'+1|cmd")}
    assert rows[0] == {
        "roster": "'@team", "role": "'+1|cmd", "from": "2026-01-05T00:00:00+00:00",
        "to": "2026-01-26T00:00:00+00:00", "person": "'=SUM(A1)", "hours": "168.0",
        "night_hours": "56.0", "nights": "8", "weekend_hours": "48.0", "weekends": "1",
        "duties": "1", "longest_hours": "168.0", "share_percent": "33.33", "fair_percent": "33.33",
    }  # fmt: skip


def test_words_that_do_not_go_together(tmp_path: Path) -> None:
    path = write_roster(tmp_path, roster_text(rotation()))
    for wrong in (
        ("--csv", "--json"),
        ("--until", "now"),
        ("--suggest", "now", "--from", "now"),
        ("--suggest", "now", "--csv"),
        ("--from", "tomorrow", "--to", "yesterday"),
        ("--from", "once"),
        ("--suggest", "once"),
        ("--suggest", "tomorrow", "--until", "yesterday"),
        ("--suggest", "2020-01-01", "--role", "none"),
    ):
        done = run(path, "report", *wrong)
        assert (done.exit_code, done.stdout) == (2, ""), wrong
        assert done.stderr.startswith("error: ")
    for command in ((), ("--suggest", "now")):
        assert run(tmp_path / "none.toml", "report", *command).exit_code == 2


def test_every_sample_ahead_and_behind() -> None:
    for arguments in (("--to", "+365d"), ("--suggest", "+9d")):
        for path in sorted(ROSTERS.glob("*.toml")):
            if not path.name.endswith(".overrides.toml"):
                done = run(path, "report", *arguments, now=NOW)
                assert (done.exit_code, done.stderr) == (0, ""), path
    assert run(ROSTERS, "report", now=datetime(2090, 1, 1, tzinfo=UTC)).exit_code == 0


def test_the_document_s_examples(tmp_path: Path) -> None:
    text = (ROSTERS.parent / "docs" / "report.md").read_text()
    first, second = re.findall(r"```console\n\$ rotation (.*?)\n(.*?)```", text, re.DOTALL)
    done = run(ROSTERS / "weekly.toml", *first[0].split())
    assert done.stdout == first[1]
    path = write_roster(
        tmp_path,
        roster_text(rotation(handoff='"09:00"')),
        absence("p3", "2026-12-24", "2027-01-02"),
    )
    shown = run(path, *second[0].split()).stdout
    for number, name in enumerate(("alice", "bob", "carol", "dan", "erin")):
        shown = shown.replace(f"p{number}", name)
    assert [line.split() for line in shown.splitlines()] == [
        line.split() for line in second[1].splitlines()
    ]
