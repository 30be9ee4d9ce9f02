"""A checker's script read back: its settings, its variables, its texts.

What somebody chose when it was installed is in it, so that a later installation keeps it; and so is
all of a checker of one's own, which has no preset to be made from again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rotation.checkers.model import REPEAT, Often, Preset, Signal, Sort, Variable
from rotation.dataclasses import dataclass

_VALUE = r"(?P<value>'(?:[^']|'\\'')*'|[0-9]+)"
_SETTING = re.compile(rf"^(?P<name>[a-z_]+)={_VALUE}(?: #.*)?$", re.MULTILINE)
_VARIABLE = re.compile(rf"^(?P<name>[A-Z][A-Z0-9_]*)={_VALUE}$", re.MULTILINE)
_TEXT = re.compile(
    r"^    cat >\"\$work/(\w+)\" <<'ROTATION_END'\n(.*?)\nROTATION_END$", re.M | re.S
)
_TOP, _VARIABLES, _TEXTS = "\n# --- settings\n", "\n# --- variables", "\nwrite_texts() {\n"


@dataclass(frozen=True, slots=True)
class Inside:
    """What stands in a script, all of it text."""

    settings: Mapping[str, str]
    variables: Mapping[str, str]
    texts: Mapping[str, str]

    @property
    def name(self) -> str:
        """The checker's own name."""
        return self.settings.get("name", "")

    @property
    def often(self) -> Often | None:
        """How often it is run, where the script says it (scripts of older versions do not)."""
        word = self.settings.get("often", "")
        return Often(word) if word in list(Often) else None


def read_back(text: str) -> Inside:
    """The script `text`, as made by this or an older version, edited or not."""
    top = text.partition(_TOP)[2]
    settings, _, rest = top.partition(_VARIABLES)
    variables, _, texts = rest.partition(_TEXTS)
    return Inside(
        dict(_assignments(_SETTING, settings)),
        dict(_assignments(_VARIABLE, variables)),
        dict(_TEXT.findall(texts)),
    )


def _assignments(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    for match in pattern.finditer(text):
        value = match["value"]
        yield match["name"], value[1:-1].replace("'\\''", "'") if value[0] == "'" else value


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose for an installed checker: settings by name, and variables."""

    settings: Mapping[str, str]
    variables: Mapping[str, str]


NOTHING = Chosen({}, {})
"""Of a checker that is not installed yet."""
_DEFAULTS = {"to": "root", "heartbeat": "0"}


def chosen(inside: Inside, preset: Preset | None, often: Often | None) -> Chosen:
    """What was chosen for the script and is no default; `often`: how often it was run.

    A script of a version that did not note it has chosen whatever differs from the default.
    """
    words = inside.settings.get("chosen")
    settings, variables = dict(inside.settings), dict(inside.variables)
    if words is not None:
        names = set(words.split())
        return Chosen(_only(settings, names), _only(variables, names))
    known = {**_DEFAULTS, **({"every": str(REPEAT[often])} if often else {})}
    names = {name for name, value in known.items() if settings.get(name, value) != value}
    defaults = preset.vars if preset else {}
    return Chosen(
        _only(settings, names),
        {name: value for name, value in variables.items() if defaults.get(name) != value},
    )


def _only(values: Mapping[str, str], names: set[str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name in names}


def preset_inside(inside: Inside) -> Preset:
    """The checker of one's own that the script is, to be made anew."""
    settings, texts = inside.settings, inside.texts
    numbers = {rule.split(":")[0]: rule.split(":") for rule in _words(settings, "numbers")}
    rules = {name: Variable() for name in inside.variables}
    for name, (_, least, most) in numbers.items():
        rules[name] = Variable(Sort.NUMBER, int(least), int(most))
    rules |= {name: Variable(Sort.REGEX) for name in _words(settings, "expressions")}
    once = texts.get("once") or ("." if settings.get("once") == "yes" else None)
    run = texts.get("run", "")
    hand = texts.get("hand")
    return Preset(
        name=inside.name,
        title=settings.get("title", ""),
        run=run,
        signal=Signal(settings.get("signal", Signal.OUTPUT)),
        filter=texts.get("filter"),
        ignore=texts.get("ignore"),
        normalise=tuple(text for text in (texts.get("normalise"),) if text),
        about=tuple(text for text in (texts.get("about"),) if text),
        good=tuple(map(int, _words(settings, "good"))),
        failed=tuple(map(int, _words(settings, "failed"))),
        needs=tuple(_words(settings, "needs")),
        every=inside.often or Often.WEEK,
        timeout=int(settings.get("limit", "7200")),
        noun=settings.get("noun", "finding"),
        by_hand=None if hand == run else hand,
        digest=settings.get("digest") == "yes",
        once=once,
        alarm=texts.get("alarm"),
        low=texts.get("low"),
        watch=settings.get("watch") == "yes",
        vars=inside.variables,
        rules=rules,
    )


def _words(settings: Mapping[str, str], name: str) -> list[str]:
    return settings.get(name, "").split()
