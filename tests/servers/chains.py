"""Worlds of aliases, lists and .forward files, the same each time, and what becomes of mail there.

A world is written into a rig; `traced` is what `rotation trace` says of its addresses, each end as
(kind, whom), and each server's own module of tests gets the same of the server itself.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .rigs import Rig
from .roster_in_rig import MONDAY, ROSTER, rotation, target, write_roster

COUNT = int(os.environ.get("ROTATION_CHAINS", "250"))
"""Addresses that are followed on each server; 1,000 and more take a minute each."""
SEED = int(os.environ.get("ROTATION_SEED", "0"))
"""Another one makes other worlds."""
USERS = tuple(f"u{number:02}" for number in range(48))
TAKE = "/usr/local/bin/take"
"""A command that keeps the subject of what it gets, under /tmp/pipes/NAME.*"""

End = tuple[str, str]


@dataclass
class World:
    """Files of a rig: name -> (text, mode, owner); and what links where."""

    aliases: dict[str, list[str]] = field(default_factory=dict)
    owned: set[str] = field(default_factory=set)
    """Aliases with an `owner-` companion, which gets what is refused behind them."""
    files: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    homes: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


class Maker:
    """Makes worlds. `plus`: whether `user+detail` means something; `owners`: whether `owner-NAME`
    does."""

    def __init__(self, seed: int, count: int, *, plus: bool, owners: bool = False) -> None:
        self._dice = random.Random(seed + 1000 * SEED)
        self._count = count
        self._plus = plus
        self._owners = owners
        self._files = 0
        self.world = World()

    def make(self) -> World:
        """Make all of it."""
        for number in range(30):
            self._list(number)
        for user in USERS:
            self._home(user)
        for number in range(self._count):
            self._alias(number)
        dice, world = self._dice, self.world
        world.asked = list(world.aliases)
        world.asked += [f"{dice.choice(world.asked)}@box.test" for _ in range(20)]
        world.asked += [*USERS, *(f"{user}@localhost" for user in USERS[:8]), "root", "nosuch"]
        world.asked += ["x1@example.com", "u00@elsewhere.test"]
        if self._plus:
            world.asked += [f"{dice.choice(USERS)}+detail" for _ in range(12)]
            world.asked += [f"{dice.choice(list(world.aliases))}+detail" for _ in range(12)]
        world.asked = list(dict.fromkeys(world.asked))
        return world

    def _pick(self, *choices: tuple[int, str]) -> str:
        return self._dice.choices([c for _, c in choices], [w for w, _ in choices])[0]

    def _user(self) -> str:
        return self._dice.choice(USERS)

    def _fresh(self, prefix: str) -> str:
        self._files += 1
        return f"{prefix}{self._files}"

    def _member(self, number: int, *, inside: bool = False) -> str:
        dice = self._dice
        kind = self._pick(
            (40, "user"), (22, "alias"), (14, "remote"), (8, "full"), (4, "unknown"),
            (6, "list"), (3, "pipe"), (3, "file"), (2, "plus"), (2, "null"), (1, "odd"),
        )  # fmt: skip
        near = max(0, min(self._count - 1, number + dice.randint(-3, 3)))
        far = dice.randrange(self._count)
        match kind:
            case "alias":
                return f"a{near if dice.random() < 0.4 else far:04}"
            case "remote":
                return f"x{dice.randrange(60)}@example.com"
            case "full":
                name = self._user() if dice.random() < 0.5 else f"a{far:04}"
                return f"{name}@{dice.choice(['box.test', 'BOX.test', 'localhost'])}"
            case "unknown":
                return f"nosuch{dice.randrange(9)}"
            case "list" if not inside or dice.random() < 0.3:
                return f":include:/etc/lists/l{dice.randrange(32):02}"
            case "pipe":
                return f'"|{TAKE} {self._fresh("p")}"'
            case "file":
                return f"/tmp/files/{self._fresh('f')}"
            case "plus" if self._plus:
                return f"{self._user()}+tag"
            case "null":
                return "/dev/null"
            case "odd":
                return self._user().upper()
            case _:
                return self._user()

    def _members(self, number: int, most: int) -> list[str]:
        count = self._dice.choice([1, 1, 1, 1, 2, 2, 3][: most + 4])
        return [self._member(number) for _ in range(count)]

    def _alias(self, number: int) -> None:
        name = f"a{number:04}"
        self.world.aliases[name] = self._members(number, 3)
        if self._dice.random() < 0.02:
            self.world.aliases[name].append(name)
        if self._owners and self._dice.random() < 0.04:
            self.world.owned.add(name)
            self.world.aliases[f"owner-{name}"] = ["x59@example.com"]
        if self._plus and self._dice.random() < 0.02:
            self.world.aliases[f"{name}+detail"] = [self._user()]

    def _list(self, number: int) -> None:
        dice = self._dice
        lines = []
        for _ in range(dice.choice([1, 1, 2, 3])):
            lines.append(self._member(dice.randrange(self._count), inside=True))
            if dice.random() < 0.2:
                lines.append("# a comment")
        text = "\n".join(lines) + "\n"
        if dice.random() < 0.1:
            text = dice.choice(["", "# nobody\n", "\n\n"])
        mode = dice.choice([0o644] * 8 + [0o664, 0o666, 0o600])
        owner = dice.choice(["root"] * 5 + ["u00"])
        self.world.files[f"/etc/lists/l{number:02}"] = (text, mode, owner)

    def _home(self, user: str) -> None:
        dice = self._dice
        self.world.homes[user] = dice.choice([0o755] * 8 + [0o700, 0o775, 0o777, 0o1755])
        kind = self._pick(
            (34, "none"), (40, "plain"), (6, "empty"), (4, "comment"), (6, "self"), (4, "link"),
            (3, "dangling"), (3, "several"),
        )  # fmt: skip
        path = f"/home/{user}/.forward"
        number = dice.randrange(self._count)
        text = f"{self._member(number, inside=True)}\n"
        match kind:
            case "none":
                return
            case "empty":
                text = dice.choice(["", "\n", "  \n"])
            case "comment":
                text = f"# a note\n{text}"
            case "self":
                text = f"{dice.choice([user, f'{user}@box.test', chr(92) + user])}, {text}"
            case "several":
                text += f"{self._member(number, inside=True)}, {self._user()}\n"
            case "dangling":
                self.world.links[path] = f"/home/{user}/nothing"
                return
            case "link":
                self.world.links[path] = f"/home/{user}/forward"
                path = f"/home/{user}/forward"
            case _:
                pass
        mode = dice.choice([0o644] * 12 + [0o600, 0o640, 0o664, 0o666, 0o755])
        owner = dice.choice([user] * 12 + ["root", "alice"])
        self.world.files[path] = (text, mode, owner)


def write(rig: Rig, world: World, more: str = "") -> None:
    """Put a world into a rig, with its users, and rebuild the index."""
    passwd = rig.read("/etc/passwd").decode()
    group = rig.read("/etc/group").decode()
    for number, user in enumerate(USERS, 62001):
        passwd += f"{user}:x:{number}:{number}::/home/{user}:/bin/sh\n"
        group += f"{user}:x:{number}:\n"
    rig.write("/etc/passwd", passwd)
    rig.write("/etc/group", group)
    for folder in ("/tmp/pipes", "/tmp/files"):
        rig.path(folder).mkdir()
        rig.path(folder).chmod(0o1777)
    keep = "exec grep -m1 ^Subject: > $(mktemp /tmp/pipes/$1.XXXXXXXX)"
    rig.write(TAKE, f"#!/bin/sh\n{keep}\n", 0o755)
    for number, user in enumerate(USERS, 62001):
        home = rig.path(f"/home/{user}")
        home.mkdir()
        os.chown(home, number, number)
        home.chmod(world.homes[user])
    for path, (text, mode, owner) in world.files.items():
        rig.write(path, text, mode, owner)
    for path, to in world.links.items():
        rig.path(path, follow=False).symlink_to(to)
        number = 62001 + USERS.index(path.split("/")[2])
        os.chown(rig.path(path, follow=False), number, number, follow_symlinks=False)
    lines = [f"{name}: {', '.join(members)}\n" for name, members in world.aliases.items()]
    rig.write(rig.aliases, f"postmaster: root\nroot: x0@example.com\n{more}{''.join(lines)}")
    rig.must(rig.rebuild())
    write_roster(rig, ROSTER + target(rig))


def trees(rig: Rig, addresses: Iterable[str]) -> dict[str, dict[str, object]]:
    """What `rotation trace` says of each address."""
    done = rotation(rig, MONDAY, "trace", "--json", "--", *addresses)
    assert done.status in (0, 1), done.err
    assert done.out, done.err
    return {one["address"]: one for one in json.loads(done.out)}


KINDS = {
    "mailbox": "mailbox", "remote": "remote", "pipe": "pipe", "file": "file", "refused": "bounce",
    "loop": "bounce", "put off": "defer", "lost": "lost", "unsure": "unsure",
}  # fmt: skip


def asked(
    rig: Rig, command: str, answer: Callable[[str], set[End]], addresses: list[str]
) -> dict[str, set[End]]:
    """What a server's own command (in sh, about "$a") answers for each address, as `answer`
    reads it; all in one shell."""
    script = f'while read -r a; do echo "=== $a"; {command}; done'
    done = rig.run(["sh", "-c", script], "".join(f"{a}\n" for a in addresses), timeout=600)
    blocks = done.out.split("=== ")[1:]
    return {block.partition("\n")[0]: answer(block.partition("\n")[2]) for block in blocks}


def ends(tree: object) -> set[End]:
    """The ends of a trace; of those that fail only how."""
    assert isinstance(tree, dict)
    found = set()
    for end in tree["ends"]:
        kind = KINDS[end["stop"]]
        whom = "" if kind in ("bounce", "defer", "lost") else end["to"]
        found.add((kind, re.sub(r"\s+", " ", whom).lower()))
    return found


def differences(ours: dict[str, set[End]], theirs: dict[str, set[End]]) -> list[str]:
    """Where the two disagree, for a message."""
    return [
        f"{address}: we say {sorted(ours[address] - theirs[address])}, "
        f"the server {sorted(theirs[address] - ours[address])}"
        for address in theirs
        if ours[address] != theirs[address]
    ]
