"""Rarer states: counts that differ, a certificate near its end, mounts that are dead or gone."""

from __future__ import annotations

from tests.checkers.presets.scratch import script
from tests.checkers.presets.told import AIDE, BTRFS, GOOD, bad, failed, subject, told


def test_aide_counts() -> None:
    found = told(
        f"""
        {AIDE}
        aide --config /tmp/aide.conf --init >/dev/null
        rm /srv/files/two
        # the real report, but for one number of its summary
        mv /usr/bin/aide /tmp/aide
        printf '#!/bin/sh\\n/tmp/aide "$@" | sed "/Removed entries:.*[0-9]/s/1$/2/"\\nexit 2\\n' \\
            >/usr/bin/aide
        chmod 755 /usr/bin/aide
        check miscounted aide
        """,
        aide=script("aide", CONFIG="/tmp/aide.conf"),
    )
    failed(found["miscounted"], "aide lists other differences than it counts")


def test_certificates_at_their_end() -> None:
    found = told(
        """
        mkdir /etc/ssl/own
        ends() { # seconds from now
            cat >/tmp/ca.conf <<END
[ca]
default_ca = own
[own]
dir = /tmp/ca
database = /tmp/ca/index
new_certs_dir = /tmp/ca
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
END
            rm -rf /tmp/ca
            mkdir /tmp/ca
            : >/tmp/ca/index
            openssl req -newkey rsa:2048 -nodes -keyout /tmp/key -out /tmp/request \\
                -subj /CN=own.test 2>/dev/null
            openssl ca -batch -config /tmp/ca.conf -selfsign -keyfile /tmp/key -in /tmp/request \\
                -notext -startdate 20200101000000Z -out /etc/ssl/own/own.pem \\
                -enddate "$(date -u -d "@$(($(date +%s) + $1))" +%Y%m%d%H%M%SZ)" 2>/tmp/ca.log ||
                cat /tmp/ca.log >&2
        }
        for seconds in 8640000 1036800 432000 86400 -86400; do
            ends "$seconds"
            mailed "after$seconds" certificates
            sed -n 's/^Subject: //p' "/box/told/after$seconds.out" >>/box/told/steps.out
        done
        : >/box/told/steps.err
        echo 0 >/box/told/steps
        """,
        certificates=script("certificates", FILES="/etc/ssl/own/own.pem"),
    )
    subjects = found["steps"].lines
    about = "[box.test] certificates: /etc/ssl/own/own.pem: certificate 1 (CN=own.test)"
    words = ("ends ", "ends within 7 days, ", "ends within 2 days, ", "ended ")
    assert len(subjects) == len(words)
    for line, word in zip(subjects, words, strict=True):
        assert line.startswith(f"{about} {word}"), line
        # each is worse than the one before, which is not settled by it
        assert "settled" not in line


def test_a_file_system_that_does_not_answer() -> None:
    found = told(
        """
        mknod /dev/fuse c 10 229
        mkdir '/dead disk'
        # a FUSE mount whose server is gone
        python3 - <<'END'
import ctypes
import os

fuse = os.open("/dev/fuse", os.O_RDWR)
options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fuse
libc = ctypes.CDLL(None, use_errno=True)
assert libc.mount(b"dead", b"/dead disk", b"fuse", 0, options) == 0, ctypes.get_errno()
END
        check dead disk-space
        check inodes inodes
        mailed told disk-space
        umount '/dead disk'
        mailed gone disk-space
        """,
        *("disk-space", "inodes"),
    )
    dead = "/dead disk: df cannot read it: Transport endpoint is not connected"
    assert found["dead"] == found["inodes"] == bad(dead)
    assert subject(found["told"]) == dead
    assert subject(found["gone"]) == f"gone, not mended: {dead}"


def test_two_of_btrfs() -> None:
    found = told(
        f"""
        {BTRFS}
        truncate -s 200M /tmp/second
        mkfs.btrfs -q /tmp/second >/dev/null 2>&1
        mkdir /other
        mount -o loop /tmp/second /other
        btrfs scrub start -B /fs >/dev/null 2>&1
        btrfs scrub start -B /other >/dev/null 2>&1
        mailed good btrfs
        umount /other
        mailed gone btrfs
        umount /fs
        """,
        "btrfs",
    )
    assert subject(found["good"]) is None
    assert subject(found["gone"]) == "gone, not mended: /other: was there last time"
    assert found["good"] == GOOD
