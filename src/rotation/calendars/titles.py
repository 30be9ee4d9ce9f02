"""The words of an event's title, in English, German and French, and what they say of a duty.

Titles are folded before anything is looked for in them. Whose names stand between the words is
people.py's part.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rotation.dataclasses import dataclass

_FUER = r"f(?:\u00fc|ue)r"
_DASHES = r"\-\u2013\u2014=~"
# what may stand between a word and the name that it speaks of
_OPEN = r"[\s(\[<@\"'\u201c\u201e\u00ab]*"
# a name after these is that of somebody who is not on duty
_NOT = "|".join(
    (
        r"instead of|in (?:place|lieu) of|on behalf of|(?:cover(?:s|ed|ing)?|in) for",
        r"covers|covering|replaces|replacing|tak(?:es?|ing) over (?:for|from)",
        r"(?:stand|fill|step)(?:s|ing)?[ -]in for|sub(?:s|bing|stitutes?|stituting)? for",
        r"swap(?:s|ped|ping)? (?:with|w/)|trad(?:es?|ed|ing) with",
        r"(?:will|to|shall) cover|(?:any|every)(?:one|body) but|all but|ausser|sauf",
        r"not|without|except|formerly|previously|originally",
        rf"(?:an)?statt(?: von)?|an(?:stelle| stelle) von|vertretung (?:{_FUER}|von)|vertritt",
        rf"stellvertretend {_FUER}|springt ein {_FUER}|\u00fcbernimmt (?:{_FUER}|von)|ersetzt",
        r"nicht|ohne|(?:ge)?tauscht? mit",
        r"au lieu de|\u00e0 la place de|remplacement de|rempla\u00e7ante? de|remplace|pas|sans",
        rf"\u00e9change avec|ersatz {_FUER}",
        r"en (?:lugar|vez) de|sustituye a|al posto di|invece di|sostituisce",
        r"in plaats van|vervangt|no lugar d[eao]|em vez d[eao]|ist\u00e4llet f\u00f6r|i stedet for",
    )
)
# these say so only where nothing else stands between two names
_FOR = rf"for|{_FUER}|pour|por|per|voor|f\u00f6r|cover|was|ex"
# a name after these is that of who takes the place of the one before
_BY = "|".join(
    (
        r"(?:covered|replaced|taken(?: over)?) by|(?:cover|sub|substitute):",
        r"(?:vertreten|ersetzt|\u00fcbernommen) (?:durch|von)|vertretung(?::| durch)",
        r"remplac\u00e9e? par|rempla\u00e7ante? ?:",
    )
)
_ARROW = (
    rf"(?<![<\u2190{_DASHES}])(?:[{_DASHES}]+>|[\u2192\u21d2\u2794\u279c\u279e\u27a1\u27f6]\ufe0f?)"
)
_BACK = rf"<[{_DASHES}]+|[\u2190\u21d0\u2b05]\ufe0f?"

_NOT_THAT_ONE = re.compile(rf"(?:\A|.*[^\w-])(?:{_NOT}){_OPEN}", re.DOTALL).fullmatch
_IN_PLACE_OF = re.compile(
    rf"[\s>)\](\[,;:.\u2013\u2014-]*(?:(?:{_FOR})(?=[\s(\[<])|{_BACK}){_OPEN}"
).fullmatch
_TAKEN_BY = re.compile(rf"(?:(?:\A|.*[^\w-])(?:{_BY})|.*{_ARROW}){_OPEN}", re.DOTALL).fullmatch
_STEPS_IN = re.compile(
    r"\s(?:is )?(?:covers|covering|stands in|fills in|steps in|takes over|vertritt|springt ein"
    r"|\u00fcbernimmt|remplace)\W*"
).fullmatch
# somebody takes the place whom no name says; after an arrow a number is a time
_HANDED_ON = re.compile(rf"\W*?(?:{_ARROW}\W*[^\W\d]|(?:{_BY})\W*\w)").match
_AND = re.compile(r"\s*[&+/]\s*|\s(?:and|und|et)\s").fullmatch
_LIST = re.compile(
    r"[>)\]\"'\u201d]*(?:[\s,;+&/]*|[\s,;+&/]+(?:and|und|et)[\s,;+&/]+)[<@\"'\u201c\u201e]*"
).fullmatch
_POSSESSIVE = re.compile(r"['\u2019]s(?!\w)")
_ELISION = re.compile(r"(lieu|place|remplacement|rempla\u00e7ante?) d['\u2019]")

_CANCELLED = (
    r"cancell?ed|abgesagt|storniert|entf\u00e4llt|annul\u00e9e?s?|cancelad[oa]|annullat[oa]"
    r"|geannuleerd|inst\u00e4llt?d?|aflyst|avlyst|peruutettu|odwo\u0142an[oey]|anulowano"
    r"|zru\u0161eno|elmarad|\u043e\u0442\u043c\u0435\u043d\u0435\u043d\u043e"
)
_CALLED_OFF = re.compile(
    rf"\A[\W_]*(?:{_CANCELLED})\s*[:\])\u2013\u2014-]|[(\[]\s*(?:{_CANCELLED})\s*[)\]]"
)
_QUESTIONABLE = re.compile(
    r"(?<!\w)(?:"
    r"vacation(?:s|ing)?|leave|sick(?:ness)?|out[ -]of[ -](?:the[ -])?office|ooo|o\.o\.o|oof"
    r"|pto|p\.t\.o"
    r"|b(?:irth)?-?days?|on holidays?|(?:days?|time) off|off (?:work|duty|sick)|unavailable"
    r"|not (?:available|on (?:call|duty))|one[ -](?:on|to)[ -]one|1[ -]?on[ -]?1"
    r"|(?<![-.:/])1 ?[:-] ?1(?:s|(?![-.:/]\d))"
    r"|\w*urlaub\w*|krank\w*|geburtstag\w*|abwesen\w*"
    r"|cong\u00e9s?|vacances|maladie|malade|anniversaire|absente?"
    rf"|{_CANCELLED})(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a title: from where to where it stands, and whose it is; None: nobody can say."""

    start: int
    end: int
    owner: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a title says: who has the duty, and whose place they take.

    `unclear`: between two of those who have it stands something else than in a list. `refused`:
    those of them who declined the event; where nobody has it, all who did. `uninvited`: those whom
    the title names, where others were invited and have the duty. `handed_on`: somebody unknown
    takes the place of the last one.
    """

    people: tuple[str, ...] = ()
    replaced: frozenset[str] = frozenset()
    unclear: bool = False
    refused: tuple[str, ...] = ()
    uninvited: tuple[str, ...] = ()
    handed_on: bool = False


def folded(text: str) -> str:
    """`text` as it is compared: NFC, without case, with single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def title(text: str) -> str:
    """A title as it is looked through: folded, and "\u00e0 la place d'alice" with "de"."""
    return _ELISION.sub(r"\1 de ", folded(text))


