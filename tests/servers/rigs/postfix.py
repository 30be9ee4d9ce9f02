"""Postfix, at /etc/postfix.

`postconf -hx alias_maps` names the maps that local(8) asks; `alias_database` names those that
newaliases builds; the two may differ. `postalias -q NAME MAP` answers status 0 and the value, or 1
and nothing on stderr; a missing or broken index is status 1 too, with `fatal:` on stderr.
`postalias -s MAP` lists "key:<tab>value" lines (not of cdb, which cannot be listed).

An index that is rebuilt in place within the second of the last one goes unseen; one that is put in
place by rename is seen at once, whatever its time. `postalias hash:STAGED` builds one anywhere, as
the owner of STAGED (`-o`: as root).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from .base import Rig, addresses, wait
from .host import Finished

MAIN = """\
compatibility_level = 3.6
multi_instance_enable = yes
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
myhostname = box.test
myorigin = /etc/mailname
mydestination = box.test, localhost
mynetworks = 127.0.0.0/8
relayhost = [192.0.2.25]
in_flow_delay = 0
"""

MASTER, PID = "/usr/lib/postfix/sbin/master", "/var/spool/postfix/pid/master.pid"

# What `postfix set-permissions` would do, which takes two seconds.
PERMISSIONS = """
chown root:postdrop /usr/sbin/postdrop /usr/sbin/postqueue
chmod 2755 /usr/sbin/postdrop /usr/sbin/postqueue
chown postfix:postfix /var/lib/postfix
cd /var/spool/postfix
for queue in active bounce corrupt defer deferred flush hold incoming private saved trace; do
    install -d -o postfix -m 700 $queue
done
install -d -m 755 pid
install -d -o postfix -g postdrop -m 1730 maildrop
install -d -o postfix -g postdrop -m 2710 public
"""


class Postfix(Rig):
    name: ClassVar[str] = "postfix"
    users: ClassVar[tuple[str, ...]] = ("postfix",)
    groups: ClassVar[tuple[str, ...]] = ("postdrop",)

    def __init__(self, binds: Iterable[Path] = (), map_type: str = "hash") -> None:
        self.map_type = map_type
        self.index_time = 0.0
        super().__init__(binds)

    def install(self) -> None:
        share = "/usr/share/postfix"
        self.write("/etc/postfix/dynamicmaps.cf", self.read(f"{share}/dynamicmaps.cf"))
        for file in ("main.cf", "master.cf"):
            self.write(f"/etc/postfix/{file}.proto", self.read(f"{share}/{file}.dist"))
        link = self.path("/etc/postfix/makedefs.out", follow=False)
        link.unlink(missing_ok=True)  # a host that has Postfix has it already
        link.symlink_to(f"{share}/makedefs.out")
        # Debian's own master.cf, without the chroots, which its init script would fill.
        rows = self.read(f"{share}/master.cf.dist").decode().splitlines()
        fields = [row.split() for row in rows]
        self.write(
            "/etc/postfix/master.cf",
            "\n".join(
                " ".join([*row[:4], "n", *row[5:]])
                if len(row) > 7 and not line.startswith(("#", " "))
                else line
                for line, row in zip(rows, fields, strict=True)
            )
            + "\n",
        )
        where = f"{self.map_type}:{self.aliases}"
        main = f"{MAIN}alias_maps = {where}\nalias_database = {where}\n"
        self.configure(main)
        self.must(self.run(["sh", "-euc", PERMISSIONS]))

    def configure(self, main: str, directory: str = "/etc/postfix") -> None:
        """Write a main.cf that looks old: Postfix waits until it has rested for two seconds."""
        self.write(f"{directory}/main.cf", main)
        old = time.time() - 60
        os.utime(self.path(f"{directory}/main.cf"), (old, old))

    def second(self, directory: str = "/etc/postfix-2") -> str:
        """Add the configuration of a second instance with an aliases file of its own."""
        self.path(directory).mkdir(exist_ok=True)
        own = f"{self.map_type}:{directory}/aliases"
        name = Path(directory).name
        self.configure(
            f"{MAIN}multi_instance_name = {name}\nqueue_directory = /var/spool/{name}\n"
            f"data_directory = /var/lib/{name}\nalias_maps = {own}\nalias_database = {own}\n",
            directory,
        )
        for file in ("master.cf", "dynamicmaps.cf"):
            self.write(f"{directory}/{file}", self.read(f"/etc/postfix/{file}"))
        self.write(f"{directory}/aliases", self.read(self.aliases))
        main = self.read("/etc/postfix/main.cf").decode()
        self.configure(f"{main}multi_instance_directories = {directory}\n")
        self.must(self.run(["postalias", "-c", directory, own]))
        return directory

    def start(self) -> None:
        self.start_instance()

    def start_instance(self, directory: str = "/etc/postfix") -> None:
        """What `postfix start` does in the end, when it has looked at all that is installed."""
        self.must(self.run([MASTER, "-c", directory, "-w"]))

    def stop(self) -> None:
        self.must(self.run(["kill", self.read(PID).decode().strip()]))
        wait(lambda: not self.running(), "postfix to stop")

    def reload(self) -> None:
        """What `postfix reload` does in the end."""
        self.must(self.run(["kill", "-HUP", self.read(PID).decode().strip()]))

    def running(self) -> bool:
        return self.alive(PID)

    def rebuild(self) -> Finished:
        return self.run(["/usr/bin/newaliases"])

    def make_index_later(self) -> None:
        """Set the time of the index to a second that it has never had.

        After two rebuilds in place within a second, local(8) would stay with the first.
        """
        suffix = self.map_type if self.map_type in ("lmdb", "cdb") else "db"
        index = self.path(f"{self.aliases}.{suffix}")
        self.index_time = max(self.index_time, index.stat().st_mtime) + 1
        os.utime(index, (self.index_time, self.index_time))

    def maps(self) -> list[str]:
        """The maps that local(8) asks, in its order."""
        asked = self.must(self.run(["postconf", "-hx", "alias_maps"])).out
        return asked.replace(",", " ").split()

    def resolve(self, name: str) -> list[str] | None:
        for where in self.maps():
            answer = self.run(["postalias", "-q", name, where])
            if answer.status == 0:
                return addresses(answer.out)
            if answer.err:
                raise AssertionError(answer.err)
        return None

    def map(self, keys: Iterable[str] = ()) -> dict[str, str]:
        found: dict[str, str] = {}
        for where in reversed(self.maps()):
            if where.startswith("cdb:"):
                found |= self._asked(where, keys)
                continue
            for line in self.must(self.run(["postalias", "-s", where])).out.splitlines():
                key, _, value = line.partition(":")
                if key != "@" and not key.startswith("YP_"):
                    found[key.lower()] = value.strip()
        return found

    def _asked(self, where: str, keys: Iterable[str]) -> dict[str, str]:
        """Of a map that cannot be listed (cdb), what it has for these keys."""
        answer = self.run(["postalias", "-q", "-", where], "".join(f"{key}\n" for key in keys))
        lines = (line.partition("\t") for line in answer.out.splitlines())
        return {key.rstrip(":").lower(): value for key, _, value in lines}
