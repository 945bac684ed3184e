"""Imports files: finds their kinds, brings each into the database in one transaction, and reports what came of it.

The whole of `notify import` but for the shell. Must not print, and must not know how anything is shown.
"""

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from notifycli.domain.rules import foreseen
from notifycli.intake.batches import Batch, Intake, hashes_of
from notifycli.intake.cleaning import Clean, Trouble
from notifycli.intake.columns import KINDS, recognise
from notifycli.intake.columns import Mapping as Header
from notifycli.intake.merging import Circumstances
from notifycli.intake.rejects import RejectsFile
from notifycli.intake.report import FileReport, Problem, Stop
from notifycli.intake.source import Block, Source, Unreadable, open_source
from notifycli.store import importing
from notifycli.store.engine import Connection, roll_back, writing
from notifycli.store.facts import Facts, Policy, Subject
from notifycli.store.switches import FirstActive

FEWEST_UPSET = 20
SUBJECT_OF_KIND = {"appointments": "appointment", "dialogs": "dialog", "receipts": "receipt"}
Progress = Callable[[Path, int, int], None]  # file, bytes read, bytes in all


@dataclass(frozen=True)
class Options:
    """What the caller asked for. `own_columns`: column names of each clinic's own, by clinic_id."""

    kind: str | None = None
    clinic: str | None = None
    migrated: bool = False
    dry_run: bool = False
    encoding: str | None = None
    force: bool = False
    max_upset: float = 0.10
    imported_by: str = ""
    own_columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass
class _Opened:
    """A file whose kind is known."""

    path: Path
    source: Source
    first: Block
    header: Header


class _Undone(Exception):
    """Ends a transaction whose work is not to stay."""


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
        work = _Work(connection, options, policy, now, progress)
        if not options.dry_run:
            for report in reports:
                work.note_failure(report, None)
            return reports + [work.import_one(one) for one in opened]
        return reports + work.rehearse(opened)


def _open_all(paths: Iterable[Path], options: Options, open_files: ExitStack) -> tuple[list[_Opened], list[FileReport]]:
    opened, failed = [], []
    for path in paths:
        try:
            opened.append(_open(path, options, open_files))
        except Unreadable as error:
            failed.append(FileReport(path, error=str(error)))
    return sorted(opened, key=lambda one: KINDS.index(one.header.kind)), failed


def _open(path: Path, options: Options, open_files: ExitStack) -> _Opened:
    source = open_files.enter_context(open_source(path, options.encoding))
    first = next(source.blocks(1), None)
    if first is None:
        raise Unreadable("it is empty; export it anew")
    return _Opened(path, source, first, _header(first, options))


def _header(block: Block, options: Options) -> Header:
    """The columns as the contract names them; a clinic's own names count where the file is that clinic's."""
    is_given = options.clinic is not None
    own = options.own_columns.get(options.clinic or "", {})
    try:
        return recognise(block.header, options.kind, is_given, dict(own))
    except Unreadable:
        clinic = _clinic_named_in(block, options.own_columns)
        if is_given or clinic is None:
            raise
        return recognise(block.header, options.kind, is_given, dict(options.own_columns[clinic]))


def _clinic_named_in(block: Block, own_columns: Mapping[str, Mapping[str, str]]) -> str | None:
    cells = {cell.strip() for row in block.rows for cell in row}
    return next((clinic for clinic in own_columns if clinic in cells), None)


