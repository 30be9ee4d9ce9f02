"""Every roster stands alone: what is wrong with one costs the others nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.host.real import Host
from tests.cli.sample import NOW, call

TEAM = """timezone = "UTC"
people.{name}1 = "{name}1@example.com"
people.{name}2 = "{name}2@example.com"
[[rotation]]
name = "weekly"
people = ["{name}1", "{name}2"]
every = "1 week"
start = 2026-11-09
role = "{role}"
[role.{role}]
load = "expected"
[[target]]
include = "{target}"
role = "{role}"
"""


def team(folder: Path, name: str, target: str | None = None, role: str = "duty") -> Path:
    file = folder / f"{name}.toml"
    file.write_text(TEAM.format(name=name, target=target or f"list-{name}", role=role))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rosters = tmp_path / "rosters"
    rosters.mkdir()
    for name in ("web", "db", "net"):
        team(rosters, name)
        (rosters / f"list-{name}").write_text("old@example.com\n")
    return rosters


def break_roster(folder: Path, name: str) -> None:
    """Take a quote away."""
    file = folder / f"{name}.toml"
    file.write_text(file.read_text().replace('name = "weekly"', "name = weekly"))


def test_a_missing_quote_stops_nobody_elses_handoff(folder: Path) -> None:
    break_roster(folder, "db")
    done = call(folder, "apply")
    assert done.exit_code == 2
    assert f"--> {folder}/db.toml:5" in done.stderr
    assert (folder / "list-web").read_text() == "web1@example.com\n"
    assert (folder / "list-net").read_text() == "net1@example.com\n"
    assert (folder / "list-db").read_text() == "old@example.com\n"
    done = call(folder, "apply")
    assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.parametrize(
    "words", [["who"], ["schedule"], ["report"], ["export"], ["log"], ["notify"], ["apply"]]
)
def test_every_command_answers_for_the_others(folder: Path, words: list[str]) -> None:
    whole = call(folder, *words)
    assert whole.exit_code == 0, whole.stderr
    break_roster(folder, "db")
    done = call(folder, *words)
    assert done.exit_code == 2, done.stderr
    assert f"--> {folder}/db.toml:5" in done.stderr
    if words == ["who"]:
        assert done.stdout == "".join(
            line for line in whole.stdout.splitlines(keepends=True) if not line.startswith("db")
        )


def test_the_log_does_not_vouch_for_a_roster_that_cannot_be_read(folder: Path) -> None:
    assert call(folder, "log").stdout == "nothing was changed\n"
    break_roster(folder, "db")
    assert call(folder, "log").stdout == "nothing was changed in the rosters that could be read\n"


def test_who_as_json_for_the_others(folder: Path) -> None:
    (folder / "db.toml").write_bytes(b"\xff\xfe")
    done = call(folder, "who", "--json")
    assert done.exit_code == 2
    assert [answer["roster"] for answer in json.loads(done.stdout)] == ["net", "web"]


def test_a_change_of_one_plan_is_not_stopped_by_another(folder: Path) -> None:
    break_roster(folder, "db")
    done = call(folder, "swap", "web1", "web2", "--yes", "--by", "web1")
    assert done.exit_code == 2
    assert (folder / "web.overrides.toml").exists()


def test_when_none_can_be_read_there_is_no_answer(folder: Path) -> None:
    for name in ("web", "db", "net"):
        break_roster(folder, name)
    done = call(folder, "who", "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("error: ") == 3


def test_a_target_that_fails_counts_more_than_a_roster_that_cannot_be_read(folder: Path) -> None:
    break_roster(folder, "db")
    (folder / "list-web").unlink()
    (folder / "list-web").mkdir()
    assert call(folder, "apply").exit_code == 3
    assert (folder / "list-net").read_text() == "net1@example.com\n"


def test_two_rosters_with_one_target_cost_that_target_alone(folder: Path) -> None:
    (folder / "link").symlink_to("list-db")
    file = team(folder, "web", "link")
    file.write_text(file.read_text() + '[[target]]\ninclude = "list-web"\n')
    done = call(folder, "apply")
    assert done.exit_code == 3
    assert done.stderr.count("two targets want") == 2
    assert f"--> {folder}/db.toml:12" in done.stderr
    assert f"--> {folder}/web.toml:12" in done.stderr
    assert (folder / "list-db").read_text() == "old@example.com\n"
    assert (folder / "list-web").read_text() == "web1@example.com\n"
    assert (folder / "list-net").read_text() == "net1@example.com\n"


def test_two_rosters_with_one_alias_cost_no_other_alias_of_the_file(folder: Path) -> None:
    aliases = folder / "aliases"
    aliases.write_text("".join(f"{name}: old@example.com\n" for name in ("web", "db", "both")))
    for name in ("web", "db"):
        file = team(folder, name)
        table = f'aliases = "{aliases}"\nrebuild = ["/bin/true"]\nrole = "duty"\nname = '
        head = file.read_text().partition("[[target]]")[0]
        targets = "".join(f'[[target]]\n{table}"{alias}"\n' for alias in (name, "both"))
        file.write_text(f"{head}{targets}")
    done = call(folder, "apply")
    assert done.exit_code == 3
    assert done.stderr.count("two targets want") == 2
    assert aliases.read_text() == "web: web1@example.com\ndb: db1@example.com\n" + (
        "both: old@example.com\n"
    )


def test_two_that_agree_are_no_collision(folder: Path) -> None:
    file = folder / "web.toml"
    file.write_text(file.read_text() + '[[target]]\ninclude = "./list-web"\n')
    assert call(folder, "apply").exit_code == 0
    assert call(folder, "check").exit_code == 0


def test_check_foresees_a_collision_that_is_months_away(folder: Path) -> None:
    file = team(folder, "web", "list-db")
    file.write_text(file.read_text().replace("2026-11-09", "2027-05-03"))
    assert call(folder, "apply").exit_code == 1  # web has nobody yet, and no fallback
    done = call(folder, "check")
    assert done.exit_code == 1
    found = [line for line in done.stdout.splitlines() if "two targets want" in line]
    assert len(found) == 2
    assert all("from 2027-05-03 00:00 UTC on" in line for line in found)
    assert found[0].startswith(f"{folder}/db.toml:12: warning: ")
    done = call(folder, "apply", "--check", "--at", "2027-05-03")
    assert done.exit_code == 3


def test_check_foresees_two_ways_to_treat_one_file(folder: Path) -> None:
    for name, server in (("web", "postfix"), ("db", "exim")):
        file = folder / f"{name}.toml"
        text = file.read_text()
        target = f'aliases = "aliases"\nname = "{name}"\nserver = "{server}"'
        file.write_text(text.replace(f'include = "list-{name}"', target))
    done = call(folder, "check")
    assert done.exit_code == 1
    assert done.stdout.count("treat") == 2


def test_nothing_is_published_without_somebodys_duties(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "team.ics"
    assert call(folder, "export", "-o", str(file)).exit_code == 0
    before = file.read_bytes()
    break_roster(folder, "db")
    done = call(folder, "export", "-o", str(file))
    assert done.exit_code == 2
    assert "nothing was published" in done.stderr
    assert file.read_bytes() == before
    assert call(folder, "export", "--site", str(tmp_path / "site")).exit_code == 2
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("words", [["apply"], ["notify"], ["who"], ["verify"]])
def test_a_link_to_nothing_stops_nobody_else(folder: Path, words: list[str]) -> None:
    (folder / "bad.toml").symlink_to("/nonexistent")
    done = call(folder, *words)
    assert f"is a symbolic link to nothing\n  --> {folder}/bad.toml" in done.stderr
    if words == ["apply"]:
        assert done.exit_code == 2
        assert (folder / "list-web").read_text() == "web1@example.com\n"


@pytest.mark.parametrize("command", ["apply", "who", "check"])
def test_overrides_that_cannot_be_reached_are_not_taken_for_none(
    folder: Path, command: str
) -> None:
    (folder / "web.overrides.toml").symlink_to("/nonexistent")
    done = call(folder, command)
    assert done.exit_code == 2
    assert "is a symbolic link to nothing" in done.stderr + done.stdout
    assert (folder / "list-web").read_text() == "old@example.com\n"
    (folder / "web.overrides.toml").unlink()
    file = folder / "web.toml"
    file.write_text(f'overrides = "/nonexistent/x.overrides.toml"\n{file.read_text()}')
    done = call(folder, command)
    assert done.exit_code == 2
    assert "the folder of the overrides is not there" in done.stderr + done.stdout
    assert (folder / "list-web").read_text() == "old@example.com\n"


def test_odd_names_stop_nobody_else(folder: Path) -> None:
    file = folder / "db.toml"
    file.write_text('overrides = "/a\\u0000b"\n' + file.read_text())
    (folder / "a\udcffb.toml").write_text((folder / "net.toml").read_text())
    (folder / "new\nline.toml").write_text((folder / "net.toml").read_text())
    assert call(folder, "check").exit_code == 2
    for words in (["who"], ["apply"], ["notify"], ["export"]):
        done = call(folder, *words)
        assert done.exit_code == 2, (words, done.output)
        assert f"--> {folder}/db.toml:1" in done.stderr
    assert (folder / "list-web").read_text() == "web1@example.com\n"


@pytest.mark.parametrize("command", ["who", "apply"])
def test_a_roster_that_is_gone_when_it_is_read_costs_the_others_nothing(
    folder: Path, command: str
) -> None:
    class Vanishing(Host):
        """A host on which one file is removed after its folder was listed."""

        def names(self, path: Path) -> list[str] | None:
            listed = super().names(path)
            return [*(listed or ()), "gone.toml"] if path == folder else listed

    made = Call(rosters=folder, now=NOW, system=Vanishing(folder.parent / "state"))
    done = CliRunner().invoke(app, [command], obj=made)
    assert done.exit_code == 2, done.output
    assert "gone.toml" in done.stderr
    assert all(name in done.stdout for name in ("web", "db", "net"))
