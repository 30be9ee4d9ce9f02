"""Local accounts whose mail nobody reads, and the aliases that every host has to have."""

from __future__ import annotations

from pathlib import Path

from .trees import PASSWD, audited, brief, plant


def found(root: Path) -> list[tuple[str, str, str]]:
    lines = brief(audited(root, []).findings)
    return [
        (severity, fault, place) for severity, fault, tool, place in lines if tool == "accounts"
    ]


def host(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    return plant(tmp_path / "root", {"/etc/passwd": PASSWD, **files})


def test_mail_in_the_spool_of_a_system_user(tmp_path: Path) -> None:
    files = {f"/var/mail/{name}": "From x\n\nhi\n" for name in ("alice", "daemon", "ghost", "root")}
    root = host(tmp_path, {**files, "/var/mail/logcheck": "", "/var/mail/daemon.lock": "x"})
    (root / "var/spool").mkdir()
    (root / "var/spool/mail").symlink_to("../mail")
    assert found(root) == [
        ("warning", "spool", "/var/mail/daemon"),
        ("warning", "spool", "/var/mail/ghost"),
        ("warning", "spool", "/var/mail/root"),
    ]


def test_forwards_that_lead_elsewhere(tmp_path: Path) -> None:
    files = {"/home/alice/.forward": "x", "/usr/sbin/.forward": "x", "/root/.forward": "duty"}
    assert found(host(tmp_path, {**files})) == [
        ("warning", "forward", "/usr/sbin/.forward"),
        ("note", "forward", "/home/alice/.forward"),
    ]


def test_aliases_that_end_nowhere(tmp_path: Path) -> None:
    text = "postmaster: root\nroot: duty\n# x: y\nlost: nobody-there\nbob: bob@corp.net\n"
    assert found(host(tmp_path, {"/etc/aliases": text})) == [("error", "alias", "/etc/aliases:4")]
