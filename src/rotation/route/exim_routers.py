"""Exim's routers, and whether one of them runs for an address.

Source: the Exim specification, chapter "Generic options for routers"; conditions and lists are put
to Exim itself (`-be`), with nothing in them but vetted names.
"""

from __future__ import annotations

import re
from pathlib import Path

from rotation.dataclasses import dataclass
from rotation.mail.exim import PROGRAMS
from rotation.mail.server import need
from rotation.route.tree import MailHost, asked
from rotation.system import Account

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_FALSE = ("", "0", "no", "false")


_KNOWN = frozenset({
    "cannot_route_message", "condition", "data", "debug_print", "directory_transport",
    "dnssec_request_domains", "dnssec_require_domains", "domains", "driver", "errors_to",
    "fallback_hosts", "file", "file_transport", "group", "headers_add", "headers_remove",
    "host_all_ignored", "host_find_failed", "ignore_target_hosts", "include_directory",
    "local_part_prefix", "local_part_suffix", "local_parts", "modemask", "mx_domains",
    "mx_fail_domains", "owners", "owngroups", "pipe_transport", "reply_transport", "require_files",
    "route_data", "route_list", "router_home_directory", "same_domain_copy_routing", "self",
    "srv_fail_domains", "syntax_errors_text", "syntax_errors_to", "transport",
    "transport_current_directory", "transport_home_directory", "user", "widen_domains",
    "check_srv", "ipv4_only", "ipv4_prefer", "sieve_subaddress", "sieve_useraddress",
    "sieve_vacation_directory", "sieve_enotify_mailto_owner",
})  # fmt: skip
"""Options of routers that are followed, that Exim heeds itself when it is asked (`-bt`), or that
change nothing about where mail goes."""
MESSAGE = re.compile(
    r"\$\{?(h_|rh_|bh_|lh_|header|message_|body|received_|recipients|rcpt_|tls_|authenticated|acl_|"
    r"sender_(?!host_address\b)|interface|spam|malware|dkim|tod_|run\b|perl\b|dlfunc\b|readsocket|"
    r"caller_|originator_|reply_address|return_path|first_delivery|manually_thawed|queue_|mime_|"
    r"load_average|randint|spool_|local_scan|n\d|warn|bounce_|smtp_|host_)"
    r"|\b(first_delivery|queue_running)\b"
)
"""What is known only once there is a message."""
_LOOKS = (
    "condition", "domains", "local_parts", "data", "file", "route_data", "route_list", "transport",
    "require_files", "local_part_prefix", "local_part_suffix", "file_transport", "pipe_transport",
    "directory_transport", "include_directory",
)  # fmt: skip
"""Options that decide by what is expanded in them."""


@dataclass(frozen=True)
class EximBlock:
    """A router or a transport: its options with values, and those that are only there or not."""

    name: str
    options: dict[str, str]
    flags: frozenset[str]

    def __getitem__(self, option: str) -> str:
        return self.options.get(option, "")


@dataclass(frozen=True)
class Routed:
    """A router at work on an address."""

    router: EximBlock
    local: str
    domain: str
    account: Account | None
    unsure: str = ""
    """Why it cannot be told whether it takes the address."""


