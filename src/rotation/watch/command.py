"""What a line of a crontab, a script or a unit really runs: pure. Sources: the POSIX shell's
command language; systemd.service(5), "Command lines".

Each is read as far as people write such lines; whatever else stands in it, nobody can tell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from rotation.dataclasses import dataclass, field, replace

_OPERATORS = {"&&", "||", ";", "&", "|"}
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_PERCENT = re.compile(r"(?<!\\)%.*", re.DOTALL)
_REDIRECTED = re.compile(r"[<>&]+")
_HARMLESS = ("cd", "true", ":", "sleep", "umask", "export")
"""What does not fail, but for `cd`."""
_UNTOLD = (
    *("exit", "return", "exec", "eval", ".", "source", "kill", "trap", "break", "continue"),
    *("if", "while", "until", "case", "for", "select", "function", "{", "[[", "!"),
)
"""Behind these nobody can tell whether the shell gets to what follows."""
_TESTS = re.compile(r"(?:test|\[) (?:-[efrsx]) (\S+)(?: \])?|(?:command -v|which|type) (\S+)")
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
SHELLS = ("sh", "bash", "dash", "ash", "ksh", "zsh")
_INTERPRETER = re.compile(rf"#! *(?:/usr/bin/env +|/(?:\S*/)?)(?:{'|'.join(SHELLS)})(?: |$)")
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
    """A `rotation apply` that a line runs whatever happens: the program, and what it is told.

    `folders` are those without which it does not run.
    """

    program: str
    rosters: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()


def applies(command: str, settings: Mapping[str, str], *, cron: bool = False) -> Apply | None:
    """The `rotation apply` that a command line runs each time; None where it runs none, only
    sometimes, or nobody can tell. `settings` are the variables of its surroundings."""
    if cron:
        command = _PERCENT.sub("", command)
    tokens = _tokens(command)
    own, variables = dict(settings), dict(settings)
    programs: list[str] = []
    folders: list[str] = []
    before = ";"
    for words, after in _commands(tokens):
        if any(set(word) <= set("()") for word in words if word):
            return None  # a function, or another shell
        tested = _tested(words)
        if before == "||":
            # only where something else fails: nothing must come of that but an end
            if words[0] != "exit":
                return None
            before = after
            continue
        apply = _simple(words, own)
        if apply is not None:
            there = all(program == apply.program for program in programs)
            return replace(apply, folders=(*folders, *apply.folders)) if there else None
        if words[0] in _UNTOLD:
            return None
        _assign(words, own, variables)
        if after in ("&&", "||"):
            if tested is not None:
                programs.append(tested)
            elif words[0] not in _HARMLESS or after == "||":
                return None
            elif words[0] == "cd":
                folders += words[1:]
        before = after
    return None


def script(text: str) -> Apply | None:
    """The `rotation apply` that a script runs each time; None as for `applies`, and where it is
    no script of a shell: run-parts starts none without `#!`."""
    if not _INTERPRETER.match(text.partition("\n")[0]) or "<<" in text:
        return None
    # a newline ends a command, unless one is to come: behind &&, || and |
    return applies(text.replace("\\\n", " ").replace("\n", "\n; "), {})


def started(lines: Sequence[str], settings: Mapping[str, str]) -> Apply | None:
    """The `rotation apply` that the commands of a unit run each time, in their order; None as for
    `applies`. systemd is no shell: operators and redirections are arguments to it."""
    for line in lines:
        command = line.lstrip("@-:+!|")
        try:
            words = shlex.split(command)
        except ValueError:
            return None
        if any(word in _OPERATORS or _REDIRECTED.match(word) for word in words):
            return None
        apply = _simple(words, settings)
        if apply is not None:
            return apply
        may_fail = "-" not in line[: len(line) - len(command)]
        if may_fail and (not words or Path(words[0]).name not in ("true", "sleep")):
            return None
    return None


def _tokens(command: str) -> list[str]:
    """The words and operators of a command line; none where it cannot be read."""
    if re.search(r"[^\s;]#", command):
        return []  # a comment to the one who splits it, and none to a shell
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        return list(lexer)
    except ValueError:
        return []


def _commands(tokens: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    """The simple commands, each with the operator behind it."""
    words: list[str] = []
    for token in [*tokens, ";"]:
        if token not in _OPERATORS:
            words.append(token)
        elif words:
            yield words, token
            words = []


def _tested(words: Sequence[str]) -> str | None:
    """The program of which a command asks whether it is there, and no more."""
    match = _TESTS.fullmatch(" ".join(_without_redirections([*words])))
    return None if match is None else match[1] or match[2]


def _assign(words: Sequence[str], own: dict[str, str], variables: dict[str, str]) -> None:
    """What a command does to the shell's variables, and to those that what it runs is given."""
    exported = words[0] == "export"
    for word in words[exported:]:
        name, equals, value = word.partition("=")
        if not exported and not _ASSIGNED.match(word):
            return
        if equals:
            variables[name] = value
        if name in variables and (exported or name in own):
            own[name] = variables[name]


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
        if name in SHELLS and len(words) > 2 and words[1] == "-c":
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
