"""Which clinics there are, and which of them knows a patient or a subject. Reads only."""

from notifycli.store.dialect import THEN_LOOKED_UP_IN
from notifycli.store.engine import Connection
from notifycli.store.subjects import ID_COLUMNS


def clinic_ids(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT clinic_id FROM clinic ORDER BY clinic_id")]


def has_clinic(connection: Connection, clinic_id: str) -> bool:
    return connection.execute("SELECT 1 FROM clinic WHERE clinic_id = ?", (clinic_id,)).fetchone() is not None


def clinics_with(connection: Connection, which: str, id_: str, clinic: str | None) -> list[str]:
    """The clinics that have such a subject or patient (`which`: appointment, dialog, receipt, patient)."""
    column = "patient_id" if which == "patient" else ID_COLUMNS[which]
    if clinic is not None:
        sql = f"SELECT clinic_id FROM {which} WHERE {column} = :id AND clinic_id = :clinic"
        return [row[0] for row in connection.execute(sql, {"id": id_, "clinic": clinic})]
    # one lookup by primary key for each clinic, instead of reading the whole table
    of_clinic = f"w.clinic_id = c.clinic_id AND w.{column} = :id"
    sql = f"SELECT c.clinic_id FROM clinic c {THEN_LOOKED_UP_IN} {which} w ON {of_clinic}"
    return [row[0] for row in connection.execute(sql, {"id": id_})]


def country_of(connection: Connection, clinic_id: str) -> str:
    return str(connection.execute("SELECT country FROM clinic WHERE clinic_id = ?", (clinic_id,)).fetchone()[0])


def zone_of(connection: Connection, clinic_id: str) -> str:
    return str(connection.execute("SELECT timezone FROM clinic WHERE clinic_id = ?", (clinic_id,)).fetchone()[0])
