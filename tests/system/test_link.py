"""Addresses: what is read, what is shown, and where a redirect may lead."""

from __future__ import annotations

import pytest

from rotation.system.link import BadLink, Reach, is_link, parse_link, reach

SECRET = "https://alice:s3cret@cal.example.com/private-0123/basic.ics?token=abc"


def test_the_text_of_a_link_holds_no_secret() -> None:
    link = parse_link(SECRET)
    assert (link.user, link.password) == ("alice", "s3cret")
    assert link.target == "/private-0123/basic.ics?token=abc"
    for text in (str(link), repr(link), f"{link}", link.name):
        for secret in ("alice", "s3cret", "0123/", "basic", "token", "abc?"):
            assert secret not in text
    assert str(link) == "https://cal.example.com/…"
    assert str(parse_link("http://[::1]:8080")) == "http://[::1]:8080/"


def test_what_is_kept_of_an_address_does_not_depend_on_the_password() -> None:
    name = parse_link(SECRET).name
    assert name == parse_link(SECRET.replace("s3cret", "other")).name
    assert name != parse_link(SECRET.replace("alice", "bob")).name
    assert name != parse_link(SECRET.replace("private", "public")).name


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("webcal://Example.COM/a.ics", ("https", "example.com", 443, "/a.ics")),
        ("WEBCAL://example.com", ("https", "example.com", 443, "/")),
        ("webcal://127.0.0.1/a", ("https", "127.0.0.1", 443, "/a")),
        ("http://example.com:8080/a b?c=ü#d", ("http", "example.com", 8080, "/a%20b?c=%C3%BC")),
        ("https://bücher.example/%2e%2e", ("https", "xn--bcher-kva.example", 443, "/%2e%2e")),
        ("http://[2001:DB8::1]/", ("http", "2001:db8::1", 80, "/")),
    ],
)
def test_addresses(text: str, shape: tuple[str, str, int, str]) -> None:
    link = parse_link(text)
    assert (link.scheme, link.host, link.port, link.target) == shape
    assert is_link(text)


@pytest.mark.parametrize(
    "text",
    [
        *("file:///etc/passwd", "ftp://example.com/s3cret", "gopher://s3cret", "://s3cret"),
        *("https://", "https:///s3cret", "https://user:s3cret/x@example.com/", "http://a:0/s3cret"),
        *("https://a b/s3cret", "https://[::1/s3cret", "https://-/s3cret", "http://a:s3cret/"),
        *("https://example.com/s3cret\r\nX: y", "https://a..b/", "https://ex%61mple.com/s3cret"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadLink) as caught:
        parse_link(text)
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"


def test_a_path_is_no_address() -> None:
    assert not is_link("duty.ics")
    assert not is_link("/etc/rotation/duty.ics")


@pytest.mark.parametrize(
    ("start", "location", "end"),
    [
        ("http://a.example/x/y?q", "z", "http://a.example/x/z"),
        ("http://a.example/x", "//b.example/z", "http://b.example/z"),
        ("http://a.example/x", "https://a.example/x#part", "https://a.example/x"),
        ("http://a.example:81/x", "/ü z", "http://a.example:81/%C3%BC%20z"),
    ],
)
def test_redirects(start: str, location: str, end: str) -> None:
    assert parse_link(start).follow(location) == parse_link(end)


@pytest.mark.parametrize(
    "location",
    [
        *("file:///etc/passwd", "ftp://a.example/", "gopher://a/", "javascript:alert(1)"),
        *(
            "webcal://b.example/",
            "http://cal.example.com/x",
            "https://[",
            "https://b:x/",
            "data:,x",
        ),
    ],
)
def test_redirects_that_are_not_followed(location: str) -> None:
    with pytest.raises(BadLink, match="redirects"):
        parse_link(SECRET).follow(location)


@pytest.mark.parametrize(
    ("location", "known"),
    [
        ("/elsewhere", True),
        ("https://cal.example.com:443/elsewhere", True),
        ("https://cal.example.com:8443/elsewhere", False),
        ("https://cal.example.org/elsewhere", False),
        ("https://mallory:x@cal.example.org/elsewhere", False),
        ("https://cal.example.com.example.org/", False),
    ],
)
def test_a_password_goes_to_one_host_only(location: str, known: bool) -> None:
    there = parse_link(SECRET).follow(location)
    assert (there.user, there.password) == (("alice", "s3cret") if known else (None, None))
    upgraded = parse_link("http://a:b@a.example/").follow("https://a.example/")
    assert upgraded.user is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *(("127.0.0.1", Reach.HERE), ("::1", Reach.HERE), ("169.254.169.254", Reach.HERE)),
        *(("fe80::1%eth0", Reach.HERE), ("::ffff:127.0.0.1", Reach.HERE)),
        *(("64:ff9b::7f00:1", Reach.HERE), ("2002:7f00:1::", Reach.HERE)),
        *(("10.1.2.3", Reach.SITE), ("192.168.1.1", Reach.SITE), ("172.31.0.1", Reach.SITE)),
        *(("100.64.0.1", Reach.SITE), ("fd00::1", Reach.SITE), ("::ffff:10.0.0.1", Reach.SITE)),
        *(("64:ff9b::a00:1", Reach.SITE), ("64:ff9b:1::a00:1", Reach.SITE)),
        *(("0.0.0.0", Reach.NOWHERE), ("::", Reach.NOWHERE), ("224.0.0.1", Reach.NOWHERE)),
        *(("255.255.255.255", Reach.NOWHERE), ("240.0.0.1", Reach.NOWHERE)),
        *(("8.8.8.8", Reach.WORLD), ("2a00:1450::1", Reach.WORLD)),
        *(("64:ff9b::808:808", Reach.WORLD), ("::ffff:8.8.8.8", Reach.WORLD)),
    ],
)
def test_reach(address: str, expected: Reach) -> None:
    assert reach(address) is expected
