"""The page itself: HTML that reads well aloud, on paper, on a phone and on a wall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from rotation.export.site.bars import week_table, year_table
from rotation.export.site.contents import Download, SitePage
from rotation.export.site.style import POLICY, STYLE
from rotation.export.site.view import Handoff
from rotation.export.site.words import (
    colour,
    day_named,
    duty_label,
    full,
    moment,
    named,
    nobody,
    text,
)
from rotation.model import Roster
from rotation.schedule.shift import Shift

GRACE = timedelta(minutes=5)
"""How long after it should have been renewed a page looks old."""


def render(page: SitePage) -> bytes:
    """The page as UTF-8 HTML; the same page gives the same bytes."""
    rosters = list({id(now.roster): now.roster for now in page.now}.values())
    many = len(rosters) > 1
    title = text(page.title)
    tab = "; ".join(named(now.roster, now.shift.people) for now in page.now[:1])
    mark = f"w{page.at:%Y%m%dT%H%MZ}"
    renew = int((page.every + GRACE).total_seconds())
    body = [
        f"<header><h1>{title}</h1>",
        *_holds(page, rosters[0]),
        f'<p class="soft">{text(_zones(page, rosters))}</p></header>',
        # where the page is found as it was, it was not made anew: see `refresh`
        f'<p class="old" id="{mark}"><strong>This page is old.</strong> No newer one was '
        "made in time: who is on duty may have changed. Ask <kbd>rotation who</kbd>, "
        f'or <a href="{text(page.file)}">load it again</a>.</p>',
        "<main>",
        *(_personal(page, rosters[0]) if page.person is not None else ()),
        *(_now(page, many) if page.person is None else ()),
        *(_handoffs(page, many) if page.person is None else ()),
        *_lanes(page),
        *_links(page),
        "</main>",
        f"<footer><p>As of {day_named(page.at.astimezone(page.zone_of(rosters[0])).date())}."
        "</p></footer>",
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            # without a script no page can know what time it is; but it can be asked for again, by
            # an address that marks this very copy as old. A new copy has another mark.
            f'<meta http-equiv="refresh" content="{renew}; url={text(page.file)}?{mark}#{mark}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex">',
            '<meta name="referrer" content="no-referrer">',
            '<link rel="icon" href="data:,">',
            f"<title>{text(tab)} on duty: {title}</title>"
            if page.person is None
            else f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        ]
    ).encode()


def _holds(page: SitePage, roster: Roster) -> Iterable[str]:
    zone = page.zone_of(roster)
    until = ""
    if page.until is not None:
        held = moment(page.until, zone, page.at)
        until = f" Valid until <strong>{held}</strong>, unless the plan changes."
    yield f'<p class="holds">Made {moment(page.at, zone, page.at)}.{until}</p>'


def _zones(page: SitePage, rosters: list[Roster]) -> str:
    zones = dict.fromkeys(page.zone_of(roster).key for roster in rosters)
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
        yield f'<article class="card"><h3>{text(duty_label(roster, now.role, many))}</h3>'
        yield '<ul class="who">'
        for key in shift.people:
            yield f'<li class="{colour(roster, [key])}">{text(full(roster, key))}</li>'
        if not shift.people:
            yield f'<li class="{nobody(roster, now.role)}">nobody</li>'
        yield "</ul>"
        if now.instead_of:
            absent = " and ".join(full(roster, key) for key in now.instead_of)
            yield f'<p class="for">for {text(absent)}</p>'
        if not shift.people and roster.fallback:
            yield "<p>Mail goes to the fallback.</p>"
        yield from _span(page, roster, shift)
        if now.following is not None and now.following.start is not None:
            who = named(roster, now.following.people, now.then_for)
            late = now.following.start != shift.end
            zone = page.zone_of(roster)
            on = f", from {moment(now.following.start, zone, page.at)}" if late else ""
            yield f"<p>Next: {text(who)}{on}</p>"
        yield "</article>"
    yield "</div></section>"


def _span(page: SitePage, roster: Roster, shift: Shift) -> Iterable[str]:
    zone = page.zone_of(roster)
    if shift.end is not None:
        yield f'<p class="until">until <strong>{moment(shift.end, zone, page.at)}</strong></p>'
    if shift.start is not None:
        yield f'<p class="soft">since {moment(shift.start, zone, page.at)}</p>'


def _handoffs(page: SitePage, many: bool) -> Iterable[str]:
    yield '<section aria-labelledby="next"><h2 id="next">Next handoffs</h2>'
    if not page.handoffs:
        yield "<p>None within three months.</p></section>"
        return
    several = many or len({handoff.role for handoff in page.handoffs}) > 1
    yield f'<ol class="handoffs{" several" if several else ""}">'
    for handoff in page.handoffs:
        roster = handoff.roster
        duty = text(duty_label(roster, handoff.role, many))
        yield (
            f"<li>{moment(handoff.at, page.zone_of(roster), page.at)} "
            + (f'<span class="duty">{duty}</span> ' if several else "")
            + f'<span class="hands">{_chips(roster, handoff.role, handoff.out)} '
            '<span aria-hidden="true">→</span><span class="aloud">to</span> '
            f"{_chips(roster, handoff.role, handoff.in_)}{_whose(handoff)}</span></li>"
        )
    yield "</ol></section>"


def _chips(roster: Roster, role: str, people: Sequence[str]) -> str:
    if not people:
        return f'<span class="chip {nobody(roster, role)}">nobody</span>'
    return " ".join(
        f'<span class="chip {colour(roster, [key])}">{text(full(roster, key))}</span>'
        for key in people
    )


def _whose(handoff: Handoff) -> str:
    if not handoff.instead_of:
        return ""
    absent = " and ".join(full(handoff.roster, key) for key in handoff.instead_of)
    return f" for {text(absent)}"


def _personal(page: SitePage, roster: Roster) -> Iterable[str]:
    """The duties of one person."""
    yield '<section aria-labelledby="duties"><h2 id="duties">Duties</h2>'
    if not page.duties:
        yield "<p>None within the time that is shown.</p></section>"
        return
    zone = page.zone_of(roster)
    several = len({duty.role for duty in page.duties}) > 1
    yield '<ol class="handoffs">'
    for duty in page.duties:
        said = [duty.role] if several else []
        if duty.instead_of:
            said.append(f"for {' and '.join(full(roster, key) for key in duty.instead_of)}")
        others = [full(roster, key) for key in duty.people if key != page.person]
        if others:
            said.append(f"with {', '.join(others)}")
        said += duty.notes
        yield (
            f"<li><span>{moment(duty.start, zone, page.at)} to "
            f"{moment(duty.end, zone, page.at)}</span> <span>{text('; '.join(said))}</span></li>"
        )
    yield "</ol></section>"


def _lanes(page: SitePage) -> Iterable[str]:
    if not page.lanes:
        return
    yield '<section aria-labelledby="ahead"><h2 id="ahead">Three months and a year</h2>'
    for lane in page.lanes:
        zone = page.zone_of(lane.roster)
        if len(page.lanes) > 1:
            yield f"<h3>{text(lane.role)}</h3>"
        yield '<div class="lanes">'
        yield from week_table(lane.roster, lane.role, lane.weeks, zone, page.at)
        for name, rows in lane.rotations.items():
            title = f"The rotation {name} alone"
            yield from week_table(lane.roster, lane.role, rows, zone, page.at, title)
        yield from year_table(lane.roster, lane.role, lane.year, zone, page.at)
        yield "</div>"
    yield "</section>"


def _links(page: SitePage) -> Iterable[str]:
    for name, title, links in (
        ("parts", "Rosters", page.parts),
        ("people", "Everybody's own page", page.people),
        ("zones", "In other time zones", page.zones),
        ("feeds", "Subscribe", page.feeds),
        ("data", "For programs", page.data),
    ):
        if links:
            yield f'<section class="get" aria-labelledby="{name}"><h2 id="{name}">{title}</h2>'
            yield f'<ul class="links{" addresses" if any(link.shown for link in links) else ""}">'
            yield from map(_link, links)
            yield "</ul></section>"


def _link(link: Download) -> str:
    if link.shown is None:
        return f'<li><a href="{text(link.file)}">{text(link.label)}</a></li>'
    # what calendar programs open, and what people paste where none does
    webcal = f"webcal:{link.shown.partition(':')[2]}"
    return (
        f'<li><a href="{text(webcal)}">{text(link.label)}</a> <code>{text(link.shown)}</code></li>'
    )
