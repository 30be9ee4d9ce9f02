"""The program `rotation`: its options and the list of its commands, one small file each."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from rotation import __version__
from rotation.cli.context import DEFAULT_ROSTERS, Call

COMMANDS = {
    "init": ("init", "a starter roster"),
    "who": ("who", "who is on duty, until when, and who is next"),
    "schedule": ("schedule", "the final schedule"),
    "apply": ("apply", "make every target hold who is on duty"),
    "swap": ("changes.trade", "trade one person's next duty for another's"),
    "cover": ("changes.trade", "let one person serve for another"),
    "away": ("changes.away", "somebody is away, and who steps in"),
    "join": ("changes.membership", "take turns from the next handoff on"),
    "leave": ("changes.membership", "take no more turns from the next handoff on"),
    "undo": ("changes.undo", "take a change back"),
    "log": ("changes.undo", "what was changed, when, by whom"),
    "check": ("check", "what is wrong or odd in the rosters"),
    "report": ("report", "who has had how much duty, and what is fair"),
    "export": ("export", "the final schedule for calendar programs"),
    "notify": ("notify", "mail people what concerns their own duties"),
    "checker": ("checker.group", "scripts that mail only what is wrong"),
    "trace": ("trace", "where mail to an address ends"),
    "audit": ("audit", "which tools of this host mail whom"),
    "doctor": ("doctor", "whether this host is set up right"),
    "verify": ("verify", "the trip wire on root's mail"),
    "ping": ("ping", "a test mail through the real chain"),
}
"""Every command: the module that has it under its name, and a line for the list of them."""

_PLAIN: dict[str, Any] = {
    "add_completion": False,
    # plain text for cron: no boxes around usage errors, no traceback art
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
}


class Commands(TyperGroup):
    """Imports a command when it is called: cron runs one every few minutes, on every host."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, None for one that there is not."""
        if cmd_name not in COMMANDS:
            return None
        module, line = COMMANDS[cmd_name]
        found = getattr(import_module(f"rotation.cli.{module}"), cmd_name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(**_PLAIN)
            alone.command(cmd_name)(found)
            found = alone
        command = typer.main.get_command(found)
        command.short_help = line
        return command


app = typer.Typer(
    name="rotation",
    help="Who is on duty, and mail that goes to them.",
    cls=Commands,
    no_args_is_help=True,
    **_PLAIN,
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
        call.rosters, call.named = Path(named), True
    context.obj = call


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
