"""A TOML file to values, with the place of each, and syntax errors with theirs."""

from __future__ import annotations

import re
import tomllib

from rotation.errors import Problem, Where
from rotation.toml.places import locate
from rotation.toml.table import Document

_SYNTAX = re.compile(r"\s*\(at line (\d+), column (\d+)\)|\s*\(at end of document\)")


def read_document(data: bytes, file: str) -> tuple[Document, dict[str, object]]:
    """A TOML file as values and places; one that cannot be read has its problem noted."""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
        values = tomllib.loads(text)
        # tomllib reads CRLF as LF, and a lone CR is no line ending
        return Document(file, locate(text.replace("\r\n", "\n"))), values
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = Problem("not UTF-8 text", Where(file, line), "save the file as UTF-8")
    except tomllib.TOMLDecodeError as error:
        problem = _syntax(str(error), file, data.count(b"\n") + 1)
    except ValueError as error:  # a number of more digits than Python reads
        problem = Problem(f"TOML: {error}", Where(file, 1), "is it a typo?")
    except RecursionError:
        problem = Problem("nested too deeply", Where(file, 1))
    document = Document(file, {})
    document.problems.append(problem)
    return document, {}


def _syntax(message: str, file: str, last: int) -> Problem:
    match = _SYNTAX.search(message)
    line, column = (int(match[1]), match[2]) if match and match[1] else (last, None)
    what = _SYNTAX.sub("", message)
    where = f", column {column}" if column else ""
    return Problem(
        f"TOML syntax: {what[:1].lower()}{what[1:]}{where}",
        Where(file, line),
        'text goes in "quotes", dates do not; tables begin with [name] or [[name]]',
    )
