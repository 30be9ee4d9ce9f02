"""Presets for this host: mail that waits, open ports, set-uid files, the kernel's taints."""

from __future__ import annotations

from rotation.checkers.model import Options
from rotation.checkers.render import render
from tests.checkers.presets.scratch import preset, script
from tests.checkers.presets.told import EXIM, GOOD, POSTFIX, bad, failed, subject, told


def test_mail_queue_of_postfix() -> None:
    found = told(
        f"""
        check down mail-queue
        {POSTFIX}
        check good mail-queue
        for number in 1 2 3; do echo body | /usr/sbin/sendmail.postfix someone@example.com; done
        until postqueue -p | grep -q ' in 3 Requests'; do sleep 0.1; done
        check few mail-queue
        check many strict
        postsuper -h ALL 2>/dev/null
        # as if they had come two days ago
        python3 - <<'END'
import pathlib
import re
import time

old = str(int(time.time()) - 2 * 86400).encode()
for file in pathlib.Path("/var/spool/postfix/hold").rglob("*"):
    if file.is_file():
        # a record of the type T: its length, seconds, microseconds
        record = rb"(T.)[0-9]{{10}}( [0-9]+)"
        data = re.sub(record, rb"\\g<1>" + old + rb"\\2", file.read_bytes(), count=1)
        file.write_bytes(data)
END
        check old mail-queue
        """,
        "mail-queue",
        strict=script("mail-queue", LIMIT="3"),
    )
    assert found["down"].failed
    assert found["good"] == found["few"] == GOOD
    assert found["many"] == bad("queue: at least 3 messages wait (now 3)")
    assert found["old"] == bad("queue: the oldest message has waited for 48 hours")


def test_mail_queue_of_exim() -> None:
    found = told(
        f"""
        {EXIM}
        check good mail-queue
        for number in 1 2 3; do
            echo body | exim4 -odq -bm someone@example.com
        done
        check few mail-queue
        check many strict
        old=$(date -d '3 days ago' +%s)
        # as if they had come three days ago: the third line of the header file has the time
        for file in /var/spool/exim4/input/*-H; do
            sed -i "s/^[0-9]\\{{10,\\}} [0-9]*$/$old 0/" "$file"
        done
        check old mail-queue
        mv /etc/exim4/exim4.conf /tmp
        check broken mail-queue
        """,
        "mail-queue",
        strict=script("mail-queue", LIMIT="3"),
    )
    assert found["good"] == found["few"] == GOOD
    assert found["many"] == bad("queue: at least 3 messages wait (now 3)")
    assert found["old"] == bad("queue: the oldest message has waited for 72 hours")
    assert found["broken"].failed


def test_open_ports() -> None:
    found = told(
        """
        serve() {
            python3 -m http.server "$2" --bind "$1" >/dev/null 2>&1 &
            while [ -z "$(ss -Hltn sport = "$2")" ]; do sleep 0.1; done
        }
        serve 127.0.0.1 8001
        check missing open-ports
        check maybe maybe
        serve 0.0.0.0 8000
        check good open-ports
        serve :: 8002
        check bad open-ports
        """,
        boot=False,
        patience=5400,
        **{"open-ports": script("open-ports", ALLOWED="tcp/8000")},
        maybe=script("open-ports", ALLOWED="tcp/8000?"),
    )
    assert found["missing"] == bad("tcp/8000: nothing listens")
    assert found["maybe"] == found["good"] == GOOD
    (line,) = found["bad"].lines
    assert line in (
        "tcp/8002: open at [::] (python3), and not allowed",
        "tcp/8002: open at * (python3), and not allowed",
    )


