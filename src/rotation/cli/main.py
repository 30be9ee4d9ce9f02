"""The program `rotation`: its options and the list of its commands, one small file each."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup, TyperOption

from rotation import __version__
from rotation.errors import Exit, Problem, meant

if TYPE_CHECKING:  # heavy, and the list of commands does without it
    from rotation.cli.context import Call

COMMANDS = {
    "init": ("init", "a starter roster"),
    "import": ("importing", "another program's schedule, or a table of shifts, as a roster"),
    "schema": ("schema", "what a roster may hold, for editors"),
    "who": ("who", "who is on duty, until when, and who is next"),
    "schedule": ("schedule", "the final schedule"),
    "apply": ("apply", "make every target hold who is on duty"),
    "swap": ("changes.trade", "trade one person's next duty for another's"),
    "cover": ("changes.trade", "let one person serve for another"),
    "assign": ("changes.trade", "put people on duty for a stretch, whoever's turn it is"),
    "offer": ("changes.offer", "ask the others by mail to take a duty"),
    "take": ("changes.offer", "say yes to an offer"),
    "away": ("changes.away", "somebody is away, and who steps in"),
    "join": ("changes.membership", "take turns from the next handoff on"),
    "leave": ("changes.membership", "take no more turns from the next handoff on"),
    "change": ("changes.membership", "another order, handoff or length of turns"),
    "edit": ("changes.edit", "the roster in an editor, checked before it is written"),
    "undo": ("changes.undo", "take a change back"),
    "log": ("changes.undo", "what was changed, when, by whom"),
    "check": ("check", "what is wrong or odd in the rosters"),
    "report": ("report", "who has had how much duty, and what is fair"),
    "export": ("export", "the final schedule for calendar programs"),
    "notify": ("notify", "mail people what concerns their own duties"),
    "checker": ("checker.group", "scripts that mail only what is wrong"),
    "trace": ("trace", "where mail to an address ends"),
    "forward": ("forward", "send root's mail to one address"),
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
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
_ROSTERS_HELP = "A roster file or a folder of them. Default: $ROTATION_ROSTERS, then /etc/rotation."


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
        function = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        entry = getattr(import_module(f"rotation.cli.{module}"), function)
        if not isinstance(entry, typer.Typer):
            alone = typer.Typer(**_PLAIN)
            alone.command(cmd_name)(entry)
            entry = alone
        command = typer.main.get_command(entry)
        command.short_help = line
        for taker in (command, *getattr(command, "commands", {}).values()):
            for parameter in taker.params:
                if parameter.callback is None and parameter.type.name in ("path", "Path"):
                    parameter.callback = _some_path
            taker.params.append(_rosters_option())
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands, without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command line; what is wrong with it is said like every other error, status 2."""
        alone = extra.pop("standalone_mode", True)
        # no variable of a shell that completes words takes the place of what was typed
        extra |= {"standalone_mode": False, "complete_var": ""}
        try:
            status = super().main(*args, **extra)
        except _UsageError as error:
            status = Exit.USAGE
            if type(error).__name__ == "NoArgsIsHelpError":
                print(error.format_message(), file=sys.stderr)
            else:
                from rotation.cli.context import complain

                typed = extra.get("args") or (args[0] if args else None) or sys.argv[1:]
                complain(_problem(error, next((word for word in typed if word in COMMANDS), "")))
        except typer.Abort:
            print("aborted", file=sys.stderr)
            status = Exit.NO
        if alone:
            sys.exit(status if isinstance(status, int) else Exit.OK)
        return status


_NUMBER = re.compile(
    r"Invalid value for '(?P<option>[^']*)'[^:]*: '?(?P<value>.*?)'? is not "
    r"(?:a valid int|in the range).*"
)
# some versions of typer have a click of their own, so its classes are taken from typer
_UsageError: Any = typer.BadParameter.__base__


def _problem(error: Any, called: str) -> Problem:
    """What is wrong with a command line, in our own words; `called` is the command in it."""
    command: Any = getattr(error.ctx, "command", None)
    # an option without its value is refused without a word of whose it is
    path = getattr(error.ctx, "command_path", f"rotation {called}".rstrip())
    option = getattr(error, "option_name", None)
    word = re.match(r"No such command '(.*?)'\.", message := error.format_message())
    hint = f"see: {path} --help"
    if word is not None:
        what = f"there is no command {word[1]!r}"
        hint = meant(word[1], command.list_commands(error.ctx), always=hint)
    elif message.startswith("No such option") and option is not None:
        what = f"{path} has no option {option}"
        options = [name for taken in command.params for name in taken.opts]
        hint = meant(option, options, always=hint)
    elif (number := _NUMBER.fullmatch(message)) is not None:
        what = f"{number['option']} {number['value']} is not a whole number{_limits(error.param)}"
    else:
        what = message[:1].lower() + message[1:].removesuffix(".")
    return Problem(what, hint=hint)


def _limits(parameter: Any) -> str:
    """Which numbers an option takes, for messages."""
    least, most = (getattr(parameter.type, name, None) for name in ("min", "max"))
    if least is None:
        return ""
    return f" from {least} on" if most is None else f" from {least} to {most}"


def _rosters_option() -> TyperOption:
    """`--rosters` after a command means what it means before it."""

    def named(context: typer.Context, parameter: Any, value: str | None) -> None:
        if _some_path(context, parameter, value) is not None:
            context.obj.take(Path(value or ""))

    return TyperOption(
        param_decls=["--rosters"],
        metavar="PATH",
        expose_value=False,
        callback=named,
        help=_ROSTERS_HELP,
    )


def _some_path(context: Any, parameter: Any, value: Any) -> Any:
    """A path as it was typed. Raises BadParameter for an empty one: `--rosters "$UNSET"` in a cron
    job would be the current folder, which nobody asked for."""
    if value == "":
        raise typer.BadParameter("it is empty", ctx=context, param=parameter)
    return value


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
        str | None,
        typer.Option(help=_ROSTERS_HELP, metavar="PATH"),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Who is on duty, and mail that goes to them."""
    from rotation.cli.context import Call

    if rosters == "":
        raise typer.BadParameter("it is empty", ctx=context, param_hint="'--rosters'")
    call = context.obj if isinstance(context.obj, Call) else Call()
    context.obj = call.take(None if rosters is None else Path(rosters))


def main(call: Call | None = None) -> int:
    """Run the program as it was called, and give its exit status; see `rotation.__main__`."""
    app(obj=call)
    return 0
