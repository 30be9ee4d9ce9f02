"""States that are seldom seen: locked, kept back, cut off, taken to be wrong, half removed."""

from __future__ import annotations

from tests.checkers.presets.scratch import script
from tests.checkers.presets.told import (
    BTRFS,
    CHRONY,
    DOCKER,
    GOOD,
    JOURNAL,
    NTP,
    OUTDATED,
    TIME_SERVER,
    bad,
    failed,
    told,
)


def test_updates_that_apt_does_not_make_at_once() -> None:
    found = told(
        f"""
        {OUTDATED}
        touch /var/lib/apt/lists/*Release /var/lib/apt/periodic/upgrade-stamp
        outdated openssl 3.0.1-1
        cp -r /var/lib/apt/lists /tmp/lists
        stanza() {{ sed -i "/^Package: openssl\\$/,/^\\$/$1" /var/lib/apt/lists/*Packages; }}
        stanza 's/^Version: .*/&\\nPhased-Update-Percentage: 0/'
        check phased apt-security
        cp /tmp/lists/*Packages /var/lib/apt/lists
        stanza 's/^Depends: .*/Depends: nonesuch/'
        apt-get -s upgrade | grep -A1 'kept back' >/box/told/apt.out
        : >/box/told/apt.err
        echo 0 >/box/told/apt
        check kept apt-security
        check unattended unattended-upgrades
        """,
        *("apt-security", "unattended-upgrades"),
    )
    assert found["apt"].lines == ["The following packages have been kept back:", "  openssl"]
    for label in ("phased", "kept"):
        (line,) = found[label].lines
        assert line.startswith("openssl: 3.0.1-1 -> 3."), label
    # its trial has no word for such a package, which is why apt-security looks for itself
    assert found["unattended"] == GOOD


def test_packages_that_wait_for_a_trigger_or_have_no_list() -> None:
    found = told(
        """
        status=/var/lib/dpkg/status
        cp $status /tmp/status
        stanza='/^Package: lsof$/,/^$/'
        sed -i "$stanza s/^Status: .*/Status: install ok triggers-pending/" $status
        sed -i "$stanza s/^Version: .*/&\\nTriggers-Pending: ldconfig/" $status
        check trigger dpkg-audit
        cp /tmp/status $status
        rm /var/lib/dpkg/info/mksh.list
        check list dpkg-audit
        """,
        "dpkg-audit",
    )
    assert found["trigger"] == bad("lsof: utility to list open files")
    assert found["list"] == bad("mksh: MirBSD Korn Shell")


def test_a_folder_that_cannot_be_read() -> None:
    found = told(
        """
        mkdir -m 700 /srv/closed
        setpriv --reuid nobody --clear-groups sh /box/checks/backups --print \\
            >/box/told/closed.out 2>/box/told/closed.err
        echo $? >/box/told/closed
        """,
        backups=script("backup-age", DIRS="/srv/closed"),
    )
    assert found["closed"] == bad("/srv/closed: cannot be read")


def test_old_code_in_sessions_and_containers(suite: str) -> None:
    found = told(
        """
        # a session and a container are cgroups by such names
        cd /sys/fs/cgroup/systemd
        mkdir -p user.slice/user-1000.slice/session-1.scope lxc.payload.web
        useradd -u 1000 alice
        (setpriv --reuid 1000 --clear-groups sleep 1001 &)
        (unshare --pid --fork sleep 1002 &)
        until pgrep -f '^sleep 1001' && pgrep -f '^sleep 1002'; do sleep 0.1; done >/dev/null
        pgrep -f '^sleep 1001' >user.slice/user-1000.slice/session-1.scope/cgroup.procs
        pgrep -f '^sleep 1002' >lxc.payload.web/cgroup.procs
        library=$(realpath /lib/x86_64-linux-gnu/libc.so.6)
        cp "$library" "$library.new"
        mv "$library.new" "$library"
        check old needrestart
        """,
        "needrestart",
        boot=True,
    )
    assert not found["old"].failed
    assert "session of alice @ session #1: log in anew" in found["old"].lines
    # needrestart 3.6 sees that container and does not tell of it
    if suite == "trixie":
        assert "container LXC web: restart it" in found["old"].lines


def test_microcode() -> None:
    found = told(
        """
        # the real answer, but for one word of it: no processor here takes microcode
        mv /usr/sbin/needrestart /tmp/needrestart
        cat >/usr/sbin/needrestart <<'END'
#!/bin/sh
/tmp/needrestart "$@" | sed 's/^NEEDRESTART-UCSTA: .*/NEEDRESTART-UCSTA: 2/'
END
        chmod 755 /usr/sbin/needrestart
        check microcode needrestart
        """,
        "needrestart",
    )
    assert "processor microcode: reboot" in found["microcode"].lines


def test_a_scrub_that_was_aborted_or_is_old() -> None:
    found = told(
        f"""
        {BTRFS}
        btrfs scrub start -B /fs >/dev/null 2>&1
        # a scrub of so little is over at once: what btrfs has noted of it is written anew
        record=$(echo /var/lib/btrfs/scrub.status.*)
        cp "$record" /tmp/record
        sed 's/|canceled:0|finished:1/|canceled:1|finished:0/' /tmp/record >"$record"
        check aborted btrfs
        sed 's/|t_start:[0-9]*/|t_start:1700000000/' /tmp/record >"$record"
        check old btrfs
        umount /fs
        """,
        "btrfs",
    )
    assert found["aborted"] == bad("/fs: the last scrub was aborted")
    assert found["old"] == bad("/fs: not scrubbed since 2023-11-14")


