"""Whom the words of a title mean."""

from __future__ import annotations

import pytest

from rotation.calendars.people import Duties, Matcher, PersonNames
from rotation.calendars.titles import called_off, folded, questionable
from tests.calendars.feeds import calendar, reading, single, spans

PEOPLE = {
    "alice": PersonNames(("alice@example.com",), "Alice Jones"),
    "bob": PersonNames(("bob@example.com",), "Bob Smith"),
    "carol": PersonNames(("carol@example.com",), "Carol Cooper"),
    "ann": PersonNames(("ann@example.com",), "Ann Lee"),
    "anna": PersonNames(("anna@example.com", "annalee"), "Anna Lee"),
    "juergen": PersonNames(("jg@example.com",), "J\u00fcrgen Gro\u00df"),
    "jose": PersonNames(("jose@example.com",), "Jos\u00e9 \u00c1lvarez"),
    "rita": PersonNames(("rita@example.com",), "Rita Leave"),
}


COVERS = """
bob for alice | bob (for alice) | bob, for alice | Bob Smith for Alice Jones | bob for alice's week
bob instead of alice | bob (instead of alice) | bob is on duty instead of alice
Instead of alice: bob
bob in place of alice | bob in lieu of alice | bob (in for alice) | bob on behalf of alice
bob covers alice | bob covers for alice | bob covering alice | bob (covering for alice)
bob cover for alice | bob covered for alice | bob will cover for alice | bob is covering for alice
Covering for alice: bob | cover for alice - bob | bob cover alice | bob covers alice's shift
bob replaces alice | bob replacing alice | bob takes over from alice | bob taking over for alice
bob stands in for alice | bob standing in for alice | bob stand-in for alice
bob fills in for alice
bob subs for alice | bob substituting for alice | bob (sub for alice) | bob steps in for alice
bob (not alice) | bob, not alice | not alice, bob | bob not alice | bob without alice
bob (swap with alice) | bob (swapped with alice) | bob swaps with alice | bob (swap w/ alice)
bob (was alice) | bob (formerly alice) | bob (previously alice) | bob (ex alice)
alice -> bob | alice->bob | alice --> bob | alice => bob | alice \u2192 bob | alice\u2192bob
alice \u2013> bob | alice ==> bob | alice \u27a1\ufe0f bob | alice \u21d2 bob | alice (out) -> bob
alice -> (bob) | alice \u2794 bob | alice, -> bob | bob <- alice | bob \u2190 alice
alice covered by bob | alice (covered by bob) | alice's shift taken by bob | alice, replaced by bob
alice (cover: bob) | alice, cover: bob | alice (bob covers) | alice out (bob is covering)
bob statt alice | bob anstatt alice | bob (statt alice) | bob anstelle von alice | statt alice: bob
bob f\u00fcr alice | bob fuer alice | bob (f\u00fcr alice) | bob vertritt alice | bob ersetzt alice
bob in Vertretung f\u00fcr alice | bob (Vertretung f\u00fcr alice) | bob Vertretung von alice
alice (Vertretung: bob) | alice vertreten durch bob | alice, Vertretung durch bob
bob springt ein f\u00fcr alice | bob \u00fcbernimmt f\u00fcr alice | bob nicht alice
bob (Tausch mit alice)
bob tauscht mit alice | bob (getauscht mit alice) | alice (bob vertritt) | bob STATT Alice
bob pour alice | bob (pour alice) | bob au lieu de alice | bob au lieu d'alice
bob \u00e0 la place de alice | bob \u00e0 la place d'alice | bob en remplacement d'alice
bob remplace alice
bob rempla\u00e7ant de alice | bob (rempla\u00e7ante d'alice) | bob, rempla\u00e7ant d\u2019alice
bob ersatz f\u00fcr alice | bob (Ersatz f\u00fcr alice)
alice remplac\u00e9e par bob | alice, remplac\u00e9 par bob | bob, pas alice
bob (\u00e9change avec alice)
bob@example.com for alice@example.com | Bob Smith <bob@example.com> for Alice <alice@example.com>
bob por alice | bob en lugar de alice | bob en vez de alice | bob (en vez de alice)
bob al posto di alice | bob invece di alice | bob per alice | bob voor alice
bob in plaats van alice | bob vervangt alice | bob no lugar da alice | bob em vez de alice
bob ist\u00e4llet f\u00f6r alice | bob f\u00f6r alice | bob i stedet for alice
carol -> alice -> bob | bob for alice and carol | bob for alice & carol | alice and carol -> bob
alice, bob covering | alice, bob covers | alice; bob takes over
bob will cover alice | bob to cover alice
bob for alice/carol | alice: bob for alice | @bob for @alice | carol + alice -> bob
"""


