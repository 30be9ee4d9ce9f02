"""What was looked at during a run, and what speaks against keeping its answer.

Files, folders and programs are noted where the seam is asked for them (watched.py). Beneath it an
audit hook (PEP 578) hears of every file that is opened and every folder that is listed, by
whomever, and of all that is changed or started: what the seam did not see is noted or doubted here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rotation.host.temporary import RUN as LOCKS
from rotation.short import LOOK, RUN, identity
from rotation.system.links import OURS

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_LOOKS = {"os.listdir": "file", "os.scandir": "file", "os.getxattr": "passage"}
"""The kinds of what is looked at by a path."""
_LOCKS = str(LOCKS)
_HARMLESS = ("os.putenv", "os.unsetenv", "os.walk", "os.fwalk")
_STARTING = ("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")
_LOUD = ("socket.", "syslog.", "smtplib.", "imaplib.", "http.", "urllib.", "shutil.", "tempfile.")


class Watch:
    """What was looked at during a run, and what speaks against keeping its answer.

    `state` is the folder of notes, which the program may write in.
    """

    def __init__(self, state: str) -> None:
        self.state = state
        self.seen: dict[tuple[str, str], object] = {}
        self.doubts: list[str] = []
        self.reading = ""
        """What is being opened by whoever notes it as `opened` or `missed`."""
        self._asking = 0
        self._listening = False

    def see(self, kind: str, subject: str | Path) -> None:
        """Note what is there now, of one kind of `LOOK`; at a second look it has to be the same."""
        key = kind, str(subject)
        listening, self._listening = self._listening, False
        try:
            now = LOOK[kind](key[1])
        except (OSError, ValueError) as error:  # a path that is none: whoever asks hears of it
            self.doubt(f"{subject}: {error}")
            return
        finally:
            self._listening = listening
        if self.seen.setdefault(key, now) != now:
            self.doubt(f"{subject} changed meanwhile")

    def opened(self, path: Path, status: os.stat_result) -> None:
        """Note a file by the status that it had when it was opened."""
        now = identity(status)
        if self.seen.setdefault(("file", str(path)), now) != now:
            self.doubt(f"{path} changed meanwhile")

    def missed(self, path: Path) -> None:
        """Note that there was no file."""
        self.see("file", path)
        if isinstance(self.seen.get(("file", str(path))), tuple):
            self.doubt(f"{path} is there meanwhile")

    def doubt(self, why: str) -> None:
        """Say why the answer must not be kept."""
        self.doubts.append(why)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear of what is done inside; a hook stays for as long as the process lives."""
        sys.addaudithook(self._heard)
        self._listening = True
        try:
            yield
        finally:
            self._listening = False

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A program is run, and what speaks for its answer is noted by whoever runs it."""
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._listening:
            try:
                self._weigh(event, arguments)
            except Exception as error:  # what is raised here would be raised by what is heard of
                self.doubt(f"{event}: {error}")

    def _weigh(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._opened(*arguments)
        elif kind := _LOOKS.get(event):
            # the sweep lists the folder of notes, and a locked one by its number
            if isinstance(arguments[0], (str, bytes, os.PathLike)):
                place = _absolute(arguments[0])
                if place != self.state:
                    self.see(kind, place)
        elif event == "socket.gethostname":
            self.see("host", "")
        elif event.startswith(_STARTING):
            if not self._asking:
                self.doubt(event)
        elif event.startswith("os.") and event not in _HARMLESS:
            places = [a for a in arguments if isinstance(a, (str, bytes, os.PathLike))]
            if not any(self._ours(_absolute(place)) for place in places):
                self.doubt(f"{event} {arguments}")
        elif event.startswith(_LOUD):
            self.doubt(event)

    def _opened(self, path: Any, _mode: Any, flags: Any) -> None:
        if path is None or path == self.reading or isinstance(path, int):
            return
        place = _absolute(path)
        if self._ours(place) or flags & os.O_TMPFILE == os.O_TMPFILE:
            return  # a file without a name is nobody else's
        if flags & _WRITING:
            if place != os.devnull:
                self.doubt(f"{place} is written")
        # a folder is opened to be locked; modules are noted when all are loaded
        elif not flags & os.O_DIRECTORY and not place.endswith((".pyc", ".py")):
            self.see("file", place)

    def _ours(self, place: str) -> bool:
        """Whether it is what every run may leave: its own record, a lock, compiled code."""
        folder, name = os.path.split(place)
        mine = folder == self.state and name.startswith((RUN, OURS))
        kept = place in (self.state, _LOCKS) or folder == _LOCKS
        return mine or kept or "__pycache__" in place


def _absolute(path: Any) -> str:
    place = os.fsdecode(path)
    try:
        return os.path.abspath(place)
    except OSError:
        return place  # the current folder is gone: nothing is found below it


class Environment(os._Environ):  # type: ignore[type-arg]
    """The environment; what is read of it is noted."""

    watch: Watch | None = None

    def __getitem__(self, key: str) -> str:
        if self.watch is not None:
            self._seen(key)
        return str(super().__getitem__(key))

    def __iter__(self) -> Iterator[str]:
        for key in super().__iter__():
            if self.watch is not None:
                self._seen(key)
            yield key

    def _seen(self, key: str) -> None:
        watch, Environment.watch = self.watch, None
        try:
            if watch is not None:
                watch.see("environment", key)
        finally:
            Environment.watch = watch


@contextmanager
def environment_watched(watch: Watch) -> Iterator[None]:
    """Note what is read of the environment, by whomever."""
    before = os.environ.__class__
    os.environ.__class__ = Environment
    Environment.watch = watch
    try:
        yield
    finally:
        Environment.watch = None
        os.environ.__class__ = before
