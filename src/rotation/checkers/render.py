"""A preset and options to the text of a script, and back: was this file made here, and edited?

The script is one POSIX sh file for every host; the template `checker.sh` lies beside this module.
The texts of a preset stand in it as they are, inside quoted here-documents (POSIX XCU 2.7.4), where
no shell reads anything into them.
"""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.resources import files
from textwrap import wrap

from rotation.checkers.model import PREFIX, RUNS_A_WEEK, Options, Preset, Sort
from rotation.checkers.texts import MARK, UNLIKE

_SEAL = "# made by rotation; sha256 of the lines above, which tells whether they were edited: "
_MARK = "\nwrite_texts() {\n"
_HOLE = re.compile(r"@\{([A-Z]+)\}")
_NAME = re.compile(r"^name='([a-z0-9-]+)'$", re.MULTILINE)


def template() -> str:
    """The text that all scripts have in common."""
    return files("rotation.checkers").joinpath("checker.sh").read_text(encoding="utf-8")


def render(preset: Preset, options: Options) -> str:
    """The script of a checker. All that stands in `preset` and `options` has been vetted."""
    holes = {
        "HEAD": "\n# ".join(
            [f"{PREFIX}{preset.name}: {preset.title}", *wrap(preset.note or "", 96)]
        ),
        "FILE": PREFIX + preset.name,
        "SETTINGS": _settings(preset, options),
        "VARIABLES": _variables(preset, options),
        "TEXTS": _texts(preset),
        "UNLIKE": UNLIKE,
    }
    # in one pass: a text that looks like a hole is left alone
    return seal(_HOLE.sub(lambda match: holes[match[1]], template()))


def seal(body: str) -> str:
    """A text of ours with a last line that tells whether somebody has edited it since."""
    return f"{body}{_SEAL}{_sum(body)}\n"


def sealed(data: bytes) -> bool:
    """Whether a file is as we made it, whenever and with whatever options that was."""
    body, mark, rest = data.decode("utf-8", "surrogateescape").rpartition(_SEAL)
    return bool(mark) and rest == f"{_sum(body)}\n"


def script_name(data: bytes) -> str | None:
    """The name of the checker whose script this file is, edited or not; None for other files."""
    text = data.decode("utf-8", "surrogateescape")
    name = _NAME.search(text)
    return name[1] if name is not None and _MARK in text else None


def _sum(body: str) -> str:
    return sha256(body.encode("utf-8", "surrogateescape")).hexdigest()


def _settings(preset: Preset, options: Options) -> str:
    numbers = (
        f"{name}:{rule.least}:{rule.most}"
        for name, rule in preset.rules.items()
        if rule.sort is Sort.NUMBER and not rule.empty
    )
    expressions = (
        name for name, rule in preset.rules.items() if rule.sort is Sort.REGEX and not rule.empty
    )
    rows: tuple[tuple[str, str, str], ...] = (
        ("name", preset.name, ""),
        ("title", preset.title, ""),
        ("preset", options.preset, "what it was made from; empty: made with checker new"),
        ("chosen", " ".join(options.chosen), "what is no default; a later install keeps it"),
        ("to", options.to, "who gets the mail"),
        ("often", options.often, "hour, day, week or month, as cron or the timer has it"),
        ("every", str(options.every), "say again what stays wrong on every Nth run; 0: never"),
        ("heartbeat", str(options.heartbeat), "a sign of life after N runs without mail; 0: never"),
        ("heartbeat_to", options.heartbeat_to, "told of each run that worked: a URL or an address"),
        ("times", str(options.times), "a finding counts once it was there so many times ..."),
        ("within", str(options.within), "... within so many runs"),
        ("escalate", str(options.escalate), "after so many runs also to escalate_to; 0: never"),
        ("escalate_to", options.escalate_to, ""),
        ("wait", str(RUNS_A_WEEK[options.often]), "runs that a finding of low waits at most"),
        ("max", "200", "lines of a part of the mail that stay; the rest is counted"),
        ("room", "4000" if preset.once else "100", "KB that have to be free for a run"),
        ("limit", str(preset.timeout), "seconds; then the tool is stopped"),
        ("signal", preset.signal, "output, exit, either (exit or output) or change"),
        ("good", " ".join(map(str, preset.good)), "exit statuses that mean well"),
        ("failed", " ".join(map(str, preset.failed)), "those that mean that the tool failed"),
        ("needs", " ".join(preset.needs), "programs that must be there"),
        ("pipefail", "yes" if preset.simple_pipe else "no", "yes: each status of a pipe counts"),
        ("watch", "yes" if preset.watch else "no", "yes: tell what is not there any more"),
        ("noun", preset.noun, ""),
        ("nouns", _plural(preset.noun), ""),
        ("digest", "yes" if preset.digest else "no", "yes: mailed always"),
        ("numbers", " ".join(numbers), "variables that hold a number, from least to most"),
        ("expressions", " ".join(expressions), "variables that hold a regular expression"),
        ("variables", " ".join(preset.vars), "all of them: another value is another checker"),
        ("state", options.state, "what is remembered between runs"),
        ("sendmail", options.sendmail, "by absolute path; empty: found"),
    )
    return "".join(_assignment(*row) for row in rows)


def _variables(preset: Preset, options: Options) -> str:
    chosen = {**preset.vars, **options.vars}
    if not chosen:
        return "# (it has none)\n"
    rows = "".join(_assignment(name, value) for name, value in chosen.items())
    return f"{rows}export {' '.join(chosen)}\n"


def _assignment(name: str, value: str, comment: str = "") -> str:
    shown = value if re.fullmatch(r"[0-9]+", value) else quote(value)
    # a dollar or a backslash is meant as it stands
    excuse = "# shellcheck disable=SC2016,SC1003\n" if re.search(r"[$`\\]", value) else ""
    return f"{excuse}{name}={shown}" + (f" # {comment}" if comment else "") + "\n"


def quote(text: str) -> str:
    """`text` as one word of a shell, always in single quotes."""
    return "'" + text.replace("'", "'\\''") + "'"


def _texts(preset: Preset) -> str:
    texts = {
        "run": preset.run,
        "hand": preset.hand,
        "filter": preset.filter,
        "ignore": preset.ignore,
        "normalise": "\n".join(preset.normalise),
        "about": "\n".join(preset.about),
        "once": preset.once,
        "alarm": preset.alarm,
        "low": preset.low,
    }
    return "\n".join(
        f"    cat >\"$work/{file}\" <<'{MARK}'\n{text}\n{MARK}"
        for file, text in texts.items()
        if text
    )


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y\Z", noun):
        return f"{noun[:-1]}ies"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)\Z", noun) else "s")
