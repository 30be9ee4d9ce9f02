"""The tables of docs/presets.md, from the presets. `python -m tests.checkers.page` writes them."""

from __future__ import annotations

from pathlib import Path

from rotation.checkers.model import Preset
from rotation.checkers.shipped import shipped
from rotation.checkers.variables import described
from tests.checkers.cells import CELLS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "presets.md"
TESTS = Path(__file__).parent / "presets"
BEGIN, END = "<!-- from the presets' files -->\n", "<!-- to here -->\n"
CONTROLLER = "; the program is a stand-in, its answers copied in shape from the vendor's manual"
# what is not real in those tests
STAND_INS = {
    "btrfs": "; of an old and an aborted scrub the record is edited",
    "chrony": "; for a measure that is old, the checker's clock is four hours ahead",
    "needrestart": "; sessions and containers are cgroups by their names, for microcode a word of "
    "the real answer is changed",
    "oom-kills": "; systemd-oomd itself does not run: the test says its words to the journal",
    "rkhunter": "; for a warning that is in the log alone, a line is added to it",
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


def entries(cell: str) -> list[list[str]]:
    """The tokens of each entry of a cell; none where no test shows it."""
    return [[word for word in entry.split() if word != "-"] for entry in cell.split(";")]


def files_of(preset: Preset) -> list[str]:
    """The files of tests that its cells name."""
    tokens = {token for cell in CELLS[preset.name] for entry in entries(cell) for token in entry}
    wanted = {f"def test_{token.partition(':')[0]}(" for token in tokens}
    if any(token.startswith("mutation:") for token in tokens):
        wanted.add("CASES = {")
    tests = sorted(TESTS.glob("test_*.py"))
    return [file.name for file in tests if any(name in file.read_text() for name in wanted)]


def cannot_see(preset: Preset) -> str:
    """What it cannot see, with a mark where a test shows that."""
    rows = zip(preset.blind, entries(CELLS[preset.name][2]), strict=True)
    return "; ".join(f"{text} (tried)" if tokens else text for text, tokens in rows)


def table(preset: Preset) -> str:
    """One preset: its rhythm, what makes it speak and fail, what it cannot see, its variables."""
    lines = [
        f"### {preset.name}",
        "",
        f"{preset.title} ({preset.every.adverb}, signal `{preset.signal}`; tried in "
        f"{', '.join(f'`{file}`' for file in files_of(preset))}"
        f"{STAND_INS.get(preset.name, '')})",
        "",
        "| | |",
        "|---|---|",
        f"| speaks | {'; '.join(preset.speaks)} |",
        f"| fails | {'; '.join(preset.fails)} |",
        f"| cannot see | {cannot_see(preset)} |",
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
