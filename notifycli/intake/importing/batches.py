"""Takes a batch of rows into the database: passes over what is unchanged, adds what is new, merges the rest with what
is stored.

One object serves one file, within one transaction. Must not know how the file is read, or how its report is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import compress, islice
from typing import Any

from notifycli.domain.freshness import wins_within_file
from notifycli.domain.model import OPEN
from notifycli.intake.cells.values import StandIn
from notifycli.intake.importing.completeness import Completeness, cancelled_as_missing
from notifycli.intake.importing.counting import Counting
from notifycli.intake.importing.following import Following
from notifycli.intake.importing.freshness import Freshness
from notifycli.intake.importing.kept import Kept
from notifycli.intake.importing.neighbours import Neighbours
from notifycli.intake.importing.stamps import NewestStamps
from notifycli.intake.importing.steps import Batch, BatchPart, LooksStale, Step, Unchanged
from notifycli.intake.kinds.appointments import APPOINTMENTS
from notifycli.intake.kinds.circumstances import Circumstances
from notifycli.intake.kinds.cleaning import Clean, Cleaner
from notifycli.intake.kinds.patients import PATIENTS
from notifycli.intake.kinds.registry import KINDS
from notifycli.store import held, importing
from notifycli.store.engine import Connection, savepoint
from notifycli.store.forgetting import ForgottenIds
from notifycli.store.importing import TABLES, Key
from notifycli.store.rows import AppointmentRow

WAITING_IN_MEMORY = 10_000  # rows that look stale
NO_CELLS = ("clinic_id", "patient_id", "type_id", "fresh_at", "reject_import")


class Intake:
    """Takes batches of one kind into the database, and keeps the tally. `completeness` is told every key.

    `is_table`: its rows are as fresh as the newest stamp of their clinic among them, which is known at its end: what
    looks stale and would change something waits for `finish`.
    """

    def __init__(
        self,
        connection: Connection,
        cleaner: Cleaner,
        about: Circumstances,
        clinic_id: str | None,
        completeness: Completeness | None,
        is_table: bool,
    ) -> None:
        self.connection = connection
        self.cleaner = cleaner
        self.kind = kind = KINDS[cleaner.kind]
        self.table = TABLES[kind.name]
        self.about = about
        self.clinic_id = clinic_id
        self.completeness = completeness
        self.counting = Counting(kind, self.cleaner.clinics, about.now)
        self.tally = self.counting.tally
        self._was_empty = importing.is_empty(connection, self.table)
        self._is_table = is_table and kind is APPOINTMENTS
        self._newest = NewestStamps()
        self._unchanged = Unchanged()
        least = about.file_at if completeness is not None else 0
        self._freshness = Freshness(connection, about, is_table=self._is_table, least=least)
        self._waiting = Kept(LooksStale, WAITING_IN_MEMORY)
        self._are_some_held = kind is APPOINTMENTS and held.are_some(connection)
        self.warnings: list[tuple[int, str, str]] = []  # that concern a row: line, column, text
        self.neighbours = Neighbours(connection, kind.name, about.now)
        self._following = Following(connection, about, self.neighbours)
        self._forgotten = ForgottenIds(connection)

    def take(self, batch: Batch) -> Clean:
        """Brings a batch in; gives back its rejects and warnings, by the rows' indexes in the batch."""
        outcome = Clean({})
        clinic_ids, keys = self._whose(batch, outcome)
        if forgotten := self._rows_of_forgotten(batch, clinic_ids):
            self._leave_out(batch, forgotten)
            places = [row for row in range(len(keys)) if row not in forgotten]
            taken = self.take(batch.only([row not in forgotten for row in range(len(keys))])) if places else Clean({})
            return Clean(
                {},
                {places[row]: replace(trouble, row=places[row]) for row, trouble in taken.rejects.items()},
                [replace(trouble, row=places[trouble.row]) for trouble in taken.warnings],
            )
        if self.completeness is not None:
            self.completeness.take(keys, outcome.rejects)
        is_single = len(set(keys)) == len(keys)
        stored = importing.hashes(self.connection, self.table, keys) if is_single and not self._was_empty else {}
        kept: list[bool] | None = None  # all
        if stored or outcome.rejects:
            kept = [
                row not in outcome.rejects and (key not in stored or stored[key][0] != row_hash)
                for row, (key, row_hash) in enumerate(zip(keys, batch.hashes, strict=True))
            ]
        if self._is_table and kept is not None:
            is_unchanged = [not is_kept and key in stored for key, is_kept in zip(keys, kept, strict=True)]
            unchanged = list(compress(keys, is_unchanged))
            self._newest.note([key[0] for key in unchanged], [stored[key][1] for key in unchanged])
            self._unchanged.note(unchanged, compress(batch.lines, is_unchanged))
        left = range(len(keys)) if kept is None else [row for row, is_kept in enumerate(kept) if is_kept]
        self.tally.unchanged += len(keys) - len(left) - len(outcome.rejects)
        if left:
            part = BatchPart(
                left,
                keys if kept is None else list(compress(keys, kept)),
                clinic_ids if kept is None else list(compress(clinic_ids, kept)),
                batch if kept is None else batch.only(kept),
                is_new=is_single and (not stored or not any(keys[row] in stored for row in left)),
            )
            self._take_what_is_left(part, outcome)
        if self._are_some_held:
            held.release(self.connection, [key for row, key in enumerate(keys) if row not in outcome.rejects])
        return outcome

    def _rows_of_forgotten(self, batch: Batch, clinic_ids: Sequence[str]) -> set[int]:
        """Of patients who are never to come back (notify patient forget)."""
        if "patient_id" not in batch.raw:
            return set()
        patients = self.cleaner.identifiers("patient_id", batch.raw["patient_id"], Clean({}))
        return set(self._forgotten.places(clinic_ids, patients))

    def _leave_out(self, batch: Batch, rows: Iterable[int]) -> None:
        self.tally.stale += len(set(rows))
        text = "the patient was forgotten; the row was left out"
        self.warnings += [(batch.lines[row], "patient_id", text) for row in sorted(rows)]

    def _whose(self, batch: Batch, outcome: Clean) -> tuple[list[str], list[Key]]:
        """The clinic and the key of each row; what is none is rejected."""
        whose = batch.raw["clinic_id"] if "clinic_id" in batch.raw else [self.clinic_id or ""] * len(batch.hashes)
        clinic_ids = self.cleaner.clinic_ids(whose, outcome)
        if self.table.key_length == 1:
            return clinic_ids, [(clinic_id,) for clinic_id in clinic_ids]
        column = self.table.id_column
        ids = self.cleaner.identifiers(column, batch.raw[column], outcome)
        return clinic_ids, list(zip(clinic_ids, ids, strict=True))

    def _take_what_is_left(self, part: BatchPart, outcome: Clean) -> None:
        key_columns = ("clinic_id", self.table.id_column)
        raw = {column: of_column for column, of_column in part.batch.raw.items() if column not in key_columns}
        clean = self.cleaner.clean(raw, part.clinic_ids)
        clean.columns |= {"clinic_id": part.clinic_ids, self.table.id_column: [key[-1] for key in part.keys]}
        doubtful = {trouble.row for trouble in clean.warnings}
        if "patient_id" in raw:
            doubtful |= self.neighbours.doubtful_rows(clean, part.clinic_ids)
        if self._is_table:
            self._newest.note_columns(clean.columns, part.clinic_ids)
        # What gave a warning is read again next time, and what is open: the last import that saw it so counts.
        row_hashes: list[int | None] = list(part.batch.hashes)
        for row in doubtful:
            row_hashes[row] = None
        if self.kind is APPOINTMENTS:
            for row, status in enumerate(clean.columns["status"]):
                if status is not None and status[0] in OPEN:
                    row_hashes[row] = None
        if not self._take_all_as_new(clean, part, row_hashes):
            self._take_one_by_one(clean, part, row_hashes)
        for row, trouble in clean.rejects.items():
            outcome.rejects.setdefault(part.rows[row], replace(trouble, row=part.rows[row]))
        outcome.warnings += [replace(trouble, row=part.rows[trouble.row]) for trouble in clean.warnings]

    def _take_all_as_new(self, clean: Clean, part: BatchPart, row_hashes: list[int | None]) -> bool:
        """The quick way for rows that are all new; False, with nothing done, where some are not."""
        if self.kind.new_rows is None or not part.is_new or clean.rejects:
            return False
        fields = self.kind.new_rows(clean.columns, row_hashes, self.about)
        try:
            with savepoint(self.connection):
                importing.write_new(self.connection, self.table, fields)
        except importing.SomeAreStored:
            return False
        self.tally.new += len(part.rows)
        if self.kind is PATIENTS:
            self._following.follow_new_patients(part.keys)
        else:
            self.counting.count_new_appointments(fields)
        return True

    def _take_one_by_one(self, clean: Clean, part: BatchPart, row_hashes: list[int | None]) -> None:
        stored = importing.stored(self.connection, self.table, part.keys)
        steps: dict[Key, Step] = {}
        columns = list(clean.columns)
        for row, cells in enumerate(zip(*clean.columns.values(), strict=True)):
            if row in clean.rejects:
                continue
            record = dict(zip(columns, cells, strict=True))
            key = part.keys[row]
            stands = steps.get(key) or self._as_it_stands(key, stored.get(key))
            line = part.batch.lines[row]
            if self.kind is APPOINTMENTS and self._freshness.looks_stale(stands.before, record):
                before = stands.before
                if self.kind.is_same(before, self.kind.merged(before, record, row_hashes[row], self.about)):
                    self.tally.unchanged += 1  # a row that would change nothing is none to wait for
                    self._unchanged.note([before[:2]], [line])
                    continue
                plain = {column: None if isinstance(value, StandIn) else value for column, value in record.items()}
                self._waiting.add(LooksStale(line, before.clinic_id, before.appointment_id, plain, row_hashes[row]))
                continue
            step = self._step(stands, record, row_hashes[row], line)
            if step is not None:
                steps[key] = step
        self._write(steps, stored)

    def _as_it_stands(self, key: Key, row: Any) -> Step:
        if row is None or row.import_id != self.about.import_id:
            return Step(row, row, is_of_this_import=False)
        before = importing.before_import(self.connection, self.table, key, self.about.import_id)
        row_at = self._freshness.of_row(row) if isinstance(row, AppointmentRow) else 0
        return Step(before, row, True, replaces_written_row=True, row_at=row_at)

    def finish(self) -> None:
        """Takes what had to wait for the newest stamp of its clinic, or leaves it out; keeps that stamp for later."""
        newest = {clinic: max(at, self._freshness.least) for clinic, at in self._newest.by_clinic.items()}
        if self._is_table:
            importing.note_newest_stamps(self.connection, self.about.import_id, newest)
        waiting = iter(self._waiting)
        while rows := list(islice(waiting, WAITING_IN_MEMORY)):
            lines = self._unchanged.lines_of([row.key for row in rows]) if self._is_table else {}
            for row in rows:
                self._take_late(row, newest.get(row.clinic_id, self._freshness.least), lines.get(row.key))

    def _take_late(self, waiting: LooksStale, newest_at: int, line_of_stored: int | None) -> None:
        stored = importing.stored(self.connection, self.table, [waiting.key])
        stands = self._as_it_stands(waiting.key, stored.get(waiting.key))
        if stands.before.fresh_at > max(self._freshness.of(waiting.record), newest_at):
            self.tally.stale += 1
            row = self.kind.merged(stands.before, waiting.record, None, self.about)
            fields = ("status", "starts_at", "location", "patient_id")
            is_of_future = max(stands.before.starts_at, row.starts_at) > self.about.now
            if is_of_future and any(getattr(row, field) != getattr(stands.before, field) for field in fields):
                text = f"appointment {row.appointment_id} was left out: what is stored of it is newer than this row"
                self.warnings.append((waiting.line, "", text))
            return
        wins = self._freshness.wins_over_stored
        if line_of_stored is not None and not wins(waiting, stands.before, line_of_stored):
            self.tally.stale += 1
            return
        step = self._step(stands, waiting.record, waiting.row_hash, waiting.line)
        if step is not None:
            self._write({waiting.key: step}, stored)

    def _step(self, stands: Step, record: Mapping[str, Any], row_hash: int | None, line: int) -> Step | None:
        """What a record makes of a row; None where it is left out."""
        if stands.is_of_this_import and self._is_beaten_within_file(stands, record, line):
            self.tally.stale += 1
            return None
        known = stands.after if stands.is_of_this_import else stands.before
        if known is not None and self.kind.cell_times is not None:
            at = self.about.time_of_cells(record)
            left = self.kind.cell_times.not_replaced_since(record, known.cell_times, at)
            if not left.keys() - NO_CELLS:
                self.tally.stale += 1
                return None
            record, row_hash = left, row_hash if len(left) == len(record) else None
        if stands.is_of_this_import:
            record = self.kind.with_earlier(record, stands.before, stands.after)
        after = self.kind.merged(stands.before, record, row_hash, self.about)
        if stands.is_of_this_import:
            self.counting.count(stands, -1)
            self.tally.stale += 1
        if self.kind.is_same(stands.before, after):
            after = after._replace(import_id=stands.before.import_id)
            if self._is_table:
                self._unchanged.note([after[:2]], [line])
        row_at = self._freshness.of(record) if self.kind is APPOINTMENTS else 0
        step = Step(stands.before, after, True, stands.replaces_written_row, row_at)
        self.counting.count(step, 1)
        is_stored_appointment = self.kind is APPOINTMENTS and stands.before is not None
        if is_stored_appointment and stands.before.patient_id != after.patient_id:
            warning = self._following.follow_another_patient(step)
            self.warnings += [(line, "patient_id", warning)] if warning else []
        return step

    def _is_beaten_within_file(self, stands: Step, record: Mapping[str, Any], line: int) -> bool:
        """By an earlier row of the file about the same appointment; of anything else the later row counts."""
        if self.kind is not APPOINTMENTS:
            return False
        earlier: AppointmentRow = stands.after
        if self._is_table and earlier.starts_at != record["starts_at"]:
            twice = f"appointment {earlier.appointment_id} stands in the file twice, at different times"
            self.warnings.append((line, "", f"{twice}; the newer counts"))
        at, is_booked = self._freshness.of(record), self._is_table and record["status"][0] == "booked"
        return not wins_within_file(at, is_booked, stands.row_at, self._is_table and earlier.status == "booked")

    def cancel_missing(self, keys: Sequence[Key]) -> None:
        """Cancels stored appointments that no row names; they are no rows of the file, and count as none."""
        stored = importing.stored(self.connection, self.table, keys)
        steps = {key: Step(row, cancelled_as_missing(row, self.about), True) for key, row in stored.items()}
        held.release(self.connection, keys)
        for key, step in steps.items():
            self.counting.count_event(step.before, step.after, 1)
            self.tally.missing[key[0]] += 1
        self._write(steps, stored)

    def _write(self, steps: dict[Key, Step], stored: dict[Key, Any]) -> None:
        importing.remember_before(
            self.connection,
            self.table,
            [row for key, row in stored.items() if key in steps and row.import_id != self.about.import_id],
        )
        if new := [step.after for key, step in steps.items() if key not in stored]:
            importing.write_new(self.connection, self.table, importing.by_field(self.table, new))
        changed = [step.after for key, step in steps.items() if key in stored]
        importing.replace(self.connection, self.table, changed, stored)
        self._following.follow(steps)

    def has_happened_to(self, key: Key) -> bool:
        """Whether this import made something happen to a row that it touched (a migration, too)."""
        before = importing.before_import(self.connection, self.table, key, self.about.import_id)
        after = importing.stored(self.connection, self.table, [key])[key]
        if isinstance(after, AppointmentRow):
            return after.events != (before.events if before else ())
        return self.kind.event_between(before, after) is not None
