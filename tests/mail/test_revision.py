"""Which of two copies of a plan is the newer one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.mail.revision import ForeignError, PlanRevision, parse

INSTANTS = st.integers(0, 4_000_000_000_000_000).map(
    lambda microseconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
HUBS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.-]{0,30}", fullmatch=True)
DIGESTS = st.from_regex(r"[0-9a-f]{16}", fullmatch=True)


@given(INSTANTS, DIGESTS, INSTANTS, HUBS)
def test_a_revision_is_read_as_it_was_written(
    changed: datetime, digest: str, since: datetime, hub: str
) -> None:
    revision = PlanRevision(changed, digest, since, hub)
    assert parse(str(revision)) == revision
    assert len(str(revision)) < 255
    assert str(revision).isascii()


@pytest.mark.parametrize("text", [None, "", "  "])
def test_none(text: str | None) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "somebody's own note",
        "rotation",
        "rotation yesterday 0123456789abcdef 2026-11-23T09:00:00Z hub",
        "rotation 9999-12-31T23:59:59-23:00 0123456789abcdef 2026-11-23T09:00:00Z hub",
        "rotation 2026-11-23T09:00:00Z 0123456789abcdef 2026-11-23T09:00:00 hub",
        "rotation 2026-11-23T09:00:00Z 0123 2026-11-23T09:00:00Z hub",
        "rotation 2026-11-23T09:00:00Z 0123456789abcdef 2026-11-23T09:00:00Z a hub\nx",
    ],
)
def test_what_is_none_of_ours(text: str) -> None:
    with pytest.raises(ForeignError):
        parse(text)


def test_the_text_sorts_by_age() -> None:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    texts = [
        str(PlanRevision(at + timedelta(days=days), "0" * 16, at, "hub")) for days in range(300)
    ]
    assert max(texts) == texts[-1]
