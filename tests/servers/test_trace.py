"""`rotation trace` on the real mail servers: the command, and the measured ways in which a
`.forward` is void."""

from __future__ import annotations

import json
import os
import stat
from typing import Any

import pytest

from .rigs import NOTIFICATIONS, Postfix, Rig
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, rotation, target, write_roster

# What became of mail to alice, whose .forward leads to bob (measured): to "bob", to her own
# "mailbox", "refused" or "put off"; in the order Postfix, Sendmail, Exim, OpenSMTPD.
MEASURED: dict[str, tuple[str, str, str, str]] = {
    "as it should be": ("bob", "bob", "bob", "bob"),
    "0664": ("bob", "mailbox", "put off", "refused"),
    "0666": ("mailbox", "mailbox", "put off", "refused"),
    "owner root": ("bob", "bob", "put off", "refused"),
    "owner other": ("mailbox", "mailbox", "put off", "refused"),
    "root's, 0600": ("mailbox", "mailbox", "put off", "refused"),
    "a link to her own file": ("mailbox", "bob", "bob", "refused"),
    "home 0775": ("bob", "bob", "bob", "refused"),
    "home 0777": ("bob", "mailbox", "bob", "refused"),
    "sticky home": ("bob", "bob", "bob", "put off"),
    "empty": ("mailbox", "mailbox", "mailbox", "mailbox"),
    "only a comment": ("mailbox", "mailbox", "mailbox", "mailbox"),
    "missing": ("mailbox", "mailbox", "mailbox", "mailbox"),
    "a fifo": ("mailbox", "mailbox", "put off", "refused"),
}
ORDER = ("postfix", "sendmail", "exim", "opensmtpd")


def _arrange(rig: Rig, state: str) -> None:
    home, path = rig.path("/home/alice"), rig.path("/home/alice/.forward", follow=False)
    path.unlink(missing_ok=True)
    home.chmod(0o755)
    text = {"empty": "", "only a comment": "# bob\n"}.get(state, "bob\n")
    mode = {"0664": 0o664, "0666": 0o666, "root's, 0600": 0o600}.get(state, 0o644)
    owner = {"owner root": "root", "owner other": "carol", "root's, 0600": "root"}.get(
        state, "alice"
    )
    match state:
        case "missing":
            return
        case "a fifo":
            os.mkfifo(path)
            os.chown(path, home.stat().st_uid, home.stat().st_gid)
            return
        case "a link to her own file":
            rig.write("/home/alice/forward", text, mode, owner)
            path.symlink_to("/home/alice/forward")
            os.chown(path, home.stat().st_uid, home.stat().st_gid, follow_symlinks=False)
            return
        case "home 0775" | "home 0777":
            home.chmod(int(state.removeprefix("home "), 8))
        case "sticky home":
            home.chmod(0o755 | stat.S_ISVTX)
        case _:
            pass
    rig.write("/home/alice/.forward", text, mode, owner)


def trace(rig: Rig, *arguments: str, at: str = MONDAY) -> Any:
    done = rotation(rig, at, "trace", "--json", *arguments)
    assert done.status in (0, 1), done.err
    (found,) = json.loads(done.out)
    assert found["good"] is (done.status == 0)
    return found


def test_forward_files_as_measured(rig: Rig) -> None:
    write_roster(rig)
    for state, expected in MEASURED.items():
        _arrange(rig, state)
        (end,) = trace(rig, "alice")["ends"]
        became = end["to"] if end["stop"] == "mailbox" else end["stop"]
        became = "mailbox" if became == "alice" else became
        assert became == expected[ORDER.index(rig.name)], (state, end)
    _arrange(rig, "missing")


def _plain(rig: Rig, value: str = "alice", more: str = "") -> None:
    rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: {value}\n{more}")
    rig.must(rig.rebuild())
    if isinstance(rig, Postfix):
        rig.make_index_later()
    write_roster(rig)


def test_the_chain_from_root(rig: Rig) -> None:
    _plain(rig)
    done = rotation(rig, MONDAY, "trace", "root")
    assert done.status == 0
    assert done.out == (
        "root\n"
        f"`-- {NOTIFICATIONS}@box.test  (forward /root/.forward:1)\n"
        f"    `-- alice  (alias {rig.aliases}:2)  => alice, on duty (duty)\n"
        "root: ends at alice, on duty (duty)\n"
    )
    late = rotation(rig, NEXT_MONDAY, "trace", "root", "postmaster")
    assert late.status == 1
    assert "=> NO: alice (duty), not on duty" in late.out
    assert late.out.count("postmaster: NO: alice: alice (duty), not on duty") == 1
    found = trace(rig, "root", "--at", "+7d")
    assert [end["verdict"] for end in found["ends"]] == ["other"]


