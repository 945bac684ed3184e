"""notify import: files of a clinic's system come in."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli.render import print_json_stream
from notifycli.cli.shell import Done, Shell, Trouble

if TYPE_CHECKING:
    from notifycli.intake.report import FileReport

app = typer.Typer(add_completion=False, rich_markup_mode=None)
Progress = Callable[[Path, int, int], None]
SAFETY_STOP, LOOK = 4, 1


@app.command(epilog="Example: notify import clinics.csv types.csv patients.csv appointments.csv")
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files in CSV or NDJSON, in any order.")],
    kind: Annotated[
        str | None,
        typer.Option(help="What the files hold, where their columns do not tell: appointments, patients, ..."),
    ] = None,
    clinic: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose files these are, where they have no clinic column.")
    ] = None,
    migrated: Annotated[
        bool, typer.Option("--migrated", help="The appointments come from another system: no confirmations.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what the files would do, and do nothing.")] = False,
    encoding: Annotated[str | None, typer.Option(help="The files' encoding, where it is guessed wrong.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Let a file through that cancels or moves many appointments.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Import nothing: show each column, and the lines to map the rest.")
    ] = False,
    archive: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Move each file that was imported to this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Import clinics, types, patients, appointments, dialogs, receipts and what others sent."""
    from notifycli.cli.import_report import as_value, show, tell_what_was_not_imported
    from notifycli.intake.columns import KINDS
    from notifycli.intake.files import Options, UnknownClinic, import_files

    shell: Shell = context.obj
    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"'{kind}' is none of {', '.join(KINDS)}", param_hint="--kind")
    if encoding is not None:
        _known_encoding(encoding)
    if archive is not None and not archive.is_dir():
        raise Trouble(f"--archive: there is no folder {archive}. Make it first")
    if explain:
        from notifycli.cli.explain import explain_files

        explain_files(shell, files, kind, clinic, encoding, as_json)
        return
    options = Options(
        kind=kind,
        clinic=clinic,
        migrated=migrated,
        dry_run=dry_run,
        encoding=encoding,
        force=force,
        max_upset=shell.settings.limits.max_upset,
        imported_by=_who(),
        own_columns={name: of_clinic.columns for name, of_clinic in shell.settings.clinic.items() if of_clinic.columns},
    )
    with _progress_bar(as_json) as progress:
        try:
            reports = import_files(shell.connection, files, options, shell.policy, shell.now(), progress)
        except UnknownClinic as error:
            raise Trouble(f"--clinic: there is no clinic {error}. Was it imported?") from error
    if archive is not None and not dry_run:
        _move(reports, archive)
    if as_json:
        print_json_stream({"files": [as_value(report) for report in reports]})
        for report in reports:
            tell_what_was_not_imported(report)
    else:
        show(reports, dry_run)
    if any(report.stops for report in reports):
        raise Done(SAFETY_STOP)
    if any(report.error or report.rejected for report in reports):
        raise Done(LOOK)


def _move(reports: "list[FileReport]", archive: Path) -> None:
    """Out of the way of the next import; a file of that name that lies there already is kept beside it."""
    from shutil import move

    for report in reports:
        if report.error or report.stops:
            continue
        names = chain([report.path.name], (f"{report.path.name}.{number}" for number in count(2)))
        place = next(archive / name for name in names if not (archive / name).exists())
        move(report.path, place)


def _known_encoding(name: str) -> None:
    from notifycli.intake.encoding import encoding_named
    from notifycli.intake.source import Unreadable

    try:
        encoding_named(name)
    except Unreadable as error:
        raise Trouble(str(error)) from error


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


@contextmanager
def _progress_bar(is_quiet: bool) -> Iterator[Progress]:
    """A bar on a terminal's standard error; nothing elsewhere."""
    import sys

    if is_quiet or not sys.stderr.isatty():
        yield lambda path, done, size: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), TransferSpeedColumn(), TimeRemainingColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[Path, TaskID] = {}

        def progress(path: Path, done: int, size: int) -> None:
            if path not in tasks:
                tasks[path] = bar.add_task(path.name, total=size)
            bar.update(tasks[path], completed=done)

        yield progress
