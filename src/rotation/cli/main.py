"""The program `rotation`: its options and the list of its commands, one small file each."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from rotation import __version__
from rotation.cli.apply import apply
from rotation.cli.check import check
from rotation.cli.context import DEFAULT_ROSTERS, Call
from rotation.cli.export import export
from rotation.cli.init import init
from rotation.cli.notify import notify
from rotation.cli.schedule import schedule
from rotation.cli.who import who

app = typer.Typer(
    name="rotation",
    help="Who is on duty, and mail that goes to them.",
    no_args_is_help=True,
    add_completion=False,
    # plain text for cron: no boxes around usage errors, no traceback art
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"rotation {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    rosters: Annotated[
        Path | None,
        typer.Option(
            help="A roster file or a folder of them. "
            f"Default: $ROTATION_ROSTERS, then {DEFAULT_ROSTERS}.",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Who is on duty, and mail that goes to them."""
    call = context.obj if isinstance(context.obj, Call) else Call()
    named = rosters or os.environ.get("ROTATION_ROSTERS")
    if named:
        call.rosters = Path(named)
    context.obj = call


for command in (init, who, schedule, apply, check, export, notify):
    app.command()(command)


def main() -> None:
    """Run the program; the entry point of the installed script."""
    try:
        app()
    except BrokenPipeError:
        # the reader went away (a pager, head): nothing is wrong, and no message is wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
