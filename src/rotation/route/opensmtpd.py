"""OpenSMTPD: one queue of nodes, expanded by a rule; one fault and the whole address is refused.

Sources: smtpd.conf(5), aliases(5), forward(5), and the order of lka_session.c.
"""

from __future__ import annotations

import stat
from collections import deque
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.lists import FORWARD_LIMIT
from rotation.mail.opensmtpd import CONFIGS
from rotation.route.doubts import doubt
from rotation.route.model import Stop
from rotation.route.opensmtpd_ends import address_fault, host_name, mailbox_doubt, only_users
from rotation.route.opensmtpd_list import insecure, order, parse, split
from rotation.route.opensmtpd_member import Member
from rotation.route.opensmtpd_rules import Action, decide, read
from rotation.route.opensmtpd_tables import Opaque, Refused, Tables
from rotation.route.tree import MailHost, Node, lines, shared
from rotation.system import Account

_DEEPEST = 10
"""EXPAND_DEPTH."""


class OpenSMTPDFollower:
    """Follows addresses as OpenSMTPD does (`config` is its smtpd.conf)."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        self.place = place
        rules = read(place, config)
        if rules is None:
            where = Where(str(config or CONFIGS[0]))
            raise ApplyError(Problem("OpenSMTPD has no configuration", where))
        self._rules = rules
        self.origin = host_name(place)
        self._reader = place.account("opensmtpd") or place.account("_smtpd")
        self._tables = Tables(place, rules)
        self._all: list[Member] = []
        self._queue: deque[Member] = deque()
        self._fault: tuple[Stop, str] | None = None

    def local_names(self, user: str) -> tuple[str, ...]:
        """The addresses that stand for the mailbox of a local user."""
        return (user.lower(), f"{user}@{self.origin}".lower(), f"{user}@localhost".lower())

    def follow(self, node: Node) -> None:
        """Follow what a node's text says to its ends."""
        self._all, self._queue, self._fault = [], deque(), None
        text = node.text if "@" in node.text else f"{node.text}@{self.origin}"
        self._insert("address", text, node, None, None)
        while self._queue and self._fault is None:
            self._expand(self._queue.popleft())
        ends = [at for at in node.walk() if at.end is not None]
        doubt(node, self._rules.doubts)
        if self._fault is None and not any(
            at.end.stop not in (Stop.LOOP, Stop.REFUSED) for at in ends if at.end
        ):
            if not ends:
                node.stop(Stop.LOOP, node.text, "nobody is left: it leads back to itself")
            return
        if self._fault is not None:
            stop, why = self._fault
            for at in ends:
                if at.end is not None and at.end.stop not in (Stop.LOOP, stop):
                    at.note("gets nothing: OpenSMTPD refuses the whole address")
                    at.stop(stop, at.end.who, f"refused with all the rest: {why}")

    def _failed(self, member: Member, stop: Stop, why: str) -> None:
        member.node.stop(stop, member.value, why)
        self._fault = (stop, why)

    def _insert(
        self, kind: str, value: str, node: Node, parent: Member | None, action: Action | None
    ) -> bool:
        """Add a node, unless it is there already."""
        member = Member(kind, value, node, parent, action)
        if parent is not None:
            member.depth = parent.depth + 1
            if kind == parent.kind == "user" and parent.value == value:
                member.same_user = True
        key = member.key()
        if any(other.key() == key for other in self._all):
            if any(at.text.lower() == node.text.lower() for at in node.up() if at is not node):
                node.stop(Stop.LOOP, value, "leads back to itself: dropped")
            else:
                node.again()
            return False
        self._all.append(member)
        self._queue.append(member)
        return True

    def _expand(self, member: Member) -> None:
        if member.depth >= _DEEPEST:
            self._failed(
                member, Stop.LOOP, f"more than {_DEEPEST} steps: OpenSMTPD takes it for a loop"
            )
            return
        match member.kind:
            case "address":
                self._address(member)
            case "user":
                self._user(member)
            case "bad":
                self._failed(member, Stop.PUT_OFF, f"OpenSMTPD cannot read {member.value!r}")
            case "error":
                stop = Stop.PUT_OFF if member.value.startswith("4") else Stop.REFUSED
                self._failed(member, stop, f"error:{member.value}")
            case "file" | "command":
                above = member.parent
                if above is not None and above.real_user and above.value == "root":
                    self._failed(member, Stop.PUT_OFF, "no files and commands from root's .forward")
                elif member.value == "/dev/null":
                    member.node.stop(Stop.LOST, member.value, "/dev/null")
                elif member.action is not None and only_users(member.action):
                    member.node.stop(
                        Stop.UNSURE, member.value, f"a {member.kind} by {member.action.name}"
                    )
                else:
                    kind = Stop.FILE if member.kind == "file" else Stop.PIPE
                    member.node.stop(kind, member.value, f"a {member.kind}")
            case _:
                raise AssertionError(member.kind)

    def _address(self, member: Member) -> None:
        fault = address_fault(member.value, typed=member.parent is None)
        if fault is not None:
            self._failed(member, *fault)
            return
        local, _, domain = member.value.rpartition("@")
        address = f"{local.lower()}@{domain.lower()}"
        names = ("localhost", self.origin)
        rule = decide(self.place, self._rules, address, names)
        action = self._rules.actions.get(rule.action) if rule and rule.action else None
        if rule is not None and rule.unsure:
            self._failed(member, Stop.UNSURE, rule.unsure)
        elif rule is None or action is None:
            self._failed(member, Stop.REFUSED, "no rule of smtpd.conf takes it")
        elif not action.local:
            hop = action.options.get("host", "")
            why = f"by {hop}" if hop else ""
            member.node.stop(
                Stop.REMOTE, member.value, why, domain=domain.lower(), names=(address,)
            )
        elif "virtual" in action.options:
            self._virtual(member, action, address)
        else:
            member.action = action
            self._insert("user", local.lower(), member.node, member, action)

    def _virtual(self, member: Member, action: Action, address: str) -> None:
        local, _, domain = address.rpartition("@")
        user = local.partition(self._rules.delimiter)[0]
        keys = [address, f"{user}@{domain}", local, user, f"@{domain}", "@"]
        for key in dict.fromkeys(keys):
            if self._alias(member, action, action.options["virtual"], key, "virtual alias"):
                return
        self._failed(member, Stop.REFUSED, "no such virtual user")

    def _user(self, member: Member) -> None:
        action = member.action
        if action is None:
            return
        name = member.value
        user = name.partition(self._rules.delimiter)[0]
        table = action.options.get("alias")
        if table and not member.same_user:
            for key in dict.fromkeys((name.lower(), user.lower())):
                if self._alias(member, action, table, key, "alias"):
                    return
        base = action.options.get("userbase")
        try:
            account = self._account(user.lower(), base)
        except Opaque as error:
            self._failed(member, Stop.UNSURE, str(error))
            return
        if account is None:
            self._failed(member, Stop.REFUSED, f"unknown user {user!r}")
            return
        member.value, member.real_user = user, True
        if member.same_user and member.parent is not None and member.parent.forwarded:
            self._submit(member, action, name)
            return
        if action.options.get("user") not in (None, user):
            self._submit(member, action, name)
            return
        member.forwarded = True
        self._forward(member, account, action, name)

    def _account(self, user: str, base: str | None) -> Account | None:
        return self.place.account(user) if base is None else self._tables.account(base, user)

    def _submit(self, member: Member, action: Action, name: str) -> None:
        if action.method in ("expand-only", "forward-only"):
            self._failed(member, Stop.REFUSED, f"the action {action.name} has no mailboxes")
            return
        address = member.above("address")
        account = self._account(member.value.lower(), action.options.get("userbase"))
        user = account.name if account else member.value
        names = [*self.local_names(user), name.lower()]
        if address is not None:
            domain = address.value.rpartition("@")[2]
            names += [f"{user}@{domain}".lower(), f"{name}@{domain}".lower()]
        node = member.node.add(user, "mailbox", None) if member.node.children else member.node
        why = mailbox_doubt(self.place, action, account)
        if why:
            node.stop(Stop.UNSURE, user, why)
            return
        node.stop(Stop.MAILBOX, user, names=tuple(dict.fromkeys(names)))

    # --- aliases and .forward files

    def _alias(self, member: Member, action: Action, table: str, key: str, how: str) -> bool:
        """Whether a table has the key; its members go on."""
        try:
            answer = self._tables.lookup(member.node, table, key)
        except Refused as error:
            self._failed(member, Stop.PUT_OFF, str(error))
            return True
        except Opaque as error:
            self._failed(member, Stop.UNSURE, str(error))
            return True
        return answer is not None and self._members(member, action, answer, how)

    def _members(
        self, member: Member, action: Action, items: list[tuple[str, Where]], how: str
    ) -> bool:
        count = 0
        for text, where in sorted(items, key=lambda item: order(item[0])):
            if text.startswith(":include:"):
                count += self._include(member, action, text[9:], how, where)
                continue
            count += 1
            self._item(member, action, text, how, where)
        return count > 0

    def _item(
        self, member: Member, action: Action, text: str, how: str, where: Where,
        above: Node | None = None,
    ) -> bool:  # fmt: skip
        node = (above or member.node).add(text, how, where)
        kind, value = parse(text)
        return self._insert(kind, value, node, member, action)

    def _include(self, member: Member, action: Action, name: str, how: str, where: Where) -> int:
        data = self.place.text_for(self._reader, Path(name))
        if data is None:
            member.node.note(f"the list {name} cannot be read: left out", where)
            return 0
        above = member.node.add(f":include:{name}", how, where)
        status = self.place.status(Path(name))
        if status is not None and shared(status):
            above.note(f"{shared(status)} can change this list", where, f"chmod go-w {name}")
        for number, line in lines(data):
            text = line.partition("#")[0]
            for item in split(text):
                if not item.startswith(":include:"):
                    self._item(member, action, item, "include", Where(name, number), above)
        return 1

    def _forward(self, member: Member, account: Account, action: Action, name: str) -> None:
        path = account.home / ".forward"
        status = self.place.status(path, follow=False)
        home = self.place.status(account.home)
        if home is not None and home.st_mode & stat.S_ISVTX:
            self._refuse(member, path, Stop.PUT_OFF, f"{account.home} is sticky")
            return
        if status is None or home is None:
            self._submit(member, action, name)
            return
        why = insecure(self.place, status, home, account)
        if why:
            self._refuse(member, path, Stop.REFUSED, why)
            return
        data = self.place.text(path) or b""
        if len(data) >= FORWARD_LIMIT:
            self._refuse(member, path, Stop.PUT_OFF, "it is larger than 4 KiB")
            return
        count = items = 0
        for number, line in lines(data):
            for item in split(line.partition("#")[0]):
                if item.startswith(":include:"):
                    member.node.note(f"{item} in a .forward is left out", Where(str(path), number))
                    continue
                items += 1  # what this mail goes to already does not count
                count += self._item(member, action, item, "forward", Where(str(path), number))
        if count == 0 and items:  # expand.c changes nodes in its sorted tree: it may miss some
            why = f"{path} leads nowhere new: OpenSMTPD may see that, or not"
            member.node.add(name, "mailbox", None).stop(Stop.UNSURE, member.value, why)
        elif count == 0:
            member.node.note(f"{path} leads nowhere: the mailbox gets it", Where(str(path)))
            self._submit(member, action, name)

    def _refuse(self, member: Member, path: Path, stop: Stop, why: str) -> None:
        hint = "a .forward must be a file of its owner's, mode 0644, in a home only they can write"
        member.node.note(f"{path} is refused: {why}", Where(str(path)), hint)
        self._failed(member, stop, f"OpenSMTPD refuses the mail because of {path}: {why}")
