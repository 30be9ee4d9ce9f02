"""Presets that read the journal: a real journald, and what real programs write to it."""

from __future__ import annotations

from tests.checkers.presets.scratch import script
from tests.checkers.presets.told import GOOD, JOURNAL, failed, subject, told

# ssh asks a program for the password where it has no terminal
LOGINS = """
printf '#!/bin/sh\\nexec cat /tmp/password\\n' >/tmp/ask
chmod 755 /tmp/ask
mkdir -p /run/sshd
ssh-keygen -A >/dev/null
useradd -m eve
printf 'root:secret\\neve:secret\\n' | chpasswd
printf 'PermitRootLogin yes\\nPasswordAuthentication yes\\n' >>/etc/ssh/sshd_config
! /usr/sbin/sshd -T | grep -q persourcepenalties ||
    echo 'PerSourcePenalties no' >>/etc/ssh/sshd_config
sed -i '/pam_unix.so/s/$/ nodelay/' /etc/pam.d/common-auth
/usr/sbin/sshd
export SSH_ASKPASS=/tmp/ask SSH_ASKPASS_REQUIRE=force
login() { # user, password
    echo "$2" >/tmp/password
    ssh -o StrictHostKeyChecking=no -o NumberOfPasswordPrompts=1 \\
        -o PreferredAuthentications=password "$1@127.0.0.1" true >/dev/null 2>&1
}
keyless() { # user
    ssh -o BatchMode=yes -o StrictHostKeyChecking=no "$1@127.0.0.1" true >/dev/null 2>&1
}
"""


def test_failed_logins(suite: str) -> None:
    found = told(
        f"""
        check down failed-logins
        {JOURNAL}
        check good failed-logins
        {LOGINS}
        login root secret
        keyless root
        keyless root
        check few failed-logins
        login root wrong
        login stranger wrong
        keyless stranger
        login eve wrong
        login eve secret
        # as somebody at this host
        printf 'wrong\\n' | setpriv --reuid=eve --regid=eve --clear-groups su root 2>/dev/null
        check bad failed-logins
        mailed told failed-logins
        mailed nothing failed-logins
        login eve wrong
        login eve wrong
        login eve wrong
        login eve secret
        check broken-in failed-logins
        journalctl --no-pager -o cat --output-fields=MESSAGE,SYSLOG_IDENTIFIER \\
            SYSLOG_FACILITY=4 -o short >/box/told/raw.out
        : >/box/told/raw.err
        echo 0 >/box/told/raw
        """,
        boot=True,
        patience=5400,
        **{"failed-logins": script("failed-logins", LIMIT="3", STRANGERS="2")},
    )
    failed(found["down"], "systemd-cat ended with status 1")
    assert found["good"] == GOOD
    assert found["few"] == GOOD
    assert found["bad"].lines == [
        "127.0.0.1: 2 failed logins with names that do not exist",
        "root: 4 failed logins by sshd, su from 127.0.0.1 and 1 more",
    ]
    assert "root: 4 failed logins by" in (subject(found["told"]) or "") + "".join(
        found["told"].lines
    )
    # told once; and to look by hand has taken nothing away
    assert subject(found["nothing"]) is None
    assert found["broken-in"].lines == [
        "eve: 3 failed logins by sshd from 127.0.0.1",
        "eve: logged in from 127.0.0.1 after 3 failed tries",
    ]
    # Debian 13 has another name for it
    raw = "\n".join(found["raw"].lines)
    assert ("sshd-session[" in raw) == (suite == "trixie")


def test_journal_errors() -> None:
    found = told(
        f"""
        {JOURNAL}
        mailed empty journal-errors
        for number in 1 2 3; do
            logger -p user.err -t foo "cannot read sector $number of \\"sda$number\\" at 10.$number"
        done
        logger -p user.notice -t foo 'all is well'
        check looked journal-errors
        mailed base journal-errors
        logger -p user.err -t foo 'cannot read sector 9 of "sdb" at 10.0.0.9'
        mailed known journal-errors
        logger -p user.crit -t bar 'really bad'
        logger -p user.err -t foo 'cannot write sector 9 of "sdb" at 10.0.0.9'
        mailed other journal-errors
        logger -p user.err -t baz 'is told with the next'
        printf '#!/bin/sh\\nexit 75\\n' >/usr/sbin/sendmail
        /bin/sh /box/checks/journal-errors 2>/dev/null
        mailed later journal-errors
        mailed silent journal-errors
        systemctl kill -s KILL systemd-journald.service systemd-journald.socket \\
            systemd-journald-dev-log.socket 2>/dev/null
        systemctl stop systemd-journald.socket systemd-journald-dev-log.socket \\
            systemd-journald.service 2>/dev/null
        check dead journal-errors
        """,
        boot=True,
        patience=5400,
        **{"journal-errors": script("journal-errors")},
    )
    assert subject(found["empty"]) is None
    assert found["looked"].lines == ['foo: cannot read sector 1 of "sda1" at 10.1 (3 times)']
    assert subject(found["base"]) == ('foo: cannot read sector 1 of "sda1" at 10.1 (3 times)')
    assert subject(found["known"]) is None
    assert subject(found["other"]) == "bar: really bad (1 of 2 new errors)"
    assert subject(found["later"]) == "baz: is told with the next"
    assert subject(found["silent"]) is None
    assert found["dead"].failed


def test_a_base_line() -> None:
    found = told(
        f"""
        {JOURNAL}
        logger -p user.err -t foo 'cannot read sector 1'
        mailed base journal-errors
        """,
        "journal-errors",
        boot=True,
    )
    line = "base line, from now on only other kinds are told: 1 in the last 7 days"
    assert subject(found["base"]) == f"{line} (1 of 2 new errors)"


def test_oom_kills() -> None:
    found = told(
        f"""
        mknod /dev/kmsg c 1 11 # with what the kernel of this host has said till now
        {JOURNAL}
        mailed before oom-kills
        check good oom-kills
        # a process that wants more than its cgroup may have: the kernel kills it, really
        mkdir /tmp/memory
        mount -t cgroup -o memory cgroup /tmp/memory && mkdir /tmp/memory/small || exit 71
        echo 20000000 >/tmp/memory/small/memory.limit_in_bytes
        sh -c 'echo $$ >/tmp/memory/small/cgroup.procs
            exec python3 -c "b = bytearray(100000000)"' 2>/dev/null
        rmdir /tmp/memory/small
        until [ -s /box/told/bad.out ]; do check bad oom-kills; done
        check bad oom-kills
        mailed told oom-kills
        mailed nothing oom-kills
        """,
        "oom-kills",
        boot=True,
    )
    assert found["good"] == GOOD
    (line,) = found["bad"].lines
    assert line.startswith("python3: killed for want of memory, process ")
    assert line.endswith(", by the limit of its cgroup")
    assert subject(found["told"]) == line
    assert subject(found["nothing"]) is None
