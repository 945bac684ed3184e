"""What an import asks of the database: rows by their keys, in batches, and what stood there before the import began.

Decides nothing about what a row means. All calls stand within the import's one transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from typing import Any

from notifycli.domain.appointment_events import Identity
from notifycli.domain.errors import NotifyError
from notifycli.domain.routing import why_out_of_reach
from notifycli.domain.words import SUBJECT_KINDS, Channel
from notifycli.store.appointments import (
    CHILDREN,
    Child,
    fields_of,
    replace_children,
    with_children,
    without_what_came_by,
)
from notifycli.store.dialect import (
    THEN_LOOKED_UP_IN,
    as_list,
    each,
    each_pair,
    greatest,
    scratch,
)
from notifycli.store.engine import Connection, of_clinic
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

BEFORE_IMPORT = scratch("before_import")
Key = tuple[str, ...]  # (clinic_id,) of a clinic, else (clinic_id, id)


@dataclass(frozen=True)
class Table:
    """One table that imports fill; `row` is the value of a row, whose first `key_length` fields are its key."""

    name: str
    row: Any
    key_length: int = 2
    children: tuple[Child, ...] = ()  # its last fields, which stand in tables of their own

    @property
    def id_column(self) -> str:
        return str(self.row._fields[self.key_length - 1])

    @property
    def columns(self) -> tuple[str, ...]:
        fields: tuple[str, ...] = self.row._fields
        return fields[: len(fields) - len(self.children)]


TABLES = {
    "clinics": Table("clinic", ClinicRow, 1),
    "types": Table("type", TypeRow),
    "patients": Table("patient", PatientRow),
    "appointments": Table("appointment", AppointmentRow, children=CHILDREN),
    "dialogs": Table("dialog", DialogRow),
    "receipts": Table("receipt", ReceiptRow),
    "external": Table("external", ExternalRow),
}


CONTACTS = Table("patient_contact", PatientRow)


def is_empty(connection: Connection, table: Table) -> bool:
    return connection.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchone() is None


def hashes(connection: Connection, table: Table, keys: Iterable[Key]) -> dict[Key, tuple[int | None, int]]:
    """Of each key that is stored (and perhaps of others) row_hash, and of an appointment its newest stamp, else 0."""
    keys = list(keys)
    hold_clinics(connection, keys)
    fields = f"t.row_hash, {NEWEST_STAMP if table.row is AppointmentRow else '0'}"
    known: dict[Key, tuple[int | None, int]] = {}
    for clinic, ids in _ids_by_clinic(keys).items():
        rows = _from_first_to_last(connection, table, clinic, ids, fields)
        known |= {(*clinic, id_): (row_hash, stamp) for id_, row_hash, stamp in rows}
    return known


def stored(connection: Connection, table: Table, keys: Iterable[Key]) -> dict[Key, Any]:
    """The stored row of each key that is stored; an appointment as fresh as its import makes it."""
    fields = ", ".join(FRESH_AT if field == "fresh_at" else f"t.{field}" for field in table.columns)
    rows = (table.row(*row) for _, _, *row in _by_key(connection, table, keys, fields))
    return {row[: table.key_length]: row for row in _with_children(connection, table, rows)}


def _with_children(connection: Connection, table: Table, rows: Iterable[Any]) -> Iterable[Any]:
    return with_children(connection, rows) if table.children else rows


NEWEST_STAMP = greatest("coalesce(t.booked_at, 0)", "coalesce(t.changed_at, 0)", "coalesce(t.cancelled_at, 0)")
FRESH_AT = greatest(
    "t.fresh_at",
    "coalesce((SELECT s.newest_at FROM import_stamp s"
    " WHERE s.import_id = t.fresh_import AND s.clinic_id = t.clinic_id), 0)",
)


def _ids_by_clinic(keys: Iterable[Key]) -> dict[Key, list[str]]:
    ids: dict[Key, list[str]] = {}
    for key in keys:
        ids.setdefault(key[:-1], []).append(key[-1])
    return ids


def _from_first_to_last(
    connection: Connection, table: Table, clinic: Key, ids: Sequence[str], fields: str
) -> Iterable[tuple[Any, ...]]:
    """Exports come in the order of their ids mostly: to read on takes half the time of looking up one by one."""
    in_clinic = "t.clinic_id = ? AND" if clinic else ""
    where = f"FROM {table.name} t WHERE {in_clinic} t.{table.id_column} BETWEEN ? AND ?"
    between = (*clinic, min(ids), max(ids))
    if connection.execute(f"SELECT 1 {where} LIMIT 1 OFFSET ?", (*between, 2 * len(ids))).fetchone():
        return _of_clinic(connection, table, clinic, ids, fields)
    return connection.execute(f"SELECT t.{table.id_column}, {fields} {where}", between).fetchall()


def _by_key(connection: Connection, table: Table, keys: Iterable[Key], fields: str) -> Iterable[tuple[Any, ...]]:
    for clinic, ids in _ids_by_clinic(keys).items():
        for id_, *row in _of_clinic(connection, table, clinic, ids, fields):
            yield clinic, id_, *row


def _of_clinic(
    connection: Connection, table: Table, clinic: Key, ids: Iterable[str], fields: str
) -> Iterable[tuple[Any, ...]]:
    in_clinic = "t.clinic_id = ? AND" if clinic else ""
    sql = (
        f"SELECT j.value, {fields} FROM {each('?')} {THEN_LOOKED_UP_IN} {table.name} t"
        f" ON {in_clinic} t.{table.id_column} = j.value"
    )
    return connection.execute(sql, (as_list(ids), *clinic)).fetchall()


def newest_stamp(connection: Connection, import_id: int, clinic_id: str) -> int:
    """The newest stamp among a clinic's rows of an import; 0 where there is none."""
    sql = "SELECT newest_at FROM import_stamp WHERE import_id = ? AND clinic_id = ?"
    row = connection.execute(sql, (import_id, clinic_id)).fetchone()
    return int(row[0]) if row else 0


