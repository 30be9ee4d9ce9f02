"""What was wrong and can no longer be looked at is gone; only what is looked at can be settled."""

from __future__ import annotations

from tests.checkers.presets.scratch import Told, script
from tests.checkers.presets.told import GOOD, bad, failed, subject, told

NOTHING = "Nothing is wrong any more."


def gone(found: Told, what: str) -> None:
    assert (subject(found) or "").startswith(f"gone, not mended: {what}"), found.lines
    assert NOTHING not in found.lines


def test_a_disk_that_falls_off_the_bus() -> None:
    found = told(
        """
        build disk
        # smartctl --scan looks for devices: the list is a file here, the disks are asked for real
        mv /usr/sbin/smartctl /tmp/smartctl
        cat >/usr/sbin/smartctl <<'END'
#!/bin/sh
[ "$1" != --scan ] || exec cat /tmp/scan
export LD_PRELOAD=/tmp/disk.so
exec /tmp/smartctl "$@"
END
        chmod 755 /usr/sbin/smartctl
        echo well >/dev/sda
        echo '/dev/sda -d ata # /dev/sda, ATA device' >/tmp/scan
        mailed good smartctl
        echo '/dev/sda -d sat # the same disk in another way' >>/tmp/scan
        echo failing >/dev/sda
        mailed failing smartctl
        sed -i 1d /tmp/scan
        mailed gone smartctl
        : >/tmp/scan
        mailed none smartctl
        """,
        "smartctl",
    )
    assert subject(found["good"]) is None
    assert (subject(found["failing"]) or "").startswith("/dev/sda -d ata: FAILING, says the disk")
    gone(found["gone"], "/dev/sda -d ata: FAILING, says the disk itself")
    assert (subject(found["none"]) or "").startswith(
        "checker failed: smartctl --scan finds no disk"
    )


def test_an_array_that_is_stopped() -> None:
    found = told(
        """
        build array
        mknod /dev/md0 b 9 0
        mknod /dev/sda1 b 8 1
        mknod /dev/sdb1 b 8 17
        mkdir -p /sys/dev/block/8:1 /sys/dev/block/8:17
        ln -s ../../devices/virtual/block/md0 /sys/dev/block/9:0
        umount /proc
        echo 'md0 : active raid1 sdb1[1] sda1[0]' >/proc/mdstat
        echo 'ARRAY /dev/md/7 metadata=1.2 UUID=3aaa0122:29827cfa:5331ad66:ca767371 name=box:7' \\
            >>/etc/mdadm/mdadm.conf
        echo 'active removed' >/run/md0
        mailed degraded mdadm LD_PRELOAD=/tmp/array.so
        rm /proc/mdstat
        mailed gone mdadm
        """,
        "mdadm",
    )
    text = "\n".join(found["degraded"].lines)
    assert "+ /dev/md0: clean, degraded, 1 of 2 disks active" in text
    gone(found["gone"], "/dev/md0: clean, degraded, 1 of 2 disks active")


def test_a_certificate_a_folder_and_a_file_system() -> None:
    found = told(
        """
        certificate() {
            openssl req -x509 -newkey rsa:2048 -nodes -keyout /tmp/key -out "$1" -days "$2" \\
                -subj "/CN=$3" 2>/dev/null
        }
        mkdir /etc/ssl/own
        certificate /etc/ssl/own/a.pem 5 a.test
        certificate /etc/ssl/own/b.pem 100 b.test
        mailed ending certificates
        rm /etc/ssl/own/a.pem
        mailed cert-gone certificates
        certificate /etc/ssl/own/b.pem 5 b.test
        mailed other certificates
        certificate /etc/ssl/own/b.pem 100 b.test
        mailed renewed certificates

        mkdir /disk
        mount -t tmpfs -o size=10m disk /disk
        dd if=/dev/zero of=/disk/file bs=1k count=9400 2>/dev/null
        mailed full disk-space
        umount /disk
        mailed unmounted disk-space
        mount -t tmpfs -o size=10m disk /disk
        dd if=/dev/zero of=/disk/file bs=1k count=9400 2>/dev/null
        mailed full-again disk-space
        rm /disk/file
        mailed emptied disk-space
        """,
        "disk-space",
        certificates=script("certificates", FILES="/etc/ssl/own/*.pem"),
    )
    assert (subject(found["ending"]) or "").startswith("/etc/ssl/own/a.pem: certificate 1 (CN=a")
    gone(found["cert-gone"], "/etc/ssl/own/a.pem: certificate 1 (CN=a.test)")
    assert (subject(found["renewed"]) or "").startswith("cleared: /etc/ssl/own/b.pem: certificate")
    assert NOTHING in found["renewed"].lines
    assert (subject(found["full"]) or "").startswith("/disk: at least 90% of the space used")
    gone(found["unmounted"], "/disk: at least 90% of the space used")
    assert (subject(found["emptied"]) or "").startswith("cleared: /disk: at least 90%")


def test_values_that_somebody_writes_into_a_script() -> None:
    text, of_inodes = script("disk-space"), script("inodes")
    found = told(
        """
        mkdir /disk
        mount -t tmpfs -o size=10m disk /disk
        dd if=/dev/zero of=/disk/file bs=1k 2>/dev/null
        check good good
        check percent percent
        check word word
        check nothing nothing
        check skip skip
        check inodes inodes
        """,
        good=text,
        percent=text.replace("LIMIT=90\n", "LIMIT='90%'\n"),
        word=text.replace("LIMIT=90\n", "LIMIT=abc\n"),
        nothing=text.replace("LIMIT=90\n", "LIMIT=\n"),
        skip=text.replace("SKIP='^/", "SKIP='' # ^/"),
        inodes=of_inodes.replace("LIMIT=90\n", "LIMIT='90%'\n"),
    )
    assert found["good"] == bad("/disk: no space left")
    for label in ("percent", "word", "nothing", "inodes"):
        failed(found[label], "LIMIT must be a whole number, 1 to 100")
    failed(found["skip"], "SKIP must be a regular expression")
    assert found["good"] != GOOD
