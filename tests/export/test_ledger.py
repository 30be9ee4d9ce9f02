"""Identities that stay, revisions that rise, bytes that do not change."""

from __future__ import annotations

from pathlib import Path

from rotation.host.real import Host
from tests.export.lint import events, lint
from tests.export.roster_folder import COVER, FILE, ROSTER, RosterFolder, by_start


def test_a_shift_that_changes_hands(roster_folder: RosterFolder) -> None:
    before = by_start(roster_folder.export())
    roster_folder.overrides(COVER)
    data = roster_folder.export()
    after = by_start(data)
    assert not lint(data)
    changed = {start for start in after if after[start] != before[start]}
    assert changed == {"20261130T090000Z"}
    (old,), (new,) = ([table[start] for start in changed] for table in (before, after))
    assert new["UID"] == old["UID"]
    assert new["SUMMARY"] == "sysduty duty: bob for carol"
    assert "Instead of: Carol Jones (carol)" in new["DESCRIPTION"].replace("\\,", ",")
    assert "Note: swap\\; as agreed\\, by phone" in new["DESCRIPTION"]
    assert (old["SEQUENCE"], new["SEQUENCE"]) == ("0", "1")
    assert new["LAST-MODIFIED"] == new["DTSTAMP"] == "20261124T091200Z"
    roster_folder.later(hours=5)
    assert by_start(roster_folder.export()) == after


def test_whoever_was_agreed_on_comes_for_somebody_who_is_away(roster_folder: RosterFolder) -> None:
    away = '[[absence]]\nperson = "carol"\nstart = 2026-11-30\nend = 2026-12-20\n'
    roster_folder.overrides(COVER + away)
    shifts = by_start(roster_folder.export("--to", "2026-12-07T09:00"))
    assert shifts["20261130T090000Z"]["SUMMARY"] == "sysduty duty: bob for carol"


def test_a_change_that_is_taken_back_is_a_change(roster_folder: RosterFolder) -> None:
    seen = []
    for text in ("", COVER, "", COVER, COVER.replace('"bob"', '"alice"'), ""):
        roster_folder.overrides(text)
        roster_folder.later(hours=1)
        seen.append(by_start(roster_folder.export())["20261130T090000Z"])
        roster_folder.later(hours=1)
        assert by_start(roster_folder.export())["20261130T090000Z"] == seen[-1]
    assert [event["SEQUENCE"] for event in seen] == ["0", "1", "2", "3", "4", "5"]
    assert [e["LAST-MODIFIED"] for e in seen] == sorted({e["LAST-MODIFIED"] for e in seen})
    assert len({event["UID"] for event in seen}) == 1


def test_two_changes_within_a_second_differ(roster_folder: RosterFolder) -> None:
    stamps = []
    for text in ("", COVER, "", COVER, ""):
        roster_folder.overrides(text.replace("at  ", "# at"))
        stamps.append(by_start(roster_folder.export())["20261130T090000Z"]["LAST-MODIFIED"])
    assert stamps == sorted(set(stamps))


def test_pieces_of_a_shift(roster_folder: RosterFolder) -> None:
    whole = by_start(roster_folder.export())["20261130T090000Z"]
    cover = COVER.replace("11-30T09", "12-02T09").replace("12-07T09", "12-04T09")
    roster_folder.overrides(cover)
    data = roster_folder.export("--from", "2026-11-30T09:00", "--to", "2026-12-07")
    assert not lint(data)
    first, second, third = events(data)
    assert (first["DTSTART"], first["DTEND"]) == ("20261130T090000Z", "20261202T090000Z")
    assert first["UID"] == whole["UID"]
    assert [int(event["SEQUENCE"]) for event in (first, second, third)] == [1, 1, 1]
    assert second["SUMMARY"].endswith("bob for carol")
    assert second["UID"].startswith("20261130T090000Z-20261202T090000Z-")
    assert third["UID"].startswith("20261130T090000Z-20261204T090000Z-")
    # the piece that bob has goes on to alice: it is the same piece
    roster_folder.overrides(cover.replace('"bob"', '"alice"'))
    roster_folder.later(hours=1)
    again = events(roster_folder.export("--from", "2026-12-03", "--to", "2026-12-03T10:00"))[0]
    assert (again["UID"], again["SEQUENCE"]) == (second["UID"], "2")
    # a piece that was taken back and comes again is newer than it was
    roster_folder.overrides("")
    roster_folder.export()
    roster_folder.overrides(cover.replace('"bob"', '"alice"'))
    again = by_start(roster_folder.export())["20261202T090000Z"]
    assert (again["UID"], again["SEQUENCE"]) == (second["UID"], "4")


