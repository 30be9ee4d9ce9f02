"""What a line of a crontab or a unit really runs: pure. Source: the POSIX shell's command language.

A line is read as far as people write such lines; whatever else stands in it, nobody can tell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from rotation.dataclasses import dataclass, field

_OPERATORS = {"&&", "||", ";", "&", "|"}
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_PERCENT = re.compile(r"(?<!\\)%.*", re.DOTALL)
_REDIRECTED = re.compile(r"[<>&]+")
_HARMLESS = ("cd", "true", ":", "sleep", "umask", "export", "test", "[", ".")
_WRAPPERS = {
    "nice": ("-n", "--adjustment"),
    "ionice": ("-c", "-n", "--class", "--classdata"),
    "chronic": (),
    "cronic": (),
    "nohup": (),
    "setsid": (),
    "env": (),
    "exec": (),
    "command": (),
    "timeout": ("-k", "-s", "--kill-after", "--signal"),
    "flock": ("-w", "--timeout", "--wait", "-E"),
}
_OPERANDS = {"timeout": 1, "flock": 1}
_SHELLS = ("sh", "bash", "dash")
ROSTERS = "/etc/rotation"
"""The rosters of a run that is told of none."""
_LINE = "*/5 * * * *  root  /usr/local/bin/rotation {}apply"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a job has to run to count: with these rosters, this state folder, as this user, more
    often than the shortest turn. None: any will do."""

    rosters: Path | None = None
    state: Path | None = None
    user: str = "root"
    shortest: timedelta | None = None

    @property
    def line(self) -> str:
        """The line of a crontab that counts."""
        if self.rosters is None or self.rosters == Path(ROSTERS):
            return _LINE.format("")
        # cron ends a line at a % (crontab(5))
        rosters = shlex.quote(str(self.rosters)).replace("%", r"\%")
        return _LINE.format(f"--rosters {rosters} ")


@dataclass(frozen=True, slots=True)
class Apply:
    """A `rotation apply` that a line runs whatever happens: the program, and what it is told."""

    program: str
    rosters: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def applies(command: str, settings: Mapping[str, str], *, cron: bool = False) -> Apply | None:
    """The `rotation apply` that a command line runs each time; None where it runs none, only
    sometimes, or nobody can tell. `settings` are the variables of its surroundings."""
    if cron:
        command = _PERCENT.sub("", command)
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        tokens = list(lexer)
    except ValueError:
        return None
    before = ";"
    words: list[str] = []
    for token in [*tokens, ";"]:
        if token not in _OPERATORS:
            words.append(token)
            continue
        if before == "||":
            return None  # only where something else fails
        apply = _simple(words, settings)
        if apply is not None:
            return apply
        harmless = bool(words) and words[0] in _HARMLESS
        if token in ("&&", "||") and not harmless:
            return None
        if words and words[0] in ("exit", "if", "while", "case", "for", "{", "("):
            return None
        before, words = token, []
    return None


def _simple(words: list[str], settings: Mapping[str, str]) -> Apply | None:
    words = _without_redirections(words)
    own = dict(settings)
    while words:
        if _ASSIGNED.match(words[0]):
            name, _, value = words[0].partition("=")
            own[name] = value
            words = words[1:]
            continue
        name = Path(words[0]).name
        if name in _SHELLS and len(words) > 2 and words[1] == "-c":
            return applies(words[2], own)
        if name not in _WRAPPERS:
            break
        words = _unwrapped(name, words[1:])
    return _rotation(words, own)


def _without_redirections(words: list[str]) -> list[str]:
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif _REDIRECTED.fullmatch(word):
            skip = True
            if kept and kept[-1].isdigit():
                kept.pop()
        else:
            kept.append(word)
    return kept


def _unwrapped(name: str, words: list[str]) -> list[str]:
    """What a program like nice or flock runs."""
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in _WRAPPERS[name] else words[1:]
    return words[_OPERANDS.get(name, 0) :]


def _rotation(words: list[str], settings: Mapping[str, str]) -> Apply | None:
    if not words:
        return None
    program, rest = words[0], words[1:]
    if re.fullmatch(r"python[0-9.]*", Path(program).name) and rest[:2] == ["-m", "rotation"]:
        rest = rest[2:]
    elif Path(program).name != "rotation":
        return None
    rosters, command = settings.get("ROTATION_ROSTERS"), None
    while rest:
        word, rest = rest[0], rest[1:]
        if word == "--rosters" and rest:
            rosters, rest = rest[0], rest[1:]
        elif word.startswith("--rosters="):
            rosters = word.partition("=")[2]
        elif word in ("--dry-run", "--check", "--help", "-h", "--version") or word == "--at":
            return None
        elif not word.startswith("-") and command is None:
            command = word
    return Apply(program, rosters, settings) if command == "apply" else None
