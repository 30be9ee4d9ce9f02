"""A process that is called as a test wants it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Source: proc_pid_comm(5)
_CALLED = "open('/proc/self/comm', 'w').write('{}'); print('ready', flush=True); input()"


@contextmanager
def process_called(name: str) -> Iterator[int]:
    """The number of a process of that name."""
    program = [sys.executable, "-c", _CALLED.format(name)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process.pid
        process.communicate(b"\n")