class Routers:
    """The routers of one configuration, in their order."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        self.place = place
        self._program = need(place.system, *PROGRAMS)
        self._option: tuple[str, ...] = () if config is None else ("-C", str(config))
        self.argv: list[str | Path] = [self._program, *self._option]
        self.stock: list[str | Path] = [self._program, "-C", "/dev/null"]
        argv = [*self.argv, "-bP"]
        self.all = self.blocks("routers")
        names = ("qualify_recipient", "primary_hostname")
        said = asked(place.system, [*argv, *names], "exim4 -bV")
        values = dict(line.partition(" = ")[::2] for line in said.splitlines())
        self.origin = values.get("qualify_recipient") or values.get("primary_hostname", "")
        self._answers: dict[str, str | None] = {}

    def blocks(self, what: str) -> list[EximBlock]:
        """The routers or the transports, as Exim prints them."""
        return _read(asked(self.place.system, [*self.argv, "-bP", what], "exim4 -bV"), what)

    def takes(self, router: EximBlock, local: str, domain: str) -> Routed | None:
        """The router at work on an address; None where its conditions do not hold."""
        if "verify_only" in router.flags:
            return None
        stripped = _affixes(router, local)
        if stripped is None:
            return None
        domains = router["domains"].replace("${domain}", domain)
        domains = re.sub(r"\$domain\b(?!_)", domain, domains)
        if not self._matches(domain, domains):
            return None
        parts = router["local_parts"]
        if "$" in parts:
            parts = self.expand(filled(parts, Routed(router, stripped, domain, None))) or ""
        if router["local_parts"] and not self._yes(
            f"${{if match_local_part{{{stripped}}}{{{parts}}}{{yes}}{{no}}}}"
        ):
            return None
        account = None
        if "check_local_user" in router.flags:
            account = self.place.account(stripped)
            if account is None:
                return None
        routed = Routed(router, stripped, domain, account, _unsure(router))
        if not self._files(routed):
            return None
        if router["condition"]:
            said = self.expand(filled(router["condition"], routed))
            if said is None or said.strip().lower() in _FALSE:
                return routed if routed.unsure else None
        return routed

    def local(self, domain: str) -> bool:
        """Whether some router is for this domain by name."""
        return any(self._matches(domain, r["domains"]) for r in self.all if r["domains"])

    def _matches(self, domain: str, listed: str) -> bool:
        if "$" in listed:  # what stands behind match_domain is not expanded a second time
            expanded = self.expand(listed)
            if expanded is None:
                return False
            listed = expanded
        if not listed or listed == "*":
            return True
        return self._yes(f"${{if match_domain{{{domain}}}{{{listed}}}{{yes}}{{no}}}}")

    def _yes(self, text: str) -> bool:
        return self.expand(text) == "yes"

    def _files(self, routed: Routed) -> bool:
        """require_files: which must be there, or not ("!"), seen as a user if one is named."""
        text = filled(routed.router["require_files"], routed)
        if "${" in text:
            text = self.expand(text) or ""
        for word in (part.strip() for part in text.split(":")):
            wanted = not word.startswith("!")
            path = word.lstrip("!+ ")
            if path.startswith("/") and (self.place.status(Path(path)) is not None) != wanted:
                return False
        return True

    def expand(self, text: str) -> str | None:
        """What Exim makes of a string; None where it fails. Holds only vetted names."""
        if "$" not in text:
            return text
        if text not in self._answers:
            finished = self.place.system.ask([self._program, *self._option, "-be", text])
            failed = finished.status != 0 or finished.out.startswith("Failed:")
            self._answers[text] = None if failed else finished.out.rstrip("\n")
        return self._answers[text]


def filled(text: str, routed: Routed) -> str:
    """An option with the variables of an address filled in; those names are vetted."""
    account = routed.account
    values = {
        "local_part": routed.local, "local_part_data": routed.local, "domain": routed.domain,
        "domain_data": routed.domain, "sender_host_address": "", "sender_address": "",
    }  # fmt: skip
    if account is not None:
        values |= {
            "home": str(account.home),
            "local_user_uid": str(account.uid),
            "local_user_gid": str(account.gid),
        }
    return _VARIABLE.sub(lambda m: values.get(m[1] or m[2], m[0]), text)


def _unsure(router: EximBlock) -> str:
    """Why a router cannot be followed once it is reached; empty where it can."""
    for name, value in router.options.items():
        if value and name == "senders":
            return f"the router {router.name} has senders = {value}"
        if value and name not in _KNOWN and not name.startswith(("*", "no_")):
            return f"the router {router.name} has {name} = {value}"
    for name in _LOOKS:
        if MESSAGE.search(router[name]):
            return f"the router {router.name} looks at the message: {name} = {router[name]}"
    for flag in ("unseen", "no_address_test", "caseful_local_part"):
        if flag in router.flags:
            return f"the router {router.name} has {flag}"
    return ""


def _affixes(router: EximBlock, local: str) -> str | None:
    """The local part without the router's prefix and suffix; None where one is missing."""
    for option, end in (("local_part_prefix", False), ("local_part_suffix", True)):
        value = router[option]
        if not value:
            continue
        for affix in (part.strip() for part in value.split(":")):
            pattern = ".*".join(re.escape(piece) for piece in affix.split("*"))
            match = re.fullmatch(f"(.+?)({pattern})" if end else f"({pattern})(.+)", local)
            if match:
                local = match[1] if end else match[2]
                break
        else:
            if f"{option}_optional" not in router.flags:
                return None
    return local


def _read(text: str, what: str) -> list[EximBlock]:
    """Routers or transports as `exim -bP` prints them."""
    blocks = []
    kind = what.removesuffix("s")
    for block in re.split(rf"^(?=\S+ {kind}:$)", text, flags=re.MULTILINE):
        head, _, rest = block.strip().partition("\n")
        if not head.endswith(f" {kind}:"):
            continue
        options, flags = {}, set()
        for line in rest.splitlines():
            name, equals, value = line.partition("=")
            if equals:
                options[name.strip()] = value.strip()
            elif line.strip():
                flags.add(line.strip())
        blocks.append(EximBlock(head.removesuffix(f" {kind}:"), options, frozenset(flags)))
    return blocks
