"""The alarm beside the chain when `apply` fails, on the real mail servers."""

from __future__ import annotations

from .rigs import NOTIFICATIONS, Rig
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, rotation, target, write_roster

LIST = "/etc/mail/duty"


def test_a_failing_apply_raises_an_alarm_once_and_says_when_it_is_over(rig: Rig) -> None:
    rig.write(rig.aliases, f"{NOTIFICATIONS}: carol\n")
    rig.rebuild()
    monitor = '\n[monitor]\nalarm = "oncall@far.test"\n'
    write_roster(rig, ROSTER + monitor + target(rig) + f'\n[[target]]\ninclude = "{LIST}"\n')
    rig.run(["rm", "-rf", "/var/lib/rotation", LIST])
    rig.run(["mkdir", "-p", LIST])
    assert rotation(rig, MONDAY, "apply").status == 3
    raised = "rotation apply on box.test ended with status 3"
    rig.wait_for("oncall@far.test", raised)
    assert rotation(rig, MONDAY, "apply").status == 3
    rig.run(["rmdir", LIST])
    assert rotation(rig, NEXT_MONDAY, "apply").status == 0
    well = "rotation apply on box.test is right again"
    rig.wait_for("oncall@far.test", well)
    assert rotation(rig, NEXT_MONDAY, "apply").status == 0
    assert rig.mailbox("oncall@far.test") == [raised, well]
    assert LIST in rig.read("/var/mail/oncall@far.test").decode()


def test_everybody_is_told_and_what_is_right_elsewhere_settles_nothing(postfix: Rig) -> None:
    lists = f'\n[[target]]\ninclude = "{LIST}"\n'
    first, second = (f'\n[monitor]\nalarm = "{who}@far.test"\n' for who in ("first", "second"))
    write_roster(postfix, ROSTER + first + lists)
    write_roster(postfix, ROSTER + second, "second")
    postfix.write("/srv/third.toml", ROSTER + first)
    postfix.run(["rm", "-rf", "/var/lib/rotation", LIST])
    postfix.run(["mkdir", "-p", LIST])
    raised = "rotation apply on box.test ended with status 3"
    for _ in range(2):
        assert rotation(postfix, MONDAY, "apply").status == 3
        assert rotation(postfix, MONDAY, "--rosters", "/srv/third.toml", "apply").status == 0
    postfix.run(["rmdir", LIST])
    assert rotation(postfix, MONDAY, "apply").status == 0
    for who in ("first@far.test", "second@far.test"):
        well = "rotation apply on box.test is right again"
        postfix.wait_for(who, well)
        assert postfix.mailbox(who) == [raised, well]


def test_doctor_says_where_nobody_would_hear(postfix: Rig) -> None:
    write_roster(postfix)
    said = "if `apply` fails for duty, only cron tells root: that is the alias"
    assert said in rotation(postfix, MONDAY, "doctor").out
    write_roster(postfix, ROSTER + '\n[monitor]\nalarm = "oncall@far.test"\n' + target(postfix))
    assert said not in rotation(postfix, MONDAY, "doctor").out