def called_off(text: str) -> bool:
    """Whether a folded title says that the event does not take place: "Canceled: ...".

    Outlook writes that before the title of what was cancelled, in the language of its user.
    """
    return _CALLED_OFF.search(text) is not None


def questionable(text: str) -> str | None:
    """What stands in a folded title that seldom stands in that of a duty, None where nothing."""
    word = _QUESTIONABLE.search(text)
    return word[0] if word else None


def said(text: str, names: Sequence[Name]) -> Said:
    """What a folded title says of those whose `names` stand in it, in the order of the title."""
    if not names:
        return Said()
    struck, joined, apart = ([False] * len(names) for _ in range(3))

    def strike(number: int) -> None:
        """Somebody else has the place of this one, and of those whom an "and" joins to them."""
        struck[number] = True
        while joined[number]:
            number -= 1
            struck[number] = True

    struck[0] = _NOT_THAT_ONE(text[: names[0].start]) is not None
    for number in range(1, len(names)):
        between = text[names[number - 1].end : names[number].start]
        between = _POSSESSIVE.sub("", between, count=1)
        if _NOT_THAT_ONE(between) or _IN_PLACE_OF(between):
            struck[number] = True
            if joined[number - 1] and _IN_PLACE_OF(between):
                # "bob for alice and carol for dan": carol is not one of those before the "and"
                struck[number - 1] = joined[number - 1] = False
        elif _TAKEN_BY(between):
            strike(number - 1)
        elif _AND(between):
            joined[number] = True
            struck[number] = struck[number - 1]
        else:
            before = text[: names[number - 1].start]
            closes = not between.startswith(">") or before.endswith("<")
            apart[number] = not (closes and _LIST(between))
    after = text[names[-1].end :]
    if len(names) > 1 and not joined[-1] and not struck[-1] and _STEPS_IN(after):
        if apart[-1] or len(names) == 2:
            strike(len(names) - 2)
        else:  # of a list of several, nobody can say for whom
            apart[-1] = True
    replaced = {name.owner for name, gone in zip(names, struck, strict=True) if gone}
    staying = [name.owner not in replaced for name in names]
    unclear = any(
        apart[number] and staying[number - 1] and staying[number]
        for number in range(1, len(names))
        if names[number - 1].owner != names[number].owner
    )
    return Said(
        tuple(dict.fromkeys(n.owner for n in names if n.owner and n.owner not in replaced)),
        frozenset(owner for owner in replaced if owner),
        unclear,
        handed_on=staying[-1] and _HANDED_ON(after) is not None,
    )
