"""Addresses that a mail server or a gateway says are no more; each counts for one patient, while they have it."""

from notifycli.domain.words import Channel
from notifycli.store.engine import Connection


def remember(
    connection: Connection, clinic_id: str, patient_id: str, channel: Channel, address: str, reason: str, now: int
) -> None:
    """`patient_contact` compares the address with the patient's own, so that another one is possible at once."""
    connection.execute(
        "INSERT INTO suppressed_address (clinic_id, patient_id, channel, address, reason, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (clinic_id, patient_id, channel) DO UPDATE SET address = excluded.address,"
        " reason = excluded.reason, at = excluded.at",
        (clinic_id, patient_id, channel, address, reason, now),
    )


def forget(
    connection: Connection, clinic_id: str, patient_id: str, channel: Channel, address: str | None = None
) -> None:
    """`address`: only where it is that one."""
    sql = (
        "DELETE FROM suppressed_address WHERE clinic_id = ? AND patient_id = ? AND channel = ?"
        " AND address = coalesce(?, address)"
    )
    connection.execute(sql, (clinic_id, patient_id, channel, address))
