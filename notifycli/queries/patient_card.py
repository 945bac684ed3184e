"""All that answers a patient's call: contact and its origin, consent, preference, appointments, last and next notices.

Joins what the store and the other questions know; has no rule of its own.
"""

from dataclasses import dataclass
from typing import Any, Literal

from notifycli.queries.reachability import Reach, reach_of
from notifycli.queries.upcoming import Coming, coming_notices
from notifycli.store import audit, patients, subjects
from notifycli.store.engine import Connection
from notifycli.store.facts import Policy, Subject
from notifycli.store.history import HistoryFilter, history
from notifycli.store.subjects import WhoseSubjects

AHEAD = 366 * 24 * 3600  # seconds, of notices to come
LAST_NOTICES = 10
Origin = Literal["import", "staff"]
PLACES = {"email": "email", "mobile": "mobile", "consent": "consent", "method": "preferred_method"}


@dataclass(frozen=True)
class PatientCard:
    """`row`: see patients.patient. `origins`: who gave each of PLACES, None where nobody has. `set_by_staff`: who set
    which of them, and when (UTC epoch seconds).

    `suppressed`: addresses that are no more, see patients.suppressed_addresses. `appointments`: the next one first, the
    past ones after those to come, as subjects.details_of with its id; `last`: rows of the history, newest first.
    """

    row: dict[str, Any]
    reach: Reach
    origins: dict[str, Origin | None]
    set_by_staff: dict[str, tuple[str, int]]
    suppressed: list[dict[str, Any]]
    appointments: list[dict[str, Any]]
    last: list[dict[str, Any]]
    next: list[Coming]


def card_of(connection: Connection, policy: Policy, clinic: str, patient: str, now: int) -> PatientCard | None:
    """None where there is no such patient."""
    row = patients.patient(connection, clinic, patient)
    if row is None:
        return None
    [reach] = reach_of(connection, clinic, patient, now)
    whose = WhoseSubjects(clinic, patient)
    ids = patients.appointments_of(connection, clinic, patient, now)
    who_set = audit.who_set(connection, clinic, patient)
    return PatientCard(
        row=row,
        reach=reach,
        origins={place: _origin(row[field], row[f"imported_{place}"]) for place, field in PLACES.items()},
        set_by_staff={place: who_set[field] for place, field in PLACES.items() if field in who_set},
        suppressed=patients.suppressed_addresses(connection, clinic, patient),
        appointments=[
            {"appointment": id_, **subjects.details_of(connection, Subject("appointment", clinic, id_))} for id_ in ids
        ],
        last=[*history(connection, HistoryFilter(clinic=clinic, patient=patient, limit=LAST_NOTICES))],
        next=coming_notices(connection, policy, now, now + AHEAD, with_waiting=True, whose=whose),
    )


def _origin(stored: Any, imported: Any) -> Origin | None:
    """Staff, where it is not what was last imported in that place. Consent that nobody gave is stored as no."""
    if imported is None:
        return "staff" if stored else None
    if imported == patients.STAFF_SAID_NO:
        return "staff"
    return "import" if stored == imported else "staff"
