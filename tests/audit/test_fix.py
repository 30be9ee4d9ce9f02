"""`audit --fix`: what is planned, what is left to a person, and how it is carried out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.audit.carry import carry_out
from rotation.audit.fix import FileFix, plan_fixes
from rotation.audit.model import Right, Tool
from rotation.audit.table import parse
from rotation.system import Backup, Diff, DryRun

from .cases import CASES, Case
from .test_tools import BOB, ids, tree
from .trees import TOOLS, audited, plant, view

BY_HAND = {
    # the address is in a file of the package, in a script, or signed
    "tripwire", "exim4-base", "rsnapshot", "lynis", "certbot", "git-hooks", "php",
    "systemd-onfailure", "nut", "borgmatic",
}  # fmt: skip


def planned(root: Path, tools: list[Tool] | None = None) -> list[FileFix]:
    report = audited(root, tools)
    return plan_fixes(view(root), report.findings, report.right)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_an_address_is_mended_where_it_stands_and_nothing_else(tmp_path: Path, case: Case) -> None:
    root = tree(tmp_path / "root", case, BOB)
    path = case.place.rpartition(":")[0]
    before = (root / path.lstrip("/")).read_text()
    changes = planned(root, [TOOLS[case.tool]])
    if not changes:
        assert case.tool in BY_HAND or case.what or case.place.startswith("/etc/cron.daily")
        return
    (change,) = changes
    if str(change.path) == path:
        assert change.after.decode() == before.replace(BOB, case.good)
    TOOLS[case.tool].check or carry_out(view(root), changes, "now")
    if not TOOLS[case.tool].check:
        assert audited(root, [TOOLS[case.tool]]).good
        assert planned(root, [TOOLS[case.tool]]) == []


def test_most_tools_can_be_mended(tmp_path: Path) -> None:
    mended = set()
    for number, case in enumerate(CASES):
        root = tree(tmp_path / str(number), case, BOB)
        if planned(root, [TOOLS[case.tool]]):
            mended.add(case.tool)
    assert {case.tool for case in CASES} - mended == BY_HAND - {"exim4-base"}


def change_of(tmp_path: Path, files: dict[str, str], tool: str) -> str | None:
    root = plant(tmp_path / "root", files)
    changes = planned(root, [TOOLS[tool]])
    return changes[0].after.decode() if changes else None


def test_a_package_default_is_overridden_not_edited(tmp_path: Path) -> None:
    default = "/usr/share/logwatch/default.conf/logwatch.conf"
    files = {
        "/usr/sbin/logwatch": "",
        default: f"Output = mail\nMailTo = {BOB}\n",
        "/etc/logwatch/conf/override.conf": "",
    }
    root = plant(tmp_path / "root", files)
    (change,) = planned(root, [TOOLS["logwatch"]])
    assert str(change.path) == "/etc/logwatch/conf/logwatch.conf"
    assert change.after == b"MailTo = root\n"
    jail = "[DEFAULT]\ndestemail = bob@corp.net\naction = %(action_mw)s\n"
    files = {"/usr/bin/fail2ban-server": "", "/etc/fail2ban/jail.conf": jail}
    (change,) = planned(plant(tmp_path / "b", files), [TOOLS["fail2ban"]])
    assert (str(change.path), change.before) == ("/etc/fail2ban/jail.local", None)
    assert change.after == b"[DEFAULT]\ndestemail = root\n"


@pytest.mark.parametrize(
    ("files", "tool", "after"),
    [
        # an empty value is replaced, not doubled
        ({"/usr/sbin/chkrootkit": "", "/usr/bin/mail": "",
          "/etc/chkrootkit/chkrootkit.conf": 'RUN_DAILY="true"\nMAILTO="" # who\nX=1'},
         "chkrootkit", 'RUN_DAILY="true"\nMAILTO="root"\nX=1'),
        # no setting: a line at the end, after a last line without a newline
        ({"/sbin/mdadm": "", "/etc/mdadm/mdadm.conf": "HOMEHOST <system>"},
         "mdadm", "HOMEHOST <system>\nMAILADDR root\n"),
        # into the section that is there
        ({"/usr/bin/fail2ban-server": "", "/etc/fail2ban/jail.conf":
          "[DEFAULT]\ndestemail = bob@corp.net\naction = %(action_mw)s\n",
          "/etc/fail2ban/jail.local": "[sshd]\nx = y\n[DEFAULT]\nbantime = 1h\n"},
         "fail2ban", "[sshd]\nx = y\n[DEFAULT]\ndestemail = root\nbantime = 1h\n"),
        # an option among others is replaced; where there is none, only a person can add it
        ({"/usr/sbin/arpwatch": "", "/etc/default/arpwatch": 'ARGS="-N -m bob@corp.net -p"\n'},
         "arpwatch", 'ARGS="-N -m root -p"\n'),
        # a file that is read later has the last word: nothing can be done here
        ({"/usr/bin/fail2ban-server": "", "/etc/fail2ban/jail.local":
          "[DEFAULT]\naction = %(action_mw)s\n", "/etc/fail2ban/jail.d/z.local.d": "",
          "/etc/fail2ban/jail.d/z.local": "[INCLUDES]\n[DEFAULT]\ndestemail = bob@corp.net\n"},
         "fail2ban", "[INCLUDES]\n[DEFAULT]\ndestemail = root\n"),
        # the address twice in one line: a person has to look
        ({"/usr/sbin/psad": "", "/etc/psad/psad.conf":
          "EMAIL_ADDRESSES bob@corp.net; # bob@corp.net\n"}, "psad", None),
        # one of several: the others are not known to be wrong
        ({"/usr/sbin/psad": "", "/etc/psad/psad.conf": "EMAIL_ADDRESSES root, bob@corp.net;\n"},
         "psad", None),
        # the same stranger in several lines of one file
        ({"/usr/sbin/mon": "", "/etc/mon/mon.cf":
          "alert mail.alert bob@corp.net\nalert mail.alert root\nupalert mail.alert bob@corp.net"},
         "mon", "alert mail.alert root\nalert mail.alert root\nupalert mail.alert root"),
        # and in several files
        ({"/usr/bin/monit": "", "/etc/monit/monitrc": "include /etc/monit/conf.d/*\n",
          "/etc/monit/conf.d/a": "set mailserver localhost\nset alert bob@corp.net\n",
          "/etc/monit/conf.d/b": "set alert bob@corp.net\n"}, "monit", None),
        # its configuration is elsewhere: none is made here
        ({"/usr/sbin/apticron": "", "/usr/bin/mail": "",
          "/usr/lib/apticron/apticron.conf": 'EMAIL="bob@corp.net"\n'}, "apticron", None),
        # meant for others
        ({"/usr/sbin/csf": "", "/etc/csf/csf.conf": 'X_ARF_TO = "bob@corp.net"\n'}, "csf", None),
        # what is not sent is left alone
        ({"/usr/bin/sxid": "", "/etc/sxid.conf": 'EMAIL = "bob@corp.net"\n'}, "sxid", None),
    ],
)  # fmt: skip
def test_what_is_planned(
    tmp_path: Path, files: dict[str, str], tool: str, after: str | None
) -> None:
    assert change_of(tmp_path, files, tool) == after


def test_nothing_is_planned_without_a_good_address(tmp_path: Path) -> None:
    root = tree(tmp_path / "root", CASES[0], BOB)
    assert plan_fixes(view(root), audited(root).findings, Right()) == []


def test_carried_out_with_a_copy_of_what_was_there(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.tool == "psad")
    root = tree(tmp_path / "root", case, BOB)
    path = root / "etc/psad/psad.conf"
    path.chmod(0o640)
    before = path.read_bytes()
    (outcome,) = carry_out(view(root), planned(root, [TOOLS["psad"]]), "20261124T100000Z")
    assert outcome.problems == ()
    assert str(outcome.backup) == "/etc/psad/.psad.conf.rotation-20261124T100000Z"
    kept = root / str(outcome.backup).lstrip("/")
    assert (kept.read_bytes(), kept.stat().st_mode) == (before, path.stat().st_mode)
    assert path.read_bytes() == before.replace(BOB.encode(), b"root")


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    root = tree(tmp_path / "root", next(case for case in CASES if case.tool == "psad"), BOB)
    before = contents(root)
    dry = DryRun(view(root))
    (outcome,) = carry_out(dry, planned(root, [TOOLS["psad"]]), "now")
    assert contents(root) == before
    assert [type(action) for action in dry.actions] == [Backup, Diff]
    assert outcome.problems == ()


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    root = tree(tmp_path / "root", CASES[0], BOB)
    changes = planned(root)
    plant(root, {"/etc/logwatch/conf/logwatch.conf": "MailTo = other@corp.net\n"})
    before = contents(root)
    (outcome,) = carry_out(view(root), changes, "now")
    assert [problem.what for problem in outcome.problems] == ["somebody else changed it"]
    assert contents(root) == before


CHECKED = """
[own]
program = "/usr/bin/own"
fix = {{ file = "/etc/own.conf", line = "MAIL={{address}}" }}
check = ["/bin/sh", "-c", '{script}', "sh", "{{file}}"]
[[own.mail]]
files = "/etc/own.conf"
syntax = "shell"
key = "MAIL"
"""


@pytest.mark.parametrize(
    ("script", "made"),
    [('grep -q "^MAIL=root$" "$1"', True), ("echo line 1: bad >&2; exit 3", False)],
)
def test_the_tools_own_checker_has_the_last_word(tmp_path: Path, script: str, made: bool) -> None:
    (tool,) = parse(CHECKED.format(script=script).encode(), "own.toml")
    files = {"/usr/bin/own": "", "/etc/own.conf": f"MAIL={BOB}\n"}
    root = plant(tmp_path / "root", files)
    report = audited(root, [tool])
    changes = plan_fixes(view(root), report.findings, report.right)
    # the checker of a tree runs inside it; here it runs on this host, on the tree's own paths
    host = view(root).host
    whole = [FileFix(root / "etc/own.conf", c.before, c.after, c.tools) for c in changes]
    (outcome,) = carry_out(host, whole, "now")
    if made:
        assert (root / "etc/own.conf").read_text() == "MAIL=root\n"
    else:
        (problem,) = outcome.problems
        assert problem.what == "sh refuses the change: line 1: bad"
        assert (root / "etc/own.conf").read_text() == f"MAIL={BOB}\n"
        assert sorted(os.listdir(root / "etc")) == ["own.conf"]


def test_a_link_to_a_file_of_the_package_is_left_alone(tmp_path: Path) -> None:
    files = {"/usr/sbin/psad": "", "/usr/share/psad/psad.conf": f"EMAIL_ADDRESSES {BOB};\n"}
    root = plant(tmp_path / "root", files)
    (root / "etc/psad").mkdir(parents=True)
    (root / "etc/psad/psad.conf").symlink_to("/usr/share/psad/psad.conf")
    assert not audited(root, [TOOLS["psad"]]).good
    assert planned(root, [TOOLS["psad"]]) == []
