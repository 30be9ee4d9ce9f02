"""What is wrong with a line that is no TOML: the usual slips, told by what somebody meant.

`tomllib` says where it stopped and what it expected there; people want to know what to type.
"""

from __future__ import annotations

import re
from calendar import monthrange

from rotation.dataclasses import dataclass

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")
_STRING = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'')
_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]*)(\]?\]?)\s*(.*)")
_KEY = re.compile(r"\s*[\w-]+\s*=")
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})\b")
_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)")
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}\s*(?:$|#)")
_QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"
"""Typographic quotation marks."""
_BLANKS = dict.fromkeys("\u00a0\u202f\u2007\u3000", "a no-break space")
_BLANKS |= dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", "an invisible character")
_FLAGS = {"True": "true", "TRUE": "true", "yes": "true", "Yes": "true", "on": "true"}
_FLAGS |= {"False": "false", "FALSE": "false", "no": "false", "No": "false", "off": "false"}
_GENERAL = 'text goes in "quotes", dates do not; tables begin with [name] or [[name]]'


_Seen = tuple[str, int, str]
"""What is wrong, how many characters stand before it, what to do."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, at which line (from 1) and column (from 1), and what to do.

    `alone`: the rest of the text can be read without that line.
    """

    what: str
    line: int
    column: int | None
    hint: str
    alone: bool = False


def mistake(text: str, message: str) -> Mistake:
    """What is wrong in a text (with LF) that `tomllib` refused with `message`."""
    lines = text.split("\n")
    match = _PLACE.search(message)
    number, column = (int(match[1]), int(match[2])) if match and match[1] else (len(lines), None)
    said = _PLACE.sub("", message)
    line = lines[number - 1]
    if "newline" in said.lower() or "'\\n'" in said:
        number, line = _not_blank(lines, number)
    for look in (_character, _comment):
        if (seen := look(line)) is not None:
            return _mistake(line, number, seen)
    seen = _twice(lines, number, said)
    if seen is None and (opened := _unclosed(lines, number, said)):
        return opened
    seen = seen or _header(line) or _assignment(line) or _quote(line)
    if seen is None:
        return Mistake(f"{said[:1].lower()}{said[1:]}", number, column, _GENERAL)
    return _mistake(line, number, seen)


def _mistake(line: str, number: int, seen: _Seen) -> Mistake:
    what, at, hint = seen
    if "://" in hint:
        hint = _GENERAL  # an address on the web holds secrets, and cron mails this
    return Mistake(what, number, at + 1, hint, _alone(line))


def _not_blank(lines: list[str], number: int) -> tuple[int, str]:
    while number > 1 and not lines[number - 1].strip():
        number -= 1
    return number, lines[number - 1]


def _plain(line: str) -> str:
    """The line with blanks in place of its strings and comment, as long as it was."""
    bare = _STRING.sub(lambda match: " " * len(match[0]), line)
    code, hash_, comment = bare.partition("#")
    return code + " " * len(hash_ + comment)


def _alone(line: str) -> bool:
    bare = _plain(line)
    header = line.lstrip().startswith("[")
    level = all(bare.count(opening) == bare.count(closing) for opening, closing in ("[]", "{}"))
    return level and not header and re.search(r"[=:]", bare) is not None


def _character(line: str) -> _Seen | None:
    for at, char in enumerate(_plain(line)):
        if char in _QUOTES:
            return f"{char} is not a quotation mark of TOML", at, "write plain ones: \" or '"
        if char in _BLANKS:
            hint = "it came with the text that was pasted: delete it and type a blank"
            return f"{_BLANKS[char]} (U+{ord(char):04X})", at, hint
    return None


def _comment(line: str) -> _Seen | None:
    start = re.match(r"\s*(//|;|--|/\*|rem\b)", line, re.IGNORECASE)
    if start is None:
        return None
    return f"{start[1]} does not begin a comment", start.start(1), "comments begin with #"


def _unclosed(lines: list[str], number: int, said: str) -> Mistake | None:
    """The bracket that is open where `tomllib` stopped."""
    line = _plain(lines[number - 1])
    listed = re.search(r"unclosed|inline table|array", said, re.I) and "declaration" not in said
    if not listed and line.count("{") <= line.count("}"):
        return None
    for start in range(number, 0, -1):
        if _HEADER.match(lines[start - 1]):
            break
        if not _KEY.match(lines[start - 1]):
            continue
        if (bracket := _open(lines, start, number)) is not None:
            char, at, before = bracket
            hint = "close it with ], and put a comma between two things in it"
            if char == "{":
                hint = "close it with }, on the same line"
            return Mistake(f"this {char} is never closed", at, before + 1, hint)
    # every bracket has its other one: two things stand side by side
    side_by_side = re.search(r"[\"'\]}] +([\"'\[{])", lines[number - 1])
    hint = "a comma stands between two things in a list, and = between a key and its value"
    column = side_by_side.start(1) + 1 if side_by_side else None
    return Mistake("a comma is missing", number, column, hint)


def _open(lines: list[str], start: int, stop: int) -> tuple[str, int, int] | None:
    """The last bracket left open from the line `start` on: which, at which line, after how much."""
    brackets: list[tuple[str, int, int]] = []
    for at in range(start, stop + 1):
        # a line that begins like another key is where somebody went on
        if at > start and (_KEY.match(lines[at - 1]) or _HEADER.fullmatch(lines[at - 1])):
            break
        for column, char in enumerate(_plain(lines[at - 1])):
            if char in "[{":
                brackets.append((char, at, column))
            elif char in "]}" and brackets:
                brackets.pop()
    return brackets[-1] if brackets else None


def _quote(line: str) -> _Seen | None:
    """A quotation mark without another."""
    at = min((n for n, char in enumerate(_plain(line)) if char in "\"'"), default=None)
    if at is None:
        return None
    return "this quotation mark is never closed", at, f"close it with {line[at]}, on the same line"


def _twice(lines: list[str], number: int, said: str) -> _Seen | None:
    if not re.search(r"overwrite|declare|mutate|duplicate", said, re.IGNORECASE):
        return None
    line = lines[number - 1]
    if inline := re.search(r"inline table key '(.*)'", said):
        return f"duplicate key {inline[1]!r} in one {{ }}", line.index("{"), "keep one of the two"
    if header := _HEADER.match(line):
        name = header[2].strip()
        same = [
            at
            for at, other in enumerate(lines[: number - 1], 1)
            if (match := _HEADER.match(other)) and match[2].strip() == name
        ]
        before = f", first at line {same[0]}" if same else ""
        hint = f"write one [{name}] with all of it, or [[{name}]] for each of several"
        return f"[{name}] stands twice{before}", header.start(1), hint
    while number > 1 and "=" not in _plain(lines[number - 1]):
        number -= 1
    line = lines[number - 1]
    key = line.partition("=")[0].strip()
    for at in range(number - 1, 0, -1):
        if _HEADER.match(lines[at - 1]) and not lines[at - 1].strip().endswith(","):
            break
        if re.match(rf"\s*{re.escape(key)}\s*=", lines[at - 1]):
            what = f"duplicate key {key!r}: it stands at line {at} already"
            return what, line.index(key), "keep one of the two"
    return f"duplicate key {key!r}", line.index(key) if key in line else 0, "keep one of the two"


def _header(line: str) -> _Seen | None:
    match = _HEADER.match(line)
    if match is None:
        return None
    at, name = match.start(1), match[2].strip()
    wanted = f"{match[1]}{name}{']' * len(match[1])}"
    if match[3] != "]" * len(match[1]):
        return f"{match[1]} is not closed as it was opened", at, f"write {wanted}"
    if name and not all(_BARE.match(part.strip()) for part in name.split(".")):
        return f"{name!r} cannot name a table as it stands", at, "letters, digits, - and _"
    if match[4] and not match[4].startswith("#"):
        return "something stands after the table's name", match.start(4), "put it on its own line"
    return None


def _assignment(line: str) -> _Seen | None:
    bare = _plain(line)
    equals = bare.find("=")
    if equals < 0:
        if colon := re.match(r"\s*[^\s:#]+\s*(:)\s", line):
            return "':' where '=' belongs", colon.start(1), "write KEY = VALUE"
        words = len(line) - len(line.lstrip())
        return "this line has no '='", words, "write KEY = VALUE, [TABLE], or # for a comment"
    key = line[:equals].strip()
    start = line.index(key) if key else equals
    if colon := re.match(r"\s*[\w-]+\s*(:)", bare[:equals]):
        return "':' where '=' belongs", colon.start(1), "write KEY = VALUE"
    if key and not _STRING.match(key) and not all(_BARE.match(p) for p in key.split(".")):
        return _odd_key(key, start)
    value, at = line[equals + 1 :].strip(), equals + 1
    at += len(line[at:]) - len(line[at:].lstrip())
    return _value(key, value, at)


def _odd_key(key: str, start: int) -> _Seen:
    at = next((n for n, char in enumerate(key) if not _BARE.match(char)), 0)
    what = "a blank" if key[at].isspace() else repr(key[at])
    hint = f'a key is one plain word; anything else needs quotes: "{key}" ='
    if key[at].isspace():
        short, mail = key.split()[0], '{ email = "…", name = "' + key + '" }'
        hint = f"a key is one word; a person's name stands beside the address: {short} = {mail}"
    if "@" in key:
        hint = f'the key comes first, then the address: alice = "{key}"'
    return f"{what} in the key {key!r}", start + at, hint


def _value(key: str, value: str, at: int) -> _Seen | None:
    if not value or value.startswith("#"):
        return f"no value for {key!r}", at, _GENERAL
    word = value.partition("#")[0].strip()
    if (day := _date(word)) is not None:
        return day[0], at, day[1]
    if _CLOCK.match(value) and not value.startswith(('"', "'")):
        time = word.replace(".", ":").rjust(5, "0")
        return "a time of day needs quotes", at, f'{key} = "{time}"'
    if word in _FLAGS:
        return f"{word} is neither true nor false", at, f"{key} = {_FLAGS[word]}"
    if value[0] in "\"'":
        return _text(key, value, at)
    if value[0] in "[{":
        return None
    if word.endswith(('"', "'")):
        return "a quotation mark is missing before the text", at, f"{key} = {word[-1]}{word}"
    if re.match(r"(?=.*[A-Za-z]{3})(?=.*\b\d{1,2}\b)(?=.*\b\d{4}\b)", word):
        return "a date is all digits, and begins with the year", at, f"{key} = 2026-01-05"
    hint = f'{key} = "{word}"' if word.isprintable() and '"' not in word else _GENERAL
    return "text needs quotes", at, hint


def _text(key: str, value: str, at: int) -> _Seen | None:
    closed = _STRING.match(value)
    if closed is None:
        word = value.rstrip()
        return "the quotation mark is never closed", at, f"{key} = {word[:60]}{value[0]}"
    rest = value[closed.end() :].strip()
    if rest.startswith(","):
        return "several things need brackets", at, f"{key} = [{value.partition('#')[0].strip()}]"
    if "\\" in closed[0] and value[0] == '"':
        return 'a backslash has a meaning of its own in " "', at, "put the text in ' '"
    if rest:
        return "something stands after the text", at + closed.end(), "one value for a key"
    return None


def _date(word: str) -> tuple[str, str] | None:
    """What is wrong with a date, and how to write it."""
    if match := _DAY_FIRST.match(word):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        meant = [f"{year}-{second:02}-{first:02}"] if second <= 12 else []
        if match[2] != "." and first <= 12 and first != second:
            meant.append(f"{year}-{first:02}-{second:02}")
        return "a date begins with the year", " or ".join(meant) or "2026-01-05"
    if match := _YEAR_FIRST.match(word):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
        if not 1 <= month <= 12:
            return f"there is no month {month}", "year, month, day: 2026-01-05"
        last = monthrange(year, month)[1] if year else 31
        if not 1 <= day <= last:
            return f"there is no {match[0]}", f"that month has {last} days"
        if match[0] != f"{year:04}-{month:02}-{day:02}":
            return "a date has two digits for month and day", f"{year:04}-{month:02}-{day:02}"
        rest = word[match.end() :]
        if rest[:1] in ("T", " ", "t"):
            example = f"{match[0]}T09:00:00"
            return "a date with a time needs hours, minutes and seconds", example
    return None