@pytest.mark.parametrize("title", COVERS.strip().replace("\n", " | ").split(" | "))
def test_who_covers_is_on_duty_alone(title: str) -> None:
    said = Matcher(PEOPLE, "summary").said((), title)
    assert said.people == ("bob",)
    assert not said.unclear
    assert "alice" in said.replaced


@pytest.mark.parametrize(
    ("title", "people"),
    [
        *[(f"alice{join}bob", "alice bob") for join in (", ", "; ", " + ", "+", " & ", "/", " / ")],
        *[(f"alice {join} bob", "alice bob") for join in ("and", "und", "et", "AND", "")],
        ("alice, bob, and carol", "alice bob carol"),
        ("alice's and bob's week", "alice bob"),
        ("Alice Jones <alice@example.com>, Bob Smith <bob@example.com>", "alice bob"),
        ("On-call: alice, bob (week 12)", "alice bob"),
        ("@alice @bob", "alice bob"),
        ("bob for alice, carol", "bob carol"),
        ("bob for alice, carol for ann", "bob carol"),
        ("alice, bob for carol", "alice bob"),
        ("bob for alice and carol for ann", "bob carol"),
        ("bob for alice / carol for ann", "bob carol"),
        ("alice and bob covering", "alice bob"),
        ("anyone but alice", ""),
        ("alle au\u00dfer alice", ""),
        ("alice on duty", "alice"),
        ("On duty for alice and bob", "alice bob"),
        ("Alice\u2019s week", "alice"),
        ("alice@example.com", "alice"),
        ("ALICE@Example.COM.", "alice"),
        ("Duty (alice@example.com)", "alice"),
        ("mailto:alice@example.com", "alice"),
        ("xalice@example.com alice@example.com.evil", ""),
        ("alice@example.com@x", ""),
        ("ann, anna", "ann anna"),
        ("Anna Lee", "anna"),
        ("Ann Lee", "ann"),
        ("Annalee", "anna"),
        ("annabel", ""),
        ("JU\u0308RGEN GROSS", "juergen"),
        ("Jos\u00e9 \u00c1lvarez", "jose"),
        ("Jose Alvarez", "jose"),
        ("Juergen", "juergen"),
        ("On-call: Gro\u00df, J\u00fcrgen", "juergen"),
        ("Astreinte d'alice", "alice"),
        ("Semaine d\u2019Alice Jones", "alice"),
        ("d'bob", ""),
        ("Marie D'Annabel", ""),
        ("Jones, Alice", "alice"),
        ("Smith, Alice", "alice"),
        ("not alice", ""),
        ("Cover for alice", ""),
        ("alice for bob covers", "alice"),
        ("alice (not bob) covers", "alice"),
        ("alice, carol (bob covers)", "alice bob"),
        ("alice, carol out, bob steps in", "alice bob"),
    ],
)
def test_who_is_named_without_doubt(title: str, people: str) -> None:
    said = Matcher(PEOPLE, "summary").said((), title)
    assert " ".join(said.people) == people
    assert not said.unclear


@pytest.mark.parametrize(
    "title",
    [
        *("alice then bob", "alice hands over to bob", "alice with bob", "alice until noon bob"),
        *("alice - bob", "alice | bob", "alice (bob)", "alice <-> bob", "alice \u2194 bob"),
        *("alice y bob", "alice on call for bob", "alice > bob", "alice: bob", "alice or bob"),
        *("alice>bob", "alice> bob"),
        *("alice (berlin), bob (paris)", "alice@example.com hands to Bob Smith", "alice vs. bob"),
    ],
)
def test_other_words_between_two_names_are_told_and_both_count(title: str) -> None:
    people, ((what, hint),) = Duties(Matcher(PEOPLE, "summary")).people((), title)
    assert people == ("alice", "bob")
    assert "puts alice and bob on duty together" in what
    assert "'bob for alice'" in (hint or "")


@pytest.mark.parametrize(
    "title",
    [
        *("alice -> zed", "alice \u2192 nobody", "alice -> Team B", "bob -> alice -> (zed)"),
        *("alice (covered by zed)", "alice, Vertretung: zed", "alice remplac\u00e9e par zed"),
    ],
)
def test_who_hands_it_on_to_somebody_unknown_is_told(title: str) -> None:
    people, ((what, hint),) = Duties(Matcher(PEOPLE, "summary")).people((), title)
    assert people == ("alice",)
    assert "hands it on to somebody unknown" in what
    assert "[people]" in (hint or "")


