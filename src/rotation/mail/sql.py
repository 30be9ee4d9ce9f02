"""Making rows of a database true: one transaction flips every relay that asks."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Problem, Where
from rotation.mail import revision
from rotation.mail.outcome import Done, same, taken_back
from rotation.mail.relay_map import RelayMap
from rotation.mail.server import split_members
from rotation.model.target import Engine, Several, SqlTarget, Statements, TableRow
from rotation.plan import Hold
from rotation.system import System
from rotation.system.database import Parameters, Row, Session

Members = tuple[str, ...]
_QUOTES = {Engine.POSTGRESQL: '"', Engine.MYSQL: "`"}
_LOCK_WAIT = 10
"""Seconds to wait for another run at the same row."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What the rows hold, and the revision beside them; `texts` is how the addresses stand there,
    a text for each row, None for NULL."""

    members: Members
    texts: tuple[str | None, ...]
    revision: str | None = None

    @property
    def text(self) -> str | None:
        """How they stand in one row; several would have commas between them."""
        return self.texts[0] if len(self.texts) == 1 else ",".join(filter(None, self.texts))


def make_true(system: System, target: SqlTarget, hold: Hold) -> Done:
    """Make the rows hold the addresses, and the mail server see it. Raises ApplyError, and then
    everything is as it was."""
    ours = revision.of(hold, system.host_name())
    asked = RelayMap(system, target.ask, target.name, target.place)
    with system.database(target.database) as session:
        rows = _rows(session, target)
        rows.alone()
        before = rows.read()
        asked.agrees(before.members)
        judged = revision.Judged()
        if rows.keeps_revision:
            judged = revision.judge(hold, ours, before.revision or None, target.place)
        right = same(before.members, hold.addresses)
        if right and not (judged.newer and before.texts):
            return Done(before.members, False)
        if judged.older is not None:
            raise ApplyError(judged.older)
        left = before.revision if ours is None else str(ours)
        rows.write(before, _Held(hold.addresses, rows.texts(hold.addresses), left))
        _believe(rows.read().members, hold.addresses, target)
        session.commit()
    try:
        system.believe(lambda: asked.has(hold.addresses))
    except Exception as error:
        with taken_back(error, target.place), system.database(target.database) as session:
            rows = _rows(session, target)
            rows.alone()
            now = rows.read()
            if same(now.members, hold.addresses):  # else it is another hub's by now
                rows.write(now, before)
                session.commit()
        raise
    return Done(before.members, not right)


def _believe(members: Members, wanted: Members, target: SqlTarget) -> None:
    if same(members, wanted):
        return
    said = ", ".join(members) or "nothing"
    what = f"{target.name!r} would hold {said} after the change, not {', '.join(wanted)}: undone"
    hint = "is the column long enough? does a trigger change it? look at `statement` and `query`"
    raise ApplyError(Problem(what, Where(target.place), hint))


def _rows(session: Session, target: SqlTarget) -> _TableRows | _Written:
    match target.row:
        case TableRow() as row:
            return _TableRows(session, target, row)
        case Statements() as statements:
            return _Written(session, target, statements)


def _alone(session: Session, target: SqlTarget) -> None:
    """Be the only run that works at these rows; the lock goes with the transaction, or with the
    connection."""
    name = f"rotation {sha256(repr((target.row, target.name)).encode()).hexdigest()[:32]}"
    if target.database.engine is Engine.POSTGRESQL:
        session.ask("SELECT pg_advisory_xact_lock(hashtext(%(lock)s))::text", {"lock": name})
        return
    if session.ask("SELECT @@GLOBAL.read_only", {}) not in ([("0",)], [("OFF",)]):
        what = f"{target.place} is read-only: it is a replica"
        raise ApplyError(Problem(what, hint="name the server that takes changes"))
    got = session.ask(f"SELECT GET_LOCK(%(lock)s, {_LOCK_WAIT})", {"lock": name})
    if got != [("1",)]:
        what = f"another run is at {target.name!r} in {target.place}"
        raise ApplyError(Problem(what, hint="the next run tries again"))


class _TableRows:
    """Rows by the names of a table and its columns."""

    def __init__(self, session: Session, target: SqlTarget, row: TableRow) -> None:
        self._session, self._target, self._row = session, target, row
        self.keeps_revision = row.revision is not None

    def _name(self, *parts: str) -> str:
        """A name as a part of a statement; the roster lets only plain ones in."""
        quote = _QUOTES[self._target.database.engine]
        return ".".join(
            quote + part.replace(quote, quote * 2).replace("%", "%%") + quote for part in parts
        )

    def alone(self) -> None:
        """Be the only run at work, on a table that can undo."""
        _alone(self._session, self._target)
        if self._target.database.engine is not Engine.MYSQL:
            return
        *schema, table = self._row.table
        kinds = self._session.ask(
            "SELECT t.ENGINE, e.TRANSACTIONS FROM information_schema.TABLES t "
            "JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE "
            "WHERE t.TABLE_SCHEMA = COALESCE(NULLIF(%(schema)s, ''), DATABASE()) "
            "AND t.TABLE_NAME = %(table)s",
            {"schema": "".join(schema), "table": table},
        )
        for engine, transactions in kinds:
            if transactions != "YES":
                what = f"the table {'.'.join(self._row.table)} is of the engine {engine}, "
                what += "which cannot undo a change that fails half-way"
                hint = f"ALTER TABLE {'.'.join(self._row.table)} ENGINE = InnoDB"
                raise ApplyError(Problem(what, Where(self._target.place), hint))

    def read(self) -> _Held:
        """What the rows hold; they stay locked until the transaction ends."""
        row = self._row
        columns = [self._name(row.value)]
        if row.revision is not None:
            columns.append(self._name(row.revision))
        rows = self._session.ask(
            f"SELECT {', '.join(columns)} FROM {self._name(*row.table)} "  # noqa: S608 - quoted
            f"WHERE {self._name(row.key)} = %(name)s FOR UPDATE",
            {"name": self._target.name},
        )
        if row.several is Several.LIST and len(rows) > 1:
            what = f"{self._target.name!r} has {len(rows)} rows in {'.'.join(row.table)}"
            hint = 'remove all but one of them; or, if each holds one address: several = "rows"'
            raise ApplyError(Problem(what, Where(self._target.place), hint))
        members = tuple(member for value, *_ in rows for member in split_members(value or ""))
        revisions = [left for _, *rest in rows for left in rest if left is not None]
        return _Held(members, _texts(rows), max(revisions, default=None))

    def texts(self, members: Members) -> tuple[str, ...]:
        """How addresses are to stand there."""
        return members if self._row.several is Several.ROWS else (",".join(members),)

    def write(self, held: _Held, after: _Held) -> None:
        """Make them hold what is in `after`; without a row there, they go."""
        row = self._row
        table, key, value = self._name(*row.table), self._name(row.key), self._name(row.value)
        given: Parameters = {"name": self._target.name, "revision": after.revision}
        also = "" if row.revision is None else f", {self._name(row.revision)}"
        also_value = "" if row.revision is None else ", %(revision)s"
        insert = (
            f"INSERT INTO {table} ({key}, {value}{also}) "  # noqa: S608 - quoted
            f"VALUES (%(name)s, %(addresses)s{also_value})"
        )
        if not after.texts:
            self._session.change(f"DELETE FROM {table} WHERE {key} = %(name)s", given)  # noqa: S608
            return
        if row.several is Several.LIST:
            change = {**given, "addresses": after.text}
            if not held.texts:
                self._session.change(insert, change)
                return
            set_revision = "" if row.revision is None else f", {self._name(row.revision)} = "
            set_revision += also_value.removeprefix(", ")
            self._session.change(
                f"UPDATE {table} SET {value} = %(addresses)s{set_revision} "  # noqa: S608 - quoted
                f"WHERE {key} = %(name)s",
                change,
            )
            return
        self._rows(held.texts, after.texts, given, insert)

    def _rows(
        self,
        before: Sequence[str | None],
        after: Sequence[str | None],
        given: Parameters,
        insert: str,
    ) -> None:
        row = self._row
        table, key, value = self._name(*row.table), self._name(row.key), self._name(row.value)
        for text in dict.fromkeys(before):
            if text is not None and text not in after:
                self._session.change(
                    f"DELETE FROM {table} WHERE {key} = %(name)s "  # noqa: S608 - quoted
                    f"AND {value} = %(addresses)s",
                    {**given, "addresses": text},
                )
        for text in after:
            if text not in before:
                self._session.change(insert, {**given, "addresses": text})
        if row.revision is not None:
            self._session.change(
                f"UPDATE {table} SET {self._name(row.revision)} = %(revision)s "  # noqa: S608
                f"WHERE {key} = %(name)s",
                given,
            )


class _Written:
    """Rows by statements that somebody wrote."""

    def __init__(self, session: Session, target: SqlTarget, statements: Statements) -> None:
        self._session, self._target, self._statements = session, target, statements
        self.keeps_revision = statements.revision

    def alone(self) -> None:
        """Be the only run at work."""
        _alone(self._session, self._target)

    def read(self) -> _Held:
        """What the query answers: an address, or a comma list of them, in each row."""
        rows = self._session.ask(self._statements.query, {"name": self._target.name})
        members = tuple(member for value, *_ in rows for member in split_members(value or ""))
        lefts = (
            [row[1] for row in rows if len(row) > 1 and row[1] is not None]
            if self.keeps_revision
            else []
        )
        return _Held(members, _texts(rows), max(lefts, default=None))

    def texts(self, members: Members) -> tuple[str, ...]:
        """How addresses are to stand there."""
        return (",".join(members),)

    def write(self, held: _Held, after: _Held) -> None:
        """Run the statement; without a row, it is given an empty text."""
        given = {"name": self._target.name, "addresses": after.text, "revision": after.revision}
        self._session.change(self._statements.statement, given)


def _texts(rows: Sequence[Row]) -> tuple[str | None, ...]:
    return tuple(row[0] for row in rows)
