"""notify run: what is due goes out."""

from typing import Annotated

import typer

from notifycli.cli.running import rehearse, run_once
from notifycli.cli.shell import Shell
from notifycli.domain.errors import UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example, in a crontab: * * * * * notify run")
def run(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent now, and send nothing.")] = False,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="With --dry-run: what the runs until then, or until the end of that day, would do."
        ),
    ] = None,
    release: Annotated[bool, typer.Option("--release", help="Let a backlog go that the safety stop holds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Send what is due: confirmations, changes, cancellations, reminders, dialogs, replies and receipts."""
    shell: Shell = context.obj
    if until is not None and not dry_run:
        raise UsageError("--until goes with --dry-run.", "Type: notify run --dry-run --until TIME")
    if dry_run:
        rehearse(shell, shell.now() if until is None else shell.last_second_of(until, "--until"), as_json)
    else:
        run_once(shell, release=release, as_json=as_json)