def note_newest_stamps(connection: Connection, import_id: int, newest: Mapping[str, int]) -> None:
    sql = "INSERT INTO import_stamp (import_id, clinic_id, newest_at) VALUES (?, ?, ?)"
    connection.executemany(sql, [(import_id, clinic_id, at) for clinic_id, at in newest.items()])


def hold_clinics(connection: Connection, keys: Iterable[Key]) -> None:
    """Nobody else decides or imports anything of these clinics until the import's transaction ends."""
    connection.hold({of_clinic(clinic_id) for clinic_id in {key[0] for key in keys}})


class SomeAreStored(NotifyError):
    """Of rows that were said to be new."""


def write_new(connection: Connection, table: Table, fields: Mapping[str, Sequence[Any]]) -> None:
    """Inserts rows, which are given by field. Raises SomeAreStored, with the others written, where some are."""
    keys = list(zip(*(fields[field] for field in table.columns[: table.key_length]), strict=True))
    hold_clinics(connection, keys)
    inserted = connection.insert_new(table.name, table.columns, [fields[column] for column in table.columns])
    if inserted < len(keys):
        raise SomeAreStored
    for child in table.children:
        children = fields[child.field]
        new = [
            (*key, number, *cells)
            for key, of_row in zip(compress(keys, children), filter(None, children), strict=True)
            for number, cells in enumerate(of_row)
        ]
        connection.insert_new(child.name, fields_of(child), list(zip(*new, strict=True)))


def by_field(table: Table, rows: Sequence[ImportedRow]) -> dict[str, Sequence[Any]]:
    """Rows as `write_new` takes them."""
    return dict(zip(table.row._fields, zip(*rows, strict=True), strict=True))


def replace(connection: Connection, table: Table, rows: Sequence[Any], stored: Mapping[Key, Any]) -> None:
    """Puts rows in the place of those that are stored."""
    fields = table.columns
    marks = ", ".join("?" * len(fields))
    keys = ", ".join(fields[: table.key_length])
    values = ", ".join(f"{field} = excluded.{field}" for field in fields[table.key_length :])
    connection.executemany(
        f"INSERT INTO {table.name} ({', '.join(fields)}) VALUES ({marks}) ON CONFLICT ({keys}) DO UPDATE SET {values}",
        [row[: len(fields)] for row in rows],
    )
    if table.children:
        replace_children(connection, rows, stored)


