"""Presets that read logs, with the real tools of Debian in good and in bad states."""

from __future__ import annotations

import re

from tests.checkers.presets.told import GOOD, LOGS, failed, subject, told


def test_logcheck() -> None:
    found = told(
        f"""
        {LOGS}
        check good logcheck
        echo 'Nov 24 11:00:00 box foo[12]: something odd' >>/var/log/syslog
        echo 'Nov 24 11:00:01 box sudo: pam_unix(sudo:auth): authentication failure' \
            >>/var/log/auth.log
        check bad logcheck
        check again logcheck
        mailed told logcheck
        mailed nothing logcheck
        seq -f 'Nov 24 11:00:00 box foo[12]: odd thing number %.0f' 1000 >>/var/log/syslog
        mailed many logcheck
        mv /usr/sbin/logcheck /tmp/logcheck
        printf '#!/bin/sh\\nexit 0\\n' >/usr/sbin/logcheck
        chmod 755 /usr/sbin/logcheck
        echo 'Nov 24 11:00:02 box foo[12]: unread' >>/var/log/syslog
        check deaf logcheck
        mv /tmp/logcheck /usr/sbin/logcheck
        echo 'Nov 24 11:00:02 box foo[12]: unseen' >>/var/log/syslog
        chmod 600 /var/log/syslog
        check broken logcheck
        """,
        "logcheck",
    )
    assert found["good"] == GOOD
    assert found["bad"].lines == [
        "Nov 24 11:00:01 box sudo: pam_unix(sudo:auth): authentication failure",
        "Nov 24 11:00:00 box foo[12]: something odd",
    ]
    # to look by hand takes nothing away
    assert found["again"] == found["bad"]
    first = "Nov 24 11:00:01 box sudo: pam_unix(sudo:auth): authentication failure"
    assert subject(found["told"]) == f"{first} (1 of 2 new log lines)"
    assert subject(found["nothing"]) is None
    # and each line is in the mail
    assert sum("odd thing number" in line for line in found["many"].lines) == 1001
    failed(found["deaf"], "logcheck has not read /var/log/syslog to its end")
    failed(found["broken"], "Could not run logtail")


def test_logcheck_and_the_journal() -> None:
    found = told(
        f"""
        {LOGS}
        usermod -aG systemd-journal logcheck
        systemctl start systemd-journald.service
        chgrp -R systemd-journal /run/log/journal
        chmod -R g+rX /run/log/journal
        check first logcheck
        echo 'something odd' | systemd-cat -t foo
        journalctl --sync
        # it asks for what came since its last run, in whole seconds
        touch -d '5 seconds ago' /var/lib/logcheck/offset.journal
        check bad logcheck
        """,
        "logcheck",
        boot=True,
    )
    first, (line,) = (
        [line for line in found[label].lines if " systemd-journald[" not in line]
        for label in ("first", "bad")
    )
    assert first == []
    assert re.fullmatch(r".* box.test foo\[[0-9]+\]: something odd", line)


def test_logwatch() -> None:
    found = told(
        f"""
        {LOGS}
        check empty logwatch
        when=$(date -d yesterday '+%b %e')
        echo "$when 11:00:00 box sshd[12]: Failed password for root from 192.0.2.7 port 22 ssh2" \
            >>/var/log/auth.log
        check digest logwatch
        mailed mail logwatch
        mv /usr/share/logwatch/lib /tmp
        check broken logwatch
        """,
        "logwatch",
    )
    assert "192.0.2.7" in "\n".join(found["digest"].lines)
    assert "192.0.2.7" not in "\n".join(found["empty"].lines)
    assert subject(found["mail"]) == "digest"
    for line in found["digest"].lines:
        assert "192.0.2.7" not in line or f"  {line}" in found["mail"].lines
    failed(found["broken"], "Logwatch.pm")
