"""The table of tools: TOML to `Tool`, every problem of a file at once.

One table of a file is one tool; docs/audit.md has the keys. The files that come with `rotation`
are in `tools/` beside this module; those in /etc/rotation/tools/ add tools or replace them by name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from rotation.audit.model import NOBODY, STOCK, Mail, Need, Remedy, Source, Tool
from rotation.audit.readers import READERS
from rotation.errors import Problem, RosterError, Where, meant
from rotation.system import Files
from rotation.system.own import of_this_host
from rotation.toml.places import Path as TomlPath
from rotation.toml.table import Document, Table

LOCAL = Path("/etc/rotation/tools")
"""Where a host's own tools are described."""
PICKS = ("last", "first", "all")
_ERROR_LINE = re.compile(r"at line (\d+)")


def load_tools(system: Files, folder: Path = LOCAL) -> list[Tool]:
    """Every tool by name, the host's own in `folder` in the place of ours by the same name.

    Raises RosterError with every problem, as `of_this_host` does.
    """
    tools = builtin()
    for file in of_this_host(system, folder, parse):
        tools.update({tool.name: tool for tool in file})
    return [tool for _, tool in sorted(tools.items()) if not tool.ignore]


def builtin() -> dict[str, Tool]:
    """The tools that `rotation` knows, by name."""
    tools: dict[str, Tool] = {}
    for file in sorted(files("rotation.audit").joinpath("tools").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            tools.update({tool.name: tool for tool in parse(file.read_bytes(), file.name)})
    return tools


def parse(data: bytes, name: str) -> list[Tool]:
    """The tools of one file, called `name` in messages. Raises RosterError."""
    try:
        text = data.decode("utf-8")
        values = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        line = _ERROR_LINE.search(str(error))
        where = Where(name, int(line[1]) if line else None)
        raise RosterError(Problem(f"is not TOML: {error}", where)) from None
    document = Document(name, text)
    tools = [_tool(document, key, value) for key, value in values.items()]
    if document.problems:
        raise RosterError(document.problems)
    return tools


def _tool(document: Document, name: str, values: object) -> Tool:
    table = Table(document, (name,), values, f"[{name}]")
    programs, paths = _paths(table, "program"), _paths(table, "path")
    tool = Tool(
        name=name,
        where=table.where,
        programs=programs,
        paths=paths,
        mails=tuple(_each(document, table, "mail", _mail)),
        remedy=next(iter(_each(document, table, "fix", _remedy)), None),
        local=_paths(table, "local"),
        check=tuple(value for _, value in table.strings("check")),
        ahead=table.text("ahead") or "",
        after=table.text("after") or "",
        test=table.text("test") or "",
        strangers=tuple(value for _, value in table.strings("strangers")),
        silent=table.flag("silent"),
        ignore=table.flag("ignore"),
    )
    if table.good and not tool.ignore and not programs and not paths:
        table.report("program", f"[{name}] has neither 'program' nor 'path'", "how is it found?")
    if tool.check and not (tool.check[0].startswith("/") and "{file}" in tool.check):
        table.report(
            "check", "'check' must be a program's full path, with {file} among its arguments"
        )
    table.finish()
    return tool


def _mail(document: Document, table: Table) -> Mail:
    mail = Mail(
        what=table.text("what") or "",
        default=table.text("default") or "",
        pick=table.text("pick") or "last",
        smtp=table.flag("smtp"),
        silent=table.flag("silent"),
        outward=table.flag("outward"),
        journal=table.flag("journal"),
        empty=table.text("empty") or NOBODY,
        stock=tuple(value for _, value in table.strings("stock")) or STOCK,
        needs=tuple(_each(document, table, "needs", _need)),
        sources=_sources(document, table),
    )
    if mail.pick not in PICKS:
        table.report("pick", f"'pick' must be one of {', '.join(PICKS)}")
    table.finish()
    return mail


def _need(document: Document, table: Table) -> Need:
    paths = _paths(table, "path")
    need = Need(
        say=table.text("say", required="what is wrong when it does not hold") or "",
        paths=paths,
        absent=table.flag("absent"),
        value=_pattern(table, "value"),
        default=table.text("default") or "",
        any_value=table.flag("any"),
        journal=table.flag("journal"),
        idle=table.flag("idle"),
        hint=table.text("hint"),
        sources=_sources(document, table) if not paths or "syntax" in table else (),
    )
    table.finish()
    return need


def _sources(document: Document, table: Table) -> tuple[Source, ...]:
    """`from` tables, or the keys of a single one in the table itself."""
    several = tuple(_each(document, table, "from", _finished_source))
    return several or (_source(table),)


def _finished_source(_: Document, table: Table) -> Source:
    source = _source(table)
    table.finish()
    return source


def _source(table: Table) -> Source:
    syntax = table.text("syntax", required=f"one of {', '.join(READERS)}") or "text"
    if syntax not in READERS:
        table.report("syntax", f"no such syntax: {syntax!r}", meant(syntax, READERS))
    return Source(
        files=_paths(table, "files"),
        syntax=syntax,
        keys=tuple(value for _, value in table.strings("key")) or ("*",),
        section=table.text("section") or "*",
        pattern=_pattern(table, "pattern"),
        only=_pattern(table, "only"),
        include=_pattern(table, "include", groups=1),
    )


def _remedy(_: Document, table: Table) -> Remedy:
    file = table.text("file", required="the tool's own local file") or "/"
    line = table.text("line", required='the line that sets it: "MAILTO={address}"') or ""
    if not file.startswith("/"):
        table.report("file", "'file' must be a full path")
    if "{address}" not in line:
        table.report("line", "'line' must have {address} in it")
    mode = table.text("mode") or "0644"
    if not re.fullmatch(r"0[0-7]{3}", mode):
        table.report("mode", f"{mode!r} is not a file mode", 'mode = "0640"')
        mode = "0644"
    remedy = Remedy(Path(file), line, table.text("section") or "", int(mode, 8))
    table.finish()
    return remedy


def _each(document: Document, table: Table, key: str, make: Any) -> Iterator[Any]:
    """The tables under `key`, one or a list of them."""
    value = table.take(key)
    path: TomlPath = (*table.path, key)
    if value is None:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield make(document, Table(document, (*path, index), item, f"{key!r} of {table.label}"))
    else:
        yield make(document, Table(document, path, value, f"{key!r} of {table.label}"))


def _paths(table: Table, key: str) -> tuple[str, ...]:
    paths = []
    for path, value in table.strings(key):
        if value.startswith("/"):
            paths.append(value)
        else:
            table.document.report(path, f"{value!r} is not a full path", "it begins with a slash")
    return tuple(paths)


def _pattern(table: Table, key: str, groups: int | None = None) -> re.Pattern[str] | None:
    value = table.text(key)
    if value is None:
        return None
    try:
        expression = re.compile(value, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        table.report(key, f"{key!r} is not a regular expression: {error}")
        return None
    if groups is not None and expression.groups != groups:
        table.report(key, f"{key!r} must have one group: what is in it counts")
        return None
    return expression
