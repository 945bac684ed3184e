"""The switches of modules and types: how they stand, their turns, and which appointments a turn brings to attention."""

from typing import Any

from notifycli.domain.rules import FORTY_EIGHT_HOURS
from notifycli.domain.switches import Switch
from notifycli.domain.words import SUBJECT_KINDS
from notifycli.store.appointments import LAST_EVENT_AT
from notifycli.store.dialect import least
from notifycli.store.engine import Connection

NEVER = 2**62  # later than any instant
Turns = dict[tuple[str, str], Switch]  # by (scope, name); scope is "module" or "type"


def switches_of(connection: Connection, clinic_id: str) -> Turns:
    """The history of every switch of a clinic."""
    turns: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    sql = "SELECT scope, name, at, is_on FROM switch_turn WHERE clinic_id = ? ORDER BY at, id"
    for scope, name, at, is_on in connection.execute(sql, (clinic_id,)):
        turns.setdefault((scope, name), []).append((at, bool(is_on)))
    return {key: Switch(tuple(of_one), key[1]) for key, of_one in turns.items()}


class FirstActive:
    """The moment before which an appointment of a clinic and type was not active; None: its switches never were on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._switches: dict[str, Turns] = {}
        self._found: dict[tuple[str, str], int | None] = {}

    def __call__(self, clinic_id: str, type_id: str) -> int | None:
        key = (clinic_id, type_id)
        if key in self._found:
            return self._found[key]
        if clinic_id not in self._switches:
            self._switches[clinic_id] = switches_of(self._connection, clinic_id)
        of_clinic = self._switches[clinic_id]
        switches = (of_clinic.get(("module", "timebook")), of_clinic.get(("type", type_id)))
        first_on = [next((at for at, is_on in switch.turns if is_on), None) if switch else None for switch in switches]
        self._found[key] = None if None in first_on else max(at for at in first_on if at is not None)
        return self._found[key]


def turn(
    connection: Connection, clinic_id: str, scope: str, name: str, is_on: bool, at: int, import_id: int | None
) -> bool:
    """Turns a switch from that second on, unless it stands so already; returns whether it was turned.

    `import_id`: the import that turns it, None where staff do.
    """
    last_at, stands_on = _last_turn(connection, clinic_id, scope, name)
    if is_on == stands_on:
        return False
    at = max(at, last_at)  # a clock that was set back must not bring a turn before the one that it follows
    connection.execute(
        "INSERT INTO switch_turn (clinic_id, scope, name, at, is_on, import_id) VALUES (?, ?, ?, ?, ?, ?)",
        (clinic_id, scope, name, at, is_on, import_id),
    )
    for waiting in SUBJECT_KINDS:  # what waits for its patient, since another reason may come first now (R15)
        connection.execute(
            f"UPDATE {waiting} SET next_check_at = 0 WHERE clinic_id = ? AND waits_for_patient = 1", (clinic_id,)
        )
    if is_on and (scope, name) not in (("module", "post"), ("module", "economy")):
        _bring_to_attention(connection, clinic_id, name if scope == "type" else None, at)
    return True


def undo(connection: Connection, clinic_id: str, scope: str, name: str, import_id: int) -> None:
    """Takes back what an import turned, since another row of its file has won."""
    connection.execute(
        "DELETE FROM switch_turn WHERE clinic_id = ? AND scope = ? AND name = ? AND import_id = ?",
        (clinic_id, scope, name, import_id),
    )


def _last_turn(connection: Connection, clinic_id: str, scope: str, name: str) -> tuple[int, bool]:
    """When a switch was last turned, and how it stands."""
    sql = (
        "SELECT at, is_on FROM switch_turn WHERE clinic_id = ? AND scope = ? AND name = ?"
        " ORDER BY at DESC, id DESC LIMIT 1"
    )
    row = connection.execute(sql, (clinic_id, scope, name)).fetchone()
    return (row[0], bool(row[1])) if row else (0, False)


def _bring_to_attention(connection: Connection, clinic_id: str, type_id: str | None, at: int) -> None:
    """Reminders may become due at once (R5), or at 48 hours before the appointment (R4).

    A switch takes effect from its second on, so what happened in that very second counts as active too.
    """
    of_type = "" if type_id is None else " AND type_id = :type"
    now = f"coalesce({LAST_EVENT_AT} >= :at, false)"
    look_at = f"CASE WHEN starts_at - :hours > :at AND NOT {now} THEN starts_at - :hours ELSE 0 END"
    connection.execute(
        f"UPDATE appointment SET next_check_at = {least('coalesce(next_check_at, :never)', look_at)}"
        f" WHERE clinic_id = :clinic AND (status = 'booked' AND starts_at > :at OR {now}){of_type}",
        {"clinic": clinic_id, "type": type_id, "at": at, "hours": FORTY_EIGHT_HOURS, "never": NEVER},
    )


def modules(connection: Connection, clinic: str | None) -> list[dict[str, Any]]:
    """Each module of each clinic: whether it is on, since when (None: never turned), and by which import or user."""
    return _listed(
        connection,
        "module",
        "SELECT clinic_id, column1 FROM clinic, (VALUES ('timebook'), ('post'), ('economy')) module",
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
    return connection.named(sql, {"scope": scope, "clinic": clinic})
