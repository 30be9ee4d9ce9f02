"""Making entries of an aliases file true: text and index, all or nothing.

A new index is built beside the old one from the new text, and compared with one built from the
old text: they may differ in our entries and nowhere else, and the server may complain of nothing
that it does not complain of now. Only then are text and index moved into place, each by a rename,
so that the server never sees half of either; what it then answers has the last word. A command of
the roster's (`rebuild`) works in place instead; there the old index is kept as a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from rotation.errors import ApplyError, Problem, Unsynced, Where
from rotation.mail import aliases_index as index
from rotation.mail import compare, told
from rotation.mail.aliases_edit import Edit, EditRefused, edit
from rotation.mail.aliases_text import AliasesText, Members
from rotation.mail.custom import AnyServer, vet
from rotation.mail.outcome import Done
from rotation.mail.server import Server, complaints, refused
from rotation.system import File, Stage, System, Trust

_INDEXES = (".db", ".lmdb", ".cdb", ".pag", ".dir")

Wanted = Mapping[str, Members]


class AliasesFile:
    """One aliases file, the server that reads it, and the roster's `rebuild` if it has one."""

    def __init__(self, system: System, server: Server, rebuild: Members | None) -> None:
        self._system = system
        self.server = server
        self._rebuild = rebuild
        self.path = server.path
        self._unfinished: bytes | None = None
        """What the text was before a run that never ended."""

    def make_true(self, wanted: Wanted) -> dict[str, Done]:
        """Make each alias hold its addresses; hold the folder's lock.

        Raises ApplyError, and then everything is as it was.
        """
        vet(self._system, self._rebuild)
        file = self._system.read(self.path, trust=Trust.SOMEBODY)
        if file is None:
            raise ApplyError(
                Problem(
                    "no such aliases file",
                    Where(str(self.path)),
                    "make it first (an empty file will do), or correct the target",
                )
            )
        edited = self._edited(file, wanted)
        known = told.last(self._system, self.path) if self.server.remembers else None
        untold = self.server.remembers and not (known and known.is_of(file.data))
        served = self._served(wanted, known, untold=untold)
        verified = not isinstance(self.server, AnyServer)
        stale = verified and any(served[name] != tuple(wanted[name]) for name in wanted)
        unfinished = self._unfinished = self._system.remembered(self.path)
        if edited.text != file.data or stale or untold or unfinished is not None:
            self._change(file, edited.text, wanted)
        elif index.older(self._system, self.server, file):
            self._renew(file, wanted)
        done = {}
        dialect = self.server.dialect
        last = None if unfinished is None else AliasesText(unfinished, dialect, wanted.keys())
        for name, addresses in wanted.items():
            before, now = edited.before.get(name), served[name]
            if name in edited.absent:
                before = ()
            if untold and known is None:
                now = before  # what it has in memory, nobody knows
            if verified and before == tuple(addresses):
                before = now or ()  # the text was right already: what counts is what was served
            if last is not None and before == tuple(addresses):
                before = last.held(name)  # a run that never ended made the change, and told nobody
            done[name] = Done(before, before != tuple(addresses))
        return done

    def _served(
        self, wanted: Wanted, known: told.LastTold | None, *, untold: bool
    ) -> Mapping[str, Members | None]:
        if untold:
            return {name: known.members(name) if known else None for name in wanted}
        return self.server.answers(wanted.keys())

    def _edited(self, file: File, wanted: Wanted) -> Edit:
        try:
            compiled = bool(self.server.index)
            return edit(file.data, wanted, self.server.dialect, compiled=compiled)
        except EditRefused as refusal:
            raise ApplyError(
                Problem(problem.what, Where(str(self.path), problem.line), problem.hint)
                for problem in refusal.problems
            ) from None

    def _change(self, file: File, text: bytes, wanted: Wanted) -> None:
        with self._system.stage(self.server.folder) as stage:
            if self._rebuild is None:
                self._change_staged(file, text, wanted, stage)
            else:
                self._change_in_place(file, text, wanted, stage, self._rebuild)
        if self.server.remembers:
            told.note(self._system, self.path, text, wanted)

    def _change_staged(self, file: File, text: bytes, wanted: Wanted, stage: Stage) -> None:
        new = index.judged(self._system, self.server, stage, file, text, wanted)
        files = [self.path, *(into.place for into in new.index)]
        for path in files:
            stage.keep(path)

        def undo() -> None:
            _put_back(stage, files)

        with self._all_or_nothing(stage, file, wanted, undo) as unsynced:
            if text != file.data or self._unfinished:
                with _noted(unsynced):
                    self._system.replace(self.path, text, file)
            for into in new.index:
                with _noted(unsynced):
                    stage.publish(*into, self.path)

    def _renew(self, file: File, wanted: Wanted) -> None:
        """Put the same index there anew; where the text holds what the index does not, somebody is
        at work on it, and so it is left."""
        with self._system.stage(self.server.folder) as stage:
            if self._rebuild is not None:
                return
            built = index.built(self.server, stage, "new", file.data, file)
            if not built.index or built.entries is None:
                return
            served = self.server.listed()
            if served is not None and not built.entries.differs(served):
                for into in built.index:
                    stage.publish(*into, self.path)
                self.server.announce()

    @contextmanager
    def _all_or_nothing(
        self, stage: Stage, file: File, wanted: Wanted, undo: Callable[[], None]
    ) -> Iterator[list[Problem]]:
        """What is done inside, the server has to confirm; else it is undone as by `undo`.

        While it is under way a note says so, from which the next run knows that this one died. It
        gives a list for what was done and may not outlive a crash: then the note stays too.
        """
        unsynced: list[Problem] = []
        before = file.data if self._unfinished is None else self._unfinished
        self._system.remember(self.path, before)
        try:
            yield unsynced
            self.server.announce()
            stage.believe(lambda: self._verify(wanted))
        except BaseException as error:
            try:
                undo()
            except ApplyError as failed:
                # what is there is not what was there: the note stays, the next run begins anew
                problems = error.problems if isinstance(error, ApplyError) else ()
                raise ApplyError([*problems, *failed.problems]) from None
            with suppress(ApplyError):
                self.server.announce()
            self._system.forget(self.path)
            raise
        if unsynced:
            raise Unsynced(unsynced)
        with suppress(ApplyError):
            self._system.forget(self.path)  # if that fails, the next run rebuilds once more

    def _change_in_place(
        self, file: File, text: bytes, wanted: Wanted, stage: Stage, rebuild: Members
    ) -> None:
        system = self._system
        indexes = self._indexes()
        stage.keep(self.path)
        for place in indexes:
            stage.keep(place, copy=True)

        def undo() -> None:
            stage.put_back(self.path)
            if rebuild:
                with suppress(ApplyError):
                    # let it take the old text again; whatever it makes of it, the old index follows
                    system.run(rebuild)
            _put_back(stage, [*{*self._indexes(), *indexes}])

        with self._all_or_nothing(stage, file, wanted, undo) as unsynced:
            if text != file.data or self._unfinished:
                with _noted(unsynced):
                    system.replace(self.path, text, file)
            if rebuild:
                self._rebuilt(file, text, rebuild)
            for place in indexes:
                stage.freshen(place, self.path)

    def _rebuilt(self, file: File, text: bytes, rebuild: Members) -> None:
        """Run the roster's command; it may complain of nothing that it does not complain of
        without the change."""
        finished = self._system.run(rebuild)
        said = complaints(finished, rebuild, None, self.path)
        if not said:
            return
        if finished.status != 0 or text == file.data:
            raise refused(said, self.path)
        # what it says of the old text can only be heard with that in place
        changed = self._system.read(self.path)
        self._system.replace(self.path, file.data, changed)
        before = self._system.run(rebuild)
        compare.complaints(
            complaints(before, rebuild, None, self.path),
            said,
            {},
            AliasesText(text, self.server.dialect, ()),
            self.path,
        )
        self._system.replace(self.path, text, self._system.read(self.path))
        if complaints(self._system.run(rebuild), rebuild, None, self.path) != said:
            raise refused(said, self.path)

    def _indexes(self) -> list[Path]:
        """The files beside the text that look like an index of it."""
        names = self._system.names(self.path.parent) or []
        return [
            self.path.with_name(name)
            for name in names
            if name.startswith(self.path.name) and name[len(self.path.name) :] in _INDEXES
        ]

    def _verify(self, wanted: Wanted) -> None:
        """The server has the last word: what it answers is what counts."""
        if isinstance(self.server, AnyServer):
            return
        answers = self.server.answers(wanted.keys())
        for name, addresses in wanted.items():
            answer = answers[name]
            if answer != tuple(addresses):
                said = "nothing" if answer is None else ", ".join(answer)
                raise ApplyError(
                    Problem(
                        f"{self.server.name} answers {said} for {name!r}, "
                        f"not {', '.join(addresses)}: taken back",
                        Where(str(self.path)),
                        "does the server read this file? look at its own log",
                    )
                )


@contextmanager
def _noted(unsynced: list[Problem]) -> Iterator[None]:
    """Go on where something was done and may only not outlive a crash."""
    try:
        yield
    except Unsynced as error:
        unsynced.extend(error.problems)


def _put_back(stage: Stage, files: list[Path]) -> None:
    """Undo; a file that cannot be put back does not stop the others. Raises ApplyError."""
    problems: list[Problem] = []
    for path in files:
        try:
            stage.put_back(path)
        except ApplyError as error:
            problems.extend(error.problems)
    if problems:
        raise ApplyError(problems)
