"""What the presets' scripts tell in the scratch Debian."""

from __future__ import annotations

import pytest

from tests.checkers.presets.scratch import (
    Told,
    Unavailable,
    explore,
    script,
)

GOOD = Told([], failed=False)

# An older version than there is: what apt then wants to install is real.
OUTDATED = """
outdated() {
    sed -i "/^Package: $1\\$/,/^\\$/s/^Version: .*/Version: $2/" /var/lib/dpkg/status
}
"""

LOGS = """
touch /var/log/syslog /var/log/auth.log
chgrp adm /var/log/syslog /var/log/auth.log
chmod 640 /var/log/syslog /var/log/auth.log
"""

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

HOLES = """
cat >/tmp/tracker.py <<'END'
import http.server
import os
import zlib

HOLES = '''VERSION 1
CVE-2026-0001,,A hole that is mended
CVE-2026-0002,,One that is not

openssl,0, HRF,3.0.99,
lsof,1, L  ,,

openssl,openssl libssl3
lsof,lsof

'''
MENDED = "\\n".join(line for line in HOLES.split("\\n") if "openssl" not in line)
NONE = "VERSION 1\\n\\n\\n\\n"


class Tracker(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        data = MENDED if os.path.exists("/tmp/mended") else HOLES
        data = NONE if os.path.exists("/tmp/emptied") else data
        self.send_response(200 if self.path == "/bookworm" else 404)
        self.end_headers()
        if self.path == "/bookworm":
            self.wfile.write(zlib.compress(data.encode()))

    def log_message(self, *arguments):
        pass


server = http.server.HTTPServer(("127.0.0.1", 8001), Tracker)
open("/tmp/ready", "w").close()
server.serve_forever()
END
python3 /tmp/tracker.py &
while [ ! -e /tmp/ready ]; do sleep 0.1; done
sed -i 's|^SOURCE=.*|SOURCE=http://127.0.0.1:8001|' /etc/default/debsecan
"""


# A btrfs on a loop device, whose one file a test can find in the image.
BTRFS = """
mknod /dev/loop-control c 10 237
mknod /dev/btrfs-control c 10 234
for number in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do mknod "/dev/loop$number" b 7 "$number"; done
truncate -s 200M /tmp/image
mkfs.btrfs -q -m dup -d single /tmp/image >/dev/null 2>&1
mkdir /fs
mount -o loop /tmp/image /fs
yes rotation | tr -d '\\n' | head -c 3000000 >/fs/file
sync
"""

# A chip as the kernel would show it: temperatures in thousandths, and what is wrong with them.
CHIP = """
build sysfs
umount /sys 2>/dev/null
mkdir -p /sys/devices/platform/nct6775.656 /sys/class/hwmon/hwmon0 /sys/bus/platform
ln -s ../../../bus/platform /sys/devices/platform/nct6775.656/subsystem
ln -s ../../../devices/platform/nct6775.656 /sys/class/hwmon/hwmon0/device
chip() {
    for value in "$@"; do echo "${value#*=}" >"/sys/class/hwmon/hwmon0/${value%%=*}"; done
}
chip name=nct6775 in0_input=1000 in0_alarm=0 fan1_input=900 fan1_alarm=0 temp1_input=40000 \\
    temp2_input=50000 temp2_crit=100000 temp2_crit_alarm=0
"""


def told(
    text: str, *names: str, boot: bool = False, patience: int = 300, **checks: str
) -> dict[str, Told]:
    """What was told; `names` are presets as they are, `checks` scripts with variables set."""
    scripts = {name: script(name) for name in names} | checks
    try:
        return explore(text, scripts, boot=boot, patience=patience)
    except Unavailable as problem:
        pytest.skip(str(problem))


def bad(*lines: str) -> Told:
    return Told(list(lines), failed=False)


def failed(found: Told, *parts: str) -> None:
    """The checker says that it failed itself, and these words are in what it says."""
    assert found.failed
    for part in parts:
        assert part in "\n".join(found.lines)


def subject(found: Told) -> str | None:
    """The subject of the one mail, after the name of the checker; None where there was none."""
    subjects = [line for line in found.lines if line.startswith("Subject: ")]
    assert len(subjects) < 2, found.lines
    return subjects[0].partition(": ")[2].partition(": ")[2] if subjects else None
