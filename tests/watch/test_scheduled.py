"""Where `apply` is scheduled, in scratch trees."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.watch.scheduled import scheduled
from tests.chroot import Rooted
from tests.watch.scratch_tree import ROOT, scratch_tree

SERVICE = "[Service]\nType=oneshot\nExecStart=/usr/local/bin/rotation apply\n"


def severities(system: Rooted) -> set[str]:
    return {one.severity.value for one in scheduled(system)}


JOB = "*/5 * * * * root /usr/local/bin/rotation apply\n"


@ROOT
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/etc/crontab": JOB}, {"ok"}),
        ({"/etc/cron.d/rotation": JOB}, {"ok"}),
        ({"/var/spool/cron/crontabs/root": JOB.replace(" root ", " ")}, {"ok"}),
        ({"/etc/cron.d/rotation": f"#{JOB}"}, {"error"}),
        ({"/etc/cron.d/rotation": JOB.replace("apply", "apply --dry-run")}, {"error"}),
        ({"/etc/cron.d/rotation": JOB.replace("apply", "who")}, {"error"}),
        ({"/etc/cron.d/rotation": JOB.replace("apply", "-q --rosters /x apply")}, {"ok"}),
        ({"/etc/cron.d/r.sh": JOB}, {"error"}),
        ({"/etc/cron.d/rotation": f"MAILTO=\n{JOB}"}, {"error"}),
        ({"/etc/cron.daily/rotation": "#!/bin/sh\nrotation apply\n"}, {"ok", "warning"}),
        ({"/etc/cron.daily/rotation.sh": "#!/bin/sh\nrotation apply\n"}, {"error"}),
        ({"/etc/systemd/system/r.service": SERVICE}, {"warning", "error"}),
        (
            {"/etc/systemd/system/r.service": SERVICE, "/etc/systemd/system/r.timer": ""},
            {"warning", "error"},
        ),
        (
            {
                "/etc/systemd/system/r.service": SERVICE,
                "/etc/systemd/system/r.timer": "",
                "/etc/systemd/system/timers.target.wants/r.timer": "",
            },
            {"ok"},
        ),
        ({}, {"error"}),
    ],
)
def test_schedules(tmp_path: Path, files: dict[str, str], expected: set[str]) -> None:
    assert severities(scratch_tree(tmp_path, files)) == expected
