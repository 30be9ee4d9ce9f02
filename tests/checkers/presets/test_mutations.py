"""A tool whose answers are not what they were is never taken for health.

On a host where all is well, each program that a preset asks is replaced in turn by one that says
nothing, or something else, ends otherwise, is killed, speaks another language or has another
format; the real program's answer is what is changed. Whatever the checker makes of it, it is not
silence.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.checkers.presets.scratch import script
from tests.checkers.presets.test_raid import MEGARAID, SMART_ARRAY
from tests.checkers.presets.test_storage import POOL
from tests.checkers.presets.told import (
    AIDE,
    BTRFS,
    CHIP,
    CHRONY,
    DOCKER,
    GOOD,
    HOLES,
    JAILS,
    JOURNAL,
    LOGS,
    MARIADB,
    NTP,
    POSTFIX,
    POSTGRESQL,
    TIME_SERVER,
    told,
)

MUTATIONS = (
    *("empty", "garbage", "status-1", "status-2", "status-125", "status-255"),
    *("said-1", "said-2", "killed", "language", "format"),
)
# What stands in the place of the program. Slow programs are run once; then their answer is kept.
STAND_IN = r"""
stand_in() { # program, yes: keep its answer
    real=$(command -v "$1")
    place=/usr/local/sbin/$1
    case $real in /usr/sbin/logcheck | */plugins/*) # which are asked by their paths
        place=$real
        mv "$real" "/tmp/$1.real"
        real=/tmp/$1.real
        ;;
    esac
    cat >"$place" <<END
#!/bin/sh
name=$1 keep=$2 real=$real
END
    cat >>"$place" <<'END'
answer() { # of the real program, changed by the script of sed in $1, and so the file that it writes
    change=$1 file=''
    shift
    previous=''
    for word in "$@"; do
        case $previous in --report-file | --logfile) file=$word ;; esac
        previous=$word
    done
    [ "$file" != /dev/null ] || file=''
    status=0
    if [ "$keep" = yes ] && [ -e /tmp/kept.$#.out ]; then
        [ -z "$file" ] || cp /tmp/kept.$#.file "$file"
        status=$(cat /tmp/kept.$#.status)
    else
        "$real" "$@" >/tmp/kept.$#.out 2>&1 || status=$?
        [ -z "$file" ] || cp "$file" /tmp/kept.$#.file
        echo $status >/tmp/kept.$#.status
    fi
    sed "$change" /tmp/kept.$#.out
    [ -z "$file" ] || sed -i "$change" "$file"
    exit "$status"
}
case $(cat "/tmp/mutation.$name" 2>/dev/null) in
'') if [ "$keep" = yes ]; then answer '' "$@"; else exec "$real" "$@"; fi ;;
empty) exit 0 ;;
garbage) echo 'fatal: cannot talk to the kernel' ;;
status-1) exit 1 ;;
status-2) exit 2 ;;
status-125) exit 125 ;;
status-255) exit 255 ;;
said-1) echo 'fatal: cannot talk to the kernel'; exit 1 ;;
said-2) echo 'fatal: cannot talk to the kernel' >&2; exit 2 ;;
killed) kill -KILL $$ ;;
language) answer 'y/aeiou/eioua/' "$@" ;;
format) answer 's/^/| /; s/=/ = /' "$@" ;;
esac
END
    chmod 755 "$place"
}
mutations() { # script of the checker, programs
    checker=$1
    shift
    check good "$checker"
    for program in "$@"; do
        for mutation in empty garbage status-1 status-2 status-125 status-255 said-1 said-2 killed \
            language format; do
            echo "$mutation" >"/tmp/mutation.$program"
            check "$program-$mutation" "$checker"
        done
        rm "/tmp/mutation.$program"
    done
    check again "$checker"
}
"""


@dataclass(frozen=True)
class Case:
    """A host where all is well for a preset, and the programs that it asks."""

    programs: tuple[str, ...]
    setup: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    slow: bool = False
    boot: bool = False
    lists: bool = False
    """Whether what it prints when all is well is a list (signal change, digest)."""
    harmless: tuple[str, ...] = ()
    """Changes of the answer that change nothing that is read."""


CASES = {
    "aide": Case(
        ("aide",),
        f"{AIDE}\naide --config /tmp/aide.conf --init >/dev/null",
        (("CONFIG", "/tmp/aide.conf"),),
    ),
    "apt-security": Case(("apt-cache", "dpkg-query"), "touch /var/lib/apt/lists/*Release"),
    "backup-age": Case(
        ("find",),
        "mkdir /srv/fresh; echo dump >/srv/fresh/dump",
        (("DIRS", "/srv/fresh"),),
    ),
    "borg": Case(
        ("borg",),
        "borg init -e none /srv/borg; borg create /srv/borg::one /etc/passwd",
        (("REPOSITORY", "/srv/borg"),),
    ),
    "btrfs": Case(("btrfs",), f"{BTRFS}\nbtrfs scrub start -B /fs >/dev/null 2>&1"),
    "certificates": Case(
        ("openssl",),
        """
        openssl req -x509 -newkey rsa:2048 -nodes -keyout /tmp/key -out /tmp/crt -days 100 \
            -subj /CN=long.test 2>/dev/null
        """,
        (("FILES", "/tmp/crt"),),
    ),
    "chkrootkit": Case(("chkrootkit",), slow=True, lists=True),
    "chrony": Case(
        ("chronyc",),
        f"{TIME_SERVER}\n{CHRONY}\ntime_server 11123 127.0.0.1 0.001\nchrony 11123",
    ),
    "debsecan": Case(("debsecan",), f"{HOLES}\ntouch /tmp/mended"),
    # OK is the word in every language
    "debsums": Case(("debsums",), harmless=("debsums-language",)),
    "deleted-files": Case(("lsof",)),
    "disk-space": Case(("df",)),
    "docker": Case(("docker",), f"{DOCKER}\nrun --name web box sleep 10000"),
    "dpkg-audit": Case(("dpkg", "dpkg-query")),
    "fail2ban": Case(("fail2ban-client",), f"{JAILS}\nstart_jails"),
    # what programs say in the journal is in no language
    "failed-logins": Case(
        ("journalctl", "systemd-cat"),
        JOURNAL,
        boot=True,
        harmless=("systemd-cat-language", "systemd-cat-format"),
    ),
    "failed-units": Case(("systemctl",), boot=True),
    "inodes": Case(("df",)),
    # with no line to tell, its answer is empty in any language and format
    "logcheck": Case(
        ("logcheck", "setpriv"),
        LOGS,
        harmless=("logcheck-language", "logcheck-format", "setpriv-language", "setpriv-format"),
    ),
    "journal-errors": Case(
        ("journalctl", "systemd-cat"),
        JOURNAL,
        (("SKIP", "[a-z]"),),
        boot=True,
        harmless=("systemd-cat-language", "systemd-cat-format"),
    ),
    "logwatch": Case(
        ("logwatch",),
        LOGS
        + """
        echo "$(date -d yesterday '+%b %e') 11:00:00 box sshd[12]: Failed password for root" \
            "from 192.0.2.7 port 22 ssh2" >>/var/log/auth.log
        """,
        lists=True,
        # a digest is mailed as it is, and is no claim of health
        harmless=("logwatch-format",),
    ),
    "lynis": Case(
        ("lynis",),
        r"""
        awk -F: '!/^#/ && $1 !~ /^AUTH-92/ { print "skip-test=" $1 }' \
            /usr/share/lynis/db/tests.db >/etc/lynis/custom.prf
        """,
        slow=True,
    ),
    "mail-queue": Case(("postqueue",), POSTFIX),
    "mariadb": Case(("mariadb",), MARIADB, (("DUMPS", ""),)),
    "mdadm": Case(
        ("mdadm",),
        """
        build array
        mknod /dev/md0 b 9 0
        mknod /dev/sda1 b 8 1
        mknod /dev/sdb1 b 8 17
        mkdir -p /sys/dev/block/8:1 /sys/dev/block/8:17
        ln -s ../../devices/virtual/block/md0 /sys/dev/block/9:0
        umount /proc
        echo 'md0 : active raid1 sdb1[1] sda1[0]' >/proc/mdstat
        echo 'active active' >/run/md0
        export LD_PRELOAD=/tmp/array.so
        """,
    ),
    "monitoring-plugin": Case(
        ("check_dummy",),
        "PATH=$PATH:/usr/lib/nagios/plugins",
        (("COMMAND", "check_dummy 0 fine"),),
        # OK is the word in every language
        harmless=("check_dummy-language",),
    ),
    "megaraid": Case(
        ("storcli64",),
        f"{MEGARAID}\ncp /tmp/good /tmp/storcli; cp /opt/MegaRAID/storcli/storcli64 /usr/sbin",
    ),
    # its answer for programs is in capital letters, in every language
    "needrestart": Case(
        ("needrestart",),
        "rm -f /etc/apt/apt.conf.d/99needrestart",
        harmless=("needrestart-language",),
    ),
    "ntp": Case(("ntpq",), f"{TIME_SERVER}\n{NTP}\nntp\nwell", (("OFFSET", "500"),)),
    "oom-kills": Case(
        ("journalctl", "systemd-cat"),
        JOURNAL,
        boot=True,
        harmless=("systemd-cat-language", "systemd-cat-format"),
    ),
    "open-ports": Case(("ss",), "", (("ALLOWED", "tcp/22?"),)),
    "ports": Case(("ss",), lists=True),
    "postgresql": Case(("pg_lsclusters", "psql"), POSTGRESQL, (("DUMPS", ""),)),
    "restic": Case(
        ("restic",),
        """
        echo secret >/tmp/password
        export RESTIC_PASSWORD_FILE=/tmp/password
        restic -q -r /srv/restic init
        restic -q -r /srv/restic backup /etc/passwd
        """,
        (("REPOSITORY", "/srv/restic"), ("PASSWORD", "/tmp/password")),
    ),
    "rkhunter": Case(
        ("rkhunter",),
        """
        sed -i 's/^ENABLE_TESTS=.*/ENABLE_TESTS=passwd_changes group_changes/' /etc/rkhunter.conf
        cp /etc/passwd /etc/group /var/lib/rkhunter/tmp/
        rkhunter --propupd --nocolors >/dev/null
        """,
        slow=True,
    ),
    "smartctl": Case(
        ("smartctl",),
        "build disk; echo well >/dev/sda; export LD_PRELOAD=/tmp/disk.so",
        (("DEVICES", "/dev/sda -d ata"),),
    ),
    "sensors": Case(("sensors",), f"{CHIP}\nexport LD_PRELOAD=/tmp/sysfs.so"),
    "ssacli": Case(
        ("ssacli",),
        f"{SMART_ARRAY}\ncp /tmp/status /tmp/ssacli.status; cp /tmp/config /tmp/ssacli.config",
    ),
    "suid-files": Case(("find", "cksum"), lists=True, harmless=("cksum-language",)),
    "unattended-upgrades": Case(
        ("unattended-upgrade", "apt-config"),
        "touch /var/lib/apt/periodic/upgrade-stamp",
    ),
    "zpool": Case(("zpool",), f"{POOL}\ngood"),
}


@pytest.mark.parametrize("name", CASES)
def test_no_change_of_an_answer_is_taken_for_health(name: str) -> None:
    case = CASES[name]
    keep = "yes" if case.slow else "no"
    stand_ins = "\n".join(f"stand_in {program} {keep}" for program in case.programs)
    # what the setup preloads or puts on the path is for the checker too
    text = STAND_IN
    if "LD_PRELOAD" in case.setup:
        text = text.replace(' "$checker"\n', ' "$checker" "LD_PRELOAD=$LD_PRELOAD"\n')
    found = told(
        f"{text}\n{case.setup}\n{stand_ins}\nmutations {name} {' '.join(case.programs)}",
        boot=case.boot,
        patience=5400,
        **{name: script(name, **dict(case.variables))},
    )
    labels = {f"{program}-{mutation}" for program in case.programs for mutation in MUTATIONS}
    assert set(found) == {"good", "again", *labels}
    for label in ("good", "again"):
        assert not found[label].failed, found[label]
        assert case.lists or found[label] == GOOD, found[label]
    for label in sorted(labels - set(case.harmless)):
        healthy = not found[label].failed and (case.lists or found[label] == GOOD)
        assert not healthy, f"{label}: {found[label]}"


def test_every_preset_that_asks_a_program_is_tried() -> None:
    from rotation.checkers.shipped import shipped

    # the files of these are tried in test_updates.py and test_local.py
    assert set(CASES) == set(shipped()) - {"reboot-required", "kernel-taint"}
