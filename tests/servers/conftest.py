"""Fixtures: `postfix`, `exim`, `opensmtpd`, `sendmail`, `rig` (each in turn), and `new_rig`.

They skip where no rig can be had, or fail when ROTATION_REQUIRE_SERVERS=1, as in CI. A rig lives
as long as the module and is started; what one test leaves in it, the next one finds. For a rig of
one's own, or with options, ask `new_rig`: `new_rig(Postfix, map_type="lmdb")`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Protocol, TypeVar, cast

import pytest

from .relay_faults import right
from .rigs import RIGS, Exim, OpenSMTPD, Postfix, Rig, Sendmail, Unavailable
from .rigs.relays import Relays

AnyRig = TypeVar("AnyRig", bound=Rig)


class NewRig(Protocol):
    """Makes a rig with the options of its class; it is closed with the fixture."""

    def __call__(self, kind: type[AnyRig], *, started: bool = ..., **options: Any) -> AnyRig: ...


def _factory(folders: pytest.TempPathFactory, stack: ExitStack) -> NewRig:
    def new_rig(kind: type[AnyRig], *, started: bool = True, **options: Any) -> AnyRig:
        try:
            rig = kind(binds=[folders.getbasetemp()], **options)
        except Unavailable as error:
            if os.environ.get("ROTATION_REQUIRE_SERVERS") == "1":
                pytest.fail(str(error))
            pytest.skip(str(error))
        stack.enter_context(rig)
        if started:
            rig.start()
        return rig

    return new_rig


@pytest.fixture
def new_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewRig]:
    """Makes rigs that live as long as the test."""
    with ExitStack() as stack:
        yield _factory(tmp_path_factory, stack)


@pytest.fixture(scope="module")
def module_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Rig]]:
    """The rig of that name that this module's tests share."""
    rigs: dict[str, Rig] = {}
    with ExitStack() as stack:
        new = _factory(tmp_path_factory, stack)

        def shared(name: str) -> Rig:
            if name not in rigs:
                rigs[name] = new(RIGS[name])
            return rigs[name]

        yield shared


@pytest.fixture(scope="module")
def postfix(module_rig: Callable[[str], Rig]) -> Postfix:
    return cast(Postfix, module_rig("postfix"))


@pytest.fixture(scope="module")
def exim(module_rig: Callable[[str], Rig]) -> Exim:
    return cast(Exim, module_rig("exim"))


@pytest.fixture(scope="module")
def opensmtpd(module_rig: Callable[[str], Rig]) -> OpenSMTPD:
    return cast(OpenSMTPD, module_rig("opensmtpd"))


@pytest.fixture(scope="module")
def sendmail(module_rig: Callable[[str], Rig]) -> Sendmail:
    return cast(Sendmail, module_rig("sendmail"))


@pytest.fixture(scope="module", params=list(RIGS))
def rig(request: pytest.FixtureRequest, module_rig: Callable[[str], Rig]) -> Rig:
    """Each of the four in turn."""
    return module_rig(request.param)


@pytest.fixture(scope="module", params=["pgsql", "mysql", "ldap"])
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Relays]:
    """Two relays that ask each of these servers in turn, and are not started."""
    with ExitStack() as stack:
        yield _factory(tmp_path_factory, stack)(Relays, engine=request.param, started=False)


@pytest.fixture
def relays(asked: Relays) -> Relays:
    """The same, with a target that is right, and another one beside it."""
    right(asked)
    return asked
