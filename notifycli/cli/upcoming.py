"""notify upcoming: what will be sent."""

from typing import TYPE_CHECKING, Annotated

import typer

from notifycli.cli.finding import exists, known_clinic
from notifycli.cli.giving import give
from notifycli.cli.language import _, figures
from notifycli.cli.options import DEFAULT_AHEAD, AsJson, OfClinic, OfPatient
from notifycli.cli.parameters import LARGEST
from notifycli.cli.progress import counted
from notifycli.cli.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: notify upcoming --clinic nidelv --until tomorrow")
def upcoming(
    context: typer.Context,
    clinic: OfClinic = None,
    patient: OfPatient = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="How far to look, a day to its end; 48 hours ahead by default.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, max=LARGEST, help="So many of the next; 0 for all.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Show what will be sent, on which channel, and what will be skipped as things stand, and why."""
    from notifycli.cli.coming import as_values, in_lines
    from notifycli.queries.upcoming import coming_notices
    from notifycli.store.subjects import WhoseSubjects

    shell: Shell = context.obj
    now = shell.now()
    end = now + DEFAULT_AHEAD if until is None else shell.last_second_of(until, "--until")
    if clinic is not None:
        known_clinic(shell, clinic)
    whose = WhoseSubjects(clinic, patient)
    with counted(shell, _("looking ahead"), _("notices so far")) as on_foreseen:
        notices = coming_notices(
            shell.connection, shell.policy, now, end, with_waiting=True, whose=whose, on_foreseen=on_foreseen
        )
    if patient is not None and not notices:
        exists(shell, "patient", patient, clinic)
    shown = notices[: limit or None]

    def lines(screen: "Console") -> "Iterator[RenderableType]":
        yield from in_lines(screen, shown, shell.settings.timezone, now, _("Nothing will be sent until then."))
        if len(shown) < len(notices):
            more = _("The next {limit} of {all}; all with --limit 0.", limit=limit, all=figures(len(notices)))
            yield f"[dim]{more}[/]"

    give(shell, as_values(shown), lines, as_json=as_json)
