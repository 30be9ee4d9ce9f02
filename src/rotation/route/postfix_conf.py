"""What Postfix's main.cf says, and how it reads an address by it. Sources: postconf(5),
ADDRESS_REWRITING_README."""

from __future__ import annotations

from pathlib import Path

from rotation.mail.postfix import FOLDER
from rotation.route.postfix_maps import Maps, words
from rotation.route.tree import MailHost

_SETTINGS = (
    "alias_maps", "allow_mail_to_commands", "allow_mail_to_files", "allow_percent_hack",
    "always_bcc",
    "append_at_myorigin", "append_dot_mydomain", "canonical_maps", "default_transport",
    "expand_owner_alias", "fallback_transport", "forward_path", "local_transport", "luser_relay",
    "mailbox_command", "mailbox_transport", "mydestination", "mydomain", "myhostname", "myorigin",
    "owner_request_special", "propagate_unmatched_extensions", "recipient_bcc_maps",
    "recipient_canonical_maps", "recipient_delimiter", "relay_domains", "relay_transport",
    "relayhost", "require_home_directory", "transport_maps", "virtual_alias_domains",
    "virtual_alias_maps", "virtual_mailbox_domains", "virtual_mailbox_maps", "virtual_transport",
)  # fmt: skip


class MainCf:
    """One instance (`config` is its folder, None for the default one)."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        option = () if config is None else ("-c", str(config))
        self.place = place
        self.maps = Maps(place, option)
        self.set = self.maps.settings(*_SETTINGS)
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
        return self.maps.matches(self._destinations, domain)

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
        """An address with the domain that Postfix gives to one without."""
        local, at, domain = text.rpartition("@")
        if not at and "%" in text and self.set["allow_percent_hack"] == "yes":
            local, at, domain = text.rpartition("%")
        if not at or not domain:
            return f"{text.removesuffix('@')}@{self.origin}"
        if "." not in domain and self.set["append_dot_mydomain"] == "yes":
            domain = f"{domain}.{self.set['mydomain']}"
        return f"{local}@{domain}"

    def holds(self, name: str, domain: str) -> bool:
        """Whether a setting that lists domains has this one."""
        return self.maps.matches(self.words(name), domain)