def test_verdicts(rig: Rig) -> None:
    pipe = "alice" if rig.name == "exim" else '"|/bin/cat"'  # which Debian's Exim forbids
    more = f"loop: loop2\nloop2: loop\npipe: {pipe}\nnull: bin\n"
    _plain(rig, "alice", more)
    verdicts = {
        "carol@box.test": "other",
        "x@elsewhere.test": "leaves",
        "loop": "loop",
        "pipe": "duty" if rig.name == "exim" else "pipe",
        "null": "dead",
        "nosuch": "dead",
        "all-system-notifications": "duty",
    }
    for address, verdict in verdicts.items():
        found = trace(rig, address)
        assert {end["verdict"] for end in found["ends"]} == {verdict}, found
    assert trace(rig, "x@elsewhere.test")["ends"][0]["domain"] == "elsewhere.test"
    assert trace(rig, "root")["server"] == rig.name


def test_an_alias_beats_the_forward(rig: Rig) -> None:
    _plain(rig, more="root: carol\n")
    done = rotation(rig, MONDAY, "trace", "root")
    assert done.status == 1
    assert f"carol  (alias {rig.aliases}:3)  => NO: carol (duty), not on duty" in done.out
    _plain(rig)


def test_on_to_another_host(rig: Rig) -> None:
    _plain(rig, "oncall@central.test")
    theirs = ROSTER.replace('"alice"\n', '"alice@people.test"\n') + target(rig, name="OnCall")
    rig.write("/etc/central.toml", theirs)
    assert rotation(rig, MONDAY, "trace", "root").status == 1
    for via in ("/etc/central.toml", "central.test=/etc/central.toml"):
        found = trace(rig, "root", "--via", via)
        assert found["good"], found
        assert [end["to"] for end in found["ends"]] == ["alice@people.test"]
    assert not trace(rig, "root", "--via", "other.test=/etc/central.toml")["good"]
    # a host that has no roster of its own
    rig.path("/etc/rotation/duty.toml").unlink()
    assert trace(rig, "root", "--via", "/etc/central.toml")["good"]
    assert rotation(rig, MONDAY, "trace", "root").status == 2
    _plain(rig)


def test_also_and_fallback(rig: Rig) -> None:
    _plain(rig, "alice, archive@example.com")
    assert not trace(rig, "root")["good"]
    write_roster(rig, ROSTER + target(rig, 'also = ["archive@example.com"]'))
    found = trace(rig, "root")
    assert [end["verdict"] for end in found["ends"]] == ["duty", "also"]
    assert found["good"]
    _plain(rig, "carol, dan@example.com")
    before = "2026-11-01T00:00:00+00:00"
    assert {e["verdict"] for e in trace(rig, "root", at=before)["ends"]} == {"fallback"}
    assert not trace(rig, "root")["good"]
    # only what is always copied: nobody on duty gets it
    write_roster(rig, ROSTER + target(rig, 'also = ["archive@example.com"]'))
    _plain_alias(rig, "archive@example.com")
    assert not trace(rig, "root")["good"]
    _plain(rig)


def _plain_alias(rig: Rig, value: str) -> None:
    rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: {value}\n")
    rig.must(rig.rebuild())
    if isinstance(rig, Postfix):
        rig.make_index_later()


def test_bytes_that_are_no_text(rig: Rig) -> None:
    write_roster(rig)
    rig.write("/home/alice/.forward", b"caf\xe9, bob\x1b[31m@x.test\n", owner="alice")
    for more in ((), ("--json",)):
        done = rotation(rig, MONDAY, "trace", "alice", *more)
        assert done.status == 1
        assert "Traceback" not in done.err
        assert "\x1b" not in done.out
    rig.path("/home/alice/.forward").unlink()


def test_a_stale_index_is_noted(postfix: Rig) -> None:
    _plain(postfix)
    postfix.write(postfix.aliases, f"{NOTIFICATIONS}: bob\n")
    found = trace(postfix, NOTIFICATIONS)
    assert [end["to"] for end in found["ends"]] == ["alice"]
    (note,) = found["tree"]["notes"]
    assert "older than the text" in note["text"]
    assert note["hint"] == "newaliases"
    _plain(postfix)


@pytest.mark.parametrize("mode", [0o664, 0o666])
def test_a_list_that_others_can_write(postfix: Rig, mode: int) -> None:
    postfix.write("/etc/duty.list", "# who\nalice\n", mode)
    _plain(postfix, ":include:/etc/duty.list")
    done = rotation(postfix, MONDAY, "trace", "root")
    if mode == 0o664:
        assert done.status == 0
        assert "note: its group can change this list [/etc/duty.list]" in done.out
        assert "alice  (include /etc/duty.list:2)" in done.out
    else:
        assert done.status == 1
        assert "everybody can write it" in done.out
    _plain(postfix)
