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

openssl,0, HRF,9.0.99,
lsof,1, L  ,,

openssl,openssl libssl3 libssl3t64 openssl-provider-legacy
lsof,lsof

'''
MENDED = "\\n".join(line for line in HOLES.split("\\n") if "openssl" not in line)
SUITES = ("/bookworm", "/trixie")
NONE = "VERSION 1\\n\\n\\n\\n"


class Tracker(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        data = MENDED if os.path.exists("/tmp/mended") else HOLES
        data = NONE if os.path.exists("/tmp/emptied") else data
        self.send_response(200 if self.path in SUITES else 404)
        self.end_headers()
        if self.path in SUITES:
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


# A server of NTP that is right but for so many seconds.
TIME_SERVER = """
cat >/tmp/server.py <<'END'
import socket
import struct
import sys
import time

port, address, wrong = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((address, port))
open(f"/tmp/ready.{port}", "w").close()


def stamp(instant):
    instant += 2208988800 + wrong
    return struct.pack("!II", int(instant), int(instant % 1 * 2**32))


while True:
    query, peer = server.recvfrom(1000)
    now = time.time()
    head = struct.pack("!BBbbII4s", query[0] & 0x38 | 4, 1, query[2], -20, 10, 10, b"TEST")
    server.sendto(head + stamp(now - 5) + query[40:48] + stamp(now) + stamp(time.time()), peer)
END
time_server() { # port, address, seconds, what it is run by
    port=$1 address=$2 wrong=$3
    shift 3
    "$@" python3 /tmp/server.py "$port" "$address" "$wrong" &
    while [ ! -e "/tmp/ready.$port" ]; do sleep 0.1; done
}
"""

# A chronyd that steers no clock, and has measured.
CHRONY = """
mkdir -p /run/chrony
chrony() { # port of its server
    echo "server 127.0.0.1 port $1 iburst minpoll 0 maxpoll 0" >/tmp/chrony.conf
    echo 'pidfile /run/chronyd.pid' >>/tmp/chrony.conf
    chronyd -x -u root -f /tmp/chrony.conf
    until chronyc -c tracking 2>/dev/null | grep -q ,Normal; do sleep 0.1; done
}
"""

# An ntpd that may not set the clock, and its server a tenth of a second ahead.
NTP = """
ln -s /opt/ntpsec/usr/bin/ntpq /usr/bin/ntpq
# in a network of its own: ntpd wants the port on every address
unshare --net sleep 1000 &
other=$!
while [ "$(readlink /proc/$other/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do
    sleep 0.1
done
ip link add here type veth peer name there netns $other
ip addr add 192.0.2.9/24 dev here
ip link set here up
nsenter -t $other -n sh -c 'ip addr add 192.0.2.1/24 dev there; ip link set there up'
time_server 123 192.0.2.1 0.1 nsenter -t $other -n
cat >/tmp/ntp.conf <<'END'
server 192.0.2.1 minpoll 3 maxpoll 3 iburst
restrict 127.0.0.1
restrict ::1
END
ntp() { # what it may not do is to set the clock
    setpriv --bounding-set=-sys_time --inh-caps=-sys_time \\
        /opt/ntpsec/usr/sbin/ntpd -n -c /tmp/ntp.conf >/tmp/ntp.log 2>&1 &
    daemon=$!
    until ntpq -n -p 2>/dev/null | grep -q 192.0.2; do sleep 0.1; done
}
well() { # takes it some seconds
    until ntpq -n -c 'rv 0 leap,offset' | grep -q 'leap=00, offset=[1-9]'; do sleep 0.5; done
}
"""

JAILS = """
mkdir -p /run/fail2ban
touch /var/log/auth.log /var/log/fail2ban.log
cat >/etc/fail2ban/jail.local <<'END'
[sshd]
backend = polling
logpath = /var/log/auth.log
[recidive]
enabled = true
backend = polling
END
start_jails() {
    fail2ban-server -b >/dev/null 2>&1
    until fail2ban-client status 2>/dev/null | grep -q 'recidive, sshd'; do sleep 0.1; done
}
"""

# A Docker without a network, and an image of busybox.
DOCKER = """
mkdir -p /sys
mount -t sysfs sysfs /sys
mount -t tmpfs cgroups /sys/fs/cgroup
for part in cpu cpuacct cpuset memory devices freezer blkio pids; do
    mkdir "/sys/fs/cgroup/$part"
    mount -t cgroup -o "$part" cgroup "/sys/fs/cgroup/$part" || rmdir "/sys/fs/cgroup/$part"
done
mkdir /sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd || {
    umount /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
}
mkdir -p /var/lib/docker
mount -t tmpfs docker /var/lib/docker
dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs \
    >/tmp/dockerd.log 2>&1 &
until docker info >/dev/null 2>&1; do
    kill -0 $! || exit 71
    sleep 0.2
done
mkdir -p /tmp/image/bin
cp /bin/busybox /tmp/image/bin
for program in sh sleep false true; do ln -s busybox "/tmp/image/bin/$program"; done
for library in $(ldd /bin/busybox | grep -o '/[^ ]*'); do
    mkdir -p "/tmp/image${library%/*}"
    cp "$library" "/tmp/image$library"
done
tar -C /tmp/image -c . | docker import - box >/dev/null
run() { docker run -d --network none "$@" >/dev/null; }
"""

# In a Debian that has been started.
JOURNAL = """
mount -t devpts -o ptmxmode=666 devpts /dev/pts
ln -s pts/ptmx /dev/ptmx
systemctl start systemd-journald.service
"""


# The cluster that the package has made.
POSTGRESQL = """
mkdir -p /run/postgresql
chown postgres /run/postgresql
version=$(pg_lsclusters -h | awk '{ print $1 }')
restart() { pg_ctlcluster "$version" main restart >/dev/null 2>&1 || exit 71; }
sql() { runuser -u postgres -- psql -X -A -t -c "$1"; }
restart
"""

MARIADB = """
mkdir -p /run/mysqld
chown mysql /run/mysqld
mariadbd --user=mysql --skip-networking >/tmp/mariadb.log 2>&1 &
until mariadb -e 'select 1' >/dev/null 2>&1; do
    kill -0 $! || exit 71
    sleep 0.2
done
"""

# Mail that cannot be delivered stays in the queue.
POSTFIX = """
cat >/etc/postfix/main.cf <<'END'
compatibility_level = 3.6
inet_interfaces = loopback-only
mydestination =
default_transport = retry:none
maillog_file = /var/log/postfix.log
END
cat >>/etc/postfix/master.cf <<'END'
postlog unix-dgram n - n - 1 postlogd
END
sed -i 's/^\\([a-z].*unix.*\\) y \\(.*\\)/\\1 n \\2/' /etc/postfix/master.cf
ln -sf sendmail /usr/sbin/sendmail.postfix
postfix start >/dev/null 2>&1
until postqueue -p >/dev/null 2>&1; do sleep 0.1; done
"""

# Exim cannot be installed beside Postfix: it was unpacked.
EXIM = """
rm -f /usr/sbin/postqueue
cp /opt/exim4-daemon-light/usr/sbin/exim4 /usr/sbin/exim4
chmod 4755 /usr/sbin/exim4
useradd -r -d /var/spool/exim4 Debian-exim
mkdir -p /etc/exim4 /var/spool/exim4 /var/log/exim4
chown Debian-exim:Debian-exim /var/spool/exim4 /var/log/exim4
ldconfig
cat >/etc/exim4/exim4.conf <<'END'
primary_hostname = box.test
acl_not_smtp = accept
begin acl
accept:
  accept
begin routers
none:
  driver = accept
  transport = none
begin transports
none:
  driver = appendfile
  file = /dev/null
END
"""


def told(
    text: str, *names: str, boot: bool = False, patience: int = 5400, **checks: str
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
