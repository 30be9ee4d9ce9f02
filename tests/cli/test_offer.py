"""Offer and take: who is asked, what each could give, and that both learn of a yes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.offering import Offers
from tests.export.roster_folder import ROSTER
from tests.notify.mailed_roster import words

# bob's week; then carol's, alice's from 7 December, bob's, carol's ...
ALICES = "2026-12-09"


def test_everybody_else_is_asked_with_what_they_would_give(offers: Offers) -> None:
    _, mails = offers.ask("offer", "alice", "--of", ALICES, "--by", "alice")
    (entry,) = offers.log()
    assert set(mails) == {"bob", "carol"}
    take = f"rotation take {entry['id']} bob"
    assert mails["bob"]["Subject"] == "sysduty: alice offers a duty, Mon 7 Dec 09:00"
    assert (
        words(mails["bob"])
        == f"""\
alice asks for somebody to take this duty:

  Mon 7 Dec 09:00 to Mon 14 Dec 09:00, duty

You could give one of yours for it, and serve then instead:

  Mon 14 Dec 09:00 to Mon 21 Dec 09:00
      {take} --with 2026-12-14T09:00
  Mon 4 Jan 2027 09:00 to Mon 11 Jan 2027 09:00
      {take} --with 2027-01-04T09:00
  Mon 25 Jan 2027 09:00 to Mon 1 Feb 2027 09:00
      {take} --with 2027-01-25T09:00

Or take it and give nothing:

      {take}

Nothing changes until somebody says yes with such a command; an answer to this mail
does nothing. The offer is open until the duty begins.

