"""What the loader says of bad files, all at once."""

from __future__ import annotations

import pytest

from rotation.errors import RosterError
from tests.roster.bad_rosters import BAD, BAD_OVERRIDES, START
from tests.roster.example_rosters import HEAD, PATH, ROTATION, Bad, load, problems


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_problem_has_its_line_and_a_hint(bad: Bad) -> None:
    (problem,) = problems(bad.text)
    assert (str(problem.where), bad.what in problem.what) == (f"{PATH}:{bad.line}", True), problem
    assert bad.hint in (problem.hint or "")


@pytest.mark.parametrize("bad", BAD_OVERRIDES, ids=lambda bad: bad.name)
def test_a_problem_of_the_overrides_names_their_file(bad: Bad) -> None:
    (problem,) = problems(HEAD + ROTATION, bad.text)
    where = f"rosters/sysduty.overrides.toml:{bad.line}"
    assert (str(problem.where), bad.what in problem.what) == (where, True), problem
    assert bad.hint in (problem.hint or "")


def test_not_utf_8() -> None:
    (problem,) = problems(HEAD.encode() + b'carol = "\xff@example.com"\n')
    assert (problem.what, str(problem.where)) == ("not UTF-8 text", "rosters/sysduty.toml:7")


def test_a_number_of_5000_digits() -> None:
    (problem,) = problems(HEAD + "a = " + "1" * 5000 + "\n")
    assert problem.where is not None
    assert problem.where.file == str(PATH)


def test_people_in_tables_of_their_own_are_listed_where_the_first_begins() -> None:
    text = f'timezone = "UTC"\n\n[people.bob]\nemail = "bob@example.com"\n\n{ROTATION}'
    (problem,) = problems(text)
    assert problem.what == "unknown person 'alice'"
    assert problem.hint == "people are listed at line 3"


def test_both_files_with_syntax_errors_are_reported() -> None:
    found = problems("a = ", "b = ")
    assert [str(problem.where) for problem in found] == [
        "rosters/sysduty.toml:1",
        "rosters/sysduty.overrides.toml:1",
    ]


GOLDEN = """\
error: address 'a@example.com,b@example.com' has a part before the @ that mail servers do not \
read alike
  --> rosters/sysduty.toml:5
  hint: ',' separates addresses: use a list
error: unknown person 'carl'
  --> rosters/sysduty.toml:10
  hint: did you mean 'carol'? people are listed at line 3
error: 'fortnight' is not a length of a turn
  --> rosters/sysduty.toml:11
  hint: every = "1 week" (N hours, days, weeks or months)
error: unknown key 'handof' in this rotation
  --> rosters/sysduty.toml:13
  hint: did you mean 'handoff'?
error: end is not after start
  --> rosters/sysduty.toml:17
  hint: are the two the wrong way round?
error: unknown person 'bbo'
  --> rosters/sysduty.overrides.toml:4
  hint: did you mean 'bob'? people are listed at rosters/sysduty.toml:3"""


def test_everything_wrong_with_both_files_is_said_at_once_in_their_order() -> None:
    text = """timezone = "Europe/London"

[people]
carol = "carol@example.com"
alice = "a@example.com,b@example.com"
bob = "bob@example.com"

[[rotation]]
name = "weekly"
people = ["carl", "alice"]
every = "fortnight"
start = 2026-01-05
handof = "09:00"

[[shift]]
start = 2026-01-05
end = 2026-01-03
people = ["bob"]
"""
    with pytest.raises(RosterError) as caught:
        load(text, START + 'in = "bbo"\n')
    assert str(caught.value) == GOLDEN


def test_what_is_wrong_is_shown_without_its_control_characters() -> None:
    (problem,) = problems(HEAD + '"\\u001b[31m" = "a@example.com"\n')
    assert "\x1b" not in problem.render()
    assert problem.render().startswith("error: '\\x1b[31m' cannot be a person's key\n  -->")
