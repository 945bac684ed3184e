"""notify check: whom no notice can reach."""

from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.codes import word_for
from notifycli.cli.language import _, all_of
from notifycli.cli.options import AsJson, OfClinic
from notifycli.cli.pager import paged
from notifycli.cli.render import patient_text, plain, print_json_stream, table
from notifycli.cli.shell import Done, Shell
from notifycli.cli.styled import Styled
from notifycli.domain.errors import LOOK
from notifycli.domain.reasons import OUT_OF_REACH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from notifycli.cli.listing import Cell
    from notifycli.queries.reachability import Reach

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: notify check --clinic nidelv --patient P1")
def check(
    context: typer.Context,
    clinic: OfClinic = None,
    patient: Annotated[
        str | None, typer.Option(metavar="ID", autocompletion=completing.patients, help="This patient alone.")
    ] = None,
    as_json: AsJson = False,
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
    # Of all patients those are told whom nothing reaches, so the first tells enough; of one, each clinic's.
    asked_for = list(islice(reaches, 1 if patient is None else None))
    if as_json:
        print_json_stream(_as_value(reach) for reach in chain(asked_for, reaches))
    else:
        with paged(shell) as screen:
            _show(screen, asked_for, reaches)
    if any(not reach.possible for reach in asked_for):
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


def _show(screen: "Console", first: "list[Reach]", others: "Iterator[Reach]") -> None:
    if not first:
        screen.print("[green]" + _("Every patient can be reached.") + "[/]")
        return
    names = (_("clinic"), _("patient"), _("notices go to") + "~", _("upcoming appointments") + ">")
    rows = (_cells(reach) for reach in chain(first, others))
    screen.print(table(*names, rows=rows))


def _cells(reach: "Reach") -> "Sequence[Cell]":
    why_not = all_of(_(OUT_OF_REACH[reason].means) for reason in reach.reasons)
    goes_to = Styled((_("nowhere: {why_not}", why_not=why_not), "bold red"))
    if reach.possible:
        goes_to = Styled((", ".join(map(word_for, reach.channels)), ""), (f" ({why_not})" if why_not else "", "yellow"))
    patient = patient_text(reach.patient, reach.is_active_user)
    return (plain(reach.clinic), patient, goes_to, str(reach.upcoming_appointments))
