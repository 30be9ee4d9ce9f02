"""Presets for the clock: real chronyd and ntpd, which may not set it, and a server that lies."""

from __future__ import annotations

from tests.checkers.presets.scratch import script
from tests.checkers.presets.told import CHRONY, GOOD, NTP, TIME_SERVER, bad, failed, told


def test_chrony() -> None:
    found = told(
        f"""
        check none chrony
        {TIME_SERVER}
        time_server 11123 127.0.0.1 0.001
        time_server 11124 127.0.0.1 2
        {CHRONY}
        chrony 11123
        check good chrony
        kill "$(cat /run/chronyd.pid)"
        while [ -e /run/chronyd.pid ]; do sleep 0.1; done
        chrony 11124
        check bad chrony
        kill "$(cat /run/chronyd.pid)"
        while [ -e /run/chronyd.pid ]; do sleep 0.1; done
        echo 'server 127.0.0.1 port 11125' >/tmp/chrony.conf
        chronyd -x -u root -f /tmp/chrony.conf
        until chronyc tracking >/dev/null; do sleep 0.1; done
        check deaf chrony
        """,
        "chrony",
    )
    failed(found["none"], "chronyc tracking ended with status 1: 506 Cannot talk to daemon")
    assert found["good"] == GOOD
    (line,) = found["bad"].lines
    assert line.startswith("clock: off by more than 100 ms (now ")
    assert found["deaf"] == bad("clock: not synchronised", "source 127.0.0.1: cannot be reached")


def test_ntp() -> None:
    found = told(
        f"""
        check absent ntp
        {TIME_SERVER}
        {NTP}
        check none ntp
        ntp
        well
        check good ntp
        check bad strict
        kill $daemon
        wait $daemon
        sed -i 's/192.0.2.1/192.0.2.2/' /tmp/ntp.conf
        ntp
        check deaf ntp
        """,
        patience=5400,
        ntp=script("ntp", OFFSET="500"),
        strict=script("ntp", OFFSET="50"),
    )
    failed(found["absent"], "ntpq not found")
    failed(found["none"], "probably ntpd is not running")
    assert found["good"] == GOOD
    (line,) = found["bad"].lines
    assert line.startswith("clock: off by more than 50 ms (now ")
    assert found["deaf"] == bad("clock: not synchronised", "server 192.0.2.2: cannot be reached")
