"""Made-up configurations of the clients that only send, from a seed: what people write, and what
they should not have written. See test_trace_clients.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .rigs.senders import HUB

DUTY = "duty@people.test"
NAMES = ("root", "alice", "bob", "oncall", "all", "Root", "postmaster", "default", "nosuch", "*")
ELSEWHERE = (DUTY, DUTY, "bob@people.test", "root@hub.test", "Duty@People.Test", "a+b@hub.test")
ODD = (
    '"|/bin/cat"',
    "|/bin/cat",
    ":include:/etc/list",
    "/var/tmp/file",
    "\\alice",
    "<duty@people.test>",
    "Duty Person <duty@people.test>",
    "duty@people.test bob@people.test",
    "",
    "duty@people.test (x)",
    "jos\u00e9@people.test",
    "alice@box.test",
    "alice@localhost",
    "root@box.test",
    "duty @people.test",
    '"duty@people.test"',
    "duty@people.test;",
    "duty@@people.test",
)
ASKED = (
    "root",
    "alice",
    "nosuch",
    "postmaster",
    "oncall",
    "root@localhost",
    "root@box.test",
    "alice@box",
    "bob@people.test",
    "Root",
)


@dataclass(frozen=True)
class World:
    """Files by path (None: there is none), and the addresses to send to."""

    files: dict[str, str | None]
    addresses: list[str]


def worlds(client: str, count: int, seed: int) -> list[World]:
    """That many worlds for a client."""
    made = []
    for number in range(count):
        random_ = random.Random(f"{client} {seed} {number}")
        files = _MAKERS[client](random_)
        made.append(World(files, ["root", random_.choice(ASKED[1:])]))
    return made


def _member(random_: random.Random, odd: float) -> str:
    chance = random_.random()
    if chance < odd:
        return random_.choice(ODD)
    return random_.choice(ELSEWHERE if chance < 0.75 else NAMES)


def aliases_text(random_: random.Random) -> str:
    """An aliases file; in a third of them something is odd."""
    odd = random_.choice((0.0, 0.0, 0.08))
    lines = []
    for name in random_.sample(NAMES, random_.randint(1, 6)):
        value = [_member(random_, odd) for _ in range(random_.choice((1, 1, 1, 2, 3)))]
        glue = random_.choice((", ", ",", " , ", ",\n   ") if odd else (", ", ","))
        lines.append(
            random_.choice(("", "", " ") if odd else ("",)) + f"{name}: {glue.join(value)}"
        )
    if odd:
        for _ in range(random_.randint(0, 2)):
            junk = (
                "# a comment",
                "",
                "   ",
                "no colon",
                "root: twice@people.test",
                "x@y: z",
                "\t# x",
                "a: b # c",
                "a: b: c",
                ":",
                "a:",
                "root : duty@people.test",
                "b: " + "x" * 520,
            )
            lines.insert(random_.randint(0, len(lines)), random_.choice(junk))
    end = random_.choice(("\n", "\n", "\n", "")) if odd else "\n"
    text = "\n".join(lines) + end
    return text.replace("\n", "\r\n") if odd and random_.random() < 0.1 else text


def _some(random_: random.Random, *chances: tuple[float, str]) -> str:
    return "".join(text for chance, text in chances if random_.random() < chance)


def _msmtp(random_: random.Random) -> dict[str, str | None]:
    aliases = random_.choice(
        ("/etc/aliases", "/etc/aliases", "/etc/other", "~/al", '"/etc/aliases"')
    )
    account = f"host {HUB}\nfrom %U@%M\n"
    names = f"aliases {aliases}\n" if random_.random() < 0.85 else ""
    shapes = (
        f"account default\n{account}{names}",
        f"{account}{names}",
        f"defaults\n{names}account hub\n{account}account default : hub\n",
        f"account hub\n{account}{names}account default : hub\n",
        f"account hub\n{account}{names}account default: hub\naliases /etc/other\n",
        f"defaults\naliases /etc/other\naccount a\n{account}{names}account default : a\n",
        f"account default\n{account}{names}account b\n{account}aliases /etc/other\n",
        f"account hub\n{account}{names}",
    )
    text = random_.choice(shapes) + _some(
        random_,
        (0.1, "# comment\n\n"),
        (0.05, "auto_from on\n"),
        (0.03, "no_such_command 1\n"),
        (0.03, "aliases\n"),
        (0.03, "eval echo aliases /etc/other\n"),
        (0.1, "syslog LOG_MAIL\n"),
        (0.05, " aliases\t/etc/other \n"),
        (0.03, "account default\n"),
    )
    own = None
    if random_.random() < 0.15:
        own = random_.choice(
            (
                f"account default\n{account}aliases /etc/other\n",
                f"account x\n{account}",
                "nonsense\n",
                "",
                f"aliases /etc/other\n{account}",
            )
        )
    return {
        "/etc/msmtprc": text if random_.random() < 0.97 else None,
        "/root/.msmtprc": own,
        "/etc/aliases": aliases_text(random_) if random_.random() < 0.95 else None,
        "/etc/other": aliases_text(random_),
        "/root/al": aliases_text(random_),
    }


def _dma(random_: random.Random) -> dict[str, str | None]:
    hub = f"SMARTHOST {HUB}\n" if random_.random() < 0.95 else f"SMARTHOST  {HUB}\n"
    text = hub + _some(
        random_,
        (0.1, "NULLCLIENT\n"),
        (0.6, "MAILNAME /etc/mailname\n"),
        (0.05, "MAILNAME hub.test\n"),
        (0.1, "ALIASES /etc/other\n"),
        (0.03, "NONSENSE\n"),
        (0.1, "# comment\n\n"),
        (0.05, "PORT 25\n"),
        (0.1, "MASQUERADE box.test\n"),
        (0.03, " STARTTLS\n"),
    )
    return {
        "/etc/dma/dma.conf": text,
        "/etc/mailname": random_.choice(("box.test\n", "box.test\n", "hub.test\n", "", None)),
        "/etc/aliases": aliases_text(random_) if random_.random() < 0.95 else None,
        "/etc/other": aliases_text(random_),
    }


def _nullmailer(random_: random.Random) -> dict[str, str | None]:
    admin = random_.choice(
        (
            DUTY,
            DUTY,
            DUTY,
            f"{DUTY},bob@people.test",
            f"{DUTY}, bob@people.test",
            "duty",
            "",
            f"  {DUTY}  ",
            f"\n{DUTY}",
            f"{DUTY}\nbob@people.test",
            random_.choice(ODD),
            None,
            "root@localhost",
            f"#{DUTY}",
            "root",
        )
    )
    return {
        "/etc/nullmailer/adminaddr": None if admin is None else f"{admin}\n",
        "/etc/nullmailer/remotes": f"# the hub\n{HUB} smtp\n" if random_.random() < 0.95 else "#\n",
        "/etc/nullmailer/defaulthost": random_.choice(
            (None, None, None, "hub.test\n", "h\n", "localhost")
        ),
        "/etc/nullmailer/defaultdomain": random_.choice((None, "", "", "people.test\n")),
        "/etc/mailname": random_.choice(("box.test\n", "box.test\n", "box\n", "hub.test", None)),
    }


def _esmtp(random_: random.Random) -> dict[str, str | None]:
    hub = f"hostname={HUB}:25\n"
    mda = random_.choice(
        (
            f'mda="/usr/bin/esmtp -i {DUTY}"\n',
            f"mda = '/usr/bin/esmtp {DUTY} bob@people.test'\n",
            'mda="/bin/cat"\n',
            "",
            f'mda "/usr/sbin/sendmail -oi {DUTY}"\n',
            "mda=/bin/true\n",
            f'mda="/usr/bin/esmtp -i {DUTY} root"\n',
            f'mda="/usr/bin/esmtp -i {DUTY} | cat"\n',
            f'mda="/usr/bin/esmtp -v {DUTY}"\n',
            f'mda="/usr/bin/esmtp -i %F {DUTY}"\n',
        )
    )
    more = (
        (0.2, "qualifydomain = people.test\n"),
        (0.05, "force_mda=someuser\n"),
        (0.05, "garbage = 1\n"),
        (0.1, "# comment\n\n"),
        (0.05, 'helo "box.test"\n'),
        (0.05, 'force sender "a@b.test"\n'),
        (0.05, f"identity a@b.test\n  {hub}  qualifydomain=hub.test\n"),
        (0.05, "mda=/bin/true\n"),
    )
    own = f"{hub}qualifydomain=home.test\n" if random_.random() < 0.1 else None
    return {
        "/etc/esmtprc": hub + mda + _some(random_, *more) if random_.random() < 0.97 else None,
        "/root/.esmtprc": own,
    }


def _ssmtp(random_: random.Random) -> dict[str, str | None]:
    root = random_.choice(
        (
            f"root={DUTY}\n",
            f"root={DUTY}\n",
            f"Root={DUTY}\n",
            "root=duty\n",
            "root=\n",
            f"root={DUTY} \n",
            f"root = {DUTY}\n",
            f" root={DUTY}\n",
            f"root={DUTY},bob@people.test\n",
            f"root={DUTY} # x\n",
            f'root="{DUTY}"\n',
            f"root {DUTY}\n",
            f"root=bob={DUTY}\n",
            f"root={DUTY}\r\n",
            "",
            f"root=bob@people.test\nroot={DUTY}\n",
            f"#root={DUTY}\n",
        )
    )
    text = (
        f"mailhub={HUB}\n"
        + root
        + _some(
            random_,
            (0.5, "hostname=box.test\n"),
            (0.1, "hostname=people.test\n"),
            (0.2, "rewriteDomain=people.test\n"),
            (0.05, "rewriteDomain=\n"),
            (0.03, "rewriteDomain=@people.test\n"),
            (0.1, "FromLineOverride=YES\n"),
            (0.05, "hostname=\n"),
            (0.05, f"root={DUTY}"),
        )
    )
    return {
        "/etc/ssmtp/ssmtp.conf": text,
        "/etc/ssmtp/revaliases": random_.choice(("", "", f"root:box@people.test:{HUB}\n")),
        "/etc/mailname": random_.choice(("box.test\n", "hub.test\n")),
    }


_MAKERS: dict[str, Callable[[random.Random], dict[str, str | None]]] = {
    "msmtp": _msmtp,
    "dma": _dma,
    "nullmailer": _nullmailer,
    "esmtp": _esmtp,
    "ssmtp": _ssmtp,
}
