"""Imports files: brings each into the database in one transaction, and reports what came of it.

The whole of `notify import` but for the shell. Must not print, and must not know how anything is shown.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from notifycli.intake.completeness import Completeness
from notifycli.intake.fates import Fates
from notifycli.intake.formats.blocks import PassingTrouble, Unreadable
from notifycli.intake.formats.given import Given, Readable, readable
from notifycli.intake.formats.readers import Circle, Rows, rows_in
from notifycli.intake.gathering import Gathered, gather
from notifycli.intake.one_file import FileImport, Progress, Rejects, empty_report
from notifycli.intake.opening import Opened, Opening, is_header, open_all
from notifycli.intake.options import Options
from notifycli.intake.report import FileReport
from notifycli.intake.summary import summary_of
from notifycli.store import importing, imports
from notifycli.store.engine import Connection, roll_back, writing
from notifycli.store.facts import Policy

STILL_WRITTEN = "it is still being written, or not whole yet; look again in a minute"


class UnknownClinic(Exception):
    """--clinic names none that is known, nor do the files bring it; str() is its id."""


class _Stopped(Exception):
    """Ends the transaction of a file that the safety stop holds."""


class _ImportedMeanwhile(Exception):
    """Another import of the folder was quicker; what came after it would be undone by taking the file again."""


@dataclass
class Outside:
    """What an import reads beside the files that were named.

    `clock_of_files`: epoch seconds, by which the age of a folder's files goes, whatever `now` is.
    """

    pipe: Readable
    clock_of_files: float


@dataclass
class Imported:
    """`reports`: in the order of import, those of unreadable files first. `done`: files of which all was imported.

    `waiting`: files of a folder that are still being written; `postponed`: those that were too many for one call;
    `failed_before`: those that could not be imported the last time, and are as they were.
    """

    reports: list[FileReport]
    done: list[Path]
    waiting: list[Path]
    postponed: list[Path]
    imported_before: list[Path]
    failed_before: list[Path]


def import_files(
    connection: Connection,
    paths: Sequence[Path],
    options: Options,
    policy: Policy,
    now: int,
    outside: Outside,
    progress: Progress = lambda path, done, size: None,
) -> Imported:
    """Imports all files in the order of their kinds; one that cannot be read keeps none of the others back.

    A dry run is one for all files together, so that a file sees what those before it would have stored.
    """
    with ExitStack() as open_ones:
        fates = Fates(connection, options)
        gathered = gather(paths, outside.pipe, fates.of, outside.clock_of_files, open_ones)
        countries = {clinic_id: country for clinic_id, (_, country) in importing.clinics(connection).items()}
        opening = open_all(gathered, options, _circle(countries, options, now))
        if options.asks_what_is_missing:
            opening.completeness = Completeness(connection, list(_what_is_not_read(connection, gathered, opening)))
            open_ones.callback(opening.completeness.forget)
        if options.dry_run:
            reports = _rehearse(connection, opening, options, policy, now, progress)
        else:
            at = int(outside.clock_of_files)
            reports = _import_all(connection, gathered, opening, options, now, fates, at, progress)
        failed = [one.report for one in opening.failed]
        return Imported(
            [*failed, *(report for _, report in opening.unused), *reports],
            _done(gathered, opening, reports),
            list(map(readable, gathered.waiting)),
            list(map(readable, gathered.postponed)),
            [readable(path) for path, fate, _ in gathered.seen if fate == "imported"],
            [readable(path) for path, fate, _ in gathered.seen if fate == "failed"],
        )


@dataclass(frozen=True)
class Part:
    """Rows of one kind in a file, or why there are none; `path` as people know the file."""

    path: Path
    rows: Rows | Unreadable


def parts_of(
    paths: Sequence[Path], options: Options, now: int, outside: Outside, open_ones: ExitStack
) -> Iterator[Part]:
    """What stands in the files, for one who only looks at it; `open_ones` closes them."""
    circle = _circle({}, options, now)
    for path in paths:
        gathered = gather([path], outside.pipe, _that_is_new, outside.clock_of_files, open_ones)
        yield from (Part(readable(one), error) for one, error, _ in gathered.troubles)
        yield from (Part(readable(one), PassingTrouble(STILL_WRITTEN)) for one in gathered.waiting)
        for given in gathered.given:
            yield from _parts_of(given, circle)


def _that_is_new(sha256: str, file: str, written_at: float) -> None:
    """The fate of every content, for one who only looks at it."""


def _parts_of(given: Given, circle: Circle) -> Iterator[Part]:
    try:
        yield from (Part(given.path, rows) for rows in rows_in(given, circle))
    except Unreadable as error:
        yield Part(given.path, error)


def _what_is_not_read(connection: Connection, gathered: Gathered, opening: Opening) -> Iterator[str]:
    """What of a call may hold appointments, and is not read."""
    for failed in opening.failed:
        yield _not_imported(failed.report)
    for path in gathered.waiting:
        yield f"{readable(path).name} is still being written"
    for path in gathered.postponed:
        yield f"{readable(path).name} was left for the next time"
    for path, fate, sha256 in gathered.seen:
        if fate == "failed":
            yield f"{readable(path).name} could not be imported before"
        elif imports.has_brought(connection, sha256, "appointments"):
            yield f"{readable(path).name} was imported before, and is only read again where it is named itself"


def _not_imported(report: FileReport) -> str:
    return f"{report.path.name} was not imported"


def _circle(countries: Mapping[str, str], options: Options, now: int) -> Circle:
    if options.clinic is not None:
        countries = {"": countries.get(options.clinic, "NO")}
    return Circle(
        now=now,
        encoding=options.encoding,
        sheet=options.sheet,
        clinic_given=options.clinic is not None,
        countries=countries,
        consent_codes=options.consent_codes,
        is_header=partial(is_header, options=options),
    )


def _import_all(
    connection: Connection,
    gathered: Gathered,
    opening: Opening,
    options: Options,
    now: int,
    fates: Fates,
    at: int,
    progress: Progress,
) -> list[FileReport]:
    """A content's fate is noted after the last of what is in it: one who was killed before that begins it anew.

    `at`: now, by the clock of the files.
    """
    parts: dict[str, list[FileReport]] = defaultdict(list)
    for failed in opening.failed:
        _note_failure(connection, failed.report, failed.sha256, options, now)
        if failed.sha256 is not None:
            parts[failed.sha256].append(failed.report)
    for given, report in opening.unused:
        if given.sha256 is not None:
            parts[given.sha256].append(report)
    reports = []
    to_come = Counter(one.sha256 for one in opening.opened)
    taken = []
    for one in opening.opened:
        _refuse_unknown_clinic(connection, one, options)
        to_come[one.sha256] -= 1
        try:
            report = _import_one(connection, one, opening, options, now, fates, progress)
        except _ImportedMeanwhile:
            if one.given.original is not None:
                gathered.seen.append((one.given.original, "imported", one.sha256))
            continue
        taken.append(one)
        reports.append(report)
        parts[one.sha256].append(report)
        if not to_come[one.sha256]:
            fates.note(one.sha256, parts.pop(one.sha256), at)
    for sha256, found in parts.items():
        fates.note(sha256, found, at)
    opening.opened = taken
    return reports


def _done(gathered: Gathered, opening: Opening, reports: Sequence[FileReport]) -> list[Path]:
    """Files that are of no more use where they are; those too that an earlier call has imported.

    Not one that was replaced meanwhile: nobody has read what lies there now.
    """
    left = {one.original for one in opening.failed} | set(gathered.waiting)
    left |= {
        one.given.original for one, report in zip(opening.opened, reports, strict=True) if report.error or report.stops
    }
    named = dict.fromkeys(given.original for given in gathered.given)
    done = [path for path in named if path is not None and path not in left]
    done += [path for path, fate, _ in gathered.seen if fate == "imported"]
    return [path for path in done if gathered.is_as_it_was(path)]


def _refuse_unknown_clinic(connection: Connection, opened: Opened, options: Options) -> None:
    """--clinic may name one that a file of the same call has just brought."""
    if options.clinic is None or opened.header.kind == "clinics":
        return
    if options.clinic not in importing.clinics(connection):
        raise UnknownClinic(options.clinic)


def _import_one(
    connection: Connection,
    opened: Opened,
    opening: Opening,
    options: Options,
    now: int,
    fates: Fates,
    progress: Progress,
) -> FileReport:
    """The file and its rejects stay together, or neither. Raises _ImportedMeanwhile."""
    rejects = Rejects(opened.rejects)
    report = empty_report(opened)
    try:
        with writing(connection, durable=True):
            if opening.completeness is None and fates.was_imported_meanwhile(opened.sha256):
                raise _ImportedMeanwhile
            is_last = opened is opening.last_of_appointments
            work = FileImport(connection, opened, options, now, rejects, opening.completeness, is_last)
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
        report = _unreadable(opened, error)
    except BaseException:
        rejects.discard()
        raise
    finally:
        importing.forget_before(connection)
    if opening.completeness is not None:
        opening.completeness.doubt(_not_imported(report))
    _note_failure(connection, report, opened.sha256, options, now)
    return report


def _rehearse(
    connection: Connection, opening: Opening, options: Options, policy: Policy, now: int, progress: Progress
) -> list[FileReport]:
    """What the files would do, down to the notices, with nothing kept."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        reports = []
        for one in opening.opened:
            _refuse_unknown_clinic(connection, one, options)
            reports.append(_rehearse_one(connection, one, opening, options, policy, now, progress))
        return reports
    finally:
        roll_back(connection)
        importing.forget_before(connection)


