"""`rotation trace` under generated configurations of Postfix, held to what it delivers.

Each configuration is a few settings out of those that decide where mail goes; what `trace` calls
unsure is not compared, everything else has to be what became of the mail.
"""

from __future__ import annotations

import random
import sys
from collections import Counter

from . import chains
from .chains import End, Maker, World
from .rigs import Postfix
from .test_trace_postfix import SMTP_LIMITS, delivered, owned, settled

BOUNCES = ("default_transport", "smtp_generic_maps", "defer_transports", "virtual_alias_maps")
"""Settings under which the news of a refusal may go astray as well."""
ADDRESSES = 40
"""Mails for each configuration."""
OUT = "[192.0.2.25]"

# Sends each line of standard input: number, way (smtp or sendmail), address.
SEND = """
import smtplib, subprocess, sys
for line in sys.stdin.read().splitlines():
    number, way, to = line.split(" ", 2)
    sender, text = f"s{number}@bounces.test", f"Subject: c{number}\\n\\nx\\n"
    if way == "sendmail":
        argv = ["/usr/sbin/sendmail", "-i", "-f", sender, "--", to]
        if subprocess.run(argv, input=text.encode(), capture_output=True).returncode:
            print(number, 550)
        continue
    with smtplib.SMTP("127.0.0.1", 25) as server:
        try:
            server.sendmail(sender, [to], text)
        except smtplib.SMTPRecipientsRefused as error:
            print(number, error.recipients[to][0])
        except smtplib.SMTPResponseException as error:
            print(number, error.smtp_code)
"""
ODD = (
    "-u01", "u01@[127.0.0.1]", "u02@box.test.", "box.test!u03", "away.test!u03",
    "u04%example.com@box.test", "u04%example.com", "u05@", "u06@BOX.test", "u07@@box.test",
    "u08@[192.0.2.9]", "x@y@box.test", "u10@sub.box.test", "u11@other.sub.box.test", "\\u12",
    "u13@localhost.", "u14@box..test", ".u15@box.test", "postmaster", "a/b",
    "u17@bücher.test", "u18+", "+u19", "u20+a+b", "owner-u21", "u22@box", "mailer-daemon",
)  # fmt: skip


