#!/bin/sh
# Build the scratch Debians in which the presets are tried with the real tools.
#
#     sh tests/checkers/presets/install.sh [DEST]        (default: .tools at the root of the repository)
#
# DEST/bookworm and DEST/trixie become minimal systems of their own with every tool that a preset
# runs, and with some shells; nothing is installed on this host but debootstrap, and no daemon is
# started. The tests lay a throw-away view over them (scratch.py): a fault planted in one test is
# gone in the next.
#
# For Debian and Ubuntu, as root; some ten minutes and four gigabytes. Running it again is cheap and
# harmless.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dest=${1:-$here/../../../.tools}
suites='bookworm trixie'
tools='aide aide-common borgbackup btrfs-progs chkrootkit chrony cron curl debsecan debsums docker.io
    fail2ban iproute2 lm-sensors logcheck logcheck-database logwatch lsof lynis mariadb-server mdadm
    monitoring-plugins-basic needrestart openssh-client openssh-server openssl postfix postgresql
    procps python3-apt restic rkhunter smartmontools systemd systemd-sysv unattended-upgrades wget
    zfsutils-linux'
shells='bash busybox dash mksh posh'
others='gcc libc6-dev python3' # what array.c, disk.c and sysfs.c need
# what cannot stand beside one of those: unpacked, not installed
unpacked='exim4-base exim4-daemon-light ntpsec'
libraries='libidn12 python3-ntp' # of what is unpacked

say() { echo "install.sh: $*" >&2; }

die() {
    say "$*"
    exit 1
}

[ "$(id -u)" = 0 ] || die 'must run as root'
command -v apt-get >/dev/null || die 'needs apt-get (Debian, Ubuntu)'
# the mirror that this host uses, without the name of the archive; ROTATION_MIRROR names another
# shellcheck disable=SC2016 # apt-get expands it
used=$(apt-get indextargets --format '$(SITE)' 'Origin: Debian' | head -n 1)
used=${used%/}
mirror=${ROTATION_MIRROR:-${used%/debian}}
[ -n "$mirror" ] || die 'no mirror of Debian is known here: name one in ROTATION_MIRROR'
mkdir -p "$dest"
dest=$(CDPATH='' cd -- "$dest" && pwd)
stamp=$(cksum <"$here/install.sh")
rm -rf "$dest/debian" "$dest/.complete" # of an older one

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
if ! command -v debootstrap >/dev/null; then
    apt-get install -y -qq --no-install-recommends debootstrap >/dev/null || {
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
    }
fi

build() {
    suite=$1
    root=$dest/$suite
    log=$dest/$suite.log
    rm -rf "$root" "$dest/$suite.complete"
    say "$suite: a minimal Debian"
    debootstrap --variant=minbase "$suite" "$root" "$mirror/debian" >"$log" 2>&1 ||
        die "debootstrap failed: see $log"

    cat >"$root/etc/apt/sources.list" <<END
deb $mirror/debian $suite main contrib
deb $mirror/debian $suite-updates main contrib
deb $mirror/debian-security $suite-security main contrib
END
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/scratch" # quicker; nothing here is missed
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    echo box.test >"$root/etc/hostname"
    echo box.test >"$root/etc/mailname"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    # how this host reaches its mirror: a proxy, an archive of old releases
    apt-config dump | grep -E '^Acquire::(https?|Check-|Retries)' >"$root/etc/apt/apt.conf.d/99host" || :
    packages="$tools $shells $others $libraries"
    case $suite in
    bookworm) packages="$packages libgnutls-dane0 yash" ;;
    *) packages="$packages libgnutls-dane0t64 docker-cli" ;;
    esac

    say "$suite: the tools and the shells"
    # The mounts live in a namespace of their own: nothing has to be undone on this host.
    # shellcheck disable=SC2016,SC2086 # expanded inside; lists of names
    unshare --mount sh -euc '
        root=$1 unpacked=$2
        shift 2
        mount --make-rprivate /
        mount -t proc proc "$root/proc"
        chroot "$root" apt-get update -qq
        chroot "$root" apt-get upgrade -y -qq
        chroot "$root" apt-get install -y -qq --no-install-recommends "$@"
        mkdir "$root/tmp/unpacked"
        chroot "$root" sh -euc "cd /tmp/unpacked; apt-get download -qq $unpacked"
        for package in "$root"/tmp/unpacked/*.deb; do
            name=${package##*/}
            dpkg-deb -x "$package" "$root/opt/${name%%_*}"
        done
        rm -r "$root/tmp/unpacked"
        chroot "$root" apt-get clean
    ' install "$root" "$unpacked" $packages >>"$log" 2>&1 ||
        die "the packages could not be installed: see $log"
    echo "$stamp" >"$dest/$suite.complete"
    say "$suite: ready in $root"
}

for suite in $suites; do
    [ "$(cat "$dest/$suite.complete" 2>/dev/null)" = "$stamp" ] || build "$suite"
done
