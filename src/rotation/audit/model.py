"""The values of an audit: what is known of a tool, what it is set to, and what is wrong with that.

The table of tools says how each tool is read; `Sender` is what was read; `Finding` is a judgement.
"""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

from rotation.dataclasses import dataclass, field
from rotation.errors import Problem, Severity, Where

NOBODY = "no address is set: nobody is mailed"
STOCK = ("root", "root@localhost")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in a file: `line` counts from 1, `section` is what encloses it."""

    key: str
    value: str
    line: int
    section: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands: in which files, in the order in which the tool reads them.

    `files` are paths with `*` and `?`; of what they match, only base names that `only` matches
    count. `keys` and `section` are patterns of that kind too, without regard to case. `pattern`
    takes out of the value what is wanted: its first group, as often as it matches. `include`
    finds, in a line, the path of another file or folder that is read at that place.
    """

    files: tuple[str, ...]
    syntax: str
    keys: tuple[str, ...] = ("*",)
    section: str = "*"
    pattern: re.Pattern[str] | None = None
    only: re.Pattern[str] | None = None
    include: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """One of the conditions without which nothing is sent.

    One of `paths` must be there (`absent`: none of them may be), or the value that `sources` give
    must match `value` as a whole, without regard to case; `any_value`: one of all the values is
    enough. With both, either will do. `default` counts where nothing is set. `say` is what is
    wrong when it does not hold; `journal` says that the output then ends in the journal, `idle`
    that the tool does not even run.
    """

    say: str
    paths: tuple[str, ...] = ()
    absent: bool = False
    sources: tuple[Source, ...] = ()
    value: re.Pattern[str] | None = None
    default: str = ""
    any_value: bool = False
    journal: bool = False
    idle: bool = False
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One kind of mail that a tool sends.

    `default` is the address where nothing is set. `pick` says which settings count: the "last",
    the "first" or "all". `smtp`: the tool speaks SMTP itself, so a bare name is not an address.
    `empty` says what happens without an address, `journal` that the output is in the journal then;
    `stock` are the addresses that the package came with. `silent`: most hosts do without this
    mail, so that it is not sent is no fault. `outward`: it is for others than the person on duty,
    such as the authors of a commit.
    """

    sources: tuple[Source, ...]
    what: str = ""
    default: str = ""
    pick: str = "last"
    smtp: bool = False
    silent: bool = False
    outward: bool = False
    journal: bool = False
    empty: str = NOBODY
    stock: tuple[str, ...] = STOCK
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Remedy:
    """The tool's own local file, and the line that sets the address there ({address}).

    `mode` is what the file has where it is new.
    """

    file: Path
    line: str
    section: str = ""
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool of the table.

    It is installed where one of `programs` is there (for a tool without any: one of `paths`), and
    configured where one of `paths` is. `local` are the files that people edit, `check` is the
    tool's own checker and `ahead` a line that stands before what it checks, `after` what makes a
    change count, `strangers` are its placeholders.
    """

    name: str
    where: Where
    programs: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    mails: tuple[Mail, ...] = ()
    remedy: Remedy | None = None
    local: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    ahead: str = ""
    after: str = ""
    test: str = ""
    strangers: tuple[str, ...] = ()
    silent: bool = False
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address and where it stands; nowhere, where it is built in. `text` as it was written."""

    address: str
    where: Where | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """One tool's one kind of mail, as this host is set up.

    `off` holds what keeps it from being sent, `where` the place that says the address or could, and
    `missing` the places of settings that name nobody. `personal`: somebody's own crontab.
    """

    tool: str
    what: str
    recipients: tuple[Recipient, ...] = ()
    off: tuple[Need, ...] = ()
    installed: bool = True
    where: Where | None = None
    table: Tool | None = None
    mail: Mail | None = None
    missing: tuple[Where, ...] = ()
    personal: bool = False

    @property
    def outward(self) -> bool:
        """Whether it is right that somebody else than the person on duty gets it."""
        return self.personal or (self.mail is not None and self.mail.outward)

    @property
    def armed(self) -> bool:
        """Whether it would send."""
        return self.installed and not self.off


@dataclass(frozen=True, slots=True)
class Right:
    """The address to recommend, None where none ends at the person on duty.

    `smtp` is the one for tools that speak SMTP themselves: it has a host.
    """

    plain: str | None = None
    smtp: str | None = None

    def address(self, mail: Mail | None) -> str | None:
        """The one for a kind of mail."""
        return self.smtp if mail is not None and mail.smtp else self.plain


class Fault(Enum):
    """What kind of finding it is; the value is its name for programs."""

    ADDRESS = "no-address"
    STRANGER = "stranger"
    OFF = "off"
    JOURNAL = "journal-only"
    ELSEWHERE = "elsewhere"
    UNSURE = "unsure"
    FORM = "bad-address"
    MAILTO = "mailto"
    IGNORED = "ignored-file"
    NEVER_RUNS = "never-runs"
    UNREADABLE = "unreadable"
    SERVER = "mail-server"
    SPOOL = "spool"
    FORWARD = "forward"
    ALIAS = "alias"
    REQUIRED = "required-alias"


@dataclass(frozen=True, slots=True)
class ToolFinding:
    """Something wrong or odd: with which tool, and how to test that it is mended."""

    severity: Severity
    fault: Fault
    tool: str
    problem: Problem
    test: str = ""
    sender: Sender | None = field(default=None, compare=False)
    address: str | None = None
