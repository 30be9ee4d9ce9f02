"""`rotation notify`: who is mailed, what the mail says, and what happens when it is not taken."""

from __future__ import annotations

import email
import inspect
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from rotation.host import locks
from rotation.host.real import Host
from rotation.system import Finished
from tests.export.lint import events, lint
from tests.export.roster_folder import COVER, ROSTER, Desk

REMIND = '\n[notify]\nremind = ["7 days", "1 day"]\n'
SENDMAIL = Path("/usr/sbin/sendmail")


class Office(Host):
    """A host whose sendmail takes every mail, but for those whom it `refuses`."""

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.taken: list[EmailMessage] = []
        self.refuses: set[str] = set()
        self.lines: list[str] = []

    def program(self, *names: str) -> Path | None:
        return SENDMAIL if names == ("sendmail",) else super().program(*names)

    def run(self, argv: Sequence[str | Path], *, data: bytes = b"") -> Finished:
        assert argv == [SENDMAIL, "-oi", "-t"]
        mail = email.message_from_bytes(data, policy=default)
        if any(address in str(mail["To"]) for address in self.refuses):
            return Finished(75, "", "queue is full")
        self.taken.append(mail)
        return Finished(0, "", "")

    def host_name(self) -> str:
        return "box.test"

    def log(self, line: str) -> None:
        self.lines.append(line)


class Team(Desk):
    """A desk with an office."""

    def __init__(self, folder: Path, roster: str = ROSTER + REMIND) -> None:
        super().__init__(folder, roster)
        self.office = Office(self.state)

    def notify(self, *arguments: str, status: int = 0) -> dict[str, EmailMessage]:
        """The mails of one run, by the first address."""
        self.office.taken.clear()
        done = self.run("notify", *arguments, system=self.office)
        assert done.exit_code == status, done.output
        assert status or arguments or done.output == ""
        found = {str(mail["To"]).partition("@")[0]: mail for mail in self.office.taken}
        assert len(found) == len(self.office.taken), "two mails for one person"
        return found


@pytest.fixture
def team(tmp_path: Path) -> Team:
    made = Team(tmp_path)
    assert made.notify() == {}
    made.later(minutes=5)
    return made


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def calendars(mail: EmailMessage) -> list[tuple[str, dict[str, str]]]:
    found = []
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            assert not lint(data, method=True)
            (event,) = events(data)
            method = str(part.get_param("method"))
            assert f"\r\nMETHOD:{method}\r\n".encode() in data
            found.append((method, event))
    return found


def test_a_first_run_tells_nothing(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.overrides(COVER)
    assert team.notify() == {}
    team.later(minutes=5)
    assert team.notify() == {}


def test_a_change_is_told_to_those_whom_it_concerns(team: Team) -> None:
    team.overrides(COVER)
    mails = team.notify()
    assert list(mails) == ["bob", "carol"]
    bob, carol = mails["bob"], mails["carol"]
    assert bob["To"] == "bob@example.com"
    assert carol["To"] == "carol@example.com, 447700900123@sms.example.net"
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
    assert "on duty then: bob" in words(carol)
    (exported,) = (e for e in events(team.export()) if e["DTSTART"] == "20261130T090000Z")
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
    team.later(minutes=5)
    assert team.notify() == {}
    assert team.office.lines == ["sysduty: told bob", "sysduty: told carol"]


def test_taken_back(team: Team) -> None:
    numbers = []
    for text in (COVER, "", COVER):
        team.overrides(text)
        mails = team.notify()
        assert list(mails) == ["bob", "carol"]
        numbers += [(m[0], m[1]["SEQUENCE"]) for mail in mails.values() for m in calendars(mail)]
        team.later(minutes=5)
    assert numbers == [
        ("REQUEST", "1"), ("CANCEL", "1"),
        ("CANCEL", "2"), ("REQUEST", "2"),
        ("REQUEST", "3"), ("CANCEL", "3"),
    ]  # fmt: skip


def test_all_changes_for_one_person_are_in_one_mail(team: Team) -> None:
    team.overrides(
        COVER
        + COVER.replace("11-30", "12-21").replace("12-07", "12-23")
        + COVER.replace("11-30", "12-15").replace("12-07", "12-16")
        .replace('"carol"', '"x"').replace('"bob"', '"carol"').replace('"x"', '"bob"')
    )  # fmt: skip
    mails = team.notify()
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
        "All times are those of Europe/London.\n"
    )
    methods = [method for method, _ in calendars(mails["carol"])]
    assert methods == ["REQUEST", "REQUEST", "CANCEL", "CANCEL"]
    assert mails["carol"].get_content_type() == "multipart/mixed"
    uids = [event["UID"] for _, event in calendars(mails["carol"])]
    assert len(set(uids)) == 4