def remember_before(connection: Connection, table: Table, rows: Iterable[ImportedRow]) -> None:
    """Keeps rows as they stood before this import, for the case that the same key comes again in the file."""
    make_room_for_what_was_before(connection, table)
    columns = table.columns
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {BEFORE_IMPORT} VALUES ({marks}) ON CONFLICT DO NOTHING"
    connection.executemany(sql, (row[: len(columns)] for row in rows))


def before_import(connection: Connection, table: Table, key: Key, import_id: int) -> Any:
    """The row as it stood before this import; None where this import made it."""
    make_room_for_what_was_before(connection, table)
    where = " AND ".join(f"{field} = ?" for field in table.columns[: table.key_length])
    row = connection.execute(f"SELECT * FROM {BEFORE_IMPORT} WHERE {where}", key).fetchone()
    if row is None:
        return None
    [before] = _with_children(connection, table, [table.row(*row)])
    return without_what_came_by(import_id, before) if table.children else before


def forget_before(connection: Connection) -> None:
    connection.drop_scratch("before_import")


def make_room_for_what_was_before(connection: Connection, table: Table) -> None:
    connection.make_scratch("before_import", table.name, table.columns, table.columns[: table.key_length])


def clinics(connection: Connection) -> dict[str, tuple[str, str]]:
    """Time zone and country of each clinic."""
    return {row[0]: (row[1], row[2]) for row in connection.execute("SELECT clinic_id, timezone, country FROM clinic")}


