"""`rotation offer` and `rotation take`: a duty that the others are asked for, and a yes to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from email.message import EmailMessage
from typing import Annotated

import typer

from rotation.changes import offers
from rotation.changes.book import Book, Change, Stamp, known
from rotation.changes.offers import Asked
from rotation.cli import output
from rotation.cli.changes.shared import Anyway, Manner, Role, carry_out, with_people
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.cli.grouped import grouped
from rotation.cli.render import mail as mails
from rotation.clock.local import minute
from rotation.clock.typed import parse_span
from rotation.dataclasses import replace
from rotation.errors import ApplyError, Exit, Problem, UsageError, at_once
from rotation.model.records import Offer
from rotation.roster.load import Page
from rotation.system import DryRun, System

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@handled
@grouped
def offer(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="Whose duty it is.")],
    of: Annotated[
        str | None, typer.Option("--of", help="The duty on this date. Default: the next one.")
    ] = None,
    role: Role = None,
    *,
    manner: Manner,
    as_json: Json = False,
) -> None:
    """Ask the others by mail to take a duty, and say what each could give for it.

    Nothing changes until somebody takes it; the offer ends when the duty begins. Exit status 3
    when a mail was not taken.
    """
    from rotation.notify.asked import asking  # heavy: the other commands do without

    call = call_of(context)
    entries: list[Offer] = []
    everybody: list[Asked] = []

    def make(book: Book, stamp: Stamp) -> Change:
        with at_once() as each:
            with each:
                known(book.roster, person, role=role)
            with each:
                day = None if of is None else parse_span(of, call.now, book.roster.zone)
        change, entry = offers.offer(book, person, stamp, role=role, of=day)
        everybody[:] = offers.asked(replace(book, loaded=change.after), entry, stamp)
        entries[:] = [entry]
        if not everybody:
            raise UsageError(Problem(f"nobody else shares the role {entry.role!r} with {person}"))
        notes = tuple(_said(asked, change, call) for asked in everybody)
        return replace(change, notes=notes)

    def answer(change: Change) -> object:
        zone = change.after.roster.zone
        return {
            **_offer_json(change, entries[0]),
            "asked": [
                {
                    "person": asked.person,
                    "gift": asked.gift,
                    "trades": [
                        {"start": output.iso(duty.start, zone), "end": output.iso(duty.end, zone)}
                        for duty in asked.trades
                    ],
                }
                for asked in everybody
            ],
        }

    system, change = carry_out(
        call, with_people(person), make, manner,
        answer=answer if as_json else None,
    )  # fmt: skip
    roster, command, host = change.after.roster, call.command, system.host_name()
    letters = (asking(roster, entries[0], asked, call.now, command, host) for asked in everybody)
    _post(system, letters, quiet=as_json)


@handled
@grouped
def take(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(metavar="ID", help="As the mail and `log` have it.")],
    person: Annotated[
        str | None, typer.Argument(help="Who takes it. Default: whoever makes the change.")
    ] = None,
    with_: Annotated[
        str | None,
        typer.Option("--with", help="Give the duty on this date for it. Default: nothing."),
    ] = None,
    anyway: Anyway = False,
    *,
    manner: Manner,
    as_json: Json = False,
) -> None:
    """Say yes to an offer: serve for whoever made it, or trade a duty for it.

    Both are told by mail. Exit status 3 when a mail was not taken; the duty has changed hands.
    """
    from rotation.notify.asked import taken  # heavy: the other commands do without

    call = call_of(context)
    call.now = minute(call.now)
    entries: list[tuple[Offer, str]] = []

    def make(book: Book, stamp: Stamp) -> Change:
        taker = _taker(book, person, stamp)
        day = None if with_ is None else parse_span(with_, call.now, book.roster.zone)
        change, offer = offers.take(book, entry, taker, stamp, with_=day, anyway=anyway)
        entries[:] = [(offer, taker)]
        return change

    def answer(change: Change) -> object:
        offer, taker = entries[0]
        zone = change.after.roster.zone
        return {
            **_offer_json(change, offer),
            "what": change.what,
            "taker": taker,
            "changes": [
                {
                    "role": handed.role,
                    "start": output.iso(handed.start, zone),
                    "end": output.iso(handed.end, zone),
                    "before": list(handed.before),
                    "after": list(handed.after),
                }
                for handed in change.hands
            ],
        }

    system, change = carry_out(
        call, _with_offer(entry), make, manner,
        answer=answer if as_json else None,
    )  # fmt: skip
    roster, command, host = change.after.roster, call.command, system.host_name()
    letters = taken(roster, *entries[0], change.hands, call.now, command, host)
    _post(system, letters, quiet=as_json)


def _said(asked: Asked, change: Change, call: Call) -> str:
    """What one person could do, in a line."""
    zone = change.after.roster.zone
    dates = ", ".join(output.moment(duty.start, zone, call.now) for duty in asked.trades)
    could = [f"trade one from {dates}"] if dates else []
    could += ["take it for nothing"] if asked.gift else []
    return f"{asked.person} could {' or '.join(could) or f'not: {asked.hindered}'}"


def _offer_json(change: Change, offer: Offer) -> dict[str, object]:
    roster = change.after.roster
    return {
        "roster": roster.name,
        "id": offer.id,
        "person": offer.person,
        "role": offer.role,
        "start": output.iso(offer.start, roster.zone),
        "end": output.iso(offer.end, roster.zone),
    }


def _taker(book: Book, person: str | None, stamp: Stamp) -> str:
    """Who says yes. Raises UsageError where that is not known."""
    if person is not None:
        return person
    if stamp.by in book.roster.people:
        return stamp.by
    raise UsageError(
        Problem(
            f"who takes it? {stamp.by!r} is not a person of {book.roster.name}",
            hint=f"rotation take ID {' or '.join(book.roster.people)}",
        )
    )


def _with_offer(id_: str) -> Callable[[list[Page]], Page]:
    """Chooses the roster that has an offer, the first where none has."""

    def choose(pages: list[Page]) -> Page:
        able = [p for p in pages if any(o.id == id_ for o in p.loaded.roster.offers)]
        if len(able) > 1:
            named = ", ".join(page.loaded.roster.name for page in able)
            path = able[0].loaded.roster.path
            raise UsageError(
                Problem(
                    f"{id_!r} is in more than one roster: {named}",
                    hint=f"rotation --rosters {path} take {id_}",
                )
            )
        return (able or pages)[0]

    return choose


def _post(system: System, letters: Iterable[EmailMessage], *, quiet: bool) -> None:
    """Send mails, each for itself; the call ends with 3 where one was not taken."""
    from rotation.mail.send import send

    status = Exit.OK
    told: list[str] = []
    problems: dict[Problem, None] = {}
    for letter in letters:
        try:
            send(system, letter)
        except ApplyError as error:
            problems.update(dict.fromkeys(error.problems))
            status = Exit.FAILED
            continue
        told.append(str(letter["To"]))
        if isinstance(system, DryRun) and not quiet:
            mails.show(letter)
    if told and not quiet and not isinstance(system, DryRun):
        output.say(f"mailed {', '.join(told)}")
    for problem in problems:
        complain(problem)
    leave(status)
