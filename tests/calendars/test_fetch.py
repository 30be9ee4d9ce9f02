"""A roster whose calendar is an address: what is asked, kept, believed, and refused."""

from __future__ import annotations

import os
import stat
from typing import Any

import pytest

from tests.calendars.feeds import calendar
from tests.calendars.places import DAY, HOUR, MINUTE, NOW, SECRET, Place
from tests.host.web_server import DUTY, Site, site

LOGIN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>s3cret</body></html>"


def test_who_and_apply(web: Site, place: Place) -> None:
    done = place.run("who", "--why")
    line = "team duty: alice, since Mon 23 Nov 09:00, until Mon 30 Nov 09:00 UTC; next bob"
    assert done.stdout.splitlines()[0] == line
    assert f"--> http://127.0.0.1:{web.port}/…:3" in done.stdout
    assert done.stderr == ""
    assert place.run("apply").stderr == ""
    assert place.held() == "alice@example.com"
    assert '"bob"' in place.run("schedule", "--json", "--to", "+14d").stdout


def test_nothing_is_sent_twice_while_nothing_changes(web: Site, place: Place) -> None:
    web.serve(SECRET, DUTY, ETag='"1"', Last_Modified="Tue, 24 Nov 2026 09:00:00 GMT")
    place.run("who")
    kept = {path.name: path.stat().st_mtime_ns for path in place.state.glob("*.calendar")}
    web.serve(SECRET, b"", 304, Content_Length=None)
    done = place.run("who", now=NOW + HOUR)
    assert "alice" in done.stdout
    assert done.stderr == ""
    place.run("who", now=NOW + 2 * HOUR)
    for _, headers in web.asked[1:]:
        assert headers["If-None-Match"] == '"1"'
        assert headers["If-Modified-Since"] == "Tue, 24 Nov 2026 09:00:00 GMT"
    assert kept == {path.name: path.stat().st_mtime_ns for path in place.state.glob("*.calendar")}
    # what has changed is taken, also from a server that knows no conditions
    web.serve(SECRET, DUTY.replace(b"alice", b"bob"))
    assert "duty: bob" in place.run("who", now=NOW + 3 * HOUR).stdout
    assert "duty: bob" in place.run("who", now=NOW + 3 * HOUR).stdout
    assert web.asked[-1][1]["If-None-Match"] is None


MARKS: list[dict[str, str | None]] = [{}, {"ETag": '"1"'}]
MARKS += [{"Last_Modified": "Tue, 24 Nov 2026 09:00:00 GMT"}]
MARKS += [{"ETag": '"2"', "Last_Modified": "Tue, 24 Nov 2026 10:00:00 GMT"}]


@pytest.mark.parametrize("first", MARKS)
@pytest.mark.parametrize("second", MARKS)
def test_what_is_asked_about_is_the_last_answer_with_a_calendar(
    web: Site, place: Place, first: dict[str, str | None], second: dict[str, str | None]
) -> None:
    web.serve(SECRET, DUTY, 200, **first)
    place.run("who")
    web.serve(SECRET, DUTY.replace(b"alice", b"bob"), 200, **second)
    assert "duty: bob" in place.run("who", now=NOW + HOUR).stdout
    place.run("who", now=NOW + 2 * HOUR)
    headers = web.asked[-1][1]
    assert headers["If-None-Match"] == second.get("ETag")
    assert headers["If-Modified-Since"] == second.get("Last_Modified")


@pytest.mark.parametrize(
    ("control", "minutes"), [(None, 4), ("no-store", 4), ("max-age=600", 10), ("max-age=99999", 60)]
)
def test_apply_does_not_ask_again_at_once(
    web: Site, place: Place, control: str | None, minutes: int
) -> None:
    web.serve(SECRET, DUTY, Cache_Control=control or "private")
    for after, times in ((0, 1), (1, 1), (minutes - 1, 1), (minutes, 2), (minutes + 1, 2)):
        place.run("apply", now=NOW + after * MINUTE)
        assert len(web.asked) == times
    # somebody who looks wants to know what is there now; a clock set back proves nothing
    place.run("who", now=NOW + (minutes + 1) * MINUTE)
    place.run("apply", now=NOW - DAY)
    assert len(web.asked) == 4


def test_an_address_may_not_ask_for_more_patience_than_the_roster_has(
    web: Site, place: Place
) -> None:
    # the roster cannot ask for less than an hour, nor Cache-Control for more
    place.write(web.url(SECRET), 'stale = "1 hour"')
    web.serve(SECRET, DUTY, Cache_Control="max-age=86400")
    place.run("apply")
    place.run("apply", now=NOW + HOUR)
    assert len(web.asked) == 2


