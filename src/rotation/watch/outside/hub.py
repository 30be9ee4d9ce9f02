"""What this host sends as: its names, its way out, and what signs its mail. Sources: postconf(5)
`myorigin`, `relayhost`, `smtpd_milters`; the Exim specification, `qualify_domain` and "DKIM";
opendkim.conf(5)."""

from __future__ import annotations

import re
from contextlib import suppress
from enum import Enum
from pathlib import Path

from rotation.dataclasses import dataclass
from rotation.errors import ApplyError
from rotation.mail.exim import PROGRAMS
from rotation.mail.opensmtpd import CONFIGS
from rotation.mail.sendmail import CONFIG
from rotation.mail.server import told
from rotation.system import Files, Look

_OPENDKIM = Path("/etc/opendkim.conf")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9])?\Z", re.ASCII)


class Signing(Enum):
    """Whether mail gets a DKIM signature here."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hub:
    """`origin` is the domain that a bare sender gets, `name` the host's own; `relay` whom it gives
    all its mail, if it does. `key` is where the DKIM key of its signatures stands."""

    server: str
    origin: str
    name: str
    relay: str | None = None
    signing: Signing = Signing.UNKNOWN
    key: str | None = None

    @property
    def owners(self) -> bool:
        """Whether its mail server takes notice of `owner-NAME`."""
        return self.server in ("postfix", "sendmail")


def look(system: Look, server: str, config: Path | None) -> Hub:
    """What this host sends as."""
    name = system.host_name().lower()
    match server:
        case "postfix":
            return _postfix(system, config, name)
        case "exim":
            origin = _exim(system, config, "qualify_domain") or name
            signs = _exim_signs(system, config)
            return Hub(
                server, origin, _exim(system, config, "primary_hostname") or name, None, signs
            )
        case _:
            stock = {"sendmail": (CONFIG,), "opensmtpd": CONFIGS}.get(server, ())
            paths = stock if config is None else (config,)
            text = next((text for path in paths if (text := _text(system, path)) is not None), None)
            signs = Signing.UNKNOWN if text is None else Signing.NO
            if text is not None and "dkim" in text.lower():
                signs = Signing.UNKNOWN
            return Hub(
                server, name, name, None, signs, _key(system) if "dkim" in (text or "") else None
            )


def _postfix(system: Look, config: Path | None, name: str) -> Hub:
    option = () if config is None else ("-c", str(config))

    def value(parameter: str) -> str:
        done = told(system, "postconf", *option, "-hx", parameter)
        return done.out.strip().lower() if done is not None and done.status == 0 else ""

    origin = value("myorigin")
    if origin.startswith("/"):
        text = _text(system, Path(origin)) or ""
        origin = text.strip().lower()
    milters = " ".join(value(key) for key in ("smtpd_milters", "non_smtpd_milters")).split()
    key = _key(system) if milters else None
    signing = Signing.NO if not milters else Signing.YES if key else Signing.UNKNOWN
    relay = re.sub(r"[\[\]]|:\w+$", "", value("relayhost")) or None
    return Hub("postfix", origin or name, value("myhostname") or name, relay, signing, key)


def _exim(system: Look, config: Path | None, option: str) -> str:
    which = () if config is None else ("-C", str(config))
    for program in PROGRAMS:
        done = told(system, program, *which, "-bP", option)
        if done is not None and done.status == 0:
            value = done.out.partition("=")[2].strip().lower()
            return value if _NAME.match(value) else ""
    return ""


def _exim_signs(system: Look, config: Path | None) -> Signing:
    which = () if config is None else ("-C", str(config))
    for program in PROGRAMS:
        done = told(system, program, *which, "-bP", "transports")
        if done is not None and done.status == 0:
            set_to = re.search(r"^dkim_(?:domain|selector) = \S", done.out, re.MULTILINE)
            return Signing.UNKNOWN if set_to else Signing.NO
    return Signing.UNKNOWN


def _key(system: Files) -> str | None:
    """The name of the key that opendkim signs with; None where it cannot be told so simply."""
    text = _text(system, _OPENDKIM) or ""
    settings = dict(re.findall(r"^(Domain|Selector|KeyTable)[ \t]+(\S+)", text, re.MULTILINE))
    domain, selector = settings.get("Domain", "").lower(), settings.get("Selector", "").lower()
    if "KeyTable" in settings or not (_NAME.match(domain) and _NAME.match(selector)):
        return None
    return f"{selector}._domainkey.{domain}"


def _text(system: Files, path: Path) -> str | None:
    with suppress(ApplyError):
        file = system.read(path)
        return file.data.decode("utf-8", "replace") if file is not None else None
    return None
