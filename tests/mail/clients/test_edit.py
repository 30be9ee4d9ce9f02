"""The settings of small clients, changed by one line; and how msmtp reads an argument."""

from __future__ import annotations

import pytest

from rotation.mail.clients import msmtp
from rotation.mail.clients.edit import with_aliases, with_line

HEADS = ["", "defaults\ntls on\n\n", "account work\nhost a.example.com\n"]
BODIES = ["account default", "account default\n", "account default\nhost b.example.com\n"]
BODIES += ["account default\r\nhost b.example.com\r\n", "account default\nfrom x@y.example"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("body", BODIES)
def test_aliases_come_right_behind_the_line_that_begins_the_default_account(
    head: str, body: str
) -> None:
    first, *rest = body.splitlines(keepends=True)
    first += "" if first.endswith("\n") else "\n"
    written = with_aliases((head + body).encode(), msmtp.parse(head + body), "/etc/aliases")
    assert written.decode() == f"{head}{first}aliases /etc/aliases\n{''.join(rest)}"


def test_without_a_default_account_they_come_first() -> None:
    text = "host a.example.com\n"
    written = with_aliases(text.encode(), msmtp.parse(text), "/etc/aliases")
    assert written == b"aliases /etc/aliases\nhost a.example.com\n"


@pytest.mark.parametrize("text", ["a\nb\nc\n", "a\nb\nc", "", "a"])
@pytest.mark.parametrize("number", [None, 1, 2, 3])
def test_one_line_is_written_and_no_other(text: str, number: int | None) -> None:
    lines = text.splitlines()
    if number is None:
        lines.append("new")
    elif number > len(lines):
        return
    else:
        lines[number - 1] = "new"
    written = with_line(text.encode(), number, "new").decode()
    assert written.splitlines() == lines
    assert number is not None or written.endswith("new\n")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("a.example.com", "a.example.com"), ('"a.example.com"', "a.example.com")),
        *(('"', '"'), ('""', ""), ('"a', '"a'), ('a"', 'a"'), (' \t"a b" ', "a b")),
    ],
)
def test_an_argument_of_msmtps_may_stand_in_quotes(written: str, meant: str) -> None:
    accounts = msmtp.parse(f"account default\nhost {written}\n").accounts
    assert accounts["default"]["host"].value == meant
