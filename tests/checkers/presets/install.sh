#!/bin/sh
# Build the scratch Debian in which the presets are tried with the real tools.
#
#     sh tests/checkers/presets/install.sh [DEST]        (default: .tools at the root of the repository)
#
# DEST/debian becomes a minimal system of its own with every tool that a preset runs, and with some
# shells; nothing is installed on this host but debootstrap, and no daemon is started. The tests lay
# a throw-away view over it (scratch.py): a fault planted in one test is gone in the next.
#
# For Debian and Ubuntu, as root; a few minutes. Running it again is cheap and harmless.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dest=${1:-$here/../../../.tools}
suite=bookworm
mirror=${ROTATION_MIRROR:-http://deb.debian.org}
tools='aide aide-common chkrootkit cron debsecan debsums iproute2 logcheck logcheck-database logwatch
    lsof lynis mdadm monitoring-plugins-basic needrestart openssl procps python3-apt rkhunter
    smartmontools systemd systemd-sysv unattended-upgrades'
shells='bash busybox dash mksh posh yash'
others='dma gcc libc6-dev python3' # a mailer that logcheck asks for; what array.c and disk.c need

say() { echo "install.sh: $*" >&2; }

die() {
    say "$*"
    exit 1
}

[ "$(id -u)" = 0 ] || die 'must run as root'
command -v apt-get >/dev/null || die 'needs apt-get (Debian, Ubuntu)'
mkdir -p "$dest"
dest=$(CDPATH='' cd -- "$dest" && pwd)
root=$dest/debian
stamp=$(cksum <"$here/install.sh")
[ "$(cat "$dest/.complete" 2>/dev/null)" = "$stamp" ] && exit 0
rm -f "$dest/.complete"

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
if ! command -v debootstrap >/dev/null; then
    apt-get install -y -qq --no-install-recommends debootstrap >/dev/null || {
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
    }
fi

rm -rf "$root"
say 'a minimal Debian'
debootstrap --variant=minbase "$suite" "$root" "$mirror/debian" >"$dest/install.log" 2>&1 ||
    die "debootstrap failed: see $dest/install.log"

cat >"$root/etc/apt/sources.list" <<END
deb $mirror/debian $suite main
deb $mirror/debian $suite-updates main
deb $mirror/debian-security $suite-security main
END
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/scratch" # quicker; nothing here is missed
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
echo box.test >"$root/etc/hostname"
echo box.test >"$root/etc/mailname"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# how this host reaches its mirror: a proxy, an archive of old releases
apt-config dump | grep -E '^Acquire::(https?|Check-|Retries)' >"$root/etc/apt/apt.conf.d/99host" || :

say 'the tools and the shells'
# The mounts live in a namespace of their own: nothing has to be undone on this host.
# shellcheck disable=SC2016,SC2086 # expanded inside; lists of names
unshare --mount sh -euc '
    root=$1
    shift
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    chroot "$root" apt-get update -qq
    chroot "$root" apt-get upgrade -y -qq
    chroot "$root" apt-get install -y -qq --no-install-recommends "$@"
    chroot "$root" apt-get clean
' install "$root" $tools $shells $others >>"$dest/install.log" 2>&1 ||
    die "the packages could not be installed: see $dest/install.log"

echo "$stamp" >"$dest/.complete"
say "the scratch Debian is ready in $root"
