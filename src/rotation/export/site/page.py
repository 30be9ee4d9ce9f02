"""The page itself: HTML that reads well aloud, on paper and on a phone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from rotation.clock import told
from rotation.errors import printable
from rotation.export.site.style import PALETTE, POLICY, STYLE
from rotation.export.site.view import DayPart, Handoff, Month, Now
from rotation.model import Roster
from rotation.schedule.shift import Shift

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
FEW = 4
"""More pieces than this in a day are only named, without their times."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file that the page offers."""

    file: str
    label: str


@dataclass(frozen=True, slots=True)
class SitePage:
    """All that a page shows. `at` is the instant that it is made for."""

    title: str
    at: datetime
    now: Sequence[Now]
    handoffs: Sequence[Handoff]
    months: Sequence[Month]
    feeds: Sequence[Download]
    data: Sequence[Download]
    parts: Sequence[Download] = ()


def render(page: SitePage) -> bytes:
    """The page as UTF-8 HTML; the same page gives the same bytes."""
    rosters = list({id(now.roster): now.roster for now in page.now}.values())
    many = len(rosters) > 1
    zone = rosters[0].zone
    title = text(page.title)
    tab = "; ".join(_names(now.shift.people) for now in page.now[:1])
    body = [
        f"<header><h1>{title}</h1>",
        f'<p class="soft">{text(_zones(rosters))}</p></header>',
        "<main>",
        *_now(page, many),
        *_handoffs(page, many),
        *_months(page),
        *_links(page),
        "</main>",
        f"<footer><p>As of {_day(page.at.astimezone(zone).date())}.</p></footer>",
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex">',
            '<meta name="referrer" content="no-referrer">',
            '<link rel="icon" href="data:,">',
            f"<title>{text(tab)} on duty: {title}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        ]
    ).encode()


def text(words: str) -> str:
    """Words as HTML text or an attribute's value; control characters are made visible."""
    return escape(printable(words))


def _zones(rosters: list[Roster]) -> str:
    zones = dict.fromkeys(roster.zone.key for roster in rosters)
    if len(zones) == 1:
        return f"All times are those of {next(iter(zones))}."
    return "Times are those of each roster's zone: " + ", ".join(
        f"{roster.name} {roster.zone.key}" for roster in rosters
    )


def _now(page: SitePage, many: bool) -> Iterable[str]:
    yield '<section aria-labelledby="now"><h2 id="now">On duty now</h2>'
    yield '<div class="cards">'
    for now in page.now:
        roster, shift = now.roster, now.shift
        yield f'<article class="card"><h3>{text(_label(roster, now.role, many))}</h3>'
        yield '<ul class="who">'
        for key in shift.people:
            yield f'<li class="{_colour(roster, key)}">{text(_full(roster, key))}</li>'
        if not shift.people:
            yield f'<li class="{_nobody(roster, now.role)}">nobody</li>'
        yield "</ul>"
        if now.instead_of:
            absent = " and ".join(_full(roster, key) for key in now.instead_of)
            yield f'<p class="for">for {text(absent)}</p>'
        if not shift.people and roster.fallback:
            yield "<p>Mail goes to the fallback.</p>"
        yield from _span(roster, shift, page.at)
        if now.following is not None and now.following.start is not None:
            who = ", ".join(_full(roster, key) for key in now.following.people)
            late = now.following.start != shift.end
            on = f", from {moment(now.following.start, roster.zone, page.at)}" if late else ""
            yield f"<p>Next: {text(who)}{on}</p>"
        yield "</article>"
    yield "</div></section>"


def _span(roster: Roster, shift: Shift, at: datetime) -> Iterable[str]:
    if shift.end is not None:
        yield f"<p>until <strong>{moment(shift.end, roster.zone, at)}</strong></p>"
    if shift.start is not None:
        yield f'<p class="soft">since {moment(shift.start, roster.zone, at)}</p>'


def _handoffs(page: SitePage, many: bool) -> Iterable[str]:
    yield '<section aria-labelledby="next"><h2 id="next">Next handoffs</h2>'
    if not page.handoffs:
        yield "<p>None within three months.</p></section>"
        return
    several = many or len({handoff.role for handoff in page.handoffs}) > 1
    yield f'<ol class="handoffs{" several" if several else ""}">'
    for handoff in page.handoffs:
        roster = handoff.roster
        duty = text(_label(roster, handoff.role, many))
        yield (
            f"<li>{moment(handoff.at, roster.zone, page.at)} "
            + (f'<span class="duty">{duty}</span> ' if several else "")
            + f'<span class="hands">{_chips(roster, handoff.role, handoff.out)} '
            '<span aria-hidden="true">→</span><span class="aloud">to</span> '
            f"{_chips(roster, handoff.role, handoff.in_)}</span></li>"
        )
    yield "</ol></section>"