def test_a_duty_that_others_share_is_not_changed_by_them(tmp_path: Path) -> None:
    team = Team(tmp_path, ROSTER.replace('"alice", "bob", "carol"', '["alice", "bob"]'))
    team.notify()
    team.overrides(COVER.replace("11-30", "12-01").replace('out   = "carol"', 'out = "alice"')
                   .replace('in    = "bob"', 'in = "carol"'))  # fmt: skip
    team.later(minutes=5)
    mails = team.notify()
    assert list(mails) == ["alice", "carol"]
    assert [(m, e["DTSTART"], e["DTEND"]) for m, e in calendars(mails["alice"])] == [
        ("REQUEST", "20261130T090000Z", "20261201T090000Z")
    ]
    assert "was    Mon 30 Nov 09:00 to Mon 7 Dec 09:00" in words(mails["alice"])


def test_a_rotation_that_is_renamed_is_no_change(team: Team) -> None:
    team.roster.write_text((ROSTER + REMIND).replace('"weekly"', '"main"'))
    assert team.notify() == {}
    team.overrides(COVER)
    team.later(minutes=5)
    ((_, gone),) = calendars(team.notify()["carol"])
    # under the name that it has in her calendar
    assert gone["UID"] != events(team.export("--from", "2026-12-01"))[0]["UID"]


def test_what_comes_into_view_is_no_change(team: Team) -> None:
    for _ in range(40):
        team.later(hours=9)
        told = team.notify()
        assert all("changed" not in mail["Subject"] for mail in told.values())


def test_reminders(team: Team) -> None:
    seen = []
    team.now = team.now.replace(day=28, hour=9, minute=0)
    for _ in range(20):
        team.later(hours=12)
        for key, mail in team.notify().items():
            if "on duty from" in mail["Subject"]:
                seen.append((f"{team.now:%d %H}", key, mail["Subject"]))
                assert words(mail).startswith("You will be on duty:\n\n  Mon ")
                assert [method for method, _ in calendars(mail)] == ["REQUEST"]
    assert seen == [
        ("29 09", "carol", "sysduty: on duty from Mon 30 Nov 09:00"),
        ("30 09", "alice", "sysduty: on duty from Mon 7 Dec 09:00"),
        ("06 09", "alice", "sysduty: on duty from Mon 7 Dec 09:00"),
        ("07 09", "bob", "sysduty: on duty from Mon 14 Dec 09:00"),
    ]


def test_missed_runs(team: Team) -> None:
    team.later(days=10)  # alice's reminder was due on 30 November, carol has begun on that day
    mails = team.notify()
    assert {key: mail["Subject"] for key, mail in mails.items()} == {
        "alice": "sysduty: on duty from Mon 7 Dec 09:00",
        "carol": "sysduty: on duty until Mon 7 Dec 09:00",
    }
    team.later(days=28)  # all of carol's next duty went by unseen
    mails = team.notify()
    assert {key: mail["Subject"] for key, mail in mails.items()} == {
        "alice": "sysduty: on duty until Mon 4 Jan 09:00",
        "bob": "sysduty: on duty from Mon 4 Jan 09:00",
    }
    team.later(minutes=1)
    assert team.notify() == {}


def test_a_handoff(team: Team) -> None:
    team.now = team.now.replace(day=30, hour=8, minute=59)
    team.notify()
    team.later(minutes=1)
    mails = team.notify()
    assert words(mails["bob"]).startswith("Your duty (duty) ended at Mon 30 Nov 09:00; next: Carol")
    assert mails["bob"]["Subject"] == "sysduty: your duty has ended"
    assert calendars(mails["bob"]) == []
    assert words(mails["carol"]).startswith(
        "You are on duty now: Mon 30 Nov 09:00 to Mon 7 Dec 09:00, duty.\nYou take over from bob.\n"
    )
    assert [method for method, _ in calendars(mails["carol"])] == ["REQUEST"]
    team.later(minutes=1)
    assert team.notify() == {}


