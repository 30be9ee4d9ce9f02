"""What a checker is made of: the preset (which tool, what counts), the options (when, to whom)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z", re.ASCII)
"""Names of checkers: every run-parts takes `rotation-NAME` (run-parts(8): letters, digits, - _)."""
PREFIX = "rotation-"
"""What the file names of checkers begin with."""


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
    once: bool = False
    """The tool tells each thing once: its silence afterwards is no repair."""
    note: str | None = None
    vars: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

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
    vars: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sendmail: str = ""
    """By absolute path; empty: the script finds it."""