def test_an_absence_and_a_duty_where_there_was_none(roster_folder: RosterFolder) -> None:
    roster_folder.roster.write_text(ROSTER.replace('"09:00"', '"09:00"\nhours = ["mon-fri"]'))
    before = events(roster_folder.export())
    roster_folder.overrides(
        '[[absence]]\nperson = "carol"\nstart = 2026-12-01\nend = 2026-12-02\n'
        "[[override]]\nstart = 2026-12-05T08:00:00Z\nend = 2026-12-05T20:00:00Z\nin = 'alice'\n"
    )
    data = roster_folder.export("--from", "2026-11-30T09:00", "--to", "2026-12-06")
    assert not lint(data)
    who = [event["SUMMARY"].partition(": ")[2] for event in events(data)]
    assert who == ["carol", "alice for carol", "carol", "alice"]
    assert len({event["UID"] for event in events(data)}) == 4
    assert events(data)[0]["UID"] in {event["UID"] for event in before}


def test_parts_of_a_second(roster_folder: RosterFolder) -> None:
    before = by_start(roster_folder.export())
    odd = COVER.replace("11-30T09:00:00", "11-30T09:00:00.25").replace("12-07T09:00:00", "11-30T10")
    roster_folder.overrides(
        odd.replace("T10Z", "T09:00:00.75Z") + COVER.replace("12-07T09:00:00", "12-01T09:00:00.5")
    )
    data = roster_folder.export()
    assert not lint(data)
    after = by_start(data)
    assert after["20261130T090000Z"]["UID"] == before["20261130T090000Z"]["UID"]
    assert after["20261201T090000Z"]["SUMMARY"].endswith(": carol")
    assert len(after) == 56


def test_the_same_on_every_host(roster_folder: RosterFolder) -> None:
    roster_folder.overrides(COVER)
    here = roster_folder.export()
    roster_folder.state = roster_folder.folder / "elsewhere"
    roster_folder.later(hours=9)
    assert roster_folder.export() == here


def test_a_file_that_stands_there_is_learnt_from(roster_folder: RosterFolder) -> None:
    (roster_folder.folder / "out").mkdir()
    file = roster_folder.folder / FILE
    for text, state in ((COVER, "one"), ("", "one"), (COVER, "two"), ("", "three")):
        roster_folder.overrides(text)
        roster_folder.state = roster_folder.folder / state
        roster_folder.later(hours=1)
        assert roster_folder.run("export", "-o", str(file)).output == ""
    event = by_start(file.read_bytes())["20261130T090000Z"]
    assert event["SEQUENCE"] == "4"
    assert not lint(file.read_bytes())


def test_without_a_state_folder_it_says_so_and_goes_on(roster_folder: RosterFolder) -> None:
    roster_folder.state = roster_folder.folder / "file"
    roster_folder.state.touch()
    done = roster_folder.run("export")
    assert done.exit_code == 0
    assert "warning: " in done.stderr
    assert len(events(done.stdout_bytes)) == 55


def test_a_damaged_ledger_is_begun_anew(roster_folder: RosterFolder) -> None:
    data = roster_folder.export()
    (ledger,) = roster_folder.state.glob("*.json")
    for text in ("", "{", "[]", '{"events": {"x": {}}}', '{"events": []}', "[" * 100_000):
        ledger.write_text(text)
        done = roster_folder.run("export")
        assert done.stdout_bytes == data
        assert "was damaged" in done.stderr
        assert roster_folder.run("export").stderr == ""


def test_what_ended_long_ago_is_forgotten(roster_folder: RosterFolder) -> None:
    roster_folder.export()
    (ledger,) = roster_folder.state.glob("*.json")
    assert b"20261109T" in ledger.read_bytes()
    roster_folder.later(days=1000)
    roster_folder.export()
    assert b"20261109T" not in ledger.read_bytes()


def test_a_host_that_is_used_elsewhere_keeps_its_records_apart(tmp_path: Path) -> None:
    host = Host(tmp_path / "state")
    assert host.recorded("a.json") is None
    host.record("a.json", b"1")
    assert host.recorded("a.json") == b"1"
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_the_note_of_a_dated_shift_is_told(roster_folder: RosterFolder) -> None:
    text = ROSTER + (
        "\n[[shift]]\nstart = 2026-12-24T09:00:00\nend = 2026-12-27T09:00:00\n"
        'people = ["alice"]\npriority = 2\nnote = "Christmas"\n'
    )
    roster_folder.roster.write_text(text)
    event = by_start(roster_folder.export("--from", "2026-12-20"))["20261224T090000Z"]
    assert "Note: Christmas" in event["DESCRIPTION"]
    why = roster_folder.run("who", "--why", "--at", "2026-12-25").output
    assert "shift Christmas" in why
    assert "shift Christmas" in roster_folder.run("schedule", "--from", "2026-12-24").output
