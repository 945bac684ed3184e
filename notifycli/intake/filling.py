"""Messages that cancel an appointment may say no more of it than its id; what is stored says the rest.

Source: FHIR R4 (Appointment.start may be left out of what is cancelled) and HL7 v2 (an empty field means "as before").
"""

import json
from collections.abc import Sequence

from notifycli.intake.times import as_text
from notifycli.store import importing
from notifycli.store.engine import Connection
from notifycli.store.rows import AppointmentRow

CANCELS = ("cancelled", "entered-in-error")
FILLED = ("patient_id", "starts_at", "type_id", "location")  # without its type, nobody would hear of the cancellation


def fill_what_cancels(connection: Connection, raw: dict[str, Sequence[str]], clinic_id: str | None) -> None:
    """Puts what is stored of an appointment into empty cells of rows that cancel it."""
    columns = {column: list(raw[column]) for column in FILLED if column in raw}
    rows = [row for row, status in enumerate(raw["status"]) if status in CANCELS and _has_gaps(columns, row)]
    if not rows:
        return
    clinics = raw.get("clinic_id")
    keys = {row: (clinics[row] if clinics else clinic_id or "", raw["appointment_id"][row]) for row in rows}
    stored = importing.stored(connection, importing.TABLES["appointments"], set(keys.values()))
    for row, key in keys.items():
        if key in stored:
            known = _cells_of(stored[key])
            for column, cells in columns.items():
                cells[row] = cells[row] or known[column]
    raw.update(columns)


def _has_gaps(columns: dict[str, list[str]], row: int) -> bool:
    return not all(cells[row] for cells in columns.values())


def _cells_of(appointment: AppointmentRow) -> dict[str, str]:
    types = json.loads(appointment.types)
    return {
        "patient_id": appointment.patient_id,
        "starts_at": as_text(appointment.starts_at),
        "type_id": types[-1][1] if types else "",
        "location": appointment.location,
    }
