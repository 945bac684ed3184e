"""notify import: files of a clinic's system come in."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import chain, count
from pathlib import Path
from shutil import move
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.options import AsJson
from notifycli.cli.render import note, print_json_stream
from notifycli.cli.shell import Done, Shell, complain, say
from notifycli.domain.errors import LOOK, SAFETY_STOP, UsageError

if TYPE_CHECKING:
    from notifycli.config import Settings
    from notifycli.intake.importing.files import Imported, Options, Outside
    from notifycli.intake.sources.given import Readable
    from notifycli.queries.what_if import WhatIf

app = typer.Typer(add_completion=False, rich_markup_mode=None)
Progress = Callable[[Path, int, int], None]


def _print_template(context: typer.Context, kind: str | None) -> None:
    """Ends the command, as --help does."""
    from datetime import UTC, datetime

    from notifycli.intake.kinds.registry import KINDS
    from notifycli.intake.kinds.template import template

    if kind is None or context.resilient_parsing:
        return
    if kind not in KINDS:
        raise typer.BadParameter(f"'{kind}' is none of {', '.join(KINDS)}")
    shell: Shell = context.obj
    sys.stdout.write(template(kind, datetime.fromtimestamp(shell.now(), UTC).date()))
    raise typer.Exit


@app.command(epilog="Example: notify import clinics.csv types.csv patients.csv appointments.csv")
def import_(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="CSV, NDJSON, Excel, FHIR or HL7 v2, also in .gz or .zip; a folder's new files; - is a pipe.",
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            autocompletion=completing.kinds,
            help="What the files hold, where their columns do not tell, such as appointments.",
        ),
    ] = None,
    clinic: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            autocompletion=completing.clinics,
            help="Whose files these are, where they have no clinic column.",
        ),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(metavar="SHEET", help="The sheet of a workbook, by name or number.")
    ] = None,
    migrated: Annotated[
        bool, typer.Option("--migrated", help="The appointments come from another system: no confirmations.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what the files would do, and do nothing.")] = False,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="The files' encoding, where it is guessed wrong.")
    ] = None,
    assume_consent: Annotated[
        bool, typer.Option("--assume-consent", help="Patients of whom no file says whether they consent, do.")
    ] = False,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete", help="The files hold all future appointments of their clinics: name what is missing."
        ),
    ] = False,
    cancel_missing: Annotated[
        bool, typer.Option("--cancel-missing", help="The same, and cancel the appointments that are missing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Let a file through that cancels or moves many appointments.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Import nothing: show each column, and the lines to map the rest.")
    ] = False,
    archive: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Move each file that was imported to this folder.")
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            autocompletion=completing.kinds,
            is_eager=True,
            callback=_print_template,
            help="Import nothing: print a file of that kind, with every column and an example row.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import clinics, types, patients, appointments, dialogs, receipts and what others sent."""
    from notifycli.intake.importing.files import Options, Outside
    from notifycli.intake.sources.given import PIPE

    shell: Shell = context.obj
    _refuse_what_cannot_be_meant(files, kind, encoding, complete or cancel_missing, archive)
    options = Options(
        kind=kind,
        clinic=clinic,
        sheet=sheet,
        migrated=migrated,
        dry_run=dry_run,
        encoding=encoding,
        assume_consent=assume_consent,
        complete=complete,
        cancel_missing=cancel_missing,
        force=force,
        max_upset=shell.settings.limits.max_upset,
        imported_by=shell.user,
        **_from_settings(shell.settings),
    )
    outside = Outside(standard_input(is_named=PIPE in files), time.time())
    if explain:
        from notifycli.cli.explain import explain_files

        explain_files(shell, files, options, outside, as_json)
        return
    done, told = _imported(shell, files, options, outside, as_json)
    _tell(shell, done, told, as_json)
    is_tidy = archive is None or dry_run or _move(done.done, archive)
    _end(done, options, is_tidy)


def _refuse_what_cannot_be_meant(
    files: "Sequence[Path]", kind: str | None, encoding: str | None, asks_what_is_missing: bool, archive: Path | None
) -> None:
    from notifycli.intake.kinds.registry import KINDS
    from notifycli.intake.sources.given import PIPE

    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"'{kind}' is none of {', '.join(KINDS)}", param_hint="--kind")
    if asks_what_is_missing and kind not in (None, "appointments"):
        raise UsageError(f"--complete and --cancel-missing are for files of appointments, not for --kind {kind}")
    if encoding is not None:
        known_encoding(encoding)
    if archive is not None and not archive.is_dir():
        raise UsageError(f"--archive: there is no folder {archive}.", "Make it first")
    if archive is not None and any(path.is_dir() and path.samefile(archive) for path in files):
        raise UsageError(f"--archive: {archive} is the folder that is imported.", "Name another")
    if files.count(PIPE) > 1:
        raise UsageError("- stands for standard input, which can be read once only.", "Name it once")


