"""Completes messages that end a booking and say no more of it than its id, by what is known of it.

Must not know files. Source: FHIR R4 (Appointment.start may be left out of what is cancelled, proposed or waiting, and a
deletion tells nothing) and HL7 v2 (an empty field means "as before").
"""

from collections.abc import Mapping, Sequence

from notifycli.domain.model import CANCELLED, STATE_OF_STATUS
from notifycli.intake.cells.times import as_text
from notifycli.store import importing
from notifycli.store.engine import Connection
from notifycli.store.importing import Key

FILLED = ("patient_id", "starts_at", "type_id", "location")  # without its type, nobody would hear of the cancellation
FILLED_WHERE_BARE = "no_notices"  # what tells no start tells no tags either
Columns = dict[str, list[str]]


def fill_what_cancels(connection: Connection, raw: dict[str, Sequence[str]], clinic_id: str | None) -> None:
    """Puts what the rows before tell of an appointment, or what is stored, into empty cells of rows that cancel it."""
    columns = {column: list(raw[column]) for column in (*FILLED, FILLED_WHERE_BARE) if column in raw}
    rows = {
        row
        for row, status in enumerate(raw["status"])
        if (status in CANCELLED and not all(columns[column][row] for column in FILLED if column in columns))
        or (STATE_OF_STATUS.get(status) in ("open", "ended") and not columns["starts_at"][row])
    }
    if not rows:
        return
    clinics = raw.get("clinic_id")
    ids = raw["appointment_id"]
    keys = [(clinics[row] if clinics else clinic_id or "", appointment_id) for row, appointment_id in enumerate(ids)]
    wanted = {keys[row] for row in rows}
    stored = importing.stored(connection, importing.TABLES["appointments"], wanted)
    known: dict[Key, Mapping[str, str]] = {
        key: {column: getattr(appointment, column) for column in (*FILLED, FILLED_WHERE_BARE)}
        | {"starts_at": as_text(appointment.starts_at)}
        for key, appointment in stored.items()
    }
    for row, key in enumerate(keys):
        if key not in wanted:
            continue
        if row in rows and key in known:
            is_bare = not columns["starts_at"][row]
            for column, cells in columns.items():
                if column != FILLED_WHERE_BARE or is_bare:
                    cells[row] = cells[row] or known[key][column]
        if all(columns[column][row] for column in ("starts_at", "patient_id") if column in columns):
            known[key] = {column: cells[row] for column, cells in columns.items()}
    raw.update(columns)
