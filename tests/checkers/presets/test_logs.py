"""Presets that read logs, with the real tools of Debian in good and in bad states."""

from __future__ import annotations

import re

from tests.checkers.presets.told import GOOD, failed, told

LOGS = """
touch /var/log/syslog /var/log/auth.log
chgrp adm /var/log/syslog /var/log/auth.log
chmod 640 /var/log/syslog /var/log/auth.log
"""


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
    assert found["again"] == GOOD
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
        mv /usr/share/logwatch/lib /tmp
        check broken logwatch
        """,
        "logwatch",
    )
    assert "192.0.2.7" in "\n".join(found["digest"].lines)
    assert "192.0.2.7" not in "\n".join(found["empty"].lines)
    failed(found["broken"], "Logwatch.pm")
