"""What staff set by hand: contact details, consent, method; and the lists of switches that they look at."""

from typing import Any

from notifycli.domain.words import Channel
from notifycli.store import audit, suppression_list
from notifycli.store.engine import Connection, writing
from notifycli.store.facts import Policy
from notifycli.store.reopening import reopen_for

CHANNEL_OF_PLACE: dict[str, Channel] = {"email": "email", "mobile": "sms"}
STAFF_SAID_NO = -1  # in place of what no file has said
PLACES = ("email", "mobile", "mobile_gets_sms", "consent", "preferred_method")


def set_patient(
    connection: Connection, policy: Policy, clinic_id: str, patient_id: str, values: dict[str, Any], now: int, by: str
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
        for place in values.keys() & CHANNEL_OF_PLACE.keys():
            suppression_list.forget(connection, clinic_id, patient_id, CHANNEL_OF_PLACE[place])
        if values.get("email") or values.get("mobile_gets_sms"):
            reopen_for(connection, policy, [(clinic_id, patient_id)], now)
        audit.note(connection, now, by, _as_action(clinic_id, patient_id, values))


def _as_action(clinic_id: str, patient_id: str, values: dict[str, Any]) -> audit.Action:
    """Without the addresses themselves: who did what outlives them."""
    told = {
        "email": "e-mail " + ("set" if values.get("email") else "removed"),
        "mobile": "mobile " + ("set" if values.get("mobile") else "removed"),
        "consent": "consent " + ("yes" if values.get("consent") else "no"),
        "preferred_method": f"method {values.get('preferred_method') or 'default'}",
    }
    places = [place for place in told if place in values]
    detail = ", ".join(told[place] for place in places)
    return audit.Action("patient set", "patient", " ".join(places), detail, clinic_id, patient_id)


def patient(connection: Connection, clinic_id: str, patient_id: str) -> dict[str, Any] | None:
    """Everything that is known of a patient; instants are UTC epoch seconds."""
    cursor = connection.execute(
        "SELECT clinic_id AS clinic, patient_id AS patient, given_name, family_name, email, mobile, mobile_gets_sms,"
        " push_token, push_allowed, language, consent, preferred_method, last_login_at, known_since FROM patient"
        " WHERE clinic_id = ? AND patient_id = ?",
        (clinic_id, patient_id),
    )
    row = cursor.fetchone()
    return dict(zip([column[0] for column in cursor.description], row, strict=True)) if row else None


def country_of(connection: Connection, clinic_id: str) -> str:
    return str(connection.execute("SELECT country FROM clinic WHERE clinic_id = ?", (clinic_id,)).fetchone()[0])


def modules(connection: Connection, clinic: str | None) -> list[dict[str, Any]]:
    """Each module of each clinic: whether it is on, since when (None: never turned), and by which import or user."""
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
        " t.name AS title, t.active AS active, last.import_id AS import,"
        " (SELECT by_user FROM action WHERE about = :scope AND about_id = key.name AND action.clinic_id = key.clinic_id"
        " AND last.import_id IS NULL ORDER BY id DESC LIMIT 1) AS by FROM key"
        " LEFT JOIN switch_turn last ON last.id = (SELECT s.id FROM switch_turn s WHERE s.clinic_id = key.clinic_id"
        " AND s.scope = :scope AND s.name = key.name ORDER BY s.at DESC, s.id DESC LIMIT 1)"
        " LEFT JOIN type t ON :scope = 'type' AND t.clinic_id = key.clinic_id AND t.type_id = key.name"
        " WHERE :clinic IS NULL OR key.clinic_id = :clinic ORDER BY key.clinic_id, key.name"
    )
    cursor = connection.execute(sql, {"scope": scope, "clinic": clinic})
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