def test_one_address_of_many_rotations_is_asked_once(web: Site, place: Place) -> None:
    more = '[[rotation]]\nname = "again"\nrole = "backup"\ncalendar = '
    place.write(web.url(SECRET), f'{more}"{web.url(SECRET)}"\nmatch = "summary"')
    assert "team backup: alice" in place.run("who").stdout
    assert len(web.asked) == 1


def test_a_calendar_that_fails_costs_another_role_nothing(web: Site, place: Place) -> None:
    more = '[[rotation]]\nname = "backup"\nrole = "backup"\ncalendar = "backup.ics"\n'
    place.write(web.url("/nothing"), more)
    later = ["SUMMARY:bob", "DTSTART:20270201T090000Z", "DURATION:P1D"]
    (place.folder / "backup.ics").write_bytes(calendar(later))
    done = place.run("who", status=1)
    assert "until Mon 1 Feb 2027 09:00 UTC; next bob" in done.stdout


FAULTS: list[tuple[str, bytes, int, dict[str, Any]]] = [
    ("answers 500", b"", 500, {}),
    ("answers 404", b"s3cret", 404, {}),
    ("an HTML page 'Sign in', perhaps a login page", LOGIN, 200, {"Content_Type": "text/calendar"}),
    ("an empty file", b"", 200, {}),
    ("JSON", b'{"s3cret": 1}', 200, {}),
    ("cut short", DUTY[:-30], 200, {}),
    ("in the middle", DUTY, 200, {"Content_Length": "9999"}),
    ("something other than http", b"", 302, {"Location": "file:///etc/passwd"}),
]


@pytest.mark.parametrize(("what", "body", "status", "headers"), FAULTS)
def test_the_last_good_copy_is_used_until_it_is_stale(
    web: Site, place: Place, what: str, body: bytes, status: int, headers: dict[str, Any]
) -> None:
    place.run("apply")
    web.serve(SECRET, body, status, **headers)
    done = place.run("apply", now=NOW + 5 * HOUR)
    assert f"warning: http://127.0.0.1:{web.port}/…" in done.stderr
    assert what in done.stderr
    assert "what it said 5 hours ago is used" in done.stderr
    assert f"--> {place.roster}:4" in done.stderr
    assert "2 days ago" in place.run("who", now=NOW + 2 * DAY).stderr
    # what fails is not asked without pause either, and is told all the same
    asked = len(web.asked)
    done = place.run("apply", now=NOW + 2 * DAY + 3 * MINUTE)
    assert len(web.asked) == asked
    assert what in done.stderr
    place.target.write_text("bob@example.com\n")
    done = place.run("apply", now=NOW + 3 * DAY + MINUTE, status=3)
    assert "the last good copy is 3 days old, and is not used after 3 days" in done.stderr
    assert "error: the calendar of the role 'duty' cannot be read" in done.stderr
    assert place.held() == "bob@example.com"
    # and when it is well again, so is all else
    web.serve(SECRET)
    assert place.run("apply", now=NOW + 3 * DAY + 10 * MINUTE).stderr == ""
    assert place.held() == "alice@example.com"


def test_the_roster_says_how_old_a_copy_may_be(web: Site, place: Place) -> None:
    place.write(web.url(SECRET), 'stale = "2 hours"')
    place.run("who")
    web.serve(SECRET, b"", 500)
    assert "1 hour ago" in place.run("apply", now=NOW + 2 * HOUR - MINUTE).stderr
    place.run("apply", now=NOW + 2 * HOUR)
    place.run("apply", now=NOW + 2 * HOUR + MINUTE * 6, status=3)


def test_without_any_copy_nothing_is_touched(web: Site, place: Place) -> None:
    place.target.write_text("bob@example.com\n")
    web.serve(SECRET, LOGIN)
    done = place.run("apply", status=3)
    assert "perhaps a login page" in done.stderr
    assert place.held() == "bob@example.com"
    assert not list(place.state.glob("*.calendar"))
    done = place.run("who", status=1)
    assert "perhaps a login page" in done.stderr
    assert (
        done.stdout
        == "team duty: unknown, its calendar cannot be read (apply leaves the targets)\n"
    )


def test_the_copy_is_ours_alone_and_its_name_tells_nothing(web: Site, place: Place) -> None:
    old = os.umask(0)
    try:
        place.write(web.url(SECRET, user="alice:s3cret@"))
        place.run("who")
    finally:
        os.umask(old)
    assert stat.S_IMODE(place.state.stat().st_mode) == 0o700
    files = sorted(path for path in place.state.iterdir() if path.suffix != ".lock")
    assert [path.suffix for path in files] == [".calendar", ".checked"]
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert all(word not in path.name for word in ("alice", "s3cret", "127.0", "basic"))
        assert b"s3cret" not in path.read_bytes()


