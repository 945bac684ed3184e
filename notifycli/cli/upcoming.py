"""notify upcoming: what will be sent."""

from typing import Annotated

import typer

from notifycli.cli.pager import paged
from notifycli.cli.progress import counted
from notifycli.cli.render import print_json_stream
from notifycli.cli.shell import Shell

app = typer.Typer(add_completion=False, rich_markup_mode=None)
DEFAULT_AHEAD = 48 * 3600


@app.command(epilog="Example: notify upcoming --until 2026-06-12")
def upcoming(
    context: typer.Context,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="How far to look; 48 hours ahead by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show what will be sent, on which channel, and what will be skipped as things stand, and why."""
    from notifycli.cli.coming import as_values, show_coming
    from notifycli.queries.upcoming import coming_notices

    shell: Shell = context.obj
    now = shell.now()
    end = now + DEFAULT_AHEAD if until is None else shell.time_of(until, "--until")
    with counted(shell, "looking ahead", "notices so far") as on_foreseen:
        notices = coming_notices(shell.connection, shell.policy, now, end, with_waiting=True, on_foreseen=on_foreseen)
    if as_json:
        print_json_stream(as_values(notices))
        return
    with paged(shell) as screen:
        show_coming(screen, notices, shell.settings.timezone, now, "Nothing will be sent until then.")
