"""A batch of rows on its way into the database: what is unchanged, what is new, what meets a stored row.

One object serves one file, within one transaction. It asks the store for rows, and the merging what they mean; how
the file is read and what is told of it is not known here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Any

from notifycli.domain.happenings import fresher_than
from notifycli.intake.completeness import Completeness, cancelled_as_missing
from notifycli.intake.meaning.cells import Reject
from notifycli.intake.meaning.cleaning import Clean, Cleaner, Trouble
from notifycli.intake.merging import (
    SWITCHES,
    details_of,
    event_between,
    is_same,
    meet,
    with_what_was_said_before,
)
from notifycli.intake.neighbours import Neighbours
from notifycli.intake.new_rows import NEW_ROWS, Circumstances
from notifycli.intake.tally import Affected, Tally, What
from notifycli.store import importing, switches
from notifycli.store.engine import Connection
from notifycli.store.importing import TABLES, Key
from notifycli.store.rows import AppointmentRow, ClinicRow, PatientRow, TypeRow

CLINIC, STATUS, STARTS_AT, HAPPENED = map(
    AppointmentRow._fields.index, ("clinic_id", "status", "starts_at", "happened")
)
CONSENT, EMAIL, GETS_SMS = map(PatientRow._fields.index, ("consent", "email", "mobile_gets_sms"))
WHAT: Mapping[str, What] = {"booking": "booking", "change": "move", "cancellation": "cancellation"}
TIMES_OF_FRESHNESS = ("booked_at", "changed_at", "cancelled_at")


@dataclass
class Batch:
    """Rows of one header: cells by the contract's column, and the number by which each row is known again."""

    raw: dict[str, Sequence[str]]
    hashes: list[int]

    def only(self, kept: Sequence[bool]) -> "Batch":
        raw: dict[str, Sequence[str]] = {
            column: list(compress(of_column, kept)) for column, of_column in self.raw.items()
        }
        return Batch(raw, list(compress(self.hashes, kept)))


