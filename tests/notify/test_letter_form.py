"""What a letter looks like to whoever gets it: senders, invitations, names."""

from __future__ import annotations

from pathlib import Path

from tests.export.roster_folder import COVER, ROSTER
from tests.notify.mailed_roster import REMIND, MailedRoster, calendars, rest, words

FIRST = (
    "This is the first mail of its kind to you. Your calendar takes such duties in by itself once\n"
    "it knows the sender: in Google Calendar, open the invitation and say that you know the\n"
    "sender, or put the sender into your contacts; elsewhere, accept it once. No answer is\n"
    "expected.\n\n"
)


def test_a_sender_of_one_s_own(tmp_path: Path) -> None:
    mailed = MailedRoster(tmp_path, ROSTER + REMIND + 'from = "duty@example.com"\n')
    mailed.notify()
    mailed.overrides(COVER)
    mailed.later(minutes=5)
    mail = mailed.notify()["bob"]
    assert mail["From"] == "sysduty on-call <duty@example.com>"
    assert calendars(mail)[0][1]["ORGANIZER"] == "mailto:duty@example.com"
    mailed.roster.write_text(ROSTER + '[notify]\nfrom = "|sh"\nhandoffs = "no"\n')
    done = mailed.run("notify", system=mailed.host)
    assert done.exit_code == 2
    assert "address '|sh'" in done.stderr
    assert "'handoffs' must be true or false" in done.stderr


def test_an_invitation_for_each_of_the_next_duties(tmp_path: Path) -> None:
    """A join makes no dozens of mails, and what was invited to is kept true."""
    mailed = MailedRoster(tmp_path, ROSTER.replace('"alice", "bob", "carol"', '"alice", "bob"'))
    mailed.notify()
    mailed.roster.write_text(ROSTER)
    mailed.later(minutes=5)
    carol = mailed.notify()["carol"]
    assert [m for m, _ in calendars(carol)] == ["REQUEST"] * 3
    assert len(rest(carol)) == 2
    assert all(mail["Subject"].startswith("sysduty: Mon") for mail in rest(carol))
    uids = {event["UID"] for _, event in calendars(carol)}
    mailed.roster.write_text(ROSTER.replace('"alice", "bob", "carol"', '"alice", "bob"'))
    mailed.later(minutes=5)
    taken = calendars(mailed.notify()["carol"])
    assert uids <= {event["UID"] for method, event in taken if method == "CANCEL"}


def test_what_to_click_is_said_once(mailed: MailedRoster) -> None:
    mailed.overrides(COVER)
    assert FIRST in words(mailed.notify()["bob"])
    mailed.overrides("")
    mailed.later(minutes=5)
    assert "first mail of its kind" not in words(mailed.notify()["bob"])


def test_nobody_invites_themselves(tmp_path: Path) -> None:
    mailed = MailedRoster(tmp_path, ROSTER + REMIND + 'from = "bob@example.com"\n')
    mailed.notify()
    mailed.overrides(COVER)
    ((_, event),) = calendars(mailed.notify()["bob"])
    assert event["ORGANIZER"] == "mailto:root@box.test"
    assert event["ATTENDEE"] == "mailto:bob@example.com"


def test_a_sender_of_one_s_own_domain(tmp_path: Path) -> None:
    senders = 'from = ["duty@example.org", "duty@example.com"]\n'
    mailed = MailedRoster(
        tmp_path, ROSTER.replace("bob@example.com", "bob@other.net") + "[notify]\n" + senders
    )
    mailed.notify()
    mailed.overrides(COVER)
    mails = mailed.notify()
    assert mails["carol"]["From"].addresses[0].addr_spec == "duty@example.com"
    assert mails["bob"]["From"].addresses[0].addr_spec == "duty@example.org"


def test_a_name_is_no_header(tmp_path: Path) -> None:
    evil = 'name = "Bob\\", <x@evil.example>, \\"" }'
    text = ROSTER.replace('"bob@example.com"', f'{{ email = "bob@example.com", {evil}')
    mailed = MailedRoster(tmp_path, text)
    mailed.notify()
    mailed.overrides(COVER)
    bob = mailed.notify()["bob"]
    assert [a.addr_spec for a in bob["To"].addresses] == ["bob@example.com"]
    assert len(calendars(bob)) == 1
