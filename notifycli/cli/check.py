"""notify check: whom no notice can reach."""

from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.codes import word_for
from notifycli.cli.giving import give
from notifycli.cli.language import _, all_of
from notifycli.cli.options import AsJson, OfClinic
from notifycli.cli.render import patient_text, plain, table
from notifycli.cli.shell import Done, Shell
from notifycli.cli.styled import Styled
from notifycli.domain.errors import LOOK
from notifycli.domain.reasons import OUT_OF_REACH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

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
    values = map(as_value, chain(asked_for, reaches))
    give(shell, values, lambda screen: in_lines(asked_for, reaches), as_json=as_json)
    if any(not reach.possible for reach in asked_for):
        raise Done(LOOK)


def as_value(reach: "Reach") -> dict[str, Any]:
    """The contract's."""
    return {
        "clinic": reach.clinic,
        "patient": reach.patient,
        "possible": reach.possible,
        "channels": list(reach.channels),
        "reasons": list(reach.reasons),
        "active_user": reach.is_active_user,
        "upcoming_appointments": reach.upcoming_appointments,
    }


def in_lines(first: "Sequence[Reach]", others: "Iterator[Reach]") -> "Iterator[RenderableType]":
    """A table, with a row for each."""
    if not first:
        yield "[green]" + _("Every patient can be reached.") + "[/]"
        return

    def cells(reach: "Reach") -> "Sequence[Cell]":
        why_not = all_of(_(OUT_OF_REACH[reason].means) for reason in reach.reasons)
        goes_to = Styled((_("nowhere: {why_not}", why_not=why_not), "bold red"))
        if reach.possible:
            also = f" ({why_not})" if why_not else ""
            goes_to = Styled((", ".join(map(word_for, reach.channels)), ""), (also, "yellow"))
        patient = patient_text(reach.patient, reach.is_active_user)
        return (plain(reach.clinic), patient, goes_to, str(reach.upcoming_appointments))

    names = (_("clinic"), _("patient"), _("notices go to") + "~", _("upcoming appointments") + ">")
    yield table(*names, rows=map(cells, chain(first, others)))
