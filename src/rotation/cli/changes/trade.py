"""`rotation swap`, `cover` and `assign`: duties that pass from one person to another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from rotation.changes import assign as by_hand
from rotation.changes import trades
from rotation.changes.book import Book, Change, Stamp, known
from rotation.cli.changes.shared import Anyway, Manner, Role, carry_out, with_people
from rotation.cli.context import call_of, handled
from rotation.cli.grouped import grouped
from rotation.clock.typed import parse_span
from rotation.errors import at_once
from rotation.model import EVERYBODY


@handled
@grouped
def swap(
    context: typer.Context,
    alice: Annotated[str, typer.Argument(help="Whose duty ...")],
    bob: Annotated[str, typer.Argument(help="... is traded for whose.")],
    of: Annotated[
        str | None, typer.Option("--of", help="The first one's duty on this date.")
    ] = None,
    with_: Annotated[
        str | None, typer.Option("--with", help="The second one's duty on this date.")
    ] = None,
    role: Role = None,
    anyway: Anyway = False,
    *,
    manner: Manner,
) -> None:
    """Trade one person's next duty for another's, whole and with their times unchanged.

    Duties that have begun stay where they are: `cover` takes the rest of one.
    """
    call = call_of(context)

    def make(book: Book, stamp: Stamp) -> Change:
        zone = book.roster.zone
        with at_once() as each:
            with each:
                known(book.roster, alice, bob, role=role)
            with each:
                mine = None if of is None else parse_span(of, call.now, zone)
            with each:
                theirs = None if with_ is None else parse_span(with_, call.now, zone)
        return trades.swap(book, alice, bob, stamp, role=role, of=mine, with_=theirs, anyway=anyway)

    carry_out(call, with_people(alice, bob), make, manner)


@handled
@grouped
def cover(
    context: typer.Context,
    bob: Annotated[str, typer.Argument(help="Who serves ...")],
    alice: Annotated[str, typer.Option("--for", help="... for whom; '*': for whoever has it.")],
    start: Annotated[str | None, typer.Option("--from", help="From when.")] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="To when; a day without a time is the last day.")
    ] = None,
    role: Role = None,
    anyway: Anyway = False,
    *,
    manner: Manner,
) -> None:
    """Let one person serve for another: the rest of their present duty, or their next one."""
    call = call_of(context)
    people = (bob,) if alice == EVERYBODY else (bob, alice)

    def make(book: Book, stamp: Stamp) -> Change:
        zone = book.roster.zone
        with at_once() as each:
            with each:
                known(book.roster, *people, role=role)
            with each:
                begin: datetime | None = None if start is None else call.when(start, zone)
            with each:
                until = None if end is None else parse_span(end, call.now, zone)[1]
        if alice == EVERYBODY:
            return by_hand.cover_all(
                book, bob, stamp, role=role, start=begin, end=until, anyway=anyway
            )
        return trades.cover(
            book, bob, alice, stamp, role=role, start=begin, end=until, anyway=anyway
        )

    carry_out(call, with_people(*people), make, manner)


@handled
@grouped
def assign(
    context: typer.Context,
    people: Annotated[list[str], typer.Argument(metavar="PERSON...", help="Who serves.")],
    start: Annotated[str, typer.Option("--from", help="From when.")],
    end: Annotated[
        str, typer.Option("--to", help="To when; a day without a time is the last day.")
    ],
    beside: Annotated[
        bool, typer.Option("--beside", help="In addition to whoever has the duty.")
    ] = False,
    role: Role = None,
    anyway: Anyway = False,
    *,
    manner: Manner,
) -> None:
    """Put these people on duty, and nobody else, whoever's turn it is: Christmas by hand."""
    call = call_of(context)

    def make(book: Book, stamp: Stamp) -> Change:
        zone = book.roster.zone
        with at_once() as each:
            with each:
                known(book.roster, *people, role=role)
            with each:
                begin = call.when(start, zone)
            with each:
                until = parse_span(end, call.now, zone)[1]
        return by_hand.assign(
            book, people, begin, until, stamp, role=role, beside=beside, anyway=anyway
        )

    carry_out(call, with_people(*people), make, manner)
