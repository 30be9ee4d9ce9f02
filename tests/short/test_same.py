"""With the short way and without: whatever happens to two hosts alike, their answers are alike."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from .world import NOW, Answer, World, runs

TIMES = st.sampled_from([-90_000, -60, 0, 1, 59, 300, 3_600, 86_400, 604_800, 8_000_000])
ROSTER = """\
timezone = "{zone}"
fallback = ["boss@example.com"]
[people]
alice = "alice@example.com"
bob   = "bobby@example.com"
carol = "carol@example.com"
[[rotation]]
name    = "{name}"
people  = ["{first}", "{second}"]
every   = "{every}"
start   = 2026-01-05
handoff = "09:00"
{hours}
[[target]]
include = "../lists/{name}"
"""
CALENDAR = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20260101T000000Z\r
DTSTART:20261101T080000Z\r
DTEND:20261103T080000Z\r
RRULE:FREQ=WEEKLY\r
SUMMARY:{person}\r
END:VEVENT\r
END:VCALENDAR\r
"""
NAMES = st.sampled_from(["duty", "late"])
PEOPLE = st.sampled_from(["alice", "bob", "carol"])
WORDS = st.sampled_from(
    [
        ("who",),
        ("who", "--json"),
        ("who", "--why"),
        ("who", "--role", "duty"),
        ("apply",),
        ("apply", "--json"),
    ]
)


class TwoHosts(RuleBasedStateMachine):
    """The same is done to both, and both are asked the same; one of them is always asked anew."""

    @initialize()
    def make(self) -> None:
        self.folder = TemporaryDirectory()
        home = Path(self.folder.name).resolve()
        self.now = NOW
        self.hosts = [World(home / name) for name in ("kept", "anew")]
        for world in self.hosts:
            world.home.mkdir()
            world.make()
        self.write("duty", "alice", "bob", "Europe/London", "1 week", "", whole=True, quiet=False)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def both(self, change: Callable[[World], object]) -> None:
        for world in self.hosts:
            change(world)

    def put(self, where: str, text: str, *, whole: bool, quiet: bool) -> None:
        """A file: made anew, or written in place; `quiet`: with the old time of change."""

        def change(world: World) -> None:
            path = world.home / where
            before = path.stat() if path.exists() else None
            if whole:
                path.unlink(missing_ok=True)
            path.write_text(text)
            if quiet and before is not None:
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

        self.both(change)

    @rule(
        name=NAMES,
        first=PEOPLE,
        second=PEOPLE,
        zone=st.sampled_from(["Europe/London", "America/Bogota", "Asia/Katmandu"]),
        every=st.sampled_from(["1 week", "8 hour", "2 days"]),
        hours=st.sampled_from(["", 'hours = ["mon-fri 09:00-17:00"]']),
        whole=st.booleans(),
        quiet=st.booleans(),
    )
    def write(
        self, name: str, first: str, second: str, zone: str, every: str, hours: str, **how: Any
    ) -> None:
        text = ROSTER.format(
            name=name, first=first, second=second, zone=zone, every=every, hours=hours
        )
        self.put(f"rosters/{name}.toml", text, **how)

    @rule(name=NAMES, person=PEOPLE, whole=st.booleans(), quiet=st.booleans())
    def override(self, name: str, person: str, **how: bool) -> None:
        start, end = "2026-11-24T12:00:00Z", "2026-12-20T00:00:00Z"
        text = f'[[override]]\nstart = {start}\nend = {end}\nout = "*"\nin = "{person}"\n'
        self.put(f"rosters/{name}.overrides.toml", text, **how)

    @rule(person=PEOPLE, uid=st.sampled_from(["1", "2"]), quiet=st.booleans())
    def calendar(self, person: str, uid: str, quiet: bool) -> None:
        self.put("duty.ics", CALENDAR.format(uid=uid, person=person), whole=False, quiet=quiet)
        text = 'timezone = "UTC"\n[people]\n'
        text += "".join(f'{key} = "{key}@example.com"\n' for key in ("alice", "bob", "carol"))
        text += '[[rotation]]\nname = "team"\ncalendar = "../duty.ics"\n'
        self.put("rosters/calendar.toml", text, whole=False, quiet=False)

    @rule(name=NAMES, text=st.sampled_from(["timezone = 1\n", "", 'timezone = "Mars/Olympus"\n']))
    def spoil(self, name: str, text: str) -> None:
        self.put(f"rosters/{name}.toml", text, whole=False, quiet=False)

    @rule(what=st.sampled_from(["rosters/late.toml", "rosters/duty.overrides.toml", "duty.ics"]))
    def remove(self, what: str) -> None:
        self.both(lambda world: (world.home / what).unlink(missing_ok=True))

    @rule(what=st.sampled_from(["rosters/duty.toml", "rosters", "lists/duty"]))
    def touch(self, what: str) -> None:
        self.both(lambda world: os.utime(world.home / what) if (world.home / what).exists() else 0)

    @rule(person=PEOPLE, linked=st.booleans())
    def change_target(self, person: str, linked: bool) -> None:
        self.put("lists/other", f"{person}@example.com\n", whole=False, quiet=False)

        def change(world: World) -> None:
            world.target.unlink(missing_ok=True)
            if linked:
                world.target.symlink_to("other")
            else:
                shutil.copy(world.target.with_name("other"), world.target)

        self.both(change)

    @rule(mode=st.sampled_from([0o644, 0o666, 0o600]), what=st.sampled_from(["duty.toml", "."]))
    def rights(self, mode: int, what: str) -> None:
        for world in self.hosts:
            path = world.rosters / what
            if path.exists():
                path.chmod(mode | (0o111 if path.is_dir() else 0))

    @rule()
    def move(self) -> None:
        """The folder of the rosters makes way for a copy of it."""

        def change(world: World) -> None:
            old = world.home / "old"
            shutil.rmtree(old, ignore_errors=True)
            world.rosters.rename(old)
            shutil.copytree(old, world.rosters)

        self.both(change)

    @rule(name=st.sampled_from(["NO_COLOR", "LC_ALL", "TZ"]), value=st.sampled_from(["", "C"]))
    def set_environment(self, name: str, value: str) -> None:
        self.both(lambda world: world.environment.update({name: value}))

    @rule(by=TIMES)
    def wait(self, by: int) -> None:
        self.now += by

    @rule(words=WORDS, by=TIMES)
    def ask(self, words: tuple[str, ...], by: int) -> None:
        """Twice, for the second answer is the one that may have been kept."""
        for instant in (self.now, self.now + max(by, 0)):
            self.now = instant
            kept, anew = self.hosts
            answers = [
                kept.run(*words, now=instant),
                anew.run(*words, now=instant, fresh=True),
            ]
            told = [_told(answer, world) for answer, world in zip(answers, self.hosts, strict=True)]
            assert told[0] == told[1]
            files = [
                {path.name: path.read_text() for path in world.target.parent.iterdir()}
                for world in self.hosts
            ]
            assert files[0] == files[1]
            assert runs(kept) == runs(anew)


def _told(answer: Answer, world: World) -> tuple[int, str, str]:
    """What was said, without the name of the host that said it."""
    texts = (text.replace(str(world.home), "HOME") for text in (answer.out, answer.err))
    return (answer.status, *texts)  # type: ignore[return-value]


TwoHosts.TestCase.settings = settings(max_examples=12, stateful_step_count=14)
TestTwoHosts = TwoHosts.TestCase