class Settings:
    """Makes main.cf and master.cf out of a seed."""

    def __init__(self, seed: int, world: World) -> None:
        self._dice = random.Random(seed + 1000 * chains.SEED)
        self._world = world
        self.master: list[tuple[str, str]] = []
        """What `postconf -M` and `-P` are to set."""
        self.files: dict[str, str] = {}

    def _one(self, *choices: str) -> str:
        return self._dice.choice(choices)

    def _key(self) -> str:
        dice = self._dice
        name = dice.choice([*chains.USERS[:20], *list(self._world.aliases)[:20]])
        return f"{name}{dice.choice(['', '@box.test'])}"

    def _table(self, name: str, *values: str, full: bool = False) -> str:
        """A table of any type with some keys."""
        pairs = {}
        for _ in range(4):
            key = self._key()
            key = f"{key.partition('@')[0]}@box.test" if full else key
            pairs[key] = self._one(*values)
        kinds = ("inline", "texthash", "regexp", "pcre", "hash", "lmdb", "cdb", "union", "pipe")
        kind = self._one(*kinds)
        if kind == "inline":
            inside = ", ".join("{ " + f"{key} = {value}" + " }" for key, value in pairs.items())
            return "inline:{ " + inside + " }"
        path = f"/etc/postfix/t-{name}"
        if kind in ("regexp", "pcre"):
            rows = (f"/^{key.replace('.', '[.]')}$/ {value}" for key, value in pairs.items())
        else:
            rows = (f"{key} {value}" for key, value in pairs.items())
        self.files[path] = "\n".join(rows) + "\n"
        match kind:
            case "union":
                return "unionmap:{ texthash:" + path + ", inline:{ {nosuch = x} } }"
            case "pipe":
                return "pipemap:{ texthash:" + path + ", regexp:/etc/postfix/same }"
            case _:
                return f"{kind}:{path}"

    def _setting(self, name: str) -> str:
        away = ("discard:", "error:gone", "retry:later", f"smtp:{OUT}", "local:")
        match name:
            case "mailbox_transport" | "fallback_transport":
                return self._one(*away[:4], "lmtp:unix:private/nowhere", "virtual:", "nosuch:")
            case "mailbox_transport_maps" | "fallback_transport_maps":
                return self._table(name, *away[:4])
            case "mailbox_command":
                return self._one("/bin/false", f"{chains.TAKE} command", "/usr/bin/procmail -t")
            case "mailbox_command_maps":
                return self._table(name, "/bin/false", f"{chains.TAKE} command")
            case "home_mailbox":
                return self._one("Maildir/", "mbox")
            case "luser_relay":
                return self._one("u01", "x1@example.com", "a0001", "nosuch9")
            case "relocated_maps":
                return self._table(name, "new@example.com")
            case "transport_maps":
                return self._table(name, *away, f"relay:{OUT}", full=True)
            case "defer_transports":
                return self._one("local", "smtp", "discard")
            case "masquerade_domains":
                return self._one("box.test", "!other.sub.box.test box.test")
            case "masquerade_classes":
                return "envelope_recipient, header_sender"
            case "virtual_alias_maps" | "canonical_maps" | "recipient_canonical_maps":
                return self._table(name, "u02@box.test", "x2@example.com", "u03", "a0003", "nosuch")
            case "alias_maps":
                return f"$alias_database {self._table(name, 'u04', 'x4@example.com', 'nosuch')}"
            case "content_filter":
                return self._one(f"smtp:{OUT}", "discard:")
            case "smtpd_milters" | "non_smtpd_milters":
                return "inet:127.0.0.1:1"
            case "header_checks" | "body_checks":
                act = self._one("DISCARD", "REDIRECT x9@example.com", "PREPEND X-Y: z", "HOLD")
                self.files["/etc/postfix/checks"] = f"/^(Subject:|x)/ {act}\n"
                return "regexp:/etc/postfix/checks"
            case "smtpd_recipient_restrictions":
                table = self._table(name, "DISCARD", "REDIRECT x8@example.com", "OK", "DUNNO")
                return f"check_recipient_access {table}, permit"
            case "always_bcc":
                return self._one("u05", "x5@example.com")
            case "recipient_bcc_maps":
                return self._table(name, "u06", "x6@example.com")
            case "sender_bcc_maps":
                return "static:x7@example.com"
            case "local_transport" | "default_transport":
                return self._one(*away[:4])
            case "recipient_delimiter":
                return self._one("-", "+-", "")
            case "virtual_alias_domains":
                return "virt.test box.test"
            case "receive_override_options":
                return "no_address_mappings"
            case "sender_dependent_default_transport_maps":
                return "static:discard:"
            case "smtp_generic_maps":
                return "static:x9@example.com"
            case _:
                return self._one("yes", "no")

    def make(self) -> str:
        """The lines of main.cf that differ."""
        count = self._dice.choice([1, 1, 2, 3])
        names = self._dice.sample(NAMES, count)
        if "masquerade_domains" in names or "masquerade_classes" in names:
            names = [*names, "masquerade_domains", "masquerade_classes"]
        if self._dice.random() < 0.2:
            self.master.append(self._dice.choice(MASTER))
        return "".join(f"{name} = {self._setting(name)}\n" for name in dict.fromkeys(names))


NAMES = (
    "mailbox_transport", "fallback_transport", "mailbox_transport_maps", "fallback_transport_maps",
    "mailbox_command", "mailbox_command_maps", "home_mailbox", "luser_relay", "relocated_maps",
    "transport_maps", "transport_maps", "defer_transports", "masquerade_domains",
    "masquerade_classes", "virtual_alias_maps", "canonical_maps", "recipient_canonical_maps",
    "alias_maps", "content_filter", "smtpd_milters", "non_smtpd_milters", "header_checks",
    "body_checks", "smtpd_recipient_restrictions", "always_bcc", "recipient_bcc_maps",
    "sender_bcc_maps", "local_transport", "default_transport", "recipient_delimiter",
    "virtual_alias_domains", "receive_override_options", "swap_bangpath", "allow_percent_hack",
    "sender_dependent_default_transport_maps", "smtp_generic_maps", "require_home_directory",
    "append_dot_mydomain", "owner_request_special",
)  # fmt: skip
MASTER = (
    ("-M", "local/unix=local unix - n n - - pipe flags=R user=nobody argv=/bin/true"),
    ("-M", "cleanup/unix=cleanup unix n - n - 0 cleanup -o virtual_alias_maps=static:x9@a.test"),
    ("-M", "pickup/unix=pickup unix n - n 60 1 pickup -o content_filter=discard:"),
    ("-M", f"local/unix=local unix - n n - - local -o mailbox_transport=smtp:{OUT}"),
    ("-M", "rewrite/unix=rewrite unix - - n - - trivial-rewrite -o relocated_maps=static:x"),
    ("-M", "smtp/unix=smtp unix - - n - - discard"),
    ("-M", "smtp/inet=smtp inet n - n - - smtpd -o content_filter=discard:"),
    ("-M", "local/unix=local unix - n n - - local -o syslog_name=postfix/mine"),
)


