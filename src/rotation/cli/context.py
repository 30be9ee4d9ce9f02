"""What a command has to work with: the instant, the host, the rosters, and where errors go."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, Protocol, cast
from zoneinfo import ZoneInfo

from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError, Exit, Problem, RosterError, RotationError, UsageError
from rotation.host.network import fetcher, knock, resolver, search
from rotation.host.real import Host
from rotation.host.temporary import is_our_name
from rotation.roster.load import ASKED, Terms, load

if TYPE_CHECKING:  # whoever asks who is on duty does without
    from rotation.model import Roster
    from rotation.roster.load import Page, Rosters, Span
    from rotation.schedule.loaded import Loaded
    from rotation.system import Fetch, Knock, Search, System
    from rotation.system.dns import Lookup

DEFAULT_ROSTERS = Path("/etc/rotation")
_P = ParamSpec("_P")


def state_folder() -> Path:
    """Where locks and notes of changes under way are kept."""
    if named := os.environ.get("ROTATION_STATE"):
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/lib/rotation")
    base = os.environ.get("XDG_STATE_HOME") or _home("~") / ".local/state"
    return Path(base, "rotation")


def logins_file() -> Path:
    """Where names and passwords for addresses may stand (netrc(5)): root's, or $NETRC."""
    if named := os.environ.get("NETRC"):
        return Path(named)
    # cron and sudo leave HOME pointing anywhere
    return _home("~root" if os.geteuid() == 0 else "~") / ".netrc"


def credentials() -> Path | None:
    """The folder of the credentials that systemd gave this process (systemd.exec(5))."""
    named = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(named) if named else None


def postgresql_passwords() -> Path:
    """Where passwords for PostgreSQL may stand (libpq, "The Password File")."""
    if named := os.environ.get("PGPASSFILE"):
        return Path(named)
    # cron and sudo leave HOME pointing anywhere
    return _home("~root" if os.geteuid() == 0 else "~") / ".pgpass"


def _home(whose: str) -> Path:
    """A home; a user whom the host does not know has one that is nowhere, as `nobody` has."""
    try:
        return Path(whose).expanduser()
    except RuntimeError:
        return Path("/nonexistent")


@dataclass
class Call:
    """One call of the program. Tests make their own, with an instant of their choice."""

    rosters: Path = DEFAULT_ROSTERS
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    system: System = field(
        default_factory=lambda: Host(state_folder(), credentials(), postgresql_passwords())
    )
    fetch: Fetch = field(default_factory=lambda: fetcher(logins_file))
    search: Search = search
    knock: Knock = knock
    resolver: Callable[[], Lookup] = resolver
    unread: list[Problem] = field(default_factory=list)
    """What is wrong with the rosters that could not be read and were left out."""
    unseen: bool = False
    """Whether there is a calendar that nobody could look into."""
    answered: bool = False
    """Whether rosters were read, so that what is not complained of is well."""
    named: bool = False
    """Whether somebody said where the rosters are."""

    @property
    def place(self) -> Path:
        """Where the rosters are, from the root and without links; as typed where nobody can tell,
        since the current folder is gone."""
        try:
            return self.rosters.resolve()
        except (OSError, RuntimeError):  # the second: links that lead round in a circle
            return self.rosters

    @property
    def named_from_root(self) -> Path:
        """Where the rosters are, from the root, and through the links that somebody named; as typed
        where nobody can tell, since the current folder is gone."""
        try:
            return Path(os.path.abspath(self.rosters))
        except OSError:
            return self.rosters

    @property
    def sets(self) -> tuple[str, ...]:
        """What records of these rosters alone have in their names, those of the host's own nothing;
        then that of their folder, if they are one file of it.

        A link is not followed: where it comes to lead elsewhere, that is a change of these rosters.
        """
        named = self.named_from_root
        return tuple(map(_mark, (named, named.parent) if os.path.isfile(named) else (named,)))

    @property
    def command(self) -> str:
        """How rotation is called for these rosters on this host, in whatever folder."""
        return (
            f"rotation --rosters {quote(str(self.rosters.absolute()))}"
            if self.named
            else "rotation"
        )

    def take(self, rosters: Path | None) -> Call:
        """This call, with the rosters that somebody named."""
        named = rosters or os.environ.get("ROTATION_ROSTERS")
        if named:
            self.rosters, self.named = Path(named), True
        return self

    def load(
        self, at: str | None = None, to: str | None = None, terms: Terms = ASKED
    ) -> list[Loaded]:
        """Every roster, with the shifts of its calendars between two instants as typed.

        One that cannot be read is left out: `readable`. Raises RosterError where there is none
        left, and UsageError for what is not an instant.
        """

        def span(zone: ZoneInfo) -> tuple[datetime, datetime]:
            start = self.when(at, zone)
            return start, start if to is None else max(start, self.when(to, zone))

        return self.load_ahead(span, terms)

    def load_ahead(self, span: Span, terms: Terms = ASKED) -> list[Loaded]:
        """The same, with the shifts of the calendars in any span."""
        rosters = load(self.system, self.fetch, self.rosters, span, self.now, terms)
        return [page.loaded for page in self.readable(rosters)]

    def readable(self, rosters: Rosters) -> tuple[Page, ...]:
        """The rosters that could be read; what is wrong with the others is said, and the call
        ends with 2 at least. Raises RosterError where none could."""
        if not rosters.pages:
            raise RosterError(rosters.problems)
        self.answered = True
        for problem in rosters.problems:
            complain(problem)
        self.unread += rosters.problems
        self.unseen = self.unseen or any(loaded.unseen for loaded in rosters.loaded)
        return rosters.pages

    def tidy(self, *files: Path) -> None:
        """Remove what runs that were killed have left beside these files, as whoever locks their
        folders does; nothing else depends on it."""
        for folder in dict.fromkeys(path.parent for path in files):
            with suppress(ApplyError):
                real = self.system.real(folder)
                if any(is_our_name(name) for name in self.system.names(real) or ()):
                    with self.system.lock(real):
                        pass

    @property
    def status(self) -> Exit:
        """What the call cannot end better than."""
        return Exit.USAGE if self.unread else Exit.OK

    def ahead(self, at: str | None, length: timedelta) -> Span:
        """For each roster's zone, from the instant typed (or now) on for a length of time."""

        def span(zone: ZoneInfo) -> tuple[datetime, datetime]:
            start = self.when(at, zone)
            return start, start + length

        return span

    def when(self, text: str | None, zone: ZoneInfo) -> datetime:
        """The instant that somebody typed, now if they typed nothing."""
        if text is None:
            return self.now
        from rotation.clock.typed import parse_when

        return parse_when(text, self.now, zone)


