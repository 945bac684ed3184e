"""Takes messages, addresses and names out of what is old; counts and codes stay, and the chain stands.

Knows no files beside the database. Source: SPEC section 8, notify purge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from notifycli.store import finding
from notifycli.store.chain_salts import take_salts_of
from notifycli.store.dialect import among_numbers, as_list
from notifycli.store.engine import Connection, writing
from notifycli.store.journal import set_state, state

AT_ONCE = 2_000
# Messages that came to their end before, about something that is over, and of which anything is left
OLD_MESSAGES = (
    "FROM delivery d JOIN notice n ON n.id = d.notice_id WHERE d.status_at < :before"
    " AND d.status IN ('sent', 'delivered', 'failed', 'skipped')"
    " AND (d.address IS NOT NULL OR d.text IS NOT NULL OR d.detail IS NOT NULL OR d.reference IS NOT NULL)"
    " AND NOT EXISTS (SELECT 1 FROM appointment a WHERE n.subject = 'appointment' AND a.clinic_id = n.clinic_id"
    " AND a.appointment_id = n.subject_id AND a.starts_at >= :before)"
    " AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.notice_id = n.id AND (o.status_at >= :before"
    " OR o.status IN ('queued', 'sending', 'uncertain')))"
)
# Patients of whom nothing has happened since, with anything left by which to know them
OF_PATIENT = "w.clinic_id = p.clinic_id AND w.patient_id = p.patient_id"
OLD_PATIENTS = (
    "FROM patient p WHERE p.known_since < :before AND coalesce(p.last_login_at, 0) < :before"
    " AND (p.given_name <> '' OR p.family_name <> '' OR p.email IS NOT NULL OR p.mobile IS NOT NULL"
    " OR p.push_token IS NOT NULL)"
    " AND NOT EXISTS (SELECT 1 FROM import i WHERE i.id = p.import_id AND i.at >= :before)"
    f" AND NOT EXISTS (SELECT 1 FROM appointment w WHERE {OF_PATIENT} AND w.starts_at >= :before)"
    f" AND NOT EXISTS (SELECT 1 FROM dialog w WHERE {OF_PATIENT} AND w.sent_at >= :before)"
    f" AND NOT EXISTS (SELECT 1 FROM receipt w WHERE {OF_PATIENT} AND w.paid_at >= :before)"
    f" AND NOT EXISTS (SELECT 1 FROM external w WHERE {OF_PATIENT} AND w.sent_at >= :before)"
    f" AND NOT EXISTS (SELECT 1 FROM notice w WHERE {OF_PATIENT} AND w.written_at >= :before)"
)


@dataclass(frozen=True)
class Purgeable:
    """How many messages, and how many patients' names and addresses."""

    messages: int
    patients: int


def purgeable(connection: Connection, before: int) -> Purgeable:
    """What is older than `before` (UTC epoch seconds) and still has anything to be taken away."""
    values = {"before": before}
    messages = connection.execute(f"SELECT count(*) {OLD_MESSAGES}", values).fetchone()[0]
    return Purgeable(messages, connection.execute(f"SELECT count(*) {OLD_PATIENTS}", values).fetchone()[0])


def purge(connection: Connection, before: int) -> Iterator[list[int]]:
    """Some thousands in a transaction; gives the deliveries that lost their messages, for whoever has files of them."""
    with writing(connection):
        set_state(connection, "purged_until", max(before, int(state(connection, "purged_until", 0))))
    while deliveries := _purge_messages(connection, before):
        yield deliveries
    while _purge_patients(connection, before):
        yield []


def _purge_messages(connection: Connection, before: int) -> list[int]:
    with writing(connection):
        values: dict[str, Any] = {"before": before, "most": AT_ONCE}
        deliveries = [id_ for (id_,) in connection.execute(f"SELECT d.id {OLD_MESSAGES} LIMIT :most", values)]
        of_these = {"ids": as_list(deliveries)}
        rows = connection.execute(
            "SELECT s.id FROM delivery d JOIN status_log s ON s.notice_id = d.notice_id AND s.delivery_id = d.id"
            f" WHERE d.id IN {among_numbers(':ids')} ORDER BY s.id",
            of_these,
        )
        log_ids = [id_ for (id_,) in rows]
        take_salts_of(connection, log_ids)
        connection.execute(
            f"UPDATE status_log SET detail = NULL WHERE id IN {among_numbers(':ids')} AND detail IS NOT NULL",
            {"ids": as_list(log_ids)},
        )
        connection.execute(
            "UPDATE delivery SET address = NULL, text = NULL, subject_line = NULL, told_location = NULL,"
            f" told_starts_at = NULL, detail = NULL, reference = NULL WHERE id IN {among_numbers(':ids')}",
            of_these,
        )
    return deliveries


def _purge_patients(connection: Connection, before: int) -> int:
    """A later export that names them gives them back: their rows are read anew."""
    with writing(connection):
        values = {"before": before, "most": AT_ONCE}
        sql = f"SELECT p.clinic_id, p.patient_id {OLD_PATIENTS} LIMIT :most"
        patients = connection.execute(sql, values).fetchall()
        connection.executemany(
            "UPDATE patient SET given_name = '', family_name = '', email = NULL, mobile = NULL, mobile_gets_sms = 0,"
            " push_token = NULL, imported_email = NULL, imported_mobile = NULL, cell_times = '{}', row_hash = NULL"
            " WHERE clinic_id = ? AND patient_id = ?",
            patients,
        )
        connection.executemany("DELETE FROM suppressed_address WHERE clinic_id = ? AND patient_id = ?", patients)
        finding.note(connection, patients)
    return len(patients)
