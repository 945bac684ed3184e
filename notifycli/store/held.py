"""Appointments that a stopped import would cancel or move: what is planned of them waits (SPEC section 3).

Each is held for the last import that would have changed it, until another gives it a row, or that import is settled.
"""

from collections.abc import Iterable

from notifycli.domain.model import CANCELLED, OPEN
from notifycli.store.dialect import THEN_LOOKED_UP_IN, scratch
from notifycli.store.engine import Connection
from notifycli.store.importing import TABLES, Key, make_room_for_what_was_before


def are_some(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM held LIMIT 1").fetchone() is not None


def upset_by_import(connection: Connection, now: int) -> list[Key]:
    """The future appointments that the import of this transaction has cancelled, moved or given to other patients."""
    sql = (
        f"SELECT a.clinic_id, a.appointment_id FROM {scratch('before_import')} b {THEN_LOOKED_UP_IN} appointment a"
        " ON a.clinic_id = b.clinic_id AND a.appointment_id = b.appointment_id"
        f" WHERE b.status = 'booked' AND b.starts_at > ? AND (a.status IN ({CANCELLING})"
        " OR a.starts_at <> b.starts_at OR a.patient_id <> b.patient_id)"
    )
    make_room_for_what_was_before(connection, TABLES["appointments"])
    return connection.execute(sql, (now,)).fetchall()


CANCELLING = ", ".join(f"'{status}'" for status in sorted(CANCELLED | OPEN))


def hold(connection: Connection, import_id: int, appointments: Iterable[Key]) -> None:
    sql = (
        "INSERT INTO held (clinic_id, appointment_id, import_id) VALUES (?, ?, ?)"
        " ON CONFLICT (clinic_id, appointment_id) DO UPDATE SET import_id = excluded.import_id"
    )
    connection.executemany(sql, [(*key, import_id) for key in appointments])


def release(connection: Connection, appointments: Iterable[Key]) -> None:
    """What waited is looked at by the next run."""
    for key in appointments:
        if connection.execute("DELETE FROM held WHERE clinic_id = ? AND appointment_id = ?", key).rowcount:
            connection.execute(
                "UPDATE appointment SET next_check_at = 0 WHERE clinic_id = ? AND appointment_id = ?", key
            )


def release_import(connection: Connection, import_id: int) -> int:
    """Lets go what an import held; how many appointments these were."""
    keys = connection.execute("SELECT clinic_id, appointment_id FROM held WHERE import_id = ?", (import_id,)).fetchall()
    release(connection, keys)
    return len(keys)
