"""Patients: what is known of one, what staff set by hand, and whom a notice can reach."""

from collections.abc import Iterator
from typing import Any

from notifycli.domain.words import Channel
from notifycli.store import audit, finding, suppression_list
from notifycli.store.dialect import THEN_LOOKED_UP_IN
from notifycli.store.engine import Connection, of_clinic, writing
from notifycli.store.facts import Policy, Subject
from notifycli.store.history import ACTIVE_USER
from notifycli.store.reopening import reopen_for
from notifycli.store.subjects import ID_COLUMNS

CHANNEL_OF_PLACE: dict[str, Channel] = {"email": "email", "mobile": "sms"}
STAFF_SAID_NO = -1  # in place of what no file has said
PLACES = ("email", "mobile", "mobile_gets_sms", "consent", "preferred_method")


def set_patient(
    connection: Connection, policy: Policy, clinic_id: str, patient_id: str, values: dict[str, Any], now: int, by: str
) -> None:
    """`values` by PLACES, clean. An import overwrites them only where its cell differs from what was last imported.

    An address that is set counts as possible again, although it was gone: whoever sets it knows.
    """
    assert values.keys() <= set(PLACES)
    assignments = ", ".join(f"{place} = :{place}" for place in values)
    if values.get("consent") is False:
        assignments += f", imported_consent = coalesce(imported_consent, {STAFF_SAID_NO})"
    sql = f"UPDATE patient SET {assignments} WHERE clinic_id = :clinic_id AND patient_id = :patient_id"
    with writing(connection, alone=of_clinic(clinic_id)):
        connection.execute(sql, values | {"clinic_id": clinic_id, "patient_id": patient_id})
        if values.keys() & {"email", "mobile"}:
            finding.note(connection, [(clinic_id, patient_id)])
        for place in values.keys() & CHANNEL_OF_PLACE.keys():
            suppression_list.forget(connection, clinic_id, patient_id, CHANNEL_OF_PLACE[place])
        if values.get("email") or values.get("mobile_gets_sms"):
            reopen_for(connection, policy, [(clinic_id, patient_id)], now)
        audit.note(connection, now, by, _as_action(clinic_id, patient_id, values))


def _as_action(clinic_id: str, patient_id: str, values: dict[str, Any]) -> audit.Action:
    """Without the addresses themselves: who did what outlives them."""
    words = {
        "email": "e-mail " + ("set" if values.get("email") else "removed"),
        "mobile": "mobile " + ("set" if values.get("mobile") else "removed"),
        "consent": "consent " + ("yes" if values.get("consent") else "no"),
        "preferred_method": f"method {values.get('preferred_method') or 'default'}",
    }
    places = [place for place in words if place in values]
    detail = ", ".join(words[place] for place in places)
    return audit.Action("patient set", "patient", " ".join(places), detail, clinic_id, patient_id)


def patient(connection: Connection, clinic_id: str, patient_id: str) -> dict[str, Any] | None:
    """Everything that is known of a patient; instants are UTC epoch seconds. `imported_at`: of the import that last
    touched them."""
    rows = connection.named(
        "SELECT clinic_id AS clinic, patient_id AS patient, given_name, family_name, email, mobile, mobile_gets_sms,"
        " push_token, push_allowed, language, consent, preferred_method, last_login_at, known_since,"
        " imported_email, imported_mobile, imported_consent, imported_method, import_id,"
        " (SELECT i.at FROM import i WHERE i.id = import_id) AS imported_at FROM patient"
        " WHERE clinic_id = ? AND patient_id = ?",
        (clinic_id, patient_id),
    )
    return rows[0] if rows else None


def suppressed_addresses(connection: Connection, clinic_id: str, patient_id: str) -> list[dict[str, Any]]:
    """A patient's addresses that are no more, as long as they are theirs: channel, address, reason, at."""
    return connection.named(
        "SELECT s.channel, s.address, s.reason, s.at FROM suppressed_address s"
        " JOIN patient p USING (clinic_id, patient_id) WHERE clinic_id = ? AND patient_id = ?"
        " AND s.address IN (p.email, p.mobile, p.push_token) ORDER BY s.channel",
        (clinic_id, patient_id),
    )


