"""notify check: whom no notice can reach."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.render import console, patient_text, plain, print_json, table
from notifycli.cli.shell import Done, Shell
from notifycli.domain.errors import LOOK
from notifycli.domain.reasons import OUT_OF_REACH

if TYPE_CHECKING:
    from notifycli.queries.reachability import Reach

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: notify check --clinic nidelv --patient P1")
def check(
    context: typer.Context,
    clinic: Annotated[
        str | None, typer.Option(metavar="ID", autocompletion=completing.clinics, help="Of this clinic.")
    ] = None,
    patient: Annotated[
        str | None, typer.Option(metavar="ID", autocompletion=completing.patients, help="This patient alone.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Say whom no notice can reach, and why. Exit code 1 if anyone: ask it before you book or send a dialog."""
    from notifycli.cli.finding import exists, known_clinic
    from notifycli.queries.reachability import reach_of

    shell: Shell = context.obj
    if clinic is not None:
        known_clinic(shell, clinic)
    if patient is not None:
        exists(shell, "patient", patient, clinic)
    reaches = reach_of(shell.connection, clinic, patient, shell.now())
    if as_json:
        print_json([_as_value(reach) for reach in reaches])
    else:
        _show(reaches)
    if any(not reach.possible for reach in reaches):
        raise Done(LOOK)


def _as_value(reach: "Reach") -> dict[str, Any]:
    return {
        "clinic": reach.clinic,
        "patient": reach.patient,
        "possible": reach.possible,
        "channels": list(reach.channels),
        "reasons": list(reach.reasons),
        "active_user": reach.is_active_user,
        "upcoming_appointments": reach.upcoming_appointments,
    }


def _show(reaches: "list[Reach]") -> None:
    screen = console()
    if not reaches:
        screen.print("[green]Every patient can be reached.[/]")
        return
    rows = table("clinic", "patient", "notices go to", "upcoming appointments>")
    for reach in reaches:
        why_not = " and ".join(OUT_OF_REACH[reason].means for reason in reach.reasons)
        goes_to = ", ".join(reach.channels) if reach.possible else f"[bold red]nowhere: {why_not}[/]"
        if reach.possible and why_not:
            goes_to = f"{goes_to} [yellow]({why_not})[/]"
        rows.add_row(
            plain(reach.clinic),
            patient_text(reach.patient, reach.is_active_user),
            goes_to,
            str(reach.upcoming_appointments),
        )
    screen.print(rows)
