"""`rotation schema`: what a roster may hold, for editors that check TOML as one types."""

from __future__ import annotations

import typer

from rotation.cli import output
from rotation.cli.context import handled


@handled
def schema(context: typer.Context) -> None:
    """Print the JSON Schema of a roster, which editors check one with as it is typed.

    A roster names it to them in a comment: #:schema FILE
    """
    from rotation.roster.pages import schema as of_a_roster

    output.say_json(of_a_roster())
