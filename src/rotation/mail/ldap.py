"""Making an attribute of a directory true, by ldapsearch(1) and ldapmodify(1) of OpenLDAP.

What is there is named in every change (RFC 4511, section 4.6: a value that is to be deleted has to
be there), so that of two hubs at once one is refused by the server, and looks again. Everything in
the LDIF is base64 (RFC 2849), so nothing of a roster can be read as anything but a value.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Problem, Where
from rotation.mail import revision
from rotation.mail.outcome import Done, same, taken_back
from rotation.mail.relay_map import RelayMap
from rotation.mail.server import need
from rotation.model.target import LdapTarget
from rotation.plan import Hold
from rotation.system import Finished, System

Members = tuple[str, ...]
_ATTEMPTS = 4
"""How often to look at an entry that somebody else changes meanwhile."""
LIMIT = 20
"""Seconds for a program, a server that does not answer included."""
_NO_VALUE, _SAME_VALUE = 16, 20
"""noSuchAttribute and attributeOrValueExists (RFC 4511, appendix A): somebody was faster."""
_HINTS = {
    32: "make the entry first, or correct `entry`",
    49: "wrong name or password: see `bind` and `password` of the target",
    50: "allow it: olcAccess, write on that attribute for `bind`",
    51: "the server is busy: the next run tries again",
    53: "is it a read-only replica? name the server that takes changes",
    10: "this is a replica: name the server that takes changes",
    17: "correct `attribute`: the schema of the server does not know it",
    19: "the schema of the server takes no such value",
    21: "the schema of the server takes no such value",
    245: "is the certificate one of this host's authorities (or `ca`), for this name, and in date?",
    255: "does it run? is its certificate one of this host's authorities (or `ca`), for this name?",
    65: "give the entry an objectClass that has this attribute",
}
"""What to do, by the result of RFC 4511; 255 and 245 are the library's -1 and -11."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """The values of the attribute, and of the one for the revision."""

    members: Members
    revisions: Members


class _Server:
    """A directory, asked by programs that verify who answers."""

    def __init__(self, system: System, target: LdapTarget, password: Path | None) -> None:
        self._system, self._target = system, target
        directory = target.directory
        options: list[str | Path] = ["-H", directory.url, "-o", "nettimeout=10"]
        if directory.url.startswith("ldap://"):
            options.append("-ZZ")  # StartTLS, and no answer without it
        self._around: list[str | Path] = []
        if not directory.url.startswith("ldapi://"):
            # the environment has the last word over every ldap.conf(5)
            self._around = [need(system, "env"), "LDAPTLS_REQCERT=hard"]
            if directory.ca is not None:
                self._around.append(f"LDAPTLS_CACERT={directory.ca}")
        if directory.bind is None:
            options += ["-Q", "-Y", "EXTERNAL"]
        else:
            options += ["-x", "-D", directory.bind]
            if password is not None:
                options += ["-y", password]
        self._options = options

    def _program(self, name: str) -> list[str | Path]:
        """A program and what all of them are told. Raises ApplyError where it is not there."""
        program = self._system.program(name)
        if program is None:
            raise ApplyError(Problem(f"no {name} on this host", hint="apt install ldap-utils"))
        return [*self._around, program, *self._options]

    def read(self) -> _Entry:
        """The entry as it is. Raises ApplyError."""
        target = self._target
        attributes = [target.attribute, *([target.revision] if target.revision else [])]
        argv = [*self._program("ldapsearch"), "-LLL", "-o", "ldif_wrap=no",
                "-s", "base", "-b", target.entry, "(objectClass=*)", *attributes]  # fmt: skip
        with self._answering():
            finished = self._system.ask(argv, limit=LIMIT)
        if finished.status != 0:
            raise self._failed(finished)
        values: dict[str, list[str]] = {}
        for name, value in _values(finished.out):
            values.setdefault(name.lower(), []).append(value)
        if "dn" not in values:
            what = f"the directory shows no entry {target.entry}"
            hint = "may `bind` read it? see olcAccess"
            raise ApplyError(Problem(what, Where(target.place), hint))
        return _Entry(
            tuple(values.get(target.attribute.lower(), ())),
            tuple(values.get((target.revision or "").lower(), ())),
        )

    def write(self, before: _Entry, after: _Entry) -> bool:
        """Make the entry so, if it still is as it was; whether it was. Raises ApplyError."""
        target = self._target
        changes = _change(target.attribute, before.members, after.members)
        if target.revision is not None:
            changes += _change(target.revision, before.revisions, after.revisions)
        if not changes:
            return True
        lines = [_line("dn", target.entry), "changetype: modify", *changes]
        argv = self._program("ldapmodify")
        data = "\n".join([*lines, "", ""]).encode()
        with self._answering():
            finished = self._system.run(argv, data=data, limit=LIMIT)
        if finished.status in (_NO_VALUE, _SAME_VALUE):
            return False
        if finished.status != 0:
            raise self._failed(finished)
        return True

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """A program that never ended: its server takes connections and does not answer them."""
        try:
            yield
        except ApplyError as error:
            hint = "does it run? has it connections left? the next run tries again"
            raise ApplyError(
                Problem(f"{self._target.directory.url}: {p.what}", Where(self._target.place), hint)
                for p in error.problems
            ) from None

    def _failed(self, finished: Finished) -> ApplyError:
        lines = [line.strip() for line in finished.err.splitlines() if line.strip()]
        said = "; ".join(lines[-2:]) or f"exit status {finished.status}"
        hint = _HINTS.get(finished.status, "mail goes on to whoever the relays still know; "
                          "the next run heals it")  # fmt: skip
        return ApplyError(Problem(f"{self._target.directory.url}: {said}",
                                  Where(self._target.place), hint))  # fmt: skip


