"""The commands by name, and the options before every command.

A command's module is imported when it is called, since each costs time and few are asked for at once.
"""

import os
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from notifycli import __version__
from notifycli.cli import completing
from notifycli.cli.groups import Commands
from notifycli.cli.language import choose
from notifycli.cli.shell import Shell

# In the order in which --help shows them; "module:attribute" of the Typer app.
COMMANDS = {
    "demo": "demo",
    "init": "init",
    "import": "importing",
    "imports": "imports",
    "run": "run",
    "history": "history",
    "show": "show",
    "why": "why",
    "upcoming": "upcoming",
    "browse": "browse.command",
    "check": "check",
    "calls": "calls",
    "compare": "compare",
    "module": "module",
    "type": "type",
    "patient": "patient",
    "retry": "retry",
    "resolve": "resolve",
    "audit": "audit",
    "verify": "verify",
    "purge": "purge",
    "receipts": "receipts",
    "db": "db",
    "wording": "wording",
    "status": "status",
    "gaps": "gaps",
    "report": "report",
    "doctor": "doctor",
    "backup": "backup",
    "restore": "restore",
    "help": "help",
}
# What a newcomer looks for first; a command that stands nowhere is shown last.
SECTIONS = {
    "To begin": ("demo", "init", "doctor", "help"),
    "Files in, messages out": ("import", "imports", "run", "receipts"),
    "What happened, what will, and why": (
        "history",
        "show",
        "why",
        "upcoming",
        "check",
        "patient",
        "browse",
        "status",
        "compare",
        "gaps",
        "report",
    ),
    "What goes out, and what it says": ("module", "type", "wording"),
    "To keep, and to let go": ("verify", "audit", "purge"),
    "To mend": ("retry", "resolve", "calls"),
    "The database": ("backup", "restore", "db"),
}


class LazyCommands(Commands):
    """Finds a command in its own module when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def sections(self) -> list[tuple[str, list[str]]]:
        placed = {name for names in SECTIONS.values() for name in names}
        others = [name for name in COMMANDS if name not in placed]
        return [*((title, list(names)) for title, names in SECTIONS.items()), *([("Others", others)] if others else [])]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return _command_of(cmd_name)


@cache
def _command_of(name: str) -> Any:
    """Typer reads a command's signature anew each time it is asked, which costs more than many a command."""
    module = import_module(f"notifycli.cli.{COMMANDS[name]}")
    command = typer.main.get_command(module.app)
    command.name = name
    return command


app = typer.Typer(
    cls=LazyCommands,
    help="Tells a clinic's patients what happens to their appointments, messages and receipts: at the right minute,"
    " on the right channel, once, and says why.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},  # which every command below takes over
    rich_markup_mode=None,
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"notifycli {__version__}")
        raise typer.Exit


def _choose_language(given: str | None) -> str | None:
    if given is not None:
        choose(given, os.environ)
    return given


@app.callback()
def global_options(
    context: typer.Context,
    db: Annotated[
        str | None,
        typer.Option(
            "--db", metavar="PATH", help="A file, or postgresql://HOST/NAME; else NOTIFY_DB, else as configured."
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="PATH", help="The notify.toml; else NOTIFY_CONFIG, else the usual places."),
    ] = None,
    now: Annotated[
        str | None,
        typer.Option("--now", metavar="TIME", help="Another clock, for rehearsal and tests; else NOTIFY_NOW."),
    ] = None,
    has_no_pager: Annotated[
        bool,
        typer.Option(
            "--no-pager", help="Show all at once, also what is longer than the terminal; else PAGER shows it, or less."
        ),
    ] = False,
    is_verbose: Annotated[
        bool, typer.Option("-v", help="Say on standard error what is done, step by step, without personal data.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            is_eager=True,  # so that wrong usage of the others is told in it, too
            callback=_choose_language,
            metavar="nb|en",
            autocompletion=completing.words("nb", "en"),
            help="Norwegian (bokmål) or English; else NOTIFY_LANG, else the locale.",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version, and end.")
    ] = False,
) -> None:
    call = context.obj
    shell = Shell(db, config, now)
    if is_verbose:
        from notifycli.cli.verbose import VerboseShell

        shell = VerboseShell(db, config, now, context.invoked_subcommand)
    call.shell = context.obj = shell
    shell.wants_pager = not has_no_pager


@cache
def all_commands() -> Any:
    """`notify` itself, as the reader of command lines that typer makes of it."""
    return typer.main.get_command(app)
