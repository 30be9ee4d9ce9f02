"""Who an event names. Only keys of the roster's people come out, never text of the calendar."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import unquote

from rotation.calendars.repair import quoted
from rotation.calendars.titles import Name, Said, folded, questionable, said, title
from rotation.dataclasses import dataclass, replace
from rotation.errors import closest, did_you_mean
from rotation.model import MATCHES

# from where a word begins only: a long one without an address must not be tried from each place
_BREAK = r"\s<>(),;:\"'\[\]"
_ADDRESS = rf"(?<![^{_BREAK}])[^{_BREAK}@]+@[^{_BREAK}]+"
# a name is a word of its own: not part of a longer one, of a double name or of a dotted one
# ("d'alice" is "de alice" before a vowel)
_BEFORE = r"(?<!\w)(?:(?<!\w[.'\u2019-])|(?<=(?<!\w)d['\u2019])(?=h?[aeiouy\u00e0-\u00ff]))"
_AFTER = r"(?!\w)(?![.-]\w)(?!['\u2019](?!s(?!\w))\w)"


@dataclass(frozen=True, slots=True)
class PersonNames:
    """How a person may be named in a calendar, beside the key: addresses and a full name."""

    email: tuple[str, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who was invited: calendar addresses (section 3.3.3) and the CN, "" for none.

    `refused`: they declined, or delegated it to somebody else (section 3.2.12).
    """

    addresses: tuple[str, ...]
    name: str = ""
    refused: bool = False


class Matcher:
    """Finds people. `match` is one of MATCHES; anything else raises ValueError."""

    def __init__(self, people: Mapping[str, PersonNames], match: str) -> None:
        if match not in MATCHES:
            raise ValueError(f"match is {match!r}, not one of {', '.join(MATCHES)}")
        self._match = match
        self._addresses: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._full: dict[str, set[str]] = {}
        for key, person in people.items():
            full = folded(person.name or "")
            for name in filter(None, (folded(key), full)):
                self._names.setdefault(name, set()).add(key)
            for name in _orders(full):
                self._full.setdefault(name, set()).add(key)
            for address in map(folded, person.email):
                self._addresses.setdefault(address, set()).add(key)
        for name, keys in self._full.items():
            # "jones, alice" is one name only where it cannot be a list of two
            if all(self._names.get(part, keys) == keys for part in name.split(", ")):
                self._names.setdefault(name, keys)
        for address, keys in self._addresses.items():
            if "@" not in address:  # a local user; what somebody is called comes first
                self._names.setdefault(address, keys)
        longest = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
        self._pattern = re.compile(f"{_ADDRESS}|{_BEFORE}(?:{longest or '(?!)'}){_AFTER}")

    def said(self, attendees: Iterable[Attendee], summary: str) -> Said:
        """Whom an event names, in the order in which it names them, nobody twice.

        Attendees who did not refuse count first: by address, else by a CN that is a full name.
        Where the title names some of them only those do, and where it says who takes the place of
        one, it decides.
        Without any, the title: keys, full names and addresses, each as a word of its own, in
        any case; the longest name wins. A name or address that several people have names none of
        them.
        """
        known = [(key, a.refused) for a in attendees if (key := self._attendee(a))]
        invited = list(dict.fromkeys(key for key, refused in known if not refused))
        if self._match == "attendee":
            return Said(tuple(invited))
        text = title(summary)
        told = said(text, list(self._names_in(text)))
        if self._match == "summary":
            return told
        if not invited:
            refused = dict.fromkeys(key for key, refused in known if refused)
            named = tuple(key for key in told.people if key in refused)
            return replace(told, refused=named if told.people else tuple(refused))
        named = tuple(key for key in invited if key in told.people)
        left = tuple(key for key in invited if key not in told.replaced)
        if not named and told.people and len(left) < len(invited):
            return told
        others = () if named else told.people
        people = named or left or tuple(invited)
        return Said(people, told.replaced, uninvited=others, handed_on=told.handed_on)

    def questionable(self, summary: str) -> str | None:
        """What a title says, names aside, that is seldom said of a duty; None where nothing."""
        return questionable(self._pattern.sub("@", title(summary)))

    def hint(self, summary: str) -> str:
        """What to do about an event that names nobody."""
        if self._match == "attendee":
            return "invite somebody from [people] to it, by one of the addresses there"
        text = title(summary[:500])
        shared = next((m[0] for m in self._pattern.finditer(text) if len(self._keys(m[0])) > 1), "")
        if shared:
            keys = " or ".join(sorted(self._keys(shared)))
            return f"'{shared}' may be {keys}: write a key or a full name that only one of them has"
        for word in re.findall(r"[\w.-]+", text):
            if close := closest(word, self._names, 0.75):
                return did_you_mean(min(self._names[close]))
        return "write the key or the full name of somebody from [people] into its title"

    def _attendee(self, attendee: Attendee) -> str | None:
        for address in attendee.addresses:
            if key := _only(self._addresses.get(_address(address), set())):
                return key
        return _only(self._full.get(folded(attendee.name), set()))

    def _keys(self, word: str) -> set[str]:
        """Whose a name or an address is that the pattern found."""
        if "@" in word:
            return self._addresses.get(word.rstrip(".!?"), set())
        return self._names[word]

    def _names_in(self, text: str) -> Iterator[Name]:
        for match in self._pattern.finditer(text):
            # an address that is nobody's here is a word like any other
            if keys := self._keys(match[0]):
                yield Name(match.start(), match.end(), _only(keys))


