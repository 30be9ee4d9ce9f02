#!/bin/sh
# Unpack the shells that checkers must run under, and shellcheck, for the tests in this folder.
#
#     sh tests/checkers/install.sh [DEST]        (default: .servers/shells at the repository's root)
#
# For Debian and Ubuntu. Nothing is installed on this host. Running it again is cheap.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dest=${1:-$here/../../.servers/shells}
packages='dash bash busybox-static mksh yash posh ksh93u+m shellcheck debianutils mawk gawk libsigsegv2 original-awk'

mkdir -p "$dest"
dest=$(CDPATH='' cd -- "$dest" && pwd)
stamp=$(cksum <"$here/install.sh")
if [ "$(cat "$dest/.complete" 2>/dev/null)" = "$stamp" ]; then
    exit 0
fi
command -v apt-get >/dev/null || {
    echo 'install.sh: needs apt-get (Debian, Ubuntu)' >&2
    exit 1
}

rm -rf "$dest/debs" "$dest/.complete"
mkdir -p "$dest/debs"
cd "$dest/debs"
for package in $packages; do
    # a stale list names versions that the mirror has dropped: refresh it once
    apt-get download -qq "$package" 2>/dev/null || {
        apt-get update -qq
        apt-get download -qq "$package"
    }
done
for deb in *.deb; do
    dpkg-deb -x "$deb" "$dest"
done
rm -rf "$dest/debs"
echo "$stamp" >"$dest/.complete"
echo "install.sh: the shells are ready in $dest" >&2
