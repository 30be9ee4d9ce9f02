"""A new index of an aliases file, built beside the one that is served and compared with it."""

from __future__ import annotations

from collections.abc import Mapping

from rotation.mail import compare
from rotation.mail.aliases_text import AliasesText, Members
from rotation.mail.server import Built, Server, refused
from rotation.system import File, Files, Stage


def judged(
    files: Files,
    server: Server,
    stage: Stage,
    file: File,
    text: bytes,
    wanted: Mapping[str, Members],
) -> Built:
    """An index of the new text of `file` that is no worse than one of the old text. Raises
    ApplyError."""
    new = built(server, stage, "new", text, file)
    if _as_served(files, server, new, file, wanted):
        compare.ours(new.entries, wanted, server.name, server.path)
        return new
    old = new if text == file.data else built(server, stage, "old", file.data, file)
    if server.index and not new.index and not old.index:
        # it takes neither text: what it has stays, but for our entries
        entries = {name.lower(): ", ".join(wanted[name]) for name in wanted}
        patched = server.patch(stage, stage.folder / "new" / server.path.name, entries)
        if patched.index:
            old, new = Built(entries=server.listed()), patched
    if new.failed or (server.index and not new.index):
        raise refused(new.said or (f"{server.name} makes no index of this file",), server.path)
    near = AliasesText(text, server.dialect, wanted.keys())
    compare.complaints(old.said, new.said, wanted, near, server.path)
    compare.entries(old.entries, new.entries, wanted, server.path)
    compare.ours(new.entries, wanted, server.name, server.path)
    return new


def built(server: Server, stage: Stage, name: str, text: bytes, file: File) -> Built:
    """An index of a text, in a folder `name` of the stage. Raises ApplyError."""
    staged = stage.folder / name / server.path.name
    stage.write(staged, text, file)
    return server.build(stage, staged)


def older(files: Files, server: Server, file: File) -> bool:
    """Whether a file of the index is older than the text: then the server warns of it."""
    times = [files.status(path) for path in server.index]
    text = file.attributes.st_mtime_ns
    return any(time is not None and time.st_mtime_ns < text for time in times)


def _as_served(
    files: Files, server: Server, new: Built, file: File, wanted: Mapping[str, Members]
) -> bool:
    """Whether a new index is what is served now but for our entries, and nothing is odd: then
    there is no need to build the old one once more."""
    if new.said or new.failed or not new.index or new.entries is None or older(files, server, file):
        return False
    served = server.listed()
    return served is not None and new.entries.differs(served) <= {name.lower() for name in wanted}
