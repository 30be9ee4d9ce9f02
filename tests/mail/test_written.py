"""How an entry is written is told by one pattern for all names, as by a pattern of each name."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rotation.mail.aliases_plan import _WRITTEN

NAMES = st.sampled_from(["duty", "d.x", "a+b", "a_b", "a-b", "duty@example.com", "Duty"])


@given(NAMES, NAMES, st.text('duty"\t :x@.A\v', max_size=3), st.text('"\t :x@.\n', max_size=3))
def test(name: str, there: str, before: str, behind: str) -> None:
    body = f"{before}{there}{behind}".encode()
    slow = re.match(rb'\s*("?)(' + re.escape(name.encode()) + rb")\1(\s|:)", body, re.IGNORECASE)
    quick = _WRITTEN.match(body)
    if quick is not None and quick[2].lower() != name.lower().encode():
        quick = None
    assert (slow and slow[2]) == (quick and quick[2])