def _chips(roster: Roster, role: str, people: Sequence[str]) -> str:
    if not people:
        return f'<span class="chip {_nobody(roster, role)}">nobody</span>'
    return " ".join(
        f'<span class="chip {_colour(roster, key)}">{text(key)}</span>' for key in people
    )


def _months(page: SitePage) -> Iterable[str]:
    if not page.months:
        return
    yield '<section aria-labelledby="months"><h2 id="months">Calendar</h2>'
    by_role: dict[str, list[Month]] = {}
    for month in page.months:
        by_role.setdefault(month.role, []).append(month)
    for role, months in by_role.items():
        if len(by_role) > 1:
            yield f"<h3>{text(role)}</h3>"
        yield '<div class="months">'
        for month in months:
            yield from _month(month, page.at, role if len(by_role) > 1 else "")
        yield "</div>"
    yield "</section>"


def _month(month: Month, at: datetime, role: str) -> Iterable[str]:
    today = at.astimezone(month.roster.zone).date()
    named = f"{_MONTHS[month.first.month - 1]} {month.first.year}"
    aloud = f'<span class="aloud">, {text(role)}</span>' if role else ""
    yield f'<table class="month"><caption>{named}{aloud}</caption>'
    heads = "".join(f'<th scope="col"><abbr title="{day}">{day[:3]}</abbr></th>' for day in _DAYS)
    yield f"<thead><tr>{heads}</tr></thead><tbody>"
    cells = ['<td class="none"></td>'] * month.first.weekday()
    for number, pieces in enumerate(month.days):
        cells.append(_cell(month, month.first + timedelta(number), pieces, today))
    cells += ['<td class="none"></td>'] * (-len(cells) % 7)
    for start in range(0, len(cells), 7):
        yield f"<tr>{''.join(cells[start : start + 7])}</tr>"
    yield "</tbody></table>"


def _cell(month: Month, day: date, pieces: Sequence[DayPart], today: date) -> str:
    marks = ' class="today" aria-current="date"' if day == today else ""
    if len(pieces) > FEW:
        people = dict.fromkeys(key for piece in pieces for key in piece.people)
        pieces = [DayPart((key,), None) for key in people]
    items = "".join(_piece(month, piece) for piece in pieces)
    shown = f'<time class="day" datetime="{day.isoformat()}">{day.day}</time>'
    return f"<td{marks}>{shown}{f'<ul>{items}</ul>' if items else ''}</td>"


def _piece(month: Month, piece: DayPart) -> str:
    roster = month.roster
    if not piece.people and month.role in roster.quiet:
        return ""
    since = f'<span class="since">{piece.since:%H:%M}</span>' if piece.since else ""
    if not piece.people:
        return f'<li class="nobody">{since}nobody</li>'
    return "".join(
        f'<li class="{_colour(roster, key)}">{since if not number else ""}{text(key)}</li>'
        for number, key in enumerate(piece.people)
    )


def _links(page: SitePage) -> Iterable[str]:
    for name, title, links in (
        ("parts", "Rosters", page.parts),
        ("feeds", "Subscribe", page.feeds),
        ("data", "For programs", page.data),
    ):
        if links:
            yield f'<section class="get" aria-labelledby="{name}"><h2 id="{name}">{title}</h2>'
            yield '<ul class="links">'
            for link in links:
                yield f'<li><a href="{text(link.file)}">{text(link.label)}</a></li>'
            yield "</ul></section>"


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """An instant as a `time` element, in words in the zone; the year only if it is another."""
    local = at.astimezone(zone)
    words = told.moment(local, None, now, named=True)
    return f'<time datetime="{local.isoformat(timespec="seconds")}">{text(words)}</time>'


def _day(day: date) -> str:
    words = f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f'<time datetime="{day.isoformat()}">{words}</time>'


def _label(roster: Roster, role: str, many: bool) -> str:
    return f"{roster.name} {role}" if many and role != roster.name else role


def _full(roster: Roster, key: str) -> str:
    return roster.people[key].name or key


def _names(people: Sequence[str]) -> str:
    return ", ".join(people) or "nobody"


def _nobody(roster: Roster, role: str) -> str:
    return "off" if role in roster.quiet else "nobody"


def _colour(roster: Roster, key: str) -> str:
    return f"p{list(roster.people).index(key) % len(PALETTE)}"
