"""Test modules with pytest's asserts, made before xdist's workers start.

In a fresh checkout each of them would make all of them anew: more than half of what it takes to
collect the tests, as often as there are workers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest


def make(config: pytest.Config) -> None:
    """Make those that are asked for, if workers are to run them; on every core, as `os.fork` can.

    pytest has no public name for that: where the private ones have changed the workers do it.
    """
    if not getattr(config.option, "numprocesses", None):
        return
    paths = sorted(_asked(config))
    cores = len(os.sched_getaffinity(0))
    children = []
    for first in range(cores):
        if child := os.fork():
            children.append(child)
            continue
        with suppress(Exception):
            _make(config, paths[first::cores])
        os._exit(0)
    for child in children:
        os.waitpid(child, 0)


def _asked(config: pytest.Config) -> Iterator[Path]:
    for word in config.args:
        path = Path(word.partition("::")[0]).resolve()
        if path.is_dir():
            yield from path.rglob("test_*.py")
            yield from path.rglob("conftest.py")
        elif path.exists():
            yield path


def _make(config: pytest.Config, paths: list[Path]) -> None:
    from _pytest.assertion import rewrite

    for path in paths:
        kept = rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}"
        if rewrite._read_pyc(path, kept) is None and rewrite.try_makedirs(kept.parent):
            source, code = rewrite._rewrite_test(path, config)
            rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, source, kept)
