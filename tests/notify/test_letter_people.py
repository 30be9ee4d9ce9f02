"""Mail to those who leave the roster, or are called or reached otherwise now."""

from __future__ import annotations

from tests.export.roster_folder import COVER, ROSTER
from tests.notify.mailed_roster import REMIND, MailedRoster, calendars, words


def test_somebody_leaves_the_roster(mailed: MailedRoster) -> None:
    mailed.overrides(COVER)
    held = {event["UID"] for _, event in calendars(mailed.notify()["bob"])}
    mailed.overrides("")
    without = ROSTER.replace('bob   = "bob@example.com"\n', "").replace(', "bob"', "")
    mailed.roster.write_text(without)
    mailed.later(minutes=5)
    bob = mailed.notify()["bob"]
    assert words(bob).startswith("You are no longer in this roster.\n")
    assert held <= {event["UID"] for method, event in calendars(bob) if method == "CANCEL"}
    mailed.later(minutes=5)
    assert mailed.notify() == {}


def test_a_new_address_gets_what_belongs_to_it(mailed: MailedRoster) -> None:
    mailed.overrides(COVER)
    held = {event["UID"] for _, event in calendars(mailed.notify()["bob"])}
    mailed.roster.write_text((ROSTER + REMIND).replace("bob@example.com", "robert@example.com"))
    mailed.later(minutes=5)
    mails = mailed.notify()
    assert list(mails) == ["bob", "robert"]
    assert words(mails["bob"]).startswith("Mail about your duties goes to another address")
    assert held <= {event["UID"] for method, event in calendars(mails["bob"]) if method == "CANCEL"}
    assert words(mails["robert"]).startswith("Mail about your duties comes to this address")
    assert [method for method, _ in calendars(mails["robert"])] == ["REQUEST"] * 3
    assert {event["ATTENDEE"] for _, event in calendars(mails["robert"])} == {
        "mailto:robert@example.com"
    }
    mailed.later(minutes=5)
    assert mailed.notify() == {}


def test_an_old_address_that_did_not_hear_of_it_is_told_by_the_next_run(
    mailed: MailedRoster,
) -> None:
    mailed.overrides(COVER)
    mailed.notify()
    mailed.roster.write_text((ROSTER + REMIND).replace("bob@example.com", "robert@example.com"))
    mailed.later(minutes=5)
    mailed.host.refuses = {"bob@example.com"}
    assert mailed.notify(status=3) == {}
    mailed.host.refuses = set()
    mailed.later(minutes=5)
    mails = mailed.notify()
    assert "CANCEL" in [method for method, _ in calendars(mails["bob"])]
    assert [method for method, _ in calendars(mails["robert"])] == ["REQUEST"] * 3
    # what the new address was invited to is kept true
    mailed.overrides("")
    mailed.later(minutes=5)
    assert "CANCEL" in [method for method, _ in calendars(mailed.notify()["robert"])]


def test_a_new_key_is_the_same_person(mailed: MailedRoster) -> None:
    mailed.roster.write_text(
        (ROSTER + REMIND).replace("bob  ", "robert").replace('"bob"', '"robert"')
    )
    mailed.later(minutes=5)
    assert mailed.notify() == {}
