"""`rotation checker`: its commands, one small file for those that belong together."""

from __future__ import annotations

import typer

from rotation.cli.checker.ack import ack
from rotation.cli.checker.install import install, show, upgrade
from rotation.cli.checker.new import new
from rotation.cli.checker.remove import remove
from rotation.cli.checker.status import status
from rotation.cli.checker.view import list_checkers, run

checker = typer.Typer(
    name="checker",
    help="Scripts that run a tool and mail only what is wrong.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
checker.command("list")(list_checkers)
for command in (show, install, new, upgrade, remove, run, status, ack):
    checker.command()(command)
