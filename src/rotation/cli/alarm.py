"""The alarm by mail, as `verify` and whatever is watched send it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rotation.cli.context import Call, complain
from rotation.errors import ApplyError, Problem

if TYPE_CHECKING:
    from rotation.watch.alarm import Words


def mail_alarm(call: Call, to: str, problems: Sequence[Problem], words: Words) -> None:
    """Mail the alarm, or that it is over; one that cannot be mailed is said, and hides nothing."""
    from rotation.watch.alarm import raise_alarm

    try:
        raise_alarm(call.system, to, problems, words, call.now)
    except ApplyError as error:
        for problem in error.problems:
            complain(problem)
