"""A TOML file to values, with the place of each, and syntax errors with theirs."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from rotation.errors import Problem, Where
from rotation.toml.table import Document

if TYPE_CHECKING:
    from rotation.toml.mistakes import Mistake

_SECRET = re.compile(r"(?<=://)[^\s\"']+")
_MOST = 20
"""Mistakes that are looked for in one file."""
_WIDTH = 100


def read_document(data: bytes, file: str) -> tuple[Document, dict[str, object]]:
    """A TOML file as values and places; one that cannot be read has its problems noted.

    What is wrong with one line alone hides nothing that is wrong with another.
    """
    document = Document(file)
    if not data:  # most rosters have no overrides yet
        return document, {}
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        from rotation.toml.foreign import other_bytes

        what, hint = other_bytes(data) or ("not UTF-8 text", "save the file as UTF-8")
        document.problems.append(Problem(what, Where(file, line), hint))
        return document, {}
    try:
        values = tomllib.loads(text)
        # tomllib reads CRLF as LF, and a lone CR is no line ending
        return Document(file, text.replace("\r\n", "\n")), values
    except tomllib.TOMLDecodeError as error:
        from rotation.toml.foreign import other_bytes, other_format

        if (foreign := other_bytes(data) or other_format(text)) is not None:
            document.problems.append(Problem(foreign[0], Where(file, 1), foreign[1]))
        else:
            document.problems += _syntax(text.replace("\r\n", "\n"), str(error), file)
    except ValueError as error:  # a number of more digits than Python reads
        document.problems.append(Problem(f"TOML: {error}", Where(file, 1), "is it a typo?"))
    except RecursionError:
        document.problems.append(Problem("nested too deeply", Where(file, 1)))
    return document, {}


def _syntax(text: str, message: str, file: str) -> list[Problem]:
    from rotation.toml.mistakes import mistake

    problems: list[Problem] = []
    lines = text.split("\n")
    rest = list(lines)
    while len(problems) < _MOST:
        slip = mistake("\n".join(rest), message)
        problems.append(_problem(slip, lines[slip.line - 1], file))
        if not slip.alone:
            break
        rest[slip.line - 1] = ""
        try:
            tomllib.loads("\n".join(rest))
        except tomllib.TOMLDecodeError as error:
            message = str(error)
        except (ValueError, RecursionError):
            break
        else:
            break
    return problems


def _problem(slip: Mistake, line: str, file: str) -> Problem:
    what = f"TOML syntax: {slip.what}"
    return Problem(what, Where(file, slip.line), slip.hint, _shown(line, slip.column))


def _shown(line: str, column: int | None) -> str | None:
    """The line and a caret below the place. Web addresses hold secrets, and cron mails this."""
    hidden = _SECRET.sub(lambda match: "*" * len(match[0]), line.replace("\t", " "))
    if not hidden.strip():
        return None
    at = None if column is None else min(max(column - 1, 0), len(hidden))
    begin = 0 if at is None or at < _WIDTH else at - _WIDTH // 2
    cut = hidden[begin : begin + _WIDTH].rstrip()
    return cut if at is None else f"{cut}\n{' ' * (at - begin)}^"