class Intake:
    """Takes batches of one kind into the database, and keeps the tally. `completeness` is told every key."""

    def __init__(
        self,
        connection: Connection,
        kind: str,
        about: Circumstances,
        clinic_id: str | None,
        completeness: Completeness | None = None,
    ) -> None:
        self.connection = connection
        self.kind = kind
        self.table = TABLES[kind]
        self.about = about
        self.clinic_id = clinic_id
        self.completeness = completeness
        self.tally = Tally()
        self.cleaner = Cleaner(kind, importing.clinics(connection), about.now)
        self._was_empty = importing.is_empty(connection, self.table)
        self.neighbours = Neighbours(connection, kind, about.now)

    def take(self, batch: Batch) -> Clean:
        """Brings a batch in; gives back its rejects and warnings, by the rows' indexes in the batch."""
        size = len(batch.hashes)
        told = Clean({})
        clinic_ids = self._clinic_ids(batch, told, size)
        keys = self._keys(batch, clinic_ids, told)
        if self.completeness is not None:
            self.completeness.take(keys, told.rejects)
        is_single = _are_all_different(keys)
        stored = importing.hashes(self.connection, self.table, keys) if is_single and not self._was_empty else {}
        kept = self._rows_to_look_at(keys, batch.hashes, stored, told)
        left = range(size) if kept is None else [row for row, is_kept in enumerate(kept) if is_kept]
        self.tally.unchanged += size - len(left) - len(told.rejects)
        if not left:
            return told
        part = _Part(
            left,
            keys if kept is None else list(compress(keys, kept)),
            clinic_ids if kept is None else list(compress(clinic_ids, kept)),
            batch if kept is None else batch.only(kept),
            is_new=is_single and (not stored or not any(keys[row] in stored for row in left)),
        )
        self._take_what_is_left(part, told)
        return told

    def _rows_to_look_at(
        self, keys: Sequence[Key], hashes: Sequence[int], stored: Mapping[Key, int | None], told: Clean
    ) -> list[bool] | None:
        """Which rows are not stored word for word, and not rejected already; None: all."""
        if not stored and not told.rejects:
            return None
        return [
            row not in told.rejects and (key not in stored or stored[key] != row_hash)
            for row, (key, row_hash) in enumerate(zip(keys, hashes, strict=True))
        ]

    def _clinic_ids(self, batch: Batch, told: Clean, size: int) -> list[str]:
        if self.clinic_id is not None and "clinic_id" not in batch.raw:
            return self.cleaner.clinic_ids([self.clinic_id] * size, told)
        return self.cleaner.clinic_ids(batch.raw["clinic_id"], told)

    def _keys(self, batch: Batch, clinic_ids: list[str], told: Clean) -> list[Key]:
        if self.table.key_length == 1:
            return [(clinic_id,) for clinic_id in clinic_ids]
        column = self.table.id_column
        return list(zip(clinic_ids, self.cleaner.identifiers(column, batch.raw[column], told), strict=True))

    def _take_what_is_left(self, part: "_Part", told: Clean) -> None:
        key_columns = ("clinic_id", self.table.id_column)
        raw = {column: of_column for column, of_column in part.batch.raw.items() if column not in key_columns}
        clean = self.cleaner.clean(raw, part.clinic_ids)
        clean.columns |= {"clinic_id": part.clinic_ids, self.table.id_column: [key[-1] for key in part.keys]}
        doubtful = {trouble.row for trouble in clean.warnings}
        if "patient_id" in raw:
            doubtful |= self.neighbours.doubtful_rows(clean, part.clinic_ids)
        row_hashes = self._hashes_to_keep(clean, part, doubtful)
        if not self._take_all_as_new(clean, part, row_hashes):
            self._take_one_by_one(clean, part, row_hashes)
        for row, trouble in clean.rejects.items():
            told.rejects.setdefault(part.rows[row], Trouble(part.rows[row], trouble.column, trouble.reason))
        told.warnings += [Trouble(part.rows[one.row], one.column, one.reason) for one in clean.warnings]

    def _hashes_to_keep(self, clean: Clean, part: "_Part", doubtful: set[int]) -> list[int | None]:
        """A row that gave a warning is read again next time, and so is one whose freshness is that of its import."""
        kept: list[int | None] = list(part.batch.hashes)
        for row in doubtful:
            kept[row] = None
        if self.kind != "appointments":
            return kept
        times = [clean.columns[column] for column in TIMES_OF_FRESHNESS if column in clean.columns]
        if any(None not in of_column for of_column in times):
            return kept
        return [
            row_hash if any(given) else None for row_hash, given in zip(kept, _rows_of(times, len(kept)), strict=True)
        ]

    def _take_all_as_new(self, clean: Clean, part: "_Part", row_hashes: list[int | None]) -> bool:
        """The quick way for rows that are all new; False, with nothing done, where some are not."""
        if self.kind not in NEW_ROWS or not part.is_new or clean.rejects:
            return False
        names, new_row = NEW_ROWS[self.kind]
        columns = [clean.columns.get(column) or repeat(None) for column in names]
        rows = list(map(new_row, repeat(self.about), *columns, row_hashes))
        self.connection.execute("SAVEPOINT all_new")
        inserted = importing.write_new(self.connection, self.table, rows)
        if inserted < len(rows):
            self.connection.execute("ROLLBACK TO all_new")
        self.connection.execute("RELEASE all_new")
        if inserted < len(rows):
            return False
        self.tally.new += len(rows)
        if self.kind == "patients":
            importing.wake_who_waited(self.connection, part.keys)
            self._note_unreachable(part.keys, rows)
        else:
            self._count_new_appointments(rows)
        return True

    def _count_new_appointments(self, rows: Sequence[Sequence[Any]]) -> None:
        booked = [row for row in rows if row[STATUS] == "booked"]
        self.tally.events["booking"] += sum('"booking"' in row[HAPPENED] for row in booked)
        self.tally.gained.update(row[CLINIC] for row in booked if row[STARTS_AT] > self.about.now)
        if self.tally.has_room("booking"):
            for row in map(AppointmentRow._make, booked):
                if '"booking"' in row.happened:
                    self.tally.note_first("booking", self._affected(row, None, row.starts_at))

    def _take_one_by_one(self, clean: Clean, part: "_Part", row_hashes: list[int | None]) -> None:
        stored = importing.stored(self.connection, self.table, part.keys)
        steps: dict[Key, _Step] = {}
        for row, record in enumerate(_records(clean.columns, len(part.rows))):
            if row in clean.rejects:
                continue
            key = part.keys[row]
            step = self._step(steps.get(key) or self._as_it_stands(key, stored.get(key)), record, row_hashes[row])
            if isinstance(step, Reject):
                clean.rejects[row] = Trouble(row, "patient_id", step.reason)
            elif step is not None:
                steps[key] = step
        self._write(steps, stored)

    def _as_it_stands(self, key: Key, row: Any) -> "_Step":
        if row is None or row.import_id != self.about.import_id:
            return _Step(row, row, is_of_this_import=False)
        return _Step(importing.before_import(self.connection, self.table, key), row, True, replaces_written_row=True)

    def _step(self, stands: "_Step", record: Mapping[str, Any], row_hash: int | None) -> "_Step | Reject | None":
        """What a record makes of a row; None where it is left out."""
        if self._is_stale(stands.after, record):
            self.tally.stale += 1
            return None
        if stands.is_of_this_import:
            record = with_what_was_said_before(self.kind, record, stands.before, stands.after)
        after = meet(self.kind, stands.before, record, row_hash, self.about)
        if isinstance(after, Reject):
            return after
        if stands.is_of_this_import:
            self._count(stands, -1)
            self.tally.stale += 1
        if is_same(stands.before, after):
            after = after._replace(import_id=stands.before.import_id)
        step = _Step(stands.before, after, True, stands.replaces_written_row)
        self._count(step, 1)
        return step

    def _is_stale(self, stands: Any, record: Mapping[str, Any]) -> bool:
        """The fresher row of an appointment wins, then the later one; of anything else the later (SPEC section 3)."""
        if stands is None or self.kind != "appointments":
            return False
        row = details_of(record, record["status"][0], stands.location)
        return fresher_than(stands.fresh_at, row, self.about.now)

    def _count(self, step: "_Step", by: int) -> None:
        if step.before is None:
            self.tally.new += by
        elif is_same(step.before, step.after):
            self.tally.unchanged += by
        else:
            self.tally.changed += by
        self._count_event(step.before, step.after, by)

    def _count_event(self, before: Any, after: Any, by: int) -> None:
        event = event_between(before, after)
        if event is not None:
            self.tally.events[event] += by
        if self.kind != "appointments":
            return
        future_before = before is not None and before.status == "booked" and before.starts_at > self.about.now
        future_after = after.status == "booked" and after.starts_at > self.about.now
        self.tally.gained[after.clinic_id] += by * (future_after - future_before)
        is_moved = event == "change" and before.starts_at != after.starts_at
        self.tally.moved += by * is_moved
        if future_before and event == "cancellation":
            self.tally.cancelled[after.clinic_id] += by
        if future_before and is_moved:
            self.tally.postponed[after.clinic_id] += by
        if event is not None:
            self._count_first("relocation" if event == "change" and not is_moved else WHAT[event], before, after, by)

    def _count_first(self, what: What, before: Any, after: Any, by: int) -> None:
        if by < 0:
            self.tally.forget_first(what, after.clinic_id, after.appointment_id)
        elif self.tally.has_room(what):
            was = before.starts_at if before is not None and what != "booking" else None
            becomes = after.starts_at if what != "cancellation" else None
            self.tally.note_first(what, self._affected(after, was, becomes))

    def _affected(self, row: AppointmentRow, was: int | None, becomes: int | None) -> Affected:
        zone = self.cleaner.clinics[row.clinic_id][0]
        return Affected(row.appointment_id, row.patient_id, row.clinic_id, zone, was, becomes)

    def cancel_missing(self, keys: Sequence[Key]) -> None:
        """Cancels stored appointments that no row names; they are no rows of the file, and count as none."""
        stored = importing.stored(self.connection, self.table, keys)
        steps = {key: _Step(row, cancelled_as_missing(row, self.about), True) for key, row in stored.items()}
        for key, step in steps.items():
            self._count_event(step.before, step.after, 1)
            self.tally.missing[key[0]] += 1
        self._write(steps, stored)

    def _write(self, steps: "dict[Key, _Step]", stored: dict[Key, Any]) -> None:
        importing.remember_before(
            self.connection,
            self.table,
            [row for key, row in stored.items() if key in steps and row.import_id != self.about.import_id],
        )
        new = [step.after for key, step in steps.items() if key not in stored]
        importing.write_new(self.connection, self.table, new)
        importing.write(self.connection, self.table, [step.after for key, step in steps.items() if key in stored])
        for step in steps.values():
            self._follow_up(step)
        if self.kind == "patients":
            new = [key for key, step in steps.items() if step.before is None]
            importing.wake_who_waited(self.connection, new)
            touched = [key for key, step in steps.items() if step.after.import_id == self.about.import_id]
            self._note_unreachable(touched, [steps[key].after for key in touched])

    def has_happened_to(self, key: Key) -> bool:
        """Whether this import made something happen to a row that it touched; a migration is something too."""
        before = importing.before_import(self.connection, self.table, key)
        after = importing.stored(self.connection, self.table, [key])[key]
        if isinstance(after, AppointmentRow):
            return bool(after.happened != (before.happened if before else "[]"))
        return event_between(before, after) is not None

    def unreachable(self) -> dict[Key, str]:
        """Patients with something to come whom no notice can reach, and why (`no_consent`, `no_contact`)."""
        return self.neighbours.unreachable

    def _note_unreachable(self, keys: Sequence[Key], patients: Sequence[Sequence[Any]]) -> None:
        if self.neighbours.unreachable:
            for key in keys:
                self.neighbours.unreachable.pop(key, None)  # a later row of the file may have mended it
        reasons = map(_why_out_of_reach, patients)
        out = {key: reason for key, reason in zip(keys, reasons, strict=True) if reason is not None}
        if out:
            to_come = importing.with_something_to_come(self.connection, out, self.about.now)
            self.neighbours.unreachable.update({key: out[key] for key in to_come})

    def _follow_up(self, step: "_Step") -> None:
        """What follows from a row beside the row itself: switches are turned, a clinic's rows are read again."""
        before, after = step.before, step.after
        if isinstance(after, TypeRow):
            self._turn(step, "imported_notifications", "type", after.type_id)
        if isinstance(after, ClinicRow):
            for module, imported in SWITCHES.items():
                self._turn(step, imported, "module", module)
            if before and (before.timezone, before.country) != (after.timezone, after.country):
                importing.read_rows_again(self.connection, after.clinic_id)

    def _turn(self, step: "_Step", imported: str, scope: str, name: str) -> None:
        """Turned only where the cell differs from what was last imported; an earlier row of the file counts no more."""
        is_on, clinic_id = getattr(step.after, imported), step.after.clinic_id
        if step.replaces_written_row:
            switches.undo(self.connection, clinic_id, scope, name, self.about.import_id)
        if is_on is not None and (step.before is None or getattr(step.before, imported) != is_on):
            now, import_id = self.about.now, self.about.import_id
            switches.turn(self.connection, clinic_id, scope, name, bool(is_on), now, import_id)


