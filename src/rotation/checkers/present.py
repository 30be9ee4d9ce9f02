"""What is on this host already: the tools, and the jobs that run them without us."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rotation.checkers.model import Often, Preset
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError
from rotation.system import Files, Look

_CRON = (*(f"/etc/cron.{often.adverb}" for often in Often), "/etc/cron.d")
_UNITS = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system")
_WANTED = "/etc/systemd/system/timers.target.wants"
_MAILS = re.compile(
    r"(?<![\w.-])(mailx?|sendmail|MAILTO|MAIL_TO|SENDMAILTO|REPORT_EMAIL)(?![\w.-])"
)
_START = re.compile(r"^ExecStart=[-@:+!]*(\S+)", re.MULTILINE)
# of what a program file is worth looking at for the word mail
_SCRIPT = b"#!"


@dataclass(frozen=True, slots=True)
class ForeignJob:
    """Something other than ours that runs a tool on this host."""

    path: str
    """The file of the job, or the name of the timer."""
    active: bool
    mails: bool
    """Whether it sends mail by itself, as far as its text tells."""

    def __str__(self) -> str:
        timer = self.path.endswith(".timer")
        if not self.active:
            how = "not enabled"
        elif self.mails:
            how = "mails by itself"
        else:
            how = "into the journal, mails nobody" if timer else "cron mails what it prints"
        return f"{self.path} ({how})"


def missing(system: Look, preset: Preset) -> tuple[str, ...]:
    """The programs that a preset needs and this host has not; of several with |, one will do."""
    return tuple(
        need.replace("|", " or ")
        for need in preset.needs
        if not any(_is_here(system, program) for program in need.split("|"))
    )


def _is_here(system: Look, program: str) -> bool:
    if program.startswith("/"):
        return _read(system, program) is not None
    return system.program(program) is not None


def jobs(system: Files, preset: Preset) -> list[ForeignJob]:
    """What runs the preset's tool already: those it lists, and whatever bears its name."""
    name = preset.name
    paths = [*preset.also_runs, *(f"{folder}/{name}" for folder in _CRON), f"{name}.timer"]
    running = []
    for path in dict.fromkeys(paths):
        job = _timer(system, path) if path.endswith(".timer") else _cron(system, path)
        if job is not None:
            running.append(job)
    return running


def _cron(system: Files, path: str) -> ForeignJob | None:
    text = _read(system, path)
    if text is None:
        return None
    return ForeignJob(path, True, bool(_MAILS.search(text)))


def _timer(system: Files, name: str) -> ForeignJob | None:
    if _first(system, _UNITS, name) is None:
        return None
    active = name in (system.names(Path(_WANTED)) or [])
    service = _first(system, _UNITS, f"{name.removesuffix('.timer')}.service") or ""
    texts = [service]
    for program in _START.findall(service):
        text = _read(system, program)
        if text is not None and text.startswith(_SCRIPT.decode()):
            texts.append(text)
    return ForeignJob(name, active, any(_MAILS.search(text) for text in texts))


def _first(system: Files, folders: Sequence[str], name: str) -> str | None:
    texts = (_read(system, f"{folder}/{name}") for folder in folders)
    return next((text for text in texts if text is not None), None)


def _read(system: Files, path: str) -> str | None:
    """The text of a file without its comments; None where there is none that can be read."""
    try:
        file = system.read(Path(path))
    except ApplyError:
        return None
    if file is None:
        return None
    text = file.data[:100_000].decode("utf-8", "replace")
    return re.sub(r"(?m)^\s*#(?!!).*$", "", text)
