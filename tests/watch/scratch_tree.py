"""A host of a few files in a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.host.real import Host
from tests.chroot import Rooted

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="cron's files are root's")

PASSWD = "root:x:0:0::/root:/bin/sh\nalice:x:1001:1001::/home/alice:/bin/sh\n"


def scratch_tree(tmp_path: Path, files: dict[str, str]) -> Rooted:
    all_files = {
        "/etc/passwd": PASSWD,
        "/etc/debian_version": "12\n",
        "/usr/local/bin/rotation": "",
        "/usr/sbin/cron": "",
        **files,
    }
    for name, text in all_files.items():
        path = tmp_path / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(
            0o755
            if "bin/" in name or name.startswith(("/etc/cron.daily", "/etc/cron.weekly"))
            else 0o644
        )
    return Rooted(Host(tmp_path / "state"), tmp_path.resolve())
