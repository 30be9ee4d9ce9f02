"""What the presets' scripts tell in the scratch Debian."""

from __future__ import annotations

import pytest

from tests.checkers.presets.scratch import (
    Told,
    Unavailable,
    explore,
    script,
)

GOOD = Told([], failed=False)

# An older version than there is: what apt then wants to install is real.
OUTDATED = """
outdated() {
    sed -i "/^Package: $1\\$/,/^\\$/s/^Version: .*/Version: $2/" /var/lib/dpkg/status
}
"""


def told(text: str, *names: str, boot: bool = False, **checks: str) -> dict[str, Told]:
    """What was told; `names` are presets as they are, `checks` scripts with variables set."""
    scripts = {name: script(name) for name in names} | checks
    try:
        return explore(text, scripts, boot=boot)
    except Unavailable as problem:
        pytest.skip(str(problem))


def bad(*lines: str) -> Told:
    return Told(list(lines), failed=False)


def failed(found: Told, *parts: str) -> None:
    """The checker says that it failed itself, and these words are in what it says."""
    assert found.failed
    for part in parts:
        assert part in "\n".join(found.lines)
