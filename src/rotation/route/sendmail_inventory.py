"""What Sendmail's configuration holds that is not followed and could divert mail: options, mailers,
rule sets that check mail, the order of its sources of aliases.

Sources: the Sendmail Installation and Operation Guide (options, mailers, check_* rule sets),
cf/README (access_db, msp, milters).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rotation.errors import Where
from rotation.mail.sendmail import SUBMIT
from rotation.route.doubts import LEAST_SIZE, Doubt
from rotation.route.sendmail_rules import config_lines
from rotation.route.tree import MailHost

_FOLLOWED = {"aliasfile", "forwardpath", "dontblamesendmail", "defaultuser", "maxaliasrecursion"}
_FOLLOWED |= {"serviceswitchfile", "virtusertable"}
_LEAST = {
    "maxmessagesize": LEAST_SIZE, "maxhopcount": 10, "maxheaderslength": 8192,
}  # fmt: skip
"""The lowest that limits may be before they refuse ordinary mail."""
_MOST_FREE = 1_000_000
"""The most blocks that may have to be free for a mail to be taken."""
_HARMLESS = re.compile(
    r"sevenbitinput|aliaswait|maxmessagesize|blanksub|holdexpensive|deliverymode"
    r"|\w*filemode|helpfile|resolveroptions|sendmimeerrors|connectioncache\w+|hoststatusdirectory"
    r"|useerrorsto|loglevel|checkaliases|oldstyleheaders|privacyoptions|authwarnings"
    r"|max(daemonchildren|runnersperqueue|queue\w+|hopcount|headerslength|mimeheaderlength|noopcommands"
    r"|recipientspermessage)|queue(directory|la|factor|sortorder|fileMode)|timeout\.[\w.]+|supersafe"
    r"|statusfile|refusela|delayla|connectionratethrottle|connectionratewindowsize|safefileenvironment"
    r"|smtpgreetingmessage|unixfromline|operatorchars|mustquotechars|deadletterdrop|badrcptthrottle"
    r"|rrtimpliesdsn|trusteduser|controlsocketname|pidfile|processtitleprefix|rejectnul|hostsfile"
    r"|auth\w+|tls\w*|\w*(cert|key|ca|crl)(file|path)|dhparameters|cipherlist|\w+ssloptions|randfile"
    r"|daemonportoptions|clientportoptions|colonokinaddr|classfactor|recipientfactor|retryfactor"
    r"|minqueueage|youngjobs|dialdelay|doublebounceaddress|postmastercopy|errorheader|errormode"
    r"|eightbitmode|defaultcharset|matchgecos|noreciientaction|norecipientaction|dontexpandcnames"
    r"|dontprobeinterfaces|dontpruneroutes|sendmimeerrors|singlethreaddelivery|singlelinefromheader"
    r"|savefromline|allowbogushelo|requiresdirfsync|fastsplit|heloname|usemsp|forkeachjob|rrtimplies\w+"
    r"|maxqueuerunsize|milter\.\w+(\.\w+)*|datafilebuffersize|xscriptfilebuffersize|nice\w+"
    r"|timezonespec|tempfilemode|debugopts|tryn?ullmxlist|trynullmxlist|smtputf8|ssl\w*|sharedmemory\w*"
)
"""Options that cannot divert, discard or rewrite the recipients of mail, in lower case."""
_CHECKS = re.compile(r"^S(Local_check_(relay|mail|rcpt)|check_(compat|data|eoh|eom|etrn|expn))\b")
_ASIDE = re.compile(
    r"S(Basic_|check_|Local_check_|Rcpt_ok|Relay_ok|RelayTLS|Delay_TLS|TLS_|(try_|Local_)?tls|Conn"
    r"|RateC|authinfo|trust_auth|Local_(try|Relay_Auth)|\w+_features|greet_pause|Greet|queuegroup)"
)
"""Rule sets that do not say where a recipient's mail goes."""
_OF_A_MAIL = re.compile(r"\$&(?!h\b|\{(?:daemon_flags|deliveryMode|opMode|addr_type)\})")
"""What is known only once there is a mail: its sender, the client that hands it in."""
_OPTION = re.compile(r"^O\s*([\w.]+)\s*=?\s*(.*)$")
_MAPS = re.compile(r"(?:(hash|btree|dbm|ndbm|cdb|text|implicit|files):|/|-)")
_HOME = re.compile(r"\[?(127\.0\.0\.1|::1|IPv6:::1|localhost)\]?(:\d+)?")
NO_ALIASES = "the local mailer looks up no aliases"
"""A doubt about mail that is kept here alone: a null client, which keeps none, has it too."""


