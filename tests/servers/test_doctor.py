"""`rotation doctor` on the real mail servers: a host that is set up right, one that is not."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Any

from .rigs import NOTIFICATIONS, Postfix, Rig
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, rotation, target, write_roster

CRON = "/etc/cron.d/rotation"
PROGRAM = "/usr/local/bin/rotation"


def _healthy(rig: Rig, *, anew: bool = True) -> None:
    rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: alice\n")
    _rebuild(rig)
    rig.write("/root/.forward", f"{NOTIFICATIONS}@box.test\n")
    rig.write(CRON, f"*/5 * * * * root {PROGRAM} apply\n")
    rig.write(PROGRAM, "#!/bin/sh\n", 0o755)
    rig.write("/usr/sbin/cron", "")
    write_roster(rig)
    if anew:
        rig.run(["rm", "-rf", "/var/lib/rotation"])
        assert rotation(rig, MONDAY, "apply").status == 0
        assert rotation(rig, MONDAY, "verify").status == 0


def _rebuild(rig: Rig) -> None:
    rig.rebuild()
    if isinstance(rig, Postfix):
        rig.make_index_later()


def look(rig: Rig, at: str = MONDAY) -> tuple[int, dict[str, list[str]]]:
    """The exit status, and what is said, by severity."""
    done = rotation(rig, at, "doctor", "--json")
    assert "Traceback" not in done.err, done.err
    found: list[Any] = json.loads(done.out)
    assert all(one["fix"] for one in found if one["severity"] in ("error", "warning", "note"))
    said: dict[str, list[str]] = {"error": [], "warning": [], "note": [], "ok": []}
    for one in found:
        said[one["severity"]].append(one["what"])
    return done.status, said


def _aliases(rig: Rig, text: str) -> None:
    rig.write(rig.aliases, text)
    _rebuild(rig)


def _group(rig: Rig, path: str) -> None:
    os.chown(rig.path(path), 0, 61002)
    rig.path(path).chmod(0o664)


ICS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//team//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20261101T000000Z
DTEND:20270201T000000Z
SUMMARY:alice
END:VEVENT
END:VCALENDAR
"""
Fault = tuple[Callable[[Rig], object], str, str]
OF_THE_HOST: dict[str, Fault] = {
    "no schedule": (
        lambda rig: rig.path(CRON).unlink(), "error", "no cron job and no timer runs",
    ),
    "a name that cron ignores": (
        lambda rig: rig.path(CRON).rename(rig.path("/etc/cron.d/rotation.cron")),
        "error", "cron ignores this file: only letters",
    ),
    "a crontab that others can write": (
        lambda rig: rig.path(CRON).chmod(0o664), "error", "others than root can write it",
    ),
    "a crontab without a last newline": (
        lambda rig: rig.write(CRON, f"*/5 * * * * root {PROGRAM} apply"),
        "error", "the last line has no newline",
    ),
    "only a rehearsal": (
        lambda rig: rig.write(CRON, f"*/5 * * * * root {PROGRAM} apply --check\n"),
        "error", "no cron job and no timer runs",
    ),
    "no such program": (
        lambda rig: rig.write(CRON, "*/5 * * * * root /opt/rotation apply\n"),
        "error", "there is no such program",
    ),
    "not in cron's PATH": (
        lambda rig: rig.write(CRON, "*/5 * * * * root rotation apply\n"),
        "error", "cron finds no program 'rotation'",
    ),
    "another user": (
        lambda rig: rig.write(CRON, f"*/5 * * * * alice {PROGRAM} apply\n"),
        "warning", "as alice, who may not write",
    ),
    "once a week": (
        lambda rig: rig.write(CRON, f"0 9 * * mon root {PROGRAM} apply\n"),
        "warning", "cron runs it up to 1 week apart, and turns are as short as 1 week",
    ),
    "never": (
        lambda rig: rig.write(CRON, f"0 0 30 2 * root {PROGRAM} apply\n"),
        "error", "no cron job and no timer runs",
    ),
    "other rosters": (
        lambda rig: rig.write(CRON, f"*/5 * * * * root {PROGRAM} --rosters /srv/other apply\n"),
        "warning", "it runs with other rosters: /srv/other",
    ),
    "another state folder": (
        lambda rig: rig.write(CRON, f"ROTATION_STATE=/srv/x\n*/5 * * * * root {PROGRAM} apply\n"),
        "warning", "it runs with another state folder: /srv/x",
    ),
    "only where something else fails": (
        lambda rig: rig.write(CRON, f"*/5 * * * * root false && {PROGRAM} apply\n"),
        "warning", "nobody can tell that this runs `rotation apply` each time",
    ),
    "a roster that is wrong": (
        lambda rig: rig.write("/etc/rotation/duty.toml", "nonsense\n"), "error", "",
    ),
    "a roster that everybody can write": (
        lambda rig: rig.path("/etc/rotation/duty.toml").chmod(0o666),
        "error", "can be written by everybody",
    ),
    "a roster whose group can write it": (
        lambda rig: _group(rig, "/etc/rotation/duty.toml"),
        "error", "can be written by the group bob (61002)",
    ),
    "a roster of a user's": (
        lambda rig: os.chown(rig.path("/etc/rotation/duty.toml"), 61001, 0),
        "error", "belongs to alice (user 61001)",
    ),
    "a calendar of a user's, at home": (
        lambda rig: _calendar(rig, "alice"), "warning", "belongs to alice, who can change",
    ),
    "a calendar that everybody can write": (
        lambda rig: _calendar(rig, "root", 0o666), "error", "everybody can write it",
    ),
}  # fmt: skip
OF_THE_SERVER: dict[str, Fault] = {
    "the wrong person": (
        lambda rig: _aliases(rig, f"postmaster: root\n{NOTIFICATIONS}: carol\n"),
        "error", f"the alias {NOTIFICATIONS} holds carol; it should hold alice",
    ),
    "a text newer than the index": (
        lambda rig: rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: carol\n"),
        "error", f"the alias {NOTIFICATIONS} holds carol; it should hold alice",
    ),
    "an alias that beats the forward": (
        lambda rig: _aliases(rig, f"{NOTIFICATIONS}: alice\nroot: alice\n"),
        "warning", "an alias for root beats /root/.forward",
    ),
    "nobody is postmaster": (
        lambda rig: _aliases(rig, f"{NOTIFICATIONS}: alice\n"),
        "warning", "mail for postmaster ends at postmaster",
    ),
    "a forward that leads elsewhere": (
        lambda rig: rig.write("/root/.forward", "x@elsewhere.test\n"),
        "error", "mail for root ends at x@elsewhere.test: leaves this host for elsewhere.test",
    ),
    "no forward": (
        lambda rig: rig.path("/root/.forward").unlink(), "error", "mail for root ends at",
    ),
    "an alarm that stays on this host": (
        lambda rig: _alarm(rig, "carol@box.test"),
        "warning", "the alarm of duty goes to carol@box.test, whose mail does not leave this host",
    ),
    "an alarm that goes where root's mail goes": (
        lambda rig: _alarm(rig, f"{NOTIFICATIONS}@box.test"),
        "warning", f"the alarm of duty goes to {NOTIFICATIONS}@box.test, whose mail does not leave",
    ),
    "a server that does not run": (lambda rig: rig.stop(), "error", "does not run"),
}  # fmt: skip


