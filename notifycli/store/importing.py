"""What an import asks of the database: rows by their keys, in batches, and what stood there before the import began.

Decides nothing about what a row means. All calls stand within the import's one transaction.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from notifycli.store.engine import Connection
from notifycli.store.rows import (
    AppointmentRow,
    ClinicRow,
    DialogRow,
    ExternalRow,
    ImportedRow,
    PatientRow,
    ReceiptRow,
    TypeRow,
)

AT_ONCE = (500, 50, 1)  # rows in one statement: each statement costs a trip of its own
Key = tuple[str, ...]  # (clinic_id,) of a clinic, else (clinic_id, id)


@dataclass(frozen=True)
class Table:
    """One table that imports fill; `row` is the value of a row, whose first `key_length` fields are its key."""

    name: str
    row: Any
    key_length: int = 2

    @property
    def id_column(self) -> str:
        return str(self.row._fields[self.key_length - 1])


TABLES = {
    "clinics": Table("clinic", ClinicRow, 1),
    "types": Table("type", TypeRow),
    "patients": Table("patient", PatientRow),
    "appointments": Table("appointment", AppointmentRow),
    "dialogs": Table("dialog", DialogRow),
    "receipts": Table("receipt", ReceiptRow),
    "external": Table("external", ExternalRow),
}


CONTACTS = Table("patient_contact", PatientRow)


def is_empty(connection: Connection, table: Table) -> bool:
    return connection.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchone() is None


def hashes(connection: Connection, table: Table, keys: Iterable[Key]) -> dict[Key, int | None]:
    """The row_hash of each key that is stored."""
    return {(*clinic, id_): row_hash for clinic, id_, row_hash in _by_key(connection, table, keys, "t.row_hash")}


def stored(connection: Connection, table: Table, keys: Iterable[Key]) -> dict[Key, Any]:
    """The stored row of each key that is stored."""
    fields = ", ".join(f"t.{field}" for field in table.row._fields)
    return {(*clinic, id_): table.row(*row) for clinic, id_, *row in _by_key(connection, table, keys, fields)}


def _by_key(connection: Connection, table: Table, keys: Iterable[Key], fields: str) -> Iterable[tuple[Any, ...]]:
    ids: dict[Key, list[str]] = {}
    for key in keys:
        ids.setdefault(key[:-1], []).append(key[-1])
    for clinic, of_clinic in ids.items():
        for id_, *row in _of_clinic(connection, table, clinic, of_clinic, fields):
            yield clinic, id_, *row


def _of_clinic(connection: Connection, table: Table, clinic: Key, ids: Iterable[str], fields: str) -> sqlite3.Cursor:
    in_clinic = "t.clinic_id = ? AND" if clinic else ""
    # CROSS JOIN keeps the order of the loops: the ids first, each by the primary key.
    sql = (
        f"SELECT j.value, {fields} FROM json_each(?) j CROSS JOIN {table.name} t"
        f" ON {in_clinic} t.{table.id_column} = j.value"
    )
    return connection.execute(sql, (json.dumps(list(ids)), *clinic))


def write_new(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> int:
    """Inserts rows and leaves alone what is stored already; returns how many were inserted."""
    if not rows:
        return 0
    before = connection.total_changes
    columns, marks = _without_none(zip(*rows, strict=True))
    rows = list(zip(*columns, strict=True))
    for size in AT_ONCE:
        in_groups = len(rows) - len(rows) % size
        groups = (chain.from_iterable(rows[first : first + size]) for first in range(0, in_groups, size))
        connection.executemany(_insert_new(table, marks, size), map(tuple, groups))
        rows = rows[in_groups:]
    return connection.total_changes - before


def _without_none(columns: Iterable[Sequence[Any]]) -> tuple[list[Sequence[Any]], str]:
    """The columns that have to be bound, and the marks of one row; no column holds both None and "".

    Python's sqlite3 binds a text in a third of the time that it takes to find no adapter for None.
    """
    bound: list[Sequence[Any]] = []
    marks = []
    for column in columns:
        if None not in column:
            marks.append("?")
            bound.append(column)
        elif column.count(None) == len(column):
            marks.append("NULL")
        else:
            marks.append("NULLIF(?, '')")
            bound.append(["" if value is None else value for value in column])
    return bound, f"({', '.join(marks)})"


def _insert_new(table: Table, marks: str, rows: int) -> str:
    return f"INSERT INTO {table.name} VALUES {', '.join([marks] * rows)} ON CONFLICT DO NOTHING"


def write(connection: Connection, table: Table, rows: Iterable[ImportedRow]) -> None:
    """Inserts rows, or puts them in the place of those that are stored."""
    fields = table.row._fields
    marks = ", ".join("?" * len(fields))
    keys = ", ".join(fields[: table.key_length])
    values = ", ".join(f"{field} = excluded.{field}" for field in fields[table.key_length :])
    connection.executemany(
        f"INSERT INTO {table.name} VALUES ({marks}) ON CONFLICT ({keys}) DO UPDATE SET {values}", rows
    )


def remember_before(connection: Connection, table: Table, rows: Iterable[ImportedRow]) -> None:
    """Keeps rows as they stood before this import, for the case that the same key comes again in the file."""
    _make_before(connection, table)
    marks = ", ".join("?" * len(table.row._fields))
    connection.executemany(f"INSERT OR IGNORE INTO temp.before_import VALUES ({marks})", rows)


def before_import(connection: Connection, table: Table, key: Key) -> Any:
    """The row as it stood before this import; None where this import made it."""
    _make_before(connection, table)
    where = " AND ".join(f"{field} = ?" for field in table.row._fields[: table.key_length])
    row = connection.execute(f"SELECT * FROM temp.before_import WHERE {where}", key).fetchone()
    return table.row(*row) if row else None


def forget_before(connection: Connection) -> None:
    connection.execute("DROP TABLE IF EXISTS temp.before_import")


def _make_before(connection: Connection, table: Table) -> None:
    fields, keys = table.row._fields, table.row._fields[: table.key_length]
    connection.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS before_import ({', '.join(fields)}, PRIMARY KEY ({', '.join(keys)}))"
    )


def clinics(connection: Connection) -> dict[str, tuple[str, str]]:
    """Time zone and country of each clinic."""
    return {row[0]: (row[1], row[2]) for row in connection.execute("SELECT clinic_id, timezone, country FROM clinic")}


def known_types(connection: Connection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT clinic_id, type_id FROM type"))


def reach_of_patients(connection: Connection, clinic_id: str, patients: Iterable[str]) -> dict[str, str | None]:
    """Of a clinic's patients that are known: None where a notice can reach them, else `no_consent` or `no_contact`."""
    return dict(_of_clinic(connection, CONTACTS, (clinic_id,), patients, "t.why_out_of_reach"))


