"""Presets that look for intruders, with the real tools of Debian in good and in bad states."""

from __future__ import annotations

from tests.checkers.presets.scratch import (
    script,
)
from tests.checkers.presets.told import AIDE, GOOD, failed, subject, told


def test_lynis() -> None:
    # the tool's own way to leave out what does not hold in a container; one group is enough here
    found = told(
        """
        awk -F: '!/^#/ && $1 !~ /^AUTH-92/ { print "skip-test=" $1 }' \
            /usr/share/lynis/db/tests.db >/etc/lynis/custom.prf
        check good lynis
        echo 'toor::0:0::/root:/bin/sh' >>/etc/passwd
        check bad lynis
        rm /usr/share/lynis/include/functions
        check broken lynis
        """,
        "lynis",
    )
    assert found["good"] == GOOD
    assert "AUTH-9204: Multiple users with UID 0 found in passwd file" in found["bad"].lines
    assert "AUTH-9283: Found accounts without password" in found["bad"].lines
    failed(found["broken"], "the audit did not come to its end")


def test_debsums() -> None:
    found = told(
        """
        check good debsums
        echo changed >>/usr/bin/lsof
        rm /usr/share/man/man8/lsof.8.gz
        check bad debsums
        rm /usr/bin/dpkg-query
        check broken debsums
        """,
        "debsums",
    )
    assert found["good"] == GOOD
    assert sorted(found["bad"].lines) == [
        "changed file /usr/bin/lsof",
        "missing file /usr/share/man/man8/lsof.8.gz (from lsof package)",
    ]
    failed(found["broken"], "could not look at the packages", "dpkg-query")


def test_rkhunter() -> None:
    # three of its tests: all of them take a minute a run, and some see that this is a container
    found = told(
        """
        sed -i 's/^ENABLE_TESTS=.*/ENABLE_TESTS=hashes passwd_changes group_changes/' \
            /etc/rkhunter.conf
        cp /etc/passwd /etc/group /var/lib/rkhunter/tmp/
        rkhunter --propupd --nocolors >/dev/null
        check good rkhunter
        echo 'toor:x:0:0::/root:/bin/sh' >>/etc/passwd
        echo changed >>/usr/bin/lsof
        check bad rkhunter
        # by hand takes nothing away; the change of users is told once, the rest stays wrong
        mailed first rkhunter
        mailed next rkhunter
        echo 'SCRIPTWHITELIST=/nonexistent' >>/etc/rkhunter.conf
        check broken rkhunter
        """,
        "rkhunter",
        patience=5400,
    )
    assert found["good"] == GOOD
    changed, *users = found["bad"].lines
    assert changed.startswith("Warning: The file properties have changed: File: /usr/bin/lsof ")
    assert users == [
        "Warning: Account 'toor' is root equivalent (UID = 0)",
        "Warning: User 'toor' has been added to the passwd file.",
    ]
    # by hand took nothing away: the mail has all of it; the next run does not call a user settled
    text = "\n".join(found["first"].lines)
    for warning in found["bad"].lines:
        assert f"+ {warning[:60]}" in text
    assert subject(found["next"]) is None
    failed(found["broken"], "Non-existent pathname")


def test_chkrootkit(suite: str) -> None:
    found = told(
        """
        check first chkrootkit
        mkdir /usr/lib/.evil
        check bad chkrootkit
        # a program with what chkrootkit knows of an infected one
        printf '#!/bin/sh\\n# /lib/volc\\n' >/usr/bin/vdir
        chmod 755 /usr/bin/vdir
        mailed infected chkrootkit
        mailed again chkrootkit
        rm /usr/bin/ps
        check broken chkrootkit
        """,
        "chkrootkit",
        patience=5400,
    )
    # 0.58 adds whose it is, and goes on about file systems that it does not know
    came = set(found["bad"].lines) - set(found["first"].lines)
    assert any(line.startswith("/usr/lib/.evil") for line in came), came
    if suite == "bookworm":
        heading = "WARNING: The following suspicious files and directories were found:"
        # which may stand over something else already
        assert came - {heading} == {"/usr/lib/.evil"}
        assert not set(found["first"].lines) - set(found["bad"].lines)
    # what is infected is no base line: told on the first run, and as long as it is so
    assert (subject(found["infected"]) or "").startswith("Checking `vdir': INFECTED (first look, ")
    assert subject(found["again"]) is None
    failed(found["broken"], "can't find `ps'")


def test_aide() -> None:
    found = told(
        f"""
        {AIDE}
        check never aide
        aide --config /tmp/aide.conf --init >/dev/null
        check good aide
        echo more >>/srv/files/one
        rm /srv/files/two
        echo new >'/srv/files/a new one'
        chmod 600 /srv/files/three
        check bad aide
        check unset unset
        """,
        aide=script("aide", CONFIG="/tmp/aide.conf"),
        unset=script("aide", CONFIG="/nonexistent"),
    )
    failed(found["never"], "/tmp/aide.db", "aide ended with status 18")
    assert found["good"] == GOOD
    assert found["bad"].lines == [
        "added /srv/files/a new one",
        "removed /srv/files/two",
        "changed /srv/files/one (f H)",
        "changed /srv/files/three (f p)",
        "exit status 7",
    ]
    failed(found["unset"], "/nonexistent")