def _alarm(rig: Rig, address: str) -> None:
    write_roster(rig, ROSTER + target(rig) + f'[monitor]\nalarm = "{address}"\n')


def _calendar(rig: Rig, owner: str, mode: int = 0o644) -> None:
    """A rotation by a calendar in alice's home, in which alice is on duty."""
    head, _, _ = ROSTER.partition("[[rotation]]")
    text = '[[rotation]]\nname = "shared"\ncalendar = "/home/alice/duty.ics"\n'
    write_roster(rig, head + text + target(rig))
    rig.write("/home/alice/duty.ics", ICS.replace("\n", "\r\n"), mode, owner)


def test_an_alarm_at_another_host_is_heard(rig: Rig) -> None:
    _healthy(rig)
    _alarm(rig, "ops@elsewhere.test")
    status, said = look(rig)
    assert (status, said["error"], said["warning"]) == (0, [], [])
    assert not any("alarm" in what or "`apply` fails" in what for what in said["note"])


def test_a_host_that_is_set_up_right(rig: Rig) -> None:
    _healthy(rig)
    status, said = look(rig)
    assert (status, said["error"], said["warning"]) == (0, [], [])
    assert f"{rig.name} runs" in said["ok"]
    assert "cron runs `rotation apply` as root" in said["ok"]
    assert "mail for root ends at alice, on duty (duty)" in said["ok"]
    text = rotation(rig, MONDAY, "doctor")
    assert text.status == 0
    assert text.out.splitlines()[1] == "  --> /etc/rotation/duty.toml"
    assert "note: the roster duty: 1 thing is odd" in text.out