def _mark(rosters: Path) -> str:
    from hashlib import sha256

    if rosters == DEFAULT_ROSTERS:
        return ""
    return f"-{sha256(os.fsencode(rosters)).hexdigest()[:16]}"


def in_order(begin: datetime, stop: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A span that somebody typed. Raises UsageError where it is the wrong way round."""
    if stop <= begin:
        typed = f"{stop.astimezone(zone).isoformat()} and {begin.astimezone(zone).isoformat()}"
        hint = "are the two the wrong way round?"
        raise UsageError(Problem(f"--to is not after --from: {typed}", hint=hint))
    return begin, stop


class Calling(Protocol):
    """What a command is called with: a context of the command line, or less."""

    obj: Any


def call_of(context: Calling) -> Call:
    """The call that a command belongs to."""
    return cast("Call", context.obj)


def roles_of(roster: Roster, role: str | None) -> tuple[str, ...]:
    """The roles to show of a roster: the one asked for if it has it, else all."""
    if role is None:
        return roster.roles
    return (role,) if role in roster.roles else ()


def no_such_role(role: str, rosters: list[Roster]) -> UsageError:
    """The error for a role that no roster has."""
    known = dict.fromkeys(name for roster in rosters for name in roster.roles)
    return UsageError(
        Problem(f"no roster has the role {role!r}", hint=f"known: {', '.join(known)}")
    )


_heard: list[list[tuple[Problem, str]]] = []


def complain(problem: Problem, label: str = "error") -> None:
    """Say on stderr what is wrong, or to whoever hears first."""
    if _heard:
        _heard[-1].append((problem, label))
    else:
        print(problem.render(label), file=sys.stderr)


@contextmanager
def heard() -> Iterator[list[tuple[Problem, str]]]:
    """What is complained of inside, instead of being said: who hears it has to say it."""
    complaints: list[tuple[Problem, str]] = []
    _heard.append(complaints)
    try:
        yield complaints
    finally:
        _heard.remove(complaints)


def leave(status: Exit) -> NoReturn:
    """End the command with an exit status."""
    raise SystemExit(int(status))


def handled(command: Callable[_P, None]) -> Callable[_P, None]:
    """A command whose errors become messages on stderr and its exit status."""

    @functools.wraps(command)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> None:
        context = kwargs.get("context", args[0] if args else None)
        try:
            command(*args, **kwargs)
            status = Exit.OK
        except RotationError as error:
            for problem in error.problems:
                complain(problem)
            status = error.status
        except SystemExit as ended:
            if ended.code not in set(Exit):  # of a program that had our terminal
                raise
            status = Exit(ended.code)
        call = getattr(context, "obj", None)
        leave(status.worse(call.status) if isinstance(call, Call) else status)

    return wrapper
