"""Whatever stands in a log, the look at it goes on, and what can be read of a line is told."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.watch.delivery.fates import Fates, Follow, parse
from rotation.watch.delivery.formats import Fate, events
from rotation.watch.delivery.look import tell

NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)
ZONES = [ZoneInfo("Etc/UTC"), ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago")]
ADDRESS = "alice@example.com"
LINES = {
    "postfix": "{syslog} hub postfix/smtp[1]: A1: to=<alice@example.com>, relay=x, delay={delay}, "
    "delays={delay}, dsn={number}, status={fate} ({text})",
    "sendmail": "{syslog} hub sendmail[1]: A1: to=<alice@example.com>, delay={delay}, "
    "xdelay={delay}, mailer=esmtp, pri={number}, dsn=5.0.{number}, stat={text}",
    "opensmtpd": "{syslog} hub smtpd[1]: 1 mta delivery evpid=a1 from=<> to=<alice@example.com> "
    'rcpt=<-> delay={delay} result="PermFail" stat="{text}"',
    "exim": "{exim} {id} {how} alice@example.com R=r T=t defer ({number}): {text}",
}
SOUND = {
    "syslog": "Nov 26 00:29:53",
    "exim": "2026-11-26 00:30:15",
    "delay": "1",
    "number": "1",
    "fate": "bounced",
    "text": "550 no",
    "id": "1xWNNO-00004m-32",
    "how": "**",
}
numbers = st.one_of(
    st.integers(0, 10**40).map(str),
    st.sampled_from(["9" * 5000, "1.2.3", "...", "1+1+00:00:01", "++", ":::", "٣", "0" * 400]),
    st.text("0123456789+:./dhms", min_size=1, max_size=12),
)
old_dates = st.builds(
    "{} {:>2} {:02}:{:02}:{:02}".format,
    st.sampled_from(["Jan", "Feb", "Dec", "Xyz"]),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 99),
)
days = st.one_of(
    st.dates().map(str), st.sampled_from(["0001-01-01", "9999-12-31", "0000-00-00", "2026-99-99"])
)
offsets = st.sampled_from(["Z", "+00:00", "+14:00", "-12:00", "+99:99", "-2359", "+23:59"])
times = st.sampled_from(["00:00:00", "23:59:59", "23:59:60", "99:99:99", "12:00:00.123456"])
dates = old_dates | st.builds("{}T{}{}".format, days, times, offsets)
exim_dates = st.builds("{} {}{}".format, days, times, offsets.map(" {}".format) | st.just(""))
bytes_of_a_log = st.binary(max_size=40).map(
    lambda data: data.replace(b"\n", b"").decode("utf-8", "surrogateescape")
)
ODD = {
    "syslog": dates,
    "exim": exim_dates,
    "delay": numbers,
    "number": numbers,
    "fate": st.sampled_from(["bounced", "deferred", "sent", "expired", "x"]),
    "text": bytes_of_a_log,
    "id": st.from_regex(r"\A[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}\Z"),
    "how": st.sampled_from(["**", "==", "=>", "<=", "Completed"]),
}


@pytest.mark.parametrize("server", sorted(LINES))
@given(data=st.data())
def test_no_line_stops_the_look_and_what_comes_of_it_can_be_said(
    server: str, data: st.DataObject
) -> None:
    odd = {name: data.draw(st.just(SOUND[name]) | strategy) for name, strategy in ODD.items()}
    zone = data.draw(st.sampled_from(ZONES))
    follow = Follow([ADDRESS], frozenset(), None)
    line = LINES[server].format(**odd)
    for event in events(server, line, NOW, zone):
        assert event.at <= NOW
        assert event.began is None or event.began <= event.at
        follow.take(event)
    fates = Fates(NOW, {}, follow.troubles, tuple(follow.senders))
    assert parse(fates.dump()) == fates
    for there in ZONES:
        for problem in tell(fates, {}, there):
            str(problem).encode()


@pytest.mark.parametrize("server", sorted(LINES))
@given(data=st.data())
def test_bytes_in_any_place_of_a_line(server: str, data: st.DataObject) -> None:
    line = LINES[server].format(**SOUND)
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    events(server, line[:start] + data.draw(bytes_of_a_log | numbers) + line[end:], NOW, ZONES[0])


@pytest.mark.parametrize(
    ("server", "delay"),
    [
        ("postfix", "1.2.3"),
        ("postfix", "99999999999999999"),
        ("postfix", "9" * 400),
        ("sendmail", "1+1+00:00:01"),
        ("sendmail", "9" * 5000),
        ("sendmail", "99999999999+00:00:00"),
        ("opensmtpd", "99999999999999999999d"),
        ("opensmtpd", "9" * 5000 + "s"),
        ("opensmtpd", "xyz"),
    ],
)
def test_a_bounce_with_a_delay_that_cannot_be_is_a_bounce(server: str, delay: str) -> None:
    (event,) = events(server, LINES[server].format(**SOUND | {"delay": delay}), NOW, ZONES[0])
    assert (event.fate, event.address) == (Fate.BOUNCED, ADDRESS)
    assert event.began == event.at


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+00:00", "9999-99-99T00:00:00Z"])
def test_a_bounce_at_a_time_that_cannot_be_is_one_of_now(date: str) -> None:
    (event,) = events("postfix", LINES["postfix"].format(**SOUND | {"syslog": date}), NOW, ZONES[0])
    assert (event.fate, event.at) == (Fate.BOUNCED, NOW)


def test_the_leap_day_of_the_year_before() -> None:
    line = LINES["postfix"].format(**SOUND | {"syslog": "Feb 29 12:00:00"})
    (event,) = events("postfix", line, datetime(2025, 1, 1, tzinfo=UTC), ZONES[0])
    assert event.at == datetime(2024, 2, 29, 12, tzinfo=UTC)