@dataclass
class _Part:
    """The rows of a batch that have to be looked at: their indexes in it, and what they are."""

    rows: Sequence[int]
    keys: list[Key]
    clinic_ids: list[str]
    batch: Batch
    is_new: bool


@dataclass(frozen=True)
class _Step:
    """A row before this import and as it stands now.

    `is_of_this_import`: a row of this file has counted for it; `replaces_written_row`: one of an earlier batch.
    """

    before: Any
    after: Any
    is_of_this_import: bool
    replaces_written_row: bool = False


def _why_out_of_reach(patient: Sequence[Any]) -> str | None:
    """R17 and R18, of the fields of a PatientRow."""
    if not patient[CONSENT]:
        return "no_consent"
    return None if patient[EMAIL] or patient[GETS_SMS] else "no_contact"


def _are_all_different(keys: Sequence[Key]) -> bool:
    return len(set(keys)) == len(keys)


def _records(columns: Mapping[str, Sequence[Any]], size: int) -> Iterator[dict[str, Any]]:
    names = list(columns)
    return (dict(zip(names, values, strict=True)) for values in _rows_of(list(columns.values()), size))


def _rows_of(columns: Sequence[Sequence[Any]], size: int) -> Iterator[tuple[Any, ...]]:
    return zip(*columns, strict=True) if columns else iter([()] * size)
