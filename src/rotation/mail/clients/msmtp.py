"""msmtp: accounts in /etc/msmtprc and in the sender's home, and an aliases file of its own kind.

Sources: msmtp(1), "CONFIGURATION FILES" and "aliases"; what those leave open was measured on the
Debian package (1.8.23).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rotation.dataclasses import dataclass, field
from rotation.mail.clients.values import AliasTable, ClientAlias, ClientConfig, ConfigLine
from rotation.mail.grammar.model import Oddity

CONF = Path("/etc/msmtprc")
IN_HOME = (".msmtprc", ".config/msmtp/config")
"""The first of these that is there is read too, and its accounts come before those of CONF."""
DEEPEST = 16
"""How many aliases may lead to one another."""
_LONGEST = 510
_MEMBERS = 32
_COMMANDS = frozenset(
    [
        "add_missing_date_header",
        "add_missing_from_header",
        "allow_from_override",
        "aliases",
        "auth",
        "auto_from",
        "connect_timeout",
        "domain",
        "dsn_notify",
        "dsn_return",
        "from",
        "from_full_name",
        "host",
        "keepbcc",
        "logfile",
        "logfile_time_format",
        "maildomain",
        "ntlmdomain",
        "password",
        "passwordeval",
        "port",
        "protocol",
        "proxy_host",
        "proxy_port",
        "remove_bcc_headers",
        "set_date_header",
        "set_from_header",
        "set_msgid_header",
        "set_to_header",
        "socket",
        "source_ip",
        "syslog",
        "timeout",
        "tls",
        "tls_cert_file",
        "tls_certcheck",
        "tls_crl_file",
        "tls_fingerprint",
        "tls_force_sslv3",
        "tls_host_override",
        "tls_key_file",
        "tls_min_dh_prime_bits",
        "tls_nocertcheck",
        "tls_nostarttls",
        "tls_priorities",
        "tls_starttls",
        "tls_trust_file",
        "undisclosed_recipients",
        "user",
    ]
)
_C_SPACE = " \t\n\v\f\r"


@dataclass
class _Account:
    defaults: dict[str, ConfigLine] = field(default_factory=dict)
    own: dict[str, ConfigLine] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MsmtpAccounts:
    """What one configuration file says: the settings of each account by its name."""

    accounts: dict[str, dict[str, ConfigLine]] = field(default_factory=dict)
    begins: dict[str, int] = field(default_factory=dict)
    """The line of each `account` command; none for one that begins without it."""
    fault: Oddity | None = None
    computed: int | None = None


def parse(text: str) -> MsmtpAccounts:
    """Read a configuration file. Raises nothing: a line that msmtp refuses is the `fault`."""
    defaults: dict[str, ConfigLine] = {}
    accounts: dict[str, _Account] = {}
    begins: dict[str, int] = {}
    current: dict[str, ConfigLine] | None = None
    for number, command, argument in _commands(text):
        if command == "eval":
            return MsmtpAccounts(computed=number)
        if command == "defaults":
            current = defaults
        elif command == "account":
            name, _, parents = argument.partition(":")
            account = _Account(dict(defaults))
            for parent in filter(None, (word.strip(" \t") for word in parents.split(","))):
                if parent not in accounts:
                    return MsmtpAccounts(
                        fault=Oddity(number, f"account {parent} is not yet defined")
                    )
                account.own.update(accounts[parent].own)
            name = name.strip(" \t")
            if not name or "," in name or name in accounts:
                what = f"account {name} was already defined" if name in accounts else "no such name"
                return MsmtpAccounts(fault=Oddity(number, what))
            accounts[name] = account
            begins[name] = number
            current = account.own
        elif command not in _COMMANDS:
            return MsmtpAccounts(fault=Oddity(number, f"unknown command {command}"))
        else:
            if current is None:
                current = accounts.setdefault("default", _Account(dict(defaults))).own
            current[command] = ConfigLine(argument, number)
    settings = {name: {**account.defaults, **account.own} for name, account in accounts.items()}
    return MsmtpAccounts(settings, begins)


def default(system: MsmtpAccounts, user: MsmtpAccounts) -> ClientConfig | None:
    """The account that is used where nobody names another; None where there is none."""
    for accounts in (system, user):
        if accounts.fault is not None or accounts.computed is not None:
            return ClientConfig(fault=accounts.fault, computed=accounts.computed)
    settings = user.accounts.get("default", system.accounts.get("default"))
    return None if settings is None else ClientConfig(settings)


def _commands(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r").lstrip(" \t")
        if not line or line.startswith("#"):
            continue
        command = line.split(" ")[0].split("\t")[0]
        argument = line[len(command) :].strip(" \t")
        if len(argument) > 1 and argument[0] == argument[-1] == '"':
            argument = argument[1:-1]
        yield number, command, argument


def read_aliases(data: bytes) -> AliasTable:
    """Read an aliases file: one alias a line, `#` begins a comment, nothing is continued."""
    entries: dict[str, tuple[ClientAlias, ...]] = {}
    for number, raw in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        if len(raw.encode("utf-8", "surrogateescape")) >= _LONGEST:
            return AliasTable(fault=Oddity(number, f"longer than {_LONGEST} bytes"))
        if "\0" in raw:
            return AliasTable(fault=Oddity(number, "a NUL byte"))
        line = raw.partition("#")[0].strip(_C_SPACE)
        if not line:
            continue
        name, *rest = (part.strip(_C_SPACE) for part in line.split(":"))
        if len(rest) != 1:
            return AliasTable(fault=Oddity(number, "must have one colon, after the name"))
        if not name or "@" in name:
            return AliasTable(fault=Oddity(number, f"{name!r} cannot be an alias"))
        if name in entries:
            return AliasTable(fault=Oddity(number, f"repeats the alias {name!r}"))
        members = [member.strip(_C_SPACE) for member in rest[0].split(",")]
        entries[name] = (ClientAlias(tuple(members[:_MEMBERS]), number),)
    return AliasTable(entries)
