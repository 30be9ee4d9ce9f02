"""Carrying out a plan: every target of every roster, one rewrite and one index per file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rotation.errors import ApplyError
from rotation.mail import lists
from rotation.mail.aliases_file import AliasesFile, Done
from rotation.mail.detect import server_for
from rotation.model import Kind
from rotation.plan import Outcome, Wish, by_file
from rotation.system import System


def carry_out(system: System, wishes: Sequence[Wish]) -> list[Outcome]:
    """Make every wish true on `system`, in their order; one that fails does not stop the others.

    Raises RosterError, before anything is touched, when two paths turn out to be one file and
    the wishes for it disagree.
    """
    # a .forward that is a link is refused later, and so is not followed here either
    real = {
        wish.target.path: wish.target.path
        if wish.target.kind is Kind.FORWARD
        else system.real(wish.target.path)
        for wish in wishes
    }
    outcomes: dict[int, Outcome] = {}
    for group in by_file(wishes, real):
        outcomes.update(_carry_out_file(system, wishes, group))
    return [outcomes[number] for number in range(len(wishes))]


def _carry_out_file(
    system: System, wishes: Sequence[Wish], numbers: list[int]
) -> Iterator[tuple[int, Outcome]]:
    target = wishes[numbers[0]].target
    folder = system.real(target.path).parent
    try:
        with system.lock(folder):
            if target.kind is Kind.ALIASES:
                file = AliasesFile(system, server_for(system, target), target.rebuild)
                names = {n: _spelt(wishes, numbers, n) for n in numbers}
                report = file.make_true({names[n]: wishes[n].addresses for n in numbers})
                done = {n: report[names[n]] for n in numbers}
            else:
                before, changed = lists.make_true(system, target, wishes[numbers[0]].addresses)
                done = dict.fromkeys(numbers, Done(before, changed))
    except ApplyError as error:
        for number in numbers:
            yield number, Outcome(wishes[number], None, False, error.problems)
        return
    for number in numbers:
        result = done[number]
        yield number, Outcome(wishes[number], result.before, result.changed, untold=result.untold)


def _spelt(wishes: Sequence[Wish], numbers: list[int], number: int) -> str:
    """The alias of a wish, in the spelling of the first one for it: servers ignore case."""
    name = wishes[number].target.name or ""
    spellings = (wishes[n].target.name or "" for n in numbers)
    return next((spelling for spelling in spellings if spelling.lower() == name.lower()), name)
