"""What a mail of `rotation notify` says, and to whom."""

from __future__ import annotations

from pathlib import Path

from tests.export.lint import events
from tests.export.roster_folder import COVER, ROSTER
from tests.notify.mailed_roster import REMIND, MailedRoster, calendars, words

FIRST = (
    "This is the first mail of its kind to you. Your calendar takes such duties in by itself once\n"
    "it knows the sender: in Google Calendar, open the invitation and say that you know the\n"
    "sender, or put the sender into your contacts; elsewhere, accept it once. No answer is\n"
    "expected.\n\n"
)


def test_a_change_is_told_to_those_whom_it_concerns(mailed: MailedRoster) -> None:
    mailed.overrides(COVER)
    mails = mailed.notify()
    assert list(mails) == ["bob", "carol"]
    bob, carol = mails["bob"], mails["carol"]
    assert bob["To"] == "bob@example.com"
    assert carol["To"] == "Carol Jones <carol@example.com>"
    (text,) = mailed.texts
    assert text["To"] == "Carol Jones <447700900123@sms.example.net>"
    assert text.get_content_type() == "text/plain", "a phone gets the text alone"
    assert words(text) == words(carol)
    assert bob["List-Id"] == "<sysduty.rotation.box.test>"
    ids = [mail["Message-ID"] for mail in (bob, carol, text)]
    assert len(set(ids)) == 3
    assert all(str(one).endswith("@box.test>") for one in ids)
    assert bob["Subject"] == "sysduty: your duties changed"
    assert bob["Auto-Submitted"] == "auto-generated"
    assert bob.get_content_type() == "multipart/alternative"
    assert words(bob).startswith(
        "Your duties changed:\n\n"
        "  new    Mon 30 Nov 09:00 to Mon 7 Dec 09:00, duty\n"
        "         for Carol Jones\n"
        "         note: swap; as agreed, by phone\n"
    )
    assert "  gone   Mon 30 Nov 09:00 to Mon 7 Dec 09:00, duty\n" in words(carol)
    assert "on duty then: bob" in [line.strip() for line in words(carol).splitlines()]
    (exported,) = (e for e in events(mailed.export()) if e["DTSTART"] == "20261130T090000Z")
    ((method, event),) = calendars(bob)
    assert method == "REQUEST"
    assert event["UID"] == exported["UID"]
    assert event["SEQUENCE"] == exported["SEQUENCE"] == "1"
    assert event["SUMMARY"] == "sysduty duty: bob for carol"
    assert event["ATTENDEE"] == "mailto:bob@example.com"
    assert event["ORGANIZER"] == "mailto:root@box.test"
    ((method, event),) = calendars(carol)
    assert (method, event["UID"], event["SEQUENCE"]) == ("CANCEL", exported["UID"], "1")
    assert event["STATUS"] == "CANCELLED"
    mailed.later(minutes=5)
    assert mailed.notify() == {}
    assert mailed.host.lines == ["sysduty: told bob", "sysduty: told carol"]


def test_whoever_is_there_instead_is_whoever_has_that_time(mailed: MailedRoster) -> None:
    """carol, who has the week before, is not."""
    mailed.overrides(
        "[[override]]\nstart = 2026-12-07T09:00:00Z\nend = 2026-12-14T09:00:00Z\n"
        'out = "alice"\nin = "bob"\n'
    )
    lines = [line.strip() for line in words(mailed.notify()["alice"]).splitlines()]
    assert "gone   Mon 7 Dec 09:00 to Mon 14 Dec 09:00, duty" in lines
    assert "on duty then: bob" in lines


def test_taken_back(mailed: MailedRoster) -> None:
    numbers = []
    for text in (COVER, "", COVER):
        mailed.overrides(text)
        mails = mailed.notify()
        assert list(mails) == ["bob", "carol"]
        numbers += [(m[0], m[1]["SEQUENCE"]) for mail in mails.values() for m in calendars(mail)]
        mailed.later(minutes=5)
    assert numbers == [
        ("REQUEST", "1"), ("CANCEL", "1"),
        ("CANCEL", "2"), ("REQUEST", "2"),
        ("REQUEST", "3"), ("CANCEL", "3"),
    ]  # fmt: skip


