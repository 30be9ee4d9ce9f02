"""The gate for addresses: what may be written where mail servers read it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.address import alias_fault, fault

LABEL = "a" * 63
PHONES = [f"+{digit}" for digit in range(10)]
DOMAIN = f"{LABEL}.{LABEL}.{LABEL}.{'a' * 59}.de"  # 254


@pytest.mark.parametrize(
    "address",
    [
        "alice@example.com",
        "Alice.B_c+tag-1@Mail-1.Example.COM",
        "447700900123@sms.example.net",
        "+447700900123@sms.example.net",
        "bounces+bob=example.org@example.com",
        "1=@example.com",
        "_ops@example.com",
        "alice@localhost",
        "alice@xn--mnchen-3ya.de",
        "alice@1.example",
        f"{'a' * 64}@example.com",
        f"a@{LABEL}.com",
        f"a@{DOMAIN}",
        "alice",
        "a",
        "_ops",
        "backup-user",
        "u" * 32,
    ],
)
def test_accepted(address: str) -> None:
    assert fault(address) is None


@pytest.mark.parametrize(
    ("address", "what", "hint"),
    [
        ("", "is empty", None),
        ("root", "is root", "a person's own address"),
        # what runs programs and writes files
        ("|touch${IFS}/x@example.com", "do not read alike", "'|' runs a command"),
        ('"|touch /x"@example.com', "do not read alike", "'|' runs a command"),
        ("|/bin/sh", "neither", "'|' runs a command"),
        ("/etc/passwd", "neither", "'/' writes a file"),
        ("/var/mail/x@example.com", "do not read alike", "'/' writes a file"),
        (":include:/etc/shadow", "neither", ":include: list belongs"),
        (":Include:/etc/x@example.com", "do not read alike", ":include: list belongs"),
        (":fail:", "neither", "meaning of its own"),
        (":blackhole:@example.com", "do not read alike", "meaning of its own"),
        ("error:nouser@example.com", "do not read alike", "meaning of its own"),
        # what is several things, or another thing
        ("a@example.com,b@example.com", "do not read alike", "separates addresses"),
        ("a@example.com b@example.com", "do not read alike", "separates addresses"),
        ("a,b", "neither", "separates addresses"),
        ("a@example.com\nroot: b@example.com", "control character", "one address on one line"),
        ("a@example.com\n", "control character", "one address on one line"),
        ("a@example.com\r", "control character", "one address on one line"),
        ("a\x00@example.com", "control character", "one address on one line"),
        ("a@example.com\u2028", "control character", "one address on one line"),
        ("a\u202e@example.com", "control character", "one address on one line"),
        ("Alice <a@example.com>", "do not read alike", "use a list"),
        ("<a@example.com>", "do not read alike", "bare address"),
        ('"a b"@example.com', "do not read alike", "use a list"),
        ('"ab"@example.com', "do not read alike", "differently by every server"),
        ("a@b@example.com", "do not read alike", "only once"),
        ("\\alice", "neither", None),
        ("\\alice@example.com", "do not read alike", "begin with a letter"),
        ("!a@example.com", "do not read alike", "begin with a letter"),
        ("a!b@example.com", "do not read alike", "begin with a letter"),
        ("a%b@example.com", "do not read alike", "begin with a letter"),
        ("#a@example.com", "do not read alike", "begin with a letter"),
        ("a#b@example.com", "do not read alike", "begin with a letter"),
        ("a'b@example.com", "do not read alike", "begin with a letter"),
        ("$a@example.com", "do not read alike", "begin with a letter"),
        ("a`b`@example.com", "do not read alike", "begin with a letter"),
        # options of programs
        ("-oQ/tmp@example.com", "do not read alike", "'/' writes a file"),
        ("-f@example.com", "do not read alike", "begin with a letter"),
        ("-f", "neither", None),
        ("+a@example.com", "do not read alike", "begin with a letter"),
        ("+@example.com", "do not read alike", "begin with a letter"),
        ("++1@example.com", "do not read alike", "begin with a letter"),
        ("=a@example.com", "do not read alike", "begin with a letter"),
        ("+447700900123", "neither", None),
        ("a=b", "neither", None),
        (".a@example.com", "do not read alike", "begin with a letter"),
        ("@example.com", "do not read alike", "begin with a letter"),
        # lengths and dots
        (f"{'a' * 65}@example.com", "too long", None),
        ("a..b@example.com", "dots in the wrong place", None),
        ("a.@example.com", "dots in the wrong place", None),
        ("u" * 33, "neither", None),
        ("Alice", "neither", None),
        ("al.ice", "neither", None),
        # domains
        ("a@", "not a host name", None),
        ("a@example..com", "not a host name", None),
        ("a@.example.com", "not a host name", None),
        ("a@example.com.", "not a host name", None),
        ("a@-example.com", "not a host name", None),
        ("a@example-.com", "not a host name", None),
        ("a@exa_mple.com", "not a host name", None),
        ("a@[192.0.2.1]", "not a host name", None),
        ("a@[IPv6:2001:db8::1]", "not a host name", "meaning of its own"),
        ("a@example.com/x", "not a host name", "'/' writes a file"),
        ("a@example.com|x", "not a host name", "'|' runs a command"),
        ("a@example.com,b", "not a host name", "separates addresses"),
        ("a@exam ple.com", "not a host name", "use a list"),
        (f"a@a{LABEL}.com", "not a host name", None),
        (f"a@aa{DOMAIN}", "not a host name", None),
        ("a@münchen.de", "not ASCII", "write a@xn--mnchen-3ya.de"),
        ("a@bücher.example", "not ASCII", "write a@xn--bcher-kva.example"),
        ("a@ex\u0430mple.com", "not ASCII", "write a@xn--exmple-4nf.com"),
        ("a@..münchen.de", "not ASCII", None),
        ("jürgen@example.com", "do not read alike", "begin with a letter"),
        ("\u0430@example.com", "do not read alike", "begin with a letter"),
        ("a\u0663@example.com", "do not read alike", "begin with a letter"),
    ],
)
def test_refused(address: str, what: str, hint: str | None) -> None:
    found = fault(address)
    assert found is not None
    assert what in found[0]
    if hint is None:
        assert found[1] is None
    else:
        assert found[1] is not None
        assert hint in found[1]


def test_the_longest_domain() -> None:
    domain = f"{LABEL}.{LABEL}.{LABEL}.{LABEL}"
    assert len(domain) == 255
    assert fault(f"a@{domain}") is None
    assert fault(f"a@{domain}.b") is not None


@settings(derandomize=True, deadline=None, database=None, max_examples=400)
@given(
    st.one_of(
        st.text(max_size=40),
        st.text(alphabet="ab.@-+_|/,:;\"'\\ <>${}`\n\t#!%*()[]ü", max_size=20),
        st.emails(),
    )
)
def test_whatever_is_accepted_is_plain(address: str) -> None:
    if fault(address) is None:
        local, at, domain = address.rpartition("@")
        assert address.isascii()
        assert set(address) <= set(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-=@"
        )
        assert address[0].isalnum() or address[0] == "_" or address[0] + address[1] in PHONES
        assert at or not set(address) & set("+=")
        assert address.count("@") <= 1
        assert address != "root"
        assert len(local) <= 64
        assert len(domain) <= 255


@pytest.mark.parametrize("name", ["duty", "all-system-notifications", "a.b_c+1", "_x", "A" * 64])
def test_names_of_aliases(name: str) -> None:
    assert alias_fault(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-x",
        ".x",
        "+x",
        "a b",
        "a:b",
        "a,b",
        "a@b",
        "|x",
        "/x",
        '"x"',
        "a\n",
        "a#",
        "ü",
        "A" * 65,
    ],
)
def test_what_is_no_name_of_an_alias(name: str) -> None:
    assert alias_fault(name) is not None
