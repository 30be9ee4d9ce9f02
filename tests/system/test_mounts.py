"""What is a mount of its own, by the kernel's table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rotation.errors import ApplyError
from rotation.host.real import Host
from rotation.system import File
from rotation.system.mounts import mount_points, refuse_mount

TABLE = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
31 22 0:5 / /mnt/a\040b rw - tmpfs tmpfs rw
36 35 98:0
37 22 0:6 /aliases /etc/aliases rw
"""


def test_the_fifth_field_is_the_mount_point_and_a_line_that_is_cut_is_none() -> None:
    assert mount_points(TABLE) == {"/", "/mnt/a b", "/etc/aliases"}


class Mounted(Host):
    """A host with another table of mounts."""

    def __init__(self, folder: Path, point: Path) -> None:
        super().__init__(folder / "state")
        self.table = folder / "mountinfo"
        self.table.write_text(f"{TABLE}40 22 0:7 / {point} rw\n")

    def read(self, path: Path, **more: Any) -> File | None:
        return super().read(self.table if path.name == "mountinfo" else path, **more)


def test_a_file_that_is_a_mount_is_refused_by_whatever_name(tmp_path: Path) -> None:
    aliases, link, other = (tmp_path / name for name in ("aliases", "link", "other"))
    link.symlink_to(aliases)
    host = Mounted(tmp_path, aliases.resolve())
    refuse_mount(host, other)
    for name in (aliases, link):
        with pytest.raises(ApplyError, match="cannot be replaced"):
            refuse_mount(host, name)