def inventory(host: MailHost, path: Path, default: bool, own: frozenset[str]) -> Iterator[Doubt]:
    """Look through a sendmail.cf; with submit.cf, where it is the default one. `own` are the
    domains whose mail is kept here."""
    where = Where(str(path))
    ruleset = ""
    yield from _looks_at_mail(host, path)
    for line in config_lines(host, path):
        option = _OPTION.match(line)
        if option:
            yield from _option(option[1], option[2].strip(), where)
        elif line.startswith("S"):
            ruleset = line if _CHECKS.match(line) else ""
        elif line.startswith("R") and ruleset:
            yield Doubt(f"rules of your own in {ruleset.split('=')[0][1:].strip()}", where)
            ruleset = ""
        elif line.startswith("H") and "$>" in line:
            yield Doubt(f"rules for a header: {line[1:60].strip()}", where)
        elif line.startswith("Mlocal") and not re.search(r"\bF=[^,\s]*A", line):
            yield Doubt(NO_ALIASES, where)
        elif line.startswith("Kaccess"):
            yield from _access(host, line, where, own)
        elif line.startswith("Q"):
            yield Doubt(f"a queue group: {line[1:60].strip()}", where)
        elif (limit := re.match(r"M\w+,.*\bM=(\d+)", line)) and int(limit[1]) < LEAST_SIZE:
            yield Doubt(f"the mailer {line[1:].split(',')[0]} has M={limit[1]}", where)
    if default:
        yield from _submit(host)


def _option(name: str, value: str, where: Where) -> Iterator[Doubt]:
    bare = name.lower()
    if not value:
        return
    if bare == "aliasfile":
        for part in value.split(","):
            if part.strip() and not _MAPS.match(part.strip()):
                yield Doubt(f"AliasFile = … {part.strip()}", where)
    elif bare in _LEAST:
        if not value.isdigit() or 0 < int(value) < _LEAST[bare]:
            yield Doubt(f"{name} = {value}", where)
    elif bare == "minfreeblocks":
        if not value.isdigit() or int(value) > _MOST_FREE:
            yield Doubt(f"{name} = {value}", where)
    elif bare == "metoo":
        if value.lower() not in ("true", "t", "yes", "y", "1"):
            yield Doubt(f"{name} = {value}", where)
    elif (bare.endswith("portoptions") and "inputmailfilters" in value.lower()) or (
        bare not in _FOLLOWED and not _HARMLESS.fullmatch(bare)
    ):
        yield Doubt(f"{name} = {value}", where)


def _looks_at_mail(host: MailHost, path: Path) -> Iterator[Doubt]:
    """Rules for recipients that look at more than the recipient."""
    aside = False
    for line in config_lines(host, path):
        if line.startswith("S"):
            aside = bool(_ASIDE.match(line))
        elif line.startswith("R") and not aside and (macro := _OF_A_MAIL.search(line)):
            yield Doubt(f"a rule looks at {line[macro.start() :].split()[0]}", Where(str(path)))


def _access(host: MailHost, line: str, where: Where, own: frozenset[str]) -> Iterator[Doubt]:
    """The access table may throw mail away, or hold it, by its sender, and refuse this host's own
    (cf/README)."""
    words = line.split()
    path = Path(words[-1])
    if words[1:2] not in (["hash"], ["btree"], ["dbm"], ["cdb"]):
        yield Doubt(f"the access table: {line}", where)
        return
    data = host.text(path)
    rows = (data or b"").decode("utf-8", "surrogateescape").split("\n")
    for number, row in enumerate(rows, 1):
        key, _, value = row.partition("#")[0].strip().replace("\t", " ").partition(" ")
        throws = re.match(r"(DISCARD|QUARANTINE)\b", value.strip(), re.I)
        takes = re.match(r"(OK|RELAY|SKIP|DUNNO)\b", value.strip(), re.I)
        if throws or (value and not takes and _of_ours(key.lower(), own)):
            yield Doubt(f"the access table: {row.strip()}", Where(str(path), number))
    if data is None and host.status(Path(f"{path}.db")) is not None:
        yield Doubt(f"the access table {path}, whose text is not there", where)


def _of_ours(key: str, own: frozenset[str]) -> bool:
    """Whether a key of the access table is for mail that this host sends itself."""
    tag, colon, rest = key.partition(":")
    if colon and tag not in ("connect", "from"):
        return False
    name = (rest if colon else key).removesuffix("@")
    if name in ("127", "127.0", "127.0.0", "127.0.0.1", "root", "localhost"):
        return True
    domain = name.rpartition("@")[2]
    return any(each == domain or each.endswith(f".{domain}") for each in own)


def _submit(host: MailHost) -> Iterator[Doubt]:
    """Mail of this host passes submit.cf first, which names the server that it is handed to."""
    yield from _looks_at_mail(host, SUBMIT)
    for line in config_lines(host, SUBMIT):
        if line.startswith("D{MTAHost}"):
            server = line.removeprefix("D{MTAHost}").strip()
            if not _HOME.fullmatch(server):
                yield Doubt(f"mail of this host is handed to {server}", Where(str(SUBMIT)))
        option = _OPTION.match(line)
        if option and option[1].lower() in ("inputmailfilters", "minfreeblocks", *_LEAST):
            yield from _option(option[1], option[2].strip(), Where(str(SUBMIT)))


def switched(host: MailHost, path: Path) -> Iterator[Doubt]:
    """Sources of aliases beside files, in the service switch."""
    rows = (host.text(path) or b"").decode("utf-8", "surrogateescape").split("\n")
    for number, row in enumerate(rows, 1):
        words = row.partition("#")[0].split()
        if words[:1] == ["aliases"] and words[1:] != ["files"]:
            yield Doubt(" ".join(words), Where(str(path), number))
