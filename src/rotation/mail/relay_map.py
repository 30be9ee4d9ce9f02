"""The map by which the mail server of this host asks for a target that lies elsewhere.

Sources: postmap(1), pgsql_table(5), mysql_table(5), ldap_table(5)."""

from __future__ import annotations

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.outcome import same
from rotation.mail.server import Argv, need, split_members
from rotation.system import Look

Members = tuple[str, ...]


class RelayMap:
    """A map as main.cf names it, and the address that it is asked for; None asks nobody."""

    def __init__(self, system: Look, table: str | None, name: str | None, place: str) -> None:
        self._system, self._table, self._name, self._place = system, table, name or "", place

    def _answer(self) -> Members:
        argv: Argv = [need(self._system, "postmap"), "-q", self._name, self._table or ""]
        finished = self._system.ask(argv)
        if finished.status != 0 and finished.err.strip():
            what = f"postmap -q {self._name} {self._table}: {finished.said}"
            hint = "the mail server cannot ask either: its mail waits until it can"
            raise ApplyError(Problem(what, Where(self._place), hint))
        return split_members(finished.out.strip()) if finished.status == 0 else ()

    def agrees(self, members: Members) -> None:
        """The map has to answer what was found. Raises ApplyError."""
        if self._table is None:
            return
        answer = self._answer()
        if not same(answer, members):
            what = f"{self._table} answers {_said(answer)} for {self._name!r}, "
            what += f"and {self._place} holds {_said(members)}"
            hint = "does the map ask this place? is it a replica that lags behind?"
            raise ApplyError(Problem(what, Where(self._place), hint))

    def has(self, members: Members) -> None:
        """The map has to answer what was written. Raises ApplyError."""
        if self._table is None:
            return
        answer = self._answer()
        if not same(answer, members):
            what = f"{self._table} answers {_said(answer)} for {self._name!r} after the change, "
            what += f"not {_said(members)}: taken back"
            raise ApplyError(
                Problem(what, Where(self._place), "look at the log of the mail server")
            )


def _said(members: Members) -> str:
    return ", ".join(members) or "nothing"
