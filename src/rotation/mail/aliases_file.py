"""Making entries of an aliases file true: text and index, all or nothing.

A new index is built beside the old one from the new text, and compared with one built from the
old text: they may differ in our entries and nowhere else. Only then are text and index moved
into place, each by a rename, so that the server never sees half of either; what it then answers
has the last word. A command of the roster's (`rebuild`) works in place instead; there the old
index is kept as a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.aliases import read
from rotation.mail.aliases_edit import Edit, EditRefused, edit
from rotation.mail.custom import Unknown
from rotation.mail.server import Built, Server, check, split_members
from rotation.system import Found, Stage, System

_INDEXES = (".db", ".lmdb", ".cdb", ".pag", ".dir")

Members = tuple[str, ...]


class AliasesFile:
    """One aliases file, the server that reads it, and the roster's `rebuild` if it has one."""

    def __init__(self, system: System, server: Server, rebuild: Members | None) -> None:
        self._system = system
        self._server = server
        self._rebuild = rebuild
        self.path = server.path

    def make_true(self, wanted: Mapping[str, Members]) -> dict[str, tuple[Members | None, bool]]:
        """Make each alias hold its addresses; hold the folder's lock.

        Gives for each alias what it held before (nothing: it was absent; None: no plain list),
        and whether that was changed. Raises ApplyError, and then everything is as it was.
        """
        found = self._system.read(self.path, trusted=True)
        if found is None:
            raise ApplyError(
                Problem(
                    "no such aliases file",
                    Where(str(self.path)),
                    "make it first (an empty file will do), or correct the target",
                )
            )
        edited = self._edited(found, wanted)
        served = {name: self._server.answer(name) for name in wanted}
        verified = not isinstance(self._server, Unknown)
        stale = verified and any(served[name] != tuple(wanted[name]) for name in wanted)
        unfinished = self._system.remembered(self.path) is not None
        if edited.text != found.data or stale or unfinished:
            self._change(found, edited.text, wanted)
        report = {}
        for name, addresses in wanted.items():
            before, now = edited.before.get(name), served[name]
            if name in edited.absent:
                before = ()
            if verified and before == tuple(addresses):
                before = now or ()  # the text was right already: what counts is what was served
            report[name] = before, before != tuple(addresses)
        return report

    def _edited(self, found: Found, wanted: Mapping[str, Members]) -> Edit:
        try:
            edited = edit(found.data, wanted, self._server.dialect)
        except EditRefused as refusal:
            raise ApplyError(
                Problem(one.what, Where(str(self.path), one.line), one.hint)
                for one in refusal.problems
            ) from None
        if edited.text != found.data and (
            self._others(found.data, wanted) != self._others(edited.text, wanted)
        ):
            raise ApplyError(
                Problem(
                    "lines after the entry are read by the server as entries of their own",
                    Where(str(self.path)),
                    "the file is written in a way that is not safe to change: tidy it by hand once",
                )
            )
        return edited

    def _others(self, text: bytes, wanted: Mapping[str, Members]) -> list[tuple[str, bytes]]:
        """Every other entry, as this server reads it."""
        ours = {name.lower() for name in wanted}
        reading = read(text, self._server.dialect)
        return [(entry.key, entry.value) for entry in reading.entries if entry.key not in ours]

    def _change(self, found: Found, text: bytes, wanted: Mapping[str, Members]) -> None:
        with self._system.stage(self._server.folder) as stage:
            if self._rebuild is None:
                self._change_staged(found, text, wanted, stage)
            else:
                self._change_in_place(found, text, wanted, stage, self._rebuild)

    def _change_staged(
        self, found: Found, text: bytes, wanted: Mapping[str, Members], stage: Stage
    ) -> None:
        new = self._built(stage, "new", text, found)
        old = self._built(stage, "old", found.data, found, lenient=True)
        self._compare(old.entries, new.entries, wanted)
        self._expect(new.entries, wanted)
        files = [self.path, *(file.place for file in new.index)]
        for path in files:
            stage.keep(path)

        def undo() -> None:
            for path in files:
                stage.put_back(path)

        with self._all_or_nothing(stage, found, wanted, undo):
            if text != found.data:
                self._system.replace(self.path, text, found)
            for file in new.index:
                stage.publish(*file)

    @contextmanager
    def _all_or_nothing(
        self, stage: Stage, found: Found, wanted: Mapping[str, Members], undo: Callable[[], None]
    ) -> Iterator[None]:
        """What is done inside, the server has to confirm; else it is undone as by `undo`.

        While it is under way a note says so, from which the next run knows that this one died.
        """
        self._system.remember(self.path, found.data)
        try:
            yield
            self._server.announce()
            stage.believe(lambda: self._verify(wanted))
        except BaseException:
            undo()
            with suppress(ApplyError):
                self._server.announce()
            self._system.forget(self.path)
            raise
        with suppress(ApplyError):
            self._system.forget(self.path)  # if that fails, the next run rebuilds once more

    def _built(
        self, stage: Stage, name: str, text: bytes, found: Found, *, lenient: bool = False
    ) -> Built:
        """An index of `text`; with `lenient` one that cannot be built has no entries."""
        staged = stage.folder / name / self.path.name
        stage.write(staged, text, found)
        try:
            return self._server.build(stage, staged)
        except ApplyError:
            if not lenient:
                raise
            return Built()

    def _compare(
        self,
        old: Mapping[str, str] | None,
        new: Mapping[str, str] | None,
        wanted: Mapping[str, Members],
    ) -> None:
        """The two indexes may differ in our entries and nowhere else."""
        if old is None or new is None:
            return
        ours = {name.lower() for name in wanted}
        changed = sorted(key for key in {*old, *new} - ours if old.get(key) != new.get(key))
        if changed:
            raise ApplyError(
                Problem(
                    f"the change would alter other aliases too: {', '.join(changed[:5])}",
                    Where(str(self.path)),
                    "the file is written in a way that is not safe to change: tidy it by hand once",
                )
            )

    def _expect(self, new: Mapping[str, str] | None, wanted: Mapping[str, Members]) -> None:
        """The new index holds what is wanted, before anything is moved into place."""
        for name, addresses in wanted.items():
            if new is not None and split_members(new.get(name.lower(), "")) != tuple(addresses):
                raise ApplyError(
                    Problem(
                        f"{self._server.name} would not take the new entry of {name!r}",
                        Where(str(self.path)),
                        "is the file's beginning or end damaged? tidy it by hand once",
                    )
                )

    def _change_in_place(
        self,
        found: Found,
        text: bytes,
        wanted: Mapping[str, Members],
        stage: Stage,
        rebuild: Members,
    ) -> None:
        system = self._system
        indexes = self._indexes()
        stage.keep(self.path)
        for index in indexes:
            stage.keep(index, copy=True)

        def undo() -> None:
            stage.put_back(self.path)
            if rebuild:
                with suppress(ApplyError):
                    # let it take the old text again; whatever it makes of it, the old index follows
                    system.run(rebuild)
            for index in {*self._indexes(), *indexes}:
                stage.put_back(index)

        with self._all_or_nothing(stage, found, wanted, undo):
            if text != found.data:
                system.replace(self.path, text, found)
            if rebuild:
                check(system.run(rebuild), rebuild, None, self.path)
            for index in indexes:
                stage.freshen(index)

    def _indexes(self) -> list[Path]:
        """The files beside the text that look like an index of it."""
        names = self._system.names(self.path.parent) or []
        return [
            self.path.with_name(name)
            for name in names
            if name.startswith(self.path.name) and name[len(self.path.name) :] in _INDEXES
        ]

    def _verify(self, wanted: Mapping[str, Members]) -> None:
        """The server has the last word: what it answers is what counts."""
        if isinstance(self._server, Unknown):
            return
        for name, addresses in wanted.items():
            answer = self._server.answer(name)
            if answer != tuple(addresses):
                said = "nothing" if answer is None else ", ".join(answer)
                raise ApplyError(
                    Problem(
                        f"{self._server.name} answers {said} for {name!r}, "
                        f"not {', '.join(addresses)}: taken back",
                        Where(str(self.path)),
                        "does the server read this file? look at its own log",
                    )
                )
