"""A site that was made, and the words on its page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from tests.export.roster_folder import RosterFolder

FILES = [
    "alice.html",
    "alice.ics",
    "bob.html",
    "bob.ics",
    "carol.html",
    "carol.ics",
    "index.html",
    "schedule.csv",
    "site-files.json",
    "team.ics",
    "who.json",
]
NASTY = "<script>alert(\"1\")</script> & 'x'"


def made(roster_folder: RosterFolder, *arguments: str, path: Path | None = None) -> Path:
    folder = roster_folder.folder / "www"
    done = roster_folder.run("export", "--site", str(folder), *arguments, path=path)
    assert (done.exit_code, done.output) == (0, "")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in (folder, *folder.rglob("*"))
    }


class Words(HTMLParser):
    """The text of a page, its tags, and its links; void elements are closed."""

    VOID = ("meta", "link")

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(page.decode())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not any(name == "style" or name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    @property
    def plain(self) -> str:
        return " ".join("".join(self.text).split())
