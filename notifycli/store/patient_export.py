"""All that is stored of one patient, table by table, column by column. Reads only. Source: SPEC section 8."""

import json
from collections.abc import Mapping
from typing import Any

from notifycli.store.engine import Connection, reading

OF_PATIENT = "clinic_id = :clinic AND patient_id = :patient"
OF_NOTICES = f"notice_id IN (SELECT id FROM notice WHERE {OF_PATIENT})"
OF_APPOINTMENTS = (
    f"clinic_id = :clinic AND appointment_id IN (SELECT appointment_id FROM appointment WHERE {OF_PATIENT})"
)
TABLES: Mapping[str, str] = {
    "patient": OF_PATIENT,
    "patient_search": OF_PATIENT,
    "suppressed_address": OF_PATIENT,
    "appointment": OF_PATIENT,
    "appointment_event": f"{OF_APPOINTMENTS} OR clinic_id = :clinic AND from_patient_id = :patient",
    "appointment_former_type": OF_APPOINTMENTS,
    "held": OF_APPOINTMENTS,
    "dialog": OF_PATIENT,
    "receipt": OF_PATIENT,
    "external": OF_PATIENT,
    "notice": OF_PATIENT,
    "delivery": OF_NOTICES,
    "status_log": OF_NOTICES,
    "action": OF_PATIENT,
    "open_reject": "kind = 'patients' AND clinic_id = :clinic AND row_id = :patient",
}
IN_JSON = ("facts", "cell_times")
NOT_THEIRS = ("row_hash",)  # which tells a row of a file, and nothing of a person


def export(connection: Connection, clinic: str, patient: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table; instants are UTC epoch seconds."""
    values = {"clinic": clinic, "patient": patient}
    with reading(connection):
        return {
            table: [_readable(row) for row in connection.named(f"SELECT * FROM {table} WHERE {where}", values)]
            for table, where in TABLES.items()
        }


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    return {
        column: json.loads(cell) if column in IN_JSON and cell is not None else cell
        for column, cell in row.items()
        if column not in NOT_THEIRS
    }
