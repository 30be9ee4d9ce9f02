"""What `audit --fix` would change: planned on a view of the host, and proved on it.

A change sets an address, in the tool's own local file, and nothing else. It is planned only where
the tool, read again with the change in place, mails the new address and not the old one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rotation.audit.gather import Gatherer, ToolView, split, wanted
from rotation.audit.judge import may_edit
from rotation.audit.model import Fault, Mail, Recipient, Remedy, Right, Sender, Tool, ToolFinding
from rotation.audit.readers import READERS
from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError
from rotation.system import File, Trust

_MENDABLE = frozenset({Fault.ADDRESS, Fault.JOURNAL, Fault.STRANGER, Fault.ELSEWHERE, Fault.FORM})
_ENCODING = ("utf-8", "surrogateescape")


@dataclass
class Overlay:
    """A host on which some files hold something else."""

    view: ToolView
    texts: dict[Path, str] = field(default_factory=dict)

    def read(self, path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True) -> File | None:
        """The file as it would be after the changes that are planned so far."""
        file = self.view.read(path, trust=trust, follow=follow)
        text = self.texts.get(path)
        if text is None:
            return file
        attributes = file.attributes if file else os.stat_result((0o100644, *[0] * 9))
        return File(path, file.real if file else path, text.encode(*_ENCODING), attributes)

    def names(self, folder: Path) -> list[str] | None:
        """The names in a folder, those of planned files too; None where there is no folder."""
        names = self.view.names(folder)
        new = [path.name for path in self.texts if path.parent == folder]
        return names if not new else sorted({*(names or []), *new})

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        """The status of a file, planned or there already; None where there is none."""
        if path in self.texts:
            return os.stat_result((0o100644, *[0] * 9))
        return self.view.status(path, follow=follow)


@dataclass
class FileFix:
    """A file that is to hold something else, for which tools and findings."""

    path: Path
    before: bytes | None
    after: bytes
    tools: list[Tool] = field(default_factory=list)
    findings: list[ToolFinding] = field(default_factory=list)

    @property
    def names(self) -> str:
        """The tools in words."""
        return ", ".join(dict.fromkeys(tool.name for tool in self.tools))


def plan_fixes(view: ToolView, findings: Iterable[ToolFinding], right: Right) -> list[FileFix]:
    """The changes that can be made safely; none without a good address to put in place."""
    changes: dict[Path, FileFix] = {}
    overlay = Overlay(view)
    for finding in findings:
        sender = finding.sender
        if sender is None or finding.fault not in _MENDABLE:
            continue
        if sender.table is None or sender.mail is None or (sender.off and sender.recipients):
            continue  # an address that nothing is sent to can wait
        if sender.outward and finding.fault is Fault.ELSEWHERE:
            continue
        address = right.address(sender.mail)
        if address is None:
            continue
        try:
            edited = _edited(overlay, sender, sender.table, sender.mail, finding, address)
            file = None if edited is None else view.read(edited[0])
        except ApplyError:
            continue  # a file that cannot even be read
        if edited is None:
            continue
        path, text = edited
        if file is not None and _of_a_package(path, file.real):
            continue
        trial = Overlay(view, {**overlay.texts, path: text})
        if not _proved(trial, sender.table, sender.mail, finding.address, address):
            continue
        overlay = trial
        change = changes.setdefault(path, FileFix(path, file.data if file else None, b""))
        change.after = text.encode(*_ENCODING)
        change.tools.append(sender.table)
        change.findings.append(finding)
    return list(changes.values())


def _of_a_package(path: Path, real: Path) -> bool:
    """Whether a file is a link to what a package brought."""
    return path != real and real.parts[1:2] in (("usr",), ("lib",))


def _edited(
    view: ToolView, sender: Sender, tool: Tool, mail: Mail, finding: ToolFinding, address: str
) -> tuple[Path, str] | None:
    """The file to change and its new text; None where only a person can do it."""
    there = [r for r in sender.recipients if r.address == finding.address and r.where]
    if there and all(may_edit(tool, recipient) for recipient in there):
        (path, *others) = {Path(r.where.file) for r in there if r.where}
        new = None if others else _text(view, path)
        for recipient in there:
            new = None if new is None else _substituted(new, recipient, address)
        return None if new is None else (path, new)
    if tool.remedy is None:
        return None
    text = _text(view, tool.remedy.file)
    if text is None and view.names(tool.remedy.file.parent) is None:
        return None  # a tool that has its configuration elsewhere
    line = tool.remedy.line.replace("{address}", address)
    new = _with_line(text or "", tool.remedy, mail, line)
    return None if new is None else (tool.remedy.file, new)


def _text(view: ToolView, path: Path) -> str | None:
    file = view.read(path)
    return None if file is None else file.data.decode(*_ENCODING)


def _substituted(text: str, recipient: Recipient, address: str) -> str | None:
    """The text with the address replaced where it stands: alone, and just once in the line."""
    if recipient.where is None or recipient.where.line is None:
        return None
    if split(recipient.text) != [recipient.address]:
        return None  # who the others are, a person has to know
    lines = text.split("\n")
    number = recipient.where.line - 1
    old = re.compile(rf"(?<![\w.@+%-]){re.escape(recipient.address)}(?![\w@+%-]|\.\w)")
    if number >= len(lines) or len(old.findall(lines[number])) != 1:
        return None
    lines[number] = old.sub(lambda _: address, lines[number])
    return "\n".join(lines)


def _with_line(text: str, remedy: Remedy, mail: Mail, line: str) -> str | None:
    """The text with the line that sets the address: in the place of an empty one, or added."""
    lines = text.split("\n")
    for number, value in _own_settings(lines, remedy, mail):
        if value.strip():
            return None  # it says more than an address, or is not what was found: for a person
        lines[number - 1] = line
        return "\n".join(lines)
    ended = text if not text or text.endswith("\n") else text + "\n"
    if not remedy.section:
        return f"{ended}{line}\n"
    header = re.compile(rf"\s*\[\s*{re.escape(remedy.section)}\s*\]\s*$", re.IGNORECASE)
    for number, written in enumerate(lines):
        if header.match(written):
            lines.insert(number + 1, line)
            return "\n".join(lines)
    gap = "\n" if ended else ""
    return f"{ended}{gap}[{remedy.section}]\n{line}\n"


def _own_settings(lines: list[str], remedy: Remedy, mail: Mail) -> Iterator[tuple[int, str]]:
    """The settings of the address in this very file, the last first; `pattern` cuts nothing."""
    settings = []
    for source in mail.sources:
        if source.keys == ("*",) or str(remedy.file) not in source.files:
            continue
        for setting in READERS[source.syntax](lines):
            if wanted(source, setting):
                settings.append((setting.line, setting.value))
    return reversed(settings)


def _proved(view: ToolView, tool: Tool, mail: Mail, old: str | None, address: str) -> bool:
    """Whether the tool, read again, mails the new address and not the old one."""
    for sender in Gatherer(view).senders(tool):
        if sender.mail is not mail:
            continue
        now = [recipient.address for recipient in sender.recipients]
        return now == [address] or (mail.pick == "all" and address in now and old not in now)
    return False