def test_nothing_unknown_is_called_duty(postfix: Postfix) -> None:
    world = Maker(16, 60, plus=True).make()
    plain = postfix.read("/etc/postfix/main.cf").decode() + SMTP_LIMITS
    master = postfix.read("/etc/postfix/master.cf")
    chains.write(postfix, world)
    postfix.write("/etc/postfix/same", "/(.*)/ $1\n")
    dice = random.Random(17 + chains.SEED)
    counts: Counter[str] = Counter()
    differ: list[str] = []
    for number in range(max(1, chains.COUNT // ADDRESSES)):
        settings = Settings(number, world)
        more = settings.make()
        postfix.stop()
        postfix.configure(plain + more)
        postfix.write("/etc/postfix/master.cf", master)
        for path, text in settings.files.items():
            postfix.write(path, text)
        for line in more.splitlines():
            for kind in ("hash", "lmdb", "cdb"):
                if f"{kind}:/etc/postfix/t-" in line:
                    program = "postalias" if line.startswith("alias_maps") else "postmap"
                    path = line.split(f"{kind}:")[1].split()[0].rstrip(",")
                    if program == "postalias":
                        text = settings.files[path].replace(" ", ": ")
                        postfix.write(path, text)
                    postfix.must(postfix.run([program, f"{kind}:{path}"]))
        for option, value in settings.master:
            postfix.must(postfix.run(["postconf", option, value]))
        postfix.start()
        names = [*dice.sample(world.asked, ADDRESSES - 14), *dice.sample(ODD, 14)]
        names = [name for name in names if " " not in name]
        differ += _compare(postfix, world, number, names, settings, more, counts)
    print("seed", chains.SEED, dict(counts))
    assert not differ, f"{len(differ)} of {counts.total()}:\n" + "\n".join(differ[:25])
    assert counts["unsure"] < counts.total() * 0.75, counts


def _compare(
    rig: Postfix,
    world: World,
    number: int,
    names: list[str],
    settings: Settings,
    more: str,
    counts: Counter[str],
) -> list[str]:
    traced = chains.trees(rig, names)
    start = number * ADDRESSES
    lines = []
    for at, name in enumerate(names):
        odd = name in ODD or not name.isascii()
        to = name if "@" in name or odd else f"{name}@box.test"
        lines.append(f"{start + at:05} {'sendmail' if odd else 'smtp'} {to}\n")
    sent = rig.run([sys.executable, "-I", "-S", "-c", SEND], "".join(lines), timeout=300)
    assert sent.status == 0, sent.err
    stuck: set[End] = set()
    try:
        settled(rig, 15)
    except AssertionError:  # a service that cannot work leaves mail where it is
        stuck = {("defer", "")}
    became = delivered(rig, start + len(names))
    theirs: dict[str, set[End]] = {
        name: became[start + at] or set(stuck) for at, name in enumerate(names)
    }
    for line in sent.out.splitlines():
        at, code = map(int, line.split())
        theirs[names[at - start]].add(("bounce" if code >= 500 else "defer", ""))
    rig.run(["postsuper", "-d", "ALL"])
    ours = {}
    lost = any(name in more for name in BOUNCES) or bool(settings.master)
    for name in names:
        said = chains.ends(traced[name])
        counts["unsure" if any(kind == "unsure" for kind, _ in said) else "told"] += 1
        if any(kind == "unsure" or not whom.isascii() for kind, whom in said):
            continue  # the next server takes no addresses that are not ASCII
        said.discard(("lost", ""))
        if lost or owned(traced[name]["tree"], world.owned):
            said.discard(("bounce", ""))
            theirs[name].discard(("bounce", ""))
        ours[name] = said
    theirs = {name: theirs[name] for name in ours}
    return [f"{more!r}: {said}" for said in chains.differences(ours, theirs)]
