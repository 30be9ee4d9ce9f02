"""A site's files to a folder: whole, only where they differ, and nothing else there is touched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.export.ledger import Revision
from rotation.export.site.files import TEAM
from rotation.export.site.names import listed, manifest
from rotation.system import File, System

MANIFEST = "site-files.json"


def written(system: System, folder: Path) -> frozenset[str]:
    """The files in `folder` that a site was written to before, by their paths in it."""
    manifest_file = system.read(folder / MANIFEST, follow=False)
    if manifest_file is None:
        return frozenset()
    try:
        return listed(manifest_file.data)
    except (ValueError, RecursionError):
        raise ApplyError(
            Problem(
                "is damaged, so it is not known which files here are whose",
                Where(str(folder / MANIFEST)),
                "remove it together with the files that rotation has written here",
            )
        ) from None


def said(system: System, folder: Path) -> dict[str, Revision]:
    """What the calendars in `folder` say already."""
    from rotation.export.icalendar import said as read_said

    team = system.read(folder / TEAM, follow=False)
    try:
        return {} if team is None else read_said(team.data)
    except ValueError:
        return {}


def publish(system: System, folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold `files`, and none that an earlier site had beside them.

    All is done with the rights of the folder's owner. Raises ApplyError, before anything is
    written, where a file stands in the way that no earlier site has written.
    """
    system.make_folder_as_owner(folder)
    with system.alone(f"site {system.real(folder)}"):
        before = written(system, folder)
        there = {path: system.read(folder / path, follow=False) for path in files}
        foreign = [path for path, old in there.items() if old and path not in before]
        if foreign:
            raise ApplyError(
                Problem(
                    f"there is {path!r} already, which rotation has not written",
                    Where(str(folder / path)),
                    "name an empty folder, or move the file away",
                )
                for path in foreign
            )
        _note(system, folder, before | set(files))
        for path, data in sorted(files.items(), key=lambda item: item[0].endswith(".html")):
            old = there[path]
            if old is None or old.data != data:
                if "/" in path:
                    system.make_folder_as_owner((folder / path).parent, like=folder)
                system.replace_as_owner(folder / path, data, old, like=folder)
        for path in sorted(before.difference(files)):
            system.remove_as_owner(folder / path, like=folder)
        _note(system, folder, frozenset(files))


def _note(system: System, folder: Path, files: frozenset[str]) -> None:
    old: File | None = system.read(folder / MANIFEST, follow=False)
    data = manifest(files)
    if old is None or old.data != data:
        system.replace_as_owner(folder / MANIFEST, data, old, like=folder)
