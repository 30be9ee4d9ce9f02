"""Every syntax family, read as its tool reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.audit.gather import split
from rotation.audit.readers import READERS

CASES: dict[str, list[tuple[str, list[tuple[str, str, int, str]]]]] = {
    "shell": [
        ("A=b\nexport C='d e' # note\n#E=f\n  G=\"h # i\"", [
            ("A", "b", 1, ""), ("C", "d e", 2, ""), ("G", "h # i", 4, ""),
        ]),
        ("A=\nB=\"\"\nC= x", [("A", "", 1, ""), ("B", "", 2, ""), ("C", "", 3, "")]),
        ("A=\"one\ntwo\"\nB=c", [("A", "one\ntwo", 1, ""), ("B", "c", 3, "")]),
        ("A='open\nB=c", [("A", "'open", 1, ""), ("B", "c", 2, "")]),
        ("A=b cmd\nC=d; export C\nif x; then", [("C", "d", 2, "")]),
        ("A=root@`hostname`", [("A", "root@`hostname`", 1, "")]),
        ("A=b#c #d", [("A", "b#c", 1, "")]),
    ],
    "equals": [
        ("Key = root\n# Key = no\n; Key = no\nB=\"x y\" # z\nC=x;y", [
            ("Key", "root", 1, ""), ("B", "x y", 4, ""), ("C", "x;y", 5, ""),
        ]),
        ("logwatch: MailTo = a b\nE =", [("logwatch: MailTo", "a b", 1, ""), ("E", "", 2, "")]),
    ],
    "words": [
        ("MAILADDR root\n#MAILADDR x\nEMAIL a@b, c@d;  # note\n", [
            ("MAILADDR", "root", 1, ""), ("EMAIL", "a@b, c@d", 3, ""),
        ]),
        ("ARRAY /dev/md0\n   UUID=1\nMAILADDR a", [
            ("ARRAY", "/dev/md0 UUID=1", 1, ""), ("MAILADDR", "a", 3, ""),
        ]),
    ],
    "ini": [
        ("[A]\nk = v\n  w\n# k = x\n[ B ]\nk: y ; note\n", [
            ("k", "v\nw", 2, "A"), ("k", "y", 6, "B"),
        ]),
        ("k = v\n[s]\n\nk =\n", [("k", "v", 1, ""), ("k", "", 4, "s")]),
    ],
    "flat": [
        ("[hooks]\n\tmailinglist = a@b\n\tother=c", [
            ("mailinglist", "a@b", 2, "hooks"), ("other", "c", 3, "hooks"),
        ]),
        ('[PHP]\n;sendmail_path = x\nsendmail_path = "/usr/sbin/sendmail -t -f a@b"', [
            ("sendmail_path", "/usr/sbin/sendmail -t -f a@b", 3, "PHP"),
        ]),
        ("php_admin_value[sendmail_path] = x", [("php_admin_value[sendmail_path]", "x", 1, "")]),
    ],
    "postfix": [
        ("a = b\n  c\n# d\nnotify_classes = resource,\n\n  bounce\n", [
            ("a", "b c", 1, ""), ("notify_classes", "resource, bounce", 4, ""),
        ]),
    ],
    "text": [("set alert a@b\n# set alert c@d\n\n  x", [
        ("", "set alert a@b", 1, ""), ("", "x", 4, ""),
    ])],
    "logical": [("a \\\n b # c\n#d \\\ne", [("", "a   b", 1, "")])],
    "apt": [
        ('A::B "x";\nA {\n  C "y"; // no\n  D::E "z";\n};\n//A::B "no";\n# A::B "no";\n', [
            ("A::B", "x", 1, ""), ("A::C", "y", 3, ""), ("A::D::E", "z", 4, ""),
        ]),
        ('/* A::B "no";\n*/ A::B\n "x";', [("A::B", "x", 2, "")]),
        ('A::L { "one"; "two"; };\nA::M "1;2//3";\nA::N true;', [
            ("A::L", "one", 1, ""), ("A::L", "two", 1, ""),
            ("A::M", "1;2//3", 2, ""), ("A::N", "true", 3, ""),
        ]),
    ],
    "sudoers": [
        ('Defaults mailto="a@b", mail_badpass, !mail_no_user\nDefaults:bob mailto=c@d\n'
         "# Defaults mailto=x\nDefaults \\\n  !mailto\nroot ALL=(ALL) ALL", [
            ("mailto", "a@b", 1, "global"), ("mail_badpass", "true", 1, "global"),
            ("mail_no_user", "false", 1, "global"), ("mailto", "c@d", 2, ":bob"),
            ("mailto", "", 4, "global"),
        ]),
    ],
    "xml": [
        ("<a>\n <email_to>x@y</email_to>\n<!-- <email_to>no\n</email_to> -->\n"
         "<email_to>\nz@y </email_to></a>", [
            ("email_to", "x@y", 2, ""), ("email_to", "z@y", 5, ""),
        ]),
    ],
    "objects": [
        ('object User "a" {\n  email = "x@y"\n  // email = "no"\n  /* email = "no" */\n}\n'
         'email = "out"\ntemplate User "t" { email = "z@y" }', [
            ("email", "x@y", 2, "User"), ("email", "out", 6, ""), ("email", "z@y", 7, "User"),
        ]),
    ],
    "nagios": [
        ("define contact {\n  email a@b ; note\n# email no\n}\nemail out\n"
         "define host{\n email h\n}", [
            ("email", "a@b", 2, "contact"), ("email", "h", 7, "host"),
        ]),
    ],
    "smartd": [
        ("# x\n/dev/sda -a -m a@b\nDEFAULT -m c@d\n/dev/sdb -a\n/dev/sdc -m <nomailer> -M exec /x\n"
         "/dev/sdd -d ignore\nDEVICESCAN -m e@f \\\n -M test\n/dev/sde -m g@h", [
            ("-m", "a@b", 2, "/dev/sda"), ("-m", "c@d", 4, "/dev/sdb"), ("-m", "", 5, "/dev/sdc"),
            ("-m", "e@f", 7, "DEVICESCAN"),
        ]),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("syntax", "text", "wanted"),
    [(syntax, text, wanted) for syntax, cases in CASES.items() for text, wanted in cases],
)
def test_reader(syntax: str, text: str, wanted: list[tuple[str, str, int, str]]) -> None:
    found = READERS[syntax](text.split("\n"))
    assert [(s.key, s.value, s.line, s.section) for s in found] == wanted


def test_every_family_has_cases() -> None:
    assert CASES.keys() == READERS.keys()


@pytest.mark.parametrize("syntax", READERS)
@given(
    text=st.text(alphabet="aA1 \t\n=:;#\"'\\[](){}<>/*,-!@`$&|%é\udc80", max_size=80),
)
def test_readers_take_anything(syntax: str, text: str) -> None:
    lines = text.split("\n")
    for setting in READERS[syntax](lines):
        assert 1 <= setting.line <= len(lines)


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("root", ["root"]),
        ("a@b, c@d;e  f", ["a@b", "c@d", "e", "f"]),
        ("Alice Smith <a@b>", ["a@b"]),
        ("root@`hostname -f`", ["root@`hostname -f`"]),
        ("  ", []),
    ],
)
def test_split(value: str, addresses: list[str]) -> None:
    assert split(value) == addresses
