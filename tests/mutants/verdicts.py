"""What became of each mutant, kept as it becomes known."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.mutants.sample import Mutant, digest


@dataclass(frozen=True, slots=True)
class Verdict:
    """`died` by a test, `lived` against test files in their state, `not reached` or `not tried`."""

    key: str
    program: str
    verdict: str
    path: str = ""
    change: str = ""
    by: str = ""
    against: dict[str, str] = field(default_factory=dict)

    def holds(self, mutant: Mutant) -> bool:
        """Whether the file is still as it was when this was said."""
        return self.program == digest(mutant.old)


class Verdicts:
    """The notes of earlier runs, a line each; of one mutant the last counts."""

    def __init__(self, file: Path) -> None:
        self.file = file
        lines = file.read_text().splitlines() if file.exists() else []
        self.by_key = {
            verdict.key: verdict for verdict in (Verdict(**json.loads(x)) for x in lines)
        }

    def note(self, verdict: Verdict) -> None:
        self.by_key[verdict.key] = verdict
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as file:
            file.write(json.dumps(asdict(verdict)) + "\n")
