"""Which subjects an import may have to do with, so that what it would change is known without looking at all of them.

Asked within the transaction of the import, and again without it. Reads only; decides nothing.
"""

from dataclasses import dataclass

from notifycli.store.dialect import as_list, each_pair
from notifycli.store.engine import Connection
from notifycli.store.facts import Subject
from notifycli.store.subjects import ID_COLUMNS


@dataclass(frozen=True)
class Touched:
    """`subjects`: those of patients whom an import has touched. `clinics`: of which it may have touched all."""

    subjects: frozenset[Subject] = frozenset()
    clinics: frozenset[str] = frozenset()


def touched_since(connection: Connection, first_import: int) -> Touched:
    """By that import and those after it, within their transaction.

    All that is a touched patient's counts, since a cancellation asks what else they have booked (R12); and of a clinic
    whose own facts or switches are others, everything.
    """
    values = {"first": first_import}
    of_clinics = (
        "SELECT clinic_id FROM clinic WHERE import_id >= :first"
        " UNION SELECT clinic_id FROM switch_turn WHERE import_id >= :first"
    )
    of_patients = [
        "SELECT clinic_id, patient_id FROM patient WHERE import_id >= :first",
        *(f"SELECT clinic_id, patient_id FROM {subject} WHERE import_id >= :first" for subject in ID_COLUMNS),
        "SELECT clinic_id, from_patient_id FROM appointment_event"
        " WHERE import_id >= :first AND from_patient_id IS NOT NULL",
    ]
    clinics = frozenset(row[0] for row in connection.execute(of_clinics, values))
    patients = connection.execute(" UNION ".join(of_patients), values).fetchall()
    return Touched(subjects_of(connection, patients), clinics)


def subjects_held(connection: Connection) -> frozenset[Subject]:
    """Appointments that a stopped import would cancel or move, and what else is of their patients."""
    of_appointment = "a.clinic_id = h.clinic_id AND a.appointment_id = h.appointment_id"
    sql = f"SELECT DISTINCT a.clinic_id, a.patient_id FROM held h JOIN appointment a ON {of_appointment}"
    return subjects_of(connection, connection.execute(sql).fetchall())


def subjects_of(connection: Connection, patients: list[tuple[str, str]]) -> frozenset[Subject]:
    """Whatever is of these patients, or made a notice for them; each a clinic and a patient of it."""
    pairs = each_pair(":patients", "clinic_id", "patient_id")
    of_pairs = f"(clinic_id, patient_id) IN (SELECT clinic_id, patient_id FROM {pairs})"
    parts = [
        f"SELECT '{subject}', clinic_id, {column} FROM {subject} WHERE {of_pairs}"
        for subject, column in ID_COLUMNS.items()
    ]
    parts.append(f"SELECT subject, clinic_id, subject_id FROM notice WHERE {of_pairs}")
    rows = connection.execute(" UNION ".join(parts), {"patients": as_list(patients)})
    return frozenset(Subject(*row) for row in rows)
