"""Imports one file: cleans its blocks, has them taken, and reports on them, all within the caller's transaction.

Must not know the transaction, nor the other files. Source: SPEC section 3.
"""

import gc
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from notifycli.domain.appointment_events import is_merge
from notifycli.domain.rules import foreseen
from notifycli.domain.words import SubjectKind
from notifycli.intake.cells.whole_columns import FormsOfTimes
from notifycli.intake.formats.blocks import Block, columns_of, hashes_of
from notifycli.intake.importing import words
from notifycli.intake.importing.batches import Intake
from notifycli.intake.importing.completeness import Completeness
from notifycli.intake.importing.filling import fill_what_cancels
from notifycli.intake.importing.joining import cells_of
from notifycli.intake.importing.kept import Kept
from notifycli.intake.importing.opening import Opened
from notifycli.intake.importing.options import Options
from notifycli.intake.importing.reading import RowsOfFile, rows_as_long_as_the_header
from notifycli.intake.importing.rejects import Rejects
from notifycli.intake.importing.report import MOST_REMEMBERED, FileReport, Problem
from notifycli.intake.importing.steps import Batch
from notifycli.intake.importing.stops import stops_of
from notifycli.intake.importing.tally import Affected
from notifycli.intake.importing.trace import Trace
from notifycli.intake.kinds.circumstances import TIMES_OF_FRESHNESS, Circumstances, Origin
from notifycli.intake.kinds.cleaning import Clean, Cleaner, Trouble
from notifycli.intake.mapping.columns import Mapping as Header
from notifycli.store import held, importing, imports
from notifycli.store.engine import Connection
from notifycli.store.facts import Facts, Policy, Subject
from notifycli.store.reopening import reopen_for
from notifycli.store.switches import FirstActive

FAR_AWAY = 2**40
SUBJECT_OF_KIND: dict[str, SubjectKind] = {"appointments": "appointment", "dialogs": "dialog", "receipts": "receipt"}
Progress = Callable[[Path, int, int], None]  # file, bytes read, bytes in all


