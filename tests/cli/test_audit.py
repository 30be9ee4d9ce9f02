"""`rotation audit` as people type it, on a tree whose mail server is followed without a program."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from tests.audit.trees import PASSWD, plant, view

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "audit.md"
ROSTER = """timezone = "Europe/London"
fallback = ["managers@example.com"]
[people]
alice = "alice@example.com"
[[rotation]]
name = "weekly"
people = ["alice"]
every = "1 week"
start = 2026-01-05
[[target]]
aliases = "/etc/aliases"
name = "duty"
"""
TREE = {
    "/etc/passwd": PASSWD,
    "/usr/sbin/smtpctl": "",
    "/etc/smtpd.conf": "table aliases file:/etc/aliases\n"
    'action "local" mbox alias <aliases>\naction "out" relay\n'
    'match for local action "local"\nmatch for any action "out"\n',
    "/etc/aliases": "root: duty\nduty: alice@example.com\npostmaster: root\n",
    "/usr/bin/monit": "",
    "/etc/monit/monitrc": "set mailserver localhost\nset alert you@company.com\n",
    "/usr/sbin/psad": "",
    "/etc/psad/psad.conf": "EMAIL_ADDRESSES root;\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", {**TREE, "/etc/rotation/sysduty.toml": ROSTER})


def run(root: Path, *more: str, rosters: Path | None = None, answer: str | None = None) -> Any:
    call = Call(rosters or Path("/etc/rotation"), NOW, view(root))
    arguments = ["audit", *more]
    return CliRunner().invoke(app, arguments, obj=call, input=answer)


def test_what_it_says(root: Path) -> None:
    done = run(root)
    assert done.exit_code == 1
    assert done.stdout == (
        "TOOL   ADDRESS          SENDS  ENDS AT"
        "                                            STANDS AT\n"
        "monit  you@company.com  yes"
        "    you@company.com: leaves this host for company.com  /etc/monit/monitrc:2\n"
        "psad   root             yes"
        "    alice, on duty (sysduty)                           /etc/psad/psad.conf:1\n"
        "\n"
        "error: monit: you@company.com is a placeholder that somebody forgot to change\n"
        "  --> /etc/monit/monitrc:2\n"
        "  hint: make it root@localhost there; then: monit reload\n"
        "  test: monit -t; then stop a service that it watches\n"
        "\n"
        "1 of them can be mended by: rotation audit --fix\n"
    )


def test_nothing_wrong(root: Path) -> None:
    plant(root, {"/etc/monit/monitrc": "set mailserver localhost\nset alert root@localhost\n"})
    done = run(root)
    assert done.exit_code == 0
    assert done.stdout.endswith("nothing wrong was found\n")


def keys(value: object, path: str = "") -> set[str]:
    """The paths of all keys in a JSON value."""
    if isinstance(value, dict):
        return {f"{path}.{k}" for k in value} | {
            one for k, v in value.items() for one in keys(v, f"{path}.{k}")
        }
    if isinstance(value, list):
        return {one for item in value for one in keys(item, f"{path}[]")}
    return set()


def test_json_has_the_documented_shape(root: Path) -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)
    done = run(root, "--json")
    assert done.exit_code == 1
    assert keys(json.loads(done.stdout)) == keys(json.loads(shown))


def test_every_fault_is_documented() -> None:
    from rotation.audit.model import Fault

    text = DOCS.read_text()
    assert all(f"| `{fault.value}` |" in text for fault in Fault)


def test_the_documented_tool_can_be_read() -> None:
    from rotation.audit.readers import READERS
    from rotation.audit.table import parse

    text = DOCS.read_text()
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tool,) = parse(shown.encode(), "docs")
    assert tool.remedy
    assert tool.mails[0].needs[0].hint == "SEND=yes"
    assert all(f"`{name}`" in text for name in READERS)


def test_a_host_without_a_roster(root: Path) -> None:
    nowhere = Path("/nowhere")
    done = run(root, rosters=nowhere)
    assert done.exit_code == 2
    assert "no such roster" in done.stderr
    done = run(root, "--to", "alice@example.com", rosters=nowhere)
    assert done.exit_code == 1
    assert "named with --to" in done.stdout
    done = run(root, "--to", "bob@example.com", rosters=nowhere)
    assert "psad: root does not end" not in done.stdout  # said once, of root itself
    assert "error: mail for root does not end at the person on duty" in done.stdout


def test_a_path_of_rosters_that_is_not_there(root: Path) -> None:
    done = run(root, "--to", "alice@example.com", "--rosters", "/nowhere")
    assert done.exit_code == 2
    assert "no such roster" in done.stderr
    assert "/nowhere" in done.stderr


def test_a_satellite_is_told_how_to_name_its_central_alias(root: Path) -> None:
    (root / "etc/rotation/sysduty.toml").unlink()
    plant(root, {"/etc/aliases": "root: duty@hub.corp.net\npostmaster: root\n"})
    done = run(root, "--to", "somebody@corp.net")
    assert done.exit_code == 1
    assert "if duty@hub.corp.net is the address that rotates: " in done.stdout
    assert "rotation audit --to duty@hub.corp.net, or --via hub.corp.net=ROSTER" in done.stdout
    done = run(root, "--to", "duty@hub.corp.net")
    assert "root does not end" not in done.stdout


def test_a_roster_that_is_wrong_is_not_passed_over(root: Path) -> None:
    plant(root, {"/etc/rotation/sysduty.toml": ROSTER + "nonsense\n"})
    done = run(root, "--to", "alice@example.com")
    assert done.exit_code == 2
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--yes"], "go with --fix"),
        (["--dry-run"], "go with --fix"),
        (["--to", "a b"], "is not an address"),
        (["--to", ""], "is not an address"),
        (["--server", "qmail"], "unknown mail server"),
    ],
)
def test_wrong_command_lines(root: Path, more: list[str], word: str) -> None:
    done = run(root, *more)
    assert (done.exit_code, done.stdout) == (2, "")
    assert word in done.stderr


def test_a_host_without_a_mail_server(root: Path) -> None:
    (root / "usr/sbin/smtpctl").unlink()
    done = run(root, "--json")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert report["findings"][0]["fault"] == "mail-server"
    assert [one["good"] for one in report["senders"][0]["addresses"]] == [None]
    assert run(root, "--fix", "--yes").exit_code == 1


def test_fix_shows_asks_and_changes(root: Path) -> None:
    # the checker of monit is no program here, so psad is what can be mended
    plant(root, {"/etc/psad/psad.conf": "EMAIL_ADDRESSES bob@corp.net;\n"})
    (root / "usr/bin/monit").unlink()
    dry = run(root, "--fix", "--dry-run")
    assert dry.exit_code == 1
    assert "-EMAIL_ADDRESSES bob@corp.net;\n+EMAIL_ADDRESSES root;\n" in dry.stdout
    refused = run(root, "--fix")
    assert refused.exit_code == 2
    assert "add --yes" in refused.stderr
    assert (root / "etc/psad/psad.conf").read_text() == "EMAIL_ADDRESSES bob@corp.net;\n"
    done = run(root, "--fix", "--yes")
    assert done.exit_code == 0
    assert (
        "changed /etc/psad/psad.conf (psad, before: /etc/psad/.psad.conf.rotation-" in done.stdout
    )
    assert "  then: psad -H\n" in done.stdout
    assert (root / "etc/psad/psad.conf").read_text() == "EMAIL_ADDRESSES root;\n"
    again = run(root, "--fix", "--yes", "--json")
    assert (again.exit_code, json.loads(again.stdout)["changes"]) == (0, [])


def test_a_change_that_cannot_be_checked_is_not_made(root: Path) -> None:
    done = run(root, "--fix", "--yes", "--json")
    assert done.exit_code == 3
    (change,) = json.loads(done.stdout)["changes"]
    assert (change["made"], len(change["problems"])) == (False, 1)
    assert (root / "etc/monit/monitrc").read_text() == TREE["/etc/monit/monitrc"]


def test_a_hosts_own_tools(root: Path) -> None:
    plant(root, {"/etc/rotation/tools/own.toml": "[psad]\nignore = true\n[monit]\nignore = true\n"})
    plant(root, {"/etc/rotation/sysduty.toml": ROSTER})
    call = Call(Path("/etc/rotation"), NOW, view(root))
    done = CliRunner().invoke(app, ["audit"], obj=call)
    assert (done.exit_code, done.stdout) == (0, "nothing wrong was found\n")
    plant(root, {"/etc/rotation/tools/own.toml": "[x]\ncolour = 1\n"})
    done = CliRunner().invoke(app, ["audit"], obj=call)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "/etc/rotation/tools/own.toml:2" in done.stderr


def test_nothing_printed_moves_the_terminal(root: Path) -> None:
    text = b"set mailserver localhost\nset alert \x1b[31mbob\xff@corp.net\n"
    plant(root, {"/etc/monit/monitrc": text})
    for more in ([], ["--json"], ["--fix", "--dry-run"]):
        done = run(root, *more)
        assert done.exit_code == 1
        assert "\x1b" not in done.stdout + done.stderr


def test_files_of_the_wrong_kind_and_content(root: Path) -> None:
    plant(root, {
        "/usr/sbin/cron": "", "/usr/bin/sudo": "", "/usr/bin/fail2ban-server": "",
        "/usr/bin/unattended-upgrade": "", "/etc/debian_version": "12\n",
        "/etc/fail2ban/jail.local": bytes(range(256)) * 400,
        "/etc/cron.d/random": bytes(range(255, 0, -1)) * 400,
        "/etc/cron.d/spaces": f'MAILTO="{" " * 300_000}x\n',
        "/etc/apt/apt.conf.d/50unattended-upgrades": "A" * 300_000 + " " * 300_000 + '="' * 9000,
        "/etc/cron.daily/a\x1b[31mb": "",
    })  # fmt: skip
    for name in ("etc/monit/monitrc", "etc/psad/psad.conf"):
        (root / name).unlink()
    os.mkfifo(root / "etc/monit/monitrc")
    (root / "etc/psad/psad.conf").mkdir()
    os.mkfifo(root / "etc/cron.d/fifo")
    (root / "etc/sudoers").symlink_to("sudoers")
    (root / "etc/cron.d/loop").symlink_to("/etc/cron.d")
    (root / "var/mail").mkdir(parents=True)
    os.mkfifo(root / "var/mail/root")
    done = run(root, "--fix", "--dry-run", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)["findings"]
    unreadable = {one["file"] for one in found if one["fault"] == "unreadable"}
    assert {Path(file).name for file in unreadable} == {"monitrc", "sudoers"}
    assert len(found) < 20
