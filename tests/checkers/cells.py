"""Which test shows each cell of docs/presets.md: what a preset speaks of, how it fails, and what it
cannot see.

A token is a test in tests/checkers/presets with the labels of its states, `test:label,label`, or
`mutation:program-change` of test_mutations.py. Cells are divided by `;`, as on the page; `-` is for
what no test shows, and the page says so.
"""

from __future__ import annotations

CELLS: dict[str, tuple[str, str, str]] = {
    "aide": (
        "aide:bad",
        "aide:never; mutation:aide-empty; aide_counts:miscounted",
        "-; -",
    ),
    "apt-security": (
        "apt_security:bad,held,pinned updates_that_apt_does_not_make_at_once:phased,kept; "
        "apt_security:stale,never,future",
        "mutation:apt-cache-status-1 mutation:dpkg-query-empty; apt_security:broken",
        "-; -",
    ),
    "backup-age": (
        "every_shell:backup-bad; every_shell:backup-bad; "
        "every_shell:backup-bad a_folder_that_cannot_be_read:closed",
        "every_shell:backup-unset; mutation:find-garbage",
        "-",
    ),
    "borg": (
        "borg:changed; borg:old,empty",
        "borg:absent,locked,password; mutation:borg-empty",
        "-; -",
    ),
    "btrfs": (
        "btrfs:bad,never a_scrub_that_was_aborted_or_is_old:aborted,old; btrfs:bad; "
        "btrfs:missing; two_of_btrfs:gone",
        "btrfs:none; mutation:btrfs-garbage mutation:btrfs-empty",
        "-; -",
    ),
    "certificates": (
        "every_shell:cert-bad certificates_at_their_end:steps; every_shell:cert-bad,cert-paths",
        "every_shell:cert-none; mutation:openssl-garbage",
        "-; -; -",
    ),
    "chkrootkit": (
        "chkrootkit:infected,again; chkrootkit:bad",
        "mutation:chkrootkit-status-1; mutation:chkrootkit-empty; mutation:chkrootkit-language",
        "chkrootkit:first; -",
    ),
    "chrony": (
        "chrony:deaf a_source_that_chrony_rejects_and_a_measure_that_is_old:late; chrony:bad; "
        "chrony:deaf a_source_that_chrony_rejects_and_a_measure_that_is_old:rejected",
        "chrony:none; mutation:chronyc-format",
        "-",
    ),
    "debsecan": (
        "debsecan:bad",
        "debsecan:broken; debsecan:empty; mutation:debsecan-format",
        "-",
    ),
    "debsums": (
        "debsums:bad",
        "mutation:debsums-empty; debsums:broken mutation:debsums-status-1; mutation:debsums-format",
        "-; -; -",
    ),
    "deleted-files": (
        "deleted_files:bad what_is_compared",
        "mutation:lsof-empty; mutation:lsof-format",
        "-",
    ),
    "disk-space": (
        "every_shell:space-bad,space-full; a_file_system_that_does_not_answer:dead,gone",
        "mutation:df-empty; mutation:df-garbage; "
        "values_that_somebody_writes_into_a_script:percent,skip",
        "-; -; -",
    ),
    "docker": (
        "docker:loop,again; docker:sick,paused a_container_that_is_half_removed:dead; "
        "docker:stopped",
        "docker:down,none; mutation:docker-format",
        "-; -",
    ),
    "dpkg-audit": (
        "dpkg_audit:bad packages_that_wait_for_a_trigger_or_have_no_list:trigger,list",
        "mutation:dpkg-query-empty mutation:dpkg-empty; mutation:dpkg-garbage",
        "-",
    ),
    "fail2ban": (
        "fail2ban:bad; fail2ban:blind; fail2ban:down",
        "fail2ban:broken,disabled; mutation:fail2ban-client-format",
        "-; -",
    ),
    "failed-logins": (
        "failed_logins:bad; failed_logins:bad; failed_logins:broken-in",
        "mutation:journalctl-empty; mutation:journalctl-status-1 mutation:journalctl-format",
        "failed_logins:few; -",
    ),
    "failed-units": (
        "failed_units:bad; failed_units:loop",
        "failed_units:broken mutation:systemctl-empty; mutation:systemctl-language",
        "-; failed_units:again; -",
    ),
    "inodes": (
        "every_shell:inodes-bad",
        "mutation:df-empty; mutation:df-garbage; values_that_somebody_writes_into_a_script:inodes",
        "-; -; -",
    ),
    "journal-errors": (
        "journal_errors:base,other",
        "journal_errors:dead mutation:journalctl-empty; mutation:journalctl-format",
        "journal_errors:known; journal_errors:looked; -",
    ),
    "kernel-taint": (
        "kernel_taint:bad",
        "kernel_taint:garbage,empty,absent; kernel_taint:unknown",
        "-; -",
    ),
    "logcheck": (
        "logcheck:told,nothing",
        "logcheck:deaf; logcheck:broken mutation:logcheck-status-1",
        "-; -",
    ),
    "logwatch": ("logwatch:mail", "logwatch:broken; mutation:logwatch-empty", "-"),
    "lynis": (
        "lynis:bad",
        "lynis:broken mutation:lynis-empty; mutation:lynis-format",
        "-; lynis:good",
    ),
    "mail-queue": (
        "mail_queue_of_postfix:many mail_queue_of_exim:many; "
        "mail_queue_of_postfix:old mail_queue_of_exim:old",
        "mail_queue_of_postfix:down mail_queue_of_exim:broken; mutation:postqueue-format",
        "-; -; -",
    ),
    "mariadb": (
        "mariadb:down; mariadb:full; mariadb:nothing,cut",
        "mariadb:refused; mutation:mariadb-format",
        "-; -",
    ),
    "mdadm": (
        "mdadm:gone,faulty,dead; mdadm:missing an_array_that_is_stopped:gone",
        "mdadm:none; mdadm:unreadable mutation:mdadm-empty",
        "-; -",
    ),
    "megaraid": (
        "megaraid:bad; megaraid:bad; megaraid:bad; megaraid:gone",
        "megaraid:none; megaraid:fewer,refused mutation:storcli64-format",
        "-; -",
    ),
    "monitoring-plugin": (
        "monitoring_plugin:bad a_plugin_that_warns:warning what_is_compared",
        "monitoring_plugin:unknown,absent mutation:check_dummy-empty; mutation:check_dummy-garbage",
        "-; what_is_compared",
    ),
    "needrestart": (
        "needrestart:bad old_code_in_sessions_and_containers:old; "
        "needrestart:bad microcode:microcode",
        "needrestart:broken mutation:needrestart-empty; mutation:needrestart-format",
        "-",
    ),
    "ntp": (
        "ntp:deaf; ntp:bad; ntp:deaf a_server_that_ntpd_rejects:rejected",
        "ntp:none; mutation:ntpq-format",
        "-",
    ),
    "oom-kills": (
        "oom_kills:bad,told; a_unit_that_systemd_oomd_has_killed:unit",
        "mutation:journalctl-empty; mutation:journalctl-status-1 mutation:journalctl-format",
        "-; -",
    ),
    "open-ports": (
        "open_ports:bad; open_ports:missing",
        "mutation:ss-empty mutation:ss-format",
        "-; -; -",
    ),
    "ports": (
        "every_shell:ports-more",
        "mutation:ss-empty mutation:ss-format",
        "-; -; -",
    ),
    "postgresql": (
        "postgresql:down,deaf,killed; postgresql:archive; postgresql:full; "
        "postgresql:nothing,cut,old,future",
        "postgresql:absent mutation:pg_lsclusters-status-1; mutation:psql-format",
        "-; -; -",
    ),
    "reboot-required": (
        "reboot_required:bad,bare",
        "reboot_required:nobody; reboot_required:garbage",
        "-",
    ),
    "restic": (
        "restic:changed-read,missing; restic:old,empty",
        "restic:absent,password a_repository_that_is_locked:locked; mutation:restic-empty",
        "restic:changed; -; -",
    ),
    "rkhunter": (
        "rkhunter:bad,first,next",
        "rkhunter:broken mutation:rkhunter-empty; mutation:rkhunter-status-1 "
        "mutation:rkhunter-status-2; a_warning_that_rkhunter_keeps_to_itself:hidden",
        "-; -",
    ),
    "sensors": (
        "sensors:bad; sensors:bad; sensors:unread",
        "sensors:none; mutation:sensors-format",
        "-; -",
    ),
    "smartctl": (
        "smartctl:failing,past,log,deaf,absent; a_disk_that_falls_off_the_bus:gone",
        "smartctl:none; mutation:smartctl-language",
        "-; -",
    ),
    "ssacli": (
        "ssacli:bad; ssacli:bad; ssacli:bad; ssacli:gone",
        "ssacli:none; mutation:ssacli-format",
        "-",
    ),
    "suid-files": (
        "suid_files:came,changed,went",
        "mutation:find-empty; mutation:find-format",
        "suid_files:first; -; -",
    ),
    "unattended-upgrades": (
        "unattended_upgrades:off,lists,disabled,origins,insecure; "
        "unattended_upgrades:never,stuck,future; unattended_upgrades:offline,broken",
        "mutation:apt-config-empty; mutation:unattended-upgrade-empty "
        "mutation:unattended-upgrade-status-1; mutation:unattended-upgrade-garbage",
        "updates_that_apt_does_not_make_at_once:unattended; -",
    ),
    "zpool": (
        "zpool:bad; zpool:bad; zpool:bad; zpool:gone",
        "zpool:none,module; zpool:silent mutation:zpool-format",
        "-; -",
    ),
}
