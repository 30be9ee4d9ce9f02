"""Every tool of the table: the address where it stands, the stranger found, no false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.audit.model import Sender

from .cases import BY_RULE, CASES, Case
from .trees import TOOLS, audited, brief, plant, senders

BOB = "bob@corp.net"


def tree(root: Path, case: Case, address: str) -> Path:
    return plant(root, {path: text.replace("{A}", address) for path, text in case.files.items()})


def sender(root: Path, case: Case) -> Sender:
    (found,) = [one for one in senders(root, case.tool) if one.what == case.what]
    return found


def ids(case: Case) -> str:
    return f"{case.tool} {case.place}"


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_good_one_is_no_finding(tmp_path: Path, case: Case) -> None:
    root = tree(tmp_path / "root", case, case.good)
    found = sender(root, case)
    assert [(r.address, str(r.where)) for r in found.recipients] == [(case.good, case.place)]
    assert found.armed
    alarms = [one for one in audited(root, [TOOLS[case.tool]]).findings if one.sender == found]
    assert alarms == []


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_bad_one_is_found(tmp_path: Path, case: Case) -> None:
    root = tree(tmp_path / "root", case, BOB)
    report = audited(root, [TOOLS[case.tool]])
    (alarm,) = [one for one in report.findings if one.address == BOB]
    outward = sender(root, case).outward
    severity = "note" if outward else "warning"
    assert brief([alarm]) == [(severity, "elsewhere", case.tool, case.place)]
    assert BOB in alarm.problem.what
    assert alarm.test
    assert report.good is outward


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_the_stranger_of_a_sample_is_an_error(tmp_path: Path, case: Case) -> None:
    root = tree(tmp_path / "root", case, "you@example.com")
    report = audited(root, [TOOLS[case.tool]])
    (alarm,) = [one for one in report.findings if one.address == "you@example.com"]
    assert brief([alarm]) == [("error", "stranger", case.tool, case.place)]


def test_what_is_longer_than_an_address_can_be_is_no_placeholder(tmp_path: Path) -> None:
    """RFC 5321 section 4.5.3.1: 64 octets, an @ and 255 more."""
    case = next(case for case in CASES if case.tool == "apticron")
    faults = {}
    for name in ("a" * 64, "a" * 400):
        address = f"{name}@example.com"
        report = audited(tree(tmp_path / f"{len(name)}", case, address), [TOOLS[case.tool]])
        faults[len(name)] = [
            brief([one])[0][1] for one in report.findings if one.address == address
        ]
    assert faults == {64: ["stranger"], 400: ["elsewhere"]}


def test_every_tool_has_a_case() -> None:
    assert {case.tool for case in CASES} | BY_RULE == TOOLS.keys()
    assert len(TOOLS) == 65


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_says_how_to_test_it(name: str) -> None:
    tool = TOOLS[name]
    assert tool.test
    for mail in tool.mails:
        for need in mail.needs:
            assert need.hint or need.idle or mail.silent or need.journal or need.say.endswith("no")


@pytest.mark.parametrize("name", sorted(TOOLS.keys() - BY_RULE))
def test_a_tool_that_is_not_there_is_not_reported(tmp_path: Path, name: str) -> None:
    (tmp_path / "root").mkdir()
    assert senders(tmp_path / "root", name) == []


@pytest.mark.parametrize("case", [c for c in CASES if TOOLS[c.tool].programs], ids=ids)
def test_what_a_removed_package_left_is_no_fault(tmp_path: Path, case: Case) -> None:
    root = tree(tmp_path / "root", case, BOB)
    for program in TOOLS[case.tool].programs:
        (root / program.lstrip("/")).unlink(missing_ok=True)
    found = [one for one in senders(root, case.tool) if one.what == case.what]
    assert all(not one.installed and not one.armed for one in found)
    assert audited(root, [TOOLS[case.tool]]).good


WANTS = "/etc/systemd/system/timers.target.wants"
SILENT = [
    # tool, files, (severity, fault, place) of what is found, a word of it
    ("monit", {"/usr/bin/monit": "", "/etc/monit/monitrc": "# set alert a@b\n"},
     ("warning", "no-address", "/etc/monit/monitrc"), "mailserver"),
    ("monit", {"/usr/bin/monit": "", "/etc/monit/monitrc": "set alert duty@example.com\n"},
     ("warning", "off", "/etc/monit/monitrc:1"), "alerts are dropped"),
    ("monit", {"/usr/bin/monit": "",
               "/etc/monit/monitrc": "set mailserver localhost\nset alert root\n"},
     ("warning", "bad-address", "/etc/monit/monitrc:2"), "needs a host"),
    ("fail2ban", {"/usr/bin/fail2ban-server": "", "/etc/fail2ban/jail.conf":
                  "[DEFAULT]\ndestemail = root@localhost\naction = %(action_)s\n"},
     ("note", "off", "/etc/fail2ban/jail.conf:2"), "only bans"),
    ("fail2ban", {"/usr/bin/fail2ban-server": "", "/etc/fail2ban/jail.local":
                  "[DEFAULT]\ndestemail = duty@example.com\n"},
     ("warning", "off", "/etc/fail2ban/jail.local:2"), "duty@example.com is set, but"),
    ("unattended-upgrades", {"/usr/bin/unattended-upgrade": "", "/usr/bin/mail": "",
                             "/etc/apt/apt.conf.d/20a": 'APT::Periodic::Unattended-Upgrade "1";',
                             "/etc/apt/apt.conf.d/50unattended-upgrades":
                             '//Unattended-Upgrade::Mail "";\n'},
     ("warning", "no-address", "/etc/apt/apt.conf.d/50unattended-upgrades"), "nobody"),
    ("chkrootkit", {"/usr/sbin/chkrootkit": "", "/usr/bin/mail": "",
                    "/etc/chkrootkit/chkrootkit.conf": 'RUN_DAILY="true"\nMAILTO=""\n'},
     ("warning", "journal-only", "/etc/chkrootkit/chkrootkit.conf:2"), "journal"),
    ("certbot", {"/usr/bin/certbot": "", "/etc/letsencrypt/renewal/a.conf": "",
                 f"{WANTS}/certbot.timer": ""},
     ("warning", "journal-only", f"{WANTS}/certbot.timer"), "journal"),
    ("certbot", {"/usr/bin/certbot": "", f"{WANTS}/certbot.timer": ""},
     ("note", "off", f"{WANTS}/certbot.timer"), "no certificate"),
    ("lynis", {"/usr/sbin/lynis": "", f"{WANTS}/lynis.timer": ""},
     ("warning", "journal-only", f"{WANTS}/lynis.timer"), "journal"),
    ("borgmatic", {"/usr/bin/borgmatic": "", "/etc/borgmatic/config.yaml": "hooks:\n"},
     ("warning", "journal-only", "/etc/borgmatic/config.yaml"), "no hook mails"),
    ("dnf-automatic", {"/usr/bin/dnf-automatic": "",
                       "/etc/dnf/automatic.conf": "[emitters]\nemit_via = stdio\n"},
     ("warning", "journal-only", "/etc/dnf/automatic.conf"), "emit_via"),
    ("rkhunter", {"/usr/bin/rkhunter": "",
                  "/etc/default/rkhunter": 'CRON_DAILY_RUN=""\nREPORT_EMAIL="root"\n'},
     ("note", "off", "/etc/default/rkhunter:2"), "CRON_DAILY_RUN"),
    ("maldet", {"/usr/local/sbin/maldet": "", "/usr/local/maldetect/conf.maldet":
                'email_alert="1"\nemail_addr="you@domain.com"\n'},
     ("error", "stranger", "/usr/local/maldetect/conf.maldet:2"), "placeholder"),
    ("smartd", {"/usr/sbin/smartd": "", "/usr/bin/mail": "",
                "/etc/smartd.conf": "/dev/sda -m root\n/dev/sdb -a\n"},
     ("warning", "no-address", "/etc/smartd.conf:2"), "no -m"),
    ("smartd", {"/usr/sbin/smartd": "", "/etc/smartd.conf": "DEVICESCAN -m duty@example.com\n"},
     ("warning", "off", "/etc/smartd.conf:1"), "mail(1)"),
    ("mdadm", {"/sbin/mdadm": "", "/etc/mdadm/mdadm.conf": "HOMEHOST <system>\n"},
     ("warning", "no-address", "/etc/mdadm/mdadm.conf"), "does not even start"),
    ("denyhosts", {"/usr/sbin/denyhosts": "", "/etc/denyhosts.conf": "ADMIN_EMAIL =\n"},
     ("warning", "no-address", "/etc/denyhosts.conf:1"), "turns its mail off"),
    ("sudo", {"/usr/bin/sudo": "", "/etc/sudoers": "Defaults !mailto\n"},
     ("warning", "no-address", "/etc/sudoers:1"), "turns its mail off"),
    ("auditd", {"/sbin/auditd": "", "/etc/audit/auditd.conf":
                "action_mail_acct = duty@example.com\nspace_left_action = SYSLOG\n"},
     ("warning", "off", "/etc/audit/auditd.conf:1"), "no action is EMAIL"),
    ("ossec", {"/var/ossec/bin/ossec-control": "", "/var/ossec/etc/ossec.conf":
               "<email_notification>yes</email_notification>\n"
               "<email_to>recipient@example.wazuh.com</email_to>"},
     ("error", "stranger", "/var/ossec/etc/ossec.conf:2"), "placeholder"),
    ("integrit", {"/usr/sbin/integrit": "", "/etc/integrit/integrit.debian.conf":
                  'CONFIGS="x"\nEMAIL_RCPT="root@`hostname -f`"\n'},
     ("note", "unsure", "/etc/integrit/integrit.debian.conf:2"), "a shell computes"),
    ("logwatch", {"/usr/sbin/logwatch": "",
                  "/etc/logwatch/conf/logwatch.conf": "Output = mail\nMailTo = lost@localhost\n"},
     ("error", "elsewhere", "/etc/logwatch/conf/logwatch.conf:2"), "unknown user"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "files", "wanted", "word"), SILENT)
def test_silent_failures_are_named(
    tmp_path: Path, name: str, files: dict[str, str], wanted: tuple[str, str, str], word: str
) -> None:
    root = plant(tmp_path / "root", files)
    found = [one for one in audited(root, [TOOLS[name]]).findings if one.tool == name]
    assert [(severity, fault, place) for severity, fault, _, place in brief(found)] == [wanted]
    assert word in found[0].problem.what
