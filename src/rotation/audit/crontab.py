"""Crontabs as cron reads them: pure, from bytes to jobs, whom they mail, and what is wrong.

Sources: crontab(5) and cron(8) of Debian and of cronie. Debian's cron was measured: a bare
`MAILTO=` makes it refuse the whole file (not any more in Debian 13), a value with a space or a
leading minus sign lets the jobs run and mails nothing, a job on a last line without a newline makes
it ignore the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum

from rotation.dataclasses import dataclass, field, replace

_SETTING = re.compile(r"\s*(?:\"([^\"=]+)\"|'([^'=]+)'|([^\s\"'=]+))\s*=(.*)")
_SPECIAL = re.compile(r"@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)$")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_@!:%.,+-]*")
_ELEMENT = re.compile(r"(?:\*(?:-\w+)?|(\w+)(?:[-~](\w+))?)(?:/(\d+))?$")
_ROOM = 60
_LONGEST = 1000
"""MAX_COMMAND of Debian's cron."""
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[tuple[int, int, list[str], int], ...] = (
    (0, 59, [], 0),
    (0, 23, [], 0),
    (1, 31, [], 0),
    (1, 12, _MONTHS, 1),
    (0, 7, _DAYS, 0),
)


class CrontabKind(Enum):
    """What a crontab is: whose, and so which fields its lines have."""

    SYSTEM = "system"
    USER = "user"
    ANACRON = "anacron"


@dataclass(frozen=True, slots=True)
class Job:
    """A line that runs something; `mailto` is None where no MAILTO stands above it.

    `when` is its fields of time, `settings` the variables that are set above it.
    """

    line: int
    user: str
    command: str
    mailto: str | None = None
    mailto_line: int | None = None
    when: tuple[str, ...] = field(default=(), compare=False)
    settings: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong at a line; `fatal` where cron then ignores the whole file."""

    line: int
    what: str
    hint: str
    fatal: bool = False
    lost: bool = False
    """Whether output is lost."""


@dataclass(frozen=True, slots=True)
class Crontab:
    """All that a crontab says."""

    jobs: tuple[Job, ...]
    troubles: tuple[Trouble, ...]


def read_crontab(
    data: bytes,
    kind: CrontabKind,
    owner: str,
    known: Callable[[str], bool],
    *,
    debian: bool = True,
    bare: bool = False,
) -> Crontab:
    """Read a crontab of the user `owner`; `known` says whether an account exists, `bare` whether
    Debian's cron takes a setting without a value."""
    text = data.decode("utf-8", "surrogateescape")
    troubles: list[Trouble] = []
    jobs: list[Job] = []
    mailtos: list[tuple[int, str]] = []
    refused: list[tuple[int, str]] = []
    settings: dict[str, str] = {}
    strict = debian and kind is not CrontabKind.ANACRON
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if match := _SETTING.match(line):
            name, value = match[1] or match[2] or match[3], match[4].strip()
            trouble = _setting(number, name, value, bare=bare) if strict else None
            if trouble is not None:
                troubles.append(trouble)
                continue
            settings[name] = _unquoted(value)
            if name == "MAILTO":
                troubles.extend(_unsafe(number, value))
                mailtos.append((number, _unquoted(value)))
            continue
        above = mailtos[-1] if mailtos else (None, None)
        job = _job(line, number, kind, owner, above)
        if job is not None:
            job = replace(job, settings=dict(settings))
        if job is None:
            wrong = "" if _does_nothing(line, kind) else "is not a line of a crontab"
        else:
            wrong = _wrong(line, kind, job, known, strict=debian)
        if job is not None and not wrong:
            jobs.append(job)
        elif wrong and kind is not CrontabKind.ANACRON:
            refused.append((number, wrong))
    if refused:
        number, what = refused[0]  # cron does not read on either
        more = len(refused) - 1
        hint = "crontab(5) lists the fields; cron refuses the whole file"
        what += f" (and {more} more)" if more else ""
        troubles.append(Trouble(number, what, hint, fatal=True))
    last = text.count("\n") + 1
    rest = text.rpartition("\n")[2].strip()
    if strict and rest and not rest.startswith("#"):
        what = "the last line has no newline, so cron ignores the file"
        troubles.append(Trouble(last, what, "add one at the end", fatal=True))
    troubles.extend(_unused(mailtos, jobs))
    return Crontab(tuple(jobs), tuple(sorted(troubles, key=lambda trouble: trouble.line)))


def _short(text: str) -> str:
    """So much of a text as a message has room for."""
    return text if len(text) <= _ROOM else f"{text[:_ROOM]}..."


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
        return value[1:-1]
    return value


