"""What goes wrong, said in one way everywhere, and the exit statuses.

An error says what is wrong, where it stands and what to do about it. All problems of a file are
collected and reported together, so that nobody has to run a command once per typing mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum, IntEnum
from typing import Final

from rotation.dataclasses import dataclass


class Exit(IntEnum):
    """The exit statuses of every command."""

    OK = 0
    """Done, or yes."""
    NO = 1
    """No: nobody on duty, something found, something would change."""
    USAGE = 2
    """The command line or a roster is wrong; nothing was touched."""
    FAILED = 3
    """A target could not be made true; everything is as it was."""

    def worse(self, other: Exit) -> Exit:
        """What to end with where both hold: the first of 3, 2, 1."""
        return max(self, other)


class Severity(Enum):
    """How bad it is, what somebody looked at."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OK = "ok"


class Where:
    """A place in a file; `line` counts from 1, or is None where a line says nothing.

    To tell a line may mean to read a whole file once more. So it can be given as a function, which
    is called once somebody asks.
    """

    __slots__ = ("_line", "file")

    def __init__(self, file: str, line: int | Callable[[], int] | None = None) -> None:
        self.file: Final = file
        self._line = line

    @property
    def line(self) -> int | None:
        """See above."""
        if callable(self._line):
            self._line = self._line()
        return self._line

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Where):
            return NotImplemented
        return self.file == other.file and self.line == other.line

    def __hash__(self) -> int:
        return hash((self.file, self.line))

    def __repr__(self) -> str:
        return f"Where({self.file!r}, {self.line!r})"

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, where, and what to do.

    `shown` is the line itself, and below it a caret at the place.
    """

    what: str
    where: Where | None = None
    hint: str | None = None
    shown: str | None = None

    def render(self, label: str = "error") -> str:
        """The problem as text for a person, without a final newline."""
        lines = [f"{label}: {printable(self.what)}"]
        if self.where is not None:
            lines.append(f"  --> {printable(str(self.where))}")
        if self.shown:
            lines += [f"   |  {_one_wide(line)}" for line in self.shown.split("\n")]
        if self.hint:
            lines.append(f"  hint: {printable(self.hint)}")
        return "\n".join(lines)


class RotationError(Exception):
    """Base of every error that a command turns into a message and an exit status."""

    status: Exit = Exit.USAGE

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__("\n".join(problem.render() for problem in self.problems))


class UsageError(RotationError):
    """The command line asks for something that cannot be."""


class Each:
    """Hears what one step of several refuses: see `at_once`."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def __enter__(self) -> None:
        """Begin a step."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """End it; what it refused is heard."""
        if isinstance(error, UsageError):
            self.problems += error.problems
        return isinstance(error, UsageError)


@contextmanager
def at_once() -> Iterator[Each]:
    """`with at_once() as each:`, and inside `with each:` around every step: what they refuse is one
    UsageError, in their order, which is raised at the end."""
    each = Each()
    yield each
    if each.problems:
        raise UsageError(dict.fromkeys(each.problems))


class RosterError(RotationError):
    """A roster or its overrides file is wrong; holds every problem of the file."""


class NoRoster(RosterError):
    """There is no roster at all where one is looked for."""


class ApplyError(RotationError):
    """A target could not be made true; what was there is there still."""

    status = Exit.FAILED


class Unsynced(ApplyError):
    """A change was made and is in its place, and it is not known whether it outlives a crash."""


def printable(text: str) -> str:
    """`text` with control characters and undecodable bytes made visible.

    File names and what other programs print can hold escape sequences; a terminal must not
    obey them and a log line must stay one line.
    """
    if text.isprintable():
        return text
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a character, as JSON can have it
        data = text.encode("utf-8", "backslashreplace")
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode()
        for char in data.decode("utf-8", "backslashreplace")
    )


def _one_wide(text: str) -> str:
    """`text` as `printable` has it, but each character as wide as it was: a caret stands below."""
    return "".join(char if char.isprintable() else "?" for char in text)


def closest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that `word` may be a misspelling of; `likeness`: 1 takes none but itself."""
    from difflib import get_close_matches  # only an error needs it

    by_fold = {k.casefold(): k for k in known}
    near = get_close_matches(word.casefold(), by_fold, n=1, cutoff=likeness)
    return by_fold[near[0]] if near else None


def did_you_mean(word: str) -> str:
    """The hint that names what somebody may have meant."""
    return f"did you mean {word!r}?"


def meant(
    word: str, known: Iterable[str], otherwise: str | None = None, *, always: str = ""
) -> str:
    """The hint about an unknown word: the known one that it may be a misspelling of.

    Where none is like it: `otherwise`, or else what is known. `always` is said in either case.
    """
    near = closest(word, known)
    if near is None:
        return always or (f"known: {', '.join(known)}" if otherwise is None else otherwise)
    return f"{did_you_mean(near)} {always}".rstrip()


def counted(number: int, word: str, many: str | None = None) -> str:
    """A number of things in words: 1 week, 2 weeks, or 2 of what `many` says."""
    return f"{number} {word if number == 1 else many or f'{word}s'}"


def by_place(problem: Problem) -> tuple[str, int]:
    """The order in which problems are reported: by file and line."""
    where = problem.where or Where("")
    # the roster before its overrides: "x.overrides.toml" sorts before "x.toml"
    return (where.file.removesuffix(".toml"), where.line or 0)
