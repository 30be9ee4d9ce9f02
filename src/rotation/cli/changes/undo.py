"""`rotation log` and `rotation undo`: what was changed, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from rotation.changes import log as changes
from rotation.changes import undo as taking_back
from rotation.changes.book import Book, Change, Stamp
from rotation.cli import output
from rotation.cli.changes.shared import Manner, carry_out, pages
from rotation.cli.context import call_of, handled
from rotation.cli.grouped import grouped
from rotation.errors import Problem, UsageError
from rotation.roster.load import Page


@handled
def log(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """What was changed, when, by whom, and whether it is still in effect."""
    call = call_of(context)
    rows, answers = [], []
    for page in pages(call):
        roster = page.loaded.roster
        zone = roster.zone
        for record in changes.records(page.loaded, call.now):
            moment = None if record.at is None else output.moment(record.at, zone, call.now)
            rows.append(
                (
                    roster.name,
                    record.id or "-",
                    moment or "-",
                    record.by or "-",
                    record.what,
                    output.moment(record.start, zone, call.now),
                    "-" if record.end is None else output.moment(record.end, zone, call.now),
                    _state(record, zone, call.now),
                )
            )
            answers.append(
                {
                    "roster": roster.name,
                    "id": record.id,
                    "at": output.iso(record.at, zone),
                    "by": record.by,
                    "what": record.what,
                    "start": output.iso(record.start, zone),
                    "end": output.iso(record.end, zone),
                    "state": record.state.value,
                    "undone": output.iso(record.undone, zone),
                    "undone_by": record.undone_by,
                }
            )
    if as_json:
        output.say_json(answers)
    elif rows:
        output.table(("roster", "id", "at", "by", "what", "from", "to", "state"), rows)
    elif call.unread:
        output.say("nothing was changed in the rosters that could be read")
    else:
        output.say("nothing was changed")


def _state(record: changes.LogRecord, zone: ZoneInfo, now: datetime) -> str:
    """Whether a change is in effect, or when and by whom it was taken back."""
    if record.undone is None:
        return record.state.value
    part = "the rest " if record.state is not changes.Effect.UNDONE else ""
    return f"{part}undone by {record.undone_by}, {output.moment(record.undone, zone, now)}"


@handled
@grouped
def undo(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(metavar="ID", help="As `rotation log` shows it.")],
    *,
    manner: Manner,
) -> None:
    """Take a change back: a swap as a whole, a cover, an absence, a join.

    What has begun ends now; the past stays.
    """
    call = call_of(context)

    def make(book: Book, stamp: Stamp) -> Change:
        return changes.remembered(taking_back.undo(book, entry, stamp.at), stamp)

    def choose(pages: list[Page]) -> Page:
        def named_so(page: Page) -> list[changes.LogRecord]:
            return [r for r in changes.records(page.loaded, call.now) if r.id == entry]

        able = [page for page in pages if named_so(page)]
        standing = [p for p in able if any(record.undone is None for record in named_so(p))]
        able = standing or able
        if len(able) > 1:
            named = ", ".join(page.loaded.roster.name for page in able)
            raise UsageError(
                Problem(
                    f"{entry!r} is in more than one roster: {named}",
                    hint=f"rotation --rosters {able[0].loaded.roster.path} undo {entry}",
                )
            )
        if not able and len(pages) > 1:
            raise UsageError(
                Problem(f"nothing has the id {entry!r}", hint="rotation log shows all")
            )
        return (able or pages)[0]

    carry_out(call, choose, make, manner)