@pytest.mark.parametrize("title", ["alice -> 17:00", "alice -> 2026-12-01", "alice ->", "-> alice"])
def test_an_arrow_to_nobody_is_no_question(title: str) -> None:
    assert Duties(Matcher(PEOPLE, "summary")).people((), title) == (("alice",), [])


def test_of_a_list_nobody_can_say_for_whom_the_last_one_covers() -> None:
    people, ((what, _),) = Duties(Matcher(PEOPLE, "summary")).people((), "alice, carol, bob covers")
    assert people == ("alice", "carol", "bob")
    assert "together" in what


QUESTIONED = "vacation|on leave|sick|Sick leave|out of office|Out of the Office|OOO|PTO|birthday"
QUESTIONED += "|1:1|1-1|day off|on holiday|Urlaub|krank|Geburtstag|cong\u00e9|vacances|cancelled"
QUESTIONED += (
    "|unavailable|not on call|out-of-office|sick-leave|annual-leave|vacationing|PTO-day|P.T.O."
)
QUESTIONED += (
    "|O.O.O.|OOF|birthdays|B-day|bday|1:1s|1 : 1|1on1|1-on-1|one-on-one|Resturlaub|Krankheit"
)


@pytest.mark.parametrize("word", QUESTIONED.split("|"))
def test_what_is_seldom_said_of_a_duty_is_questioned(word: str) -> None:
    duties = Duties(Matcher(PEOPLE, "summary"))
    for title in (f"alice {word}", f"{word}: alice", f"alice ({word})"):
        if called_off(folded(title)):
            continue
        people, remarks = duties.people((), title)
        assert people == ("alice",)
        ((what, hint),) = remarks
        assert f"speaks of '{questionable(word.casefold())}'" in what
        assert "ignore = [" in (hint or "")
        assert "only = [" in (hint or "")
        # `only` says what duties are called: that word alone is no question any more
        assert Duties(Matcher(PEOPLE, "summary"), ["on-call"]).people((), title)[1] == remarks
        assert Duties(Matcher(PEOPLE, "summary"), [word.casefold()]).people((), title)[1] == []


@pytest.mark.parametrize(
    "title",
    [
        *("alice", "Leaves of alice", "sickbay alice"),
        *("11:15 alice", "alice off-hours", "Rita Leave"),
        *("2026-1-1 alice", "alice 1:15-2:1", "alice 01-11", "10.1.1-1.2 alice", "alice 1:1:30"),
    ],
)
def test_what_is_said_of_a_duty_is_not_questioned(title: str) -> None:
    assert Duties(Matcher(PEOPLE, "summary")).people((), title)[1] == []
    assert questionable("rita leave") == "leave"


@pytest.mark.parametrize(
    "title",
    [
        *("Canceled: alice", "Cancelled: alice", "CANCELED:alice"),
        *("Abgesagt: alice", "(canceled) alice", "Cancelado: alice", "Annullata: alice"),
        *("Geannuleerd: alice", "Inst\u00e4llt: alice", "Aflyst: alice", "Avlyst: alice"),
        *("Peruutettu: alice", "Odwo\u0142ane: alice", "Zru\u0161eno: alice"),
        *("Annul\u00e9 : alice", "[Cancelled] alice", "alice (cancelled)", "Cancelled - alice"),
    ],
)
def test_a_title_that_is_cancelled(title: str) -> None:
    when = (":20260105T090000Z", "DURATION:PT1H")
    assert reading(single(*when, summary=title)).occurrences == ()
    assert reading(single(*when, summary=title)).damages == ()
    # of a series, that day only
    series = ["UID:1", "SUMMARY:alice", "DTSTART:20260105T090000Z", "DURATION:PT1H"]
    day = ["UID:1", f"SUMMARY:{title}", "DTSTART:20260106T090000Z", "DURATION:PT1H"]
    data = calendar([*series, "RRULE:FREQ=DAILY;COUNT=3"], [*day, "RECURRENCE-ID:20260106T090000Z"])
    assert [start[:5] for start, _, _ in spans(reading(data))] == ["01-05", "01-07"]


def test_a_title_that_only_speaks_of_it_counts() -> None:
    found = reading(
        single(":20260105T090000Z", "DURATION:PT1H", summary="alice covers cancelled trips")
    )
    assert len(found.occurrences) == 1
    assert "speaks of 'cancelled'" in found.damages[0].what
