"""Following addresses where the host itself only sends: msmtp, whose rules are all its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.host.real import Host
from rotation.route import Accepted, Trace, Verdict
from rotation.route.follow import trace
from rotation.route.model import Stop
from rotation.system import Account


class Home(Host):
    """A host whose root has a home of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "state")
        self.home = folder / "root"
        self.home.mkdir()

    def account(self, name: str | int) -> Account | None:
        return Account("root", 0, 0, self.home, "/bin/sh") if name == "root" else None


@pytest.fixture
def host(tmp_path: Path) -> Home:
    aliases = tmp_path / "aliases"
    (tmp_path / "msmtprc").write_text(
        f"account default\nhost relay.test\nfrom root@here.test\naliases {aliases}\n"
    )
    aliases.write_text("root: duty\nduty: alice@people.test, bob@people.test\n")
    return Home(tmp_path)


def followed(host: Home, address: str) -> Trace:
    accepted = Accepted({"alice@people.test": (Verdict.DUTY, "alice is on duty")})
    (answer,) = trace(
        host, [address], accepted, server="msmtp", config=host.home.parent / "msmtprc"
    )
    return answer


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        *(("/dev/null", Stop.LOST), ("/var/mail/root", Stop.FILE), ("/dev/nul", Stop.FILE)),
        *(("| /bin/cat", Stop.PIPE), ("", Stop.REFUSED), ("a b", Stop.REFUSED)),
        *(("a\nb", Stop.REFUSED), ("a\tb@people.test", Stop.REFUSED), ("a\0", Stop.REFUSED)),
    ],
)
def test_what_is_no_address_ends_at_once(host: Home, text: str, stop: Stop) -> None:
    (end,) = followed(host, text).ends
    assert end.end is not None
    assert end.end.stop is stop


def test_an_alias_leads_to_everybody_in_it(host: Home) -> None:
    answer = followed(host, "root")
    verdicts = {step.end.who: step.end.verdict for step in answer.ends if step.end}
    assert verdicts == {"alice@people.test": Verdict.DUTY, "bob@people.test": Verdict.LEAVES}
    assert not answer.good


@pytest.mark.parametrize("there", [True, False])
def test_a_forward_that_the_client_does_not_read_is_told(host: Home, there: bool) -> None:
    if there:
        (host.home / ".forward").write_text("carol@people.test\n")
    notes = [note.text for step in followed(host, "root").step.walk() for note in step.notes]
    assert [f"{host.home}/.forward does nothing" in note for note in notes] == [True] * there
    assert "carol" not in str(followed(host, "root"))
