"""Presets that look for intruders, with the real tools of Debian in good and in bad states."""

from __future__ import annotations

from tests.checkers.presets.scratch import (
    script,
)
from tests.checkers.presets.told import GOOD, failed, told

AIDE = """
cat >/tmp/aide.conf <<END
database_in=file:/tmp/aide.db
database_out=file:/tmp/aide.db
/srv p+sha256
END
mkdir /srv/files
echo one >/srv/files/one
echo two >/srv/files/two
echo three >/srv/files/three
"""


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
        echo 'SCRIPTWHITELIST=/nonexistent' >>/etc/rkhunter.conf
        check broken rkhunter
        """,
        "rkhunter",
    )
    assert found["good"] == GOOD
    changed, *users = found["bad"].lines
    assert changed.startswith("Warning: The file properties have changed: File: /usr/bin/lsof ")
    assert users == [
        "Warning: Account 'toor' is root equivalent (UID = 0)",
        "Warning: User 'toor' has been added to the passwd file.",
    ]
    failed(found["broken"], "Non-existent pathname")


def test_chkrootkit() -> None:
    found = told(
        """
        check first chkrootkit
        mkdir /usr/lib/.evil
        check bad chkrootkit
        rm /usr/bin/ps
        check broken chkrootkit
        """,
        "chkrootkit",
    )
    assert set(found["bad"].lines) - set(found["first"].lines) == {
        "WARNING: The following suspicious files and directories were found:",
        "/usr/lib/.evil",
    }
    assert not set(found["first"].lines) - set(found["bad"].lines)
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
