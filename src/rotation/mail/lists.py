"""`:include:` lists and `.forward` files: whole files of addresses, one a line.

All four servers read that alike. Only `#` in the first column begins a comment for all of them
(measured); such lines are kept.
"""

from __future__ import annotations

import re
from contextlib import suppress

from rotation.errors import ApplyError, Problem, Unsynced, Where
from rotation.mail.detect import detect
from rotation.mail.server import split_members
from rotation.model import CLIENTS
from rotation.model.target import FileTarget, Kind, Target
from rotation.system import System, Trust

FORWARD_LIMIT = 4096
"""OpenSMTPD refuses larger .forward files."""
# what no list holds, and a file does that a target names by mistake; and the key that it belongs to
_OF_OTHER_KINDS = (
    (re.compile(rb"[\w.+-]+[ \t]*:(?!include:)"), "an entry of an aliases file", "aliases"),
    (re.compile(rb"[^\s,\"<(]+@[^\s,]+[ \t]+[^\s,(#<]"), "an entry of a virtual map", "virtual"),
    (
        re.compile(rb"\[|(?![^\s\"]+@)[\w-]+[ \t]*=[ \t]*[\"\[{\d]"),
        "a line of a configuration file",
        None,
    ),
    (re.compile(rb"[^\n]*\x00"), "what a program wrote for itself", None),
)
FILTER = re.compile(rb"\s*#\s*(exim|sieve)\s*filter", re.IGNORECASE)
"""How a .forward that is no list begins (Exim's filter specification, 1.1; RFC 5228 for Sieve)."""


def members(data: bytes) -> tuple[str, ...]:
    """The entries of a list, whatever they are, comments left out.

    Only a newline ends a line, and only blanks, tabs and a CR at its end are no part of an entry:
    an address with a form feed or a no-break space is another one to some server (measured).
    """
    entries: list[str] = []
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        if not line.startswith("#"):
            entries.extend(split_members(line))
    return tuple(entries)


def rewritten(data: bytes, addresses: tuple[str, ...]) -> bytes:
    """The list with other addresses: its comment lines first, then one address a line."""
    comments = [line for line in data.splitlines() if line.startswith(b"#")]
    lines = [*comments, *(address.encode("ascii") for address in addresses)]
    return b"\n".join(lines) + b"\n"


def of_another_kind(data: bytes, target: FileTarget) -> Problem | None:
    """Why a file is no list, so that a list in its place would destroy it; None where it may be.

    A command, a file or another include is what a list may hold.
    """
    if target.kind is Kind.FORWARD and FILTER.match(data):
        return _not_a_list(target, 1, "a filter begins here", None)
    for number, line in enumerate(data.splitlines(), 1):
        if line.startswith(b"#"):
            continue
        for pattern, what, key in _OF_OTHER_KINDS:
            if pattern.match(line):
                return _not_a_list(target, number, f"this is {what}", key)
    return None


def _not_a_list(target: FileTarget, number: int, what: str, key: str | None) -> Problem:
    hint = "name another file in the target, or move this one away"
    if key is not None:
        hint = f'is it {key} = "{target.path}", with a name, that you mean? or {hint}'
    return Problem(f"is not a list of addresses: {what}", Where(str(target.path), number), hint)


def unread(system: System, target: Target) -> Problem | None:
    """What is wrong with a list that this host's mail server never reads; None for nothing.

    The clients that only send read neither a `.forward` nor an `:include:` list (ssmtp(8), and
    measured on each).
    """
    name = detect(system)
    if not isinstance(target, FileTarget) or target.kind.table or name not in CLIENTS:
        return None
    what = "a .forward" if target.kind is Kind.FORWARD else "an include list"
    hint = "rotation forward ADDRESS sets root's mail up on this host; take the target out"
    return Problem(f"{name} never reads {what}: this target does nothing", target.where, hint)


def make_true(
    system: System, target: FileTarget, addresses: tuple[str, ...]
) -> tuple[tuple[str, ...], bool]:
    """Make a list hold the addresses; hold the folder's lock.

    Gives what it held before and whether that was changed. The order
    of addresses in a list means nothing, so a list that differs in it is left alone. Raises
    ApplyError, and then everything is as it was.
    """
    if (problem := unread(system, target)) is not None:
        raise ApplyError(problem)
    path, forward = target.path, target.kind is Kind.FORWARD
    if system.names(path.parent) is None:
        raise ApplyError(
            Problem(
                "no such folder",
                Where(str(path.parent)),
                "make it first, or correct the target",
            )
        )
    present = system.read_as_owner(path) if forward else system.read(path, trust=Trust.SOMEBODY)
    if present and (problem := of_another_kind(present.data, target)) is not None:
        raise ApplyError(problem)
    before = members(present.data) if present else ()
    unfinished = system.remembered(path)
    if sorted(before) == sorted(addresses) and unfinished is None:
        return before, False
    if unfinished is not None:
        before = members(unfinished)  # a run that never ended told nobody what it had changed
    data = rewritten(present.data if present else b"", addresses)
    if forward and len(data) > FORWARD_LIMIT:
        raise ApplyError(
            Problem(
                f"would be longer than {FORWARD_LIMIT} bytes, which not every server reads",
                Where(str(path)),
                "shorten the comments in it, or the list of addresses",
            )
        )
    system.remember(
        path, unfinished if unfinished is not None else present.data if present else b""
    )
    try:
        if forward:
            system.replace_as_owner(path, data, present)
        else:
            system.replace(path, data, present)
    except Unsynced:
        raise  # the note stays: the next run does it once more, and tells
    except BaseException:
        if unfinished is None:
            system.forget(path)
        raise
    with suppress(ApplyError):
        system.forget(path)  # if that fails, the next run does it once more
    return before, sorted(before) != sorted(addresses)
