"""What the rules of sendmail.cf make of an address: Sendmail itself is asked (`sendmail -bt`).

Source: the Sendmail Installation and Operation Guide, "Testing Configuration Files".
"""

from __future__ import annotations

import re
from pathlib import Path

from rotation.mail.server import Argv
from rotation.route.tree import MailHost

_MAILER = re.compile(
    r"^mailer (?P<mailer>[^,\s]+)(?:, host (?P<host>.*?))?, user (?P<user>.*)$", re.M
)
_RETURNS = re.compile(r"^\S+\s+returns: (.*)$", re.M)
_TRIPLE = re.compile(r"\$# ?(?P<mailer>\S+)(?: \$@ (?P<host>.*?))? \$: (?P<user>.*)$")
_TRIED = re.compile(r"^Rcode = \d+, addr = (.*)$", re.M)
_SAFE = re.compile(r"[^\x00-\x1f\x7f]+\Z")
_USER = re.compile(r"[A-Za-z0-9_.+*=/-]+\Z")

Triple = tuple[str, str | None, str]
"""A mailer, its host if it has one, and the user or address that it is given."""


class RuleSets:
    """The rule sets of one configuration; `argv` runs Sendmail in its test mode."""

    def __init__(self, host: MailHost, argv: Argv) -> None:
        self._host = host
        self._argv = argv
        self._parsed: dict[str, Triple] = {}
        self._local: dict[tuple[str, str], Triple | None] = {}

    def _ask(self, commands: str) -> str:
        data = commands.encode("utf-8", "surrogateescape")
        # its exit status is that of the last address
        return self._host.system.ask(list(self._argv), data=data).out

    def prepare(self, texts: list[str]) -> None:
        """Ask for many addresses at once."""
        todo = [t for t in dict.fromkeys(texts) if t not in self._parsed and _SAFE.match(t)]
        for start in range(0, len(todo), 200):
            batch = todo[start : start + 200]
            commands = (f"/parse {t}\n" + (f"5 {t}\n" if _USER.match(t) else "") for t in batch)
            blocks = self._ask("".join(commands)).split("Cracked address = ")[1:]
            if len(blocks) == len(batch):
                for text, block in zip(batch, blocks, strict=True):
                    self._parsed[text] = _triple(block)
                    if _USER.match(text):
                        self._local[text, ""] = _local(block)

    def parse(self, text: str) -> Triple:
        """What becomes of an address as it is written (rule sets 3 and 0)."""
        if not _SAFE.match(text):
            return "*error*", None, "control characters in an address"
        if text not in self._parsed:
            self._parsed[text] = _triple(self._ask(f"/parse {text}\n"))
        return self._parsed[text]

    def handed(self, text: str) -> tuple[str, str]:
        """As what the client that hands mail in (submit.cf) gives an address to the server; and why
        that cannot be told."""
        if not _SAFE.match(text):
            return text, ""
        said = self._ask(f"/tryflags ER\n/parse {text}\n/try relay {text}\n")
        mailer, _, user = _triple(said)
        tried = _TRIED.findall(said)
        name = tried[-1] if tried else ""
        expected = {text, text.lower(), name}
        if mailer == "local":  # by whatever of its names the host is called
            expected.add(text.partition("@")[0].lower())
        if mailer not in ("local", "relay", "esmtp", "smtp") or user not in expected:
            return text, f"submit.cf makes {mailer}: {user} of {text}"
        return (name, "") if name else (text, f"submit.cf does not say what it makes of {text}")

    def localaddr(self, user: str, host: str | None) -> Triple | None:
        """What becomes of a local user that has no alias (rule set 5); None: nothing new."""
        if not _USER.match(user) or (host and not _USER.match(host)):
            return None
        key = (user, host or "")
        if key not in self._local:
            self._local[key] = _local(self._ask(f".Dh{host or ''}\n5 {user}\n"))
        return self._local[key]

    def checked(self, name: str, text: str) -> str:
        """What a rule set such as check_rcpt returns for an address."""
        if not _SAFE.match(text):
            return ""
        returns = _RETURNS.findall(self._ask(f"{name} {text}\n"))
        return returns[-1] if returns else ""


def _local(said: str) -> Triple | None:
    """What rule set 5 has returned, in what was said last."""
    returns = _RETURNS.findall(said)
    match = _TRIPLE.match(returns[-1]) if returns else None
    if match is None:
        return None
    return match["mailer"], _joined(match["host"]), _joined(match["user"]) or ""


def _triple(said: str) -> Triple:
    triple = _MAILER.search(said)
    if triple is None and re.search(r"Cannot parse|\.\.\. ", said):
        return "*error*", None, "Sendmail cannot parse it"
    if triple is None:
        return "(none)", None, "Sendmail does not say"
    user = triple["user"].removesuffix("> ").strip()
    if triple["mailer"] == "local":
        user = user.lower()
    return triple["mailer"], triple["host"], user


def _joined(tokens: str | None) -> str | None:
    """Tokens as rule sets print them, put together again."""
    return (
        None
        if tokens is None
        else tokens.replace(" ", "").replace("<@", "@").replace(".>", "").replace(">", "")
    )


def config_lines(host: MailHost, path: Path) -> list[str]:
    """The logical lines of a .cf file: what is indented belongs to the line before it."""
    text = (host.text(path) or b"").decode("utf-8", "surrogateescape")
    return re.sub(r"\n[ \t]+", " ", text).split("\n")
