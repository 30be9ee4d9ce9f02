#!/bin/sh
# Small Debians with the real packages of many mailing tools, for the tests in this folder.
#
#     sh tests/audit/install.sh [DEST]        (default: .tools-audit at the root of the repository)
#
# DEST/bookworm and DEST/trixie become minimal systems of their own; nothing in them is ever started,
# and nothing is installed on this host but debootstrap. Tools that need little are installed, so that
# their maintainer scripts have written what they write; of those that need half an archive the package
# alone is unpacked.
#
# For Debian and Ubuntu, as root. Running it again is cheap and harmless.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dest=${1:-$here/../../.tools-audit}
suites='bookworm trixie'

installed='postfix bsd-mailx cron anacron sudo monit logwatch fail2ban mdadm smartmontools
    unattended-upgrades apticron apt-listchanges logcheck rkhunter chkrootkit aide aide-common
    arpwatch tiger checksecurity debsecan integrit sxid auditd automysqlbackup
    autopostgresqlbackup apcupsd backupninja rsnapshot lynis git cron-apt tenshi rsyslog quota'
unpacked='nagios4-common nagios4-core icinga2-common icinga2-bin munin smokeping psad mon samhain tripwire certbot
    borgmatic nut-client exim4-base bacula-director bacula-common amanda-server amanda-common
    backuppc xymon prometheus-alertmanager collectd-core'

say() { echo "install.sh: $*" >&2; }

die() {
    say "$*"
    exit 1
}

[ "$(id -u)" = 0 ] || die 'must run as root'
command -v apt-get >/dev/null || die 'needs apt-get (Debian, Ubuntu)'
mkdir -p "$dest"
echo '*' >"$dest/.gitignore"
dest=$(CDPATH='' cd -- "$dest" && pwd)
stamp=$(cksum <"$here/install.sh")
rm -rf "$dest/root" "$dest/.complete" "$dest/log" # of an older one

if ! command -v debootstrap >/dev/null; then
    apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
fi
# The mirror that this host uses, where it is one of Debian's; else debootstrap's own.
mirror=$(apt-get indextargets --format '$(SITE)' "Origin: Debian" | grep -v -e '-security$' | head -n 1)

inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true "$@"
}

# apt, without recommendations, without questions; a lost connection is tried again.
apt() { inside apt-get -qq -o Acquire::Retries=3 -o APT::Sandbox::User=root "$@"; }

build() (
    suite=$1
    root=$dest/$suite
    log=$dest/$suite.log
    case $suite in
    bookworm) more='php8.2-cli netdata-core' ;;
    *) more='php8.4-cli' ;; # Debian 13 has no netdata
    esac
    rm -rf "$root" "$dest/$suite.complete"
    # shellcheck disable=SC2086 # no mirror, no argument
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" $mirror >"$log" ||
        die "debootstrap failed: see $log"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    printf '%s\n' 'path-exclude /usr/share/doc/*' 'path-exclude /usr/share/locale/*' \
        'path-exclude /usr/share/man/*' >"$root/etc/dpkg/dpkg.cfg.d/small"
    echo box.test >"$root/etc/mailname"
    echo 'postfix postfix/main_mailer_type select Local only
postfix postfix/mailname string box.test' | inside debconf-set-selections

    # Whatever fails from here on ends the script; the log says why.
    exec 3>&2 >>"$log" 2>&1
    trap '[ -e "$dest/$suite.complete" ] || echo "install.sh: packages could not be had: see $log" >&3' EXIT
    apt update
    # shellcheck disable=SC2086 # a list of names
    apt install -y --no-install-recommends $installed
    mkdir -p "$root/var/cache/audit"
    # shellcheck disable=SC2086,SC2016 # a list of names, for the shell in there
    inside sh -c 'cd /var/cache/audit && apt-get -qq -o APT::Sandbox::User=root download "$@"' sh $unpacked $more
    for deb in "$root"/var/cache/audit/*.deb; do
        # through the links of the merged /usr, as dpkg does it
        dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink
    done
    # what their maintainer scripts make of their samples
    mkdir -p "$root/etc/bacula"
    cp "$root/usr/share/bacula-common/defconfig/bacula-dir.conf" "$root/etc/bacula/"
    cp "$root/etc/backuppc/config.pl.sample" "$root/etc/backuppc/config.pl"
    apt clean
    rm -rf "$root/var/cache/audit" "$root"/var/lib/apt/lists/* "$root"/usr/share/doc \
        "$root"/usr/share/man "$root"/usr/share/locale

    echo "$stamp" >"$dest/$suite.complete"
    echo "install.sh: a system with the tools is ready in $root" >&3
)

for suite in $suites; do
    [ "$(cat "$dest/$suite.complete" 2>/dev/null)" = "$stamp" ] || build "$suite"
done