def reach_of_all_patients(connection: Connection, clinic_id: str, at_most: int) -> dict[str, str | None]:
    """The same of all of a clinic's patients, or of so many."""
    sql = f"SELECT patient_id, why_out_of_reach FROM {CONTACTS.name} WHERE clinic_id = ? LIMIT ?"
    return dict(connection.execute(sql, (clinic_id, at_most)))


def with_something_to_come(connection: Connection, patients: Iterable[Key], now: int) -> set[Key]:
    """Those of the patients who have a booked appointment in the future, or a dialog that is not yet told of."""
    asked_for = set(patients)
    keys = json.dumps([list(patient) for patient in asked_for])
    asked = "SELECT j.value ->> 0 AS clinic_id, j.value ->> 1 AS patient_id FROM json_each(?) j"
    appointments = (
        f"SELECT k.clinic_id, k.patient_id FROM ({asked}) k WHERE EXISTS (SELECT 1 FROM appointment a"
        " WHERE a.clinic_id = k.clinic_id AND a.patient_id = k.patient_id AND a.status = 'booked' AND a.starts_at > ?)"
    )
    dialogs = "SELECT clinic_id, patient_id FROM dialog WHERE attention_at IS NOT NULL"
    found = set(connection.execute(appointments, (keys, now)))
    return found | (asked_for & set(connection.execute(dialogs)))


def future_appointments(connection: Connection, clinic_id: str, now: int) -> int:
    sql = "SELECT count(*) FROM appointment WHERE clinic_id = ? AND status = 'booked' AND starts_at > ?"
    return int(connection.execute(sql, (clinic_id, now)).fetchone()[0])


def read_rows_again(connection: Connection, clinic_id: str) -> None:
    """A clinic's zone or country is another: its files mean something else now, even where they are the same."""
    for table in TABLES.values():
        connection.execute(f"UPDATE {table.name} SET row_hash = NULL WHERE clinic_id = ?", (clinic_id,))


def wake_who_waited(connection: Connection, patients: Iterable[Key]) -> None:
    """Subjects that waited for these patients are looked at by the next run (R16)."""
    known = list(patients)
    for name in ("appointment", "dialog", "receipt"):
        if connection.execute(f"SELECT 1 FROM {name} WHERE waits_for_patient = 1 LIMIT 1").fetchone():
            connection.executemany(
                f"UPDATE {name} SET attention_at = 0, waits_for_patient = 0"
                " WHERE waits_for_patient = 1 AND clinic_id = ? AND patient_id = ?",
                known,
            )


def count_without_word_of_consent(connection: Connection, import_id: int) -> int:
    """Patients of an import of whom neither a file nor staff have ever said whether they consent."""
    sql = "SELECT count(*) FROM patient WHERE import_id = ? AND imported_consent IS NULL AND NOT consent"
    return int(connection.execute(sql, (import_id,)).fetchone()[0])


def subjects_of_import(connection: Connection, kind: str, import_id: int) -> Iterable[tuple[str, str]]:
    table = TABLES[kind]
    sql = f"SELECT clinic_id, {table.id_column} FROM {table.name} WHERE import_id = ?"
    return connection.execute(sql, (import_id,)).fetchall()
