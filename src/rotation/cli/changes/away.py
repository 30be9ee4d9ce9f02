"""`rotation away`: somebody is away, and who steps in."""

from __future__ import annotations

from typing import Annotated

import typer

from rotation.changes import absences
from rotation.changes.book import Book, Change, Stamp
from rotation.changes.log import remembered
from rotation.cli.changes.shared import Manner, carry_out, with_people
from rotation.cli.context import call_of, handled
from rotation.cli.grouped import grouped
from rotation.clock.typed import parse_span
from rotation.errors import Problem, UsageError, at_once


@handled
@grouped
def away(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="Who is away.")],
    start: Annotated[str | None, typer.Argument(metavar="FROM", help="From when.")] = None,
    end: Annotated[
        str | None,
        typer.Argument(metavar="TO", help="To when; a day without a time is the last day away."),
    ] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Take an absence back.")] = False,
    whole: Annotated[
        bool,
        typer.Option("--whole", help="Extend it to the handoffs of the duties that it touches."),
    ] = False,
    *,
    manner: Manner,
) -> None:
    """Note that somebody is away: their turns pass to the next in the order who is not.

    A single day may be given alone.
    """
    call = call_of(context)

    def make(book: Book, stamp: Stamp) -> Change:
        zone = book.roster.zone
        begin, until = None, None
        with at_once() as each:
            with each:
                absences.known_or_everybody(book.roster, person)
            with each:
                begin, until = (None, None) if start is None else parse_span(start, call.now, zone)
            with each:
                until = until if end is None else parse_span(end, call.now, zone)[1]
        if cancel:
            return remembered(absences.cancel(book, person, stamp, begin, until), stamp)
        if begin is None or until is None or begin == until:
            raise UsageError(
                Problem("from when to when?", hint="rotation away carol 2026-12-24 2027-01-02")
            )
        return absences.away(book, person, begin, until, stamp, whole=whole)

    carry_out(call, with_people(person), make, manner)
