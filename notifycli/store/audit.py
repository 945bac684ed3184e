"""Who did what: every act of staff and every import, in a table that refuses updates and deletes.

Knows nothing of what an act does, and no user but the one it is told. Holds nothing of people but ids.
Source: SPEC section 8, `notify audit`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from notifycli.store.dialect import THEN_LOOKED_UP_IN, as_list, each
from notifycli.store.engine import Connection

About = Literal["module", "type", "patient", "notice", "import", "call", "run"]
FIELDS = ("at", "by", "did", "clinic", "patient", "detail")


class Action(NamedTuple):
    """What was done, as one types it (`did`), to what.

    `about_id`: the name of a module or type, the number of a notice or import, the id of a call; of a patient the
    places that were set, with spaces between.
    """

    did: str
    about: About
    about_id: str = ""
    detail: str = ""
    clinic: str | None = None
    patient: str | None = None


@dataclass(frozen=True)
class ActionFilter:
    """Which actions are asked for; None: all. `since` (included) and `until` (not) are UTC epoch seconds."""

    clinic: str | None = None
    patient: str | None = None
    by: str | None = None
    since: int | None = None
    until: int | None = None


def note(connection: Connection, now: int, by: str, action: Action) -> None:
    """Within the transaction of what was done, so that both stay or neither. `by`: the operating system's user."""
    connection.execute(
        "INSERT INTO action (at, by_user, did, about, about_id, detail, clinic_id, patient_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (now, by, *action),
    )


def actions(connection: Connection, wanted: ActionFilter) -> list[dict[str, Any]]:
    """By FIELDS, the newest first; `at` in UTC epoch seconds."""
    conditions = {
        "clinic": "clinic_id = :clinic",
        "patient": "patient_id = :patient",
        "by": "by_user = :by",
        "since": "at >= :since",
        "until": "at < :until",
    }
    asked = {name: getattr(wanted, name) for name in conditions if getattr(wanted, name) is not None}
    where = " AND ".join(["true", *(conditions[name] for name in asked)])
    return _listed(connection, f"WHERE {where} ORDER BY id DESC", asked)


def actions_about(connection: Connection, about: About, about_id: str) -> list[dict[str, Any]]:
    """The same about one thing, the oldest first."""
    where = "WHERE about = :about AND about_id = :id ORDER BY id"
    return _listed(connection, where, {"about": about, "id": about_id})


def _listed(connection: Connection, where: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    sql = f"SELECT at, by_user, did, clinic_id, patient_id, detail FROM action {where}"
    return [dict(zip(FIELDS, row, strict=True)) for row in connection.execute(sql, values)]


def who_set(connection: Connection, clinic: str, patient: str) -> dict[str, tuple[str, int]]:
    """Of each place that staff have set at a patient, who did so last, and when (UTC epoch seconds)."""
    sql = (
        "SELECT about_id, by_user, at FROM action"
        " WHERE about = 'patient' AND clinic_id = ? AND patient_id = ? ORDER BY id"
    )
    rows = connection.execute(sql, (clinic, patient))
    return {place: (by, at) for places, by, at in rows for place in places.split()}


def calls_done(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Of those of the calls that are marked as done, who did so, and when (UTC epoch seconds)."""
    sql = (
        f"SELECT about_id, by_user, at FROM {each('?')} {THEN_LOOKED_UP_IN} action"
        " ON about = 'call' AND about_id = j.value"
    )
    return {id_: (by, at) for id_, by, at in connection.execute(sql, (as_list(ids),))}
