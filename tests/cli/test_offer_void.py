"""An offer that nobody could take any more, and commands that work wherever a mail is read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.offering import Offers
from tests.notify.mailed_roster import words

ALICES = "2026-12-09"


def test_an_offer_that_a_change_makes_void_is_named_by_it_by_check_and_in_log(
    offers: Offers,
) -> None:
    offers.ask("offer", "alice", "--of", ALICES)
    offers.ask("away", "alice", "2026-12-08", "2026-12-08")  # the duty stays hers

    def logged() -> dict[str, Any]:
        return next(record for record in offers.log() if record["what"] == "offer alice")

    entry = logged()
    assert entry["state"] == "open"
    assert "this offer" not in offers.run("check").output
    joining = ("join", "dan", "--email", "dan@example.com", "--after", "carol", "--move")
    done, _ = offers.ask(*joining)
    named = "nobody could take this offer any more: offer alice: Mon 2026-12-07 09:00"
    hint = f"rotation undo {entry['id']}"
    assert named in " ".join(done.stderr.split())
    assert hint in done.stderr
    assert logged()["state"] == "no effect"
    checked = offers.run("check")
    assert checked.exit_code == 1
    assert "nobody can take this offer: 'alice' has no duty from" in checked.output
    assert hint in checked.output
    # said by the change that does it, not by each one after
    again, _ = offers.ask("away", "bob", "2027-03-01", "2027-03-02")
    assert "this offer" not in again.stderr
    # and with that change taken back it is open again
    offers.ask("undo", next(r["id"] for r in offers.log() if r["what"] == "join dan"))
    assert logged()["state"] == "open"


def test_a_duty_of_a_role_that_is_no_more_cannot_be_taken(offers: Offers) -> None:
    offers.ask("offer", "alice", "--of", ALICES)
    text = offers.roster.read_text().replace("[[rotation]]", '[[rotation]]\nrole = "backup"')
    offers.roster.write_text(text)
    assert offers.log()[0]["state"] == "no effect"
    assert "nobody can take this offer" in offers.run("check").output


def test_commands_in_mails_work_in_any_folder(
    offers: Offers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(offers.roster.parent)
    told = ("--rosters", offers.roster.name)
    _, mails = offers.ask("offer", "alice", "--of", ALICES, *told)
    id_ = offers.log()[0]["id"]
    command = f"rotation --rosters {offers.roster}"
    assert f"{command} take {id_} bob\n" in words(mails["bob"])
    _, mails = offers.ask("take", id_, "bob", *told)
    assert f"To take it back: {command} undo {id_}\n" in words(mails["alice"])
