"""`rotation who`: who is on duty."""

from __future__ import annotations

from typing import Annotated

import typer

from rotation.cli.duty import tell


def who(
    context: typer.Context,
    at: Annotated[str | None, typer.Option(help="Answer for another instant than now.")] = None,
    role: Annotated[str | None, typer.Option(help="Show only this role.")] = None,
    why: Annotated[bool, typer.Option("--why", help="Name the lines that decide.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Who is on duty, since when, until when, and who is next.

    Exit status 1 when a role shown has nobody on duty, or when nobody can know who has it because a
    calendar cannot be read.
    """
    tell(context, at, role, why=why, as_json=as_json)
