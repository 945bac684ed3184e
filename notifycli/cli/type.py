"""notify type: switch the notices of a type of appointment on and off."""

from typing import Annotated

import typer

from notifycli.cli.groups import Commands
from notifycli.cli.shell import Shell, Trouble

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="List and switch the notices of a clinic's types of appointment.",
)
Clinic = Annotated[str, typer.Argument(metavar="CLINIC", help="The clinic's id.")]
Type = Annotated[
    str, typer.Argument(metavar="TYPE", help="The type's id; migrated: appointments without a type that were migrated.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]


@app.command("list", epilog="Example: notify type list nidelv")
def list_(
    context: typer.Context,
    clinic: Annotated[str | None, typer.Argument(metavar="[CLINIC]", help="Of this clinic alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the types of one clinic or all, and whether their notices are on."""
    from notifycli.cli.finding import known_clinic
    from notifycli.cli.switches import show_switches
    from notifycli.store import staff

    shell: Shell = context.obj
    of_clinic = known_clinic(shell, clinic) if clinic is not None else None
    show_switches(shell, staff.types(shell.connection, of_clinic), "type", as_json)


@app.command(epilog="Example: notify type enable nidelv KONS")
def enable(context: typer.Context, clinic: Clinic, type_id: Type, as_json: AsJson = False) -> None:
    """Switch a type's notices on, from now on."""
    _turn(context.obj, clinic, type_id, True, as_json)


@app.command(epilog="Example: notify type disable nidelv KONS")
def disable(context: typer.Context, clinic: Clinic, type_id: Type, as_json: AsJson = False) -> None:
    """Switch a type's notices off, from now on."""
    _turn(context.obj, clinic, type_id, False, as_json)


def _turn(shell: Shell, clinic: str, type_id: str, is_on: bool, as_json: bool) -> None:
    from notifycli.cli.finding import known_clinic
    from notifycli.cli.switches import turn_switch
    from notifycli.config import nearest
    from notifycli.store import staff

    known_clinic(shell, clinic)
    if not staff.is_known_type(shell.connection, clinic, type_id):
        near = nearest(type_id, (one["name"] for one in staff.types(shell.connection, clinic)))
        raise Trouble(f"{clinic} has no type {type_id}." + (f" Did you mean {near}?" if near else " Was it imported?"))
    turn_switch(shell, clinic, "type", type_id, is_on, as_json)
