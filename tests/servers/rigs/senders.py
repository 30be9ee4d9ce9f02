"""Hosts that only send: msmtp, nullmailer, dma, esmtp and sSMTP, as Debian's packages set them up.

Each hands what it takes to its smart host, 192.0.2.25, which keeps it in `/var/mail/ADDRESS` (see
helper.py). None listens, and none but nullmailer has a daemon. `/etc/aliases` and
`/root/.forward` are there in all of them, read or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from .base import Rig, wait
from .host import Finished

HUB = "192.0.2.25"


class Client(Rig):
    """One client. `config` is the file that it is configured by, `text` what stands in it."""

    config: ClassVar[str]
    text: ClassVar[str]

    def install(self) -> None:
        self.write(self.config, self.text)

    def start(self) -> None:
        """There is no daemon."""

    def stop(self) -> None:
        """There is no daemon."""

    def running(self) -> bool:
        return True

    def rebuild(self) -> Finished:
        """None of them has an index."""
        return Finished(0, "", "")

    def resolve(self, name: str) -> list[str] | None:
        raise NotImplementedError

    def map(self, keys: Iterable[str] = ()) -> dict[str, str]:
        raise NotImplementedError


class Msmtp(Client):
    """After /usr/share/doc/msmtp/examples/msmtprc-system.example."""

    name: ClassVar[str] = "msmtp"
    config: ClassVar[str] = "/etc/msmtprc"
    text: ClassVar[str] = f"""\
# A system wide configuration file with default account.
defaults

# Use the mail submission port 587 instead of the SMTP port 25.
#port 587

account default
host {HUB}
from %U@%M
aliases /etc/aliases
syslog LOG_MAIL
"""


class Nullmailer(Client):
    """`adminaddr` is empty, as debconf leaves it."""

    name: ClassVar[str] = "nullmailer"
    config: ClassVar[str] = "/etc/nullmailer/remotes"
    text: ClassVar[str] = f"{HUB} smtp\n"

    def install(self) -> None:
        super().install()
        self.path(self.config).chmod(0o600)
        self.must(self.run(["chown", "mail:mail", self.config]))
        self.write("/etc/nullmailer/adminaddr", "")
        self.write("/etc/nullmailer/defaultdomain", "")
        self.write("/etc/nullmailer/pausetime", "1\n")
        fifo = "rm -f trigger && mkfifo -m 622 trigger && chown mail:root trigger"
        self.must(self.run(["sh", "-euc", f"cd /var/spool/nullmailer && {fifo}"]))

    def start(self) -> None:
        # it is Debian's service that runs it as this user
        daemon = "setpriv --reuid mail --regid mail --clear-groups nullmailer-send"
        self.must(self.run(["sh", "-c", f"{daemon} >>/var/log/mail.log 2>&1 & :"]))
        wait(self.running, "nullmailer to start")

    def stop(self) -> None:
        self.must(self.run(["pkill", "-x", "nullmailer-send"]))
        wait(lambda: not self.running(), "nullmailer to stop")

    def running(self) -> bool:
        return self.run(["pgrep", "-x", "nullmailer-send"]).status == 0


class Dma(Client):
    """The package's own dma.conf with what debconf asks for in it."""

    name: ClassVar[str] = "dma"
    config: ClassVar[str] = "/etc/dma/dma.conf"
    text: ClassVar[str] = ""

    def install(self) -> None:
        text = self.read("/usr/share/dma/dma.conf").decode()
        self.write(self.config, text.replace("#SMARTHOST mail.example.com", f"SMARTHOST {HUB}"))
        self.must(self.run(["chgrp", "mail", self.config]))
        self.path(self.config).chmod(0o640)


class Esmtp(Client):
    """With an MDA for what stays here: procmail is what Debian proposes, and is not there."""

    name: ClassVar[str] = "esmtp"
    config: ClassVar[str] = "/etc/esmtprc"
    text: ClassVar[str] = f"""\
# Config file for ESMTP sendmail

# The SMTP host and service (port)
hostname={HUB}:25

# Whether to use Starttls
#starttls=disabled

# The Mail Delivery Agent
#mda="/usr/bin/procmail -d %T"
"""


class Ssmtp(Client):
    """What the package's set-up writes for the answers `postmaster` and the smart host."""

    name: ClassVar[str] = "ssmtp"
    config: ClassVar[str] = "/etc/ssmtp/ssmtp.conf"
    text: ClassVar[str] = f"""\
#
# Config file for sSMTP sendmail
#
# The person who gets all mail for userids < 1000
# Make this empty to disable rewriting.
root=postmaster

# The place where the mail goes. The actual machine name is required no
# MX records are consulted. Commonly mailhosts are named mail.domain.com
mailhub={HUB}

# Where will the mail seem to come from?
#rewriteDomain=

# The full hostname
hostname=box.test

# Are users allowed to set their own From: address?
# YES - Allow the user to specify their own From: address
# NO - Use the system generated From: address
#FromLineOverride=YES
"""

    def install(self) -> None:
        super().install()
        self.must(self.run(["chgrp", "mail", self.config]))
        self.path(self.config).chmod(0o640)


CLIENTS: dict[str, type[Client]] = {
    client.name: client for client in (Msmtp, Nullmailer, Dma, Esmtp, Ssmtp)
}
