"""The variables of a preset's command: what each may hold, and whether a value is that.

A wrong value must not switch a check off: `used < "90%"` is a comparison of texts, and the empty
regular expression matches everything. So each variable has a rule, which is asked at installation,
and again by the script, since somebody may change the value at its top.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from rotation.checkers.model import Preset, Sort, Variable
from rotation.checkers.texts import line_fault
from rotation.toml.table import Table, describe

_VAR = re.compile(r"[A-Z][A-Z0-9_]{0,30}\Z", re.ASCII)
# what shells and programs read for themselves; the script's own settings are in small letters
_SHELLS = """
PATH IFS HOME ENV BASH_ENV CDPATH LANG LC_ALL TMPDIR PWD OLDPWD PS1 PS2 PS3 PS4 OPTIND OPTARG SHELL
PPID RANDOM SECONDS LINENO REPLY FUNCNAME TMOUT UID EUID NLSPATH LD_PRELOAD LD_LIBRARY_PATH
"""
OWN = frozenset(_SHELLS.split())
"""Names that a variable of a preset cannot have."""
_PATHS = re.compile(r"/[^\s;|&$`<>(){}\"'\\]*\Z")
_NUMBER = re.compile(r"[0-9]{1,9}\Z", re.ASCII)
_KEYS = ("default", "kind", "least", "most", "match", "empty")


def variable_fault(name: str, value: str) -> str | None:
    """Why a variable cannot be set at the top of a script; None if it can."""
    if not _VAR.match(name):
        return f"{name!r} is not the name of a variable: use A-Z, 0-9 and _"
    if name in OWN:
        return f"{name} is a variable of the script itself"
    if value and (fault := line_fault(value)):
        return f"the value of {name} {fault}"
    return None


def value_fault(name: str, value: str, rule: Variable) -> str | None:
    """Why `value` is not what the variable may hold; None if it is. The host is not asked."""
    if fault := variable_fault(name, value.strip()):
        return fault
    if not value.strip():
        return None if rule.empty else f"{name} must not be empty{_instead(rule)}"
    match rule.sort:
        case Sort.NUMBER:
            if not _NUMBER.match(value) or not rule.least <= int(value) <= rule.most:
                return f"{name} must be a whole number, {rule.least} to {rule.most}, not {value!r}"
        case Sort.PATHS:
            wrong = [part for part in value.split() if not _PATHS.match(part)]
            if wrong:
                return (
                    f"{name}: {wrong[0]!r} is not an absolute path or pattern"
                    " (blanks stand between paths; write ? for a blank inside one)"
                )
        case Sort.TEXT:
            if rule.match and not re.fullmatch(rule.match, value, re.ASCII):
                return f"{name} must match {rule.match}, not {value!r}"
        case Sort.REGEX | Sort.COMMAND:
            pass  # the host's own grep and sh are asked: see install.vet
    return None


def _instead(rule: Variable) -> str:
    match rule.sort:
        case Sort.REGEX:
            return ": an empty expression matches everything; '^$' matches nothing"
        case Sort.NUMBER:
            return f": a whole number, {rule.least} to {rule.most}"
        case _:
            return ""


def described(name: str, preset: Preset) -> str:
    """What a variable may hold, in words, for pages and hints."""
    rule = preset.rules.get(name, Variable())
    match rule.sort:
        case Sort.NUMBER:
            what = f"a number, {rule.least} to {rule.most}"
        case Sort.REGEX:
            what = "a regular expression (grep -E)"
        case Sort.PATHS:
            what = "absolute paths or patterns, with blanks between them"
        case Sort.COMMAND:
            what = "a command"
        case Sort.TEXT:
            what = f"text that matches `{rule.match}`" if rule.match else "text"
    return f"{what}, or nothing" if rule.empty else what


def read_rules(table: Table) -> tuple[MappingProxyType[str, str], MappingProxyType[str, Variable]]:
    """The `vars` of a preset's table: defaults and rules. Reports every problem to the table.

    A plain value stands for its own sort: a number for any number, a text for any line.
    """
    value = table.take("vars")
    defaults: dict[str, str] = {}
    rules: dict[str, Variable] = {}
    if value is not None and not isinstance(value, dict):
        table.report("vars", f"'vars' must be a table, not {describe(value)}")
    for name, given in value.items() if isinstance(value, dict) else ():
        words = given if isinstance(given, dict) else {"default": given}
        fault, default, rule = _rule(name, words, plain=not isinstance(given, dict))
        if fault:
            table.document.report((*table.path, "vars", name), fault)
        defaults[name], rules[name] = default, rule
    return MappingProxyType(defaults), MappingProxyType(rules)


def _rule(name: str, words: dict[str, object], *, plain: bool) -> tuple[str | None, str, Variable]:
    """What is wrong with the declaration of a variable, its default, its rule."""
    default = words.get("default", "")
    if isinstance(default, bool) or not isinstance(default, str | int):
        return f"{name!r} must be text, not {describe(default)}", "", Variable()
    text = str(default)
    if fault := variable_fault(name, text):
        return fault, text, Variable()
    if unknown := [key for key in words if key not in _KEYS]:
        return f"{name!r} has an unknown key {unknown[0]!r}", text, Variable()
    kind = words.get("kind", "number" if isinstance(default, int) else "text")
    least, most, match = words.get("least", 0), words.get("most", 999_999_999), words.get("match")
    if kind not in list(Sort):
        return f"the kind of {name!r} must be one of {', '.join(Sort)}", text, Variable()
    if not isinstance(least, int) or not isinstance(most, int) or not 0 <= least <= most < 10**9:
        return f"'least' and 'most' of {name!r} must be whole numbers", text, Variable()
    if match is not None and (not isinstance(match, str) or not _compiles(match)):
        return f"'match' of {name!r} must be a regular expression", text, Variable()
    required = not plain and "default" not in words
    empty = words.get("empty", plain)
    if not isinstance(empty, bool):
        return f"'empty' of {name!r} must be true or false", text, Variable()
    rule = Variable(Sort(str(kind)), least, most, match, empty, required)
    fault = None if required else value_fault(name, text, rule)
    return fault, text, rule


def _compiles(text: str) -> bool:
    try:
        re.compile(text, re.ASCII)
    except re.error:
        return False
    return True