def test_all_changes_for_one_person_are_in_one_mail(mailed: MailedRoster) -> None:
    mailed.overrides(
        COVER
        + COVER.replace("11-30", "12-21").replace("12-07", "12-23")
        + COVER.replace("11-30", "12-15").replace("12-07", "12-16")
        .replace('"carol"', '"x"').replace('"bob"', '"carol"').replace('"x"', '"bob"')
    )  # fmt: skip
    mails = mailed.notify()
    assert list(mails) == ["bob", "carol"]
    assert words(mails["carol"]).split("Your next duties")[0] == (
        "Your duties changed:\n"
        "\n"
        "  new    Tue 15 Dec 09:00 to Wed 16 Dec 09:00, duty\n"
        "         for bob\n"
        "         note: swap; as agreed, by phone\n"
        "  now    Wed 23 Dec 09:00 to Mon 28 Dec 09:00, duty\n"
        "  was    Mon 21 Dec 09:00 to Mon 28 Dec 09:00\n"
        "  gone   Mon 30 Nov 09:00 to Mon 7 Dec 09:00, duty\n"
        "         on duty then: bob\n"
        "\n"
        "Next after that:\n"
        "\n"
        "  Mon 11 Jan 2027 09:00 to Mon 18 Jan 2027 09:00, duty\n"
        "  Mon 1 Feb 2027 09:00 to Mon 8 Feb 2027 09:00, duty\n"
        "  Mon 22 Feb 2027 09:00 to Mon 1 Mar 2027 09:00, duty\n"
        "\n"
        f"{FIRST}"
        "All times are those of Europe/London.\n"
    )
    methods = [method for method, _ in calendars(mails["carol"])]
    assert methods == ["REQUEST", "REQUEST", "CANCEL", "CANCEL"]
    assert mails["carol"].get_content_type() == "multipart/alternative"
    uids = [event["UID"] for _, event in calendars(mails["carol"])]
    assert len(set(uids)) == 4


def test_a_duty_that_others_share_is_not_changed_by_them(tmp_path: Path) -> None:
    mailed = MailedRoster(tmp_path, ROSTER.replace('"alice", "bob", "carol"', '["alice", "bob"]'))
    mailed.notify()
    mailed.overrides(COVER.replace("11-30", "12-01").replace('out   = "carol"', 'out = "alice"')
                   .replace('in    = "bob"', 'in = "carol"'))  # fmt: skip
    mailed.later(minutes=5)
    mails = mailed.notify()
    assert list(mails) == ["alice", "carol"]
    assert [(m, e["DTSTART"], e["DTEND"]) for m, e in calendars(mails["alice"])] == [
        ("REQUEST", "20261130T090000Z", "20261201T090000Z")
    ]
    assert "was    Mon 30 Nov 09:00 to Mon 7 Dec 09:00" in words(mails["alice"])


def test_a_rotation_that_is_renamed_is_no_change(mailed: MailedRoster) -> None:
    mailed.roster.write_text((ROSTER + REMIND).replace('"weekly"', '"main"'))
    assert mailed.notify() == {}
    mailed.overrides(COVER)
    mailed.later(minutes=5)
    ((_, gone),) = calendars(mailed.notify()["carol"])
    # under the name that it has in her calendar
    assert gone["UID"] != events(mailed.export("--from", "2026-12-01"))[0]["UID"]


def test_what_comes_into_view_is_no_change(mailed: MailedRoster) -> None:
    for _ in range(40):
        mailed.later(hours=9)
        told = mailed.notify()
        assert all("changed" not in mail["Subject"] for mail in told.values())


def test_reminders(mailed: MailedRoster) -> None:
    seen = []
    mailed.now = mailed.now.replace(day=28, hour=9, minute=0)
    for _ in range(20):
        mailed.later(hours=12)
        for key, mail in mailed.notify().items():
            if "on duty from" in mail["Subject"]:
                seen.append((f"{mailed.now:%d %H}", key, mail["Subject"]))
                assert words(mail).startswith("You will be on duty:\n\n  Mon ")
                assert [method for method, _ in calendars(mail)] == ["REQUEST"]
    assert seen == [
        ("29 09", "carol", "sysduty: on duty from Mon 30 Nov 09:00"),
        ("30 09", "alice", "sysduty: on duty from Mon 7 Dec 09:00"),
        ("06 09", "alice", "sysduty: on duty from Mon 7 Dec 09:00"),
        ("07 09", "bob", "sysduty: on duty from Mon 14 Dec 09:00"),
    ]