def test_handoffs_can_be_left_out(tmp_path: Path) -> None:
    team = Team(tmp_path, ROSTER + REMIND + "handoffs = false\n")
    team.now = team.now.replace(day=30, hour=8, minute=59)
    team.notify()
    team.later(minutes=2)
    assert list(team.notify()) == ["alice"]  # the reminder, a week ahead


def test_taking_over_in_the_middle(team: Team) -> None:
    team.later(hours=1)
    team.overrides(COVER.replace("11-30T09:00:00", "11-24T11:00:00").replace("12-07", "11-30")
                   .replace('"bob"', '"alice"').replace('"carol"', '"bob"'))  # fmt: skip
    mails = team.notify()
    assert list(mails) == ["alice", "bob"]
    assert "You are on duty now: Tue 24 Nov 11:00 to Mon 30 Nov 09:00" in words(mails["alice"])
    assert "You take over from bob." in words(mails["alice"])
    assert "  now    Mon 23 Nov 09:00 to Tue 24 Nov 11:00, duty\n" in words(mails["bob"])
    assert "ended at Tue 24 Nov 11:00; next: alice." in words(mails["bob"])
    ((method, event),) = calendars(mails["bob"])
    assert (method, event["DTEND"]) == ("REQUEST", "20261124T110000Z")


def test_a_mail_that_is_not_taken_is_sent_again_and_nobody_else_is_told_twice(team: Team) -> None:
    team.overrides(COVER)
    team.office.refuses = {"bob@"}
    assert list(team.notify(status=3)) == ["carol"]
    team.later(minutes=5)
    assert list(team.notify(status=3)) == []
    team.office.refuses = set()
    team.later(minutes=5)
    assert list(team.notify()) == ["bob"]
    team.later(minutes=5)
    assert team.notify() == {}
    done = team.run("notify", system=team.office)
    assert done.output == ""


def test_a_reminder_that_was_not_taken_is_not_lost(team: Team) -> None:
    team.now = team.now.replace(day=29, hour=8)
    team.notify()
    team.later(hours=1)
    team.office.refuses = {"carol@"}
    assert team.notify(status=3) == {}
    team.office.refuses = set()
    team.later(hours=3)
    assert list(team.notify()) == ["carol"]


def test_the_problem_is_named(team: Team) -> None:
    team.overrides(COVER)
    team.office.refuses = {"bob@", "carol@"}
    done = team.run("notify", system=team.office)
    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr.count("error: sendmail did not take the mail: queue is full") == 2


def test_nothing_is_sent_that_cannot_be_remembered(team: Team) -> None:
    team.overrides(COVER)
    team.state.chmod(0o777)  # anybody's: not a folder to keep records in
    assert team.notify(status=3) == {}
    team.state.chmod(0o700)
    assert list(team.notify()) == ["bob", "carol"]


def test_a_dry_run_prints_and_remembers_nothing(team: Team) -> None:
    team.overrides(COVER)
    before = {path.name: path.read_bytes() for path in team.state.glob("*.json")}
    done = team.run("notify", "--dry-run", system=team.office)
    assert done.exit_code == 0
    assert team.office.taken == []
    assert "To: bob@example.com\nSubject: sysduty: your duties changed\n" in done.stdout
    assert "  | METHOD:CANCEL\n" in done.stdout
    assert {path.name: path.read_bytes() for path in team.state.glob("*.json")} == before
    assert list(team.notify()) == ["bob", "carol"]
    later = team.run("notify", "--dry-run", "--at", "2026-11-30T09:00", system=team.office)
    assert "Subject: sysduty: on duty until Mon 7 Dec 09:00" not in later.stdout
    assert "Subject: sysduty: on duty from Mon 7 Dec 09:00" in later.stdout


def test_an_instant_is_for_rehearsals(team: Team) -> None:
    done = team.run("notify", "--at", "tomorrow 9:00", system=team.office)
    assert done.exit_code == 2
    assert "add --dry-run" in done.stderr


