"""Lines of real logs, and lines that somebody meant to be taken for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.watch.delivery.fates import Fates, Follow, LogPosition, Undelivered, parse
from rotation.watch.delivery.formats import Fate, MailEvent, events

NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)
ZONE = ZoneInfo("Etc/UTC")
OWN = frozenset({"box.test", "localhost"})

# as the servers wrote them: Postfix 3.7, Exim 4.96, OpenSMTPD 6.8, Sendmail 8.17
BOUNCED = {
    "postfix": "Nov 26 00:29:53 hub postfix/smtp[161]: 9674314F: to=<bob@far.example>, "
    "orig_to=<root>, relay=mx[192.0.2.25]:25, delay=0.02, delays=0/0.02/0/0, dsn=5.7.1, "
    "status=bounced (host mx[192.0.2.25] said: {text} (in reply to RCPT TO command))",
    "exim": "2026-11-26 00:30:15 1xWNNO-00004m-32 ** bob@far.example <root@box.test> R=smarthost "
    "T=remote_smtp_smarthost H=192.0.2.25 [192.0.2.25]: SMTP error from remote mail server after "
    "RCPT TO:<bob@far.example>: {text}",
    "opensmtpd": "Nov 26 00:38:47 smtpd[56]: c8345526557a34d2 mta delivery evpid=a2d2a86888ce09a9 "
    'from=<root@box.test> to=<bob@far.example> rcpt=<root@box.test> source="192.0.2.25" '
    'relay="192.0.2.25 (192.0.2.25)" delay=0s result="PermFail" stat="{text}"',
    "sendmail": "Nov 26 00:30:57 sm-mta[144]: 6AQ0Uv2v000143: to=bob@far.example, "
    "ctladdr=<root@box.test> (0/0), delay=00:00:00, xdelay=00:00:00, mailer=relay, pri=150478, "
    "relay=[192.0.2.25] [192.0.2.25], dsn=5.1.1, reply={text}, stat=User unknown",
}
DEFERRED = {
    "postfix": "2026-11-26T00:29:53.5+00:00 hub postfix/smtp[161]: 9674314F: to=<bob@far.example>, "
    "relay=none, delay=5400, delays=0/0.02/0/0.01, dsn=4.7.1, status=deferred ({text})",
    "exim": "2026-11-26 00:30:15 [12] 1xWM3N-00004m-32 == bob@far.example <root@box.test> "
    "R=smarthost T=remote_smtp_smarthost defer (-44) H=mx.far.example [192.0.2.25]: {text}",
    "opensmtpd": "Nov 26 00:38:47 smtpd[56]: c8345526557a34d2 mta delivery evpid=a2d2a868a79e023d "
    'from=<root@box.test> to=<bob@far.example> rcpt=<-> source="192.0.2.25" '
    'relay="192.0.2.25 (192.0.2.25)" delay=1h30m0s result="TempFail" stat="{text}"',
    "sendmail": "Nov 26 00:30:57 h sm-mta[144]: 6AQ0Uv2v000143: to=al@x.example,bob@far.example"
    ", ctladdr=<root@box.test> (0/0), delay=01:30:00, xdelay=00:00:00, mailer=relay, pri=150478, "
    "relay=[192.0.2.25] [192.0.2.25], dsn=4.3.0, reply={text}, stat=Deferred: {text}",
}
SERVERS = sorted(BOUNCED)


def _followed(server: str, *lines: str, old: Fates | None = None) -> Follow:
    follow = Follow(["bob@far.example"], OWN, old)
    for line in lines:
        for event in events(server, line, NOW, ZONE):
            follow.take(event)
    return follow


@pytest.mark.parametrize("server", SERVERS)
def test_a_bounce_and_a_wait(server: str) -> None:
    bounced = _followed(server, BOUNCED[server].format(text="550 no"))
    assert bounced.troubles["bob@far.example"].bounced
    assert "550 no" in bounced.troubles["bob@far.example"].said
    assert "R=smarthost" not in bounced.troubles["bob@far.example"].said
    waits = _followed(server, DEFERRED[server].format(text="451 later"))
    trouble = waits.troubles["bob@far.example"]
    assert not trouble.bounced
    assert timedelta(minutes=80) < NOW - trouble.since < timedelta(minutes=140)
    assert trouble.late(NOW)


@given(text=st.text(st.characters(blacklist_characters="\n\r"), max_size=80))
def test_what_another_server_says_turns_no_bounce_into_anything_else(text: str) -> None:
    for server in SERVERS:
        for lines in (BOUNCED, DEFERRED):
            follow = _followed(server, lines[server].replace("{text}", text))
            assert set(follow.troubles) <= {"bob@far.example"}
            assert all(t.bounced is (lines is BOUNCED) for t in follow.troubles.values())


FORGED = (
    "x (status=sent) to=<bob@far.example>, relay=x, delay=0, delays=0/0/0/0, dsn=2.0.0, "
    "status=sent (ok",
    '250 ok" result="Ok" stat="',
    "250, dsn=2.0.0, stat=Sent (ok)",
    "=> bob@far.example R=x T=y",
    "Nov 26 00:30:57 hub postfix/smtp[1]: AAAAAAAA: to=<bob@far.example>, relay=x[1]:25, "
    "delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (ok)",
)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("text", FORGED)
def test_a_forged_answer_does_not_make_a_bounce_well(server: str, text: str) -> None:
    follow = _followed(server, BOUNCED[server].format(text=text))
    assert follow.troubles["bob@far.example"].bounced


def test_a_strangers_address_is_not_read_as_what_became_of_ours() -> None:
    """Postfix logs whom the mail was for first, in quotes where it has to be."""
    inside = '"root+, relay=x, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (ok)"@box.test'
    line = BOUNCED["postfix"].format(text="550 no").replace("<root>", f"<{inside}>")
    assert _followed("postfix", line).troubles["bob@far.example"].bounced


SENT = (
    "Nov 26 00:40:00 hub postfix/smtp[1]: BBBB: to=<bob@far.example>, relay={relay}:25, "
    "delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent ({text})"
)


def test_a_hop_to_a_filter_on_this_host_is_no_delivery() -> None:
    bounced = BOUNCED["postfix"].format(text="550 no")
    came = "Nov 26 00:40:00 hub postfix/qmgr[1]: CCCC: from=<root@web.example>, size=1, nrcpt=1"
    hop = SENT.format(relay="127.0.0.1[127.0.0.1]", text="250 2.0.0 Ok: queued as CCCC")
    assert _followed("postfix", bounced, came, hop).troubles
    elsewhere = SENT.format(relay="127.0.0.1[127.0.0.1]", text="250 2.0.0 Ok: queued as DDDD")
    assert not _followed("postfix", bounced, came, elsewhere).troubles
    out = SENT.format(relay="mx[192.0.2.1]", text="250 2.0.0 Ok: queued as CCCC")
    assert not _followed("postfix", bounced, came, out).troubles


def test_discarded_is_not_sent() -> None:
    line = SENT.format(relay="none", text="bob@far.example").replace("relay=none:25", "relay=none")
    assert not _followed("postfix", line).troubles
    assert _followed("postfix", line.replace("/smtp[", "/discard[")).troubles


def test_given_up_and_taken_out_of_the_queue() -> None:
    waits = DEFERRED["postfix"].format(text="451 later")
    expired = (
        "Nov 26 00:50:00 hub postfix/qmgr[1]: 9674314F: from=<root@box.test>, status=expired, "
        "returned to sender"
    )
    removed = "Nov 26 00:50:00 hub postfix/qmgr[1]: 9674314F: removed"
    follow = _followed("postfix", waits, expired, removed)
    assert follow.troubles["bob@far.example"].bounced
    assert not _followed("postfix", waits, removed).troubles
    assert not _followed(
        "postfix", waits, "Nov 26 00:50:00 h postfix/postsuper[1]: Deleted: 1 message"
    ).troubles
    gone = "2026-11-26 00:40:00 1xWM3N-00004m-32 Completed"
    assert not _followed("exim", DEFERRED["exim"].format(text="x"), gone).troubles
    assert _followed("exim", BOUNCED["exim"].format(text="x"), gone).troubles


def test_old_lines_have_no_year_and_none_is_of_the_future() -> None:
    def at(line: str) -> datetime:
        return events("postfix", line, NOW, ZoneInfo("Europe/Berlin"))[0].at

    line = "{} hub postfix/qmgr[1]: 9674314F: removed"
    assert at(line.format("Nov 26 01:59:00")) == datetime(2026, 11, 26, 0, 59, tzinfo=UTC)
    assert at(line.format("Dec 31 23:00:00")) == datetime(2025, 12, 31, 22, tzinfo=UTC)
    assert at(line.format("Nov 26 04:00:00")) == NOW
    assert at(line.format("Feb 29 04:00:00")) == NOW  # there was none this year or last
    assert at(line.format("2026-11-26T00:00:00.123456+00:00")).minute == 0


@given(st.text(max_size=200))
def test_any_line_is_read(text: str) -> None:
    for server in SERVERS:
        for line in (text, f"Nov 26 00:29:53 hub x/y[1]: {text}"):
            assert all(isinstance(event, MailEvent) for event in events(server, line, NOW, ZONE))


def test_who_is_not_asked_for_any_more_is_forgotten() -> None:
    trouble = Undelivered(True, NOW, "AAAA", "no", NOW)
    old = Fates(NOW, {}, {"bob@far.example": trouble, "carol@far.example": trouble}, ("box.test",))
    assert set(_followed("postfix", old=old).troubles) == {"bob@far.example"}
    assert old.failing() == {"bob@far.example", "carol@far.example"}


def test_what_is_kept_comes_back_and_rubbish_is_nothing() -> None:
    trouble = Undelivered(False, NOW - timedelta(minutes=59), "AAAA", "\x1b é \udcff", NOW)
    old = Fates(
        NOW,
        {"/var/log/mail.log": LogPosition(12, 3, "ab", NOW)},
        {"bob@x": trouble},
        ("a.example",),
    )
    assert parse(old.dump()) == old
    assert old.failing() == frozenset()
    for data in (None, b"", b"[]", b"{}", b'{"at": "2026-11-26"}', old.dump()[:-3]):
        assert parse(data) is None


def test_the_note_of_an_older_version_is_read() -> None:
    data = f'{{"at": "{NOW.isoformat()}", "marks": {{"/x": [12, 3, "ab"]}}, "troubles": {{}}, '
    assert parse(f'{data}"senders": []}}'.encode()) == Fates(
        NOW, {"/x": LogPosition(12, 3, "ab", NOW)}
    )


def test_the_domains_that_mail_came_from() -> None:
    came = (
        "Nov 26 00:29:50 hub postfix/qmgr[1]: 9674314F: from=<root@Web1.example>, size=1, nrcpt=1"
    )
    follow = _followed("postfix", came, BOUNCED["postfix"].format(text="550 no"))
    assert list(follow.senders) == ["web1.example"]
    assert Fate.BEGUN in {event.fate for event in events("postfix", came, NOW, ZONE)}
