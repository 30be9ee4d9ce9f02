"""Offer, and take: a duty that somebody asks the others for, and the one who says yes to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from rotation.changes.book import (
    Book,
    Change,
    Stamp,
    changed,
    known,
    overrides_file,
    refuse,
    span,
)
from rotation.changes.log import note
from rotation.changes.trades import cover, offered_duty, swap
from rotation.clock.days import Stretch
from rotation.clock.told import day_and_time
from rotation.dataclasses import dataclass, replace
from rotation.errors import UsageError, Where
from rotation.model.records import Offer
from rotation.roster import write
from rotation.schedule.duties import Duty, upcoming
from rotation.schedule.offered import taken, void
from rotation.schedule.turns import blocks

TRADES = 3
"""How many duties of somebody are named that they could give for the one that is offered."""
_LOOKED_AT = 8
_NEAR = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether `person` could take an offered duty for nothing, and which duties of theirs they
    could give for it, the next first; `hindered` says why not, where they can do neither."""

    person: str
    gift: bool
    trades: tuple[Duty, ...]
    hindered: str | None = None


def offer(
    book: Book,
    person: str,
    stamp: Stamp,
    *,
    role: str | None = None,
    of: Stretch | None = None,
) -> tuple[Change, Offer]:
    """`person` asks the others to take a duty that has not begun: the next, or the one that `of`
    (a day, or an instant twice) means. It is noted; who serves stays as it is.

    Raises UsageError where there is none, and for one that is offered already.
    """
    roster = book.roster
    known(roster, person)
    duty = offered_duty(book.loaded, person, role, of, stamp.at)
    for earlier in roster.offers:
        same = (earlier.person, earlier.role) == (person, duty.role)
        if same and earlier.start == duty.start and not taken(book.loaded, earlier):
            refuse(
                f"{person}'s duty of {span(duty.start, duty.end, roster.zone)} is offered already",
                f"to ask again, take that back first: rotation undo {earlier.id}",
                earlier.where,
            )
    what = f"offer {person}"
    entry = Offer(
        person, duty.start, duty.end, Where(overrides_file(roster)), duty.role,
        id=book.fresh_id(what, stamp), note=what, by=stamp.by, at=stamp.at,
    )  # fmt: skip
    text = write.offer_text(entry, roster.zone)
    overrides = write.appended(book.overrides_text or b"", [text])
    when = f"{span(duty.start, duty.end, roster.zone)}, {duty.role}"
    change = changed(book, f"{what}: {when}", stamp.at, stamp.at, overrides=overrides, id_=entry.id)
    return change, entry


def asked(book: Book, offer: Offer, stamp: Stamp) -> Iterator[Asked]:
    """Everybody else who shares the role then, and what each could do about an offer now."""
    members = _members(book, offer) - {offer.person}
    for person in (key for key in book.roster.people if key in members):
        free, why = True, None
        try:
            _cover(book, offer, person, stamp)
        except UsageError as error:
            free, why = False, error.problems[0].what
        trades = tuple(islice(_trades(book, offer, person, stamp), TRADES))
        yield Asked(person, free, trades, None if free or trades else why)


def take(
    book: Book,
    id_: str,
    taker: str,
    stamp: Stamp,
    *,
    with_: Stretch | None = None,
    anyway: bool = False,
) -> tuple[Change, Offer]:
    """`taker` says yes to the offer with this id: serves for whoever made it, or with `with_` (a
    day, or an instant twice) trades that duty of theirs for it.

    The overrides have the id of the offer. Raises UsageError for an offer that is not open (any
    more), for a duty that has changed since, and as `cover` and `swap` do.
    """
    known(book.roster, taker)
    offer = _open(book, id_, stamp.at)
    if taker == offer.person:
        refuse(
            f"{taker} cannot take their own offer",
            f"to keep the duty, take it back: rotation undo {id_}",
        )
    _unchanged(book, offer)
    stamp = replace(stamp, id=id_)
    if with_ is None:
        return _cover(book, offer, taker, stamp, anyway=anyway), offer
    return _swap(book, offer, taker, with_, stamp, anyway=anyway), offer


def _members(book: Book, offer: Offer) -> set[str]:
    """Who shares a role when an offered duty is: whoever has turns then, or dated shifts near."""
    roster, loaded = book.roster, book.loaded
    members = {
        person
        for block in blocks(roster.rotations, roster.zone)
        if block.rotation.role == offer.role and block.turns_between(offer.start, offer.end)
        for person in block.rotation.order
    }
    for shift in (*roster.shifts, *loaded.shifts):
        near = shift.start < offer.end + _NEAR and offer.start - _NEAR < shift.end
        if shift.role == offer.role and near:
            members.update(shift.people)
    return members


def _cover(book: Book, offer: Offer, taker: str, stamp: Stamp, *, anyway: bool = False) -> Change:
    return cover(
        book, taker, offer.person, stamp,
        role=offer.role, start=offer.start, end=offer.end, anyway=anyway,
    )  # fmt: skip


def _swap(
    book: Book, offer: Offer, taker: str, with_: Stretch, stamp: Stamp, *, anyway: bool = False
) -> Change:
    mine = (offer.start, offer.start)
    return swap(
        book, offer.person, taker, stamp, role=offer.role, of=mine, with_=with_, anyway=anyway
    )


def _trades(book: Book, offer: Offer, person: str, stamp: Stamp) -> Iterator[Duty]:
    """The duties that a person could give for an offered one."""
    schedule = book.loaded.known_schedule(offer.role)
    for duty in islice(upcoming(schedule, person, stamp.at), _LOOKED_AT):
        try:
            _swap(book, offer, person, (duty.start, duty.start), stamp)
        except UsageError:
            continue
        yield duty


def _open(book: Book, id_: str, now: datetime) -> Offer:
    """The open offer with that id. Raises UsageError where there is none."""
    zone = book.roster.zone
    for gone in book.roster.undone:
        if gone.id == id_:
            refuse(
                f"that offer was taken back by {gone.undone_by} on "
                f"{day_and_time(gone.undone, zone)}",
                "rotation log shows what there is",
                gone.where,
            )
    offers = {offer.id: offer for offer in book.roster.offers if offer.id}
    if id_ not in offers:
        listed = [o for o in offers.values() if o.start > now and not taken(book.loaded, o)]
        there_are = f"open: {', '.join(str(o.id) for o in listed)}" if listed else None
        refuse(
            f"there is no offer {id_!r} in {book.roster.name}",
            there_are or "rotation log shows what there is",
        )
    for entry in book.roster.overrides:
        if entry.id == id_:
            who = f" by {entry.by}" if entry.by else ""
            refuse(f"that offer is taken: {note(entry)}{who}", where=entry.where)
    offer = offers[id_]
    if offer.start <= now:
        refuse(f"that offer is over: the duty began on {day_and_time(offer.start, zone)}")
    return offer


def _unchanged(book: Book, offer: Offer) -> None:
    """Raises UsageError where the duty is another one than was offered."""
    if void(book.loaded, offer):
        refuse(
            f"{offer.person}'s duty is not what was offered any more: "
            f"{span(offer.start, offer.end, book.roster.zone)}",
            f"offer it again: rotation undo {offer.id}, then rotation offer",
            offer.where,
        )