def test_two_runs_at_once(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.overrides(COVER)
    # the other run holds the lock for longer than this one waits
    monkeypatch.setattr(inspect.unwrap(locks.hold), "__defaults__", (0.0,))
    (name,) = (path.name for path in team.state.glob("*.notify.json"))
    with team.office.alone(name):
        done = team.run("notify", system=team.office)
        assert done.exit_code == 3
        assert "another run is at work" in done.stderr
        assert team.office.taken == []
    assert list(team.notify()) == ["bob", "carol"]


def test_a_damaged_record_is_begun_anew(team: Team) -> None:
    (record,) = team.state.glob("*.notify.json")
    team.overrides(COVER)
    for text in ("", "{", "[]", '{"at": 1}', "[" * 100_000):
        record.write_text(text)
        done = team.run("notify", system=team.office)
        assert done.exit_code == 0
        assert "the record is damaged" in done.stderr
        assert team.office.taken == []
    assert team.notify() == {}


def test_somebody_new(team: Team) -> None:
    text = (ROSTER + REMIND).replace('"carol"]', '"carol", "dave"]')
    team.roster.write_text(text.replace("bob   =", 'dave = "dave@example.com"\nbob   ='))
    mails = team.notify()
    assert "  new    Mon" in words(mails["dave"])
    # and somebody who is gone cannot be told, nor is in the way
    team.roster.write_text(ROSTER + REMIND)
    team.later(minutes=5)
    assert "dave" not in team.notify()


def test_a_calendar_that_cannot_be_read_is_no_change(team: Team) -> None:
    more = '\n[[rotation]]\nname = "cal"\nrole = "backup"\ncalendar = "b.ics"\n'
    team.roster.write_text(ROSTER + REMIND + more)
    file = team.folder / "b.ics"
    file.write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n"
        "DTSTART:20261201T090000Z\nDTEND:20261202T090000Z\nSUMMARY:alice\nEND:VEVENT\n"
        "END:VCALENDAR\n"
    )
    assert list(team.notify()) == ["alice"]
    text = file.read_text()
    file.unlink()
    team.later(minutes=5)
    assert team.notify(status=3) == {}
    file.write_text(text)
    team.later(minutes=5)
    assert team.notify() == {}


def test_a_sender_of_one_s_own(tmp_path: Path) -> None:
    team = Team(tmp_path, ROSTER + REMIND + 'from = "duty@example.com"\n')
    team.notify()
    team.overrides(COVER)
    team.later(minutes=5)
    mail = team.notify()["bob"]
    assert mail["From"] == "duty@example.com"
    assert calendars(mail)[0][1]["ORGANIZER"] == "mailto:duty@example.com"
    team.roster.write_text(ROSTER + '[notify]\nfrom = "|sh"\nhandoffs = "no"\n')
    done = team.run("notify", system=team.office)
    assert done.exit_code == 2
    assert "address '|sh'" in done.stderr
    assert "'handoffs' must be true or false" in done.stderr


def test_very_many_changes(tmp_path: Path) -> None:
    team = Team(tmp_path, ROSTER.replace('"1 week"', '"1 day"'))
    team.notify()
    team.roster.write_text(team.roster.read_text().replace('"alice", "bob"', '"bob", "alice"'))
    team.later(minutes=5)
    mails = team.notify()
    assert list(mails) == ["alice", "bob"]
    assert len(calendars(mails["bob"])) == 20
    assert "more events are not attached" in words(mails["bob"])
    assert words(mails["bob"]).count("  new  ") + words(mails["bob"]).count("  gone  ") > 50


def test_several_rosters_one_of_which_has_lost_its_record(team: Team) -> None:
    (team.folder / "net.toml").write_text(ROSTER)
    team.run("notify", system=team.office, path=team.folder)
    team.overrides(COVER)
    (team.folder / "net.overrides.toml").write_text(COVER)
    record = min(team.state.glob("*.notify.json"))
    record.write_text("{")
    team.later(minutes=5)
    done = team.run("notify", system=team.office, path=team.folder)
    assert done.exit_code == 0
    assert len(team.office.taken) == 2
