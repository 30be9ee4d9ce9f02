#!/bin/sh
# The main job on a sample roster, in a scratch folder that is gone afterwards: who is on duty, a
# rehearsal, the change, the silence when there is nothing left to do, and two people who trade.
set -eu

rotation=$1
here=$(cd "$(dirname "$0")/.." && pwd)
case $rotation in /*) ;; *) rotation=$(pwd)/$rotation ;; esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

ROTATION_STATE=$scratch/state
export ROTATION_STATE

# the sample roster, with its alias in a file here; `rebuild = []` says that no mail server has
# to be told, so that the demonstration needs none
sed "s|\"/etc/aliases\".*|\"aliases\"\\
rebuild = []|" "$here/rosters/weekly.toml" >weekly.toml
cat >aliases <<'END'
# what every server has
mailer-daemon: postmaster
postmaster:    root
# the address that root's .forward names on all of them
all-system-notifications: nobody-yet@example.com
END

show() {
  printf '\n$ rotation --rosters weekly.toml %s\n' "$*"
  "$rotation" --rosters weekly.toml "$@"
}

show who
show apply --dry-run
show apply
printf '\n$ grep all-system aliases\n'
grep all-system aliases
show apply
echo '(silent: the alias is right already, and the file was not touched)'
show swap alice bob --yes
show log
