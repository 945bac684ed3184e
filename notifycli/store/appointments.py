"""What an appointment has rows of its own for: what happened to it, and the types that it had before.

Decides nothing. Both lists only grow, but for what a row of an import made and a later row of its file made undone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from notifycli.store.dialect import THEN_LOOKED_UP_IN, as_list, each
from notifycli.store.engine import Connection
from notifycli.store.rows import AppointmentRow, EventRow, FormerTypeRow

Key = tuple[str, ...]  # clinic_id, appointment_id


class Child(NamedTuple):
    """A table whose rows are one field of an AppointmentRow, numbered from 0."""

    name: str
    field: Literal["events", "former_types"]
    row: Any


EVENT = Child("appointment_event", "events", EventRow)
FORMER_TYPE = Child("appointment_former_type", "former_types", FormerTypeRow)
CHILDREN = (FORMER_TYPE, EVENT)  # in the order of the fields
LAST_EVENT_AT = (
    "(SELECT e.at FROM appointment_event e WHERE e.clinic_id = appointment.clinic_id"
    " AND e.appointment_id = appointment.appointment_id ORDER BY e.number DESC LIMIT 1)"
)


def events_of(connection: Connection, clinic_id: str, ids: Iterable[str]) -> dict[str, tuple[EventRow, ...]]:
    """Of those of a clinic's appointments to which something happened, oldest first."""
    return _of_appointments(connection, EVENT, clinic_id, ids)


def former_types_of(connection: Connection, clinic_id: str, ids: Iterable[str]) -> dict[str, tuple[FormerTypeRow, ...]]:
    """Of those of a clinic's appointments that have had another type, oldest first."""
    return _of_appointments(connection, FORMER_TYPE, clinic_id, ids)


def _of_appointments(connection: Connection, child: Child, clinic_id: str, ids: Iterable[str]) -> dict[str, Any]:
    children: dict[str, list[Any]] = {}
    sql = (
        f"SELECT c.appointment_id, {', '.join(f'c.{field}' for field in child.row._fields)} FROM {each('?')}"
        f" {THEN_LOOKED_UP_IN} {child.name} c ON c.clinic_id = ? AND c.appointment_id = j.value ORDER BY c.number"
    )
    for appointment_id, *row in connection.execute(sql, (as_list(set(ids)), clinic_id)):
        children.setdefault(appointment_id, []).append(child.row(*row))
    return {appointment_id: tuple(rows) for appointment_id, rows in children.items()}


def with_children(connection: Connection, rows: Iterable[AppointmentRow]) -> Iterator[AppointmentRow]:
    """Rows of appointments as they stand in their own table, with what stands in the others."""
    of_clinics: dict[str, list[AppointmentRow]] = {}
    for row in rows:
        of_clinics.setdefault(row.clinic_id, []).append(row)
    for clinic_id, of_clinic in of_clinics.items():
        ids = [row.appointment_id for row in of_clinic]
        events = events_of(connection, clinic_id, ids)
        former_types = former_types_of(connection, clinic_id, ids)
        for row in of_clinic:
            id_ = row.appointment_id
            yield row._replace(events=events.get(id_, ()), former_types=former_types.get(id_, ()))


def without_what_came_by(import_id: int, row: AppointmentRow) -> AppointmentRow:
    events = tuple(event for event in row.events if event.import_id != import_id)
    former_types = tuple(former for former in row.former_types if former.import_id != import_id)
    return row._replace(events=events, former_types=former_types)


def replace_children(
    connection: Connection, rows: Iterable[AppointmentRow], stored: Mapping[Key, AppointmentRow]
) -> None:
    """Writes what of each row is not among what is stored, and takes away what is no more."""
    for child in CHILDREN:
        undone, new = [], []
        for row in rows:
            key = row[:2]
            was, becomes = getattr(stored[key], child.field), getattr(row, child.field)
            if was == becomes:
                continue
            pairs = enumerate(zip(was, becomes, strict=False))
            same = next((place for place, (a, b) in pairs if a != b), min(len(was), len(becomes)))
            if len(was) > same:
                undone.append((*key, same))
            new += [(*key, number, *becomes[number]) for number in range(same, len(becomes))]
        where = "clinic_id = ? AND appointment_id = ? AND number >= ?"
        connection.executemany(f"DELETE FROM {child.name} WHERE {where}", undone)
        marks = ", ".join("?" * (3 + len(child.row._fields)))
        connection.executemany(f"INSERT INTO {child.name} ({', '.join(fields_of(child))}) VALUES ({marks})", new)


def fields_of(child: Child) -> tuple[str, ...]:
    return ("clinic_id", "appointment_id", "number", *child.row._fields)


EVENTS_OF_IMPORT = (
    "SELECT e.kind, 'appointment', a.appointment_id, a.clinic_id, a.patient_id, e.at,"
    " e.kind = 'change' AND e.from_starts_at <> e.to_starts_at"
    f" FROM appointment_event e {THEN_LOOKED_UP_IN} appointment a"
    " ON a.clinic_id = e.clinic_id AND a.appointment_id = e.appointment_id"
    " WHERE e.import_id = :import AND e.kind <> 'takeover' ORDER BY e.clinic_id, e.appointment_id, e.number"
)


@dataclass(frozen=True)
class StoredEvent:
    """What happened to an appointment, at UTC epoch seconds, and the import that told of it.

    `before` and `after`: start (UTC epoch seconds), location and patient; `before` is None of what began it.
    """

    kind: str
    at: int
    before: tuple[int, str, str] | None
    after: tuple[int, str, str]
    import_id: int


def told_events(connection: Connection, clinic_id: str, appointment_id: str) -> list[StoredEvent]:
    """Of one appointment, oldest first; what followed upon an event tells what it became where the event does not."""
    sql = "SELECT starts_at, location, patient_id FROM appointment WHERE clinic_id = ? AND appointment_id = ?"
    after = connection.execute(sql, (clinic_id, appointment_id)).fetchone()
    told: list[StoredEvent] = []
    for event in reversed(events_of(connection, clinic_id, [appointment_id]).get(appointment_id, ())):
        if event.to_starts_at is not None:
            after = (event.to_starts_at, event.to_location, after[2])
        before = None
        if event.from_starts_at is not None:
            before = (event.from_starts_at, event.from_location or "", event.from_patient_id or after[2])
        told.append(StoredEvent(event.kind, event.at, before, after, event.import_id))
        after = before or after
    return told[::-1]