@dataclass
class FileImport:
    """Takes one file; `rejects` is None in a rehearsal. `completeness` of the files of the call, if it was asked for;
    `is_last`: no file of appointments comes after it, so that what is missing is told of it.

    `held`: future appointments that it would upset, where it is stopped.
    """

    connection: Connection
    opened: Opened
    options: Options
    policy: Policy
    now: int
    rejects: Rejects | None
    completeness: Completeness | None
    is_last: bool

    def __post_init__(self) -> None:
        connection, opened, options, now = self.connection, self.opened, self.options, self.now
        self.held: list[tuple[str, ...]] = []
        self._rows = RowsOfFile(opened, options)
        if opened.header.kind != "appointments":
            self.completeness = None
        file_at = min(opened.given.written_at, now)
        self.import_id = imports.begin_import(
            connection, now, options.imported_by, opened.stored_path, opened.sha256, file_at
        )
        if self.completeness is not None:
            self.completeness.note_file(file_at)
        about = self._circumstances(file_at)
        is_whole_table = opened.source.kind is None and "reject_import" not in opened.header.places
        self._trace = Trace(connection, opened, options, Origin(self.import_id, file_at, now), about.origin_of)
        cleaner = Cleaner(
            opened.header.kind,
            importing.clinics(connection),
            now,
            FormsOfTimes(self._rows.cells_of_times),
            options.own_statuses,
        )
        self._intake = Intake(connection, cleaner, about, options.clinic, self.completeness, is_table=is_whole_table)
        self.report = empty_report(opened)

    def _circumstances(self, file_at: int) -> Circumstances:
        connection, opened, options, now = self.connection, self.opened, self.options, self.now
        has_times = any(column in opened.header.places for column in ("changed_at", "cancelled_at"))
        stamp_columns: tuple[str, ...] = TIMES_OF_FRESHNESS if opened.source.kind is not None or has_times else ()
        if opened.source.format == "FHIR":  # meta.lastUpdated alone
            stamp_columns = ("changed_at",)

        def origin_of(number: str) -> Origin | None:
            times = imports.times_of(connection, int(number)) if number.isascii() and number.isdecimal() else None
            return Origin(int(number), *times) if times else None

        def is_one_person(clinic: str, old: str, new: str) -> bool:
            return is_merge(*(importing.identity_of(connection, clinic, patient) for patient in (old, new)))

        return Circumstances(
            now,
            self.import_id,
            options.migrated,
            FirstActive(connection),
            options.assumes_consent if options.may_assume_consent else None,
            file_at,
            stamp_columns,
            cache(origin_of),
            is_one_person,
            lambda patients: reopen_for(connection, self.policy, patients, now),
        )

    def take(self, progress: Progress) -> None:
        """Reads it to its end. Raises Unreadable; then nothing of it may stay."""
        source = self.opened.source
        was_on = gc.isenabled()
        gc.disable()  # rows by the million hold no cycles; looking for some takes a tenth of the time
        try:
            for block in source.blocks():
                self._take_block(block)
                progress(self.opened.path, source.read_so_far, source.size)
        finally:
            if was_on:
                gc.enable()
        self._intake.finish()
        for line, column, text in self._intake.warnings:
            self.report.warnings.add(Problem(line, column, text, self.report.unit))
        if self.completeness is not None and not self.report.rows:
            self.completeness.doubt(f"{self.opened.path.name} has no rows")
        if self.completeness is not None:
            self._look_for_missing(self.completeness)
        self._finish()
        report = self.report
        report.rejects_files = self.rejects.paths if self.rejects and not report.stops else []
        self._trace.end(report, self.now)

    def _look_for_missing(self, completeness: Completeness) -> None:
        """After the last of the call's files of appointments."""
        if self.options.clinic is not None and "clinic_id" not in self.opened.header.places:
            completeness.clinics.add(self.options.clinic)
        if doubt := self.opened.source.doubt():
            completeness.doubt(f"{self.opened.path.name} {doubt}")
        if not self.is_last:
            return
        if doubts := completeness.doubts():
            self.report.is_completeness_in_doubt = True
            self._warn(words.doubts_in_words(doubts, self.options.cancel_missing))
            return
        self.report.missing = Kept(Affected, MOST_REMEMBERED)
        for appointment in completeness.find(self.now):
            self.report.missing.add(appointment)
        if newer := completeness.newer_than_the_files():
            self._warn(words.newer_in_words(newer))
        if self.options.cancel_missing:
            for keys in completeness.keys_found():
                self._intake.cancel_missing(keys)
            self.report.missing_cancelled = self.report.missing.count

    def _warn(self, text: str) -> None:
        """Of the file as a whole."""
        self.report.warnings.add(Problem(None, "", text))

    def _take_block(self, block: Block) -> None:
        header = self._rows.header_of(block)
        self._rows.refuse_rows_of_others(block, header)
        self.report.rows += len(block.rows)
        outcome = Clean({})
        raw: dict[str, Sequence[str]] = {}
        rows, places = rows_as_long_as_the_header(block, outcome)
        if self.completeness is not None:
            self.completeness.miss_rows(len(outcome.rejects))
        if rows:
            columns = columns_of(rows)
            raw = {column: cells_of(column, columns, header.places) for column in header.places}
            if self.opened.source.kind == "appointments":
                fill_what_cancels(self.connection, raw, self.options.clinic)
            hashes = hashes_of(rows, _salt(header, self.options))
            lines = block.lines if len(rows) == len(block.lines) else [block.lines[place] for place in places]
            taken = self._intake.take(Batch(raw, hashes, lines))
            outcome.rejects |= {places[row]: trouble for row, trouble in taken.rejects.items()}
            outcome.warnings += [replace(trouble, row=places[trouble.row]) for trouble in taken.warnings]
        outcome.warnings += [Trouble(row, column, text) for row, column, text in block.warnings]
        self._trace.take(block, header, outcome.rejects, raw.get("clinic_id", ()))
        self._tell(outcome, block, header)

    def _tell(self, outcome: Clean, block: Block, header: Header) -> None:
        def named(column: str) -> str:
            return " + ".join(block.header[place] for place in header.places.get(column, ())) or column

        def problem(trouble: Trouble) -> Problem:
            return Problem(block.lines[trouble.row], named(trouble.column), trouble.reason, self.report.unit)

        for trouble in outcome.warnings:
            if trouble.row not in outcome.rejects:
                self.report.warnings.add(problem(trouble))
        for row, trouble in sorted(outcome.rejects.items()):
            self.report.rejects.add(problem(trouble))
            if self.rejects is not None:
                self.rejects.add(block, row, named(trouble.column), trouble.reason, self.import_id)

    def _finish(self) -> None:
        tally, report = self._intake.tally, self.report
        report.new, report.changed, report.unchanged = tally.new, tally.changed, tally.unchanged
        report.stale, report.moved = tally.stale, tally.moved
        for event in report.events:
            report.events[event] = tally.events[event]
        report.first = {what: list(first.values()) for what, first in tally.first.items()}
        report.notes = self.opened.source.notes()
        if report.kind == "patients":
            silent = importing.count_without_word_of_consent(self.connection, self.import_id)
            if silent:
                self._warn(words.silent_of_consent_in_words(silent))
        if unreachable := self._intake.neighbours.unreachable:
            self._warn(words.unreachable_in_words(unreachable.values()))
        gained_before = self.completeness.gained if self.completeness else {}
        report.stops = stops_of(self.connection, self.opened, self.options, tally, gained_before, self.now)
        if report.stops:
            self.held = held.upset_by_import(self.connection, self.now)
        if self.completeness is not None and not report.stops:
            self.completeness.gained.update(tally.gained)

    def count_notices(self) -> None:
        """The notices that would come of what this file makes happen, as things stand: told by a rehearsal."""
        report, kind = self.report, self.opened.header.kind
        if kind not in SUBJECT_OF_KIND:
            return
        facts = Facts(self.connection, self.policy)
        report.notices = report.reminders = 0
        for clinic_id, subject_id in importing.subjects_of_import(self.connection, kind, self.import_id):
            if not self._intake.has_happened_to((clinic_id, subject_id)):
                continue
            known = facts.known(Subject(SUBJECT_OF_KIND[kind], clinic_id, subject_id))
            for verdict in foreseen(known.subject, known.patient, self.now, until=FAR_AWAY) if known else ():
                if verdict.reason is None:
                    is_reminder = verdict.key.event == "reminder"
                    report.reminders += is_reminder
                    report.notices += not is_reminder


def empty_report(opened: Opened) -> FileReport:
    header, source = opened.header, opened.source
    return FileReport(
        opened.path, header.kind, ignored_columns=header.ignored, encoding=source.encoding, unit=source.unit
    )


def _salt(header: Header, options: Options) -> bytes:
    """Stands for how the rows are read: the same cells under another header or option are not the same row."""
    reading = repr((header.kind, sorted(header.places.items()), options.clinic, options.migrated))
    if header.kind == "appointments" and options.own_statuses:
        reading += repr(sorted((clinic, sorted(own.items())) for clinic, own in options.own_statuses.items()))
    if header.kind == "patients" and "consent" not in header.places and options.may_assume_consent:
        reading += repr((options.assume_consent, sorted(options.consent_is_assumed_at.items())))
    return hashlib.blake2b(reading.encode(), digest_size=16).digest()
