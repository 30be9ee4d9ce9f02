"""Which setting counts, of many in many files: held to what the tools themselves answer."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .scratch_debian import NEEDS_DEBIAN, copy
from .trees import plant, senders

pytestmark = NEEDS_DEBIAN

__all__ = ["pytestmark"]

Text = Callable[[str], str]


def _apt(random_: random.Random) -> Text:
    """One of the ways to write a setting in apt.conf."""
    ways: list[Text] = [
        lambda address: f'Unattended-Upgrade::Mail "{address}";\n',
        lambda address: f'Unattended-Upgrade {{ Mail "{address}"; MailReport "always"; }};\n',
        lambda address: (
            f'unattended-upgrade\n{{\n  // Mail "no@corp.net";\n  mail "{address}";\n}};\n'
        ),
        lambda address: f'/* Unattended-Upgrade::Mail "{address}"; */\n',
        lambda address: (
            f'Unattended-Upgrade::Mail "{address}";\n#clear Unattended-Upgrade::Mail;\n'
        ),
        lambda address: f'# Unattended-Upgrade::Mail "{address}";\nAPT::X "1";\n',
    ]
    return random_.choice(ways)


def _sudo(random_: random.Random) -> Text:
    ways: list[Text] = [
        lambda address: f'Defaults mailto="{address}"\n',
        lambda address: f"Defaults\tmail_badpass, mailto={address} # who\n",
        lambda address: f"Defaults !mail_badpass, \\\n  mailto={address}\n",
        lambda address: f"# Defaults mailto={address}\n",
        lambda address: f"Defaults:nobody mailto={address}\n",
    ]
    return random_.choice(ways)


def _fail2ban(random_: random.Random) -> Text:
    ways: list[Text] = [
        lambda address: f"[DEFAULT]\ndestemail = {address}\n",
        lambda address: f"[DEFAULT]\nbantime = 1h\ndestemail={address}\n[sshd]\nenabled = true\n",
        lambda address: f"[DEFAULT]\n# destemail = {address}\n",
        lambda address: "[DEFAULT]\nbantime = 2h\n",
    ]
    return random_.choice(ways)


def _postfix(random_: random.Random) -> Text:
    ways: list[Text] = [
        lambda address: f"error_notice_recipient = {address}\n",
        lambda address: f"error_notice_recipient =\n  {address}\n",
        lambda address: f"#error_notice_recipient = {address}\nx = y\n",
        lambda address: f"error_notice_recipient={address}\n# note\n",
    ]
    return random_.choice(ways)


def ask(root: Path, *argv: str) -> str:
    done = subprocess.run(["chroot", str(root), *argv], capture_output=True, text=True, check=True)
    return done.stdout


def apt_says(root: Path) -> str:
    found = ask(root, "apt-config", "shell", "X", "Unattended-Upgrade::Mail")
    return found.strip().removeprefix("X=").strip("'")


def sudo_says(root: Path) -> str:
    found = re.search(r"Address to send mail to: (.*)", ask(root, "sudo", "-V"))
    return str(found[1]) if found else ""


def fail2ban_says(root: Path) -> str:
    (found,) = set(re.findall(r"\w+@[\w.]+", ask(root, "fail2ban-client", "-d")))
    return str(found)


def postfix_says(root: Path) -> str:
    return ask(root, "postconf", "-h", "error_notice_recipient").strip()


CASES: dict[str, tuple[list[str], Callable[[random.Random], Text], Callable[[Path], str]]] = {
    "unattended-upgrades": (
        [f"/etc/apt/apt.conf.d/{name}" for name in ("10a", "60b.conf", "99Z", "zz.bak", "zz_-")]
        + ["/etc/apt/apt.conf"],
        _apt, apt_says,
    ),
    "sudo": (
        [f"/etc/sudoers.d/{name}" for name in ("a", "b.c", "d~", "Z", "10x")],
        _sudo, sudo_says,
    ),
    "fail2ban": (
        ["/etc/fail2ban/jail.local"]
        + [f"/etc/fail2ban/jail.d/{n}" for n in ("a.conf", "z.conf", "b.local", "c.local", "d.x")],
        _fail2ban, fail2ban_says,
    ),
    "postfix": (["/etc/postfix/main.cf"], _postfix, postfix_says),
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = copy(tmp_path_factory.mktemp("order") / "root")
    # one jail that mails and needs no log file
    jail = "[DEFAULT]\naction = %(action_mw)s\n[sshd]\nbackend = systemd\n"
    plant(made, {"/etc/fail2ban/jail.d/0.conf": jail})
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", CASES)
def test_the_last_word_is_the_tools_own(root: Path, name: str, seed: int) -> None:
    files, write, says = CASES[name]
    chance = random.Random(f"{name} {seed}")
    kept = {file: (root / file.lstrip("/")) for file in files}
    before = {file: path.read_bytes() if path.exists() else None for file, path in kept.items()}
    written = {}
    for number, file in enumerate(files):
        if chance.random() < 0.7 or len(files) == 1:
            start = (before[file] or b"").decode() if name == "postfix" else ""
            # fail2ban refuses a section that is there twice
            count = 1 if name == "fail2ban" else chance.choice((1, 1, 2))
            texts = [write(chance)(f"a{number}{n}@corp.net") for n in range(count)]
            written[file] = start + "".join(texts)
    plant(root, written, 0o440)
    try:
        mine = [one.address for one in senders(root, name)[0].recipients]
        theirs = says(root)
        assert mine == ([theirs] if theirs else [])
    finally:
        for file, data in before.items():
            if data is not None:
                plant(root, {file: data})
            elif file in written:
                kept[file].unlink()
