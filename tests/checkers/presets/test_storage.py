"""Presets for pools.

btrfs is real, on loop devices. There is no module of ZFS: zpool really fails without it, and what
it says of good and bad states is copied in shape from its documentation.
"""

from __future__ import annotations

from tests.checkers.presets.told import BTRFS, GOOD, bad, failed, subject, told

POOL = """
saying() { # what zpool says: its list, and of the state what a file holds
    printf '%b' "$1" >/tmp/zpool.list
    sed "s/NOW/$now/" "/box/said/$2.txt" >/tmp/zpool.status
}
rm /sbin/zpool
cat >/sbin/zpool <<'END'
#!/bin/sh
cat "/tmp/zpool.$1"
END
chmod 755 /sbin/zpool
now=$(LC_ALL=C date -d yesterday '+%a %b %e %H:%M:%S %Y')
good() {
    saying 'tank\\tONLINE\\t42\\n' zpool-good
}
"""


def test_zpool() -> None:
    found = told(
        f"""
        check module zpool
        {POOL}
        good
        check good zpool
        saying 'tank\\tDEGRADED\\t91\\nold\\tUNAVAIL\\t-\\n' zpool-bad
        check bad zpool
        good
        mailed first zpool
        saying 'other\\tONLINE\\t1\\n' zpool-other
        mailed gone zpool
        saying 'tank\\tONLINE\\t42\\n' nothing
        check silent zpool
        saying '' nothing
        echo 'no pools available' >/tmp/zpool.list
        check none zpool
        """,
        "zpool",
    )
    failed(found["module"], "zpool list ended with status 1: ", "ZFS modules")
    assert found["good"] == GOOD
    assert found["bad"] == bad(
        "tank: is DEGRADED",
        "tank: at least 85% in use (now 91%)",
        "old: is UNAVAIL",
        "tank: the last scrub found 2 errors that it could not mend",
        "tank: mirror-0 is DEGRADED",
        "tank: sda: read errors (3)",
        "tank: sda: checksum errors (17)",
        "tank: sdb is UNAVAIL, cannot open",
        "tank: 2 data errors, use '-v' for a list",
        "old: has never been scrubbed",
        "tank: not scrubbed since 2025-10-12",
    )
    assert subject(found["first"]) is None
    assert subject(found["gone"]) == "gone, not mended: tank: was there last time"
    failed(found["silent"], "unknown output: zpool status tells no state of tank")
    failed(found["none"], "there is no pool on this host")


def test_btrfs() -> None:
    found = told(
        f"""
        check none btrfs
        {BTRFS}
        check never btrfs
        btrfs scrub start -B /fs >/dev/null 2>&1
        check good btrfs
        mailed first btrfs
        umount /fs
        python3 - <<'END'
image = open("/tmp/image", "r+b")
place = image.read().index(b"rotation" * 512)
image.seek(place + 4096)
image.write(b"X" * 100)
END
        mount -o loop /tmp/image /fs
        btrfs scrub start -B /fs >/dev/null 2>&1
        check bad btrfs
        umount /fs
        mailed gone btrfs
        truncate -s 200M /tmp/one /tmp/two
        one=$(losetup -f --show /tmp/one)
        two=$(losetup -f --show /tmp/two)
        mkfs.btrfs -q -d raid1 -m raid1 "$one" "$two" >/dev/null 2>&1
        losetup -d "$two"
        btrfs device scan --forget
        mount -o degraded "$one" /fs
        check missing btrfs
        umount /fs
        losetup -d "$one"
        """,
        "btrfs",
    )
    failed(found["none"], "no btrfs is mounted")
    assert found["never"] == bad("/fs: has never been scrubbed")
    assert found["good"] == GOOD
    scrub, counter = found["bad"].lines
    assert scrub == "/fs: scrub found errors: csum=1"
    assert counter.startswith("/fs: /dev/loop")
    assert counter.endswith(" corruption_errs (1)")
    assert subject(found["first"]) is None
    assert (subject(found["gone"]) or "").startswith("checker failed: no btrfs is mounted")
    assert "/fs: a device is missing" in found["missing"].lines
