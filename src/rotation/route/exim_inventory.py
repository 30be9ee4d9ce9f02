"""What Exim's configuration holds that is not followed and could divert mail: main options that are
not the stock ones, ACLs that throw mail away or hold it, a system filter.

Sources: the Exim specification, chapters "Main configuration", "Access control lists", "System-wide
message filtering". What differs is told by Exim itself, which prints its options (`-bP`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rotation.errors import ApplyError, Where
from rotation.mail.server import Argv
from rotation.route.doubts import LEAST_SIZE, Doubt
from rotation.route.exim_routers import MESSAGE
from rotation.route.tree import MailHost, asked
from rotation.route.words import bytes_of

_HARMLESS = re.compile(
    r"(accept|add|admin|allow_mx|allow_utf8|auth|av|bounce|bi|callout|check|chunking|commandline|daemon|dbl"
    r"|debug|delay|deliver_queue|dccifd|dkim|dmarc|dns|drop|dsn|envelope_to|errors|exim|extract|finduser"
    r"|freeze_tell|gecos|gnutls|header|helo|host_lookup|host_reject|hosts|ignore|keep|ldap|local_from"
    r"|local_interfaces|local_sender|log|lookup|max_username|message_id|message_logs|message_size|mua"
    r"|move_frozen|mysql|no_|notifier|openssl|oracle|panic|perl|pgsql|pid|pipelining|prdr"
    r"|preserve|primary|print|process|prod|proxy|qualify|queue_(fast|interface|list|only|run)\w*|rbl"
    r"|received|recipients_max|recipient_unqualified|redis|remote|retry|return_path|rfc1413|sender"
    r"|slow|smtp|smtputf8|spamd|split|spool|sqlite|srs|strict_acl|strip_excess|strip_trailing|syslog"
    r"|tcp|timeout|timezone|tls|trusted|unknown_(login|username)|untrusted|uucp|warn|write|x_"
    r"|macro|config|spf|hide|disable|percent_hack|allow_domain|queue_domains|queue_smtp)\w*"
)
"""Options that cannot divert, discard or rewrite mail of this host, or that Exim itself heeds when
it is asked (`-bt`): percent_hack_domains, allow_domain_literals."""
_THROWS = re.compile(
    r"^\s*(discard\b|control\s*=\s*(freeze|queue|queue_only|queue_run|fakereject|fakedefer))|"
    r"\$\{(acl|run|perl|dlfunc)\b",
    re.MULTILINE,
)
_LISTS = re.compile(r"^\s*(?:domain|address|local_?part)list\s.*", re.MULTILINE)
_LEAST_HOPS = 10
"""The lowest that a limit of hops may be before it refuses ordinary mail."""
_MOST_FREE = 1024**3
"""The most space, and the most inodes, that may have to be free."""
_VERB = re.compile(r"^(accept|warn)(\s+|$)")
_DOES_NOTHING = re.compile(r"(set|add_header|logwrite|log_message|condition|hosts)\b")
"""What an ACL for mail of this host may hold: the first ones always let it go on."""


def inventory(host: MailHost, argv: Argv, stock: Argv, where: Where) -> Iterator[Doubt]:
    """Look through the configuration; `argv` runs Exim with it, `stock` with an empty one."""
    theirs = dict(_options(asked(host.system, [*argv, "-bP"], "exim4 -bV")))
    empty = host.system.ask([*stock, "-bP"])
    ours = dict(_options(empty.out)) if empty.status == 0 else {}
    try:
        config = asked(host.system, [*argv, "-bP", "config"], "run it as root")
    except ApplyError:
        config = ""
    lists = config.partition("begin acl")[2].partition("\nbegin ")[0]
    for name, value in theirs.items():
        if value == ours.get(name, ""):
            continue
        if name.startswith("acl_"):
            yield from _acl(name, value, lists, where)
        elif name == "never_users":
            if set(value.replace(":", " ").split()) - {"root", "0"}:
                yield Doubt(f"{name} = {value}", where)
        elif not _HARMLESS.fullmatch(name) or _tight(name, value):
            yield Doubt(f"{name} = {value}", where)
    # what stands here is evaluated when Exim is asked, but without the mail that it looks at
    rewriting = re.split(r"^begin rewrite$", config, maxsplit=1, flags=re.M)[1:]
    looking = [*_LISTS.findall(config), *"".join(rewriting).partition("\nbegin ")[0].splitlines()]
    for line in looking:
        if MESSAGE.search(line):
            yield Doubt(line.strip(), where)


def _tight(name: str, value: str) -> bool:
    if name.startswith("check_"):
        asks = name.endswith(("_space", "_inodes")) and value not in ("", "0")
        return asks and not small(value, _MOST_FREE)
    if name == "received_headers_max":
        return not value.isdigit() or int(value) < _LEAST_HOPS
    return name == "message_size_limit" and small(value)


def small(size: str, least: int = LEAST_SIZE) -> bool:
    """Whether a limit of size is so low that it refuses ordinary mail, or cannot be told."""
    limit = bytes_of(size, "KMG")
    return size not in ("", "0") and (limit is None or limit < least)


def _acl(name: str, value: str, lists: str, where: Where) -> Iterator[Doubt]:
    if not value:
        return
    text = _section(lists, value)
    if text is None:
        yield Doubt(f"{name} = {value}, which cannot be seen", where)
        return
    if _THROWS.search(text) or (name.startswith("acl_not_smtp") and not _lets_in(text)):
        yield Doubt(f"{name} = {value}", where)


def _lets_in(text: str) -> bool:
    """Whether an ACL lets everything in: at its end it must, since what is not accepted by then is
    denied, and nothing in it may do anything else."""
    last = ""
    lines = [line for row in text.split("\n") if (line := row.strip()) and line[0] != "#"]
    for line in lines:
        verb = _VERB.match(line)
        rest = line[verb.end() :] if verb else line
        if rest and not _DOES_NOTHING.match(rest):
            return False
        conditional = re.match(r"(condition|hosts)\b", rest)
        last = "" if conditional else verb[1] if verb else last
    return last == "accept"


def _section(lists: str, name: str, depth: int = 0) -> str | None:
    """The text of an ACL and of those that it refers to; None where there is none."""
    match = re.search(rf"^\s*{re.escape(name)}:\s*$(.*?)(?=^\s*\w+:\s*$|\Z)", lists, re.M | re.S)
    if match is None or depth > 5:
        return None
    text = match[1]
    for other in re.findall(r"\bacl\s*=\s*([\w$]+)", text):
        inner = _section(lists, other, depth + 1)
        text += "\ndiscard" if inner is None else inner
    return text


def _options(text: str) -> Iterator[tuple[str, str]]:
    """The options as Exim prints them; those that are only on or off have "yes" or nothing."""
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            yield name.strip(), value.strip()
        elif line.strip():
            bare = line.strip()
            yield bare.removeprefix("no_"), "" if bare.startswith("no_") else "yes"
