"""The host's own scripts that mail: in cron's folders, in crontabs, in systemd's units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from rotation.audit.crontab import Job
from rotation.audit.model import Recipient, Sender, Tool
from rotation.audit.shell import mailed
from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError, Where
from rotation.system import Files

TOOL = "script"
"""What such a sender is called in place of a tool."""
_UNITS = (Path("/etc/systemd/system"), Path("/usr/local/lib/systemd/system"))
_EXEC = re.compile(r"^\s*Exec(?:Start|StartPre|StartPost|Stop|StopPost|Reload)\s*=\s*[@:+!-]*(.+)$")
_OWN = re.compile(
    r"(?:^|[\s;&|(])(/(?:etc|usr/local|opt|root|home|srv|var/local)/[^\s;&|<>()\"']+)"
)
"""A program of the host's own, in a command: not of a package."""


@dataclass
class Scripts:
    """One look at what the host's own scripts mail; those that a tool of the table tells of are
    left to it."""

    system: Files
    tools: Sequence[Tool]
    _seen: set[Path] = field(default_factory=set)

    def senders(self, jobs: Iterable[tuple[Path, Job]], files: Iterable[Path]) -> list[Sender]:
        """Whom the jobs of crontabs, the scripts `files` and the units of this host mail."""
        senders = []
        for path, job in jobs:
            command = job.command.replace("\\%", "%")
            senders.append(self._sender(path, str(path), command, job.line))
            senders += self._own(command)
        senders += [self._script(path) for path in files]
        for path, number, command in self._commands():
            senders.append(self._sender(path, path.name, command, number))
            senders += self._own(command)
        return [sender for sender in senders if sender is not None]

    def _own(self, command: str) -> list[Sender | None]:
        return [self._script(Path(match[1])) for match in _OWN.finditer(command)]

    def _script(self, path: Path) -> Sender | None:
        if path in self._seen or self._told(path):
            return None
        self._seen.add(path)
        text = self._text(path)
        return None if text is None else self._sender(path, str(path), text)

    def _told(self, path: Path) -> bool:
        """Whether a tool of the table reads this file itself, or it is the tool's own job."""
        if path.name in {tool.name for tool in self.tools}:
            return True
        patterns = (
            pattern
            for tool in self.tools
            for mail in tool.mails
            for source in mail.sources
            for pattern in source.files
        )
        return any(fnmatchcase(str(path), pattern) for pattern in patterns)

    def _text(self, path: Path) -> str | None:
        try:
            script = self.system.read(path)
        except ApplyError:  # no file, too large, not for us: nothing that can be told
            return None
        data = b"" if script is None else script.data
        return data.decode("utf-8", "surrogateescape") if b"\0" not in data[:512] else None

    def _commands(self) -> Iterator[tuple[Path, int, str]]:
        for folder in _UNITS:
            for name in self._names(folder):
                path = folder / name
                text = self._text(path) if name.endswith(".service") else None
                if text is None or self._told(path):
                    continue
                for number, line in enumerate(text.split("\n"), 1):
                    if match := _EXEC.match(line):
                        yield path, number, match[1]

    def _names(self, folder: Path) -> list[str]:
        try:
            return self.system.names(folder) or []
        except ApplyError:
            return []

    def _sender(self, path: Path, what: str, text: str, line: int | None = None) -> Sender | None:
        people = tuple(
            Recipient(mailing.address, Where(str(path), line or mailing.line), mailing.address)
            for mailing in mailed(text)
        )
        return Sender(TOOL, what, people, where=people[0].where) if people else None
