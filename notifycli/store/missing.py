"""Which booked appointments of the future the files of one import do not name: keys set aside, and what they lack.

The keys lie in temporary tables, so that memory does not grow with them. Decides nothing.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from notifycli.store.engine import Connection
from notifycli.store.importing import FRESH_AT, Key

AT_ONCE = 500


def begin_naming(connection: Connection) -> None:
    """Outside of a transaction, since one that is rolled back takes its own part of the keys along, but no more."""
    forget_named(connection)
    connection.execute(
        "CREATE TEMP TABLE named (clinic_id TEXT NOT NULL, appointment_id TEXT NOT NULL,"
        " PRIMARY KEY (clinic_id, appointment_id)) WITHOUT ROWID"
    )
    connection.execute("CREATE TEMP TABLE missing (clinic_id, appointment_id, patient_id, starts_at, is_newer)")


def forget_named(connection: Connection) -> None:
    for table in ("named", "missing"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")


def name(connection: Connection, keys: Iterable[Key]) -> None:
    connection.executemany("INSERT OR IGNORE INTO temp.named VALUES (?, ?)", keys)


def find_missing(connection: Connection, clinics: Iterable[str], file_at: int, now: int) -> None:
    """Of each clinic those that were not named; newer are those that are fresher than the files, made at `file_at`."""
    for clinic_id in clinics:
        connection.execute(
            "INSERT INTO temp.missing (clinic_id, appointment_id, patient_id, starts_at, is_newer)"
            f" SELECT clinic_id, appointment_id, patient_id, starts_at, {FRESH_AT} > ? FROM appointment t"
            " WHERE t.clinic_id = ? AND t.status = 'booked' AND t.starts_at > ? AND NOT EXISTS"
            " (SELECT 1 FROM temp.named n WHERE n.clinic_id = t.clinic_id AND n.appointment_id = t.appointment_id)",
            (file_at, clinic_id, now),
        )


def found_missing(connection: Connection, *, newer: bool = False) -> Iterator[tuple[str, str, str, int]]:
    """Clinic, appointment, patient, starts_at (UTC epoch seconds), the next to come first."""
    yield from connection.execute(
        f"SELECT clinic_id, appointment_id, patient_id, starts_at FROM temp.missing WHERE is_newer = {int(newer)}"
        " ORDER BY starts_at, clinic_id, appointment_id"
    )


def missing_keys(connection: Connection) -> Iterator[list[Key]]:
    """Some hundreds at a time."""
    keys = ((clinic, appointment) for clinic, appointment, _, _ in found_missing(connection))
    while some := list(islice(keys, AT_ONCE)):
        yield list(some)
