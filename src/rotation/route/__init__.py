"""Where mail goes on this host: an address followed to its ends as the mail server would.

    from rotation.route import accepted_at, trace

    accepted = accepted_at([(loaded, instant), ...])        # from every roster, at an instant
    for one in trace(system, ["root", "monit@box.test"], accepted):
        one.address                      # as it was asked for
        one.good                         # every end is somebody who should get the mail
        one.ends                         # tuple[Step, ...]: the leaves, each with its `end`
        one.step                         # the tree: Step(text, where, how, children, notes, end)
        one.ends[0].end.verdict          # Verdict.DUTY, .OTHER, .DEAD, .LOOP, .LEAVES, ...
        one.ends[0].end.why              # that verdict in words: "nobody reads root's mailbox"

`trace(system, addresses, accepted, *, server=None, config=None, via=())` detects the server unless
it is named (one of `rotation.model.SERVERS`); it raises ApplyError only where no server is found
or its configuration cannot be read. An address may be a bare local name, `user@domain`,
`|command`, `/file`. Nothing is changed and no mail is sent.
"""

from __future__ import annotations

from rotation.route.accept import accepted_at, via
from rotation.route.follow import trace
from rotation.route.model import Accepted, End, Note, Step, Trace, Verdict, Via

__all__ = [
    "Accepted",
    "End",
    "Note",
    "Step",
    "Trace",
    "Verdict",
    "Via",
    "accepted_at",
    "trace",
    "via",
]
