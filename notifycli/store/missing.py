"""Which booked appointments of the future the files of one import do not name: keys set aside, and what they lack.

The keys lie in temporary tables, so that memory does not grow with them. Decides nothing.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from notifycli.store.dialect import scratch
from notifycli.store.engine import Connection
from notifycli.store.importing import FRESH_AT, Key

AT_ONCE = 500
KEY = ("clinic_id", "appointment_id")
NAMED, MISSING = scratch("named"), scratch("missing")


def begin_naming(connection: Connection) -> None:
    """Outside of a transaction, since one that is rolled back takes its own part of the keys along, but no more."""
    forget_named(connection)
    connection.make_scratch("named", "appointment", KEY, KEY)
    connection.make_scratch("missing", "appointment", (*KEY, "patient_id", "starts_at", "is_newer"), KEY)


def forget_named(connection: Connection) -> None:
    for table in ("named", "missing"):
        connection.drop_scratch(table)


def name(connection: Connection, keys: Iterable[Key]) -> None:
    connection.executemany(f"INSERT INTO {NAMED} VALUES (?, ?) ON CONFLICT DO NOTHING", keys)


def find_missing(connection: Connection, clinics: Iterable[str], file_at: int, now: int) -> None:
    """Of each clinic those that were not named; newer are those that are fresher than the files, made at `file_at`."""
    for clinic_id in clinics:
        connection.execute(
            f"INSERT INTO {MISSING} (clinic_id, appointment_id, patient_id, starts_at, is_newer)"
            f" SELECT clinic_id, appointment_id, patient_id, starts_at, CASE WHEN {FRESH_AT} > ? THEN 1 ELSE 0 END"
            " FROM appointment t"
            " WHERE t.clinic_id = ? AND t.status = 'booked' AND t.starts_at > ? AND NOT EXISTS"
            f" (SELECT 1 FROM {NAMED} n WHERE n.clinic_id = t.clinic_id AND n.appointment_id = t.appointment_id)",
            (file_at, clinic_id, now),
        )


def found_missing(connection: Connection, *, newer: bool = False) -> Iterator[tuple[str, str, str, int]]:
    """Clinic, appointment, patient, starts_at (UTC epoch seconds), the next to come first."""
    yield from connection.execute(
        f"SELECT clinic_id, appointment_id, patient_id, starts_at FROM {MISSING} WHERE is_newer = {int(newer)}"
        " ORDER BY starts_at, clinic_id, appointment_id"
    )


def missing_keys(connection: Connection) -> Iterator[list[Key]]:
    """Some hundreds at a time."""
    keys = ((clinic, appointment) for clinic, appointment, _, _ in found_missing(connection))
    while some := list(islice(keys, AT_ONCE)):
        yield list(some)