class _Work:
    """One call of import: the connection, what was asked for, and the time that counts as the import's."""

    def __init__(self, connection: Connection, options: Options, policy: Policy, now: int, progress: Progress) -> None:
        self.connection = connection
        self.options = options
        self.policy = policy
        self.now = now
        self.progress = progress

    def import_one(self, opened: _Opened) -> FileReport:
        report = self._empty_report(opened)
        rejects = RejectsFile(opened.path, opened.first.header)
        try:
            with writing(self.connection, durable=True):
                self._take_file(opened, report, rejects)
                if report.stops:
                    raise _Undone
            rejects.close()
            report.rejects_file = rejects.path if report.rejected else None
        except (_Undone, Unreadable) as error:
            rejects.discard()
            report = self._failed(report, error)
            self.note_failure(report, opened.source.sha256)
        except BaseException:
            rejects.discard()
            raise
        finally:
            importing.forget_before(self.connection)
        return report

    def rehearse(self, opened: Sequence[_Opened]) -> list[FileReport]:
        """What the files would do, down to the notices, with nothing kept."""
        reports = []
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            for one in opened:
                reports.append(self._rehearse_one(one))
        finally:
            roll_back(self.connection)
            importing.forget_before(self.connection)
        return reports

    def _rehearse_one(self, opened: _Opened) -> FileReport:
        report = self._empty_report(opened)
        self.connection.execute("SAVEPOINT rehearsal")
        try:
            import_id = self._take_file(opened, report, None)
            self._count_notices(report, import_id)
        except Unreadable as error:
            report = self._failed(report, error)
        if report.error or report.stops:
            self.connection.execute("ROLLBACK TO rehearsal")
        self.connection.execute("RELEASE rehearsal")
        importing.forget_before(self.connection)
        return report

    def note_failure(self, report: FileReport, sha256: str | None) -> None:
        """A file that changed nothing still stands among the imports."""
        with writing(self.connection):
            import_id = importing.begin_import(
                self.connection, self.now, self.options.imported_by, report.path.name, sha256
            )
            error = report.error or "stopped: it would cancel or move too many appointments"
            importing.end_import(self.connection, import_id, report.kind, (0,) * 7, error)

    def _empty_report(self, opened: _Opened) -> FileReport:
        return FileReport(
            opened.path,
            opened.header.kind,
            ignored_columns=opened.header.ignored,
            encoding=opened.source.encoding,
        )

    def _failed(self, report: FileReport, error: Exception) -> FileReport:
        if isinstance(error, _Undone):
            return report
        return FileReport(report.path, report.kind, error=str(error), encoding=report.encoding)

    def _take_file(self, opened: _Opened, report: FileReport, rejects: RejectsFile | None) -> int:
        import_id = importing.begin_import(
            self.connection, self.now, self.options.imported_by, opened.path.name, opened.source.sha256
        )
        about = Circumstances(self.now, import_id, self.options.migrated, FirstActive(self.connection))
        intake = Intake(self.connection, opened.header.kind, about, self.options.clinic)
        with _without_collections():
            for block in opened.source.blocks():
                self._take_block(block, opened, intake, report, rejects)
                self.progress(opened.path, opened.source.read_so_far, opened.source.size)
        self._finish(intake, report)
        importing.end_import(self.connection, import_id, report.kind, report.counts(), None)
        return import_id

    def _take_block(
        self, block: Block, opened: _Opened, intake: Intake, report: FileReport, rejects: RejectsFile | None
    ) -> None:
        header = opened.header
        if block.header != opened.first.header:
            header = recognise(block.header, header.kind, self.options.clinic is not None, {})
        report.rows += len(block.rows)
        told = Clean({})
        rows, places = _rows_as_long_as_the_header(block, told)
        if rows:
            columns = list(zip(*rows, strict=True))
            raw = {column: _cells(columns, where) for column, where in header.places.items()}
            found = intake.take(Batch(raw, hashes_of(rows, _salt(header, self.options))))
            told.rejects |= {places[row]: one for row, one in found.rejects.items()}
            told.warnings += [Trouble(places[one.row], one.column, one.reason) for one in found.warnings]
        self._tell(told, block, header, report, rejects)

    def _tell(self, told: Clean, block: Block, header: Header, report: FileReport, rejects: RejectsFile | None) -> None:
        def named(column: str) -> str:
            return " + ".join(block.header[place] for place in header.places.get(column, ())) or column

        for trouble in told.warnings:
            if trouble.row not in told.rejects:
                report.warnings.add(Problem(block.lines[trouble.row], named(trouble.column), trouble.reason))
        for row, trouble in sorted(told.rejects.items()):
            report.rejects.add(Problem(block.lines[row], named(trouble.column), trouble.reason))
            if rejects is not None:
                rejects.add(block.lines[row], named(trouble.column), trouble.reason, block.rows[row])

    def _finish(self, intake: Intake, report: FileReport) -> None:
        tally = intake.tally
        report.new, report.changed, report.unchanged = tally.new, tally.changed, tally.unchanged
        report.stale, report.moved = tally.stale, tally.moved
        for event in report.events:
            report.events[event] = tally.events[event]
        if unreachable := intake.neighbours.unreachable:
            report.warnings.add(Problem(None, "", _unreachable_in_words(unreachable.values())))
        if not self.options.force and self.options.max_upset > 0:
            report.stops = self._stops(intake)

    def _stops(self, intake: Intake) -> list[Stop]:
        """The clinics of which this file would cancel or move more than it may (SPEC section 3, max_upset)."""
        stops = []
        for clinic, upset in intake.tally.upset.items():
            if upset < FEWEST_UPSET:
                continue
            now_future = importing.future_appointments(self.connection, clinic, self.now)
            future = now_future - intake.tally.gained[clinic]
            if upset > self.options.max_upset * future:
                stops.append(Stop(clinic, upset, future))
        return stops

    def _count_notices(self, report: FileReport, import_id: int) -> None:
        """The notices that would come of what this file makes happen, as things stand: told by a dry run."""
        subject = SUBJECT_OF_KIND.get(report.kind or "")
        if subject is None:
            return
        facts = Facts(self.connection, self.policy)
        report.notices = report.reminders = 0
        for clinic_id, subject_id in importing.subjects_of_import(self.connection, report.kind or "", import_id):
            known = facts.known(Subject(subject, clinic_id, subject_id))
            for verdict in foreseen(known.subject, known.patient, self.now, until=FAR_AWAY) if known else ():
                if verdict.reason is None:
                    is_reminder = verdict.key.event == "reminder"
                    report.reminders += is_reminder
                    report.notices += not is_reminder


