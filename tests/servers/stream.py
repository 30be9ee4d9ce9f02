"""Inside a rig: submit one mail after the other until /tmp/stream is gone; tell when, in JSON.

One line for each: number, recipient, seconds since the epoch before and after, exit status.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

GO = Path("/tmp/stream")
TO = ("root", "root", "root", "webmaster")


def main() -> None:
    number = 0
    while GO.exists():
        to = TO[number % len(TO)]
        mail = f"From: root\nTo: {to}\nSubject: stream {number}\n\nx\n"
        argv = ["/usr/sbin/sendmail", "-i", "-f", "root", to]
        before = time.time()
        done = subprocess.run(argv, input=mail.encode(), check=False, capture_output=True)
        json.dump([number, to, before, time.time(), done.returncode], sys.stdout)
        sys.stdout.write("\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    main()
