"""`rotation export --site`: the files, and that nothing else is touched."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from rotation.export.site.files import person_files, table
from rotation.export.site.names import safe_names
from rotation.roster.parse import parse
from tests.export.lint import events, lint
from tests.export.roster_folder import COVER, ROSTER, RosterFolder
from tests.export.site.words import FILES, NASTY, Words, files, made


def test_what_is_in_it(roster_folder: RosterFolder) -> None:
    now = COVER.replace("11-30", "11-23").replace("12-07", "11-30").replace("carol", "bob")
    roster_folder.overrides(now.replace('in    = "bob"', 'in    = "carol"'))
    folder = made(roster_folder)
    assert sorted(files(folder)) == FILES
    assert folder.stat().st_mode & 0o777 == 0o755
    page = Words(files(folder)["index.html"])
    for said in (
        "Carol Jones on duty: sysduty",
        "All times are those of Europe/London.",
        "On duty now duty Carol Jones for bob until Mon 30 Nov 09:00 GMT",
        "Made Tue 24 Nov 10:00 GMT. Valid until Mon 30 Nov 09:00 GMT",
        "Next handoffs Mon 7 Dec 09:00 GMT Carol Jones →to alice",
        "Week by week: duty",
        "30 NovCarol Jones for bobCarol Jones",
        "A year: duty",
        "As of Tuesday, 24 November 2026.",
    ):
        assert said in page.plain, page.plain
    assert "script" not in page.tags
    assert set(page.links) == {"data:,", *FILES} - {"site-files.json"}
    assert {"html", "main", "h1", "h2", "table", "caption", "th"} <= set(page.tags)


def test_the_calendars(roster_folder: RosterFolder) -> None:
    folder = made(roster_folder, "--alarm", "1h")
    team = (folder / "team.ics").read_bytes()
    assert team == roster_folder.export("--alarm", "1h")
    for key in ("alice", "bob", "carol"):
        data = (folder / f"{key}.ics").read_bytes()
        assert not lint(data)
        assert data == roster_folder.export("--person", key, "--alarm", "1h")
    assert len(events(team)) == 55


def test_who_and_the_table(roster_folder: RosterFolder) -> None:
    roster_folder.overrides(COVER + "[[override]]\nstart = 2026-12-08T09:00:00Z\n"
                   "end = 2026-12-09T09:00:00Z\nout = '*'\n")  # fmt: skip
    folder = made(roster_folder)
    said = json.loads((folder / "who.json").read_bytes())
    wanted = json.loads(roster_folder.run("who", "--json", "--at", "2026-11-23T09:00").stdout)
    assert said == wanted
    rows = list(csv.reader(io.StringIO((folder / "schedule.csv").read_text())))
    assert rows[0] == ["roster", "role", "start", "end", "people", "instead of", "why"]
    assert rows[4:8] == [
        ["sysduty", "duty", "2026-11-30T09:00:00+00:00", "2026-12-07T09:00:00+00:00",
         "bob", "carol", "override 7f3a"],
        ["sysduty", "duty", "2026-12-07T09:00:00+00:00", "2026-12-08T09:00:00+00:00",
         "alice", "", "rotation weekly"],
        ["sysduty", "duty", "2026-12-08T09:00:00+00:00", "2026-12-09T09:00:00+00:00",
         "", "", "gap"],
        ["sysduty", "duty", "2026-12-09T09:00:00+00:00", "2026-12-14T09:00:00+00:00",
         "alice", "", "rotation weekly"],
    ]  # fmt: skip


def test_several_rosters(roster_folder: RosterFolder) -> None:
    (roster_folder.folder / "net work.toml").write_text(ROSTER.replace("London", "Berlin"))
    folder = made(roster_folder, path=roster_folder.folder)
    (net,) = (path.name for path in folder.iterdir() if path.name.startswith("net-work-"))
    wanted = [name for name in FILES if name != "site-files.json"]
    shared = ["index.html", "schedule.csv", "site-files.json", "team.ics", "who.json"]
    assert sorted(files(folder)) == sorted(
        [f"{sub}/{name}" for sub in (net, "sysduty") for name in wanted] + shared
    )
    page = Words((folder / "index.html").read_bytes())
    assert {f"{net}/index.html", "sysduty/index.html"} <= set(page.links)
    assert "net work Europe/Berlin, sysduty Europe/London" in page.plain
    assert len(events((folder / "team.ics").read_bytes())) == 110
    assert len(json.loads((folder / "who.json").read_bytes())) == 2
    (roster_folder.folder / "net work.toml").unlink()
    made(roster_folder, path=roster_folder.folder)
    assert sorted(path.name for path in folder.iterdir()) == FILES


def test_names_are_text(roster_folder: RosterFolder) -> None:
    text = ROSTER.replace("Carol Jones", NASTY.replace('"', '\\"'))
    text = text.replace("alice ", '"<i>a" ').replace('"alice"', '"<i>a"').replace(
        'name    = "weekly"', 'name    = "weekly"\nrole = "<b>&"'
    )  # fmt: skip
    roster_folder.roster = roster_folder.folder / "x&<u>'.toml"
    roster_folder.roster.write_text(text)
    roster_folder.overrides(COVER.replace('out   = "carol"', "out   = '<i>a'\nrole = '<b>&'"))
    folder = made(roster_folder)
    page = Words((folder / "index.html").read_bytes())
    assert not {"script", "b", "i", "u"} & set(page.tags)
    for said in (NASTY, "<i>a", "<b>&", "x&<u>'"):
        assert said in page.plain
    names = [name for name in files(folder) if name.endswith(".ics")]
    assert all(name.replace("-", "").replace(".", "").isalnum() for name in names)
    assert len(names) == 4


def test_safe_names() -> None:
    words = ["bob", "BOB", "team", "a/b", "../x", "é", ".", "", "x" * 200, "a.b", "-o", "\udcff"]
    names = safe_names(words, {"team"})
    assert names["bob"] == "bob"
    assert list(names) == words
    assert len({name.casefold() for name in names.values()}) == len(words)
    for name in names.values():
        assert name.isascii()
        assert name.replace("-", "").replace("_", "").isalnum()
        assert len(name) <= 64
        assert not name.startswith("-")
    text = 'timezone = "UTC"\n[people]\nteam = "a@example.com"\nann = "b@example.com"\n'
    roster = parse(text.encode(), Path("/x.toml"))
    assert person_files(roster)["ann"] == "ann.ics"
    assert person_files(roster)["team"].startswith("team-")


def test_a_cell_is_no_formula() -> None:
    data = table([('=cmd|" /C calc"!A0', "+1", "-1", "@x", "a,b", 'c"d', "")]).decode()
    assert data.splitlines()[1] == ('"\'=cmd|"" /C calc""!A0",\'+1,\'-1,\'@x,"a,b","c""d",')
    assert data.endswith("\r\n")


@pytest.mark.parametrize("more", [["--person", "bob"], ["--role", "duty"], ["-o", "x.ics"]])
def test_a_site_is_of_everybody(roster_folder: RosterFolder, more: list[str]) -> None:
    done = roster_folder.run("export", "--site", str(roster_folder.folder / "www"), *more)
    assert done.exit_code == 2
    assert "--site always shows everybody" in done.stderr


def test_nobody_is_on_duty(roster_folder: RosterFolder) -> None:
    roster_folder.overrides(
        "[[override]]\nstart = 2026-11-24T08:00:00Z\nend = 2026-11-25T08:00:00Z\nout = '*'\n"
    )
    page = Words((made(roster_folder) / "index.html").read_bytes())
    assert "nobody on duty: sysduty" in page.plain
    assert "duty nobody Mail goes to the fallback. until Wed 25 Nov 08:00 GMT" in page.plain
    roster_folder.now = roster_folder.now.replace(year=2020)
    page = Words((made(roster_folder) / "index.html").read_bytes())
    assert "until Mon 5 Jan 2026 09:00 GMT Next: alice" in page.plain
    assert "None within three months." in page.plain


def test_a_person_has_a_page(roster_folder: RosterFolder) -> None:
    text = ROSTER.replace(
        '"bob@example.com"', '{ email = "bob@example.com", timezone = "Asia/Tokyo" }'
    )
    roster_folder.roster.write_text(text)
    roster_folder.overrides(COVER)
    folder = made(roster_folder, "--url", "https://duty.example.com/x")
    page = Words((folder / "bob.html").read_bytes())
    assert "Mon 30 Nov 18:00 JST to Mon 7 Dec 18:00 JST for Carol Jones; swap; as" in page.plain
    assert "All times are those of Asia/Tokyo." in page.plain
    assert "webcal://duty.example.com/x/bob.ics" in page.links
    assert "https://duty.example.com/x/bob.ics" in page.plain
    assert "alice" not in page.plain, "it is about bob alone"
    (name,) = (name for name in files(folder) if name.startswith("in-Asia-Tokyo"))
    abroad = Words((folder / name).read_bytes())
    assert "until Mon 30 Nov 18:00 JST" in abroad.plain
    assert "Europe/London" in Words((folder / "index.html").read_bytes()).plain


def test_each_rotation_has_a_lane(roster_folder: RosterFolder) -> None:
    more = ROSTER[ROSTER.index("[[rotation]]") :].replace("weekly", "nights")
    more = more.replace('["alice", "bob", "carol"]', '["alice"]') + 'hours = ["20:00-08:00"]\n'
    roster_folder.roster.write_text(f"{ROSTER}\n{more}priority = 1\n")
    page = Words((made(roster_folder) / "index.html").read_bytes())
    assert "The rotation weekly alone: duty" in page.plain
    assert "The rotation nights alone: duty" in page.plain


@pytest.mark.parametrize(
    "more",
    [["--every", "x"], ["--every", "10s"], ["--url", "javascript:x"], ["--url", 'https://a"b']],
)
def test_where_and_how_often(roster_folder: RosterFolder, more: list[str]) -> None:
    done = roster_folder.run("export", "--site", str(roster_folder.folder / "www"), *more)
    assert done.exit_code == 2, done.output


def test_each_copy_has_another_mark(roster_folder: RosterFolder) -> None:
    """What tells an old copy from a new one, and that it changes as often as cron comes."""
    marks = []
    for minutes in (0, 7, 8, 15):
        roster_folder.later(minutes=minutes)
        page = (made(roster_folder) / "index.html").read_text()
        refresh = re.search(r'content="1200; url=index\.html\?(\w+)#(\w+)"', page)
        assert refresh is not None
        assert refresh[1] == refresh[2]
        assert f'class="old" id="{refresh[1]}"' in page
        marks.append(refresh[1])
    assert marks == ["w20261124T1000Z", "w20261124T1000Z", "w20261124T1015Z", "w20261124T1030Z"]