FAR_AWAY = 2**40


@contextmanager
def _without_collections() -> Iterator[None]:
    """Rows by the million hold no cycles; looking for some takes a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _rows_as_long_as_the_header(block: Block, told: Clean) -> tuple[list[list[str]], Sequence[int]]:
    """The rows that have a cell for each column, and their indexes in the block; cells too many may be blank."""
    width = len(block.header)
    if set(map(len, block.rows)) <= {width}:
        return block.rows, range(len(block.rows))
    rows, places = [], []
    for place, row in enumerate(block.rows):
        if len(row) == width or (len(row) > width and not any(cell.strip() for cell in row[width:])):
            rows.append(row[:width])
            places.append(place)
            continue
        told.rejects[place] = Trouble(place, "", f"has {len(row)} cells, but the header has {width}")
    return rows, places


def _cells(columns: Sequence[Sequence[str]], where: Sequence[int]) -> Sequence[str]:
    """The cells of one column; of a date and a clock time that stand apart, the two joined."""
    if len(where) == 1:
        return columns[where[0]]
    return [
        " ".join(cell.strip() for cell in parts).strip()
        for parts in zip(*(columns[place] for place in where), strict=True)
    ]


def _salt(header: Header, options: Options) -> bytes:
    """Stands for how the rows are read: the same cells under another header or option are not the same row."""
    reading = repr((header.kind, sorted(header.places.items()), options.clinic, options.migrated))
    return hashlib.blake2b(reading.encode(), digest_size=16).digest()


def _unreachable_in_words(reasons: Iterable[str]) -> str:
    reasons = list(reasons)
    words = {"no_consent": "without consent", "no_contact": "without an e-mail address or a mobile number"}
    parts = ", ".join(f"{reasons.count(reason):,} {said}" for reason, said in words.items() if reason in reasons)
    patients = "1 patient" if len(reasons) == 1 else f"{len(reasons):,} patients"
    return (
        f"{patients} with a booked appointment or a dialog cannot be reached by any notice ({parts}); see: notify check"
    )


__all__ = ["FileReport", "Options", "import_files"]