All times are those of Europe/London.
"""
    )
    assert {key: entry[key] for key in ("what", "by", "state", "start")} == {
        "what": "offer alice",
        "by": "alice",
        "state": "open",
        "start": "2026-12-07T09:00:00+00:00",
    }
    assert offers.on_duty(ALICES) == ["alice"]


def test_its_mails_look_like_those_of_notify(tmp_path: Path) -> None:
    senders = '[notify]\nfrom = ["duty@example.org", "duty@example.com"]\nweekly = "tue 11:00"\n'
    offers = Offers(tmp_path, ROSTER + senders)
    _, mails = offers.ask("offer", "alice", "--of", ALICES)
    (entry,) = offers.log()
    _, more = offers.ask("take", entry["id"], "carol")
    offers.notify()
    offers.later(hours=2)
    weekly = offers.notify()
    ids = set()
    for mail in (mails["carol"], more["carol"], weekly["carol"]):
        assert mail["From"] == "sysduty on-call <duty@example.com>", "that of their own domain"
        assert mail["To"].addresses[0].display_name == "Carol Jones"
        assert mail["List-Id"] == "<sysduty.rotation.box.test>"
        ids.add(str(mail["Message-ID"]))
    assert len(ids) == 3


def test_a_swap_is_taken_and_both_learn_of_it(offers: Offers) -> None:
    offers.ask("offer", "alice", "--of", ALICES, "--by", "alice")
    (entry,) = offers.log()
    done, mails = offers.ask("take", entry["id"], "--with", "2026-12-14", "--by", "bob")
    assert set(mails) == {"alice", "bob"}
    assert mails["alice"]["Subject"] == "sysduty: bob takes the duty of Mon 7 Dec 09:00"
    assert "was bob, now alice" in words(mails["alice"])
    assert words(mails["alice"]) == words(mails["bob"])
    assert f"rotation undo {entry['id']}" in done.stdout
    assert (offers.on_duty(ALICES), offers.on_duty("2026-12-16")) == (["bob"], ["alice"])
    (taken,) = offers.log()
    assert taken["what"] == "swap alice bob, offered by alice"
    assert (taken["id"], taken["by"], taken["state"]) == (entry["id"], "bob", "to come")


def test_a_cover_is_taken_for_somebody(offers: Offers) -> None:
    offers.ask("offer", "alice", "--of", ALICES)
    (entry,) = offers.log()
    _, mails = offers.ask("take", entry["id"], "carol")
    assert set(mails) == {"alice", "carol"}
    assert "Carol Jones has taken what alice offered" in words(mails["alice"])
    assert offers.on_duty(ALICES) == ["carol"]
    # and taking it back leaves a record of all of it
    offers.ask("undo", entry["id"], "--by", "carol")
    assert offers.on_duty(ALICES) == ["alice"]
    (gone,) = offers.log()
    assert gone["what"].startswith("cover carol for alice, offered by ")
    assert (gone["state"], gone["undone_by"]) == ("undone", "carol")
    done, _ = offers.ask("take", entry["id"], "carol", status=2)
    assert "that offer was taken back by carol" in done.stderr


@pytest.mark.parametrize(
    ("words_", "said"),
    [
        (("take", "beef", "bob"), "there is no offer 'beef'"),
        (("take", "ID", "dora"), "unknown person 'dora'"),
        (("take", "ID", "alice"), "alice cannot take their own offer"),
        (("take", "ID", "--by", "eve"), "who takes it? 'eve' is not a person"),
        (("offer", "alice", "--of", ALICES), "is offered already"),
        (("offer", "bob", "--of", "2026-11-25"), "under way"),
        (("offer", "eve"), "unknown person 'eve'"),
    ],
)
def test_refusals(offers: Offers, words_: tuple[str, ...], said: str) -> None:
    offers.ask("offer", "alice", "--of", ALICES)
    (entry,) = offers.log()
    named = [entry["id"] if word == "ID" else word for word in words_]
    done, mails = offers.ask(*named, status=2)
    assert said in done.stderr
    assert mails == {}
    assert offers.on_duty(ALICES) == ["alice"]


def test_only_the_first_yes_counts(offers: Offers) -> None:
    offers.ask("offer", "alice", "--of", ALICES)
    (entry,) = offers.log()
    offers.ask("take", entry["id"], "bob")
    done, mails = offers.ask("take", entry["id"], "carol", status=2)
    assert "that offer is taken: cover bob for alice" in done.stderr
    assert mails == {}


def test_an_offer_ends_when_the_duty_begins(offers: Offers) -> None:
    offers.ask("offer", "alice", "--of", ALICES)
    (entry,) = offers.log()
    offers.later(days=13)  # the duty has begun an hour ago
    assert offers.log()[0]["state"] == "over"
    done, _ = offers.ask("take", entry["id"], "bob", status=2)
    assert "that offer is over" in done.stderr
    done, _ = offers.ask("undo", entry["id"], status=2)
    assert (
        "that offer is over" in " ".join(done.stderr.split()) or "the offer is over" in done.stderr
    )


def test_a_duty_that_has_changed_since_is_not_taken(offers: Offers) -> None:
    offers.ask("offer", "alice", "--of", ALICES)
    entry = offers.log()[0]
    offers.ask("cover", "carol", "--for", "alice", "--from", "2026-12-10", "--to", "2026-12-14")
    done, _ = offers.ask("take", entry["id"], "bob", status=2)
    assert "not what was offered any more" in done.stderr


def test_an_offer_is_withdrawn(offers: Offers) -> None:
    offers.ask("offer", "alice", "--of", ALICES)
    (entry,) = offers.log()
    offers.ask("undo", entry["id"], "--by", "alice")
    (gone,) = offers.log()
    assert (gone["what"], gone["state"], gone["undone_by"]) == ("offer alice", "undone", "alice")
    # and can be made again
    _, mails = offers.ask("offer", "alice", "--of", ALICES)
    assert set(mails) == {"bob", "carol"}
    assert len({record["id"] for record in offers.log()}) == 2


def test_whoever_cannot_is_told_why(offers: Offers) -> None:
    offers.ask("away", "carol", "2026-12-07", "2026-12-31")
    done, mails = offers.ask("offer", "alice", "--of", ALICES)
    assert "carol could not: carol is away from" in done.stdout
    assert "You could not, as things are: carol is away from" in words(mails["carol"])
    assert "rotation take" not in words(mails["carol"])
    entry = offers.log()[-1]
    done, _ = offers.ask("take", entry["id"], "carol", status=2)
    assert "--anyway" in done.stderr
    done, _ = offers.ask("take", entry["id"], "carol", "--anyway")
    assert "warning: carol is away" in done.stderr


def test_a_dry_run_sends_and_writes_nothing(offers: Offers) -> None:
    done = offers.run("offer", "alice", "--of", ALICES, "--dry-run", system=offers.host)
    assert done.exit_code == 0
    assert offers.host.taken == []
    assert "Subject: sysduty: alice offers a duty" in done.stdout
    assert "+[[offer]]" in done.stdout
    assert offers.log() == []


def test_a_mail_that_is_not_taken_is_said_and_the_offer_stands(offers: Offers) -> None:
    offers.host.refuses = {"bob@example.com"}
    done, mails = offers.ask("offer", "alice", "--of", ALICES, status=3)
    assert "queue is full" in done.stderr
    assert set(mails) == {"carol"}
    assert offers.log()[0]["state"] == "open"


def test_json(offers: Offers) -> None:
    done, _ = offers.ask("offer", "alice", "--of", ALICES, "--json")
    answer = json.loads(done.stdout)
    assert answer["asked"][0]["person"] == "bob"
    assert answer["asked"][0]["gift"] is True
    assert answer["asked"][0]["trades"][0]["start"] == "2026-12-14T09:00:00+00:00"
    done, _ = offers.ask("take", answer["id"], "bob", "--json")
    taken = json.loads(done.stdout)
    assert (taken["id"], taken["taker"]) == (answer["id"], "bob")
    assert taken["changes"][0]["after"] == ["bob"]


def test_people_read_their_own_times_and_names_in_headers_stay_words(tmp_path: Path) -> None:
    text = ROSTER.replace(
        'bob   = "bob@example.com"',
        'bob = { email = "bob@example.com", timezone = "America/Chicago", name = "Bob; <x@y>" }',
    )
    offers = Offers(tmp_path, text)
    _, mails = offers.ask("offer", "alice", "--of", ALICES)
    assert "Mon 7 Dec 03:00 to Mon 14 Dec 03:00" in words(mails["bob"])
    assert "--with 2026-12-14T09:00" in words(mails["bob"])
    assert "Times are those of America/Chicago; in commands, of Europe/London." in words(
        mails["bob"]
    )
    _, mails = offers.ask("take", offers.log()[0]["id"], "bob")
    assert mails["alice"]["Subject"] == "sysduty: Bob; <x@y> takes the duty of Mon 7 Dec 09:00"
    assert mails["alice"]["To"] == "alice@example.com"


def test_in_seconds_too_an_offer_is_of_minutes(offers: Offers) -> None:
    offers.now += timedelta(seconds=41)
    offers.ask("offer", "alice", "--of", ALICES)
    assert offers.log()[0]["at"] == "2026-11-24T10:00:00+00:00"


def test_whoever_has_left_is_not_asked(offers: Offers) -> None:
    offers.ask("leave", "carol", "--from", "2026-11-30")
    _, mails = offers.ask("offer", "alice")
    assert set(mails) == {"bob"}
