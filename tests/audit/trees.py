"""Scratch trees: a folder that looks like a host, and addresses followed by rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rotation.audit.audit import Audit, audit
from rotation.audit.gather import Gatherer
from rotation.audit.model import Sender, Tool, ToolFinding
from rotation.audit.table import builtin
from rotation.host.real import Host
from rotation.route.model import End, Step, Stop, Trace, Verdict
from tests.chroot import Rooted

TOOLS = builtin()
PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
logcheck:x:105:105::/var/lib/logcheck:/usr/sbin/nologin
alice:x:1000:1000:Alice:/home/alice:/bin/bash
"""
GOOD = frozenset({"root", "root@localhost", "postmaster", "duty@example.com", "duty"})


def plant(root: Path, files: Mapping[str, str | bytes], mode: int = 0o644) -> Path:
    """Write files into a tree; those under a bin or sbin folder can be run."""
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.unlink()  # it may be a hard link
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(0o755 if {"bin", "sbin", "cron.daily"} & set(path.parts) else mode)
    return root


def view(root: Path) -> Rooted:
    return Rooted(Host(root.parent / "state"), root.resolve())


def follow(addresses: Sequence[str]) -> Iterable[Trace]:
    """What is in GOOD is on duty, `lost` is refused, a domain leaves, the rest is a mailbox."""
    for address in addresses:
        name = address.partition("@")[0]
        if address in GOOD:
            end = End(Stop.REMOTE, "duty@example.com", "alice, on duty", Verdict.DUTY)
        elif name == "lost":
            end = End(Stop.REFUSED, address, "refused: unknown user", Verdict.DEAD)
        elif "@" in address and not address.endswith("@localhost"):
            end = End(Stop.REMOTE, address, "leaves this host", Verdict.LEAVES)
        else:
            end = End(Stop.MAILBOX, name, "a mailbox", Verdict.OTHER)
        yield Trace(address, Step(address, end=end), "postfix")


def senders(root: Path, name: str) -> list[Sender]:
    return Gatherer(view(root)).senders(TOOLS[name])


def audited(root: Path, tools: Sequence[Tool] | None = None) -> Audit:
    known = list(TOOLS.values()) if tools is None else tools
    return audit(view(root), known, follow, ["root"])


def brief(findings: Iterable[ToolFinding]) -> list[tuple[str, str, str, str]]:
    """Findings as severity, fault, tool and place."""
    return [
        (
            one.severity.value,
            one.fault.value,
            one.tool,
            str(one.problem.where).replace("None", ""),
        )
        for one in findings
    ]
