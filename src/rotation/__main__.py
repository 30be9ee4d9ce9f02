"""The way into the program, and its last net: however it fails, a line and an exit status.

Little is imported here, so that the net holds where there is not even memory for the rest.
"""

from __future__ import annotations

import gc
import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_WRONG, _FAILED = 2, 3
_GARBAGE = 50_000
"""How many new values make Python look for circles among them: a run is short and leaves few, and
looking took a tenth of one that reads many rosters."""


class _Stream(io.FileIO):
    """Standard output or error. What cannot be written stops nobody's handoff: it is said at the
    end."""

    fault: OSError | None = None
    copy: list[bytes] | None = None
    """What was written, for whoever wants to know."""

    def write(self, data: Any, /) -> int:
        """Write, or remember why that was not possible."""
        try:
            count = super().write(data)
        except OSError as error:
            self.fault = self.fault or error
            return len(data)
        if self.copy is not None:
            self.copy.append(bytes(data[:count]))
        return count


def main(run: Callable[[], int] | None = None) -> None:
    """Run the program, or what is given instead; the entry point of the installed script."""
    gc.set_threshold(_GARBAGE)
    out = _streams()
    try:
        status = (run or answer)()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        status = 130
    except MemoryError:
        status = _say("not enough memory", "give it more, or read less: see `ulimit -v`, cgroups")
    except OSError as error:
        if error.filename is None and _nowhere():
            _say("the current folder is gone", "change to one that is there, or give whole paths")
            sys.exit(_flushed(out, _WRONG))
        name = f"{os.fsdecode(error.filename)}: " if error.filename else ""
        status = _say(f"{name}{(error.strerror or str(error)).lower()}", _place(error))
    except Exception as error:
        what = f"a fault of rotation's own: {type(error).__name__}: {error}"
        status = _say(what, f"please report it, with this: {_place(error)}")
    gc.freeze()  # or all that was imported would be looked at once more, a tenth of a short run
    sys.exit(_flushed(out, status))


def answer(now: int | None = None) -> int:
    """Run the program as it was called, the short way if that will do, and give its exit status.

    `now` is another instant than the present one, in seconds since 1970, for tests.
    """
    from rotation import short
    from rotation.short.argument import undecoded

    if (word := undecoded()) is not None:
        shown = os.fsencode(word).decode("utf-8", "backslashreplace")
        _say(f"an argument is not UTF-8 text: {shown}", "write it, or name the file, in UTF-8")
        return _WRONG
    asked = short.question()
    if asked is None:
        from rotation.cli.main import main

        return main()
    asked.now = asked.now if now is None else now
    status = short.answer(asked)
    if status is None:
        from rotation.short.keep import kept

        return kept(asked)
    return status


def _nowhere() -> bool:
    """Whether the current folder was removed."""
    try:
        os.path.abspath("")
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _streams() -> _Stream:
    """Take over the standard streams, opening those that are closed: what is opened later must not
    become one of them. Gives standard output."""
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # what is written to closed output is still an error
    if sys.stdin is None:  # it was closed: nobody answers, as from cron
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8")
    out, err = _Stream(1, "w", closefd=False), _Stream(2, "w", closefd=False)
    sys.stdout = _text(out, sys.stdout)
    sys.stderr = _text(err, sys.stderr)
    return out


def _text(stream: _Stream, like: io.TextIOWrapper | object) -> io.TextIOWrapper:
    encoding = getattr(like, "encoding", None) or "utf-8"
    errors = getattr(like, "errors", None) or "backslashreplace"
    if errors == "strict" or encoding.lower() != "utf-8":
        errors = "backslashreplace"  # a name that the locale has no letters for stops no run
    lines = stream.fileno() == 2 or stream.isatty()
    buffered = io.BufferedWriter(stream)
    return io.TextIOWrapper(buffered, encoding, errors, line_buffering=lines)


def _place(error: BaseException) -> str:
    """Where in the program it happened."""
    frame, place = error.__traceback__, ""
    while frame is not None:
        code = frame.tb_frame.f_code
        if "rotation" in code.co_filename:
            place = f"{os.path.basename(code.co_filename)}:{frame.tb_lineno}"
        frame = frame.tb_next
    return place


def _say(what: str, hint: str) -> int:
    text = "".join(c if c.isprintable() else "?" for c in what)
    try:
        os.write(2, f"error: {text}\n  hint: {hint}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        return _FAILED  # there is nobody to tell
    return _FAILED


def _flushed(out: _Stream, status: int) -> int:
    """The exit status, once all of the result is written."""
    try:  # noqa: SIM105, contextlib is heavy for an answer that is kept
        sys.stdout.flush()
    except (OSError, ValueError):
        pass  # it is remembered
    fault = out.fault
    if isinstance(fault, BrokenPipeError):
        return 141  # the reader went away (a pager, head): no message is wanted
    if fault is not None:
        reason = (fault.strerror or str(fault)).lower()
        _say(f"the result cannot be written: {reason}", "everything else was done")
        return max(status, _FAILED)
    return status


if __name__ == "__main__":
    main()