def test_root_s_mail_is_sent_on_by_the_command_that_doctor_names(rig: Rig) -> None:
    _healthy(rig)
    rig.path("/root/.forward").unlink()
    (fix, *_) = re.findall(r"fix: (rotation forward [^;]+);", rotation(rig, MONDAY, "doctor").out)
    rig.must(rotation(rig, MONDAY, *fix.split()[1:], "--yes"))
    assert "mail for root ends at alice, on duty (duty)" in look(rig)[1]["ok"]


def _each(rig: Rig, faults: dict[str, Fault]) -> None:
    _healthy(rig)
    for name, (break_it, severity, words) in faults.items():
        break_it(rig)
        status, said = look(rig)
        assert status == 1, name
        assert any(words in what for what in said[severity]), (name, said)
        rig.path("/etc/cron.d/rotation.cron").unlink(missing_ok=True)
        rig.path("/etc/rotation/duty.toml").unlink(missing_ok=True)
        _healthy(rig, anew=False)
    if not rig.running():
        rig.start()
    status, said = look(rig)
    assert (status, said["error"], said["warning"]) == (0, [], [])


def test_what_can_be_wrong_with_a_host(postfix: Rig) -> None:
    _each(postfix, OF_THE_HOST)


def test_what_can_be_wrong_with_a_server(rig: Rig) -> None:
    _each(rig, OF_THE_SERVER)


def test_the_last_run(postfix: Postfix) -> None:
    _healthy(postfix)
    _, said = look(postfix, NEXT_MONDAY)
    assert (
        "`rotation apply` ran last at 2026-11-23T12:00+00:00, more than a day ago"
        in (said["warning"])
    )
    postfix.write(postfix.aliases, f"{NOTIFICATIONS}: carol\n{NOTIFICATIONS}: carol\n")
    assert rotation(postfix, NEXT_MONDAY, "apply").status == 3
    _, said = look(postfix, NEXT_MONDAY)
    assert (
        "the last `rotation apply`, at 2026-11-30T09:00+00:00, ended with status 3"
        in (said["error"])
    )
    postfix.run(["rm", "-rf", "/var/lib/rotation"])
    _, said = look(postfix)
    assert "`rotation apply` has never run here" in said["warning"]


def test_mail_that_reaches_the_duty_through_no_target_is_not_well(rig: Rig) -> None:
    """A stopped clock: alice is on duty, and it is alice who stands in the alias, for ever."""
    said = "mail for root gets to whoever is on duty, but through no target: no handoff moves it"
    _healthy(rig)
    other = target(rig, name="unused")
    rig.write("/etc/rotation/duty.toml", ROSTER + other)
    assert rotation(rig, MONDAY, "apply").status == 0
    status, found = look(rig)
    assert (status, said in found["error"]) == (1, True)
    assert not any(what.startswith("mail for") for what in found["ok"])
    assert said in rotation(rig, MONDAY, "verify").err
    # by a list that no alias includes, and then one that does
    rig.run(["mkdir", "-p", "/etc/mail"])
    rig.write("/etc/rotation/duty.toml", ROSTER + '\n[[target]]\ninclude = "/etc/mail/duty"\n')
    assert rotation(rig, MONDAY, "apply").status == 0
    assert said in look(rig)[1]["error"]
    _aliases(rig, f"postmaster: root\n{NOTIFICATIONS}: :include:/etc/mail/duty\n")
    rig.write("/root/.forward", f"{NOTIFICATIONS}@box.test\n")
    assert not any(said in what for what in look(rig)[1]["error"])
    # by root's own .forward
    rig.write("/etc/rotation/duty.toml", ROSTER + '\n[[target]]\nforward = "/root/.forward"\n')
    assert rotation(rig, MONDAY, "apply").status == 0
    assert not any(said in what for what in look(rig)[1]["error"])
