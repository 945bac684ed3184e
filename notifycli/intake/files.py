"""Imports files: finds their kinds, brings each into the database in one transaction, and reports what came of it.

The whole of `notify import` but for the shell. Must not print, and must not know how anything is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from notifycli.intake.columns import KINDS, is_name_of_the_clinic, plain, recognise
from notifycli.intake.one_file import FileImport, Opened, Options, Progress, Rejects, empty_report
from notifycli.intake.report import FileReport
from notifycli.intake.source import Block, Unreadable, open_source
from notifycli.intake.summary import summary_of
from notifycli.store import importing, imports
from notifycli.store.engine import Connection, roll_back, writing
from notifycli.store.facts import Policy


class UnknownClinic(Exception):
    """--clinic names none that is known, nor do the files bring it; str() is its id."""


class _Stopped(Exception):
    """Ends the transaction of a file that the safety stop holds."""


def import_files(
    connection: Connection,
    paths: Sequence[Path],
    options: Options,
    policy: Policy,
    now: int,
    progress: Progress = lambda path, done, size: None,
) -> list[FileReport]:
    """Imports all files in the order of their kinds; one that cannot be read keeps none of the others back.

    The reports come in the order of import, those of unreadable files first. A dry run is one for all files together,
    so that a file sees what those before it would have stored.
    """
    with ExitStack() as open_files:
        opened, reports = _open_all(paths, options, open_files)
        if options.dry_run:
            return reports + _rehearse(connection, opened, options, policy, now, progress)
        for report in reports:
            _note_failure(connection, report, None, options, now)
        for one in opened:
            _refuse_unknown_clinic(connection, one, options)
            reports.append(_import_one(connection, one, options, now, progress))
        return reports


def _refuse_unknown_clinic(connection: Connection, opened: Opened, options: Options) -> None:
    """--clinic may name one that a file of the same call has just brought."""
    if options.clinic is None or opened.header.kind == "clinics":
        return
    if options.clinic not in importing.clinics(connection):
        raise UnknownClinic(options.clinic)


def _open_all(paths: Iterable[Path], options: Options, open_files: ExitStack) -> tuple[list[Opened], list[FileReport]]:
    opened, failed = [], []
    for path in paths:
        try:
            opened.append(_open(path, options, open_files))
        except Unreadable as error:
            failed.append(FileReport(path, error=str(error)))
    return sorted(opened, key=lambda one: KINDS.index(one.header.kind)), failed


def _open(path: Path, options: Options, open_files: ExitStack) -> Opened:
    """Finds the kind by the columns; a clinic's own names count where the file is that clinic's alone."""
    source = open_files.enter_context(open_source(path, options.encoding))
    first = next(source.blocks(), None)
    if first is None:
        raise Unreadable("it is empty; export it anew")
    owner = whose(first, options.own_columns) if options.clinic is None else None
    own = options.own_columns.get(options.clinic or owner or "", {})
    return Opened(path, source, recognise(first.header, options.kind, options.clinic is not None, own), own, owner)


def whose(block: Block, own_columns: Mapping[str, Mapping[str, str]]) -> str | None:
    """The one clinic of all rows, if it has column names of its own: one of these columns may be the clinic's too."""
    for clinic, own in own_columns.items():
        names = {plain(name) for name, column in own.items() if column == "clinic_id"}
        places = [
            place for place, name in enumerate(block.header) if is_name_of_the_clinic(name) or plain(name) in names
        ]
        cells = {row[place].strip() for row in block.rows for place in places if place < len(row)}
        if cells == {clinic}:
            return clinic
    return None


def _import_one(connection: Connection, opened: Opened, options: Options, now: int, progress: Progress) -> FileReport:
    """The file and its rejects stay together, or neither."""
    rejects = Rejects(opened.path)
    report = empty_report(opened)
    try:
        with writing(connection, durable=True):
            work = FileImport(connection, opened, options, now, rejects)
            work.take(progress)
            report = work.report
            if report.stops:
                raise _Stopped
            report.rejects_files = rejects.close()
        return report
    except _Stopped:
        rejects.discard()
    except Unreadable as error:
        rejects.discard()
        report = FileReport(opened.path, opened.header.kind, error=str(error), encoding=opened.source.encoding)
    except BaseException:
        rejects.discard()
        raise
    finally:
        importing.forget_before(connection)
    _note_failure(connection, report, opened.source.sha256, options, now)
    return report


def _rehearse(
    connection: Connection, opened: Sequence[Opened], options: Options, policy: Policy, now: int, progress: Progress
) -> list[FileReport]:
    """What the files would do, down to the notices, with nothing kept."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        reports = []
        for one in opened:
            _refuse_unknown_clinic(connection, one, options)
            reports.append(_rehearse_one(connection, one, options, policy, now, progress))
        return reports
    finally:
        roll_back(connection)
        importing.forget_before(connection)


def _rehearse_one(
    connection: Connection, opened: Opened, options: Options, policy: Policy, now: int, progress: Progress
) -> FileReport:
    connection.execute("SAVEPOINT rehearsal")
    try:
        work = FileImport(connection, opened, options, now, None)
        work.take(progress)
        work.count_notices(policy)
        report = work.report
    except Unreadable as error:
        report = FileReport(opened.path, opened.header.kind, error=str(error), encoding=opened.source.encoding)
    if report.error or report.stops:
        connection.execute("ROLLBACK TO rehearsal")
    connection.execute("RELEASE rehearsal")
    importing.forget_before(connection)
    return report


def _note_failure(connection: Connection, report: FileReport, sha256: str | None, options: Options, now: int) -> None:
    """A file that changed nothing still stands among the imports."""
    with writing(connection):
        import_id = imports.begin_import(connection, now, options.imported_by, report.path.name, sha256)
        error = report.error or "stopped: it would cancel or move too many appointments"
        summary = summary_of(FileReport(report.path, stops=report.stops), options.given())
        imports.end_import(connection, import_id, report.kind, (0,) * 7, error, summary)


__all__ = ["FileReport", "Options", "UnknownClinic", "import_files"]
