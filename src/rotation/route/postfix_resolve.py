"""To which transport Postfix hands an address. Sources: trivial-rewrite(8), transport(5),
relocated(5), ADDRESS_CLASS_README."""

from __future__ import annotations

from rotation.dataclasses import dataclass
from rotation.errors import Where
from rotation.route.postfix_conf import MainCf
from rotation.route.words import postfix_items


@dataclass(frozen=True, slots=True)
class Resolved:
    """A transport and its next hop (empty: the address's own), and where that is said."""

    transport: str
    hop: str
    address: str
    where: Where

    @property
    def domain(self) -> str:
        """The domain of the address, in lower case."""
        return self.address.rpartition("@")[2].lower()


def resolve(conf: MainCf, address: str) -> Resolved:
    """The transport of an address. Raises TableError."""
    address = conf.stripped(address)
    main = Where(conf.main)
    local, _, domain = address.rpartition("@")
    if local.startswith("-") and conf.set["allow_min_user"] != "yes":
        return Resolved("error", "an address that begins with a hyphen", address, main)
    if not local or not domain or "@" in local or "" in domain.split("."):
        return Resolved("error", "bad address syntax", address, main)
    domain = domain.lower()
    default, hop = _default(conf, domain)
    mapped = _mapped(conf, address, domain)
    where = main
    if mapped is not None:
        transport, _, further = mapped[0].partition(":")
        where = mapped[1]
        if transport:
            default, hop = transport, further
        elif further:
            hop = further
    moved = _relocated(conf, address)
    if moved is not None:
        return Resolved("error", f"the user has moved to {moved[0]}", address, moved[1])
    return Resolved(default, hop, address, where)


def _default(conf: MainCf, domain: str) -> tuple[str, str]:
    """The transport and next hop of an address class."""
    if conf.is_local(domain):
        name = "local_transport"
    elif conf.holds("virtual_alias_domains", domain):
        return "error", "no such user in the virtual alias table"
    elif conf.holds("virtual_mailbox_domains", domain):
        name = "virtual_transport"
    elif conf.holds("relay_domains", domain):
        name = "relay_transport"
    else:
        name = "default_transport"
    transport, _, hop = conf.set[name].partition(":")
    if name in ("default_transport", "relay_transport") and not hop:
        hop = conf.set["relayhost"]
    return transport, hop


def _mapped(conf: MainCf, address: str, domain: str) -> tuple[str, Where] | None:
    """What transport_maps says (transport(5), TABLE SEARCH ORDER)."""
    tables = conf.words("transport_maps")
    if not tables:
        return None
    user, extension = conf.split(address.rpartition("@")[0])
    keys = [(address, False)]
    if extension:
        keys.append((f"{user}@{address.rpartition('@')[2]}", True))
    keys.append((domain, True))
    labels = domain.split(".")
    keys += [(f".{'.'.join(labels[at:])}", True) for at in range(1, len(labels))]
    for key, part in [*keys, ("*", True)]:
        answer = conf.maps.first(tables, key, part=part)
        if answer is not None:
            return answer
    return None


def _relocated(conf: MainCf, address: str) -> tuple[str, Where] | None:
    tables = conf.words("relocated_maps")
    answer = find(conf, tables, address) if tables else None
    return None if answer is None else (answer[0], answer[1])


def find(conf: MainCf, tables: list[str], address: str) -> tuple[str, Where, bool] | None:
    """What address mapping tables say of an address (canonical(5), TABLE SEARCH ORDER); and
    whether its extension was left out for that. Raises TableError."""
    local, _, domain = address.rpartition("@")
    user, extension = conf.split(local)
    here = conf.is_local(domain) or domain.lower() == conf.origin.lower()
    keys = [(f"{local}@{domain}", False, False)]
    if extension:
        keys.append((f"{user}@{domain}", True, True))
    if here:
        keys.append((local, False, True))
        if extension:
            keys.append((user, True, True))
    for key, dropped, part in [*keys, (f"@{domain}", False, True)]:
        answer = conf.maps.first(tables, key, part=part)
        if answer is not None and postfix_items(answer[0]):
            return (*answer, dropped)
    return None
