"""The history, as people ask for it: deliveries, skipped notices and what others sent, and all of one notice.

Reads only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from notifycli.store.engine import Connection
from notifycli.store.sqlite.dialect import contains, prepare_to_search

HISTORY_FIELDS = (
    "notice", "delivery", "clinic", "patient", "event", "subject", "subject_id", "channel", "address", "text", "status",
    "reason", "due_at", "sent_at", "status_at", "attempts", "sender", "active_user",
)  # fmt: skip
FIELDS_OF_WAITING = ("detail", "next_attempt_at")
ALL = -1


@dataclass(frozen=True)
class HistoryFilter:
    """What of the history is asked for; None: all. `since` (included) and `until` (not) go by status_at."""

    clinic: str | None = None
    patient: str | None = None
    appointment: str | None = None
    event: str | None = None
    channel: str | None = None
    status: str | None = None
    reason: str | None = None
    sender: str | None = None
    since: int | None = None
    until: int | None = None
    search: str | None = None
    limit: int = 50


ACTIVE_USER = "p.last_login_at IS NOT NULL"
OF_PATIENT = "LEFT JOIN patient p ON p.clinic_id = {0}.clinic_id AND p.patient_id = {0}.patient_id"
DELIVERIES = (
    "SELECT n.id AS notice, d.id AS delivery, n.clinic_id AS clinic, n.patient_id AS patient, n.event AS event,"
    " n.subject AS subject, n.subject_id AS subject_id, d.channel AS channel, d.address AS address, d.text AS text,"
    " d.status AS status, d.reason AS reason, n.due_at AS due_at, d.sent_at AS sent_at, d.status_at AS status_at,"
    f" d.attempts AS attempts, 'notify' AS sender, {ACTIVE_USER} AS active_user, d.detail, d.next_attempt_at"
    f" FROM delivery d JOIN notice n ON n.id = d.notice_id {OF_PATIENT.format('n')}"
)
SKIPPED = (
    "SELECT n.id AS notice, NULL AS delivery, n.clinic_id AS clinic, n.patient_id AS patient, n.event AS event,"
    " n.subject AS subject, n.subject_id AS subject_id, NULL AS channel, NULL AS address, NULL AS text,"
    " 'skipped' AS status, n.skip_reason AS reason, n.due_at AS due_at, NULL AS sent_at, n.skipped_at AS status_at,"
    f" 0 AS attempts, 'notify' AS sender, {ACTIVE_USER} AS active_user, NULL, NULL"
    f" FROM notice n {OF_PATIENT.format('n')} WHERE n.skip_reason IS NOT NULL"
)
EXTERNAL = (
    "SELECT NULL AS notice, NULL AS delivery, e.clinic_id AS clinic, e.patient_id AS patient, e.event AS event,"
    " NULL AS subject, e.external_id AS subject_id, e.channel AS channel, NULL AS address, NULL AS text,"
    " coalesce(nullif(e.status, ''), 'sent') AS status, NULL AS reason, NULL AS due_at, e.sent_at AS sent_at,"
    f" e.sent_at AS status_at, 1 AS attempts, e.sender AS sender, {ACTIVE_USER} AS active_user, NULL, NULL"
    f" FROM external e {OF_PATIENT.format('e')} WHERE 1"
)


def history(connection: Connection, wanted: HistoryFilter) -> Iterator[dict[str, Any]]:
    """One row a delivery, a skipped notice or what others sent, newest status_at first.

    By HISTORY_FIELDS, and FIELDS_OF_WAITING for people alone.
    """
    where, values = _conditions(wanted)
    limit = wanted.limit or ALL
    prepare_to_search(connection)
    newest = f"{where} ORDER BY status_at DESC, notice DESC, delivery DESC LIMIT :limit"
    parts = " UNION ALL ".join(
        f"SELECT * FROM (SELECT * FROM ({part}) {newest})" for part in (DELIVERIES, SKIPPED, EXTERNAL)
    )
    sql = f"{parts} ORDER BY status_at DESC, notice DESC, delivery DESC LIMIT :limit"
    rows = connection.execute(sql, values | {"limit": limit})
    names = (*HISTORY_FIELDS, *FIELDS_OF_WAITING)
    return (_with_booleans(dict(zip(names, row, strict=True))) for row in rows)


def _conditions(wanted: HistoryFilter) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {}
    parts = []
    for column in ("clinic", "patient", "event", "channel", "status", "reason", "sender"):
        if (value := getattr(wanted, column)) is not None:
            parts.append(f"{column} = :{column}")
            values[column] = value
    if wanted.appointment is not None:
        parts.append("subject = 'appointment' AND subject_id = :appointment")
        values["appointment"] = wanted.appointment
    if wanted.since is not None:
        parts.append("status_at >= :since")
        values["since"] = wanted.since
    if wanted.until is not None:
        parts.append("status_at < :until")
        values["until"] = wanted.until
    if wanted.search is not None:
        parts.append(SEARCH)
        values["search"] = wanted.search.casefold()
    return ("WHERE " + " AND ".join(f"({part})" for part in parts) if parts else ""), values


SEARCH = (
    " OR ".join(contains(cell, ":search") for cell in ("patient", "subject_id", "address", "text"))
    + " OR EXISTS (SELECT 1 FROM patient f WHERE f.clinic_id = clinic AND f.patient_id = patient AND "
    + contains("f.given_name || ' ' || f.family_name", ":search")
    + ")"
)


def _with_booleans(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"active_user": bool(row["active_user"])}


def external_statuses(connection: Connection) -> list[str]:
    """The words that third parties have for what became of theirs."""
    return [row[0] for row in connection.execute("SELECT DISTINCT status FROM external WHERE status <> ''")]


def notice(connection: Connection, number: int) -> dict[str, Any] | None:
    """One notice with its deliveries and every change of status; instants are UTC epoch seconds."""
    names = (
        "notice",
        "clinic",
        "patient",
        "subject",
        "subject_id",
        "event",
        "due_at",
        "happened_at",
        "written_at",
        "reason",
        "active_user",
    )
    sql = (
        "SELECT n.id, n.clinic_id, n.patient_id, n.subject, n.subject_id, n.event, n.due_at, n.happened_at,"
        f" n.written_at, n.skip_reason, {ACTIVE_USER} FROM notice n {OF_PATIENT.format('n')} WHERE n.id = ?"
    )
    row = connection.execute(sql, (number,)).fetchone()
    if row is None:
        return None
    return _with_booleans(dict(zip(names, row, strict=True))) | {
        "deliveries": connection.named(
            "SELECT id AS delivery, channel, address, sent_from, subject_line, text, status,"
            " reason, detail, status_at, sent_at, attempts,"
            " next_attempt_at, reference FROM delivery WHERE notice_id = ? ORDER BY id",
            (number,),
        ),
        "changes": connection.named(
            "SELECT at, delivery_id AS delivery, status, reason, detail, attempts FROM status_log WHERE notice_id = ?"
            " ORDER BY id",
            (number,),
        ),
    }