def make_true(system: System, target: LdapTarget, hold: Hold) -> Done:
    """Make the attribute hold the addresses, and the mail server see it. Raises ApplyError, and
    then everything is as it was."""
    ours = revision.of(hold, system.host_name())
    asked = RelayMap(system, target.ask, target.name, target.place)
    with _opened(system, target) as server:
        for attempt in range(1, _ATTEMPTS + 1):
            before = server.read()
            try:
                asked.agrees(before.members)
            except ApplyError:
                if attempt < _ATTEMPTS:
                    continue  # another hub may have changed it in between
                raise
            judged = revision.Judged()
            if target.revision is not None:
                left = max(before.revisions, default=None)
                judged = revision.judge(hold, ours, left, target.place)
            right = same(before.members, hold.addresses)
            if right and not judged.newer:
                return Done(before.members, False)
            if judged.older is not None:
                raise ApplyError(judged.older)
            mark = (str(ours),) if ours is not None and target.revision is not None else ()
            after = _Entry(hold.addresses, mark)
            if server.write(before, after):
                break
            if attempt == _ATTEMPTS:
                what = f"somebody else keeps changing {target.entry}"
                raise ApplyError(Problem(what, Where(target.place), "the next run tries again"))
        try:
            system.believe(lambda: _believe(server, asked, hold.addresses, target))
        except Exception as error:
            with taken_back(error, target.place):
                now = server.read()
                if same(now.members, hold.addresses):  # else it is another hub's by now
                    server.write(now, before)
            raise
    return Done(before.members, not right)


def _believe(server: _Server, asked: RelayMap, wanted: Members, target: LdapTarget) -> None:
    members = server.read().members
    if not same(members, wanted):
        said = ", ".join(members) or "nothing"
        what = f"the entry holds {said} after the change, not {', '.join(wanted)}: taken back"
        raise ApplyError(Problem(what, Where(target.place), "look at the log of the directory"))
    asked.has(wanted)


@contextmanager
def _opened(system: System, target: LdapTarget) -> Iterator[_Server]:
    """A server to ask. The programs take a password from a file only, line end and all, so it is
    put into one of our own."""
    if target.directory.password is None:
        yield _Server(system, target, None)
        return
    with system.password(target.directory.password) as path:
        yield _Server(system, target, path)


def _change(attribute: str, before: Sequence[str], after: Sequence[str]) -> list[str]:
    lines = []
    gone = [value for value in dict.fromkeys(before) if value not in after]
    new = [value for value in dict.fromkeys(after) if value not in before]
    for verb, values in (("delete", gone), ("add", new)):
        if values:
            lines += [_line(verb, attribute), *(_line(attribute, value) for value in values), "-"]
    return lines


def _line(name: str, value: str) -> str:
    data = value.encode("utf-8", "surrogateescape")
    return f"{name}:: {b64encode(data).decode('ascii')}"


def _values(ldif: str) -> Iterator[tuple[str, str]]:
    """The lines of an entry in LDIF that is not folded."""
    for line in ldif.split("\n"):
        name, colon, value = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        if value.startswith(":"):
            try:
                data = b64decode(value[1:].strip(), validate=True)
            except BadBase64:
                continue
            value = data.decode("utf-8", "surrogateescape")
        else:
            value = value.lstrip(" ")
        yield name, value
