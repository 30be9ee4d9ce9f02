"""Run `rotation` as it is installed, at an instant of the test's choice: python run_short_at.py
SECONDS ARGUMENT..., the seconds since 1970.

Unlike run_at.py, the short way is open to it.
"""

from __future__ import annotations

import sys

from rotation.__main__ import answer, main

if __name__ == "__main__":
    at = int(sys.argv.pop(1))
    main(lambda: answer(at))
