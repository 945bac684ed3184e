"""notify backup: a checked copy of the database while all goes on."""

from pathlib import Path
from typing import Annotated

import typer

from notifycli.cli.progress import copied
from notifycli.cli.render import note
from notifycli.cli.shell import Shell

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: notify backup /var/backups/notifycli/2026-06-03.db")
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; a file that is not there yet.")],
) -> None:
    """Copy the database while imports and runs go on, and check the copy. Its owner alone may read it.

    It holds what the database holds: patients, addresses, messages. notify.toml, secrets, wording and the outbox are
    files of their own; keep copies of them, too.
    """
    from notifycli.store.backups import back_up

    shell: Shell = context.obj
    with copied(shell) as on_copied:
        back_up(shell.connection, file, shell.now(), shell.user, on_copied)
    note(f"{file} is a copy of the database as it was now, and was found sound")
