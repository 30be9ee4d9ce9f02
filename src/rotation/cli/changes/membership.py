"""`rotation join`, `leave` and `change`: who takes turns, and how, from a handoff on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Annotated

import typer

from rotation.changes import membership
from rotation.changes import turns as changes
from rotation.changes.blocks import Turns, named, zone_of
from rotation.changes.book import Book, Change, Stamp, known
from rotation.changes.moved import moved
from rotation.cli.changes.shared import Manner, carry_out, with_people
from rotation.cli.context import call_of, handled
from rotation.cli.grouped import grouped
from rotation.clock.words import parse_every, parse_minutes
from rotation.errors import Problem, UsageError, at_once
from rotation.model import Every
from rotation.roster.load import Page

From = Annotated[
    str | None, typer.Option("--from", help="From the first handoff not before this date.")
]
Move = Annotated[
    bool, typer.Option("--move", help="Move swaps and covers with the turns that they are about.")
]
Name = Annotated[
    str | None, typer.Option("--rotation", help="The rotation; needed where there are several.")
]


@handled
@grouped
def join(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="The key of who joins.")],
    email: Annotated[
        list[str] | None, typer.Option(help="Their address; needed for somebody new.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(help="After whom in the order. Default: last.")
    ] = None,
    rotation: Name = None,
    start: From = None,
    move: Move = False,
    *,
    manner: Manner,
) -> None:
    """Let somebody take turns, from the next handoff on.

    Whoever is on duty stays until then, the past stays as it was, and the order goes on after
    them.
    """
    call = call_of(context)

    def make(book: Book, stamp: Stamp) -> Change:
        with at_once() as each:
            with each:
                membership.vet(book, person, email or ())
            with each:
                named(book, rotation)
            with each:
                known(book.roster, *([] if after is None else [after]))
            with each:
                begin = None if start is None else call.when(start, zone_of(book, rotation))
        joined = membership.join(
            book, person, stamp, emails=email or (), after=after, rotation=rotation, start=begin
        )
        return moved(joined, stamp.at) if move else joined

    carry_out(call, _with_rotation(rotation, after), make, manner)


@handled
@grouped
def leave(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="Who leaves.")],
    rotation: Name = None,
    start: From = None,
    move: Move = False,
    *,
    manner: Manner,
) -> None:
    """Take somebody out of the turns, from the next handoff on."""
    call = call_of(context)

    def make(book: Book, stamp: Stamp) -> Change:
        with at_once() as each:
            with each:
                known(book.roster, person)
            with each:
                _ = None if rotation is None else named(book, rotation)
            with each:
                begin = None if start is None else call.when(start, zone_of(book, rotation))
        left = membership.leave(book, person, stamp, rotation=rotation, start=begin)
        return moved(left, stamp.at) if move else left

    carry_out(call, with_people(person), make, manner)


@handled
@grouped
def change(
    context: typer.Context,
    rotation: Annotated[str, typer.Argument(help="The name of the rotation.")],
    start: Annotated[
        str, typer.Option("--from", help="From the first handoff not before this date.")
    ],
    people: Annotated[
        str | None,
        typer.Option(help="The order: alice,bob+carol,- (+: together, -: a turn of nobody)."),
    ] = None,
    handoff: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="The local time of every handoff.")
    ] = None,
    every: Annotated[
        str | None, typer.Option(help="The length of a turn: '2 weeks' (hours, days, months).")
    ] = None,
    move: Move = False,
    *,
    manner: Manner,
) -> None:
    """Give a rotation another order, handoff or length of turns, from a handoff on.

    What is not named stays as it is. Whoever is on duty stays until then, and the past stays.
    """
    call = call_of(context)

    def make(book: Book, stamp: Stamp) -> Change:
        with at_once() as each:
            with each:
                named(book, rotation)
            with each:
                begin = call.when(start, zone_of(book, rotation))
            with each:
                turns = None if people is None else _turns(people, book)
                known(book.roster, *(person for members in turns or () for person in members))
            with each:
                at = None if handoff is None else _clock(handoff)
            with each:
                length = None if every is None else _every(every)
        reordered = changes.change(
            book, rotation, stamp, start=begin, turns=turns, handoff=at, every=length
        )
        return moved(reordered, stamp.at) if move else reordered

    carry_out(call, _with_rotation(rotation, None), make, manner)


def _turns(text: str, book: Book) -> Turns:
    """The turns of `alice,bob+carol,-`."""
    turns: list[tuple[str, ...]] = []
    for word in (word.strip() for word in text.split(",")):
        members = [word] if word in book.roster.people else word.split("+")
        if not all(members):
            hint = "--people alice,bob+carol,- (+: together, -: a turn of nobody)"
            raise UsageError(Problem(f"{text!r} is not an order: a name is missing", hint=hint))
        turns.append(() if word == "-" else tuple(dict.fromkeys(m.strip() for m in members)))
    return tuple(turns)


def _clock(text: str) -> time:
    minutes = parse_minutes(text)
    if minutes is None or minutes == 24 * 60:
        raise UsageError(Problem(f"{text!r} is not a time of day", hint="--handoff 09:00"))
    return time(minutes // 60, minutes % 60)


def _every(text: str) -> Every:
    every = parse_every(text)
    if every is None:
        hint = "--every '2 weeks': hours, days, weeks or months"
        raise UsageError(Problem(f"{text!r} is not a length of a turn", hint=hint))
    return every


def _with_rotation(rotation: str | None, after: str | None) -> Callable[[list[Page]], Page]:
    """Chooses the roster that is meant: the only one that fits what was said."""

    def choose(pages: list[Page]) -> Page:
        able = [
            page
            for page in pages
            if (rotation is None or any(r.name == rotation for r in page.loaded.roster.rotations))
            and (after is None or after in page.loaded.roster.people)
        ]
        if len(able) == 1 or len(pages) == 1:
            return (able or pages)[0]
        named = ", ".join(page.loaded.roster.name for page in (able or pages))
        raise UsageError(
            Problem(
                f"which roster? {named}",
                hint=f"rotation --rosters {pages[0].loaded.roster.path} ...",
            )
        )

    return choose