Remark = tuple[str, str | None]
"""What is odd about an event, and what to do."""


class Duties:
    """Whom the events of a calendar put on duty."""

    def __init__(self, matcher: Matcher, only: Collection[str] = ()) -> None:
        """`only`: what the roster says that its duties are called, folded. Such a word is never
        questioned; another may still turn the meaning round: `vacation, no on-call: alice`."""
        self._matcher, self._only = matcher, only

    def people(
        self, attendees: Iterable[Attendee], summary: str
    ) -> tuple[tuple[str, ...], list[Remark]]:
        """The keys of those on duty, and what is odd about it."""
        told = self._matcher.said(attendees, summary)
        if not told.people:
            return (), [_nobody(told, summary, self._matcher)]
        puts = f"the event {quoted(summary)} puts {' and '.join(told.people)} on duty"
        remarks: list[Remark] = []
        word = self._matcher.questionable(summary)
        if word is not None and not any(word in name for name in self._only):
            hint = f'if it is none: ignore = ["{word}"] beside calendar, or only = [...] with what '
            remarks.append((f"{puts}, but speaks of '{word}'", f"{hint}your duties are called"))
        if told.unclear:
            remarks.append((f"{puts} together", _LISTS))
        if told.uninvited:
            who = " and ".join(told.uninvited)
            hint = f"invite {who} in their place, or take the name out of the title"
            remarks.append((f"{puts}, whom it invites, though it names {who}", hint))
        if told.handed_on:
            hint = "write the key or the full name of somebody from [people] there"
            remarks.append((f"{puts}, though it hands it on to somebody unknown", hint))
        if told.refused:
            who = " and ".join(told.refused)
            hint = "agree on somebody else, or take the name out of the title"
            remarks.append((f"{puts}, though {who} declined it", hint))
        return told.people, remarks


class Absences:
    """Who is away for the events of a calendar: `person`, or without one whom an event names."""

    def __init__(self, matcher: Matcher, person: str | None) -> None:
        self._matcher, self._person = matcher, person

    def people(
        self, attendees: Iterable[Attendee], summary: str
    ) -> tuple[tuple[str, ...], list[Remark]]:
        """The keys of those who are away, and what is odd about it.

        Of `alice on leave (bob covers)` that is alice.
        """
        if self._person is not None:
            return (self._person,), []
        told = self._matcher.said(attendees, summary)
        people = tuple(sorted(told.replaced)) or told.people
        if not people:
            return (), [_nobody(told, summary, self._matcher)]
        away = f"the event {quoted(summary)} makes {' and '.join(people)} absent together"
        return people, [(away, _LISTS)] if told.unclear else []


_LISTS = "write 'alice, bob' if both are meant, 'bob for alice' if one takes the other's place"


def _nobody(told: Said, summary: str, matcher: Matcher) -> Remark:
    if told.replaced:
        what = f"the event {quoted(summary)} says who does not have it, and nobody who does"
        return what, "write it as 'bob for alice'"
    if told.refused:
        who = " and ".join(told.refused)
        what = f"the event {quoted(summary)} puts nobody on duty: {who} declined it"
        return what, "invite somebody else, or agree with them"
    return f"the event {quoted(summary)} names nobody known", matcher.hint(summary)


def _only(keys: set[str]) -> str | None:
    return next(iter(keys)) if len(keys) == 1 else None


def _orders(name: str) -> tuple[str, ...]:
    """A folded full name, and as directories write it: "jones, alice"."""
    first, _, last = name.rpartition(" ")
    return (name, f"{last}, {first}") if first else (name,) if name else ()


def _address(text: str) -> str:
    """The mail address in a calendar address, folded: `MAILTO:Alice@Example.com?x=y`."""
    bare = text.strip().strip("<>")
    scheme, colon, rest = bare.partition(":")
    if colon and scheme.casefold() == "mailto":
        bare = unquote(rest.partition("?")[0])
    return folded(bare)
