"""A preset's TOML file to a `Preset`; every problem of the file at once, with its line.

The texts of a preset become part of a script that root runs. They may say anything that a shell
understands, for that is what they are for; what is refused is what would not arrive there as it
was written: control characters, and the lines that the script uses as marks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import TypeVar

from rotation.checkers.model import NAME, Often, Preset, Signal
from rotation.checkers.texts import line_fault, text_fault
from rotation.checkers.variables import read_rules
from rotation.clock.words import parse_duration
from rotation.errors import Problem, RosterError, UsageError, Where, by_place, meant
from rotation.toml.document import read_document
from rotation.toml.table import Document, Table, describe

_LONGEST = timedelta(days=7)
"""The time that a tool may be given."""
_NOUN = re.compile(r"[A-Za-z][A-Za-z0-9 -]{0,30}\Z", re.ASCII)
_ONE_PROGRAM = "/?[A-Za-z0-9_][A-Za-z0-9_+./-]*"
_PROGRAM = re.compile(rf"{_ONE_PROGRAM}(?:[|]{_ONE_PROGRAM})*\Z", re.ASCII)
_JOB = re.compile(r"/[A-Za-z0-9_+./-]+\Z|[A-Za-z0-9_@.-]+\.timer\Z", re.ASCII)
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+\Z", re.ASCII)
_Word = TypeVar("_Word", bound=StrEnum)


def name_fault(name: str) -> str | None:
    """What is wrong with the name of a checker; None for one that every run-parts takes."""
    if NAME.match(name):
        return None
    return "is not a name for a checker: use a-z, 0-9 and, in the middle, -; at most 40 characters"


def parse_timeout(text: str) -> int | None:
    """Seconds from "90s", "30m", "2h" or "1d", None for anything else; a week at most."""
    length = parse_duration(text)
    return int(length.total_seconds()) if length is not None and length <= _LONGEST else None


def parse(data: bytes, file: str) -> Preset:
    """The preset in the TOML text `data`; its name is the stem of `file`. Raises RosterError."""
    document, values = read_document(data, file)
    name = PurePath(file).name.removesuffix(".toml")
    if fault := name_fault(name):
        document.problems.append(Problem(f"{name!r} {fault}", Where(file)))
    table = _Fields(document, (), values, "the preset")
    preset = None
    if not document.problems or values:
        preset = table.preset(name)
        table.finish()
    if document.problems or preset is None:
        raise RosterError(sorted(document.problems, key=by_place))
    return preset


def from_words(name: str, values: Mapping[str, object]) -> Preset:
    """A preset from what somebody typed, by the keys of a preset's file. Raises UsageError."""
    document = Document("")
    if fault := name_fault(name):
        document.problems.append(Problem(f"{name!r} {fault}"))
    preset = _Fields(document, (), dict(values), "the checker").preset(name)
    if document.problems:
        raise UsageError(Problem(p.what, hint=p.hint) for p in document.problems)
    return preset


class _Fields(Table):
    """The keys of a preset."""

    def preset(self, name: str) -> Preset:
        """The preset; a field that is wrong is noted as a problem, and has its default here."""
        return Preset(
            name=name,
            title=self.text("title", required="one line: what it looks for") or "",
            run=self._script("run", required="the command, in ''' '''") or "",
            signal=self._word("signal", Signal, required=True) or Signal.OUTPUT,
            filter=self._expression("filter"),
            ignore=self._expression("ignore"),
            normalise=self._scripts("normalise"),
            about=self._scripts("about"),
            good=self._statuses("good", (0,)),
            failed=self._statuses("failed", ()),
            needs=self._words(
                "needs",
                _PROGRAM,
                "a program's name or absolute path (or several, with | between them)",
            ),
            package=self._pattern("package", _PACKAGE, "the name of a Debian package"),
            every=self._word("every", Often) or Often.WEEK,
            timeout=self._timeout(),
            noun=self._pattern("noun", _NOUN, "a word or two for one finding") or "finding",
            by_hand=self._script("by_hand"),
            also_runs=self._words("also_runs", _JOB, "an absolute path, or NAME.timer"),
            digest=self.flag("digest"),
            once=self._once(),
            alarm=self._expression("alarm"),
            low=self._expression("low"),
            watch=self.flag("watch"),
            note=self.text("note"),
            speaks=self._scripts("speaks"),
            fails=self._scripts("fails"),
            blind=self._scripts("blind"),
            vars=(variables := read_rules(self))[0],
            rules=variables[1],
        )

    def _once(self) -> str | None:
        value = self.take("once")
        if value is None or isinstance(value, bool):
            return "." if value else None
        if not isinstance(value, str) or line_fault(value):
            self.report("once", "'once' must be true, or a regular expression on one line")
            return None
        return value

    def _script(self, key: str, *, required: str | None = None) -> str | None:
        value = self.take(key)
        if value is None:
            if required:
                self.document.report(self.path, f"{self.label} has no {key!r}", required)
        elif not isinstance(value, str):
            self.report(key, f"{key!r} must be text in quotes, not {describe(value)}")
        elif fault := text_fault(value):
            self.report(key, f"{key!r} {fault}")
        else:
            return value.strip("\n")
        return None

    def _expression(self, key: str) -> str | None:
        value = self._script(key)
        if value is not None and (fault := line_fault(value)):
            self.report(key, f"{key!r} {fault}")
            return None
        return value

    def _scripts(self, key: str) -> tuple[str, ...]:
        scripts = []
        for path, value in self.strings(key):
            if fault := text_fault(value):
                self.document.report(path, f"{key!r} {fault}")
            scripts.append(value.strip("\n"))
        return tuple(scripts)

    def _words(self, key: str, pattern: re.Pattern[str], what: str) -> tuple[str, ...]:
        words = []
        for path, value in self.strings(key):
            if not pattern.match(value) or "/../" in value:
                self.document.report(path, f"{value!r} in {key!r} is not {what}")
            words.append(value)
        return tuple(words)

    def _pattern(self, key: str, pattern: re.Pattern[str], what: str) -> str | None:
        value = self.text(key)
        if value is not None and not pattern.match(value):
            self.report(key, f"{key!r} must be {what}")
        return value

    def _word(self, key: str, kind: type[_Word], *, required: bool = False) -> _Word | None:
        known = [str(word) for word in kind]
        value = self.text(key, required=f"one of {', '.join(known)}" if required else None)
        if value is None:
            return None
        if value not in known:
            hint = meant(value, known, "") or None
            self.report(key, f"{key!r} must be one of {', '.join(known)}", hint)
            return None
        return kind(value)

    def _statuses(self, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
        value = self.take(key)
        if value is None:
            return default
        whole = isinstance(value, list) and all(
            isinstance(status, int) and not isinstance(status, bool) and 0 <= status <= 255
            for status in value
        )
        if not whole or not isinstance(value, list):
            self.report(key, f"{key!r} must be a list of exit statuses, 0 to 255")
            return default
        return tuple(sorted(set(value)))

    def _timeout(self) -> int:
        value = self.text("timeout")
        if value is None:
            return 7200
        seconds = parse_timeout(value)
        if seconds is None:
            self.report("timeout", '\'timeout\' must be like "30m" or "2h", a week at most')
        return seconds or 7200
