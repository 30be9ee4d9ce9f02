"""Mail of our own: safe headers, whole bodies, and an error when sendmail does not take it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.errors import ApplyError
from rotation.mail.send import clean, message

NOW = datetime(2026, 11, 24, 10, 12, tzinfo=UTC)
HEADERS = [
    "To", "Subject", "Date", "Auto-Submitted",
    "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
]  # fmt: skip


@given(st.text(), st.text())
def test_nothing_in_subject_or_body_becomes_a_header(subject: str, body: str) -> None:
    raw = message(["bob@example.com"], subject, body, NOW).as_bytes()
    read = message_from_bytes(raw, policy=default)
    assert sorted(read.keys()) == sorted(HEADERS)
    assert not read.defects
    wanted = [clean(line) for line in body.splitlines()]
    assert read.get_content().rstrip("\n").split("\n") == "\n".join(wanted).rstrip("\n").split("\n")
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.splitlines())


@given(st.lists(st.tuples(st.sampled_from(["REQUEST", "CANCEL"]), st.text()), max_size=3))
def test_calendars_arrive_as_they_were(calendars: list[tuple[str, str]]) -> None:
    sent = [
        (method, f"METHOD:{method}\r\n{text}\r\n".encode()) for method, text in _clean(calendars)
    ]
    raw = message(["bob@example.com"], "duty", "hello\n", NOW, calendars=sent).as_bytes()
    read = message_from_bytes(raw, policy=default)
    assert not read.defects
    found = [part for part in read.walk() if part.get_content_type() == "text/calendar"]
    assert [(p.get_param("method"), p.get_payload(decode=True)) for p in found] == sent
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content() == "hello\n"
    kinds = ["text/plain", "multipart/alternative", "multipart/mixed"]
    assert read.get_content_type() == kinds[min(len(sent), 2)]
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.splitlines())


def _clean(calendars: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(method, clean(text)) for method, text in calendars]


@pytest.mark.parametrize(
    "to", ["|id@example.com", "bob@example.com\nBcc: eve@example.com", "", "bob, eve@example.com"]
)
def test_only_vetted_addresses_are_mailed(to: str) -> None:
    with pytest.raises(ApplyError, match="cannot mail"):
        message([to], "hello", "", NOW)
