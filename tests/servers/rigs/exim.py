"""Exim, with Debian's own configuration (`update-exim4.conf`, type smarthost).

Exim has no index: it searches the text itself, line by line, at every delivery (`lsearch`), so
newaliases does nothing and an edit counts at once. `exim4 -be '${lookup{NAME}lsearch{FILE}}'`
asks with the very code that delivers (status 0 always; "Failed: ..." on stdout when the file is
missing); `exim4 -bt NAME` follows a name to its end (status 0, 1 cannot tell now, 2 undeliverable)
and looks remote domains up in the DNS where there is no smarthost. Nothing lists a whole file.
Exim never delivers as root, but root's .forward works.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from .base import Rig, addresses, wait
from .host import Finished

# The answers of Debian's configuration questions: local mail here, all else to the outside.
ANSWERS = """\
dc_eximconfig_configtype='smarthost'
dc_other_hostnames='box.test'
dc_local_interfaces='127.0.0.1'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='false'
dc_relay_nets=''
dc_smarthost='192.0.2.25'
CFILEMODE='644'
dc_use_split_config='false'
dc_hide_mailname='false'
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
"""

SETUP = """
install -d -o Debian-exim -g adm -m 2750 /var/log/exim4
install -d -o Debian-exim -g Debian-exim -m 750 /run/exim4 /var/spool/exim4
install -d -o Debian-exim -g Debian-exim -m 750 /var/spool/exim4/db /var/spool/exim4/input
install -d -m 755 /var/lib/exim4
chown root:Debian-exim /etc/exim4/passwd.client
chmod 4755 /usr/sbin/exim4
update-exim4.conf
"""


class Exim(Rig):
    name: ClassVar[str] = "exim"
    users: ClassVar[tuple[str, ...]] = ("Debian-exim",)
    logs: ClassVar[tuple[str, ...]] = ("/var/log/exim4/mainlog", "/var/log/exim4/paniclog")
    pidfile: ClassVar[str] = "/run/exim4/exim.pid"

    def install(self) -> None:
        self.write("/etc/exim4/update-exim4.conf.conf", ANSWERS)
        self.write("/etc/exim4/exim4.conf.localmacros", "MAIN_HARDCODE_PRIMARY_HOSTNAME=box.test\n")
        self.must(self.run(["sh", "-euc", SETUP]))

    def start(self) -> None:
        self.must(self.run(["exim4", "-bd", "-q30m"]))
        wait(lambda: self.running() and self.listening(25), "exim to start")

    def stop(self) -> None:
        number = self.read(self.pidfile).decode().strip()
        self.must(self.run(["kill", number]))
        wait(lambda: not self.running(), "exim to stop")

    def running(self) -> bool:
        return self.alive(self.pidfile)

    def rebuild(self) -> Finished:
        return self.run(["/usr/bin/newaliases"])

    def lookup(self, name: str) -> str | None:
        """The value of an alias as it stands in the file, unfolded."""
        ask = f"${{lookup{{{name}}}lsearch{{{self.aliases}}}{{=$value}}{{none}}}}"
        answer = self.must(self.run(["exim4", "-be", ask])).out.rstrip("\n")
        return answer[1:] if answer.startswith("=") else None

    def resolve(self, name: str) -> list[str] | None:
        value = self.lookup(name)
        return None if value is None else addresses(value)

    def map(self, keys: Iterable[str] = ()) -> dict[str, str]:
        found = {key.lower(): self.lookup(key) for key in keys}
        return {key: value for key, value in found.items() if value is not None}