def appointments_of(connection: Connection, clinic_id: str, patient_id: str, now: int) -> list[str]:
    """Ids of a patient's appointments that are booked or have a notice: the next first, the past ones last."""
    sql = (
        "WITH theirs (id) AS (SELECT appointment_id FROM appointment"
        " WHERE clinic_id = :clinic AND patient_id = :patient AND status = 'booked'"
        " UNION SELECT subject_id FROM notice"
        " WHERE clinic_id = :clinic AND patient_id = :patient AND subject = 'appointment')"
        f" SELECT appointment_id FROM theirs {THEN_LOOKED_UP_IN} appointment"
        " ON clinic_id = :clinic AND appointment_id = theirs.id"
        " WHERE patient_id = :patient ORDER BY starts_at < :now, abs(starts_at - :now)"
    )
    values = {"clinic": clinic_id, "patient": patient_id, "now": now}
    return [row[0] for row in connection.execute(sql, values)]


def is_active_user(connection: Connection, clinic_id: str, patient_id: str) -> bool:
    sql = f"SELECT 1 FROM patient p WHERE p.clinic_id = ? AND p.patient_id = ? AND {ACTIVE_USER}"
    return connection.execute(sql, (clinic_id, patient_id)).fetchone() is not None


def subjects_of_patient(connection: Connection, clinic_id: str, patient_id: str) -> list[tuple[Subject, int]]:
    """What is about a patient, or made a notice for them, each with its own time (UTC epoch seconds, 0 for none)."""
    own_times = {
        "appointment": "coalesce(w.booked_at, w.starts_at)",
        "dialog": "w.sent_at",
        "receipt": "coalesce(w.paid_at, 0)",
    }
    subjects: list[tuple[Subject, int]] = []
    for subject, id_column in ID_COLUMNS.items():
        rows = connection.execute(
            f"SELECT w.{id_column}, {own_times[subject]} FROM {subject} w WHERE w.clinic_id = :clinic"
            f" AND (w.patient_id = :patient OR w.{id_column} IN (SELECT n.subject_id FROM notice n"
            f" WHERE n.clinic_id = :clinic AND n.patient_id = :patient AND n.subject = '{subject}'))",
            {"clinic": clinic_id, "patient": patient_id},
        )
        subjects += [(Subject(subject, clinic_id, subject_id), at) for subject_id, at in rows]
    return subjects


def externals_of_patient(connection: Connection, clinic_id: str, patient_id: str) -> list[tuple[str, dict[str, Any]]]:
    """What others sent to a patient, as stored, by its id."""
    columns = ("sender", "event", "channel", "sent_at", "status")
    sql = f"SELECT external_id, {', '.join(columns)} FROM external WHERE clinic_id = ? AND patient_id = ?"
    rows = connection.execute(sql, (clinic_id, patient_id))
    return [(external_id, dict(zip(columns, cells, strict=True))) for external_id, *cells in rows]


def patients_to_check(
    connection: Connection, clinic: str | None, patient: str | None, now: int
) -> Iterator[dict[str, Any]]:
    """Patients with what decides whether a notice can reach them, and how many appointments they have to come."""
    conditions = ["true"]
    conditions += ["p.clinic_id = :clinic"] if clinic is not None else []
    conditions += ["p.patient_id = :patient"] if patient is not None else []
    sql = (
        "SELECT p.clinic_id AS clinic, p.patient_id AS patient, p.consent, p.email, p.mobile_gets_sms, p.push_token,"
        " p.email_gone, p.mobile_gone, p.push_gone,"
        f" p.push_allowed, p.preferred_method, {ACTIVE_USER} AS active_user, coalesce(a.upcoming, 0) AS upcoming"
        " FROM patient_contact p LEFT JOIN (SELECT clinic_id, patient_id, count(*) AS upcoming FROM appointment"
        " WHERE status = 'booked' AND starts_at > :now"
        f"{' AND clinic_id = :clinic' if clinic is not None else ''}"
        f"{' AND patient_id = :patient' if patient is not None else ''} GROUP BY clinic_id, patient_id) a"
        " ON a.clinic_id = p.clinic_id AND a.patient_id = p.patient_id"
        f" WHERE {' AND '.join(f'({condition})' for condition in conditions)} ORDER BY p.clinic_id, p.patient_id"
    )
    cursor = connection.execute(sql, {"clinic": clinic, "patient": patient, "now": now})
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
