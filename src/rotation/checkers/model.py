"""What a checker is made of: the preset (which tool, what counts), the options (when, to whom)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from rotation.dataclasses import dataclass, field

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z", re.ASCII)
"""Names of checkers: every run-parts takes `rotation-NAME` (run-parts(8): letters, digits, - _)."""
PREFIX = "rotation-"
"""What the file names of checkers begin with."""


_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\\\\.", re.DOTALL)
_COMPOUND = re.compile(r"[;&{}()!]|\|\||\b(if|while|until|for|case|must)\b")
# what looks at the status of a command, or gives one of its own
_LOOKS = re.compile(r"\|\||\b(must|fail|exit|return)\b|\bset\s+-[a-z]*e")
_LOOP = re.compile(r"(^|[\s;|(])(for|while|until)\s")
# what cannot well fail, or is nothing
_SAFE = re.compile(r"$|#|:|(echo|printf|export|set|umask)\b|[A-Za-z_][A-Za-z0-9_]*=[^\s$`]*$")


class Signal(StrEnum):
    """What says that something is wrong."""

    OUTPUT = "output"
    """Any line that counts."""
    EXIT = "exit"
    """An exit status that does not mean well; what was printed then explains it."""
    EITHER = "either"
    """One or the other."""
    CHANGE = "change"
    """Lines that were not there last time, or are gone."""


class Often(StrEnum):
    """How often a checker runs: which cron folder, or which timer."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def adverb(self) -> str:
        """The word that cron's folders and systemd.time(7) use."""
        return "daily" if self is Often.DAY else f"{self}ly"


REPEAT = {Often.HOUR: 24, Often.DAY: 7, Often.WEEK: 4, Often.MONTH: 3}
"""Every how many runs what stays wrong is said again, unless told otherwise."""


RUNS_A_WEEK = {Often.HOUR: 168, Often.DAY: 7, Often.WEEK: 1, Often.MONTH: 1}
"""How many runs a finding waits at most that can wait (`low`)."""


class Sort(StrEnum):
    """What a variable of a preset may hold."""

    TEXT = "text"
    """One line; `match` says which."""
    NUMBER = "number"
    """A whole number, `least` to `most`."""
    REGEX = "regex"
    """An extended regular expression, as of grep -E; never empty, for that matches all."""
    PATHS = "paths"
    """Absolute paths or patterns of the shell, with blanks between them."""
    COMMAND = "command"
    """What sh runs."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What a variable of a preset's command may hold."""

    sort: Sort = Sort.TEXT
    least: int = 0
    most: int = 999_999_999
    match: str | None = None
    """A regular expression (re) that the whole value matches; for text."""
    empty: bool = False
    """Whether no value is a value."""
    required: bool = False
    """Whether there is no default that does: whoever installs it names one."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One tool and how to listen to it. The presets' own page, docs/checkers.md, has the keys."""

    name: str
    title: str
    run: str
    signal: Signal
    filter: str | None = None
    ignore: str | None = None
    normalise: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    """Scripts for sed -E that leave of a line what it is about, for what one run words otherwise
    than the next."""
    good: tuple[int, ...] = (0,)
    failed: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()
    package: str | None = None
    every: Often = Often.WEEK
    timeout: int = 7200
    """Seconds."""
    noun: str = "finding"
    by_hand: str | None = None
    also_runs: tuple[str, ...] = ()
    digest: bool = False
    once: str | None = None
    """Lines that match it the tool tells once: its silence afterwards is no repair."""
    alarm: str | None = None
    """With signal change: lines that match it are wrong, whether or not they are new."""
    low: str | None = None
    """Findings that match it wait for the next mail, a week at most."""
    watch: bool = False
    """Whether what was looked at last time and is not there now is told, though it was well."""
    note: str | None = None
    speaks: tuple[str, ...] = ()
    """For people: what makes it speak,"""
    fails: tuple[str, ...] = ()
    """what makes it say that it failed,"""
    blind: tuple[str, ...] = ()
    """and what it cannot see."""
    vars: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The variables of the command with their defaults."""
    rules: Mapping[str, Variable] = field(default_factory=lambda: MappingProxyType({}))
    """What they may hold; a variable without a rule holds any line."""

    @property
    def pipes(self) -> bool:
        """Whether there is a pipe in the command, which hides the status of what is before it."""
        return re.search(r"(?<!\|)\|(?!\|)", _QUOTED.sub("", self.run)) is not None

    @property
    def background(self) -> bool:
        """Whether a part of the command runs in the background, which hides its status."""
        return re.search(r"(?<![&>|<])&(?![&>])", _QUOTED.sub("", self.run)) is not None

    @property
    def hides(self) -> bool:
        """Whether it is several commands, or a loop, of which only the last status counts, and
        nothing in it looks at the others."""
        bare = _QUOTED.sub("''", self.run)
        if "<<" in bare or _LOOKS.search(bare):
            return False
        bare = re.sub(r"[;\s]+(then|do|else|elif|fi|done|esac|[})])", r" \1", bare)
        commands = [part.strip() for part in re.split(r"(?<!;);(?!;)|\n", bare)]
        return bool(_LOOP.search(bare)) or len([c for c in commands if not _SAFE.match(c)]) > 1

    @property
    def simple_pipe(self) -> bool:
        """Whether the command is one plain pipe, in which every status can count (pipefail)."""
        bare = _QUOTED.sub("", self.run)
        return self.pipes and "\n" not in self.run and not _COMPOUND.search(bare)

    @property
    def hand(self) -> str:
        """The command for somebody who wants to see it for themselves."""
        return self.by_hand or self.run


@dataclass(frozen=True, slots=True)
class Options:
    """What whoever installs a checker decides."""

    state: str
    """The folder of all checkers' states."""
    to: str = "root"
    every: int = 4
    """Say again what stays wrong on every Nth run; 0: never."""
    heartbeat: int = 0
    """A sign of life on every Nth run in a row that found nothing; 0: never."""
    heartbeat_to: str = ""
    """A dead-man's switch that is told of each run that worked: a URL or an address."""
    often: Often = Often.WEEK
    """How often it is run, for whoever asks whether it is late."""
    preset: str = ""
    """The preset that it was made from; empty for a command of one's own."""
    times: int = 1
    within: int = 1
    """A finding counts once it was there `times` times within the last `within` runs."""
    escalate: int = 0
    """What is not settled after so many runs goes to `escalate_to` as well; 0: never."""
    escalate_to: str = ""
    chosen: tuple[str, ...] = ()
    """Which of these and of `vars` were chosen and are not defaults: a later install keeps them."""
    vars: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sendmail: str = ""
    """By absolute path; empty: the script finds it."""