def test_a_copy_that_others_may_have_made_is_not_believed(web: Site, place: Place) -> None:
    place.run("who")
    (kept,) = place.state.glob("*.calendar")
    web.serve(SECRET, b"", 500)
    elsewhere = place.folder / "elsewhere"
    kept.rename(elsewhere)
    kept.symlink_to(elsewhere)
    place.run("apply", status=3)
    kept.unlink()
    elsewhere.rename(kept)
    kept.chmod(0o666)
    place.run("apply", status=3)
    kept.chmod(0o600)
    place.run("apply")


@pytest.mark.parametrize("suffix", ["calendar", "checked"])
@pytest.mark.parametrize("data", [b"", b"{}", b"[1]\n", b"\xff\xfe", b'{"digest": 1}\nBEGIN'])
def test_notes_that_are_damaged_do_no_harm(
    web: Site, place: Place, suffix: str, data: bytes
) -> None:
    web.serve(SECRET, DUTY, ETag='"1"')
    place.run("who")
    (note,) = place.state.glob(f"*.{suffix}")
    note.write_bytes(data)
    assert "alice" in place.run("who").stdout
    # without a whole copy nobody may answer that it has not changed
    assert web.asked[-1][1]["If-None-Match"] is None
    note.write_bytes(data)
    web.serve(SECRET, b"", 500)
    place.run("apply", now=NOW + HOUR, status=3 if suffix == "calendar" else 0)


def test_a_state_folder_that_cannot_be_written_costs_the_copy_only(web: Site, place: Place) -> None:
    place.state.write_text("a file")
    done = place.run("who")
    assert "duty: alice" in done.stdout
    assert "no copy of http://127.0.0.1" in done.stderr


def test_a_dry_run_asks_too(web: Site, place: Place) -> None:
    assert "-> alice" in place.run("apply", "--dry-run").stdout
    assert place.held() == ""
    place.run("apply", "--check", status=1)


def test_passwords_are_used_and_never_shown(web: Site, place: Place) -> None:
    with site() as other:
        web.redirect(SECRET, other.url())
        place.write(web.url(SECRET, user="alice:s3cret@"))
        place.run("who", "--why")
        assert web.asked[0][1]["Authorization"]
        assert other.asked[0][1]["Authorization"] is None
        other.serve("/duty.ics", b"", 401)
        done = place.run("apply", now=NOW + HOUR)
        assert "answers 401" in done.stderr
        assert f"by way of http://127.0.0.1:{other.port}/…" in done.stderr
    place.run("check", status=1)


def test_a_netrc_file_is_used(web: Site, place: Place) -> None:
    netrc = place.folder / "netrc"
    netrc.write_text("machine 127.0.0.1\nlogin alice\npassword s3cret\n")
    netrc.chmod(0o600)
    place.run("who")
    assert web.asked[0][1]["Authorization"] == "Basic YWxpY2U6czNjcmV0"


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("ftp://example.com/s3cret", "an address of the kind ftp:// is not read"),
        ("file:///s3cret", "write the path alone"),
        ("https://alice:s3cret/1@example.com/", "cannot be read"),
        ("https:///s3cret", "cannot be read"),
    ],
)
def test_an_address_that_is_none_is_an_error_of_the_roster(
    place: Place, url: str, what: str
) -> None:
    place.write(url)
    done = place.run("who", status=2)
    assert what in done.stderr
    assert f"{place.roster}:6" in done.stderr


def test_a_calendar_that_names_only_strangers(web: Site, place: Place) -> None:
    web.serve(SECRET, DUTY.replace(b"alice", b"mallory").replace(b"bob", b"trudy"))
    done = place.run("apply")
    assert "the event 'mallory' names nobody known" in done.stderr
    assert place.held() == "managers@example.com"
    assert "duty: nobody" in place.run("who", status=1).stdout


@pytest.mark.parametrize(
    "text",
    [
        *("|/bin/sh", ":include:/etc/passwd", "/etc/passwd", "mallory@example.org"),
        *(r"alice\nBcc: mallory@example.org", '"|touch${IFS}/x"@example.com', "alice\x00|x"),
    ],
)
def test_text_of_a_calendar_never_reaches_a_target(web: Site, place: Place, text: str) -> None:
    event = [f"SUMMARY:{text}", f"ATTENDEE:mailto:{text}", f"DESCRIPTION:{text}", f"UID:{text}"]
    web.serve(SECRET, calendar([*event, "DTSTART:20261123T090000Z", "DURATION:P7D"]))
    done = place.run("apply")
    assert place.held() in ("managers@example.com", "alice@example.com")
    assert "\x00" not in done.output