def test_a_source_that_chrony_rejects_and_a_measure_that_is_old() -> None:
    found = told(
        f"""
        {TIME_SERVER}
        time_server 11123 127.0.0.1 0.001
        time_server 11123 127.0.0.2 0.001
        time_server 11123 127.0.0.3 2
        {CHRONY}
        for number in 1 2 3; do
            echo "server 127.0.0.$number port 11123 iburst minpoll 0 maxpoll 0"
        done >/tmp/chrony.conf
        chronyd -x -u root -f /tmp/chrony.conf
        until chronyc -n -c sources 2>/dev/null | grep -q '^^,x,127.0.0.3'; do sleep 0.1; done
        check rejected chrony
        # four hours later, as far as the checker can see
        printf '#!/bin/sh\\nexec /bin/date -d "4 hours" "$@"\\n' >/usr/local/sbin/date
        chmod 755 /usr/local/sbin/date
        check late chrony
        """,
        "chrony",
    )
    assert found["rejected"] == bad("source 127.0.0.3: is taken to be wrong")
    assert "clock: not measured for more than 180 minutes" in found["late"].lines


def test_a_server_that_ntpd_rejects() -> None:
    found = told(
        f"""
        {TIME_SERVER}
        {NTP}
        for number in 2 3; do
            nsenter -t $other -n ip addr add 192.0.2.$number/24 dev there
            echo "server 192.0.2.$number minpoll 3 maxpoll 3 iburst" >>/tmp/ntp.conf
        done
        time_server 123 192.0.2.2 0.1 nsenter -t $other -n
        time_server 123 192.0.2.3 3 nsenter -t $other -n
        ntp
        until ntpq -n -p | grep -q '^x192.0.2.3'; do sleep 0.5; done
        check rejected ntp
        """,
        ntp=script("ntp", OFFSET="999999"),
    )
    assert "server 192.0.2.3: is taken to be wrong" in found["rejected"].lines


def test_a_container_that_is_half_removed() -> None:
    found = told(
        f"""
        {DOCKER}
        run --name web box sleep 1000
        docker create --network none --name stuck box true >/dev/null
        # what may not be removed, where the kernel has that on a tmpfs (6.6)
        for layer in /var/lib/docker/vfs/dir/*; do
            : >"$layer/fixed"
            chattr +i "$layer/fixed" 2>/dev/null || echo "$layer" >>/tmp/removable
        done
        docker rm stuck >/dev/null 2>&1
        [ -e /tmp/removable ] || check dead docker
        for layer in /var/lib/docker/vfs/dir/*; do chattr -i "$layer/fixed" 2>/dev/null; done
        docker kill web >/dev/null
        """,
        "docker",
    )
    assert found.get("dead", bad("stuck: is dead")) == bad("stuck: is dead")


def test_a_repository_that_is_locked() -> None:
    found = told(
        """
        echo secret >/tmp/password
        export RESTIC_PASSWORD_FILE=/tmp/password
        restic -q -r /srv/restic init
        mkfifo /tmp/pipe
        restic -q -r /srv/restic backup --stdin </tmp/pipe >/dev/null 2>&1 &
        exec 3>/tmp/pipe
        until [ -n "$(ls /srv/restic/locks)" ]; do sleep 0.1; done
        check locked restic
        exec 3>&-
        wait
        """,
        restic=script("restic", REPOSITORY="/srv/restic", PASSWORD="/tmp/password"),
    )
    failed(found["locked"], "restic check ended with status", "already locked by PID")


def test_a_unit_that_systemd_oomd_has_killed() -> None:
    killed = (
        "Killed /user.slice/user-1000.slice/app.scope due to memory pressure for /user.slice "
        "being 62.41% > 50.00% for > 20s with reclaim activity"
    )
    found = told(
        f"""
        {JOURNAL}
        mailed before oom-kills
        # in its words: it does not run where the kernel tells no memory pressure
        echo '{killed}' | systemd-cat -t systemd-oomd
        check unit oom-kills
        """,
        "oom-kills",
        boot=True,
    )
    assert found["unit"] == bad(f"systemd-oomd: {killed}")


def test_a_plugin_that_warns() -> None:
    found = told(
        "PATH=$PATH:/usr/lib/nagios/plugins\ncheck warning plugin",
        plugin=script("monitoring-plugin", COMMAND="check_dummy 1 'nearly'"),
    )
    assert found["warning"] == bad("WARNING: nearly", "exit status 1")


def test_a_warning_that_rkhunter_keeps_to_itself() -> None:
    found = told(
        """
        sed -i 's/^ENABLE_TESTS=.*/ENABLE_TESTS=passwd_changes/' /etc/rkhunter.conf
        cp /etc/passwd /etc/group /var/lib/rkhunter/tmp/
        rkhunter --propupd --nocolors >/dev/null
        # the real one, and one more line in its log
        mv /usr/bin/rkhunter /usr/bin/rkhunter.real
        cat >/usr/bin/rkhunter <<'END'
#!/bin/sh
rkhunter.real "$@"
status=$?
while [ $# -gt 1 ]; do
    [ "$1" != --logfile ] || echo '[12:00:00] Warning: something is hidden' >>"$2"
    shift
done
exit $status
END
        chmod 755 /usr/bin/rkhunter
        check hidden rkhunter
        """,
        "rkhunter",
    )
    failed(found["hidden"], "unknown output: [12:00:00] Warning: something is hidden")
