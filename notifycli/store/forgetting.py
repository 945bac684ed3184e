"""Takes all that is stored of one patient away; of their messages the bare history stays, without a name.

Within one transaction of the caller, under the lock of the runs. Knows no files beside the database.
Source: SPEC section 8, notify patient forget.
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from notifycli.store import audit
from notifycli.store.chain_salts import take_salts_of
from notifycli.store.claims import mark_failed, mark_skipped
from notifycli.store.dialect import as_list
from notifycli.store.engine import Connection
from notifycli.store.journal import set_state, state
from notifycli.store.sealing import seal
from notifycli.store.subjects import ID_COLUMNS

ALIAS = "forgotten-"  # and a number, for whoever was forgotten
OF_PATIENT = "clinic_id = :clinic AND patient_id = :patient"
THEIR_NOTICES = f"(SELECT id FROM notice WHERE {OF_PATIENT})"
REST = ("external", "suppressed_address", "patient_search", "patient")


@dataclass(frozen=True)
class Forgotten:
    """How much there was of each kind. `deliveries`: their messages; `markers`: what a file would know them by."""

    alias: str
    counts: dict[str, int]
    deliveries: tuple[int, ...]
    markers: tuple[str, ...]


def is_known(connection: Connection, clinic: str, patient: str) -> bool:
    """Whether anything is stored of them, with a row of their own or not."""
    tables = ("patient", *ID_COLUMNS, "external", "notice")
    parts = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {OF_PATIENT})" for table in tables)
    return bool(connection.execute(f"SELECT {parts}", {"clinic": clinic, "patient": patient}).fetchone()[0])


def is_forgotten(connection: Connection, clinic: str, patient: str) -> bool:
    return bool(ForgottenIds(connection).places([clinic], [patient]))


def markers_of(connection: Connection, clinic: str, patient: str) -> tuple[str, ...]:
    """Their id, and every address and number that is or was stored of them."""
    values = {"clinic": clinic, "patient": patient}
    rows = connection.execute(
        f"SELECT email, mobile, push_token, imported_email, imported_mobile FROM patient WHERE {OF_PATIENT}", values
    ).fetchall()
    rows += connection.execute(
        f"SELECT address FROM delivery WHERE notice_id IN {THEIR_NOTICES} AND address IS NOT NULL", values
    ).fetchall()
    rows += connection.execute(f"SELECT address FROM suppressed_address WHERE {OF_PATIENT}", values).fetchall()
    return (patient, *sorted({cell for row in rows for cell in row if cell}))


def forget(connection: Connection, clinic: str, patient: str, now: int, by: str) -> Forgotten:
    """`now`: UTC epoch seconds; `by`: the operating system's user."""
    values: dict[str, Any] = {"clinic": clinic, "patient": patient, "now": now}
    markers = markers_of(connection, clinic, patient)
    number = connection.insert(
        "INSERT INTO forgotten (clinic_id, id_hash, at) VALUES (?, ?, ?)",
        (clinic, _hash_of(_salt(connection), clinic, patient), now),
    )
    values["alias"] = alias = f"{ALIAS}{number}"
    deliveries = [
        id_ for (id_,) in connection.execute(f"SELECT id FROM delivery WHERE notice_id IN {THEIR_NOTICES}", values)
    ]
    _stop_what_is_planned(connection, values)
    counts = {"notice": _count(connection, "notice", values)}
    _forget_what_was_told(connection, values)
    counts |= _forget_subjects(connection, values)
    for table in REST:
        counts[table] = connection.execute(f"DELETE FROM {table} WHERE {OF_PATIENT}", values).rowcount
    connection.execute(f"UPDATE action SET patient_id = :alias WHERE {OF_PATIENT}", values)
    connection.execute(
        "DELETE FROM open_reject WHERE kind = 'patients' AND clinic_id = :clinic AND row_id = :patient", values
    )
    _forget_in_lists(connection, clinic, patient)
    _forget_in_words(connection, markers, alias)
    counts = {what: of_it for what, of_it in counts.items() if of_it and what != "patient_search"}
    detail = ", ".join(f"{of_it} {what}" for what, of_it in counts.items())
    audit.note(connection, now, by, audit.Action("patient forget", "patient", "", detail, clinic, alias))
    return Forgotten(alias, counts, tuple(deliveries), markers)


def _stop_what_is_planned(connection: Connection, values: dict[str, Any]) -> None:
    """Sealed at once, since the rows lose what they tell right afterwards."""
    sql = f"SELECT id, status FROM delivery WHERE notice_id IN {THEIR_NOTICES} ORDER BY id"
    for delivery, status in connection.execute(sql, values).fetchall():
        if status == "queued":
            mark_skipped(connection, delivery, values["now"], "forgotten")
        elif status in ("sending", "uncertain"):
            mark_failed(connection, delivery, values["now"], "forgotten", None, status)
    seal(connection)


def _forget_what_was_told(connection: Connection, values: dict[str, Any]) -> None:
    """What is left tells when something went out on which channel, and of nobody."""
    log_ids = connection.execute(f"SELECT id FROM status_log WHERE notice_id IN {THEIR_NOTICES} ORDER BY id", values)
    take_salts_of(connection, [id_ for (id_,) in log_ids])
    connection.execute(
        f"UPDATE status_log SET detail = NULL WHERE notice_id IN {THEIR_NOTICES} AND detail IS NOT NULL", values
    )
    connection.execute(
        "DELETE FROM unmatched_receipt WHERE reference IN (SELECT reference FROM delivery"
        f" WHERE reference IS NOT NULL AND notice_id IN {THEIR_NOTICES})",
        values,
    )
    connection.execute(
        "UPDATE delivery SET address = NULL, text = NULL, subject_line = NULL, told_starts_at = NULL,"
        f" told_location = NULL, detail = NULL, reference = NULL WHERE notice_id IN {THEIR_NOTICES}",
        values,
    )


