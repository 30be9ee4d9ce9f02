"""What is written to a directory, and read of it, is values and nothing else: against RFC 2849."""

from __future__ import annotations

import base64
import re

from hypothesis import given
from hypothesis import strategies as st

from rotation.mail import ldap

VALUES = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
        st.sampled_from(["-", " a", "a ", ": b", "< /etc/passwd", "a\nadd: mail\nmail: b", "\r\n"]),
    ),
    max_size=4,
    unique=True,
)
SAFE = re.compile(r"[A-Za-z][A-Za-z0-9-]*:: [A-Za-z0-9+/]*=*|-|changetype: modify")


def applied(lines: list[str], held: list[str]) -> list[str]:
    """What a server makes of a modification: an oracle of its own (RFC 2849, "mod-spec")."""
    held, verb = list(held), ""
    for line in lines:
        assert SAFE.fullmatch(line), line
        if line == "-":
            continue
        name, _, coded = line.partition(":: ")
        value = base64.b64decode(coded).decode()
        if name in ("add", "delete"):
            assert value == "mail"
            verb = name
        elif verb == "add":
            assert value not in held
            held.append(value)
        else:
            held.remove(value)
    return held


@given(VALUES, VALUES)
def test_a_change_makes_one_of_the_other(before: list[str], after: list[str]) -> None:
    lines = ldap._change("mail", before, after)
    assert sorted(applied(lines, before)) == sorted(after)


def shown(name: str, value: str) -> str:
    """A line as ldapsearch(1) writes it without folding: base64 where a value is not safe."""
    safe = value.isascii() and value.isprintable() and value[:1] not in (" ", ":", "<")
    if safe and not value.endswith(" "):
        return f"{name}: {value}\n"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"


@given(VALUES, VALUES)
def test_an_entry_is_read_as_it_is(mails: list[str], marks: list[str]) -> None:
    text = shown("dn", "cn=duty") + "".join(shown("mail", value) for value in mails)
    text += "# a comment\n" + "".join(shown("description", value) for value in marks) + "\n"
    expected = [("dn", "cn=duty"), *(("mail", value) for value in mails)]
    expected += [("description", value) for value in marks]
    assert list(ldap._values(text)) == expected


@given(st.binary(min_size=1))
def test_bytes_that_are_no_text_come_back_as_they_were(data: bytes) -> None:
    ((_, value),) = ldap._values(f"mail:: {base64.b64encode(data).decode()}\n")
    assert ldap._line("mail", value) == f"mail:: {base64.b64encode(data).decode()}"
