"""The verdicts: what an end means for whoever should get the mail. Pure but for local accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rotation.dataclasses import replace
from rotation.route.model import Accepted, End, Step, Stop, Verdict, Via
from rotation.system import Account

ELSEWHERE = "alias of another host"
"""How a step is named that another host's roster makes."""
_DEEPEST = 10

_PLAIN = {
    Stop.PIPE: Verdict.PIPE,
    Stop.FILE: Verdict.FILE,
    Stop.REFUSED: Verdict.DEAD,
    Stop.PUT_OFF: Verdict.DEAD,
    Stop.LOST: Verdict.DEAD,
    Stop.LOOP: Verdict.LOOP,
    Stop.UNSURE: Verdict.UNSURE,
}
_WORDS = {
    Stop.REFUSED: "refused: ",
    Stop.PUT_OFF: "put off: ",
    Stop.LOST: "thrown away: ",
    Stop.LOOP: "loop: ",
    Stop.PIPE: "handed to a command",
    Stop.FILE: "written to a file",
    Stop.UNSURE: "cannot be followed: ",
}


def judged(
    step: Step,
    accepted: Accepted,
    account: Callable[[str], Account | None],
    via: Sequence[Via] = (),
    depth: int = 0,
) -> Step:
    """The tree with a verdict on every end; what leaves goes on through `via` where that knows."""
    children = tuple(judged(child, accepted, account, via, depth) for child in step.children)
    if step.end is None:
        return replace(step, children=children)
    end = _verdict(step.end, accepted, account)
    if end.verdict is Verdict.LEAVES and depth < _DEEPEST:
        further = _further(end, via)
        if further:
            followed = tuple(
                judged(onward, accepted, account, via, depth + 1) for onward in further
            )
            return replace(step, children=(*children, *followed), end=None)
    return replace(step, children=children, end=end)


def _verdict(end: End, accepted: Accepted, account: Callable[[str], Account | None]) -> End:
    for name in end.names:
        if name in accepted.ends:
            verdict, words = accepted.ends[name]
            return replace(end, verdict=verdict, why=words)
    for name in end.names:
        if name in accepted.known:
            return replace(end, verdict=Verdict.OTHER, why=accepted.known[name])
    if end.stop is Stop.REMOTE:
        by = f" {end.why}" if end.why else ""
        return replace(end, verdict=Verdict.LEAVES, why=f"leaves this host for {end.domain}{by}")
    if end.stop is Stop.MAILBOX:
        return _mailbox(end, account(end.who))
    words = _WORDS[end.stop]
    why = words + end.why if words.endswith(" ") else words
    return replace(end, verdict=_PLAIN[end.stop], why=why)


def _mailbox(end: End, owner: Account | None) -> End:
    if owner is None:
        return replace(end, verdict=Verdict.OTHER, why=end.why or "a mailbox on this host")
    if not owner.person:
        why = f"nobody reads the mailbox of the system user {owner.name}"
        why = "nobody reads root's mailbox" if owner.uid == 0 else why
        return replace(end, verdict=Verdict.DEAD, why=why)
    return replace(end, verdict=Verdict.OTHER, why=f"the mailbox of {owner.name} on this host")


def _further(end: End, via: Sequence[Via]) -> list[Step]:
    """Where another host's alias sends what leaves for it."""
    local, at, domain = end.who.rpartition("@")
    if not at:  # a bare name, which is the next host's own
        local, domain = end.who, end.domain or ""
    for host in via:
        alias = host.aliases.get(local.partition("+")[0].lower())
        if alias is not None and host.domain in (None, domain.lower()):
            addresses, where = alias
            return [
                Step(
                    address, where, ELSEWHERE,
                    end=End(Stop.REMOTE, address, domain=address.rpartition("@")[2].lower(),
                            names=(address.lower(),)),
                )
                for address in addresses
            ]  # fmt: skip
    return []
