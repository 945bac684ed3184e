"""Imports the files of one call, each in a transaction of its own; or rehearses all of them together.

Must not know formats, and uses paths for their names alone. Source: SPEC section 3.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from notifycli.domain.errors import NotifyError
from notifycli.intake.formats.blocks import PassingTrouble, Unreadable
from notifycli.intake.importing.file_import import FileImport, Progress
from notifycli.intake.importing.opening import Opened, Opening, whole_path
from notifycli.intake.importing.options import Options
from notifycli.intake.importing.rejects import Rejects
from notifycli.intake.importing.report import FileReport
from notifycli.intake.importing.seen_files import SeenFiles
from notifycli.intake.importing.summary import summary_of
from notifycli.intake.sources.gathering import Gathered
from notifycli.intake.sources.given import sha256_of_path
from notifycli.store import held, importing, imports
from notifycli.store.engine import Connection, rehearsal, savepoint, writing
from notifycli.store.facts import Policy
from notifycli.store.importing import Key

log = logging.getLogger(__name__)


class UnknownClinic(NotifyError):
    """--clinic names none that is known, nor do the files bring it; str() is its id."""


class _Stopped(NotifyError):
    """Ends the transaction of a file that the safety stop holds."""


class _ImportedMeanwhile(NotifyError):
    """Another import of the folder was quicker; what came after it would be undone by taking the file again."""


@dataclass(frozen=True)
class OneCall:
    """What one call of an import works with; `now` is UTC epoch seconds."""

    connection: Connection
    options: Options
    policy: Policy
    now: int
    progress: Progress
    gathered: Gathered
    opening: Opening
    seen_files: SeenFiles
    on_rehearsed: Callable[[int], None]

    def import_all(self, at: int) -> list[FileReport]:
        """A content is noted as seen after the last of what is in it: one who was killed before that begins it anew.

        `at`: now, by the clock of the files.
        """
        parts = self._parts_without_rows()
        to_come = Counter(opened.sha256 for opened in self.opening.opened)
        reports, taken = [], []
        for opened in self.opening.opened:
            self._refuse_unknown_clinic(opened)
            to_come[opened.sha256] -= 1
            try:
                report = self._import_one(opened)
            except _ImportedMeanwhile:
                if opened.given.original is not None:
                    self.gathered.seen.append((opened.given.original, "imported", opened.sha256))
                continue
            taken.append(opened)
            reports.append(report)
            parts[opened.sha256].append(report)
            if not to_come[opened.sha256]:
                self.seen_files.note(opened.sha256, parts.pop(opened.sha256), at)
        for sha256, of_content in parts.items():
            self.seen_files.note(sha256, of_content, at)
        self.opening.opened = taken
        return reports

    def rehearse(self) -> list[FileReport]:
        """What the files would do, down to the notices, with nothing kept."""
        reports = []
        try:
            with rehearsal(self.connection, alone=None):
                first_import = imports.next_number(self.connection)
                for opened in self.opening.opened:
                    self._refuse_unknown_clinic(opened)
                    reports.append(self._rehearse_one(opened))
                self.on_rehearsed(first_import)
        finally:
            importing.forget_before(self.connection)
        return reports

    def _parts_without_rows(self) -> defaultdict[str, list[FileReport]]:
        """By content, what of it was not read or is of no use; failures are noted."""
        parts: defaultdict[str, list[FileReport]] = defaultdict(list)
        for failed in self.opening.failed:
            path = failed.original or failed.report.path
            self._note_failure(failed.report, failed.sha256 or sha256_of_path(path))
            if failed.sha256 is not None:
                parts[failed.sha256].append(failed.report)
        for given, report in self.opening.unused:
            if given.sha256 is not None:
                parts[given.sha256].append(report)
        return parts

    def _refuse_unknown_clinic(self, opened: Opened) -> None:
        """--clinic may name one that a file of the same call has just brought."""
        clinic = self.options.clinic
        if clinic is None or opened.header.kind == "clinics":
            return
        if clinic not in importing.clinics(self.connection):
            raise UnknownClinic(clinic)

    def _import_one(self, opened: Opened) -> FileReport:
        """Raises _ImportedMeanwhile."""
        upset: list[Key] = []
        try:
            with self._whole_or_not_at_all(opened) as rejects:
                work = self._work_on(opened, rejects)
                report = self._taken(work)
                upset = work.held
                if report.stops:
                    raise _Stopped
                report.rejects_files = rejects.close()
            log.info("%s: stored", report.path.name)
            return report
        except _Stopped:
            pass
        except Unreadable as error:
            report = _unreadable(opened, error)
        _tell_why_not(report)
        self._doubt(report)
        self._note_failure(report, opened.sha256, upset)
        return report

    @contextmanager
    def _whole_or_not_at_all(self, opened: Opened) -> Iterator[Rejects]:
        """The file and its rejects stay together, or neither."""
        rejects = Rejects(opened.rejects)
        try:
            with writing(self.connection, alone=None, durable=True, on_undone=rejects.discard):
                if self.opening.completeness is None and self.seen_files.was_imported_meanwhile(opened.sha256):
                    raise _ImportedMeanwhile
                yield rejects
        finally:
            importing.forget_before(self.connection)

    def _rehearse_one(self, opened: Opened) -> FileReport:
        upset: list[Key] = []
        import_id = 0
        try:
            with savepoint(self.connection):
                work = self._work_on(opened, None)
                report = self._taken(work)
                work.count_notices()
                if report.stops:
                    upset, import_id = work.held, work.import_id
                    raise _Stopped
        except _Stopped:
            held.hold(self.connection, import_id, upset)
        except Unreadable as error:
            report = _unreadable(opened, error)
        if report.error or report.stops:
            _tell_why_not(report)
            self._doubt(report)
        importing.forget_before(self.connection)
        return report

    def _taken(self, work: FileImport) -> FileReport:
        report, name = work.report, work.report.path.name
        log.info("%s: begins as import %d, kind %s", name, work.import_id, report.kind)
        work.take(self.progress)
        counts = "%d rows, %d new, %d changed, %d unchanged, %d stale, %d rejected, %d warnings"
        log.info(f"%s: {counts}", name, *report.counts())
        happened = [f"{number} {event}" for event, number in report.events.items() if number]
        log.info("%s: made happen: %s", name, ", ".join(happened) or "nothing")
        return report

    def _work_on(self, opened: Opened, rejects: Rejects | None) -> FileImport:
        completeness, is_last = self.opening.completeness, opened is self.opening.last_of_appointments
        return FileImport(self.connection, opened, self.options, self.policy, self.now, rejects, completeness, is_last)

    def _doubt(self, report: FileReport) -> None:
        if self.opening.completeness is not None:
            self.opening.completeness.doubt(not_imported(report))

    def _note_failure(self, report: FileReport, sha256: str | None, upset: Sequence[Key] = ()) -> None:
        """A file that changed nothing still stands among the imports; what it would upset waits for a decision."""
        with writing(self.connection, alone=None):
            who = self.options.imported_by
            import_id = imports.begin_import(self.connection, self.now, who, whole_path(report.path), sha256)
            error = report.error or "stopped: it would cancel, move or book too many appointments"
            summary = summary_of(FileReport(report.path, stops=report.stops), self.options.given())
            clinics = {stop.clinic for stop in report.stops}
            clinic = self.options.clinic or (clinics.pop() if len(clinics) == 1 else None)
            imports.end_import(self.connection, import_id, report.kind, clinic, (0,) * 7, error, summary)
            held.hold(self.connection, import_id, upset)


def not_imported(report: FileReport) -> str:
    return f"{report.path.name} was not imported"


def _tell_why_not(report: FileReport) -> None:
    """Without the error's own words, which may repeat a cell."""
    for stop in report.stops:
        upset = stop.booked or stop.cancelled + stop.moved or stop.missing
        log.info("%s: held back at %s: %d of %d appointments", report.path.name, stop.clinic, upset, stop.future)
    if report.error:
        log.info("%s: not read to its end, so nothing of it is stored", report.path.name)


def _unreadable(opened: Opened, error: Unreadable) -> FileReport:
    may_pass = isinstance(error, PassingTrouble)
    encoding = opened.source.encoding
    return FileReport(opened.path, opened.header.kind, error=str(error), encoding=encoding, may_pass=may_pass)
