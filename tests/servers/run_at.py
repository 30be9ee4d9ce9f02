"""Run `rotation` at an instant of the test's choice: python run_at.py INSTANT ARGUMENT...

The program itself takes no such option for changes; its tests must not depend on today.
"""

from __future__ import annotations

import sys
from datetime import datetime

from rotation.__main__ import main


def run() -> int:
    """As `rotation.cli.main.main`, at the instant."""
    from rotation.cli.context import Call
    from rotation.cli.main import app

    app(sys.argv[2:], obj=Call(now=datetime.fromisoformat(sys.argv[1])))
    return 0


if __name__ == "__main__":
    main(run)