def known_types(connection: Connection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT clinic_id, type_id FROM type"))


def reach_of_patients(connection: Connection, clinic_id: str, patients: Iterable[str]) -> dict[str, str | None]:
    """Of a clinic's patients that are known: None where a notice can reach them, else `no_consent` or `no_contact`."""
    rows = _of_clinic(connection, CONTACTS, (clinic_id,), patients, CONTACT_FACTS)
    return {patient: _why_out_of_reach(*facts) for patient, *facts in rows}


def reach_of_all_patients(connection: Connection, clinic_id: str, at_most: int) -> dict[str, str | None]:
    """The same of all of a clinic's patients, or of so many."""
    sql = f"SELECT patient_id, {CONTACT_FACTS} FROM {CONTACTS.name} t WHERE clinic_id = ? LIMIT ?"
    rows = connection.execute(sql, (clinic_id, at_most)).fetchall()
    return {patient: _why_out_of_reach(*facts) for patient, *facts in rows}


CONTACT_FACTS = (
    "t.consent, t.email IS NOT NULL AND t.email_gone IS NULL, t.mobile_gets_sms = 1 AND t.mobile_gone IS NULL"
)


@cache
def _why_out_of_reach(consent: int, email: int, sms: int) -> str | None:
    possible: dict[Channel, int] = {"email": email, "sms": sms}
    return why_out_of_reach(
        bool(consent), frozenset(channel for channel, is_possible in possible.items() if is_possible)
    )


def reach_of(connection: Connection, patients: Iterable[Key]) -> dict[Key, str | None]:
    """The same of patients of several clinics."""
    ids: dict[str, list[str]] = {}
    for clinic_id, patient_id in patients:
        ids.setdefault(clinic_id, []).append(patient_id)
    return {
        (clinic_id, patient): reason
        for clinic_id, of_clinic in ids.items()
        for patient, reason in reach_of_patients(connection, clinic_id, of_clinic).items()
    }


def identity_of(connection: Connection, clinic_id: str, patient_id: str) -> Identity | None:
    """What tells whether a patient is another one under another id; None where the clinic has told of none."""
    sql = "SELECT given_name, email, mobile FROM patient WHERE clinic_id = ? AND patient_id = ?"
    row = connection.execute(sql, (clinic_id, patient_id)).fetchone()
    if row is None:
        return None
    written_to = (
        "SELECT DISTINCT d.address FROM notice n JOIN delivery d ON d.notice_id = n.id"
        " WHERE n.clinic_id = ? AND n.patient_id = ? AND d.address IS NOT NULL AND d.channel <> 'push'"
    )
    addresses = {address for (address,) in connection.execute(written_to, (clinic_id, patient_id))}
    return Identity(row[0], {address for address in row[1:] if address}, addresses)


def give_to(connection: Connection, clinic_id: str, appointment_id: str, old: str, new: str) -> None:
    """What is planned for a patient goes on for the same person under another id (SPEC section 3); what went out stays
    as it was."""
    connection.execute(
        "UPDATE notice SET patient_id = :new WHERE clinic_id = :clinic AND subject = 'appointment'"
        " AND subject_id = :id AND patient_id = :old AND (skip_reason = 'no_contact' OR EXISTS"
        " (SELECT 1 FROM delivery d WHERE d.notice_id = notice.id AND d.status = 'queued'))",
        {"clinic": clinic_id, "id": appointment_id, "old": old, "new": new},
    )


def with_something_to_come(connection: Connection, patients: Iterable[Key], now: int) -> set[Key]:
    """Those of the patients who have a booked appointment in the future, or a dialog that is not yet told of."""
    asked_for = set(patients)
    appointments = (
        f"SELECT j.clinic_id, j.patient_id FROM {each_pair('?', 'clinic_id', 'patient_id')}"
        " WHERE EXISTS (SELECT 1 FROM appointment a"
        " WHERE a.clinic_id = j.clinic_id AND a.patient_id = j.patient_id AND a.status = 'booked' AND a.starts_at > ?)"
    )
    dialogs = "SELECT clinic_id, patient_id FROM dialog WHERE next_check_at IS NOT NULL"
    with_appointments = set(connection.execute(appointments, (as_list(asked_for), now)))
    return with_appointments | (asked_for & set(connection.execute(dialogs)))


def future_appointments(connection: Connection, clinic_id: str, now: int) -> int:
    sql = "SELECT count(*) FROM appointment WHERE clinic_id = ? AND status = 'booked' AND starts_at > ?"
    return int(connection.execute(sql, (clinic_id, now)).fetchone()[0])


def count_appointments(connection: Connection, clinic_id: str) -> int:
    return int(connection.execute("SELECT count(*) FROM appointment WHERE clinic_id = ?", (clinic_id,)).fetchone()[0])


def read_rows_again(connection: Connection, clinic_id: str) -> None:
    """A clinic's zone or country is another: its files mean something else now, even where they are the same."""
    for table in TABLES.values():
        connection.execute(f"UPDATE {table.name} SET row_hash = NULL WHERE clinic_id = ?", (clinic_id,))


def wake_who_waited(connection: Connection, patients: Iterable[Key]) -> None:
    """Subjects that waited for these patients are looked at by the next run (R16)."""
    known = list(patients)
    for name in SUBJECT_KINDS:
        if connection.execute(f"SELECT 1 FROM {name} WHERE waits_for_patient = 1 LIMIT 1").fetchone():
            connection.executemany(
                f"UPDATE {name} SET next_check_at = 0, waits_for_patient = 0"
                " WHERE waits_for_patient = 1 AND clinic_id = ? AND patient_id = ?",
                known,
            )


def count_without_word_of_consent(connection: Connection, import_id: int) -> int:
    """Patients of an import of whom neither a file nor staff have ever said whether they consent."""
    sql = "SELECT count(*) FROM patient WHERE import_id = ? AND imported_consent IS NULL AND consent = 0"
    return int(connection.execute(sql, (import_id,)).fetchone()[0])


def subjects_of_import(connection: Connection, kind: str, import_id: int) -> Iterable[tuple[str, str]]:
    table = TABLES[kind]
    sql = f"SELECT clinic_id, {table.id_column} FROM {table.name} WHERE import_id = ?"
    return connection.execute(sql, (import_id,)).fetchall()
