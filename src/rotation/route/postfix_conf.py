"""What Postfix's main.cf says, and how it reads an address by it. Sources: postconf(5),
ADDRESS_REWRITING_README."""

from __future__ import annotations

import re
from pathlib import Path

from rotation.mail.postfix import FOLDER
from rotation.route.postfix_maps import Maps, words
from rotation.route.tree import MailHost

SETTINGS = (
    "alias_maps", "allow_mail_to_commands", "allow_mail_to_files", "allow_min_user",
    "allow_percent_hack", "always_bcc", "append_at_myorigin", "append_dot_mydomain",
    "canonical_classes", "canonical_maps", "content_filter", "default_transport",
    "defer_transports", "expand_owner_alias", "fallback_transport", "fallback_transport_maps",
    "forward_path", "home_mailbox", "inet_interfaces", "local_transport", "luser_relay",
    "mail_spool_directory", "mailbox_command", "mailbox_command_maps", "mailbox_transport",
    "mailbox_transport_maps", "masquerade_classes", "masquerade_domains", "masquerade_exceptions",
    "mydestination", "mydomain", "myhostname", "myorigin", "owner_request_special",
    "parent_domain_matches_subdomains", "propagate_unmatched_extensions", "proxy_interfaces",
    "recipient_bcc_maps",
    "recipient_canonical_classes", "recipient_canonical_maps", "recipient_delimiter",
    "relay_domains", "relay_transport", "relayhost", "relocated_maps", "require_home_directory",
    "soft_bounce", "swap_bangpath", "transport_maps", "virtual_alias_domains", "virtual_alias_maps",
    "virtual_gid_maps", "virtual_mailbox_base", "virtual_mailbox_domains", "virtual_mailbox_maps",
    "virtual_minimum_uid", "virtual_transport", "virtual_uid_maps",
)  # fmt: skip
"""The settings that are followed."""
_ADDRESS = re.compile(r"\[(?:ipv6:)?([0-9a-f.:]+)\]", re.IGNORECASE)
_LOOPBACK = ("127.0.0.1", "::1")


class MainCf:
    """One instance (`config` is its folder, None for the default one)."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        option = () if config is None else ("-c", str(config))
        self.place = place
        self.maps = Maps(place, option)
        self.set = self.maps.settings(*SETTINGS)
        self.main = str((config or FOLDER) / "main.cf")
        self.origin = self._first_line(self.set["myorigin"]) or self.set["myhostname"]
        self._destinations = words(self.set["mydestination"])
        self.propagate = words(self.set["propagate_unmatched_extensions"])

    def _first_line(self, value: str) -> str:
        if not value.startswith("/"):
            return value
        text = (self.place.text(Path(value)) or b"").decode("utf-8", "surrogateescape")
        return text.split("\n")[0].strip()

    def words(self, name: str) -> list[str]:
        """A setting that holds several words."""
        return words(self.set[name])

    def is_local(self, domain: str) -> bool:
        """Whether mail for a domain is delivered here, to the users of this host."""
        literal = _ADDRESS.fullmatch(domain)
        if literal:
            return self._own(literal[1].lower())
        return self.maps.matches(self._destinations, domain)

    def _own(self, address: str) -> bool:
        """Whether an IP address is one on which this instance takes mail."""
        taken = [*self.words("inet_interfaces"), *self.words("proxy_interfaces")]
        if address in (word.strip("[]").lower() for word in taken):
            return True
        loopback = {"all", "loopback-only", "localhost"} & set(taken)
        return bool(loopback) and address in _LOOPBACK

    def local_names(self, user: str) -> tuple[str, ...]:
        """The addresses that stand for the mailbox of a local user."""
        plain = [d for d in self._destinations if ":" not in d and not d.startswith(("/", "!"))]
        domains = dict.fromkeys(d for d in (*plain, self.origin) if self.is_local(d))
        return (user.lower(), *(f"{user}@{domain}".lower() for domain in domains))

    def split(self, local: str) -> tuple[str, str | None]:
        """A local part and its extension, None when it has none."""
        delimiters = self.set["recipient_delimiter"]
        if local.lower() in ("mailer-daemon", "double-bounce"):
            return local, None
        if local.lower().startswith("owner-") or local.lower().endswith("-request"):
            delimiters = delimiters.replace("-", "")
        for at, char in enumerate(local):
            if at and char in delimiters:
                return local[:at], local[at:]
        return local, None

    def full(self, text: str) -> str:
        """An address as trivial-rewrite(8) writes it: with a domain, and no more operators than
        it has to have."""
        local, at, domain = text.rpartition("@")
        if not at and "!" in text and self.set["swap_bangpath"] != "no":
            domain, at, local = text.partition("!")
        elif not at and "%" in text and self.set["allow_percent_hack"] == "yes":
            local, at, domain = text.rpartition("%")
        if not at:
            return f"{text}@{self.origin}"
        if not domain.endswith(".."):
            domain = domain.removesuffix(".")
        if (
            domain
            and "." not in domain
            and ":" not in domain
            and self.set["append_dot_mydomain"] == "yes"
        ):
            domain = f"{domain}.{self.set['mydomain']}"
        return f"{local}@{domain}"

    def stripped(self, address: str) -> str:
        """An address without domains of this host that stand behind another route: what
        trivial-rewrite(8) resolves of user%elsewhere@here, elsewhere!user@here."""
        for _ in range(20):
            local, _, domain = address.rpartition("@")
            if not local or not self.is_local(domain):
                break
            if "@" in local:
                address = local
            elif "%" in local and self.set["allow_percent_hack"] == "yes":
                address = "@".join(local.rsplit("%", 1))
            elif "!" in local and self.set["swap_bangpath"] != "no":
                address = "@".join(reversed(local.split("!", 1)))
            else:
                break
        return address

    def holds(self, name: str, domain: str) -> bool:
        """Whether a setting that lists domains has this one."""
        if name != "relay_domains":
            return self.maps.matches(self.words(name), domain)
        parents = name in self.words("parent_domain_matches_subdomains")
        return self.maps.within(self.words(name), domain, parents=parents)
