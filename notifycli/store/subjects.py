"""What a run looks at: appointments, dialogs and receipts, by the moment at which something about them may be due.

Decides nothing. `next_check_at` is the wake-up index (DESIGN, idea 2).
"""

from typing import Any, NamedTuple

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


def subjects_to_write_of(connection: Connection, now: int, most: int) -> list[Waiting]:
    """Subjects for a run to look at, the longest waiting first, at most so many.

    One of which a message is just going out waits: what it says may cover the next (R19).
    """
    return _waiting(connection, "AND NOT " + GOING_OUT, {"now": now, "most": most})


def subjects_waiting(
    connection: Connection, until: int, most: int, after: Waiting | None = None, clinic: str | None = None
) -> list[Waiting]:
    """All subjects (of one clinic) to be looked at up to `until`, in that order; `after` goes on behind one seen."""
    values: dict[str, object] = {"now": until, "most": most, "only": clinic}
    of_clinic = "" if clinic is None else "AND clinic_id = :only "
    if after is None:
        return _waiting(connection, of_clinic, values)
    values |= {"at": after.next_check_at, "subject": after.subject.subject}
    values |= {"clinic": after.subject.clinic_id, "id": after.subject.subject_id}
    further = "AND (next_check_at, '{subject}', clinic_id, {id}) > (:at, :subject, :clinic, :id)"
    return _waiting(connection, of_clinic + further, values)


def _waiting(connection: Connection, condition: str, values: dict[str, object]) -> list[Waiting]:
    parts = [
        f"SELECT next_check_at, '{subject}' AS subject, clinic_id, {id_column} AS id FROM {subject}"
        f" WHERE next_check_at <= :now {condition.format(subject=subject, id=id_column)}"
        for subject, id_column in ID_COLUMNS.items()
    ]
    sql = f"{' UNION ALL '.join(parts)} ORDER BY 1, 2, 3, 4 LIMIT :most"
    return [Waiting(at, Subject(*which)) for at, *which in connection.execute(sql, values)]


def subjects_without_patient(connection: Connection) -> list[Subject]:
    """Subjects of which a notice waits for a patient who is not known yet (R16)."""
    parts = [
        f"SELECT '{subject}', clinic_id, {id_column} FROM {subject} WHERE waits_for_patient = 1"
        for subject, id_column in ID_COLUMNS.items()
    ]
    return [Subject(*row) for row in connection.execute(" UNION ALL ".join(parts))]


def count_waiting(connection: Connection, now: int) -> int:
    parts = " + ".join(f"(SELECT count(*) FROM {subject} WHERE next_check_at <= :now)" for subject in ID_COLUMNS)
    return int(connection.execute(f"SELECT {parts}", {"now": now}).fetchone()[0])


def set_next_check(connection: Connection, which: Subject, next_check_at: int | None, waits_for_patient: bool) -> None:
    connection.execute(
        f"UPDATE {which.subject} SET next_check_at = ?, waits_for_patient = ?"
        f" WHERE clinic_id = ? AND {ID_COLUMNS[which.subject]} = ?",
        (next_check_at, int(waits_for_patient), which.clinic_id, which.subject_id),
    )


def details_of(connection: Connection, which: Subject) -> dict[str, Any]:
    """A subject's columns as stored; its times are UTC epoch seconds."""
    columns = DETAILS[which.subject].split()
    cells = ["nullif(type_id, '')" if column == "type_id" else column for column in columns]
    sql = f"SELECT {', '.join(cells)} FROM {which.subject} WHERE clinic_id = ? AND {ID_COLUMNS[which.subject]} = ?"
    row = connection.execute(sql, (which.clinic_id, which.subject_id)).fetchone()
    return dict(zip(columns, row, strict=True)) if row else {}
