"""The command `notify`: its global options, its commands by name, and what every error means to the one who typed.

A command's module is imported when it is called: cron starts this program 1,440 times a day.
"""

import os
import sqlite3
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from notifycli.cli.shell import Done, Shell, Trouble, complain
from notifycli.config.errors import ConfigError
from notifycli.store.engine import StoreError, explained

# In the order in which --help shows them; "module:attribute" of the Typer app.
COMMANDS = {
    "demo": "demo",
    "init": "init",
    "import": "importing",
    "run": "running",
    "history": "history",
    "show": "show",
    "why": "why",
    "upcoming": "upcoming",
    "check": "check",
    "module": "module",
    "type": "type",
    "patient": "patient",
    "retry": "retry",
    "resolve": "resolve",
    "status": "status",
    "doctor": "doctor",
}
DONE, LOOK, WRONG_USAGE, CANNOT_WORK, SAFETY_STOP = range(5)
INTERRUPTED = 130


class LazyCommands(TyperGroup):
    """Finds a command in its own module when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"notifycli.cli.{COMMANDS[cmd_name]}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=LazyCommands,
    help="Tells a clinic's patients what happens to their appointments, messages and receipts: at the right minute,"
    " on the right channel, once, and says why.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def global_options(
    context: typer.Context,
    db: Annotated[
        Path | None, typer.Option("--db", envvar="NOTIFY_DB", metavar="PATH", help="The database file.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", envvar="NOTIFY_CONFIG", metavar="PATH", help="The notify.toml to use.")
    ] = None,
    now: Annotated[
        str | None,
        typer.Option("--now", envvar="NOTIFY_NOW", metavar="TIME", help="Another clock, for rehearsal and tests."),
    ] = None,
) -> None:
    context.obj = Shell(db, config, now)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code (SPEC section 8); never raises for what a user can do wrong."""
    command = typer.main.get_command(app)
    given = sys.argv[1:] if arguments is None else arguments
    shell: Shell | None = None
    try:
        with command.make_context("notify", list(given)) as context:
            shell = context.obj
            code = command.invoke(context)
        return code if isinstance(code, int) else DONE
    except typer.Exit as end:
        return end.exit_code
    except Done as end:
        return end.exit_code
    except Trouble as trouble:
        complain(str(trouble))
        return trouble.exit_code
    except typer.TyperException as error:
        return _wrong_usage(error)
    except (ConfigError, StoreError) as error:
        complain(str(error))
        return CANNOT_WORK
    except sqlite3.Error as error:
        complain(explained(error, shell.path_of_database() if shell else Path("notify.db")))
        return CANNOT_WORK
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - whoever read us is gone; the exit must not write again
        return DONE
    except OSError as error:
        complain(f"{error.filename or 'notify'}: {error.strerror or error}")
        return CANNOT_WORK
    except (KeyboardInterrupt, typer.Abort):
        complain("stopped")
        return INTERRUPTED
    finally:
        if shell is not None:
            shell.close()


def _wrong_usage(error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    if not error.format_message():  # no arguments at all: the help was asked for
        return WRONG_USAGE
    where = context.command_path if context is not None else "notify"
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{error.format_message()}\n")
        return WRONG_USAGE
    complain(f"{error.format_message()} See: {where} --help")
    return WRONG_USAGE


def run_from_shell() -> None:
    """The entry point of the command `notify`."""
    sys.exit(main())
