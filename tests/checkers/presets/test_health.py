"""Presets for disks, units and plugins, with the real tools of Debian."""

from __future__ import annotations

from tests.checkers.presets.scratch import (
    script,
)
from tests.checkers.presets.told import GOOD, bad, failed, told


def test_mdadm() -> None:
    found = told(
        """
        check none mdadm
        build array
        mknod /dev/md0 b 9 0
        mknod /dev/sda1 b 8 1
        mknod /dev/sdb1 b 8 17
        mkdir -p /sys/dev/block/8:1 /sys/dev/block/8:17
        ln -s ../../devices/virtual/block/md0 /sys/dev/block/9:0
        umount /proc
        echo 'md0 : active raid1 sdb1[1] sda1[0]' >/proc/mdstat
        array() {
            echo "$2" >/run/md0
            check "$1" mdadm LD_PRELOAD=/tmp/array.so
        }
        array good 'active active'
        array gone 'active removed'
        array faulty 'active faulty'
        array spare 'active spare'
        array dead 'faulty faulty'
        check unreadable mdadm
        rm /proc/mdstat
        echo 'ARRAY /dev/md/7 metadata=1.2 UUID=3aaa0122:29827cfa:5331ad66:ca767371 name=box:7' \
            >>/etc/mdadm/mdadm.conf
        echo 'ARRAY <ignore> UUID=11111111:22222222:33333333:44444444' >>/etc/mdadm/mdadm.conf
        check missing mdadm
        """,
        "mdadm",
    )
    failed(found["none"], "there is no array on this host")
    assert found["good"] == GOOD
    assert found["gone"] == bad("/dev/md0: clean, degraded, 1 of 2 disks active")
    assert found["faulty"] == bad(
        "/dev/md0: clean, degraded, 1 of 2 disks active, faulty /dev/sdb1"
    )
    assert found["spare"] == bad("/dev/md0: clean, degraded, 1 of 2 disks active")
    assert found["dead"] == bad(
        "/dev/md0: clean, FAILED, 0 of 2 disks active, faulty /dev/sda1, faulty /dev/sdb1"
    )
    # mdadm 4.2 ends with status 1; 4.4 with 0, and says that it could not open it
    failed(found["unreadable"], "mdadm")
    assert found["missing"] == bad(
        "/etc/mdadm/mdadm.conf names an array that is not there: "
        "UUID=3aaa0122:29827cfa:5331ad66:ca767371"
    )


def test_smartctl() -> None:
    found = told(
        """
        check none scan
        build disk
        disk() {
            echo "$2" >/dev/sda
            check "$1" smartctl LD_PRELOAD=/tmp/disk.so
        }
        disk good well
        disk failing 'failing prefail'
        disk past past
        disk log 'errors selftest'
        disk deaf deaf
        check absent absent
        """,
        scan=script("smartctl"),
        smartctl=script("smartctl", DEVICES="/dev/sda -d ata"),
        absent=script("smartctl", DEVICES="/dev/null; /dev/sdz -d ata"),
    )
    failed(found["none"], "finds no disk")
    disk = "/dev/sda -d ata: "
    assert found["good"] == GOOD
    assert found["failing"] == bad(
        f"{disk}FAILING, says the disk itself", f"{disk}an attribute is at its limit now"
    )
    assert found["past"] == bad(f"{disk}an attribute is, or has been, at its limit")
    assert found["log"] == bad(f"{disk}errors in the disk's log", f"{disk}a self-test has failed")
    assert found["deaf"] == bad(f"{disk}a SMART command failed")
    assert found["absent"] == bad(
        "/dev/null: no SMART disk, or smartctl does not know how to ask it",
        "/dev/sdz -d ata: cannot be opened, or did not answer",
    )


def test_failed_units() -> None:
    found = told(
        """
        cat >/etc/systemd/system/bad.service <<END
[Unit]
Description=A thing that fails
[Service]
Type=oneshot
ExecStart=/bin/false
END
        systemctl daemon-reload
        check good failed-units
        systemctl start bad.service 2>/dev/null
        check bad failed-units
        systemctl reset-failed
        check again failed-units
        cat >/etc/systemd/system/loop.service <<END
[Unit]
Description=A thing that crashes
[Service]
ExecStart=/bin/false
Restart=always
RestartSec=1000
END
        systemctl daemon-reload
        systemctl start loop.service
        until [ "$(systemctl show -p SubState --value loop.service)" = auto-restart ]; do
            sleep 0.1
        done
        check loop failed-units
        """,
        "failed-units",
        boot=True,
    )
    assert found["good"] == GOOD
    assert found["bad"] == bad("bad.service: A thing that fails")
    assert found["again"] == GOOD
    again = "(has ended, and is started again and again)"
    assert found["loop"] == bad(f"loop.service: A thing that crashes {again}")
    # and where systemd does not run
    broken = told("check broken failed-units", "failed-units")["broken"]
    failed(broken, "systemctl ended with status 1")


def test_monitoring_plugin() -> None:
    found = told(
        """
        check default monitoring-plugin
        mkdir /disk
        mount -t tmpfs -o size=10m disk /disk
        check good disk
        dd if=/dev/zero of=/disk/file bs=1M 2>/dev/null
        check bad disk
        check unknown unknown
        check absent absent
        """,
        "monitoring-plugin",
        disk=script("monitoring-plugin", COMMAND="check_disk -w 20% -c 10% -p /disk"),
        unknown=script("monitoring-plugin", COMMAND="check_dummy 3 'cannot tell'"),
        absent=script("monitoring-plugin", COMMAND="check_nothing"),
    )
    assert found["good"] == GOOD
    assert found["bad"].lines[0].startswith("DISK CRITICAL - free space: /disk 0MiB (0")
    assert found["bad"].lines[1:] == ["exit status 2"]
    failed(found["unknown"], "cannot tell", "exit status 3")
    failed(found["absent"], "a program was not found")
