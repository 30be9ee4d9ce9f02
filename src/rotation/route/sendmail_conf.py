"""What Sendmail's configuration says: options, aliases and their index, names of the host, and
which files it believes.

Sources: the Sendmail Installation and Operation Guide (options, DontBlameSendmail, `-bt`),
cf/README.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path

from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError, Problem, Where
from rotation.mail.aliases import Dialect
from rotation.mail.sendmail import CONFIG, PROGRAMS, SUBMIT, SWITCH
from rotation.mail.server import Argv, need
from rotation.route.sendmail_inventory import inventory, switched
from rotation.route.sendmail_rules import RuleSets, config_lines
from rotation.route.tree import MailHost, Node, asked, lines, shared
from rotation.route.words import comma_items
from rotation.system import Account

_OPTION = re.compile(r"^O\s*(\w+)\s*=\s*(.*)$", re.MULTILINE)
_FILE = re.compile(r"(?:(?P<kind>[a-z]+):)?\s*(?:-\S+\s+)*(?P<path>/\S+)")
_PROGRAM = re.compile(r"\bP=([^,\s]+)")
_ARGS = re.compile(r"\bA=(\S+)")


@dataclass(slots=True)
class AliasFile:
    """One aliases file: its text and what its index answers (None: it has none)."""

    path: Path
    index: dict[str, str] | None = field(default_factory=dict)


class SendmailCf:
    """One configuration (`config` is a .cf file, None for the default one)."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        self.place = place
        self._program = need(place.system, *PROGRAMS)
        self._option: tuple[str, ...] = () if config is None else (f"-C{config}",)
        data = place.text(config or CONFIG)
        if data is None:
            raise ApplyError(Problem("Sendmail has no configuration", Where(str(config or CONFIG))))
        text = data.decode("utf-8", "surrogateescape")
        self._options = {match[1].lower(): match[2].strip() for match in _OPTION.finditer(text)}
        self.blame = {word.strip().lower() for word in self.opt("DontBlameSendmail").split(",")}
        self.rules = RuleSets(place, [self._program, *self._option, "-bt"])
        self.mailers = dict(self._mailers(config or CONFIG))
        switch = Path(self.opt("ServiceSwitchFile") or SWITCH)
        self.domains = self._class_w()
        self.doubts = [
            *inventory(place, config or CONFIG, config is None, self.domains),
            *switched(place, switch),
        ]
        self.aliases = list(self._alias_files())
        handed = config is None and place.text(SUBMIT) is not None
        self.client = RuleSets(place, [self._program, f"-C{SUBMIT}", "-bt"]) if handed else None
        """The rules of what hands in mail of this host; None where the server itself takes it."""
        self.default_user = place.account(self.opt("DefaultUser").partition(":")[0])

    def opt(self, name: str) -> str:
        """An option's value; empty where it is not set."""
        return self._options.get(name.lower(), "")

    def local_names(self, user: str) -> tuple[str, ...]:
        """The addresses that stand for the mailbox of a local user."""
        return (
            user.lower(),
            *(f"{user}@{domain}".lower() for domain in sorted(self.domains)),
        )

    def _mailers(self, path: Path) -> Iterator[tuple[str, str]]:
        """The mailers with what each delivers by: "tcp" for other hosts, else its program."""
        for line in config_lines(self.place, path):
            if line.startswith("M"):
                name = re.split(r"[,\s]", line[1:], maxsplit=1)[0]
                program, argument = _PROGRAM.search(line), _ARGS.search(line)
                by = program[1] if program else ""
                ipc = (
                    by in ("[IPC]", "[TCP]")
                    and argument is not None
                    and argument[1] in ("TCP", "IPC")
                )
                yield name, "tcp" if ipc else by

    def _alias_files(self) -> list[AliasFile]:
        files = []
        for part in self.opt("AliasFile").split(","):
            match = _FILE.match(part.strip())
            if match:
                path = Path(match["path"])
                makemap = need(self.place.system, "makemap")
                done = self.place.system.ask([makemap, "-u", match["kind"] or "hash", path])
                index = None
                if done.status == 0:
                    rows = (line.partition("\t") for line in done.out.splitlines())
                    index = {key.lower(): value for key, _, value in rows if key != "@"}
                files.append(AliasFile(path, index))
        return files

    def _class_w(self) -> frozenset[str]:
        argv: Argv = [self._program, *self._option, "-bt"]
        said = asked(self.place.system, argv, "sendmail -bt", b"$=w\n")
        rows = (line.removeprefix("> ").strip() for line in said.splitlines())
        return frozenset(row.lower() for row in rows if row and " " not in row)

    def entry(self, file: AliasFile, key: str) -> str | None:
        """What one aliases file has for a key."""
        if file.index is not None:
            return file.index.get(key.lower())
        entry = self.place.reading(file.path, Dialect.SENDMAIL).winner(key)
        return entry.value.decode("utf-8", "surrogateescape") if entry else None

    def items(self, node: Node, file: AliasFile, key: str, value: str) -> list[tuple[str, Where]]:
        """The members of an alias with their lines; what is odd about its index is noted."""
        entry = self.place.reading(file.path, Dialect.SENDMAIL).winner(key)
        members = comma_items(value)
        if file.index is None:
            node.note(f"{file.path} has no index that Sendmail can read", None, "newaliases")
        elif entry is None:
            where = Where(str(file.path))
            node.note("the index has this alias, the text has not", where, "newaliases")
        elif comma_items(entry.value.decode("utf-8", "surrogateescape")) != members:
            where = Where(str(file.path), entry.line)
            node.note("the index is older than the text: it says something else", where,
                          "newaliases")  # fmt: skip
        if entry is None:
            return [(member, Where(str(file.path))) for member in members]
        return [(member, self.place.line(file.path, entry, member)) for member in members]

    def shell_fault(self, account: Account) -> str:
        """Why no command and no file may be delivered to for an account (shells(5))."""
        shells = {line.strip() for _, line in lines(self.place.text(Path("/etc/shells")) or b"")}
        if account.shell in shells or "/SENDMAIL/ANY/SHELL/" in shells or len(shells) < 2:
            return ""
        return f"{account.shell}, the shell of {account.name}, is not in /etc/shells"

    def fault(self, path: Path, account: Account | None, kind: str) -> str:
        """Why Sendmail does not believe a file; empty when it does (DontBlameSendmail)."""
        status = self.place.status(path)
        if status is None:
            return "no such file"
        if not stat.S_ISREG(status.st_mode):
            return "it is not a regular file"
        if kind == "forward" and account is not None and status.st_uid not in (0, account.uid):
            return f"it belongs to {self.place.user(status.st_uid)}"
        if status.st_mode & stat.S_IWOTH and f"worldwritable{kind}file" not in self.blame:
            return "everybody can write it"
        if status.st_mode & stat.S_IWGRP and f"groupwritable{kind}file" not in self.blame:
            return "its group can write it"
        if kind == "include" and account is not None and account.uid == 0:
            if not status.st_mode & stat.S_IROTH:
                return "not everybody may read it, and root counts as anybody"
        elif account is not None and not (
            self.place.may(account, status, 0o4) and self.place.reaches(account, path)
        ):
            return f"{account.name} may not read it"
        why = self._folder_fault(path, kind)
        itself = self.place.status(path, follow=False)
        linked = itself is not None and (stat.S_ISLNK(itself.st_mode) or itself.st_nlink > 1)
        if not why and linked and f"linked{kind}fileinwritabledir" not in self.blame:
            folder = self.place.status(path.parent)
            if folder is not None and shared(folder):
                return f"it is a link, and {shared(folder)} can write {path.parent}"
        return why

    def _folder_fault(self, path: Path, kind: str) -> str:
        for folder in path.parents:
            status = self.place.status(folder)
            if status is None:
                continue
            sticky = status.st_mode & stat.S_ISVTX and "truststickybit" in self.blame
            if status.st_mode & stat.S_IWOTH and not sticky:
                return f"everybody can write {folder}"
            group = f"{kind}fileingroupwritabledirpath" in self.blame
            if status.st_mode & stat.S_IWGRP and not group and not sticky:
                return f"the group of {folder} can write it"
        return ""
