"""rotation checker install --heartbeat-to: the dead-man's switch is kept, and vetted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.rooted import Run, setting


def test_a_dead_mans_switch_is_kept_until_it_is_taken_away(run: Run, weekly: Path) -> None:
    script = weekly / "rotation-disk-space"
    at = ("install", "disk-space", "--dir", str(weekly))
    url = "https://hc.example.com:8443/ping/3f-2~a?rid=1&x=%20"
    assert run(*at, "--heartbeat-to", url).exit_code == 0
    assert setting(script, "heartbeat_to") == url
    run(*at, "--set", "LIMIT=80")
    assert setting(script, "heartbeat_to") == url
    assert run("upgrade", "--dir", str(weekly), "--check").exit_code == 0
    run(*at, "--heartbeat-to", "switch@example.com")
    assert setting(script, "heartbeat_to") == "switch@example.com"
    run(*at, "--heartbeat-to", "")
    assert setting(script, "heartbeat_to") == ""


@pytest.mark.parametrize(
    "where",
    [
        "http://x/$(reboot)",
        "http://x/`id`",
        "http://x/a b",
        "http://x/'",
        'http://x/"',
        "http://x/a\nb",
        "http://x/[1-9]",
        "http://x/{a,b}",
        "http://user:word@x/",
        "http://-x/",
        "http:///x",
        "https://x:123456/",
        "ftp://x/",
        "file:///etc/shadow",
        "|sh@example.com",
        "-oQ/tmp",
    ],
)
def test_a_dead_mans_switch_is_vetted(run: Run, weekly: Path, where: str) -> None:
    done = run("install", "disk-space", "--dir", str(weekly), f"--heartbeat-to={where}")
    assert done.exit_code == 2
    assert "--heartbeat-to" in done.stderr
    assert not list(weekly.iterdir())
