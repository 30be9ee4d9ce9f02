"""What one instance of Postfix is told that is not followed and could divert mail: in main.cf, in
master.cf, and in the tables that act on headers or on mail from other hosts.

Sources: postconf(1), postconf(5), master(5), header_checks(5), access(5), SMTPD_POLICY_README.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rotation.dataclasses import dataclass, field
from rotation.errors import Where
from rotation.route.doubts import Doubt
from rotation.route.postfix_conf import SETTINGS, MainCf
from rotation.route.postfix_harmless import harmless, tight
from rotation.route.postfix_maps import words

_SERVICES = {
    "pickup": ("pickup",), "cleanup": ("cleanup",), "qmgr": ("qmgr", "oqmgr", "nqmgr"),
    "rewrite": ("trivial-rewrite",), "local": ("local",), "virtual": ("virtual",),
    "error": ("error",), "retry": ("error",), "discard": ("discard",), "smtp": ("smtp",),
    "relay": ("smtp",), "lmtp": ("lmtp",), "bounce": ("bounce",), "defer": ("bounce",),
}  # fmt: skip
"""The services that mail of this host passes, and the programs that may stand there."""
_PASSED = ("pickup", "cleanup", "qmgr", "rewrite", "bounce", "defer", "error", "retry", "discard")
_CHECKS = ("header_checks", "mime_header_checks", "nested_header_checks", "body_checks")
_ACTS = re.compile(r"(?:^|\s)(DISCARD|REDIRECT|FILTER|HOLD|BCC|REJECT|DELAY|[45]\d\d)\b", re.I)
"""What header_checks(5) can do to a mail as a whole."""
_DIVERTS = re.compile(r"^(DISCARD|REDIRECT|FILTER|HOLD|BCC)\b", re.IGNORECASE)
"""What access(5) can do beside taking or refusing."""
_RESTRICTIONS = re.compile(r"smtpd_\w+_restrictions")
_CHECKED = re.compile(r"check_\w+_access|check_\w+_maps")
_FOLLOWED = frozenset(SETTINGS) - {"content_filter"}


@dataclass(slots=True)
class Inventory:
    """Doubts by what they concern: every mail, local users, virtual mailboxes, other hosts.

    `programs` has the program behind each transport of master.cf.
    """

    all: list[Doubt] = field(default_factory=list)
    local: list[Doubt] = field(default_factory=list)
    virtual: list[Doubt] = field(default_factory=list)
    remote: list[Doubt] = field(default_factory=list)
    programs: dict[str, str] = field(default_factory=dict)


def inventory(conf: MainCf) -> Inventory:
    """Look through main.cf and master.cf. Raises ApplyError where postconf refuses."""
    settings = Inventory()
    own, stock = conf.maps.said("-n", "-x"), conf.maps.said("-d")
    for name, value in own.items():
        if name not in stock or value == stock[name] or not value:
            continue  # a name of the administrator's does nothing by itself
        for setting in _setting(conf, own, name, value):
            _stage(settings, name).append(Doubt(setting, Where(conf.main)))
    _master(conf, own, settings)
    return settings


def _stage(inventory: Inventory, name: str) -> list[Doubt]:
    if name.startswith(("smtp_", "relay_", "lmtp_", "sender_dependent_")):
        return inventory.remote
    if name.startswith("local_"):
        return inventory.local
    return inventory.virtual if name.startswith("virtual_delivery") else inventory.all


def _setting(conf: MainCf, own: dict[str, str], name: str, value: str) -> Iterator[str]:
    """The doubts that one setting gives, as they are to be said."""
    if name in _CHECKS:
        for table in words(value):
            acts = conf.maps.values(table)
            if acts is None or any(_ACTS.search(act) for act in acts):
                yield f"{name} = {table}"
    elif _RESTRICTIONS.fullmatch(name):
        yield from _restrictions(conf, own, name, words(value))
    elif name == "smtpd_restriction_classes":
        for group in words(value):
            yield from _restrictions(conf, own, group, words(own.get(group, "")))
    elif name == "parent_domain_matches_subdomains":
        if "transport_maps" in words(value):
            yield f"{name} = … transport_maps"
    elif name == "master_service_disable":
        if any(not word.startswith("!") and not word.endswith("inet") for word in words(value)):
            yield f"{name} = {value}"
    elif name.endswith("_milters") and all("opendkim" in word for word in words(value)):
        return  # signs, and changes nothing else
    elif tight(name, value) or (name not in _FOLLOWED and not harmless(name)):
        yield f"{name} = {value}"


def _restrictions(conf: MainCf, own: dict[str, str], name: str, listed: list[str]) -> Iterator[str]:
    """What in a list of restrictions could do more than take or refuse."""
    checked = False
    for word in listed:
        if checked and ":" in word:
            acts = conf.maps.values(word)
            if acts is None or any(_DIVERTS.search(act) for act in acts):
                yield f"{name} = … {word}"
        elif word == "check_policy_service":
            yield f"{name} = … check_policy_service"
        checked = bool(_CHECKED.fullmatch(word))


def _chrooted(own: dict[str, str]) -> tuple[str, ...]:
    """What in the column `chroot` of master.cf means yes (postconf(5) `compatibility_level`)."""
    return ("y", "-") if own.get("compatibility_level", "0") == "0" else ("y",)


def _master(conf: MainCf, own: dict[str, str], inventory: Inventory) -> None:
    where = Where(conf.main.removesuffix("main.cf") + "master.cf")
    services = {}
    for line in conf.maps.lines("-M"):
        fields = line.split(None, 8)
        if len(fields) >= 8:
            services[fields[0], fields[1]] = fields
            if fields[1] == "unix":
                inventory.programs[fields[0]] = " ".join(fields[7:])
    for name, programs in _SERVICES.items():
        stage = inventory.all
        if name not in _PASSED:
            stage = {"local": inventory.local, "virtual": inventory.virtual}.get(
                name, inventory.remote
            )
        present = services.get((name, "unix")) or services.get((name, "fifo"))
        if present is None:
            stage.append(Doubt(f"master.cf has no service {name}", where))
        elif present[7] not in programs:
            stage.append(Doubt(f"the service {name} of master.cf is {present[7]}", where))
        elif name in ("local", "virtual") and present[3] != "n":
            stage.append(Doubt(f"the service {name} of master.cf has no rights", where))
        elif name in ("local", "virtual") and present[4] in _chrooted(own):
            stage.append(Doubt(f"the service {name} of master.cf is in a chroot", where))
    for (name, kind), fields in services.items():
        if kind == "inet" and name in ("smtp", "25") and fields[7] not in ("smtpd", "postscreen"):
            inventory.all.append(Doubt(f"the service {name} of master.cf is {fields[7]}", where))
    for line in conf.maps.lines("-P"):
        place, _, value = (part.strip() for part in line.partition("="))
        service, kind, setting = [*place.split("/", 2), "", ""][:3]
        smtpd = kind in ("inet", "pass") and service in ("smtp", "25", "smtpd")
        if not (smtpd or (service in _SERVICES and kind in ("unix", "fifo"))):
            continue
        safe = setting not in _FOLLOWED and harmless(setting) and not tight(setting, value)
        if safe or value == own.get(setting, ""):
            continue
        said = f"master.cf: {service} has -o {setting}={value}"
        if _RESTRICTIONS.fullmatch(setting) and smtpd:
            if any(_restrictions(conf, own, setting, words(value))):
                inventory.all.append(Doubt(said, where))
            continue
        stages = {"local": inventory.local, "virtual": inventory.virtual}
        stage = (
            inventory.all if smtpd or service in _PASSED else stages.get(service, inventory.remote)
        )
        stage.append(Doubt(said, where))
