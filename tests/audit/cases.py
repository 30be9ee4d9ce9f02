"""One armed configuration for every tool of the table; {A} is where the address goes.

Each is a tree: files by path, the place of the address last. MAIL is a mail(1).
"""

from __future__ import annotations

from dataclasses import dataclass

MAIL = "/usr/bin/mail"


@dataclass(frozen=True)
class Case:
    """A tool's files, and where in them the address stands."""

    tool: str
    place: str
    files: dict[str, str]
    what: str = ""
    good: str = "root"
    """The address that is right; those that speak SMTP want a host behind it."""


LOCAL = "root@localhost"
CASES = [
    Case("logwatch", "/etc/logwatch/conf/logwatch.conf:2", {
        "/usr/sbin/logwatch": "", "/usr/share/logwatch/default.conf/logwatch.conf":
        "Output = stdout\nMailTo = nobody@corp.net\n",
        "/etc/logwatch/conf/logwatch.conf": "Output = mail\nMailTo = {A}\n"}),
    Case("logwatch", "/etc/logwatch/conf/override.conf:1", {
        "/usr/sbin/logwatch": "", "/etc/logwatch/conf/logwatch.conf": "MailTo = x@corp.net\n",
        "/etc/logwatch/conf/override.conf": "logwatch: MailTo = {A}\nlogwatch: Output = mail\n"}),
    Case("logwatch", "/etc/cron.daily/00logwatch:2", {
        "/usr/sbin/logwatch": "", "/etc/logwatch/conf/logwatch.conf": "MailTo = x@corp.net\n",
        "/etc/cron.daily/00logwatch": "#!/bin/sh\n/usr/sbin/logwatch --mailto {A}\n"}),
    Case("logcheck", "/etc/logcheck/logcheck.conf:1", {
        "/usr/sbin/logcheck": "", "/etc/cron.d/logcheck": "",
        "/etc/logcheck/logcheck.conf": 'SENDMAILTO="{A}"\n'}),
    Case("unattended-upgrades", "/etc/apt/apt.conf.d/52local:1", {
        "/usr/bin/unattended-upgrade": "", MAIL: "",
        "/etc/apt/apt.conf.d/20auto-upgrades": 'APT::Periodic::Unattended-Upgrade "1";\n',
        "/etc/apt/apt.conf.d/50unattended-upgrades": 'Unattended-Upgrade::Mail "x@corp.net";\n',
        "/etc/apt/apt.conf.d/60ignored.bak": 'Unattended-Upgrade::Mail "y@corp.net";\n',
        "/etc/apt/apt.conf.d/52local": 'Unattended-Upgrade { Mail "{A}"; };\n'}),
    Case("apticron", "/etc/apticron/apticron.conf:1", {
        "/usr/sbin/apticron": "", MAIL: "", "/usr/lib/apticron/apticron.conf": 'EMAIL="x@corp.net"',
        "/etc/apticron/apticron.conf": 'EMAIL="{A}"\n'}),
    Case("apt-listchanges", "/etc/apt/listchanges.conf:3", {
        "/usr/bin/apt-listchanges": "",
        "/etc/apt/listchanges.conf": "[apt]\nfrontend=pager\nemail_address={A}\n"}),
    Case("dnf-automatic", "/etc/dnf/automatic.conf:4", {
        "/usr/bin/dnf-automatic": "",
        "/etc/dnf/automatic.conf":
        "[emitters]\nemit_via = stdio,email\n[email]\nemail_to = {A}\n"}),
    Case("debsecan", "/etc/default/debsecan:2", {
        "/usr/bin/debsecan": "", "/etc/default/debsecan": "REPORT=true\nMAILTO={A}\n"}),
    Case("exim4-base", "/etc/default/exim4:1", {
        "/usr/sbin/exim4": "", "/etc/default/exim4": "E4BCD_PANICLOG_REPORT_TO={A}\n"},
        "panic log"),
    Case("exim4-base", "/etc/default/exim4:1", {
        "/usr/sbin/exim4": "", "/etc/default/exim4": 'E4BCD_DAILY_REPORT_TO="{A}"\n'},
        "daily report"),
    Case("lynis", "/etc/crontab:1", {
        "/usr/sbin/lynis": "", "/etc/crontab": "MAILTO={A}\n", "/etc/cron.daily/lynis": ""}),
    Case("certbot", "/etc/cron.d/certbot:1", {
        "/usr/bin/certbot": "", "/etc/letsencrypt/renewal/a.conf": "",
        "/etc/cron.d/certbot": "MAILTO={A}\n"}, "failed renewals"),
    Case("certbot", "/etc/letsencrypt/cli.ini:1", {
        "/usr/bin/certbot": "", "/etc/letsencrypt/cli.ini": "email = {A}\n"}, "notices of the CA"),
    Case("fail2ban", "/etc/fail2ban/jail.local:2", {
        "/usr/bin/fail2ban-server": "", "/etc/fail2ban/jail.conf":
        "[DEFAULT]\ndestemail = x@corp.net\naction = %(action_)s\n",
        "/etc/fail2ban/jail.d/a.conf": "[DEFAULT]\ndestemail = y@corp.net\n",
        "/etc/fail2ban/jail.local": "[DEFAULT]\ndestemail = {A}\naction = %(action_mwl)s\n"}),
    Case("fail2ban", "/etc/fail2ban/jail.local:3", {
        "/usr/bin/fail2ban-server": "", "/etc/fail2ban/jail.local":
        "[DEFAULT]\n[sshd]\ndestemail = {A}\n"}, "single jails"),
    Case("denyhosts", "/etc/denyhosts.conf:1", {
        "/usr/sbin/denyhosts": "", "/etc/denyhosts.conf":
        "ADMIN_EMAIL = {A}\nSMTP_HOST = localhost\n"}, good=LOCAL),
    Case("lsm", "/usr/local/lsm/conf.lsm:2", {
        "/usr/local/lsm/lsm": "", "/etc/cron.d/lsm": "",
        "/usr/local/lsm/conf.lsm": '# who gets it\nUSER="{A}"\n'}),
    Case("rkhunter", "/etc/default/rkhunter:2", {
        "/usr/bin/rkhunter": "",
        "/etc/default/rkhunter": 'CRON_DAILY_RUN="true"\nREPORT_EMAIL="{A}"\n'}, "daily report"),
    Case("rkhunter", "/etc/rkhunter.conf.local:1", {
        "/usr/bin/rkhunter": "", "/etc/default/rkhunter": 'CRON_DAILY_RUN="true"\n',
        "/etc/rkhunter.conf": "#MAIL-ON-WARNING=x@corp.net\n",
        "/etc/rkhunter.conf.local": "MAIL-ON-WARNING={A}\n"}, "MAIL-ON-WARNING"),
    Case("chkrootkit", "/etc/chkrootkit/chkrootkit.conf:2", {
        "/usr/sbin/chkrootkit": "", MAIL: "",
        "/etc/chkrootkit/chkrootkit.conf": 'RUN_DAILY="true"\nMAILTO="{A}"\n'}),
    Case("aide", "/etc/default/aide:1", {
        "/usr/bin/aide": "", MAIL: "", "/etc/cron.daily/aide": "",
        "/etc/default/aide": "MAILTO={A}\n"}),
    Case("tripwire", "/etc/tripwire/twpol.txt:1", {
        "/usr/sbin/tripwire": "", "/etc/tripwire/tw.cfg": "",
        "/etc/tripwire/twpol.txt": '(rulename = "x", emailto = {A})\n'}, good=LOCAL),
    Case("samhain", "/etc/samhain/samhainrc:4", {
        "/usr/sbin/samhain": "", "/etc/samhain/samhainrc":
        "[Log]\nMailSeverity=crit\n[Misc]\nSetMailAddress={A}\n"}, good=LOCAL),
    Case("ossec", "/var/ossec/etc/ossec.conf:3", {
        "/var/ossec/bin/ossec-control": "", "/var/ossec/etc/ossec.conf":
        "<ossec_config><global>\n<email_notification>yes</email_notification>\n"
        "<email_to>{A}</email_to>\n</global></ossec_config>\n"}, good=LOCAL),
    Case("arpwatch", "/etc/default/arpwatch:1", {
        "/usr/sbin/arpwatch": "", "/etc/default/arpwatch": 'ARGS="-N -p -m {A}"\n'}),
    Case("arpwatch", "/etc/arpwatch/eth0.iface:1", {
        "/usr/sbin/arpwatch": "", "/etc/default/arpwatch": "",
        "/etc/arpwatch/eth0.iface": 'IFACE_ARGS="-m {A}"\n'}, "single interfaces"),
    Case("psad", "/etc/psad/psad.conf:1", {
        "/usr/sbin/psad": "", "/etc/psad/psad.conf":
        "EMAIL_ADDRESSES             {A};\nALERTING_METHODS   ALL;\n"}),
    Case("csf", "/etc/csf/csf.conf:1", {
        "/usr/sbin/csf": "", "/usr/local/csf/tpl/alert.txt": "From: root\nTo: x@corp.net\n",
        "/etc/csf/csf.conf": 'LF_ALERT_TO = "{A}"\n'}),
    Case("csf", "/etc/csf/csf.conf:2", {
        "/usr/sbin/csf": "", "/etc/csf/csf.conf": 'LF_ALERT_TO = ""\nX_ARF_TO = "{A}"\n'},
        "abuse reports"),
    Case("bfd", "/usr/local/bfd/conf.bfd:2", {
        "/usr/local/sbin/bfd": "",
        "/usr/local/bfd/conf.bfd": 'EMAIL_ALERTS="1"\nEMAIL_ADDRESS="{A}"\n'}),
    Case("maldet", "/usr/local/maldetect/conf.maldet:2", {
        "/usr/local/sbin/maldet": "",
        "/usr/local/maldetect/conf.maldet": 'email_alert="1"\nemail_addr="{A}"\n'}),
    Case("tiger", "/etc/tiger/tigerrc:1", {
        "/usr/sbin/tiger": "", "/etc/cron.d/tiger": "",
        "/etc/tiger/tigerrc": "Tiger_Mail_RCPT={A}\n"}),
    Case("checksecurity", "/etc/checksecurity.conf:2", {
        "/usr/sbin/checksecurity": "", MAIL: "",
        "/etc/checksecurity.conf": 'MAILTO=x@corp.net\nCHECKSECURITY_EMAIL="{A}"\n'}),
    Case("integrit", "/etc/integrit/integrit.debian.conf:2", {
        "/usr/sbin/integrit": "", "/etc/integrit/integrit.debian.conf":
        'CONFIGS="/etc/integrit/integrit.conf"\nEMAIL_RCPT="{A}"\n'}),
    Case("sxid", "/etc/sxid.conf:1", {
        "/usr/bin/sxid": "", "/etc/default/sxid": 'ENABLE="yes"\n',
        "/etc/sxid.conf": 'EMAIL = "{A}"\n'}),
    Case("auditd", "/etc/audit/auditd.conf:1", {
        "/sbin/auditd": "", "/etc/audit/auditd.conf":
        "action_mail_acct = {A}\nspace_left_action = email\nadmin_space_left_action = SUSPEND\n"}),
    Case("monit", "/etc/monit/conf.d/mail:2", {
        "/usr/bin/monit": "", "/etc/monit/monitrc":
        "# set alert x@corp.net\ninclude /etc/monit/conf.d/*\n",
        "/etc/monit/conf.d/mail": "SET MAILSERVER localhost\nset alert {A} not on { instance }\n"},
        good=LOCAL),
    Case("mdadm", "/etc/mdadm/mdadm.conf:1", {
        "/sbin/mdadm": "", "/etc/mdadm/mdadm.conf": "MAILADDR {A}\nMAILADDR x@corp.net\n",
        "/etc/default/mdadm": "START_DAEMON=true\n"}),
    Case("smartd", "/etc/smartd.conf:2", {
        "/usr/sbin/smartd": "", MAIL: "",
        "/etc/smartd.conf": "# -m x@corp.net\nDEVICESCAN -a -m {A} -M exec /x\n"}),
    Case("nagios", "/etc/nagios4/objects/contacts.cfg:3", {
        "/usr/sbin/nagios4": "", "/etc/nagios4/nagios.cfg":
        "cfg_file=/etc/nagios4/objects/contacts.cfg\nenable_notifications=1\n",
        "/etc/nagios4/objects/unread.cfg": "define contact {\n email x@corp.net\n}\n",
        "/etc/nagios4/objects/contacts.cfg":
        "define contact {\n contact_name a\n email {A} ; note\n}\n"}, "contacts"),
    Case("nagios", "/etc/nagios4/nagios.cfg:1", {
        "/usr/sbin/nagios4": "", "/etc/nagios4/nagios.cfg":
        "admin_email={A}\ncfg_dir=/etc/nagios4/conf.d\n",
        "/etc/nagios4/conf.d/a.cfg": "define command {\n command_line mail $ADMINEMAIL$\n}\n"},
        "admin_email"),
    Case("icinga2", "/etc/icinga2/conf.d/users.conf:2", {
        "/usr/sbin/icinga2": "", "/etc/icinga2/icinga2.conf": 'include_recursive "conf.d"\n',
        "/etc/icinga2/features-enabled/notification.conf": "",
        "/etc/icinga2/conf.d/n.conf": 'apply Notification "m" to Host {\n}\n',
        "/etc/icinga2/conf.d/users.conf": 'object User "a" {\n  email = "{A}"\n}\n'}),
    Case("munin", "/etc/munin/munin-conf.d/c.conf:1", {
        "/usr/bin/munin-cron": "", "/etc/munin/munin.conf":
        "#contact.a.command mail -s x x@corp.net\n",
        "/etc/munin/munin-conf.d/c.conf": 'contact.a.command mail -s "M ${var:host}" {A}\n'}),
    Case("zed", "/etc/zfs/zed.d/zed.rc:2", {
        "/usr/sbin/zed": "", MAIL: "",
        "/etc/zfs/zed.d/zed.rc": '#ZED_EMAIL_ADDR="x@corp.net"\nZED_EMAIL_ADDR="{A}"\n'}),
    Case("mon", "/etc/mon/mon.cf:4", {
        "/usr/sbin/mon": "", "/etc/mon/mon.cf":
        "watch w\n  service ping\n    period wd {Sun-Sat}\n      alert mail.alert -S subj {A}\n"}),
    Case("smokeping", "/etc/smokeping/config.d/Alerts:2", {
        "/usr/sbin/smokeping": "", "/etc/smokeping/config":
        "@include /etc/smokeping/config.d/Alerts\n@include /etc/smokeping/config.d/Targets\n",
        "/etc/smokeping/config.d/Targets": "alerts = someloss\n",
        "/etc/smokeping/config.d/Alerts": "*** Alerts ***\nto = {A}\n"}),
    Case("nut", "/usr/local/bin/notifyme:2", {
        "/sbin/upsmon": "", "/etc/nut/nut.conf": "MODE=standalone\n", "/etc/nut/upsmon.conf":
        'NOTIFYCMD "/usr/local/bin/notifyme"\nNOTIFYFLAG ONBATT SYSLOG+EXEC\n',
        "/usr/local/bin/notifyme": '#!/bin/sh\necho "$*" | mail -s "ups: $1" {A}\n'}),
    Case("apcupsd", "/etc/apcupsd/apccontrol:2", {
        "/sbin/apcupsd": "", MAIL: "", "/etc/default/apcupsd": "ISCONFIGURED=yes\n",
        "/etc/apcupsd/apccontrol": "#!/bin/sh\nexport SYSADMIN={A}\n"}),
    Case("backupninja", "/etc/backupninja.conf:1", {
        "/usr/sbin/backupninja": "",
        "/etc/backupninja.conf": "reportemail = {A}\nreportwarning = yes\n"}),
    Case("rsnapshot", "/etc/cron.d/rsnapshot:1", {
        "/usr/bin/rsnapshot": "", "/etc/rsnapshot.conf": "",
        "/etc/cron.d/rsnapshot": "MAILTO={A}\n0 4 * * * root /usr/bin/rsnapshot alpha\n"}),
    Case("borgmatic", "/etc/borgmatic/config.yaml:3", {
        "/usr/bin/borgmatic": "", "/etc/borgmatic/config.yaml":
        "hooks:\n  on_error:\n    - echo failed | mail -s borgmatic {A}\n"}),
    Case("automysqlbackup", "/etc/default/automysqlbackup:2", {
        "/usr/sbin/automysqlbackup": "",
        "/etc/default/automysqlbackup": 'MAILCONTENT="quiet"\nMAILADDR="{A}"\n'}),
    Case("autopostgresqlbackup", "/etc/default/autopostgresqlbackup:2", {
        "/usr/sbin/autopostgresqlbackup": "",
        "/etc/default/autopostgresqlbackup": 'MAILCONTENT="log"\nMAILADDR="{A}"\n'}),
    Case("sudo", "/etc/sudoers.d/mail:1", {
        "/usr/bin/sudo": "", "/etc/sudoers":
        "Defaults mail_badpass\nDefaults mailto=x@corp.net\n@includedir /etc/sudoers.d\n",
        "/etc/sudoers.d/ignored.bak": "Defaults mailto=y@corp.net\n",
        "/etc/sudoers.d/mail": 'Defaults mailto="{A}"\n'}),
    Case("sudo", "/etc/sudoers:1", {
        "/usr/bin/sudo": "", "/etc/sudoers": 'Defaults:bob mailto="{A}"\n'},
        "single users, hosts or commands"),
    Case("systemd-onfailure", "/etc/systemd/system/status-mail@.service:2", {
        "/etc/systemd/system/a.service.d/mail.conf": "[Unit]\nOnFailure=status-mail@%n.service\n",
        "/etc/systemd/system/status-mail@.service":
        "[Service]\nExecStart=/usr/local/bin/status-mail {A} %i\n"}),
    Case("git-hooks", "/srv/git/a.git/config:2", {
        "/srv/git/a.git/hooks/post-receive": "",
        "/srv/git/a.git/config": "[hooks]\n\tmailinglist = {A}\n"}),
    Case("php", "/etc/php/8.2/cli/php.ini:1", {
        "/etc/php/8.2/cli/php.ini": 'sendmail_path = "/usr/sbin/sendmail -t -i -f {A}"\n'},
        "bounces of web mail"),
    Case("php", "/etc/php/8.2/fpm/pool.d/www.conf:2", {
        "/etc/php/8.2/fpm/pool.d/www.conf":
        "[www]\nphp_admin_value[sendmail_path] = /usr/sbin/sendmail -t -f {A}\n"},
        "bounces of web mail"),
    Case("postfix", "/etc/postfix/main.cf:1", {
        "/usr/sbin/postfix": "", "/etc/postfix/main.cf": "error_notice_recipient = {A}\n"},
        "resource and software errors"),
    Case("postfix", "/etc/postfix/main.cf:3", {
        "/usr/sbin/postfix": "", "/etc/postfix/main.cf":
        "notify_classes = resource,\n  bounce, 2bounce, delay\nbounce_notice_recipient = {A}\n"},
        "copies of bounces"),
    Case("postfix", "/etc/postfix/main.cf:2", {
        "/usr/sbin/postfix": "", "/etc/postfix/main.cf":
        "notify_classes = 2bounce\n2bounce_notice_recipient = {A}\n"}, "double bounces"),
    Case("postfix", "/etc/postfix/main.cf:2", {
        "/usr/sbin/postfix": "", "/etc/postfix/main.cf":
        "notify_classes = delay\ndelay_notice_recipient = {A}\n"}, "delayed mail"),
    Case("cron-apt", "/etc/cron-apt/config:2", {
        "/usr/sbin/cron-apt": "", "/etc/cron.d/cron-apt": "",
        "/etc/cron-apt/config": 'MAILON="changes"\nMAILTO="{A}"\n'}),
    Case("warnquota", "/etc/warnquota.conf:2", {
        "/usr/sbin/warnquota": "", "/etc/default/quota": "run_warnquota=true\n",
        "/etc/warnquota.conf": 'FROM = "root@localhost"\nCC_TO \t\t= "{A}"\n'}),
    Case("bacula", "/etc/bacula/bacula-dir.conf:4", {
        "/usr/sbin/bacula-dir": "", "/etc/bacula/bacula-dir.conf":
        "Messages {\n  Name = Standard\n  mailcommand = \"/usr/sbin/bsmtp -h localhost %r\"\n"
        "  mail = {A} = all, !skipped\n  console = all\n}\n"}),
    Case("amanda", "/etc/amanda/DailySet1/amanda.conf:2", {
        "/usr/sbin/amdump": "", "/etc/amanda/DailySet1/amanda.conf":
        'org "corp"\nmailto "{A}"   # operators\n'}),
    Case("backuppc", "/etc/backuppc/config.pl:2", {
        "/usr/share/backuppc/bin/BackupPC": "", "/etc/backuppc/config.pl":
        "#$Conf{EMailAdminUserName} = 'x';\n$Conf{EMailAdminUserName} = '{A}';\n"}),
    Case("alertmanager", "/etc/prometheus/alertmanager.yml:6", {
        "/usr/bin/prometheus-alertmanager": "", "/etc/prometheus/alertmanager.yml":
        "global:\n  smtp_smarthost: 'localhost:25'\nreceivers:\n- name: 'a'\n  email_configs:\n"
        "  - to: '{A}'\n"}, good=LOCAL),
    Case("netdata", "/etc/netdata/health_alarm_notify.conf:2", {
        "/usr/sbin/netdata": "", "/usr/lib/netdata/conf.d/health_alarm_notify.conf":
        'SEND_EMAIL="NO"\nDEFAULT_RECIPIENT_EMAIL="x@corp.net"\n',
        "/etc/netdata/health_alarm_notify.conf":
        'SEND_EMAIL="YES"\nDEFAULT_RECIPIENT_EMAIL="{A}"\n'}),
    Case("xymon", "/etc/xymon/alerts.d/a.cfg:3", {
        "/usr/lib/xymon/server/bin/xymond_alert": "",
        "/etc/xymon/alerts.cfg": "# MAIL x@corp.net\ndirectory /etc/xymon/alerts.d\n",
        "/etc/xymon/alerts.d/a.cfg":
        "HOST=*\n  IGNORE SERVICE=info\n  MAIL {A} REPEAT=20 RECOVERED\n"}),
    Case("tenshi", "/etc/tenshi/tenshi.conf:2", {
        "/usr/sbin/tenshi": "", "/etc/tenshi/tenshi.conf":
        "set mailserver localhost\nset queue mail tenshi@localhost {A} [30 18 * * *]\n"
        "set queue pager tenshi@localhost pager:1@localhost [now]\n"}, good=LOCAL),
    Case("rsyslog-ommail", "/etc/rsyslog.d/mail.conf:2", {
        "/usr/sbin/rsyslogd": "", "/etc/rsyslog.conf": 'module(load="ommail")\n',
        "/etc/rsyslog.d/mail.conf": 'template(name="s" type="string" string="x")\n'
        'if $msg contains "x" then action(type="ommail" server="localhost" mailto="{A}")\n'},
        good=LOCAL),
    Case("rsyslog-ommail", "/etc/rsyslog.conf:3", {
        "/usr/sbin/rsyslogd": "", "/etc/rsyslog.conf":
        "$ModLoad ommail\n#$ActionMailTo x@corp.net\n$ActionMailTo {A}\n"}, good=LOCAL),
    Case("collectd", "/etc/collectd/collectd.conf.d/mail.conf:4", {
        "/usr/sbin/collectd": "", "/etc/collectd/collectd.conf": "#LoadPlugin notify_email\n",
        "/etc/collectd/collectd.conf.d/mail.conf": "LoadPlugin notify_email\n"
        '<Plugin "notify_email">\n  SMTPServer "localhost"\n  Recipient "{A}"\n</Plugin>\n'},
        good=LOCAL),
]  # fmt: skip

BY_RULE = {"cron", "anacron", "systemd-cron", "aliases"}
"""The tools that rules judge, not the table: test_cron.py and test_accounts.py have them."""
