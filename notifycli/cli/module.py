"""notify module: switch a clinic's modules on and off."""

from typing import Annotated

import typer

from notifycli.cli.groups import Commands
from notifycli.cli.shell import Shell, Trouble

MODULES = ("timebook", "post", "economy")
app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="List and switch a clinic's modules: timebook (appointments), post (dialogs and replies), economy (receipts).",
)
Clinic = Annotated[str, typer.Argument(metavar="CLINIC", help="The clinic's id.")]
Module = Annotated[str, typer.Argument(metavar="MODULE", help="timebook, post or economy.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]


@app.command("list", epilog="Example: notify module list nidelv")
def list_(
    context: typer.Context,
    clinic: Annotated[str | None, typer.Argument(metavar="[CLINIC]", help="Of this clinic alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the modules of one clinic or all, and whether they are on."""
    from notifycli.cli.finding import known_clinic
    from notifycli.cli.switches import show_switches
    from notifycli.store import staff

    shell: Shell = context.obj
    of_clinic = known_clinic(shell, clinic) if clinic is not None else None
    show_switches(shell, staff.modules(shell.connection, of_clinic), "module", as_json)


@app.command(epilog="Example: notify module enable nidelv timebook")
def enable(context: typer.Context, clinic: Clinic, module: Module, as_json: AsJson = False) -> None:
    """Switch a module on, from now on."""
    _turn(context.obj, clinic, module, True, as_json)


@app.command(epilog="Example: notify module disable nidelv economy")
def disable(context: typer.Context, clinic: Clinic, module: Module, as_json: AsJson = False) -> None:
    """Switch a module off, from now on."""
    _turn(context.obj, clinic, module, False, as_json)


def _turn(shell: Shell, clinic: str, module: str, is_on: bool, as_json: bool) -> None:
    from notifycli.cli.switches import turn_switch

    if module not in MODULES:
        raise Trouble(f"'{module}' is none of {', '.join(MODULES)}")
    turn_switch(shell, clinic, "module", module, is_on, as_json)
