"""A real mail server in a throw-away host, beside its own program: root, after `make servers`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from bench import worlds
from bench.measure import Cost

MEASURE = str(Path(__file__).with_name("measure.py"))


def postfix(count: int, rotation: list[str], runs: int) -> tuple[Cost, Cost, Cost, Cost] | str:
    """Among so many aliases of Postfix's: a change, nothing to do (the long way, then the short
    one), and `postalias` alone; or why there is no Postfix."""
    from tests.servers.rigs import Postfix, Unavailable

    try:
        rig = Postfix()
    except Unavailable as error:
        return str(error)
    with rig:
        rig.write(
            "/etc/rotation/r.toml", worlds.roster() + worlds.target(Path("/etc/aliases"), "duty")
        )
        rig.write("/etc/aliases", worlds.aliases(count, ["duty"]))
        rig.must(rig.rebuild())

        def cost(argv: list[str], **environment: str) -> Cost:
            done = rig.must(rig.run([sys.executable, "-S", MEASURE, *argv], env=environment))
            return Cost(*json.loads(done.out))

        def least(measured: Callable[[], Cost]) -> Cost:
            return min(measured() for _ in range(runs))

        def change() -> Cost:
            rig.write("/etc/aliases", worlds.aliases(count, ["duty"]))
            rig.must(rig.rebuild())
            rig.make_index_later()
            return cost([*rotation, "apply"])

        changed = least(change)
        looked = least(lambda: cost([*rotation, "apply"], ROTATION_FRESH="1"))
        for _ in range(5):  # a note is kept once the files are old enough
            again = cost([*rotation, "apply"])
        alone = least(lambda: cost(["/usr/sbin/postalias", "hash:/etc/aliases"]))
    return changed, looked, again, alone
