"""Which appointments may want a telephone call, and the names of those to be phoned. Decides nothing of who or why."""

from collections.abc import Iterable

from notifycli.store.dialect import THEN_LOOKED_UP_IN, as_list, each_pair
from notifycli.store.engine import Connection
from notifycli.store.facts import Subject

# Of a notice that reached nobody; a later one may have, which is not asked here.
UNREACHED = (
    "SELECT id AS notice_id FROM notice WHERE skip_reason = 'no_contact'"
    " UNION SELECT notice_id FROM delivery WHERE status = 'failed'"
    " UNION SELECT notice_id FROM delivery WHERE status = 'uncertain'"
    " UNION SELECT notice_id FROM delivery WHERE reason = 'no_contact'"
)
# A cancellation gives what was last told, which may be later than what was cancelled.
IS_TO_COME = (
    "(a.starts_at > :now OR EXISTS (SELECT 1 FROM notice o JOIN delivery d ON d.notice_id = o.id"
    " WHERE o.clinic_id = a.clinic_id AND o.subject = 'appointment' AND o.subject_id = a.appointment_id"
    " AND d.told_starts_at > :now))"
)
NOT_REACHED = (
    f"SELECT a.clinic_id, a.appointment_id FROM ({UNREACHED}) u {THEN_LOOKED_UP_IN} notice n ON n.id = u.notice_id"
    f" {THEN_LOOKED_UP_IN} appointment a ON a.clinic_id = n.clinic_id AND a.appointment_id = n.subject_id"
    " WHERE n.subject = 'appointment' AND (:clinic IS NULL OR n.clinic_id = :clinic) AND " + IS_TO_COME
)
GIVEN_AWAY = (
    f"SELECT a.clinic_id, a.appointment_id FROM appointment_event e {THEN_LOOKED_UP_IN} appointment a"
    " ON a.clinic_id = e.clinic_id AND a.appointment_id = e.appointment_id"
    " WHERE e.kind = 'takeover' AND (:clinic IS NULL OR e.clinic_id = :clinic) AND " + IS_TO_COME
)


def appointments_to_look_at(connection: Connection, clinic: str | None, now: int) -> list[Subject]:
    """Of one clinic or all: whose notice reached nobody, or who were given to another, and are still to come."""
    rows = connection.execute(f"{NOT_REACHED} UNION {GIVEN_AWAY}", {"clinic": clinic, "now": now})
    return [Subject("appointment", clinic_id, appointment_id) for clinic_id, appointment_id in rows]


def names_of(connection: Connection, patients: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """By (clinic_id, patient_id)."""
    sql = (
        "SELECT p.clinic_id, p.patient_id, trim(p.given_name || ' ' || p.family_name)"
        f" FROM {each_pair('?', 'clinic_id', 'patient_id')} {THEN_LOOKED_UP_IN} patient p"
        " ON p.clinic_id = j.clinic_id AND p.patient_id = j.patient_id"
    )
    rows = connection.execute(sql, (as_list(patients),))
    return {(clinic_id, patient_id): name for clinic_id, patient_id, name in rows}
