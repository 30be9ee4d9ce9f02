"""`rotation swap`, `cover` and `assign`: duties that pass from one person to another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from rotation.changes import assign as by_hand
from rotation.changes import trades
from rotation.changes.book import Book, Change, Stamp
from rotation.cli.changes.shared import Anyway, Manner, Role, carry_out, with_people
from rotation.cli.context import call_of, handled
from rotation.cli.grouped import grouped
from rotation.clock.typed import parse_span
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
        days = [None if t is None else parse_span(t, call.now, zone) for t in (of, with_)]
        return trades.swap(
            book, alice, bob, stamp, role=role, of=days[0], with_=days[1], anyway=anyway
        )

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

    def make(book: Book, stamp: Stamp) -> Change:
        zone = book.roster.zone
        begin: datetime | None = None if start is None else call.when(start, zone)
        until = None if end is None else parse_span(end, call.now, zone)[1]
        if alice == EVERYBODY:
            return by_hand.cover_all(
                book, bob, stamp, role=role, start=begin, end=until, anyway=anyway
            )
        return trades.cover(
            book, bob, alice, stamp, role=role, start=begin, end=until, anyway=anyway
        )

    people = (bob,) if alice == EVERYBODY else (bob, alice)
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
        begin, until = call.when(start, zone), parse_span(end, call.now, zone)[1]
        return by_hand.assign(
            book, people, begin, until, stamp, role=role, beside=beside, anyway=anyway
        )

    carry_out(call, with_people(*people), make, manner)