def _forget_subjects(connection: Connection, values: dict[str, Any]) -> dict[str, int]:
    """An appointment that was another's before, or is another's now, stays for what that one was told of it."""
    counts = {subject: _count(connection, subject, values) for subject in ID_COLUMNS}
    shared = (
        "SELECT e.appointment_id FROM appointment_event e WHERE e.clinic_id = :clinic AND e.kind = 'takeover'"
        " UNION SELECT a.appointment_id FROM appointment a WHERE a.clinic_id = :clinic AND a.patient_id <> :patient"
    )
    connection.execute(
        f"UPDATE notice SET facts = NULL, reopened_at = NULL, patient_id = :alias,"
        f" subject_id = CASE WHEN subject = 'appointment' AND subject_id IN ({shared}) THEN subject_id"
        f" ELSE '{ALIAS}' || id END WHERE {OF_PATIENT}",
        values,
    )
    theirs = f"SELECT appointment_id FROM appointment WHERE {OF_PATIENT} AND appointment_id NOT IN ({shared})"
    connection.execute(
        "DELETE FROM open_reject WHERE clinic_id = :clinic AND kind = 'appointments'"
        f" AND row_id IN (SELECT appointment_id FROM appointment WHERE {OF_PATIENT})",
        values,
    )
    for table in ("appointment_event", "appointment_former_type", "held"):
        connection.execute(f"DELETE FROM {table} WHERE clinic_id = :clinic AND appointment_id IN ({theirs})", values)
    connection.execute(f"DELETE FROM appointment WHERE clinic_id = :clinic AND appointment_id IN ({theirs})", values)
    connection.execute(
        "UPDATE appointment SET patient_id = :alias, status = 'entered-in-error', next_check_at = 0,"
        f" waits_for_patient = 0, row_hash = NULL WHERE {OF_PATIENT}",
        values,
    )
    connection.execute(
        "UPDATE appointment_event SET from_patient_id = :alias WHERE clinic_id = :clinic"
        " AND from_patient_id = :patient",
        values,
    )
    for subject, kind in (("dialog", "dialogs"), ("receipt", "receipts")):
        ids = f"SELECT {ID_COLUMNS[subject]} FROM {subject} WHERE {OF_PATIENT}"
        connection.execute(
            f"DELETE FROM open_reject WHERE clinic_id = :clinic AND kind = '{kind}' AND row_id IN ({ids})", values
        )
        connection.execute(f"DELETE FROM {subject} WHERE {OF_PATIENT}", values)
    return counts


def _count(connection: Connection, table: str, values: dict[str, Any]) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {OF_PATIENT}", values).fetchone()[0])


def _forget_in_lists(connection: Connection, clinic: str, patient: str) -> None:
    """Of whom is to be indexed anew."""
    rows = connection.execute("SELECT id, patient_ids FROM patient_to_index WHERE clinic_id = ?", (clinic,)).fetchall()
    for number, ids in rows:
        left = [id_ for id_ in json.loads(ids) if id_ != patient]
        sql = "UPDATE patient_to_index SET patient_ids = ?, patients = ? WHERE id = ?"
        if len(left) < len(json.loads(ids)):
            connection.execute(sql, (as_list(left), len(left), number))


def _forget_in_words(connection: Connection, markers: Sequence[str], alias: str) -> None:
    """In what imports told, and in reports of messages that nobody knew."""
    for number, summary, error in connection.execute("SELECT id, summary, error FROM import").fetchall():
        new = json.dumps(_without(json.loads(summary), markers, alias))
        new_error = _without(error, markers, alias)
        if json.loads(new) != json.loads(summary) or new_error != error:
            sql = "UPDATE import SET summary = ?, error = ? WHERE id = ?"
            connection.execute(sql, (new, new_error, number))
    for number, detail in connection.execute("SELECT id, detail FROM unmatched_receipt").fetchall():
        if _without(detail, markers, alias) != detail:
            connection.execute("DELETE FROM unmatched_receipt WHERE id = ?", (number,))


def _without(value: Any, markers: Iterable[str], alias: str) -> Any:
    if isinstance(value, dict):
        return {name: _without(of_name, markers, alias) for name, of_name in value.items()}
    if isinstance(value, list):
        return [_without(of_list, markers, alias) for of_list in value]
    if not isinstance(value, str):
        return value
    words = value.split(" ")
    marks = set(markers)
    return " ".join(alias if word.strip(".,;:()<>\"'") in marks else word for word in words)


class ForgottenIds:
    """Who is never to come back, for an import; cheap where nobody was forgotten."""

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute("SELECT clinic_id, id_hash FROM forgotten").fetchall()
        self._hashes = {tuple(row) for row in rows}
        self._clinics = {clinic for clinic, _ in rows}
        self._salt = _salt(connection) if rows else ""

    def places(self, clinics: Sequence[str], patients: Sequence[str]) -> list[int]:
        """Which of the rows are of those who were forgotten."""
        if not self._clinics:
            return []
        return [
            place
            for place, (clinic, patient) in enumerate(zip(clinics, patients, strict=True))
            if clinic in self._clinics and (clinic, _hash_of(self._salt, clinic, patient)) in self._hashes
        ]


def _salt(connection: Connection) -> str:
    salt = state(connection, "forgotten_salt", None)
    if salt is None:
        salt = secrets.token_hex(16)
        set_state(connection, "forgotten_salt", salt)
    return str(salt)


def _hash_of(salt: str, clinic: str, patient: str) -> str:
    return sha256(f"{salt}\0{clinic}\0{patient}".encode()).hexdigest()
