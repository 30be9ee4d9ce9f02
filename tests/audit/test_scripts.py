"""Scripts of the host's own that mail: what the shell would do, and where they are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.audit.shell import mailed

from .trees import PASSWD, audited, plant

BOB = "bob@corp.net"
CRON = {"/usr/sbin/cron": "", "/etc/debian_version": "12\n", "/etc/passwd": PASSWD}

SCRIPTS = {
    f"df -h | mail -s 'disk full' {BOB}\n": [BOB],
    f'ADMIN={BOB}\necho x | mailx -r root -s "a b" "$ADMIN" other@x.y\n': [BOB, "other@x.y"],
    "mail -s x $UNKNOWN < /tmp/f\n": ["$UNKNOWN"],
    "mail -s x ${TO:-root}\n": ["root"],
    f"# mail -s x {BOB}\nwhich mail; test -x /usr/bin/mail && echo mail to {BOB}\n": [],
    "command -v mailx\nchown mail:mail /var/mail; getent passwd mail\nOUT=$(mail -H)\n": [],
    f"(echo 'To: {BOB}'; echo 'Subject: x'; echo; cat f) | /usr/sbin/sendmail -oi -t\n": [BOB],
    f"/usr/sbin/sendmail -t <<EOF\nTo: Bob <{BOB}>, al@x.y\nSubject: q\n\nEOF\n": [BOB, "al@x.y"],
    f"sendmail -f root@x {BOB} < f\n": [BOB],
    f"msmtp -a default {BOB} <<EOF\nSubject: x\nEOF\n": [BOB],
    f"swaks --to {BOB} --from x@y --server mail\n": [BOB],
    f"swaks -f x --to={BOB}\n": [BOB],
    "if ! check; then mail -s bad -- root; fi\n": ["root"],
    f'x 2>&1 | /usr/bin/mail -E -s "$(hostname): x" -c {BOB} \\\n  root\n': [BOB, "root"],
    "mail -s 'a quote that never ends root\n": [],
    "mail -s x +447700900123@sms.example.net +x\n": ["+447700900123@sms.example.net"],
    "": [],
}


@pytest.mark.parametrize("text", SCRIPTS)
def test_whom_a_script_mails(text: str) -> None:
    assert [one.address for one in mailed(text)] == SCRIPTS[text]


def test_bytes_of_any_kind_are_read() -> None:
    for text in (
        "\udcff\x00| mail " * 50,
        "mail " + "-" * 5000,
        "$(" * 3000 + "mail x",
        "\\\n" * 99,
    ):
        assert isinstance(mailed(text), tuple)


PLACES = {
    "a script of cron.daily": (
        {"/etc/cron.daily/backup": f"#!/bin/sh\nrsync a b || echo bad | mail -s x {BOB}\n"},
        "/etc/cron.daily/backup:2",
    ),
    "a line of a crontab": (
        {"/etc/cron.d/disk": f"MAILTO=root\n5 4 * * * root df | mail -s disk {BOB}\n"},
        "/etc/cron.d/disk:2",
    ),
    "a script that a crontab runs": (
        {"/etc/cron.d/disk": "5 4 * * * root nice /usr/local/sbin/disk\n",
         "/usr/local/sbin/disk": f"#!/bin/sh\nTO={BOB}\n\ndf | mailx -s disk $TO\n"},
        "/usr/local/sbin/disk:4",
    ),
    "a unit": (
        {"/etc/systemd/system/a.service":
         f"[Service]\nExecStart=/bin/sh -c 'df | swaks --to {BOB} --server hub'\n"},
        "/etc/systemd/system/a.service:2",
    ),
    "a script behind a unit": (
        {"/etc/systemd/system/a.service": "[Service]\nExecStart=-/opt/disk/run --all\n",
         "/opt/disk/run": f"#!/bin/bash\n{{ echo To: {BOB}; echo; df; }} | sendmail -t\n"},
        "/opt/disk/run:2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_where_they_are_found(tmp_path: Path, name: str) -> None:
    files, place = PLACES[name]
    root = plant(tmp_path / "root", {**CRON, **files})
    (alarm,) = [one for one in audited(root).findings if one.address == BOB]
    assert (alarm.tool, alarm.fault.value, str(alarm.problem.where)) == (
        "script",
        "elsewhere",
        place,
    )
    good = {path: text.replace(BOB, "root") for path, text in files.items()}
    plant(root, good)
    assert [one for one in audited(root).findings if one.tool == "script"] == []


def test_a_script_of_a_tool_is_left_to_the_tool(tmp_path: Path) -> None:
    files = {"/etc/cron.daily/00logwatch": f"#!/bin/sh\n/usr/sbin/logwatch | mail -s x {BOB}\n"}
    root = plant(tmp_path / "root", {**CRON, **files})
    assert [one for one in audited(root).findings if one.tool == "script"] == []


def test_what_a_shell_computes_is_a_note(tmp_path: Path) -> None:
    files = {"/etc/cron.daily/x": "#!/bin/sh\ndf | mail -s x $(cat /etc/admins) $1\n"}
    root = plant(tmp_path / "root", {**CRON, **files})
    found = [one for one in audited(root).findings if one.tool == "script"]
    assert {one.severity.value for one in found} <= {"note"}
