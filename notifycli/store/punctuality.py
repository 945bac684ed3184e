"""When notices went out and when they were due, and what is known of the time between. Reads only.

A notice went out with the first of its deliveries that was sent: one that falls back later was told in time.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from notifycli.domain.gap_causes import IN_TIME, ChangeOfStatus, Pause
from notifycli.store.dialect import THEN_LOOKED_UP_IN, as_list, by_index, each_number
from notifycli.store.engine import Connection
from notifycli.store.history import ALL

IS_FIRST_OUT = (
    "NOT EXISTS (SELECT 1 FROM delivery o WHERE o.notice_id = d.notice_id AND o.id <> d.id"
    " AND (o.sent_at < d.sent_at OR o.sent_at = d.sent_at AND o.id < d.id))"
)


class SentBetween(NamedTuple):
    """What went out from `since` on and before `until`, UTC epoch seconds; of every clinic where `clinic` is None."""

    since: int
    until: int
    clinic: str | None = None

    @property
    def condition(self) -> str:
        """On `delivery d`, with the values of _asdict()."""
        of_clinic = " AND d.clinic_id = :clinic" if self.clinic is not None else ""
        return f"d.sent_at >= :since AND d.sent_at < :until{of_clinic}"


def delays(connection: Connection, sent: SentBetween) -> Iterator[tuple[int, int]]:
    """Seconds between due and sent, from the shortest on, with how many notices took so long."""
    sql = (
        f"SELECT d.sent_at - d.due_at, count(*) FROM delivery d {by_index('delivery_sent_at')}"
        f" WHERE {sent.condition} AND {IS_FIRST_OUT} GROUP BY 1 ORDER BY 1"
    )
    return ((seconds, notices) for seconds, notices in connection.execute(sql, sent._asdict()))


@dataclass(frozen=True, slots=True)
class LateRow:
    """A notice that went out later than its minute; `number`: of a reminder the starts_at that it told of."""

    notice: int
    clinic: str
    patient_known_at: int | None
    subject: str
    subject_id: str
    event: str
    number: int
    happened_at: int
    due_at: int
    sent_at: int


def late_notices(connection: Connection, sent: SentBetween, limit: int = 0) -> Iterator[LateRow]:
    """The last that went out first; so many at most, all where `limit` is 0."""
    sql = (
        "SELECT n.id, n.clinic_id, p.known_since, n.subject, n.subject_id, n.event, n.number, n.happened_at, d.due_at,"
        f" d.sent_at FROM delivery d {by_index('delivery_sent_at')} {THEN_LOOKED_UP_IN} notice n ON n.id = d.notice_id"
        " LEFT JOIN patient p ON p.clinic_id = n.clinic_id AND p.patient_id = n.patient_id"
        f" WHERE {sent.condition} AND d.sent_at > d.due_at + {IN_TIME} AND {IS_FIRST_OUT}"
        " ORDER BY d.sent_at DESC, d.id DESC LIMIT :limit"
    )
    rows = connection.execute(sql, {**sent._asdict(), "limit": limit or ALL})
    return (LateRow(*row) for row in rows)


def changes_of(connection: Connection, notices: Iterable[int]) -> dict[int, list[ChangeOfStatus]]:
    """Every change of status of these notices and their deliveries, in order."""
    sql = (
        "SELECT l.notice_id, l.at, l.status, l.reason, l.detail, l.attempts, l.delivery_id IS NOT NULL"
        f" FROM {each_number('?')} {THEN_LOOKED_UP_IN} status_log l ON l.notice_id = j.value ORDER BY l.id"
    )
    changes: dict[int, list[ChangeOfStatus]] = {}
    for notice, at, status, reason, detail, attempts, is_of_delivery in connection.execute(sql, (as_list(notices),)):
        change = ChangeOfStatus(at, status, reason, detail, attempts, bool(is_of_delivery))
        changes.setdefault(notice, []).append(change)
    return changes


KNOWN_AT = {
    "dialog": "SELECT i.at FROM dialog JOIN import i ON i.id = known_by WHERE clinic_id = ? AND dialog_id = ?",
    "receipt": "SELECT i.at FROM receipt JOIN import i ON i.id = paid_by WHERE clinic_id = ? AND receipt_id = ?",
}
EVENT_KNOWN_AT = (
    "SELECT max(i.at) FROM appointment_event e JOIN import i ON i.id = e.import_id"
    " WHERE e.clinic_id = ? AND e.appointment_id = ? AND "
)


def known_at(connection: Connection, late: LateRow) -> int | None:
    """When an import told of the event that the notice is about; of a reminder, of the time that it is of."""
    values: tuple[object, ...] = (late.clinic, late.subject_id)
    if late.subject != "appointment":
        sql = KNOWN_AT[late.subject]
    elif late.event == "reminder":
        sql, values = f"{EVENT_KNOWN_AT} e.to_starts_at = ?", (*values, late.number)
    else:
        sql, values = f"{EVENT_KNOWN_AT} e.at = ?", (*values, late.happened_at)
    row = connection.execute(sql, values).fetchone()
    return row[0] if row else None


def pauses(connection: Connection, since: int, until: int) -> list[Pause]:
    """In which no run sent anything, in order, as far as they reach into that time."""
    sql = "SELECT cause, began_at, ended_at FROM pause WHERE ended_at > ? AND began_at < ? ORDER BY ended_at"
    return [Pause(*row) for row in connection.execute(sql, (since, until))]


def stopped_imports(connection: Connection, since: int, until: int) -> list[tuple[str | None, Pause]]:
    """Of which clinic (None: of several), and from when until when a stopped file was not settled."""
    sql = (
        "SELECT clinic, summary, at, coalesce(settled_at, ?) FROM import WHERE error IS NOT NULL AND at < ?"
        " AND (settled_at IS NULL OR settled_at > ?) ORDER BY at"
    )
    rows = connection.execute(sql, (until, until, since))
    return [
        (clinic, Pause("import_stopped", at, settled_at))
        for clinic, summary, at, settled_at in rows
        if json.loads(summary).get("stops")
    ]
