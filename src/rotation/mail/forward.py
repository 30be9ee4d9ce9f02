"""Root's mail to one address, by whatever rule this host's mail server has for it.

A full server has root's `.forward`, which a `root:` alias beats; a client that only sends has a
rule of its own. Everything goes through the seam: files are replaced whole, attributes kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail import lists
from rotation.mail.aliases_file import AliasesFile
from rotation.mail.clients import dma, edit, esmtp, msmtp, nullmailer, ssmtp
from rotation.mail.clients.aliases import ClientAliases
from rotation.mail.clients.values import ClientConfig
from rotation.mail.detect import server_for
from rotation.model import CLIENTS
from rotation.model.target import FileTarget, Kind
from rotation.system import Account, File, System, Trust

ROOT = "root"


def forward(system: System, server: str, address: str, alias: Path | None) -> None:
    """Make root's mail go to a vetted address on a host with that `server`.

    `alias` is the aliases file in which root has an entry: that entry is changed then, since it
    beats a `.forward`. A dry run is another System. Raises ApplyError, and then nothing is changed.
    """
    if server not in CLIENTS:
        _on_a_server(system, server, address, alias)
        return
    if "@" not in address:
        hint = f"an address that the hub knows, as in {address}@example.com"
        raise ApplyError(
            Problem(f"{server} has no mailboxes: {address!r} leads nowhere", hint=hint)
        )
    root = system.account(ROOT)
    if root is None:
        raise ApplyError(Problem("this host has no user root"))
    _CHANGES[server](system, address, root)


def take_back(system: System, kept: Mapping[Path, File | None]) -> None:
    """Put back what was read of each file before; what was not there goes. Raises ApplyError."""
    for path, before in kept.items():
        now = system.read(path)
        if before is None:
            system.remove(path)
        elif now is None or now.data != before.data:
            system.replace(path, before.data, now)


def _on_a_server(system: System, server: str, address: str, alias: Path | None) -> None:
    root = system.account(ROOT)
    if root is None:
        raise ApplyError(Problem("this host has no user root"))
    if alias is None:
        path = root.home / ".forward"
        with system.lock(path.parent):
            target = FileTarget(Kind.FORWARD, path, Where(str(path)))
            lists.make_true(system, target, (address,))
        return
    target = FileTarget(Kind.ALIASES, alias, Where(str(alias)), name=ROOT, server=server)
    with system.lock(system.real(alias).parent):
        AliasesFile(system, server_for(system, target), None).make_true({ROOT: (address,)})


def _change(system: System, path: Path, data: bytes, present: File | None) -> None:
    if present is None or data != present.data:
        system.replace(path, data, present)


def _read(system: System, path: Path) -> tuple[File | None, str]:
    present = system.read(path, trust=Trust.SOMEBODY)
    return present, "" if present is None else present.data.decode("utf-8", "surrogateescape")


def _sound(settings: ClientConfig, path: Path, name: str) -> None:
    """Raises ApplyError where a client cannot read its configuration, or a program writes it."""
    if settings.fault is not None:
        where = Where(str(path), settings.fault.line)
        raise ApplyError(
            Problem(f"{name} refuses all mail: {settings.fault.what}", where, "mend it")
        )
    if settings.computed is not None:
        where = Where(str(path), settings.computed)
        raise ApplyError(Problem("a program computes the configuration", where, "set it by hand"))


def _alias(system: System, reader: ClientAliases, address: str) -> None:
    """Root's entry in a client's aliases file, which is made where there is none."""
    with system.lock(reader.folder):
        if system.read(reader.path) is None:
            system.replace(reader.path, f"{ROOT}: {address}\n".encode("ascii"), None)
        else:
            AliasesFile(system, reader, None).make_true({ROOT: (address,)})


def _msmtp(system: System, address: str, root: Account) -> None:
    path = msmtp.CONF
    conf, text = _read(system, path)
    accounts = msmtp.parse(text)
    for own in (root.home / name for name in msmtp.IN_HOME):
        if system.status(own) is not None:
            what = "root's own configuration has its say before /etc/msmtprc"
            hint = f"take it out, or write its `aliases` file by hand: root: {address}"
            raise ApplyError(Problem(what, Where(str(own)), hint))
    settings = msmtp.default(accounts, msmtp.MsmtpAccounts())
    if settings is None:
        hint = "account default / host … / from …: see /usr/share/doc/msmtp/examples"
        raise ApplyError(Problem("msmtp has no default account", Where(str(path)), hint))
    _sound(settings, path, "msmtp")
    file = settings.get("aliases") or str(dma.ALIASES)
    reader = ClientAliases("msmtp", system, Path(file), file, msmtp.read_aliases)
    reader.answers((ROOT,))  # it must be able to read them all before it is told to
    _alias(system, reader, address)
    if not settings.get("aliases"):
        with system.lock(system.real(path).parent):
            data = conf.data if conf else b""
            _change(system, path, edit.with_aliases(data, accounts, file), conf)


def _dma(system: System, address: str, root: Account) -> None:
    _, text = _read(system, dma.CONF)
    settings = dma.parse(text)
    _sound(settings, dma.CONF, "dma")
    if (flag := settings.values.get("NULLCLIENT")) is not None:
        where = Where(str(dma.CONF), flag.line)
        raise ApplyError(Problem("with NULLCLIENT dma reads no aliases", where, "take it out"))
    file = settings.get("ALIASES") or dma.ALIASES
    _alias(system, ClientAliases("dma", system, Path(file), file, dma.read_aliases), address)


def _nullmailer(system: System, address: str, root: Account) -> None:
    with system.lock(nullmailer.FOLDER):
        present, _ = _read(system, nullmailer.ADMIN)
        _change(system, nullmailer.ADMIN, f"{address}\n".encode("ascii"), present)


def _esmtp(system: System, address: str, root: Account) -> None:
    path = root.home / esmtp.IN_HOME
    path = esmtp.CONF if system.status(path) is None else path
    with system.lock(system.real(path).parent):
        conf, text = _read(system, path)
        settings = esmtp.parse(text)
        _sound(settings, path, "esmtp")
        for key in ("qualifydomain", "force_mda"):
            if (setting := settings.values.get(key)) is not None:
                where = Where(str(path), setting.line)
                what = f"{key} decides where root's mail goes"
                raise ApplyError(Problem(what, where, "take it out, then run this again"))
        setting = settings.values.get("mda")
        if setting is not None and esmtp.forwarded(setting.value) == (address,):
            return
        data = edit.with_line(
            conf.data if conf else b"", setting.line if setting else None, edit.mda(address)
        )
        _change(system, path, data, conf)


def _ssmtp(system: System, address: str, root: Account) -> None:
    with system.lock(ssmtp.CONF.parent):
        conf, text = _read(system, ssmtp.CONF)
        setting = ssmtp.parse(text).values.get("root")
        data = edit.with_line(
            conf.data if conf else b"", setting.line if setting else None, f"root={address}"
        )
        _change(system, ssmtp.CONF, data, conf)


_CHANGES = {
    "msmtp": _msmtp,
    "dma": _dma,
    "nullmailer": _nullmailer,
    "esmtp": _esmtp,
    "ssmtp": _ssmtp,
}
