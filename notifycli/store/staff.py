"""What staff set by hand: contact details, consent, method; and the lists of switches that they look at."""

from typing import Any

from notifycli.domain.routing import Channel
from notifycli.store import finding, suppression_list
from notifycli.store.engine import Connection, writing
from notifycli.store.facts import Policy
from notifycli.store.reopening import reopen_for

CHANNEL_OF_PLACE: dict[str, Channel] = {"email": "email", "mobile": "sms"}
STAFF_SAID_NO = -1  # in place of what no file has said
PLACES = ("email", "mobile", "mobile_gets_sms", "consent", "preferred_method")


def set_patient(
    connection: Connection, policy: Policy, clinic_id: str, patient_id: str, values: dict[str, Any], now: int
) -> None:
    """`values` by PLACES, clean. An import overwrites them only where its cell differs from what was last imported.

    An address that is set counts as possible again, although it was gone: whoever sets it knows.
    """
    assert values.keys() <= set(PLACES)
    assignments = ", ".join(f"{place} = :{place}" for place in values)
    if values.get("consent") is False:
        assignments += f", imported_consent = coalesce(imported_consent, {STAFF_SAID_NO})"
    sql = f"UPDATE patient SET {assignments} WHERE clinic_id = :clinic_id AND patient_id = :patient_id"
    with writing(connection):
        connection.execute(sql, values | {"clinic_id": clinic_id, "patient_id": patient_id})
        if values.keys() & {"email", "mobile"}:
            finding.note(connection, [(clinic_id, patient_id)])
        for place in values.keys() & CHANNEL_OF_PLACE.keys():
            suppression_list.forget(connection, clinic_id, patient_id, CHANNEL_OF_PLACE[place])
        if values.get("email") or values.get("mobile_gets_sms"):
            reopen_for(connection, policy, [(clinic_id, patient_id)], now)


def patient(connection: Connection, clinic_id: str, patient_id: str) -> dict[str, Any] | None:
    """Everything that is known of a patient; instants are UTC epoch seconds. `imported_at`: of the import that last
    touched them."""
    rows = _named(
        connection,
        "SELECT clinic_id AS clinic, patient_id AS patient, given_name, family_name, email, mobile, mobile_gets_sms,"
        " push_token, push_allowed, language, consent, preferred_method, last_login_at, known_since,"
        " imported_email, imported_mobile, imported_consent, imported_method, import_id,"
        " (SELECT i.at FROM import i WHERE i.id = import_id) AS imported_at FROM patient"
        " WHERE clinic_id = ? AND patient_id = ?",
        (clinic_id, patient_id),
    )
    return rows[0] if rows else None


def suppressed_addresses(connection: Connection, clinic_id: str, patient_id: str) -> list[dict[str, Any]]:
    """A patient's addresses that are no more, as long as they are theirs: channel, address, reason, at."""
    return _named(
        connection,
        "SELECT s.channel, s.address, s.reason, s.at FROM suppressed_address s"
        " JOIN patient p USING (clinic_id, patient_id) WHERE clinic_id = ? AND patient_id = ?"
        " AND s.address IN (p.email, p.mobile, p.push_token) ORDER BY s.channel",
        (clinic_id, patient_id),
    )


def appointments_of(connection: Connection, clinic_id: str, patient_id: str, now: int) -> list[str]:
    """Ids of a patient's appointments that are booked or have a notice: the next first, the past ones last."""
    sql = (
        "WITH theirs (id) AS (SELECT appointment_id FROM appointment"
        " WHERE clinic_id = :clinic AND patient_id = :patient AND status = 'booked'"
        " UNION SELECT subject_id FROM notice"
        " WHERE clinic_id = :clinic AND patient_id = :patient AND subject = 'appointment')"
        " SELECT appointment_id FROM theirs"
        " CROSS JOIN appointment ON clinic_id = :clinic AND appointment_id = theirs.id"
        " WHERE patient_id = :patient ORDER BY starts_at < :now, abs(starts_at - :now)"
    )
    values = {"clinic": clinic_id, "patient": patient_id, "now": now}
    return [row[0] for row in connection.execute(sql, values)]


def country_of(connection: Connection, clinic_id: str) -> str:
    return str(connection.execute("SELECT country FROM clinic WHERE clinic_id = ?", (clinic_id,)).fetchone()[0])


def modules(connection: Connection, clinic: str | None) -> list[dict[str, Any]]:
    """Each module of each clinic: whether it is on, and since when (None: never turned)."""
    return _listed(
        connection,
        "module",
        "SELECT clinic_id, column1 FROM clinic, (VALUES ('timebook'), ('post'), ('economy'))",
        clinic,
    )


def types(connection: Connection, clinic: str | None) -> list[dict[str, Any]]:
    """Each type of each clinic, with what was imported of it, and the switch of migrated appointments."""
    known = (
        "SELECT clinic_id, type_id FROM type UNION SELECT clinic_id, name FROM switch_turn WHERE scope = 'type'"
        " UNION SELECT clinic_id, 'migrated' FROM clinic"
    )
    return _listed(connection, "type", known, clinic)


def _listed(connection: Connection, scope: str, keys: str, clinic: str | None) -> list[dict[str, Any]]:
    sql = (
        f"WITH key (clinic_id, name) AS ({keys})"
        " SELECT key.clinic_id AS clinic, key.name AS name, coalesce(last.is_on, 0) AS is_on, last.at AS since,"
        " t.name AS title, t.active AS active FROM key"
        " LEFT JOIN switch_turn last ON last.id = (SELECT s.id FROM switch_turn s WHERE s.clinic_id = key.clinic_id"
        " AND s.scope = :scope AND s.name = key.name ORDER BY s.at DESC, s.id DESC LIMIT 1)"
        " LEFT JOIN type t ON :scope = 'type' AND t.clinic_id = key.clinic_id AND t.type_id = key.name"
        " WHERE :clinic IS NULL OR key.clinic_id = :clinic ORDER BY key.clinic_id, key.name"
    )
    return _named(connection, sql, {"scope": scope, "clinic": clinic})


def _named(connection: Connection, sql: str, values: Any) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
