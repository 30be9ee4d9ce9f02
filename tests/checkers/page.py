"""The tables of docs/presets.md, from the presets. `python -m tests.checkers.page` writes them."""

from __future__ import annotations

from pathlib import Path

from rotation.checkers.model import Preset
from rotation.checkers.shipped import shipped
from rotation.checkers.variables import described

PAGE = Path(__file__).resolve().parents[2] / "docs" / "presets.md"
BEGIN, END = "<!-- from the presets' files -->\n", "<!-- to here -->\n"
# the tests with the real programs, by the file in tests/checkers/presets
TRIED = {
    "test_health.py": ("failed-units", "mdadm", "monitoring-plugin", "smartctl"),
    "test_intrusion.py": ("aide", "chkrootkit", "debsums", "lynis", "rkhunter"),
    "test_logs.py": ("logcheck", "logwatch"),
    "test_portable.py": (
        *("backup-age", "certificates", "disk-space", "inodes", "ports"),
        *("dpkg-audit", "apt-security"),
    ),
    "test_updates.py": (
        *("apt-security", "debsecan", "deleted-files", "dpkg-audit", "needrestart"),
        *("reboot-required", "unattended-upgrades"),
    ),
    "test_databases.py": ("borg", "mariadb", "postgresql", "restic"),
    "test_journal.py": ("failed-logins", "journal-errors", "oom-kills"),
    "test_local.py": ("kernel-taint", "mail-queue", "open-ports", "suid-files"),
    "test_services.py": ("docker", "fail2ban"),
    "test_storage.py": ("btrfs", "zpool"),
    "test_raid.py": ("megaraid", "sensors", "ssacli"),
    "test_time.py": ("chrony", "ntp"),
    "test_gone.py": ("certificates", "disk-space", "mdadm", "smartctl"),
}

CONTROLLER = "; the program is a stand-in, its answers copied in shape from the vendor's manual"
# what is not real in those tests
STAND_INS = {
    "debsecan": "; the server is not Debian's",
    "megaraid": CONTROLLER,
    "mdadm": "; the array is not real: a library answers for the kernel",
    "ntp": "; the clock is not steered",
    "sensors": "; the chip is not real: a tree of files",
    "smartctl": "; the disk is not real: a library answers for it",
    "ssacli": CONTROLLER,
    "zpool": "; the real one only fails, for want of its module; else a stand-in answers, as the "
    "manual shows",
}


def table(preset: Preset) -> str:
    """One preset: its rhythm, what makes it speak and fail, what it cannot see, its variables."""
    tried = [file for file, names in TRIED.items() if preset.name in names]
    tried += [] if preset.name in ("reboot-required", "kernel-taint") else ["test_mutations.py"]
    lines = [
        f"### {preset.name}",
        "",
        f"{preset.title} ({preset.every.adverb}, signal `{preset.signal}`; tried in "
        f"{', '.join(f'`{file}`' for file in tried)}"
        f"{STAND_INS.get(preset.name, '')})",
        "",
        "| | |",
        "|---|---|",
        f"| speaks | {'; '.join(preset.speaks)} |",
        f"| fails | {'; '.join(preset.fails)} |",
        f"| cannot see | {'; '.join(preset.blind)} |",
    ]
    for name, default in preset.vars.items():
        rule = preset.rules[name]
        value = "no default" if rule.required else f"default `{default}`" if default else "empty"
        words = f"{described(name, preset)}; {value}".replace("|", "\\|")
        lines.append(f"| {name} | {words} |")
    return "\n".join([*lines, ""])


def tables() -> str:
    """All of them, in the order of their names."""
    return "\n".join(table(preset) for preset in shipped().values())


def written() -> str:
    """The page with its tables as they should be."""
    head, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{head}{BEGIN}\n{tables()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written())
