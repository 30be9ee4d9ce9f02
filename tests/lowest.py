"""Print constraints that hold every dependency of the program to the lowest version it allows.

For `make test-lowest`. They are read from pyproject.toml, so that a bound there is a bound that was
tried.
"""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path


def main() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    for requirement in chain(project["dependencies"], *extras):
        if bound := re.match(r"([A-Za-z0-9-]+)(?:\[[a-z,]+\])?>=([0-9.]+)", requirement):
            print(f"{bound[1]}=={bound[2]}")


if __name__ == "__main__":
    main()
