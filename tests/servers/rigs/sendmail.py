"""Sendmail, with Debian's own sendmail.mc and submit.mc.

`O AliasFile` of /etc/mail/sendmail.cf names the text: /etc/mail/aliases, which on Debian is a link
to ../aliases; the index is /etc/mail/aliases.db, beside the link. `sendmail -bt` with the command
`/map aliases NAME` asks with the code that delivers; `sendmail -bv NAME` follows a name to its
end; both fall back on the text when there is no index. `makemap -u hash FILE` lists the index and
nothing else (`praliases` may not read what newaliases makes here). Mail of local programs goes
through a second configuration (submit.cf), by SMTP, to the daemon.

`sendmail -bi -OAliasFile=STAGED` builds an index anywhere but in a folder that others may write;
put in place by rename it is seen at once. A text that its group may write is refused with status
0, and the old index stays. Without an index the daemon bounces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from .base import Rig, addresses, wait
from .host import Finished

SETUP = """
own() { install -d -o "$1" -g "$2" -m "$3" "$4"; }
own smmta smmsp 2755 /etc/mail
own root smmta 2755 /run/sendmail
own smmta smmsp 2755 /run/sendmail/mta
own smmsp smmsp 2775 /run/sendmail/msp
own root smmsp 2775 /run/sendmail/stampdir
own smmta smmsp 2751 /var/lib/sendmail
own root smmsp 2755 /var/lib/sendmail/host_status
own smmta smmsp 2750 /var/spool/mqueue
own smmsp smmsp 2770 /var/spool/mqueue-client
cd /usr/libexec/sendmail
chown root:smmsp sendmail mailstats
chmod 2755 sendmail mailstats
chmod 4755 /usr/sbin/sensible-mda
alternative() {
    ln -sfn "$2" "/etc/alternatives/${1##*/}"
    ln -sfn "/etc/alternatives/${1##*/}" "$1"
}
for name in sendmail sendmail-mta sendmail-msp; do
    alternative /usr/sbin/$name /usr/libexec/sendmail/sendmail
done
alternative /usr/sbin/newaliases /usr/share/sendmail/newaliases
alternative /usr/bin/mailq /usr/share/sendmail/mailq
ln -sfn /usr/libexec/sendmail/sendmail /usr/lib/sendmail
ln -sfn /usr/libexec/sendmail/mail.local /etc/mail/smrsh/mail.local
cd /etc/mail
: > m4/dialup.m4
: > m4/provider.m4
: > local-host-names
: > relay-domains
: > trusted-users
cp service.switch-nodns service.switch
{
    # One second of silence at each connection is for spammers.
    sed '/greet_pause/d; /^MAILER_DEFINITIONS/,$d' /usr/share/sendmail/cf/debian/sendmail.mc
    cat more.mc
} > sendmail.mc
{
    # A busy machine is no reason to keep a mail back: stock thresholds are 8 and 12 for each core.
    grep confQUEUE_LA more.mc
    sed '/^ *dnl/d' /usr/share/sendmail/cf/debian/submit.mc
} > submit.mc
for cf in sendmail submit; do
    if [ -e /tmp/$cf.cf ]; then cat /tmp/$cf.cf; else m4 $cf.mc; fi > $cf.cf
done
echo 'Connect:127.0.0.1 RELAY' > access
makemap hash access < access
"""

MORE = """\
define(`confDOMAIN_NAME', `box.test')dnl
define(`SMART_HOST', `[192.0.2.25]')dnl
define(`confCONNECTION_RATE_THROTTLE', `0')dnl
define(`confTO_IDENT', `0')dnl
define(`confDELAY_LA', `0')dnl
define(`confQUEUE_LA', `100000')dnl
define(`confREFUSE_LA', `100000')dnl
MAILER_DEFINITIONS
MAILER(`local')dnl
MAILER(`smtp')dnl
"""


class Sendmail(Rig):
    name: ClassVar[str] = "sendmail"
    aliases: ClassVar[str] = "/etc/mail/aliases"
    users: ClassVar[tuple[str, ...]] = ("smmta", "smmsp")
    pidfile: ClassVar[str] = "/run/sendmail/mta/sendmail.pid"

    _made: ClassVar[dict[str, bytes]] = {}
    """What m4 has made, which takes its time."""

    def install(self) -> None:
        for name, made in self._made.items():
            self.write(f"/tmp/{name}", made)
        # The text, where Debian's update_db moves it, and the link that it leaves behind.
        self.path("/etc/aliases").write_bytes(self.read(self.aliases))
        self.path(self.aliases).unlink()
        self.path(self.aliases).symlink_to("../aliases")
        self.write("/etc/mail/more.mc", MORE)
        self.must(self.run(["sh", "-euc", SETUP]))
        for name in ("sendmail.cf", "submit.cf"):
            self._made[name] = self.read(f"/etc/mail/{name}")
            self.path(f"/tmp/{name}").unlink(missing_ok=True)

    def start(self) -> None:
        self.must(self.run(["/usr/sbin/sendmail-mta", "-Am", "-L", "sm-mta", "-bd", "-q10m"]))
        self.must(self.run(["/usr/sbin/sendmail-msp", "-Ac", "-L", "sm-msp", "-q1m"]))
        wait(lambda: self.running() and self.listening(25), "sendmail to start")

    def stop(self) -> None:
        for file in (self.pidfile, "/run/sendmail/msp/sendmail.pid"):
            if self.alive(file):
                self.must(self.run(["kill", self.read(file).split()[0].decode()]))
        wait(lambda: not self.running(), "sendmail to stop")

    def running(self) -> bool:
        return self.alive(self.pidfile)

    def rebuild(self) -> Finished:
        return self.run(["/usr/sbin/newaliases"])

    def resolve(self, name: str) -> list[str] | None:
        answer = self.must(self.run(["/usr/sbin/sendmail", "-bt"], f"/map aliases {name}\n")).out
        # a run that was killed between the text and its index leaves one that is out of date
        warning = r"(?:Warning: alias database .* out of date\n)?"
        pattern = rf"map_lookup: aliases \(.*?\) {warning}(returns (.*) \(0\)|no match)"
        found = re.search(pattern, answer)
        if found is None:
            raise AssertionError(answer)
        return addresses(found[2]) if found[2] else None

    def map(self, keys: Iterable[str] = ()) -> dict[str, str]:
        lines = self.must(self.run(["makemap", "-u", "hash", self.aliases])).out.splitlines()
        pairs = (re.split(r"\s+", line, maxsplit=1) for line in lines)
        return {key.lower(): value for key, value in pairs if key != "@"}
