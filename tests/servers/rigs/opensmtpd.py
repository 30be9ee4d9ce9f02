"""OpenSMTPD, with Debian's smtpd.conf but for the mailboxes (mbox) and where remote mail goes.

`table aliases file:/etc/aliases` is read into the daemon's memory at its start and again at
`smtpctl update table aliases`, by a process that is not root: the text has to be readable for all.
`table aliases db:/etc/aliases.db` is an index that `newaliases` builds, and that the daemon opens
again at the same command only. `newaliases` tells a running daemon by itself; it refuses to run
when smtpd.conf does not load, as when the index is missing. With a `db:` table, 6.8.0p2 crashes
when told of an update before it has opened the table, in the first moments after its start.

Nothing lists what the daemon has in memory; `smtpctl trace lookup` makes it log each answer, and
`RCPT TO` makes it ask. `makemap -t aliases -o INDEX TEXT` makes an index of any text, and
`makemap -U` lists it; unlike the daemon it refuses duplicates and `a b` lists, and cuts comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from .base import Rig, addresses, wait
from .host import Finished

CONF = """\
table aliases {table}
listen on localhost
action "local" mbox alias <aliases>
action "relay" relay host smtp://192.0.2.25
match for domain "box.test" action "local"
match for local action "local"
match from local for any action "relay"
"""

SETUP = """
chown root:opensmtpq /usr/sbin/smtpctl
chmod 2755 /usr/sbin/smtpctl
makemap -t aliases /etc/aliases
"""


class OpenSMTPD(Rig):
    name: ClassVar[str] = "opensmtpd"
    users: ClassVar[tuple[str, ...]] = ("opensmtpd", "opensmtpq")

    def __init__(self, binds: Iterable[Path] = (), table: str = "file") -> None:
        self.table = table
        super().__init__(binds)

    def install(self) -> None:
        where = self.aliases if self.table == "file" else f"{self.aliases}.db"
        self.write("/etc/smtpd.conf", CONF.format(table=f"{self.table}:{where}"))
        self.write("/etc/mail/mailname", "box.test\n")
        self.must(self.run(["sh", "-euc", SETUP]))

    def start(self) -> None:
        self.must(self.run(["smtpd"]))
        wait(lambda: self.listening(25), "opensmtpd to start")
        wait(self._takes_mail, "opensmtpd to read its tables")

    def stop(self) -> None:
        self.must(self.run(["pkill", "-o", "-x", "smtpd"]))
        wait(lambda: not self.running(), "opensmtpd to stop")

    def running(self) -> bool:
        return self.run(["smtpctl", "show", "status"]).status == 0

    def rebuild(self) -> Finished:
        return self.run(["/usr/sbin/newaliases"])

    def resolve(self, name: str) -> list[str] | None:
        """What the running daemon finds for the alias, taken from its own trace."""
        start = len(self.read(self.logs[0]))
        self.must(self.run(["smtpctl", "trace", "lookup"]))
        self._ask(name)
        self.must(self.run(["smtpctl", "untrace", "lookup"]))
        key = re.escape(name.lower())
        trace = re.compile(rf'lookup "{key}" as ALIAS in table \S+ -> (?:none|"(.*)"|(error))')

        def answered() -> bool:
            return trace.search(self._since(start)) is not None

        wait(answered, f"a trace of {name}")
        found = trace.search(self._since(start))
        if found is None or found[2]:
            raise AssertionError(self._since(start))
        return addresses(found[1]) if found[1] else None

    def _takes_mail(self) -> bool:
        try:
            return self._ask("postmaster").startswith("250")
        except ConnectionError:  # it listens, and has not begun yet
            return False

    def _ask(self, name: str) -> str:
        """Have the daemon follow an address, in a session that sends nothing; its answer."""
        with self.host.connect(25) as server, server.makefile("rwb") as stream:
            stream.readline()
            for line in ("HELO box.test", "MAIL FROM:<root>", f"RCPT TO:<{name}@box.test>"):
                stream.write(f"{line}\r\n".encode())
                stream.flush()
                answer = stream.readline()
        return answer.decode()

    def _since(self, start: int) -> str:
        return self.read(self.logs[0])[start:].decode(errors="replace")

    def map(self, keys: Iterable[str] = ()) -> dict[str, str]:
        """The index; for a `file:` table, of an index that is made of the text for this."""
        index = f"{self.aliases}.db"
        if self.table == "file":
            index = "/tmp/aliases.db"
            self.must(self.run(["makemap", "-t", "aliases", "-o", index, self.aliases]))
        lines = self.must(self.run(["makemap", "-U", index])).out.splitlines()
        pairs = (line.partition("\t") for line in lines)
        return {key.lower(): value for key, _, value in pairs}
