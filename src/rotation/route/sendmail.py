"""Sendmail: one list of recipients, expanded in place, duplicates dropped, circles broken at the
first real user in them.

Sources: the Sendmail Installation and Operation Guide (aliasing, ForwardPath, DontBlameSendmail,
`-bt`), aliases(5), cf/README ("+ detail", virtusertable, LUSER_RELAY, MAIL_HUB).
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.aliases import Dialect
from rotation.mail.server import Argv, need
from rotation.route.model import Stop
from rotation.route.tree import Node, Place, asked, lines, shared
from rotation.route.words import comma_items, plain
from rotation.system import Account

_CONFIG = Path("/etc/mail/sendmail.cf")
_OPTION = re.compile(r"^O\s*(\w+)\s*=\s*(.*)$", re.MULTILINE)
_FILE = re.compile(r"(?:(?P<kind>[a-z]+):)?\s*(?:-\S+\s+)*(?P<path>/\S+)")
_MAP = re.compile(r"^K(virtuser|mailertable)\s", re.MULTILINE)
_HOST = re.compile(r"^D([HLRS])(.+)$", re.MULTILINE)
_ANSWER = re.compile(r"map_lookup: \w+ \((.*?)\) returns (.*) \(\d+\)\s*$")
_DEEPEST = 10
"""Sendmail's MaxAliasRecursion."""


@dataclass(eq=False, slots=True)
class _Address:
    """A recipient in the list. `dead` says why no mail goes to it itself; empty: mail goes."""

    node: Node
    user: str
    detail: str | None
    mailer: str
    parent: _Address | None
    dead: str = ""
    circle: bool = False
    """Whether its own mailbox gets the mail too, because a circle is broken here."""
    settled: bool = True
    """Whether a later one that is the same is a duplicate; not what was asked for, until it is
    expanded."""
    rights: Account | None = None
    """Whose rights a list, command or file behind it is read, run or written with."""
    unsafe: str = ""
    """Why no command and no file may stand behind it."""

    def same(self, other: _Address) -> bool:
        """Whether both are one recipient."""
        return (self.mailer, self.user, self.detail) == (other.mailer, other.user, other.detail)


@dataclass(slots=True)
class _Aliases:
    """One aliases file: its text and what its index answers (None: it has none)."""

    path: Path
    index: dict[str, str] | None = field(default_factory=dict)


