"""A target that is a program: what it is given, and what becomes of its faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.cli.sample import call, forget_what_was_said

SAMPLE = Path(__file__).parents[2] / "docs/samples/set-alias"
LINE = "duty@example.com: alice -> bob, until Mon 30 Nov 09:00 GMT (weekly)\n"
STORE = """\
#!/bin/sh
# keeps what it is given in a file beside it, and writes down how it was called
here=$(dirname "$0")
cat > "$here/given.$1"
printf '%s\\n' "$*" >> "$here/calls"
case $1 in
get) cat "$here/held" ;;
set) sed 's/.*"addresses": \\(\\[[^]]*\\]\\).*/\\1/' "$here/given.set" > "$here/held" ;;
esac
"""


def program(roster: Path, text: str = STORE, more: str = "") -> Path:
    """A program of ours, and the roster with it as its only target."""
    path = roster.parent / "set-alias"
    path.write_text(text)
    path.chmod(0o755)
    (roster.parent / "held").write_text('["alice@example.com"]')
    head = roster.read_text().partition("[[target]]")[0]
    target = f'[[target]]\nrun = ["{path}"]\nname = "duty@example.com"\n{more}'
    roster.write_text(head + target)
    return path


def test_a_handoff_once_and_again(roster: Path) -> None:
    program(roster)
    done = call(roster, "apply")
    assert (done.exit_code, done.stdout, done.stderr) == (0, LINE, "")
    assert json.loads((roster.parent / "held").read_text()) == ["bob@example.com"]
    given = json.loads((roster.parent / "given.set").read_text())
    assert given.pop("revision").startswith("rotation ")
    assert given == {
        "name": "duty@example.com",
        "roster": "weekly",
        "role": "duty",
        "addresses": ["bob@example.com"],
        "people": ["bob"],
        "until": "2026-11-30T09:00:00+00:00",
    }
    asked = json.loads((roster.parent / "given.get").read_text())
    assert asked == {"name": "duty@example.com", "roster": "weekly", "role": "duty"}
    calls = (roster.parent / "calls").read_text()
    assert calls == "get\nset\nget\n"
    again = call(roster, "apply")
    assert (again.exit_code, again.output) == (0, "")
    assert (roster.parent / "calls").read_text() == f"{calls}get\n"
    (answer,) = json.loads(call(roster, "apply", "--json").stdout)
    assert answer["target"] == str(roster.parent / "set-alias")
    assert (answer["before"], answer["changed"]) == (["bob@example.com"], False)


def test_a_dry_run_shows_the_program_with_its_input(roster: Path) -> None:
    path = program(roster)
    shown = call(roster, "apply", "--dry-run")
    assert shown.exit_code == 0, shown.stderr
    assert f"would change {LINE}" in shown.stdout
    assert f"would run: {path} set\n" in shown.stdout
    assert '"addresses": ["bob@example.com"]' in shown.stdout
    assert call(roster, "apply", "--check").exit_code == 1
    assert json.loads((roster.parent / "held").read_text()) == ["alice@example.com"]
    assert "set" not in (roster.parent / "calls").read_text()


def test_order_means_nothing(roster: Path) -> None:
    program(roster, more='also = ["archive@example.com"]\n')
    (roster.parent / "held").write_text('["archive@example.com", "bob@example.com"]')
    done = call(roster, "apply")
    assert (done.exit_code, done.output) == (0, "")


FAULTS = {
    "fails at get": ("echo 'no such tenant' >&2; exit 4\n", "set-alias get: no such tenant"),
    "says nothing": ("exit 4\n", "exit status 4"),
    "does not print JSON": ("echo hello\n", "get does not print JSON"),
    "prints a table": ("echo '{\"alias\": 1}'\n", "get does not print a list of addresses"),
    "prints numbers": ("echo '[1]'\n", "get does not print a list of addresses"),
    "escapes": ("printf 'a\\033[2Jb\\n' >&2; exit 1\n", "\\x1b"),
    "fails at set": (
        '[ "$1" = get ] && echo \'["alice@example.com"]\' || { echo quota >&2; exit 1; }\n',
        "set-alias set: quota",
    ),
    "does nothing": (
        'cat >> "$0.log"; [ "$1" = get ] && echo \'["alice@example.com"]\'; true\n',
        "prints alice@example.com after the change, not bob@example.com",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_that_target_alone(roster: Path, name: str) -> None:
    body, words = FAULTS[name]
    aliases = roster.parent / "aliases"
    second = '\n[[target]]\naliases = "aliases"\nname = "all-system-notifications"\nrebuild = []\n'
    path = program(roster, f"#!/bin/sh\n{body}", second)
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert words in done.stderr
    assert "Traceback" not in done.output
    assert done.stdout.startswith("all-system-notifications: ")
    assert b"bob@example.com" in aliases.read_bytes()
    path.write_text(STORE)  # healed by the next run
    done = call(roster, "apply")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == LINE


def test_what_did_not_take_is_told_to_take_it_back(roster: Path) -> None:
    body, _ = FAULTS["does nothing"]
    path = program(roster, f"#!/bin/sh\n{body}")
    assert call(roster, "apply").exit_code == 3
    given = path.with_name("set-alias.log").read_text()
    assert given.count('"addresses": ["bob@example.com"]') == 1
    assert given.count('"addresses": ["alice@example.com"]') == 1


def test_one_that_hangs_is_ended_with_all_that_it_started(roster: Path) -> None:
    text = '#!/bin/sh\nsleep 3600 & echo $! > "$0.child"\nwait\n'
    path = program(roster, text, "limit = 1\n")
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert f"{path} did not end within 1 seconds" in done.stderr
    child = int(path.with_name("set-alias.child").read_text())
    stat = Path(f"/proc/{child}/stat")
    state = stat.read_text().rpartition(")")[2].split()[0] if stat.exists() else "gone"
    assert state in ("gone", "Z")


def test_it_stands_where_root_alone_can_write(roster: Path) -> None:
    path = program(roster)
    path.chmod(0o777)
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert "can be written by everybody" in done.stderr
    assert not (roster.parent / "calls").exists()
    path.unlink()
    forget_what_was_said(roster.parent / "state")
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert f"no such program: {path}" in done.stderr


def test_nothing_is_read_by_a_shell(roster: Path) -> None:
    path = program(roster)
    text = roster.read_text().replace('"duty@example.com"', "'$(touch pwned); `id` \"x\" %s'")
    roster.write_text(text.replace(f'["{path}"]', f'["{path}", "$(touch pwned)", "a b"]'))
    body = STORE.replace("$1", "$3").replace("case $3", "case $3")
    path.write_text(body)
    done = call(roster, "apply")
    assert done.exit_code == 0, done.stderr
    assert not list(roster.parent.glob("pwned*"))
    given = json.loads((roster.parent / "given.set").read_text())
    assert given["name"] == '$(touch pwned); `id` "x" %s'
    assert (roster.parent / "calls").read_text().splitlines()[0] == "$(touch pwned) a b get"


def test_another_hub_with_a_newer_copy(roster: Path) -> None:
    """The program may keep the revision that it is given, and say it with `get`."""
    program(roster)
    newer = "rotation 2099-01-01T00:00:00Z 0123456789abcdef 2026-11-23T09:00:00Z other.example.com"
    held = {"addresses": ["carol@example.com"], "revision": newer}
    (roster.parent / "held").write_text(json.dumps(held))
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert "other.example.com has a newer copy of the plan" in done.stderr
    assert "set" not in (roster.parent / "calls").read_text()


class Api(BaseHTTPRequestHandler):
    """A small API of aliases, as a provider of mailboxes has it."""

    held: dict[str, list[str]]
    token = "s3cr3t"

    def _answer(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        name = unquote(self.path.removeprefix("/v1/aliases/"))
        if self.headers["Authorization"] != f"Bearer {self.token}":
            self._answer(403, {})
        elif name not in self.held:
            self._answer(404, {})
        else:
            self._answer(200, {"members": self.held[name]})

    def do_PUT(self) -> None:
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.held[unquote(self.path.removeprefix("/v1/aliases/"))] = data["members"]
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[tuple[str, type[Api]]]:
    kind = type("OneApi", (Api,), {"held": {"duty@example.com": ["alice@example.com"]}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", kind
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_sample_speaks_to_an_api(roster: Path, api: tuple[str, type[Api]]) -> None:
    url, kind = api
    settings = roster.parent / "settings.json"
    settings.write_text(json.dumps({"api": url, "token": "s3cr3t"}))
    program(roster, SAMPLE.read_text().replace("/etc/rotation/set-alias.json", str(settings)))
    done = call(roster, "apply")
    assert (done.exit_code, done.stdout, done.stderr) == (0, LINE, "")
    assert kind.held == {"duty@example.com": ["bob@example.com"]}
    assert call(roster, "apply").output == ""
    kind.held.clear()  # somebody deleted it
    done = call(roster, "apply")
    assert done.stdout.startswith("duty@example.com: (nothing) -> bob")
    settings.write_text(json.dumps({"api": url, "token": "wrong"}))
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert "the API says 403" in done.stderr
    assert "wrong" not in done.stderr
