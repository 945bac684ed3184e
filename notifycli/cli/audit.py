"""notify audit: who did what."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.finding import exists, known_clinic
from notifycli.cli.giving import give
from notifycli.cli.language import _
from notifycli.cli.render import local_short, plain, table, utc
from notifycli.cli.shell import Shell

if TYPE_CHECKING:
    from rich.console import RenderableType

app = typer.Typer(add_completion=False, rich_markup_mode=None)
Text = str | None


@app.command(epilog="Example: notify audit --clinic nidelv --since 2026-06-01")
def audit(
    context: typer.Context,
    since: Annotated[Text, typer.Option(metavar="TIME", help="What was done at this time or later.")] = None,
    until: Annotated[
        Text, typer.Option(metavar="TIME", help="What was done before this time, or by the end of this day.")
    ] = None,
    clinic: Annotated[
        Text, typer.Option(metavar="ID", autocompletion=completing.clinics, help="At this clinic.")
    ] = None,
    patient: Annotated[
        Text, typer.Option(metavar="ID", autocompletion=completing.patients, help="About this patient.")
    ] = None,
    by: Annotated[Text, typer.Option(metavar="USER", help="By this user of the operating system.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show who did what, newest first: imports, switches, what was set, retried, settled, let go, phoned about."""
    from notifycli.store.audit import ActionFilter, actions

    shell: Shell = context.obj
    wanted = ActionFilter(
        clinic=known_clinic(shell, clinic) if clinic is not None else None,
        patient=patient,
        by=by,
        since=shell.time_of(since, "--since") if since is not None else None,
        until=shell.end_of(until, "--until") if until is not None else None,
    )
    rows = actions(shell.connection, wanted)
    if patient is not None and not rows:
        exists(shell, "patient", patient, clinic)
    values = [row | {"at": utc(row["at"])} for row in rows]
    give(shell, values, lambda screen: in_lines(rows, shell.settings.timezone), as_json=as_json)


def in_lines(rows: Sequence[Mapping[str, Any]], zone: str) -> "Iterator[RenderableType]":
    """A table of actions, as store.audit has them."""
    if not rows:
        yield _("Nothing was done.")
        return
    year, times = local_short([row["at"] for row in rows], zone)
    shown = table(_("when") + year, _("who"), _("did"), _("clinic"), _("patient"), _("what came of it") + "~")
    for row, time in zip(rows, times, strict=True):
        shown.add_row(time, *(plain(row[name]) for name in ("by", "did", "clinic", "patient", "detail")))
    yield shown