def _rehearse_one(
    connection: Connection,
    opened: Opened,
    opening: Opening,
    options: Options,
    policy: Policy,
    now: int,
    progress: Progress,
) -> FileReport:
    connection.execute("SAVEPOINT rehearsal")
    try:
        is_last = opened is opening.last_of_appointments
        work = FileImport(connection, opened, options, now, None, opening.completeness, is_last)
        work.take(progress)
        work.count_notices(policy)
        report = work.report
    except Unreadable as error:
        report = _unreadable(opened, error)
    if report.error or report.stops:
        connection.execute("ROLLBACK TO rehearsal")
        if opening.completeness is not None:
            opening.completeness.doubt(_not_imported(report))
    connection.execute("RELEASE rehearsal")
    importing.forget_before(connection)
    return report


def _unreadable(opened: Opened, error: Unreadable) -> FileReport:
    may_pass = isinstance(error, PassingTrouble)
    encoding = opened.source.encoding
    return FileReport(opened.path, opened.header.kind, error=str(error), encoding=encoding, may_pass=may_pass)


def _note_failure(connection: Connection, report: FileReport, sha256: str | None, options: Options, now: int) -> None:
    """A file that changed nothing still stands among the imports."""
    with writing(connection):
        import_id = imports.begin_import(connection, now, options.imported_by, report.path.name, sha256)
        error = report.error or "stopped: it would cancel or move too many appointments"
        summary = summary_of(FileReport(report.path, stops=report.stops), options.given())
        imports.end_import(connection, import_id, report.kind, (0,) * 7, error, summary)


__all__ = ["FileReport", "Imported", "Options", "Outside", "UnknownClinic", "import_files"]
