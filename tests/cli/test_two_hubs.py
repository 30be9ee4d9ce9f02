"""Two hubs that share a file: the revision of the plan beside it, in a file of its own."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.sample import call

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
BEFORE = datetime(2026, 11, 23, 8, 59, tzinfo=UTC)
ORDER = '["alice", "bob", "carol"]'
OTHER = '["carol", "alice", "bob"]'
HEAD = f"""\
timezone = "Europe/London"
[people]
alice = "alice@example.com"
bob = "bob@example.com"
carol = "carol@example.com"
[[rotation]]
name = "weekly"
people = {ORDER}
every = "1 week"
start = 2026-11-09
handoff = "09:00"
"""
KINDS = {
    "aliases": 'aliases = "{share}/aliases"\nname = "duty"\nrebuild = []\n',
    "virtual": 'virtual = "{share}/virtual"\nname = "duty@example.org"\nrebuild = []\n',
    "include": 'include = "{share}/include"\n',
    "forward": 'forward = "{share}/forward"\n',
}
TEXTS = {
    "aliases": "# ours\nkeep: somebody@example.com\nduty: {}\n",
    "virtual": "keep@example.org somebody@example.com\nduty@example.org {}\n",
    "include": "{}\n",
    "forward": "{}\n",
}


class Hub:
    """A host with its own copy of the plan and its own state, and a share with the others."""

    def __init__(self, share: Path, name: str, target: str, order: str, age: int) -> None:
        self.folder = share.parent / name
        self.folder.mkdir()
        self.roster = self.folder / "duty.toml"
        more = f'revision = "{share}/revisions"\n'
        self.roster.write_text(HEAD.replace(ORDER, order) + f"[[target]]\n{target}{more}")
        at = (datetime(2026, 11, 1, tzinfo=UTC) - timedelta(days=age)).timestamp()
        os.utime(self.roster, (at, at))

    def apply(self, *words: str, now: datetime = NOW) -> Any:
        return call(self.roster, "apply", *words, now=now, state=self.folder / "state")


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir(mode=0o755)
    for kind, text in TEXTS.items():
        (folder / kind).write_text(text.format("bob@example.com"))
    return folder


def held(share: Path, kind: str) -> str:
    text = (share / kind).read_text()
    (who,) = [
        n for n in ("alice", "bob", "carol") if text == TEXTS[kind].format(f"{n}@example.com")
    ]
    return who


@pytest.mark.parametrize("kind", KINDS)
def test_a_hub_that_fell_behind_flips_nothing_back(share: Path, kind: str) -> None:
    target = KINDS[kind].format(share=share)
    stale = Hub(share, "stale", target, ORDER, age=100)
    fresh = Hub(share, "fresh", target, OTHER, age=10)
    twin = Hub(share, "twin", target, OTHER, age=50)

    assert (stale.apply(now=BEFORE).exit_code, held(share, kind)) == (0, "bob")
    done = fresh.apply(now=BEFORE)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    assert held(share, kind) == "alice"
    # the one that fell behind wants bob still, and carol later on
    for at in (BEFORE, NOW, BEFORE):
        done = stale.apply(now=at)
        assert done.exit_code == 3
        assert "has a newer copy of the plan, changed at 2026-10-22" in done.stderr
        assert f"--> {share}/revisions" in done.stderr
        assert held(share, kind) == "alice"
    done = fresh.apply()
    assert (done.exit_code, held(share, kind)) == (0, "bob"), done.output
    kept = (share / "revisions").read_bytes()
    # the same copy elsewhere, with another time of change; and one whose clock is behind
    assert (twin.apply().output, fresh.apply().output) == ("", "")
    done = twin.apply(now=BEFORE)
    assert done.exit_code == 3
    assert "has made the handoff at 2026-11-23T09:00:00" in done.stderr
    assert held(share, kind) == "bob"
    assert (share / "revisions").read_bytes() == kept
    # whoever says that theirs is the right one is the newer one
    os.utime(stale.roster, (NOW.timestamp(), NOW.timestamp()))
    done = stale.apply()
    assert (done.exit_code, held(share, kind)) == (0, "carol"), done.output
    assert fresh.apply().exit_code == 3


def test_the_revision_is_left_where_the_addresses_are_right(share: Path) -> None:
    """Else a hub with an older copy would not know that there is a newer one."""
    target = KINDS["include"].format(share=share)
    fresh = Hub(share, "fresh", target, ORDER, age=10)
    stale = Hub(share, "stale", target, OTHER, age=100)
    done = fresh.apply(now=BEFORE)
    assert (done.exit_code, done.output) == (0, "")
    assert stale.apply(now=BEFORE).exit_code == 3
    assert held(share, "include") == "bob"
    # while both want the same, there is nothing to say
    (share / "include").write_text("alice@example.com\n")
    done = stale.apply(now=BEFORE)
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_dry_run_leaves_none(share: Path) -> None:
    hub = Hub(share, "hub", KINDS["aliases"].format(share=share), ORDER, age=1)
    done = hub.apply("--dry-run")
    assert done.exit_code == 0, done.output
    assert "+aliases/duty: rotation 2026-10-31T00:00:00.000000Z" in done.stdout
    assert "+duty: carol@example.com" in done.stdout
    assert not (share / "revisions").exists()
    assert held(share, "aliases") == "bob"


def test_what_fails_later_keeps_older_copies_away(share: Path) -> None:
    target = KINDS["aliases"].format(share=share)
    fresh = Hub(share, "fresh", target.replace("[]", '["/bin/false"]'), ORDER, age=10)
    stale = Hub(share, "stale", target.replace("[]", '["/bin/true"]'), OTHER, age=100)
    assert fresh.apply().exit_code == 3
    assert held(share, "aliases") == "bob"
    assert "has a newer copy of the plan" in stale.apply(now=BEFORE).stderr
    assert held(share, "aliases") == "bob"


def test_one_late_target_of_a_file_costs_the_others_nothing(share: Path) -> None:
    more = KINDS["aliases"].format(share=share)
    both = f'{more}revision = "{share}/revisions"\n[[target]]\n{more.replace("duty", "night")}'
    hub = Hub(share, "hub", both, ORDER, age=100)
    newer = "rotation 2099-01-01T00:00:00Z 0123456789abcdef 2026-11-23T09:00:00Z far.example.com"
    (share / "revisions").write_text(f"aliases/duty: {newer}\nvirtual/else@example.com: {newer}\n")
    done = hub.apply()
    assert done.exit_code == 3
    assert "far.example.com has a newer copy" in done.stderr
    text = (share / "aliases").read_text()
    assert text == f"{TEXTS['aliases'].format('bob@example.com')}night: carol@example.com\n"
    kept = (share / "revisions").read_text().splitlines()[1:]
    assert [line.partition(": ")[0] for line in kept] == [
        "aliases/duty",
        "aliases/night",
        "virtual/else@example.com",
    ]
    assert kept[0] == f"aliases/duty: {newer}"


FOREIGN = [
    "root: alice\n",
    "duty: yesterday\n",
    "duty rotation 2099\n",
    "\ufeff\n",
    "\u00e9: rotation 2099-01-01T00:00:00Z 0123456789abcdef 2026-11-23T09:00:00Z far.example.com\n",
    "duty: \n",
    "\0",
    "duty: rotation 2099-01-01T00:00:00Z 0123456789abcdef 2026-11-23T09:00:00Z a b\n",
]


def test_lists_of_one_name_in_two_folders_are_two(share: Path) -> None:
    """Where two rosters name one file for their revisions."""
    (share / "more").mkdir()
    elsewhere = KINDS["include"].format(share=share / "more")
    fresh = Hub(share, "fresh", elsewhere, OTHER, age=10)
    fresh.roster.write_text(fresh.roster.read_text().replace(f"{share}/more/rev", f"{share}/rev"))
    old = Hub(share, "old", KINDS["include"].format(share=share), ORDER, age=100)
    for hub in (fresh, old, fresh):
        done = hub.apply()
        assert done.exit_code == 0, done.output
    assert held(share, "include") == "carol"
    kept = (share / "revisions").read_text().splitlines()[1:]
    assert [line.partition(": ")[0] for line in kept] == ["include", "more%2Finclude"]


@pytest.mark.parametrize("text", FOREIGN)
def test_somebody_elses_file_is_not_written(share: Path, text: str) -> None:
    hub = Hub(share, "hub", KINDS["include"].format(share=share), ORDER, age=1)
    (share / "revisions").write_text(text)
    done = hub.apply()
    assert done.exit_code == 3
    assert "should stand is something else" in done.stderr
    assert f"--> {share}/revisions:1" in done.stderr
    assert ((share / "revisions").read_text(), held(share, "include")) == (text, "bob")


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_is_not_there_is_foreseen(share: Path, kind: str) -> None:
    hub = Hub(share, "one", KINDS[kind].format(share=share), OTHER, 1)
    text = hub.roster.read_text()
    hub.roster.write_text(text.replace(f"{share}/revisions", f"{share}/unmounted/revisions"))
    for words in (("--dry-run",), ("--check",), ()):
        done = hub.apply(*words)
        assert (done.exit_code, done.stdout) == (3, ""), words
        assert f"--> {share}/unmounted\n" in done.stderr
    assert held(share, kind) == "bob"


def test_it_cannot_stand_in_the_target(share: Path) -> None:
    hub = Hub(share, "hub", f'include = "{share}/revisions"\n', ORDER, age=1)
    done = hub.apply()
    assert done.exit_code == 2
    assert "cannot stand in the target itself" in done.stderr


def test_nothing_is_followed_that_everybody_can_write(share: Path) -> None:
    hub = Hub(share, "hub", KINDS["include"].format(share=share), ORDER, age=1)
    (share / "revisions").write_text("")
    (share / "revisions").chmod(0o666)
    done = hub.apply()
    assert done.exit_code == 3
    assert "can be written by everybody" in done.stderr
    assert held(share, "include") == "bob"


def test_odd_names_are_one_word(tmp_path: Path) -> None:
    """A file that is included can be called anything."""
    odd = tmp_path / "a: b#é"
    roster = tmp_path / "duty.toml"
    place = json.dumps(str(odd))
    roster.write_text(f'{HEAD}[[target]]\ninclude = {place}\nrevision = "kept"\n')
    for _ in range(2):
        done = call(roster, "apply", now=NOW)
        assert done.exit_code == 0, done.output
    head, line = (tmp_path / "kept").read_text().splitlines()
    assert head.startswith("# ")
    assert line.startswith("a%3A%20b%23%C3%A9: rotation ")