def test_a_handoff(mailed: MailedRoster) -> None:
    mailed.now = mailed.now.replace(day=30, hour=8, minute=59)
    mailed.notify()
    mailed.later(minutes=1)
    mails = mailed.notify()
    assert words(mails["bob"]).startswith("Your duty (duty) ended at Mon 30 Nov 09:00; next: Carol")
    assert mails["bob"]["Subject"] == "sysduty: your duty has ended"
    assert calendars(mails["bob"]) == []
    assert words(mails["carol"]).startswith(
        "You are on duty now: Mon 30 Nov 09:00 to Mon 7 Dec 09:00, duty.\nYou take over from bob.\n"
    )
    assert [method for method, _ in calendars(mails["carol"])] == ["REQUEST"]
    mailed.later(minutes=1)
    assert mailed.notify() == {}


def test_handoffs_can_be_left_out(tmp_path: Path) -> None:
    mailed = MailedRoster(tmp_path, ROSTER + REMIND + "handoffs = false\n")
    mailed.now = mailed.now.replace(day=30, hour=8, minute=59)
    mailed.notify()
    mailed.later(minutes=2)
    assert list(mailed.notify()) == ["alice"]  # the reminder, a week ahead


def test_taking_over_in_the_middle(mailed: MailedRoster) -> None:
    mailed.later(hours=1)
    mailed.overrides(COVER.replace("11-30T09:00:00", "11-24T11:00:00").replace("12-07", "11-30")
                   .replace('"bob"', '"alice"').replace('"carol"', '"bob"'))  # fmt: skip
    mails = mailed.notify()
    assert list(mails) == ["alice", "bob"]
    assert "You are on duty now: Tue 24 Nov 11:00 to Mon 30 Nov 09:00" in words(mails["alice"])
    assert "You take over from bob." in words(mails["alice"])
    assert "  now    Mon 23 Nov 09:00 to Tue 24 Nov 11:00, duty\n" in words(mails["bob"])
    assert "ended at Tue 24 Nov 11:00; next: alice." in words(mails["bob"])
    ((method, event),) = calendars(mails["bob"])
    assert (method, event["DTEND"]) == ("REQUEST", "20261124T110000Z")


def test_very_many_changes(tmp_path: Path) -> None:
    mailed = MailedRoster(tmp_path, ROSTER.replace('"1 week"', '"1 day"'))
    mailed.notify()
    mailed.roster.write_text(mailed.roster.read_text().replace('"alice", "bob"', '"bob", "alice"'))
    mailed.later(minutes=5)
    mails = mailed.notify()
    assert list(mails) == ["alice", "bob"]
    methods = [method for method, _ in calendars(mails["bob"])]
    assert methods == ["REQUEST"] * 3 + ["CANCEL"] * 3
    assert "more duties come without an invitation" in words(mails["bob"])
    assert words(mails["bob"]).count("  new  ") + words(mails["bob"]).count("  gone  ") > 50


def test_a_person_is_told_in_their_own_zone(tmp_path: Path) -> None:
    there = 'bob = { email = "bob@example.com", timezone = "America/Chicago" }'
    mailed = MailedRoster(tmp_path, ROSTER.replace('bob   = "bob@example.com"', there) + REMIND)
    mailed.notify()
    mailed.overrides(COVER)
    mails = mailed.notify()
    assert "  new    Mon 30 Nov 03:00 to Mon 7 Dec 03:00, duty\n" in words(mails["bob"])
    assert words(mails["bob"]).endswith("All times are those of America/Chicago.\n")
    assert words(mails["carol"]).endswith("All times are those of Europe/London.\n")
    ((_, event),) = calendars(mails["bob"])
    assert event["DTSTART"] == "20261130T090000Z"
    assert "03:00" in event["DESCRIPTION"]


def test_the_weeks_ahead_for_everybody(tmp_path: Path) -> None:
    mailed = MailedRoster(tmp_path, ROSTER + '[notify]\nweekly = "fri 08:00"\nhandoffs = false\n')
    mailed.overrides(COVER)
    mailed.notify()
    mailed.later(days=2)
    assert mailed.notify() == {}
    mailed.later(days=1)
    mails = mailed.notify()
    assert list(mails) == ["alice", "bob", "carol"]
    assert mails["alice"]["Subject"] == "sysduty: who has the next weeks"
    assert "  Mon 30 Nov 09:00 to Mon 7 Dec 09:00\n      bob for Carol Jones\n" in words(
        mails["alice"]
    )
    mailed.later(minutes=10)
    assert mailed.notify() == {}, "once a week"
    for wrong in ("fri", "fri-mon 08:00", "daily", "fri 25:00"):
        mailed.roster.write_text(f'{ROSTER}[notify]\nweekly = "{wrong}"\n')
        assert mailed.run("notify", system=mailed.host).exit_code == 2