def _imported(
    shell: Shell, files: "Sequence[Path]", options: "Options", outside: "Outside", is_quiet: bool
) -> "tuple[Imported, WhatIf | None]":
    """What was done, or of a dry run would be, with what it would change of the notices to come."""
    from notifycli.intake.importing.files import UnknownClinic, import_files

    where = (shell.connection, files, options, shell.policy, shell.now(), outside)
    with progress_bar(is_quiet or shell.is_verbose) as progress:
        try:
            if not options.dry_run:
                return import_files(*where, progress), None
            from notifycli.queries.what_if import ImportForetold

            foretold = ImportForetold(shell.connection, shell.policy, shell.now())
            done = import_files(*where, progress, foretold.rehearsed)
            return done, foretold.told()
        except UnknownClinic as error:
            raise UsageError(f"--clinic: there is no clinic {error}.", "Was it imported?") from error


def _end(done: "Imported", options: "Options", is_tidy: bool) -> None:
    """With the exit code; `is_tidy`: all was moved that should be."""
    holds_appointments = any(report.error or report.kind == "appointments" for report in done.reports)
    if options.asks_what_is_missing and done.reports and not holds_appointments:
        note("notify: none of these files holds appointments, so nothing was looked for that is missing.")
    if any(report.stops for report in done.reports):
        raise Done(SAFETY_STOP)
    is_left_undone = options.cancel_missing and any(report.is_completeness_in_doubt for report in done.reports)
    wants_a_look = not is_tidy or is_left_undone or done.failed_before
    if wants_a_look or any(report.error or report.rejected for report in done.reports):
        raise Done(LOOK)


def _from_settings(settings: "Settings") -> dict[str, Any]:
    """What the configuration says of imports."""
    clinics = settings.clinic
    sections = [settings.imports, *(clinic.imports for clinic in clinics.values())]
    return {
        "own_columns": {name: of_clinic.columns for name, of_clinic in clinics.items() if of_clinic.columns},
        "own_statuses": {name: of_clinic.statuses for name, of_clinic in clinics.items() if of_clinic.statuses},
        "consent_is_assumed_at": {name: clinic.imports.assume_consent for name, clinic in clinics.items()}
        | {"": settings.imports.assume_consent},
        "consent_codes": frozenset(code for section in sections for code in section.consent_codes),
    }


def _tell(shell: Shell, done: "Imported", told: "WhatIf | None", as_json: bool) -> None:
    """`told`: of a rehearsal."""
    from notifycli.cli.import_report import as_value, show, show_others, tell_what_was_not_imported

    if not as_json:
        show(done.reports, is_rehearsal=told is not None)
        show_others(done)
        if told is not None:
            from notifycli.cli.what_if import cost_in_words, in_words

            words = "; ".join(in_words(told)) or "nothing that is to be sent would change"
            note(f"In all, {words}{cost_in_words(shell.settings, told)}.")
        return
    waiting = done.waiting + done.postponed
    others = {"waiting": waiting, "imported_before": done.imported_before, "failed_before": done.failed_before}
    paths = {name: list(map(str, files)) for name, files in others.items() if files}
    foretold = {}
    if told is not None:
        from notifycli.cli.what_if import as_value as of_notices

        foretold = {"notices": of_notices(shell.settings, told)}
    print_json_stream({"files": [as_value(report) for report in done.reports], **paths, **foretold})
    for report in done.reports:
        tell_what_was_not_imported(report)


def _move(paths: "Sequence[Path]", archive: Path) -> bool:
    """Out of the way of the next import; a file of that name that lies there already is kept beside it.

    False where one could not be moved, which is told.
    """
    from notifycli.intake.sources.given import readable

    is_done = True
    for path in paths:
        try:
            if not path.parent.samefile(archive):
                _move_one(path, archive)
        except FileNotFoundError:  # another import, which took it too, was quicker
            continue
        except OSError as error:
            why = error.strerror or "it stands in the way of itself"
            complain(
                f"{readable(path)}: it was imported, but could not be moved to {archive} ({why}); move it yourself"
            )
            is_done = False
    return is_done


def _move_one(path: Path, archive: Path) -> None:
    """Under a name that is free; what is not there whole, on another disk, is not there at all."""
    names = chain([path.name], (f"{path.name}.{number}" for number in count(2)))
    there = next(archive / name for name in names if not (archive / name).exists())
    try:
        move(path, there)
    except OSError:
        if path.exists():
            there.unlink(missing_ok=True)
        raise


def standard_input(is_named: bool) -> "Readable":
    """On a terminal it says that it reads, and how to end. With a buffer, that would want to be ended twice."""
    if not is_named or sys.stdin is None:  # None: whoever called us has closed it
        return BytesIO()
    if sys.stdin.isatty():
        say("notify: reading standard input; end it with Ctrl-D")
    os.set_blocking(sys.stdin.fileno(), True)  # what a writer has not written yet would be taken for the end
    return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)


def known_encoding(name: str) -> None:
    from notifycli.intake.formats.blocks import Unreadable
    from notifycli.intake.formats.encoding import encoding_named

    try:
        encoding_named(name)
    except Unreadable as error:
        raise UsageError(error.message, error.advice) from error


@contextmanager
def progress_bar(is_quiet: bool) -> Iterator[Progress]:
    """A bar on a terminal's standard error; nothing elsewhere."""
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
