"""A throw-away view of a scratch Debian that install.sh makes, for running presets' scripts in.

`explore` runs one shell script inside: it lays out good and bad states and calls

    check LABEL SCRIPT [VARIABLE=VALUE ...]

wherever a checker is to be run. The view is an overlay in namespaces of its own (mounts, processes,
network, host name): nothing of it is left when the script has ended.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rotation.checkers.model import Options, Preset
from rotation.checkers.read import parse
from rotation.checkers.render import render

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
PRESETS = REPOSITORY / "src" / "rotation" / "checkers" / "presets"

# $1 the scratch Debian, $2 a folder that stays visible as /box, $3 what to do at last: run or boot.
# The tree is built on a tmpfs over /mnt, so that nothing is left behind on this host.
SETUP = """
set -eu
debian=$1 box=$2
mount --make-rprivate /
mount -t tmpfs -o mode=755 view /mnt
mkdir /mnt/up /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$debian,upperdir=/mnt/up,workdir=/mnt/work" view /mnt/root
cd /mnt/root
mount -t proc proc proc
mount -t tmpfs -o mode=755 view dev
for node in null zero full random urandom tty; do
    : >dev/$node
    mount --bind /dev/$node dev/$node
done
mkdir dev/pts dev/shm box
ln -s /proc/self/fd dev/fd
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs -o mode=755 view run
mkdir -m 1777 run/lock
mount -t tmpfs -o mode=1777 view tmp
mount --bind "$box" box
: >etc/resolv.conf
echo '127.0.0.1 box.test box localhost' >etc/hosts
hostname box.test
ip link set lo up
case $3 in
run)
    exec chroot . env -i HOME=/root PATH="$PATH" LC_ALL=C /bin/sh /box/script
    ;;
boot)
    mount -t sysfs -o ro sysfs sys
    mount -t tmpfs -o mode=755 view sys/fs/cgroup
    mkdir sys/fs/cgroup/unified sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd 2>/dev/null || :
    mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
    cat >etc/systemd/system/script.service <<END
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
Environment=HOME=/root
ExecStart=/bin/sh /box/script
ExecStopPost=/bin/systemctl --force exit
StandardOutput=file:/box/out
StandardError=file:/box/err
END
    exec chroot . env -i container=rotation PATH="$PATH" /lib/systemd/systemd \
        --unit=script.service --log-target=null --show-status=no
    ;;
esac
"""

# What every script begins with.
HELPERS = """
set -u
check() {
    label=$1 name=$2
    shift 2
    env -i HOME=/root "$@" /bin/sh "/box/checks/$name" --print \
        >"/box/told/$label.out" 2>"/box/told/$label.err" </dev/null
    echo $? >"/box/told/$label"
}
mailed() { # like check, but as cron runs it: what is told are its mails
    label=$1 name=$2
    shift 2
    printf '#!/bin/sh\\ncat >>/tmp/mails\\n' >/usr/sbin/sendmail
    chmod 755 /usr/sbin/sendmail
    : >/tmp/mails
    env -i HOME=/root "$@" /bin/sh "/box/checks/$name" >"/box/told/$label.err" 2>&1 </dev/null
    cp /tmp/mails "/box/told/$label.out"
    echo 0 >"/box/told/$label"
}
build() { # a library that shows a device that is not there
    gcc -Wall -Wextra -Werror -O -shared -fPIC -o "/tmp/$1.so" "/box/$1.c" -ldl || exit 70
}
"""


SUITES = ("bookworm", "trixie")
suite = SUITES[0]
"""Which Debian is tried now: conftest.py sets it, and each test runs with every one."""


class Unavailable(Exception):
    """There is no scratch Debian here; the message says what to do."""


@dataclass(frozen=True)
class Told:
    """What a checker has told of one state."""

    lines: list[str]
    failed: bool
    """The checker itself failed; then `lines` end with what it says about that."""


def debian() -> Path:
    """Where install.sh has put the scratch Debian of the suite that is tried now."""
    place = Path(os.environ.get("ROTATION_TOOLS", REPOSITORY / ".tools"))
    install = "run as root: sh tests/checkers/presets/install.sh"
    if os.geteuid() != 0:
        raise Unavailable(f"the presets' tools need root; {install}")
    if not (place / f"{suite}.complete").exists():
        raise Unavailable(f"no scratch Debian {suite} in {place}; {install}")
    for tool in ("unshare", "ip"):
        if shutil.which(tool) is None:
            raise Unavailable(f"no '{tool}' on this host")
    return place / suite


def preset(name: str) -> Preset:
    """The preset that comes with the program."""
    return parse((PRESETS / f"{name}.toml").read_bytes(), f"{name}.toml")


def script(name: str, **variables: str) -> str:
    """The script of the preset `name`, as `rotation checker show` prints it."""
    options = Options(state="/var/lib/rotation/checkers", vars=variables)
    return render(preset(name), options)


def explore(
    text: str, checks: Mapping[str, str], *, boot: bool = False, patience: int = 5400
) -> dict[str, Told]:
    """Run `text` inside; what each `check` told, by label. `checks`: scripts by name."""
    with tempfile.TemporaryDirectory(prefix="rotation-") as name:
        box = Path(name)
        box.chmod(0o755)
        (box / "checks").mkdir()
        (box / "told").mkdir()
        for source in HERE.glob("*.c"):
            shutil.copy(source, box)
        shutil.copytree(HERE / "said", box / "said")
        for one, content in checks.items():
            (box / "checks" / one).write_text(content)
        (box / "script").write_text(f"{HELPERS}\n{text}\necho done >/box/done\n")
        command = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup", "--fork"]
        command += ["--kill-child", "sh", "-c", SETUP, "view", str(debian()), name]
        done = subprocess.run(
            [*command, "boot" if boot else "run"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=patience,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
            check=False,
        )
        if boot and not (box / "err").exists():
            raise Unavailable(f"systemd does not start here: {done.stdout}{done.stderr}")
        said = (box / "err").read_text() if boot else done.stderr
        assert (box / "done").exists(), said
        return {path.name: _told(path) for path in (box / "told").iterdir() if not path.suffix}


def _told(path: Path) -> Told:
    status = int(path.read_text())
    out = path.with_name(f"{path.name}.out").read_text(errors="replace").splitlines()
    err = path.with_name(f"{path.name}.err").read_text(errors="replace").splitlines()
    assert status in (0, 1, 3), (status, out, err)
    assert status == 3 or not err, err
    return Told(out + err, status == 3)
