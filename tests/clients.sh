#!/usr/bin/env bash
# The programs that people read our mail and pages with, for the tests that skip without them:
# Chromium, Evolution's calendar store, Thunderbird, and Python's drivers. Run as root on Debian or Ubuntu.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v apt-get >/dev/null || {
    echo 'clients.sh: needs apt-get (Debian, Ubuntu)' >&2
    exit 1
}
packages=(chromium evolution-data-server gir1.2-ecal-2.0 python3-gi dbus libical3 thunderbird)
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
.venv/bin/pip install -q 'axe-playwright-python>=0.1.4' 'playwright>=1.40'
