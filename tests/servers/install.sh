#!/bin/sh
# Unpack four real mail servers, and five clients that only send, side by side, for the tests in
# this folder.
#
#     sh tests/servers/install.sh [DEST] [SET]  (default: .servers at the root of the repository)
#
# SET is `servers`, or `relays`: one more tree (DEST/relays) with Postfix, its maps in databases and
# directories, and PostgreSQL, MariaDB and OpenLDAP to ask.
#
# As packages they exclude each other, so none of them is installed: each is unpacked into a
# folder of its own (DEST/postfix, DEST/msmtp, ...), and only the shared libraries and the tools that
# they need become part of this host. The rigs (rigs/host.py) lay one such folder over a throw-away
# view of this host.
#
# For Debian and Ubuntu, as root. Running it again is cheap and harmless.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dest=${1:-$here/../../.servers}
set=${2:-servers}
case $set in
servers)
    servers='postfix exim opensmtpd sendmail msmtp nullmailer dma esmtp ssmtp'
    complete=.complete
    ;;
relays)
    servers=relays
    complete=.complete-relays
    ;;
*)
    echo "install.sh: no such set: $set" >&2
    exit 1
    ;;
esac

# What each server is made of; a name with a ? is taken only where the distribution has it.
packages() {
    case $1 in
    postfix) echo postfix postfix-lmdb? postfix-cdb? ;;
    exim) echo exim4-base exim4-config exim4-daemon-light ;;
    opensmtpd) echo opensmtpd ;;
    sendmail) echo sendmail-bin sendmail-base sendmail-cf sensible-mda ;;
    msmtp) echo msmtp msmtp-mta ;;
    nullmailer) echo nullmailer ;;
    dma) echo dma ;;
    esmtp) echo esmtp esmtp-run ;;
    ssmtp) echo ssmtp ;;
    relays)
        echo postfix postfix-lmdb? postfix-cdb? postfix-pgsql postfix-mysql postfix-ldap postfix-sqlite
        version=$(postgresql)
        echo "postgresql-$version" "postgresql-client-$version"
        echo mariadb-server-core mariadb-client-core slapd ldap-utils
        ;;
    esac
}

# The version of PostgreSQL that this distribution has.
postgresql() {
    apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1
}

# The programs of a tree that have to find their libraries.
programs() {
    case $1 in
    servers)
        echo postfix/usr/sbin/postconf exim/usr/sbin/exim4 opensmtpd/usr/sbin/smtpd
        echo sendmail/usr/libexec/sendmail/sendmail msmtp/usr/bin/msmtp nullmailer/usr/sbin/sendmail
        echo nullmailer/usr/lib/nullmailer/smtp dma/usr/sbin/dma esmtp/usr/bin/esmtp
        echo ssmtp/usr/sbin/ssmtp
        ;;
    relays)
        echo relays/usr/sbin/postconf relays/usr/sbin/slapd relays/usr/sbin/mariadbd
        echo relays/usr/bin/ldapmodify relays/usr/bin/mariadb
        echo relays/usr/lib/postgresql/*/bin/postgres relays/usr/lib/postgresql/*/bin/psql
        echo relays/usr/lib/postfix/postfix-pgsql.so relays/usr/lib/postfix/postfix-mysql.so
        echo relays/usr/lib/postfix/postfix-ldap.so relays/usr/lib/postfix/postfix-sqlite.so
        ;;
    esac
}

# Tools that the rigs or the servers' own set-up run.
tools='iproute2 util-linux netbase procps m4 strace'

say() { echo "install.sh: $*" >&2; }

die() {
    say "$*"
    exit 1
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# The libraries that a package file asks for: the first of each "a | b" that can be had.
libraries() {
    dpkg-deb -f "$1" Pre-Depends Depends | sed 's/^[A-Za-z-]*: //; s/([^)]*)//g; s/:any//g' |
        tr ',' '\n' | while IFS='|' read -r one two rest; do
        for name in $one $two $rest; do
            case $name in
            libllvm*) break ;; # PostgreSQL's compiler of queries: large, and not needed
            lib* | zlib*)
                if installed "$name" || apt-cache show "$name" >/dev/null 2>&1; then
                    echo "$name"
                    break
                fi
                ;;
            esac
        done
    done
}

