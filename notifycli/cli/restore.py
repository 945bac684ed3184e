"""notify restore: a backup becomes the database again; what that means of the time between is said before and after."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from notifycli.cli.progress import copied
from notifycli.cli.render import local, note, utc
from notifycli.cli.shell import Done, Shell
from notifycli.domain.errors import DONE, UsageError
from notifycli.store.engine import named_address

if TYPE_CHECKING:
    from notifycli.store.backups import Backup, Restored

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: notify restore /var/backups/notifycli/2026-06-03.db")
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup, as notify backup made it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make a backup the database again. What it replaces is kept beside it, under a name that is told.

    What was sent, imported and switched since is not known to it, so messages may go out twice: take notify run out of
    the crontab first, and look before you put it in again. What was being sent when the backup was made is uncertain
    then. A file that is damaged, or no database of notify, changes nothing (exit code 3).
    """
    from notifycli.store import backups

    shell: Shell = context.obj
    backup = backups.backup_at(file)
    if not yes:
        if not sys.stdin.isatty():
            advice = "To restore without being asked, add --yes"
            raise UsageError("restore asks first, and there is no terminal.", advice)
        notices = "1 notice" if backup.notices == 1 else f"{backup.notices:,} notices"
        note(
            f"{backup.path} holds {notices} and knows what happened until {_last(shell, backup)}. What was sent,"
            " imported and switched since then will not be known, so that messages may go out twice. Is notify run out"
            " of the crontab?"
        )
        if not typer.confirm(f"Put it in the place of {_name_of(shell)}?", err=True):
            raise Done(DONE)
    with copied(shell) as on_copied:
        restored = backups.restore(
            shell.address_of_database(), backup, shell.outbox().parent, shell.now(), shell.user, on_copied
        )
    _tell(shell, backup, restored)


def _tell(shell: Shell, backup: "Backup", restored: "Restored") -> None:
    """What was done, and how to look at the time between before the next run."""
    database, last = _name_of(shell), _last(shell, backup)
    note(f"{database} is {backup.path} again: it knows what happened until {last}")
    if restored.uncertain:
        were = "1 delivery was" if restored.uncertain == 1 else f"{restored.uncertain:,} deliveries were"
        note(f"{were} being sent then, and may have arrived or not; see: notify history --status uncertain")
    note(
        "What was sent, imported and switched since then is not known to it: what became due in that time goes out"
        " with the next run, for some patients a second time."
    )
    if restored.kept is not None:
        since = f" --since {utc(backup.last_at)}" if backup.last_at is not None else ""
        note(f"What it replaced is kept. What that sent since: notify --db {restored.kept} history{since}")
    note("Before you let the runs go on, import again what came since, and look: notify run --dry-run")


def _name_of(shell: Shell) -> str:
    address = shell.address_of_database()
    return str(address) if isinstance(address, Path) else named_address(address)


def _last(shell: Shell, backup: "Backup") -> str:
    return "nothing" if backup.last_at is None else local(backup.last_at, shell.settings.timezone)
