#!/bin/sh
# Debian and Ubuntu ship Python without what `python3 -m venv` needs: get it, or say how.
set -eu

version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
package=python$version-venv
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
else
  echo "python3 -m venv needs the package $package: sudo apt install $package" >&2
  exit 1
fi
