"""A dead-man's switch: told of each run that worked, and of no other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.checkers.host import Scratch
from tests.checkers.shells import tool


class Switch:
    """A server that notes what it is asked for and answers with one status."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        switch = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                switch.asked.append(self.path)
                self.send_response(switch.status)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/abc?x=1&y=%20"
        # how long shutting it down waits
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def heard(self) -> int:
        count = len(self.asked)
        self.asked.clear()
        return count


@pytest.fixture
def switch() -> Iterator[Switch]:
    tool("usr/bin/curl")
    switch = Switch()
    yield switch
    switch.server.shutdown()
    switch.server.server_close()


def last(host: Scratch) -> dict[str, str]:
    lines = (host.state / "last").read_text().splitlines()
    return {word: value for word, _, value in (line.partition(" ") for line in lines)}


def test_a_url_is_asked_after_each_run_that_worked(
    any_shell: list[str], tmp_path: Path, switch: Switch
) -> None:
    host = Scratch(tmp_path, any_shell, heartbeat_to=switch.url)
    assert host.step("") == []
    assert switch.asked == ["/ping/abc?x=1&y=%20"]
    assert last(host)["switch"] == "yes"
    switch.heard()
    # that something is wrong on the host is told by mail: the checker is alive
    assert len(host.step("a\n")) == 1
    assert host.step("a\n") == []
    assert switch.heard() == 2
    # a checker that failed, or whose mail nobody takes, is not
    assert len(host.step("", 127)) == 1
    assert switch.heard() == 0
    host.refuse(75)
    host.tool("b\n")
    assert host.run().returncode == 75
    assert switch.heard() == 0
    assert last(host)["switch"] == ""
    # nor is anything said by hand
    host.run("--print")
    assert switch.heard() == 0


def test_a_switch_that_cannot_be_reached_is_no_fault_of_the_checker(
    any_shell: list[str], tmp_path: Path, switch: Switch
) -> None:
    host = Scratch(tmp_path, any_shell, heartbeat_to=switch.url)
    switch.status = 500
    assert host.step("") == []  # and nothing on stderr, which cron would mail
    assert last(host)["switch"] == "no"
    switch.server.shutdown()
    switch.server.server_close()
    assert host.step("") == []
    assert last(host)["switch"] == "no"


def test_a_mail_will_do_too(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, heartbeat_to="switch@example.com")
    (mail,) = host.step("")
    assert mail.subject.endswith("tool: alive")
    assert mail.message["To"] == "switch@example.com"
    assert mail.message["X-Rotation-Checker"] == "tool; alive"
    found, alive = host.step("a\n")
    assert (found.message["To"], alive.message["To"]) == ("root", "switch@example.com")
    (mail,) = host.step("", 127)
    assert "checker failed" in mail.subject


def test_nothing_is_told_unless_somebody_wants_it(dash: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, dash)
    assert host.step("") == []
    assert last(host)["switch"] == ""
