"""Inside a rig: one aliases file after the other, each rebuilt and followed.

Standard input: {"aliases": PATH, "rebuild": [ARGV], "cases": [{"id", "b64", "files", "lookups"}]};
output: for each case and lookup the ends as [how, whom].
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

from rotation.host.real import Host
from rotation.route import Accepted, trace

if __name__ == "__main__":
    given = json.load(sys.stdin)
    host = Host(Path("/tmp/state"))
    answers: dict[str, dict[str, list[list[str]]]] = {}
    for case in given["cases"]:
        Path(given["aliases"]).write_bytes(base64.b64decode(case["b64"]))
        for name, text in case["files"].items():
            Path(name).write_text(text)
            if "world-writable" in case["id"]:
                Path(name).chmod(0o666)
        subprocess.run(given["rebuild"], check=False, capture_output=True)
        answers[case["id"]] = {
            one.address: [
                [step.end.stop.value, step.end.who] for step in one.ends if step.end is not None
            ]
            for one in trace(host, case["lookups"], Accepted())
        }
    json.dump(answers, sys.stdout)
