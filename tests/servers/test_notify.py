"""`rotation notify` through a real Postfix: what arrives in whose mailbox."""

from __future__ import annotations

import contextlib
import mailbox
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from icalendar import Calendar, Event

from tests.export.lint import lint

from .conftest import NewRig
from .rigs import Postfix, Rig
from .roster_in_rig import MONDAY, ROSTER, rotation, write_roster

NOTIFY = 'remind = ["1 day"]\n'
COVER = """
[[override]]
start = 2026-11-30T09:00:00Z
end   = 2026-12-07T09:00:00Z
out   = "bob"
in    = "carol"
note  = "Übergabe, wie besprochen"
"""
LATER = "2026-11-23T12:05:00+00:00"
SUNDAY = "2026-11-29T10:00:00+00:00"
HANDOFF = "2026-11-30T09:05:00+00:00"
CHANGED = "duty: your duties changed"


def arrived(rig: Rig, user: str, subject: str) -> EmailMessage:
    """The one mail with that subject in a mailbox."""
    rig.wait_for(user, subject)
    path = rig.path(f"/var/mail/{user}")
    with contextlib.closing(mailbox.mbox(path, create=False)) as box:
        found = [message_from_bytes(m.as_bytes(), policy=default) for m in box]
    (mail,) = [mail for mail in found if mail["Subject"] == subject]
    return mail


def calendar(mail: EmailMessage) -> tuple[str, Event]:
    """The method and the event of a mail with one."""
    (part,) = [p for p in mail.walk() if p.get_content_type() == "text/calendar"]
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    assert not lint(data, method=True)
    found = Calendar.from_ical(data)
    assert isinstance(found, Calendar)
    assert str(found["METHOD"]) == part.get_param("method")
    (event,) = found.events
    return str(found["METHOD"]), event


def test_from_a_change_to_a_mailbox(new_rig: NewRig) -> None:
    rig = new_rig(Postfix)
    write_roster(rig, f"{ROSTER}\n[notify]\n{NOTIFY}")
    first = rotation(rig, MONDAY, "notify")
    assert (first.status, first.out, first.err) == (0, "", "")

    rig.write("/etc/rotation/duty.overrides.toml", COVER)
    # with the server stopped the mail is in its queue: taken, and not to be sent again
    rig.stop()
    done = rotation(rig, LATER, "notify")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert rotation(rig, LATER, "notify").status == 0
    rig.start()

    bob, carol = arrived(rig, "bob", CHANGED), arrived(rig, "carol", CHANGED)
    outside = arrived(rig, "dan@example.com", CHANGED)
    assert carol["To"] == "carol@box.test, dan@example.com"
    assert outside.as_bytes().split(b"\n\n", 1)[1] == carol.as_bytes().split(b"\n\n", 1)[1]
    for mail in (bob, carol):
        assert mail["From"].addresses[0].addr_spec == "root@box.test"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert not mail.defects
        text = mail.get_body(("plain",))
        assert text is not None
        assert "Your duties changed:" in text.get_content()
    method, event = calendar(carol)
    assert (method, event["SEQUENCE"], event["SUMMARY"]) == ("REQUEST", 1, "duty: carol for bob")
    assert "note: Übergabe, wie besprochen" in str(event["DESCRIPTION"])
    assert carol["List-Id"]
    assert [str(one) for one in event.attendees] == [
        "mailto:carol@box.test",
        "mailto:dan@example.com",
    ]
    assert calendar(bob)[0] == "CANCEL"
    assert calendar(bob)[1]["UID"] == event["UID"]
    assert rig.delivered(CHANGED) == ["bob", "carol", "dan@example.com"]

    reminder = "duty: on duty from Mon 30 Nov 09:00"
    rig.must(rotation(rig, SUNDAY, "notify"))
    assert calendar(arrived(rig, "carol", reminder))[0] == "REQUEST"
    rig.must(rotation(rig, HANDOFF, "notify"))
    arrived(rig, "carol", "duty: on duty until Mon 7 Dec 09:00")
    arrived(rig, "alice", "duty: your duty has ended")
    assert rig.delivered(reminder) == ["carol", "dan@example.com"]
    exported = rotation(rig, HANDOFF, "export", "--person", "carol", "--to", "2026-12-01")
    assert f"UID:{event['UID']}" in exported.out.replace("\r\n ", "")


def test_a_mail_that_postfix_refuses_is_sent_by_the_next_run(new_rig: NewRig) -> None:
    rig = new_rig(Postfix)
    write_roster(rig, f"{ROSTER}\n[notify]\n{NOTIFY}")
    rig.must(rotation(rig, MONDAY, "notify"))
    rig.write("/etc/rotation/duty.overrides.toml", COVER)
    main = rig.read("/etc/postfix/main.cf").decode()
    assert isinstance(rig, Postfix)
    rig.configure(f"{main}authorized_submit_users = nobody\n")
    done = rotation(rig, LATER, "notify")
    assert (done.status, done.out) == (3, "")
    assert done.err.count("sendmail did not take the mail") == 2
    rig.configure(main)
    rig.must(rotation(rig, LATER, "notify"))
    assert calendar(arrived(rig, "bob", CHANGED))[0] == "CANCEL"
    assert calendar(arrived(rig, "carol", CHANGED))[0] == "REQUEST"
    rig.must(rotation(rig, LATER, "notify"))
    assert rig.delivered(CHANGED) == ["bob", "carol", "dan@example.com"]
