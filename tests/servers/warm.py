"""`rotation` inside rigs by a process that has imported it already and forks for each run.

A run is a process of its own, as under cron, in all the namespaces of the rig; what it saves is the
second that imports take. For tests that ask what a run does, not what it costs or whether it
starts.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import gc
import json
import os
import pkgutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path

from .rigs.host import PATH, Finished, Host

SOURCE = Path(__file__).parents[2] / "src"
ENVIRONMENT = {"PATH": PATH, "HOME": "/root", "LOGNAME": "root", "LANG": "C.UTF-8"}
NAMESPACES = ("ipc", "uts", "net", "mnt")


@functools.cache
def _warm() -> subprocess.Popen[str]:
    """The process; it ends with this one."""
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "tests.servers.warm"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=SOURCE.parent,
        env={**ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
    )
    atexit.register(process.communicate)
    return process


def run(host: Host, at: str, *arguments: str) -> Finished:
    """`rotation` inside a host at an instant."""
    process = _warm()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps([host.pid, at, *arguments]) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    assert line, f"the process that imported rotation ended with {process.wait()}"
    status, out, err = json.loads(line)
    return Finished(status, out, err)


def _run(words: list[str], out: int, err: int) -> int:
    """One run, in a child that has forked and is inside; its exit status."""
    from rotation.__main__ import main

    from .run_at import run

    os.setsid()
    signal.alarm(600)  # as long as a run in a rig may take
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.chdir("/")
    sys.argv = [str(Path(__file__).with_name("run_at.py")), *words]
    try:
        main(run)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _compile() -> None:
    """Have our dataclasses compile their `__init__`, which they do at the first instance."""
    for name, module in list(sys.modules.items()):
        if name.startswith("rotation."):
            for kind in list(vars(module).values()):
                if isinstance(kind, type) and is_dataclass(kind):
                    with suppress(TypeError):
                        kind()


def serve() -> None:
    """Fork for each line of standard input, and answer with what became of it."""
    import rotation

    for module in pkgutil.walk_packages(rotation.__path__, "rotation."):
        if module.name != "rotation.__main__":
            import_module(module.name)
    for driver in ("psycopg", "pymysql"):
        import_module(driver)
    _compile()
    gc.freeze()
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(namespace: int) -> None:
        if libc.setns(namespace, 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    for line in sys.stdin:
        number, *words = json.loads(line)
        there = f"/proc/{number}"
        files = [os.memfd_create(name) for name in ("out", "err")]
        inside = os.open(f"{there}/ns/pid", os.O_RDONLY)
        enter(inside)  # whoever is forked now is inside; this process stays where it is
        child = os.fork()
        if child == 0:
            status = 70
            try:
                root = os.open(f"{there}/root", os.O_RDONLY)
                for kind in [os.open(f"{there}/ns/{name}", os.O_RDONLY) for name in NAMESPACES]:
                    enter(kind)
                os.chdir(root)
                os.chroot(".")
                status = _run(words, *files)
            finally:
                os._exit(status)
        enter(own)
        os.close(inside)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = []
        for file in files:
            os.lseek(file, 0, os.SEEK_SET)
            with os.fdopen(file, "rb") as stream:
                texts.append(stream.read().decode(errors="surrogateescape"))
        print(json.dumps([status, *texts]), flush=True)


if __name__ == "__main__":
    serve()
