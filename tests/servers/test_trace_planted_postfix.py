"""Settings that divert, refuse or hold mail, each planted on the real Postfix: while one is there,
no end that it concerns is "duty"; without it, the same end is, and the mail arrives there.
"""

from __future__ import annotations

import pytest

from .plants import ALIASES, AWAY, Plant, duty, stock_is_duty, write_aliases
from .rigs import Postfix
from .rigs.postfix import MAIN
from .worlds import DUTY

POSTFIX = {
    "few hops": Plant("hopcount_limit = 2"),
    "small mail": Plant("message_size_limit = 100"),
    "small mailboxes": Plant("mailbox_size_limit = 100\nmessage_size_limit = 100"),
    "few rounds": Plant("virtual_alias_recursion_limit = 1"),
    "few members": Plant("virtual_alias_expansion_limit = 1"),
    "who submits": Plant("authorized_submit_users = !root, static:all"),
    "whose sender": Plant("local_login_sender_maps = inline:{root=nobody}"),
    "parents": Plant(
        "parent_domain_matches_subdomains = transport_maps\n"
        "transport_maps = inline:{test=discard:}"
    ),
    "a parent to relay for": Plant("relay_domains = test\nrelay_transport = discard:", (AWAY,)),
    "no base": Plant(
        "virtual_mailbox_domains = people.test\nvirtual_mailbox_maps = static:x", (AWAY,)
    ),
    "no owner": Plant(
        "virtual_mailbox_domains = people.test\nvirtual_mailbox_maps = static:x\n"
        "virtual_mailbox_base = /var/mail",
        (AWAY,),
    ),
    "an owner of the system": Plant(
        "virtual_mailbox_domains = people.test\nvirtual_mailbox_maps = static:x\n"
        "virtual_mailbox_base = /var/mail\nvirtual_uid_maps = static:8\n"
        "virtual_gid_maps = static:8",
        (AWAY,),
    ),
    "a table that is not served": Plant(
        "virtual_alias_maps = proxy:texthash:/etc/postfix/none\nproxy_read_maps ="
    ),
    "no 8-bit headers": Plant("strict_7bit_headers = yes"),
    "no 8-bit mail": Plant("strict_8bitmime = yes"),
    "forbidden characters": Plant("message_reject_characters = x"),
    "faults": Plant("fault_injection_code = 1"),
    "a chroot": Plant("local/unix/chroot=y", where="-F"),
    "hops of cleanup": Plant("cleanup/unix/hopcount_limit=1", where="-P"),
}  # fmt: skip


@pytest.fixture
def postfix(postfix: Postfix) -> Postfix:
    write_aliases(postfix)
    return postfix


def _postfix(rig: Postfix, plant: Plant) -> None:
    main = f"{MAIN}alias_maps = hash:/etc/aliases\n"
    rig.configure(main if plant.where else f"{main}{plant.text}\n")
    if plant.where:
        rig.must(rig.run(["postconf", plant.where, plant.text]))


def test_postfix(postfix: Postfix) -> None:
    master = postfix.read("/etc/postfix/master.cf")
    stock_is_duty(postfix)
    for name, plant in POSTFIX.items():
        postfix.write("/etc/postfix/master.cf", master)
        _postfix(postfix, plant)
        assert not [a for a in plant.concerns if duty(postfix, a)], name
    postfix.write("/etc/postfix/master.cf", master)


def test_postfix_keeps_all_that_it_queues_anew_while_one_is_put_off(postfix: Postfix) -> None:
    main = f"{MAIN}alias_maps = hash:/etc/aliases\n"
    postfix.stop()
    postfix.configure(f"{main}mailbox_transport_maps = inline:{{alice=retry:later}}\n")
    postfix.start()
    for address in ("some", "late"):
        assert not duty(postfix, address)
        postfix.must(postfix.send(address, f"waits {address}"))
    postfix.must(postfix.send("root", "after them"))
    postfix.wait_for(DUTY, "after them")
    assert not {"waits some", "waits late"} & set(postfix.mailbox(DUTY))
    postfix.configure(main)
    postfix.must(postfix.run(["postfix", "reload"]))
    assert duty(postfix, "some") == {DUTY, "alice"}
    postfix.must(postfix.run(["postqueue", "-f"]))
    postfix.wait_for(DUTY, "waits some")
    postfix.wait_for(DUTY, "waits late")


@pytest.mark.parametrize("box", ["Maildir/", "mbox"])
def test_a_home_that_cannot_be_written_is_a_bounce(postfix: Postfix, box: str) -> None:
    home = postfix.path("/home/alice")
    home.chmod(0o555)
    postfix.stop()
    postfix.configure(f"{MAIN}alias_maps = hash:/etc/aliases\nhome_mailbox = {box}\n")
    postfix.start()
    try:
        assert duty(postfix, "some") == {DUTY}
        postfix.must(postfix.send("some", f"bounces {box}"))
        postfix.wait_for(DUTY, f"bounces {box}")
    finally:
        home.chmod(0o755)


def test_a_soft_bounce_of_one_keeps_the_rest(postfix: Postfix) -> None:
    postfix.write(postfix.aliases, f"{ALIASES}gone: nosuch, {DUTY}\n")
    postfix.must(postfix.rebuild())
    main = f"{MAIN}alias_maps = hash:/etc/aliases\n"
    assert duty(postfix, "gone") == {DUTY}
    postfix.must(postfix.send("gone", "bounces for one"))
    postfix.wait_for(DUTY, "bounces for one")
    postfix.stop()
    postfix.configure(f"{main}soft_bounce = yes\n")
    postfix.start()
    assert not duty(postfix, "gone")
    postfix.must(postfix.send("gone", "waits for one"))
    postfix.must(postfix.send("root", "after it"))
    postfix.wait_for(DUTY, "after it")
    assert "waits for one" not in postfix.mailbox(DUTY)