# Debian's usr-merge, done by hand: a plain /lib in the unpacked tree would hide the link /lib.
merge_usr() {
    for top in bin sbin lib lib64; do
        if [ -d "$1/$top" ] && [ ! -L "$1/$top" ]; then
            mkdir -p "$1/usr/$top"
            cp -a "$1/$top/." "$1/usr/$top/"
            rm -r "${1:?}/$top"
        fi
    done
}

# True when this one is unpacked, from the packages that it is made of.
is_unpacked() { [ "$(cat "$dest/.$1" 2>/dev/null)" = "$(packages "$1")" ] && [ -d "$dest/$1" ]; }

# True when every server is unpacked and finds its libraries.
is_complete() {
    [ -e "$dest/$complete" ] || return 1
    for server in $servers; do
        is_unpacked "$server" || return 1
    done
    for tool in ip unshare nsenter setpriv m4; do
        command -v "$tool" >/dev/null || return 1
    done
    cd "$dest"
    own=$dest/postfix/usr/lib/postfix:$dest/relays/usr/lib/postfix
    own=$own:$(echo "$dest"/relays/usr/lib/*-linux-gnu*)
    for program in $(programs "$set"); do
        LD_LIBRARY_PATH=$own ldd "$dest/$program" 2>/dev/null |
            grep -q 'not found' && return 1
    done
    return 0
}

[ "$(id -u)" = 0 ] || die 'must run as root'
command -v apt-get >/dev/null || die 'needs apt-get (Debian, Ubuntu)'
mkdir -p "$dest"
echo '*' >"$dest/.gitignore"
dest=$(CDPATH='' cd -- "$dest" && pwd)
if is_complete; then
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
if ! apt-cache show postfix >/dev/null 2>&1; then
    apt-get update -qq
fi

rm -f "$dest/$complete"
wanted=''
for server in $servers; do
    mkdir -p "$dest/debs/$server"
    cd "$dest/debs/$server"
    if ! is_unpacked "$server"; then
        rm -f ./*.deb
        rm -rf "${dest:?}/$server"
        for package in $(packages "$server"); do
            name=${package%\?}
            if [ "$name" != "$package" ] && ! apt-cache show "$name" >/dev/null 2>&1; then
                say "$name is not to be had here: left out"
                continue
            fi
            # A stale list names versions that the mirror has dropped: refresh it once.
            apt-get download -qq "$name" 2>/dev/null || {
                apt-get update -qq
                apt-get download -qq "$name"
            }
        done
        mkdir -p "$dest/$server"
        for deb in *.deb; do
            dpkg-deb -x "$deb" "$dest/$server"
        done
        merge_usr "$dest/$server"
        # all of it is copied into each rig: not what people and compilers read
        cd "$dest/$server/usr"
        rm -rf share/doc share/locale share/man lib/postgresql/*/lib/bitcode
        cd "$dest/debs/$server"
        packages "$server" >"$dest/.$server"
    fi
    for deb in *.deb; do
        wanted="$wanted $(libraries "$deb" | tr '\n' ' ')"
    done
done

missing=''
for name in $wanted $tools; do
    installed "$name" || missing="$missing $name"
done
if [ -n "$missing" ]; then
    # shellcheck disable=SC2086 # a list of names
    set -- $missing
    if apt-get install -s --no-install-recommends "$@" | grep -E \
        '^(Inst|Remv) (postfix|exim4|opensmtpd|sendmail-bin|[a-z]+-mta|nullmailer)'; then
        die 'this would change the mail server of this host: stopped'
    fi
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
fi

touch "$dest/$complete"
is_complete || {
    rm -f "$dest/$complete"
    die "something is still missing: see 'ldd $dest/*/usr/sbin/*'"
}
say "the $set are ready in $dest"