def test_suid_files() -> None:
    found = told(
        """
        mailed first suid-files
        mailed same suid-files
        cp /bin/true /usr/local/bin/evil
        chmod 4755 /usr/local/bin/evil
        mailed came suid-files
        echo >>/usr/local/bin/evil
        mailed changed suid-files
        chmod 755 /usr/local/bin/evil
        mailed went suid-files
        mkdir '/srv/a b'
        cp /bin/true '/srv/a b/c d'
        chmod 2755 '/srv/a b/c d'
        check blanks suid-files
        check nowhere nowhere
        """,
        "suid-files",
        nowhere=script("suid-files", PLACES="/none"),
    )
    assert (subject(found["first"]) or "").startswith("first look, ")
    assert any("/usr/bin/passwd: 4755 0:0, sum " in line for line in found["first"].lines)
    assert subject(found["same"]) is None
    assert (subject(found["came"]) or "").startswith("/usr/local/bin/evil: 4755 0:0, sum ")
    changed = subject(found["changed"]) or ""
    assert changed.startswith("/usr/local/bin/evil: 4755 0:0, sum ")
    assert "1 gone" in changed
    assert (subject(found["went"]) or "").startswith("gone: /usr/local/bin/evil: 4755")
    assert any(line.startswith("/srv/a b/c d: 2755 0:0, sum ") for line in found["blanks"].lines)
    failed(found["nowhere"], "none of these folders is there: /none")


def test_kernel_taint() -> None:
    found = told(
        """
        taint() {
            echo "$1" >/tmp/tainted
            mount --bind /tmp/tainted /proc/sys/kernel/tainted
        }
        taint 0
        check good kernel-taint
        taint 4736 # 2^7 + 2^9 + 2^12
        check bad kernel-taint
        check expected expected
        mailed died kernel-taint
        taint 0
        mailed settled kernel-taint
        taint 1073741824
        check unknown kernel-taint
        taint fatal
        check garbage kernel-taint
        taint ''
        check empty kernel-taint
        mount -t tmpfs none /proc/sys/kernel
        check absent kernel-taint
        """,
        "kernel-taint",
        expected=script("kernel-taint", EXPECTED="DOW"),
    )
    assert found["good"] == found["expected"] == GOOD
    assert found["bad"] == bad(
        "D: the kernel has died or said BUG",
        "W: the kernel has warned",
        "O: a module from outside the kernel was loaded",
    )
    assert subject(found["died"]) == "D: the kernel has died or said BUG (1 of 3 new kernel taints)"
    assert (subject(found["settled"]) or "").startswith("cleared: D: the kernel has died")
    failed(found["unknown"], "bits above 19 mean nothing here")
    for label in ("garbage", "empty", "absent"):
        failed(found[label], "/proc/sys/kernel/tainted holds no number")


def test_a_dead_mans_switch_by_each_program(suite: str) -> None:
    options = Options(
        state="/var/lib/rotation/checkers", heartbeat_to="http://127.0.0.1:8000/ping/abc?x=1"
    )
    found = told(
        """
        mkdir -p /srv/web/ping
        echo fine >/srv/web/ping/abc
        python3 -m http.server 8000 --bind 127.0.0.1 --directory /srv/web >/dev/null 2>/tmp/asked &
        while [ -z "$(ss -Hltn sport = 8000)" ]; do sleep 0.1; done
        heard() { # what the server was asked for
            mailed "$1" disk-space
            grep -c 'GET /ping/abc?x=1 ' /tmp/asked >>"/box/told/$1.out"
            sed -n 's/^switch //p' /var/lib/rotation/checkers/disk-space/last >>"/box/told/$1.out"
            : >/tmp/asked
        }
        mount -t tmpfs none /usr/local/sbin # no stand-ins
        heard curl
        rm /usr/bin/curl
        heard wget
        rm /usr/bin/wget
        ln -s "$(command -v busybox)" /usr/bin/wget
        heard busybox
        rm /usr/bin/wget
        heard nothing
        """,
        **{"disk-space": render(preset("disk-space"), options)},
        boot=False,
        patience=5400,
    )
    # busybox 1.35 dies of its own wget
    for label in ("curl", "wget") if suite == "bookworm" else ("curl", "wget", "busybox"):
        assert found[label].lines == ["1", "yes"], (label, found[label])
    assert found["nothing"].lines == ["0", "no"]
