"""What a run looks at: appointments, dialogs and receipts, by the moment at which something about them may be due.

Decides nothing. `next_check_at` is the wake-up index (DESIGN, idea 2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from notifycli.store.dialect import THEN_LOOKED_UP_IN, by_index, nobody_else_writes_of
from notifycli.store.engine import Connection
from notifycli.store.facts import Subject

GOING_OUT = (
    "EXISTS (SELECT 1 FROM notice n JOIN delivery d ON d.notice_id = n.id WHERE n.clinic_id = {subject}.clinic_id"
    " AND n.subject = '{subject}' AND n.subject_id = {subject}.{id}"
    " AND (d.status = 'sending' OR d.status = 'queued' AND d.next_attempt_at <= :now))"
)
ID_COLUMNS = {"appointment": "appointment_id", "dialog": "dialog_id", "receipt": "receipt_id"}
DETAILS = {
    "appointment": (
        "type_id starts_at ends_at status booked_at booked_by changed_at cancelled_at cancelled_by location source"
    ),
    "dialog": "kind sent_at",
    "receipt": "status paid_at",
}


class Waiting(NamedTuple):
    """A subject whose moment of attention has come."""

    next_check_at: int
    subject: Subject


@dataclass(frozen=True)
class WhoseSubjects:
    """Of which clinic and patient something is asked for; None: of all."""

    clinic: str | None = None
    patient: str | None = None


EVERYONES = WhoseSubjects()
OF_CLINICS = "clinic_id IN (SELECT clinic_id FROM clinic WHERE :whose_clinic IS NULL OR clinic_id = :whose_clinic)"
# Subjects of a patient that are to be looked at. The index is named, since SQLite would read all of a clinic.
KEYS = f"SELECT clinic_id, {{id}} FROM {{subject}} {{by_index}} WHERE {OF_CLINICS} AND patient_id = :whose_patient"
COMING_KEYS = {
    "appointment": (
        KEYS.format(subject="appointment", id="appointment_id", by_index=by_index("appointment_of_patient"))
        + " AND status = 'booked' UNION "
        + KEYS.format(subject="appointment", id="appointment_id", by_index=by_index("appointment_comes_unbooked"))
        + " AND next_check_at IS NOT NULL AND status <> 'booked'"
    ),
    "dialog": KEYS.format(subject="dialog", id="dialog_id", by_index=by_index("dialog_attention"))
    + " AND next_check_at IS NOT NULL",
    "receipt": KEYS.format(subject="receipt", id="receipt_id", by_index=by_index("receipt_attention"))
    + " AND next_check_at IS NOT NULL",
}
# and those of which a notice is or was theirs
OF_PATIENT = (
    f"({{keys}} UNION SELECT clinic_id, subject_id FROM notice WHERE {OF_CLINICS} AND patient_id = :whose_patient"
    f" AND subject = '{{subject}}') theirs {THEN_LOOKED_UP_IN} {{subject}} USING (clinic_id, {{id}})"
)


def subjects_to_write_of(connection: Connection, now: int, most: int) -> list[Waiting]:
    """Subjects for a run to look at, the longest waiting first, at most so many.

    One of which a message is just going out waits: what it says may cover the next (R19). So does one of a clinic of
    which another process writes just now.
    """
    conditions = ["NOT " + GOING_OUT, nobody_else_writes_of("{subject}.clinic_id")]
    return _waiting(connection, conditions, {"now": now, "most": most})


def subjects_waiting(
    connection: Connection, until: int, most: int, after: Waiting | None = None, whose: WhoseSubjects = EVERYONES
) -> list[Waiting]:
    """All subjects to be looked at up to `until`, in that order; `after` goes on behind one already seen."""
    values: dict[str, object] = {"now": until, "most": most}
    values |= {"whose_clinic": whose.clinic, "whose_patient": whose.patient}
    conditions = ["clinic_id = :whose_clinic"] if whose.clinic is not None else []
    if after is not None:
        conditions.append("(next_check_at, '{subject}', clinic_id, {id}) > (:at, :subject, :clinic, :id)")
        values |= {"at": after.next_check_at, "subject": after.subject.subject}
        values |= {"clinic": after.subject.clinic_id, "id": after.subject.subject_id}
    return _waiting(connection, conditions, values, "{subject}" if whose.patient is None else OF_PATIENT)


def _waiting(
    connection: Connection, conditions: Sequence[str], values: dict[str, object], source: str = "{subject}"
) -> list[Waiting]:
    select = f"FROM {source} WHERE {' AND '.join(['next_check_at <= :now', *conditions])}"
    parts = [
        f"SELECT next_check_at, '{subject}' AS subject, clinic_id, {id_column} AS id"
        f" {select.format(subject=subject, id=id_column, keys=COMING_KEYS[subject])}"
        for subject, id_column in ID_COLUMNS.items()
    ]
    sql = f"{' UNION ALL '.join(parts)} ORDER BY 1, 2, 3, 4 LIMIT :most"
    return [Waiting(at, Subject(*which)) for at, *which in connection.execute(sql, values)]


def subjects_without_patient(connection: Connection, clinic: str | None) -> list[Subject]:
    """Subjects of which a notice waits for a patient who is not known yet (R16), of one clinic or all."""
    of_clinic = " AND clinic_id = :clinic" if clinic is not None else ""
    parts = [
        f"SELECT '{subject}', clinic_id, {id_column} FROM {subject} WHERE waits_for_patient = 1{of_clinic}"
        for subject, id_column in ID_COLUMNS.items()
    ]
    return [Subject(*row) for row in connection.execute(" UNION ALL ".join(parts), {"clinic": clinic})]


def count_waiting(connection: Connection, now: int) -> int:
    parts = " + ".join(f"(SELECT count(*) FROM {subject} WHERE next_check_at <= :now)" for subject in ID_COLUMNS)
    return int(connection.execute(f"SELECT {parts}", {"now": now}).fetchone()[0])


class NextCheck(NamedTuple):
    """When a subject is to be looked at again; None: never. `waits_for_patient`: for one that is not known yet."""

    which: Subject
    next_check_at: int | None
    waits_for_patient: bool


def set_next_checks(connection: Connection, checks: Iterable[NextCheck]) -> None:
    of_kinds: dict[str, list[tuple[object, ...]]] = {}
    for which, at, waits in checks:
        of_kinds.setdefault(which.subject, []).append((at, int(waits), which.clinic_id, which.subject_id))
    for subject, values in of_kinds.items():
        where = f"clinic_id = ? AND {ID_COLUMNS[subject]} = ?"
        connection.executemany(f"UPDATE {subject} SET next_check_at = ?, waits_for_patient = ? WHERE {where}", values)


def details_of(connection: Connection, which: Subject) -> dict[str, Any]:
    """A subject's columns as stored; its times are UTC epoch seconds."""
    columns = DETAILS[which.subject].split()
    cells = ["nullif(type_id, '')" if column == "type_id" else column for column in columns]
    sql = f"SELECT {', '.join(cells)} FROM {which.subject} WHERE clinic_id = ? AND {ID_COLUMNS[which.subject]} = ?"
    row = connection.execute(sql, (which.clinic_id, which.subject_id)).fetchone()
    return dict(zip(columns, row, strict=True)) if row else {}
