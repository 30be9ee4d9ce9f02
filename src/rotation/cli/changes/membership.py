"""`rotation join` and `rotation leave`: who takes turns, from a handoff on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from rotation.changes import membership
from rotation.changes.book import Book, Change, Stamp
from rotation.cli.changes.shared import By, Dry, Yes, carry_out, with_people
from rotation.cli.context import call_of, handled
from rotation.errors import Problem, UsageError
from rotation.roster.load import Page

From = Annotated[
    str | None, typer.Option("--from", help="From the first handoff not before this date.")
]
Name = Annotated[
    str | None, typer.Option("--rotation", help="The rotation; needed where there are several.")
]


@handled
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
    yes: Yes = False,
    dry_run: Dry = False,
    by: By = None,
) -> None:
    """Let somebody take turns, from the next handoff on.

    Whoever is on duty stays until then, the past stays as it was, and the order goes on after
    them.
    """
    call = call_of(context)

    def make(book: Book, stamp: Stamp) -> Change:
        begin = None if start is None else call.when(start, book.roster.zone)
        return membership.join(
            book, person, stamp, emails=email or (), after=after, rotation=rotation, start=begin
        )

    carry_out(call, _with_rotation(rotation, after), make, yes=yes, dry_run=dry_run, by=by)


@handled
def leave(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="Who leaves.")],
    rotation: Name = None,
    start: From = None,
    yes: Yes = False,
    dry_run: Dry = False,
    by: By = None,
) -> None:
    """Let somebody take no more turns, from the next handoff on."""
    call = call_of(context)

    def make(book: Book, stamp: Stamp) -> Change:
        begin = None if start is None else call.when(start, book.roster.zone)
        return membership.leave(book, person, stamp, rotation=rotation, start=begin)

    carry_out(call, with_people(person), make, yes=yes, dry_run=dry_run, by=by)


def _with_rotation(rotation: str | None, after: str | None) -> Callable[[list[Page]], Page]:
    """Chooses the roster that somebody new joins: the only one that fits what was said."""

    def choose(found: list[Page]) -> Page:
        able = [
            page
            for page in found
            if (rotation is None or any(r.name == rotation for r in page.loaded.roster.rotations))
            and (after is None or after in page.loaded.roster.people)
        ]
        if len(able) == 1 or len(found) == 1:
            return (able or found)[0]
        named = ", ".join(page.loaded.roster.name for page in (able or found))
        raise UsageError(
            Problem(
                f"which roster? {named}",
                hint=f"rotation --rosters {found[0].loaded.roster.path} join ...",
            )
        )

    return choose
