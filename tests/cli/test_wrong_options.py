"""Everything that is wrong with what was typed is said at once, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.sample import ROSTERS, call

MANY = [
    (
        "cover xavier --for yolanda --from abc --to xyz --role nosuch",
        ["xavier", "yolanda", "'nosuch'", "'abc'", "'xyz'"],
    ),
    ("cover xavier --for * --from abc --to xyz", ["xavier", "'abc'", "'xyz'"]),
    (
        "swap xavier yolanda --of abc --with xyz --role nosuch",
        ["xavier", "yolanda", "'nosuch'", "'abc'", "'xyz'"],
    ),
    ("assign xavier yolanda --from abc --to xyz", ["xavier", "yolanda", "'abc'", "'xyz'"]),
    ("offer xavier --of abc --role nosuch", ["xavier", "'abc'", "'nosuch'"]),
    ("away xavier abc xyz", ["xavier", "'abc'", "'xyz'"]),
    (
        "join dora --email a|b --email c|d --after yolanda --rotation nosuch --from abc",
        ["'a|b'", "'c|d'", "yolanda", "'nosuch'", "'abc'"],
    ),
    ("leave xavier --rotation nosuch --from abc", ["xavier", "'nosuch'", "'abc'"]),
    (
        "change nosuch --from abc --people xavier,yolanda --handoff 99 --every x",
        ["'nosuch'", "'abc'", "xavier", "yolanda", "'99'", "'x'"],
    ),
    (
        "init {new} --person x --person eve=a|b --timezone Nowhere/At_All",
        ["'x'", "'a|b'", "'Nowhere/At_All'"],
    ),
    (
        "export --from abc --to xyz --person xavier --role nosuch --alarm q --alarm r --every z"
        " --url no",
        ["'abc'", "'xyz'", "'xavier'", "'nosuch'", "'q'", "'r'", "'z'", "'no'"],
    ),
    ("schedule --from abc --to xyz", ["'abc'", "'xyz'"]),
    ("report --from abc --to xyz", ["'abc'", "'xyz'"]),
]


def _copied(folder: Path) -> Path:
    """The roster in a folder of the test's own: a state folder comes to lie beside it."""
    roster = folder / "weekly.toml"
    roster.write_bytes((ROSTERS / "weekly.toml").read_bytes())
    return roster


@pytest.mark.parametrize(("line", "wrong"), MANY, ids=[line.split()[0] for line, _ in MANY])
def test_every_problem_at_once(tmp_path: Path, line: str, wrong: list[str]) -> None:
    done = call(_copied(tmp_path), *line.format(new=tmp_path / "new.toml").split())
    assert (done.exit_code, done.stdout) == (2, "")
    errors = [text for text in done.stderr.splitlines() if text.startswith("error: ")]
    assert [any(word in text for text in errors) for word in wrong] == [True] * len(wrong), errors
    assert len(errors) == len(wrong)


@pytest.mark.parametrize(
    ("line", "status", "what", "hint"),
    [
        (
            "check --within abc", 2,
            "--within abc is not a whole number from 0 to 366", "see: rotation check --help",
        ),
        (
            "check --within 400", 2,
            "--within 400 is not a whole number from 0 to 366", "see: rotation check --help",
        ),
        (
            "schedule --to 2020-01-01", 2,
            "--to is in the past: 2020-01-01T00:00:00+00:00", "say --from too, for what was",
        ),
        (
            "schedule --from 2020-01-02 --to 2020-01-01", 2,
            "--to is not after --from: 2020-01-01T00:00:00+00:00 and 2020-01-02T00:00:00+00:00",
            "are the two the wrong way round?",
        ),
        (
            "report --suggest", 2,
            "option '--suggest' requires an argument", "see: rotation report --help",
        ),
        (
            "export -o /no/such/duty.ics", 3,
            "cannot look at the folder: no such file or directory",
            "make the folder first, or correct the path",
        ),
    ],
)  # fmt: skip
def test_the_hint_is_about_what_was_typed(
    tmp_path: Path, line: str, status: int, what: str, hint: str
) -> None:
    done = call(_copied(tmp_path), *line.split())
    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr.startswith(f"error: {what}\n")
    assert done.stderr.endswith(f"  hint: {hint}\n")


def test_who_could_fill_a_gap_is_asked_for_by_its_time(tmp_path: Path) -> None:
    roster = _copied(tmp_path)
    roster.write_text(roster.read_text().replace("fallback", "#fallback", 1))
    done = call(roster, "away", "*", "2026-12-24", "--dry-run")
    asked = "rotation report --suggest 2026-12-24T00:00 --role duty"
    assert f"hint: find somebody: {asked}\n" in done.stderr
    assert call(roster, *asked.split()[1:]).exit_code == 0