class Sendmail:
    """Follows addresses as Sendmail does (`config` is its .cf file)."""

    def __init__(self, place: Place, config: Path | None) -> None:
        self.place = place
        self._program = need(place.system, "sendmail-mta", "sendmail")
        self._option: tuple[str, ...] = () if config is None else (f"-C{config}",)
        data = place.text(config or _CONFIG)
        if data is None:
            raise ApplyError(
                Problem("no configuration of Sendmail's", Where(str(config or _CONFIG)))
            )
        text = data.decode("utf-8", "surrogateescape")
        self._options = {match[1].lower(): match[2].strip() for match in _OPTION.finditer(text)}
        self._blame = {word.strip().lower() for word in self._opt("DontBlameSendmail").split(",")}
        self._maps = {match[1] for match in _MAP.finditer(text)}
        self._hosts = {match[1]: match[2].strip() for match in _HOST.finditer(text)}
        self._aliases = list(self._alias_files())
        self._domains = self._class_w()
        self._default = place.account(self._opt("DefaultUser").partition(":")[0])
        self._sendq: list[_Address] = []

    def _opt(self, name: str) -> str:
        return self._options.get(name.lower(), "")

    def _alias_files(self) -> list[_Aliases]:
        found = []
        for part in self._opt("AliasFile").split(","):
            match = _FILE.match(part.strip())
            if match:
                path = Path(match["path"])
                makemap = need(self.place.system, "makemap")
                done = self.place.system.ask([makemap, "-u", match["kind"] or "hash", path])
                index = None
                if done.status == 0:
                    rows = (line.partition("\t") for line in done.out.splitlines())
                    index = {key.lower(): value for key, _, value in rows if key != "@"}
                found.append(_Aliases(path, index))
        return found

    def _class_w(self) -> frozenset[str]:
        argv: Argv = [self._program, *self._option, "-bt"]
        said = asked(self.place.system, argv, "sendmail -bt", b"$=w\n")
        rows = (line.removeprefix("> ").strip() for line in said.splitlines())
        return frozenset(row.lower() for row in rows if row and " " not in row)

    def _lookup(self, name: str, key: str) -> str | None:
        """What a map of the configuration has for a key."""
        if name not in self._maps or not re.fullmatch(r"[\w.+@-]+", key, re.ASCII):
            return None
        argv: Argv = [self._program, *self._option, "-bt"]
        said = asked(self.place.system, argv, "sendmail -bt", f"/map {name} {key}\n".encode())
        answers = [match[2] for line in said.splitlines() if (match := _ANSWER.search(line))]
        return answers[-1].strip() if answers else None

    def local_names(self, user: str) -> tuple[str, ...]:
        """The addresses that stand for the mailbox of a local user."""
        return (user.lower(), *(f"{user}@{domain}".lower() for domain in sorted(self._domains)))

    def follow(self, node: Node) -> None:
        """Follow what a node's text says to its ends."""
        self._sendq = []
        top = self._parse(node, node.text, None)
        self._recipient(top, 0)
        for one in self._sendq:
            if not one.dead:
                self._finish(one)
        if not any(at.end for at in node.walk()):
            node.stop(Stop.LOOP, node.text, "aliasing or forwarding goes in a circle")

    # --- addresses

    def _parse(self, node: Node, text: str, parent: _Address | None) -> _Address:
        text = plain(text)
        if text.startswith("|"):
            return _Address(node, text, None, "prog", parent)
        if text.startswith("/"):
            return _Address(node, text, None, "file", parent)
        if text.lower().startswith(":include:"):
            return _Address(node, text[9:].strip(), None, "include", parent)
        local, at, domain = text.rpartition("@")
        if at and domain.lower() not in self._domains:
            return _Address(node, text, None, "remote", parent)
        local = local if at else text
        return _Address(node, local.lower(), None, "local", parent)

    def _circle(self, address: _Address) -> _Address | None:
        """The recipient that a circle is broken at: the nearest real user on the way up."""
        first = address.parent
        while first is not None and not address.same(first):
            first = first.parent
        if first is None:
            return None
        at: _Address | None = address
        while at is not None:
            if at.mailer == "local" and self.place.account(at.user) is not None:
                return first if first.same(at) else at
            at = at.parent
        return None

    def _list(self, items: list[tuple[str, Where]], how: str, parent: _Address, level: int) -> int:
        """The members of an alias or a list; how many there are."""
        todo = []
        for text, where in items:
            one = self._parse(parent.node.add(text, how, where), text, parent)
            if one.same(parent):
                parent.circle = True
            breaks = self._circle(one)
            if breaks is not None:
                breaks.circle = True
                if breaks is not one:
                    one.node.note(f"leads back to {breaks.user}, whose mailbox gets it")
                    continue
            todo.append(one)
        for one in reversed(todo):
            self._recipient(one, level)
        return len(items)

    def _recipient(self, one: _Address, level: int) -> None:
        most = int(self._opt("MaxAliasRecursion") or _DEEPEST)
        if level > most:
            one.node.stop(Stop.LOOP, one.user, f"more than {most} aliases deep")
            one.dead = "too deep"
            if one.parent is not None:
                one.parent.dead = "too deep"
            return
        for other in self._sendq:
            if one.same(other) and other.settled:
                other.circle = other.circle or one.circle
                if any(other is at for at in _above(one)):
                    one.node.stop(Stop.LOOP, one.user, f"leads back to {other.node.text}")
                else:
                    one.node.again()
                one.dead = "duplicate"
                return
        one.settled = level > 0
        self._sendq.append(one)
        if one.mailer == "include":
            one.dead = "a list"
            if one.parent is None:
                one.node.stop(Stop.REFUSED, one.user, "no mail to lists but from an alias")
            else:
                self._read(one, Path(one.user), "include", level)
        elif one.mailer in ("prog", "file"):
            self._handed(one)
        elif one.mailer == "local" and not one.user.startswith("\\"):
            self._expand(one, level)
        one.settled = True

    def _handed(self, one: _Address) -> None:
        """Refuse a command or a file where it may not stand."""
        what = "commands" if one.mailer == "prog" else "files"
        why = "but from an alias" if one.parent is None else one.parent.unsafe
        if why:
            one.dead = "unsafe"
            one.node.stop(Stop.REFUSED, one.user, f"no mail to {what}: {why}")

    # --- local users

    def _expand(self, one: _Address, level: int) -> None:
        if self._virtual(one, level):
            return
        items = self._alias(one)
        if items is not None:
            one.circle = False
            self._list(items, "alias", one, level + 1)
            if one.dead or not one.circle:
                one.dead = one.dead or "an alias"
                return
        if "H" in self._hosts:
            one.mailer = "hub"
            return
        further = _without_detail(one.user, one.detail)
        if further is not None:
            one.dead = "replaced"
            self._recipient(_Address(one.node, *further, "local", one), level + 1)
            return
        account = self.place.account(one.user)
        if account is None:
            if "L" in self._hosts:
                one.mailer = "relay"
                return
            one.dead = "unknown"
            node = one.node.add(one.user, "mailbox", None) if one.node.children else one.node
            node.stop(Stop.REFUSED, one.user, f"unknown user {one.user!r}")
            return
        one.rights, one.unsafe = account, self._shell_fault(account)
        self._forward(one, account, level)

    def _shell_fault(self, account: Account) -> str:
        shells = {line.strip() for _, line in lines(self.place.text(Path("/etc/shells")) or b"")}
        if account.shell in shells or "/SENDMAIL/ANY/SHELL/" in shells or len(shells) < 2:
            return ""
        return f"{account.shell}, the shell of {account.name}, is not in /etc/shells"

    def _virtual(self, one: _Address, level: int) -> bool:
        text = plain(one.node.text)
        local, at, domain = text.rpartition("@")
        if not at or not self._maps:
            return False
        for key in (text, f"{local.partition('+')[0]}@{domain}", f"@{domain}"):
            value = self._lookup("virtuser", key.lower())
            if value is None:
                continue
            if value.startswith("error:"):
                one.node.stop(Stop.REFUSED, text, f"the virtual user table says {value}")
                one.dead = "an error"
                return True
            value = value.replace("%1", local)
            if value.lower() != text.lower():
                one.dead = "an alias"
                where = Where(self._opt("VirtuserTable") or "the virtual user table")
                self._list([(value, where)], "virtual alias", one, level + 1)
                return True
        return False

    def _alias(self, one: _Address) -> list[tuple[str, Where]] | None:
        for file in self._aliases:
            value = self._entry(file, one.user)
            if value is not None:
                return self._items(one, file, one.user, value)
        return None

    def _entry(self, file: _Aliases, key: str) -> str | None:
        if file.index is not None:
            return file.index.get(key.lower())
        entry = self.place.reading(file.path, Dialect.SENDMAIL).winner(key)
        return entry.value.decode("utf-8", "surrogateescape") if entry else None

    def _items(
        self, one: _Address, file: _Aliases, key: str, value: str
    ) -> list[tuple[str, Where]]:
        entry = self.place.reading(file.path, Dialect.SENDMAIL).winner(key)
        members = comma_items(value)
        if file.index is None:
            one.node.note(f"{file.path} has no index that Sendmail can read", None, "newaliases")
        elif entry is None:
            where = Where(str(file.path))
            one.node.note("the index has this alias, the text has not", where, "newaliases")
        elif comma_items(entry.value.decode("utf-8", "surrogateescape")) != members:
            where = Where(str(file.path), entry.line)
            one.node.note("the index is older than the text: it says something else", where,
                          "newaliases")  # fmt: skip
        if entry is None:
            return [(member, Where(str(file.path))) for member in members]
        return [(member, self.place.line(file.path, entry, member)) for member in members]

    # --- lists and .forward files

    def _forward(self, one: _Address, account: Account, level: int) -> None:
        host = next(iter(sorted(self._domains)), "localhost")
        values = {"z": str(account.home), "u": account.name, "w": host, "h": one.detail or ""}
        for written in self._opt("ForwardPath").split(":"):
            if not written or ("$h" in written and one.detail is None):
                continue
            path = Path(re.sub(r"\$([zuwh])", lambda m: values[m[1]], written))
            if self.place.status(path, follow=False) is None:
                continue
            why = self._fault(path, account, "forward")
            if why:
                hint = "a .forward must be a file of its owner's, mode 0644"
                one.node.note(f"{path} is ignored: {why}", Where(str(path)), hint)
                continue
            count = self._read(one, path, "forward", level)
            if count == 0:
                one.node.note(f"{path} holds no address", Where(str(path)))
            elif not one.circle:
                one.dead = one.dead or "forwarded"
            return

    def _read(self, one: _Address, path: Path, how: str, level: int) -> int:
        """The members of a list; how many there are."""
        if how == "include":
            why = self._include_fault(one, path)
            if why:
                one.node.note(f"the list is refused: {why}", Where(str(path)))
                one.node.stop(Stop.REFUSED, str(path), f"the list {path} is refused: {why}")
                return 0
        one.circle = False
        count = 0
        for number, line in lines(self.place.text(path) or b""):
            text = re.sub(r"[ \t]+#@#(\s.*|$)", "", line)
            if text and not text.startswith("#"):
                items = [(item, Where(str(path), number)) for item in comma_items(text)]
                count += self._list(items, how, one, level + 1)
        if count == 0 and how == "include":
            one.node.stop(Stop.LOST, str(path), f"the list {path} is empty")
        return count

    def _include_fault(self, one: _Address, path: Path) -> str:
        """Why a list is refused; else the rights of what stands in it are settled."""
        reader = next((at.rights for at in _above(one) if at.rights is not None), None)
        why = self._fault(path, reader or self._default, "include")
        status = self.place.status(path)
        if why or status is None:
            return why
        owner = self.place.account(status.st_uid)
        if reader is None:
            one.rights = owner
        group = status.st_mode & stat.S_IWGRP and "groupwritableincludefilesafe" not in self._blame
        if owner is None:
            one.unsafe = f"nobody owns {path}"
        elif status.st_mode & stat.S_IWOTH or group:
            one.unsafe = f"others can write {path}"
        else:
            one.unsafe = self._shell_fault(owner)
        return ""

    def _fault(self, path: Path, account: Account | None, kind: str) -> str:
        """Why Sendmail does not believe a file; empty when it does (DontBlameSendmail)."""
        status = self.place.status(path)
        if status is None:
            return "no such file"
        if not stat.S_ISREG(status.st_mode):
            return "it is no regular file"
        if kind == "forward" and account is not None and status.st_uid not in (0, account.uid):
            return f"it belongs to {self.place.user(status.st_uid)}"
        if status.st_mode & stat.S_IWOTH and f"worldwritable{kind}file" not in self._blame:
            return "everybody can write it"
        if status.st_mode & stat.S_IWGRP and f"groupwritable{kind}file" not in self._blame:
            return "its group can write it"
        if account is not None and not (
            self.place.may(account, status, 0o4) and self.place.reaches(account, path)
        ):
            return f"{account.name} may not read it"
        why = self._folder_fault(path, kind)
        itself = self.place.status(path, follow=False)
        linked = itself is not None and (stat.S_ISLNK(itself.st_mode) or itself.st_nlink > 1)
        if not why and linked and f"linked{kind}fileinwritabledir" not in self._blame:
            folder = self.place.status(path.parent)
            if folder is not None and shared(folder):
                return f"it is a link, and {shared(folder)} can write {path.parent}"
        return why

    def _folder_fault(self, path: Path, kind: str) -> str:
        for folder in path.parents:
            status = self.place.status(folder)
            if status is None:
                continue
            sticky = status.st_mode & stat.S_ISVTX and "truststickybit" in self._blame
            if status.st_mode & stat.S_IWOTH and not sticky:
                return f"everybody can write {folder}"
            group = f"{kind}fileingroupwritabledirpath" in self._blame
            if status.st_mode & stat.S_IWGRP and not group and not sticky:
                return f"the group of {folder} can write it"
        return ""

    # --- ends

    def _finish(self, one: _Address) -> None:
        node = one.node.add(one.user, "mailbox", None) if one.node.children else one.node
        text = plain(one.node.text)
        match one.mailer:
            case "prog":
                node.stop(Stop.PIPE, one.user[1:].strip(), "a command")
            case "file" if one.user == "/dev/null":
                node.stop(Stop.LOST, one.user, "/dev/null")
            case "file":
                node.stop(Stop.FILE, one.user, "a file")
            case "remote":
                self._remote(node, text)
            case "hub" | "relay":
                hop = self._hosts["H" if one.mailer == "hub" else "L"]
                domain = hop.rpartition(":")[2].strip("[]")
                node.stop(Stop.REMOTE, f"{one.user}@{domain}", f"by {hop}", domain=domain)
            case _:
                user = one.user.removeprefix("\\")
                if self.place.account(user) is None:
                    node.stop(Stop.REFUSED, user, f"unknown user {user!r}")
                else:
                    names = (*self.local_names(user), text.removeprefix("\\").lower())
                    node.stop(Stop.MAILBOX, user, names=names)

    def _remote(self, node: Node, text: str) -> None:
        domain = text.rpartition("@")[2].lower()
        routed = self._lookup("mailertable", domain)
        if routed and routed.startswith("error:"):
            node.stop(Stop.REFUSED, text, f"the mailer table says {routed}")
            return
        hop = routed or self._hosts.get("S", "")
        why = f"by {hop}" if hop else ""
        node.stop(Stop.REMOTE, text, why, domain=domain, names=(text.lower(),))


def _without_detail(user: str, detail: str | None) -> tuple[str, str | None] | None:
    """The next form of `user+detail` that ruleset 5 tries, None when there is no further one:
    `user+*`, then `user`, then `user` with the detail for the mailer (cf/README, "+ detail")."""
    name, plus, rest = user.partition("+")
    if plus and rest == "*":
        return name, detail
    if plus:
        return f"{name}+*", f"+{rest}"
    if detail is not None and detail.startswith("+"):
        return name, detail[1:]
    return None


def _above(one: _Address) -> list[_Address]:
    found = []
    at = one.parent
    while at is not None:
        found.append(at)
        at = at.parent
    return found