def _setting(line: int, name: str, value: str, *, bare: bool) -> Trouble | None:
    """What Debian's cron refuses a whole file for in a line that sets something."""
    if value == "":
        if bare:
            return None
        what = f"{name}= without a value makes cron refuse the whole file: its jobs do not run"
        hint = 'MAILTO="root"; or MAILTO="" to throw the output away'
        return Trouble(line, what, hint if name == "MAILTO" else f'{name}=""', fatal=True)
    if value[0] in "\"'" and (len(value) == 1 or value[-1] != value[0]):
        what = f"{name} has a quote that is never closed: cron refuses the whole file"
        return Trouble(line, what, "end it", fatal=True)
    return None


def _unsafe(line: int, value: str) -> list[Trouble]:
    """A MAILTO for which cron runs the jobs and mails nobody."""
    address = _unquoted(value)
    if not address or _SAFE.fullmatch(address):
        return []
    what = f"cron takes MAILTO={_short(value)!r} for unsafe: it runs the jobs and mails nobody"
    bare = re.sub(r"\s*,\s*|\s+", ",", address.strip(" \t\r,\"'-"))
    hint = f"MAILTO={_short(bare)}" if _SAFE.fullmatch(bare) else "a plain address: MAILTO=root"
    return [Trouble(line, what, f"{hint} (commas, no spaces, no names)", lost=True)]


def _unused(mailtos: list[tuple[int, str]], jobs: list[Job]) -> list[Trouble]:
    """MAILTO lines that hold for no job, and those that throw output away."""
    troubles = []
    for line, value in mailtos:
        under = [job for job in jobs if job.mailto_line == line]
        if not under and jobs:
            what = "MAILTO holds for no job: it counts only for the lines below it"
            troubles.append(Trouble(line, what, "move it above the jobs, or take it out"))
        elif under and not value.strip():
            lines = "line" if len(under) == 1 else "lines"
            at = ", ".join(str(job.line) for job in under)
            what = f'MAILTO="" throws away the output of {lines} {at}'
            troubles.append(Trouble(line, what, "MAILTO=root", lost=True))
    return troubles


def _job(
    line: str,
    number: int,
    kind: CrontabKind,
    owner: str,
    above: tuple[int, str] | tuple[None, None],
) -> Job | None:
    words = line.split()
    if kind is CrontabKind.ANACRON:
        if len(words) < 4:
            return None
        return Job(number, "root", " ".join(words[3:]), above[1], above[0])
    fields = 1 if words[0].startswith("@") else 5
    user = words[fields] if kind is CrontabKind.SYSTEM and len(words) > fields else owner
    command = words[fields + (kind is CrontabKind.SYSTEM) :]
    if not command:
        return None
    when = tuple(words[:fields])
    return Job(number, user, " ".join(command), above[1], above[0], when)


def _does_nothing(line: str, kind: CrontabKind) -> bool:
    """Whether cron takes the line, with an empty command: white space stands where it would."""
    words = line.split()
    fields = (1 if words[0].startswith("@") else 5) + (kind is CrontabKind.SYSTEM)
    return len(words) == fields and line[-1].isspace()


def _wrong(
    line: str, kind: CrontabKind, job: Job, known: Callable[[str], bool], *, strict: bool
) -> str:
    """What cron would refuse the line for; empty when nothing."""
    if kind is CrontabKind.ANACRON:
        return ""
    words = line.split()
    if words[0].startswith("@"):
        return (
            "" if _SPECIAL.match(words[0]) else f"{_short(words[0])} is not a time that cron knows"
        )
    names = ("minute", "hour", "day of the month", "month", "day of the week")
    for word, name, rule in zip(words, names, _FIELDS, strict=False):
        if not all(_element(part, rule, strict) for part in word.split(",")):
            return f"{_short(word)!r} is not a valid {name}"
    if (strict and len(job.command) >= _LONGEST) or "\0" in line:
        return f"the command is longer than {_LONGEST - 1} bytes, or has a NUL byte in it"
    if kind is CrontabKind.SYSTEM and not known(job.user):
        return f"there is no user {_short(job.user)!r}"
    return ""


def _element(text: str, rule: tuple[int, int, list[str], int], strict: bool) -> bool:
    """Whether cron takes it; Debian's wants a range before a step, and knows no `~`."""
    low, high, names, first = rule
    match = _ELEMENT.match(text)
    if strict and match is not None and ("~" in text or (match[3] and match[1] and not match[2])):
        return False
    if match is None or (match[3] is not None and int(match[3]) == 0):
        return False
    for bound in (match[1], match[2]):
        if bound is None:
            continue
        name = bound.lower()
        number = names.index(name) + first if name in names else None
        if number is None:
            if not bound.isascii() or not bound.isdigit():
                return False
            number = int(bound[:6])
        if not low <= number <= high:
            return False
    return True
