"""What monitoring asks of the database: what waits, what failed, the last run and imports.

Reads only. Cheap however large the database is: by indexes, and what may be a long queue is counted to MOST_COUNTED.
"""

from dataclasses import dataclass
from typing import Any

from notifycli.domain.words import SUBJECT_KINDS, SubjectKind
from notifycli.store.engine import Connection
from notifycli.store.importing import TABLES

MOST_COUNTED = 10_000
A_DAY = 24 * 3600
KINDS = tuple(TABLES)
IMPORT_FIELDS = (
    "kind", "at", "file", "rows", "new", "changed", "unchanged", "stale", "rejected", "warnings", "error"
)  # fmt: skip
RUN_FIELDS = ("due", "sent", "skipped", "failed", "retrying", "uncertain")


@dataclass(frozen=True)
class Backlog:
    """What waits, each counted up to MOST_COUNTED; `oldest_due_at` in UTC epoch seconds.

    `due`: subjects that no run has looked at since their moment came. `queued`: deliveries not tried yet. `retrying`:
    deliveries to be tried again.
    """

    due: int
    queued: int
    retrying: int
    oldest_due_at: int | None


def backlog(connection: Connection, now: int) -> Backlog:
    due = sum(_count_due(connection, subject, now) for subject in SUBJECT_KINDS)
    sql = (
        "SELECT count(*), coalesce(sum(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0)"
        " FROM (SELECT attempts FROM delivery WHERE status = 'queued' LIMIT ?) q"
    )
    waiting, retrying = connection.execute(sql, (MOST_COUNTED,)).fetchone()
    oldest = [_oldest_due(connection, subject, now) for subject in SUBJECT_KINDS] + [_oldest_queued(connection)]
    oldest_due_at = min((at for at in oldest if at is not None), default=None)
    return Backlog(min(due, MOST_COUNTED), waiting - retrying, retrying, oldest_due_at)


def _count_due(connection: Connection, subject: SubjectKind, now: int, least: int = 0) -> int:
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {subject} WHERE next_check_at BETWEEN ? AND ? LIMIT ?) q"
    return int(connection.execute(sql, (least, now, MOST_COUNTED)).fetchone()[0])


def late(connection: Connection, before: int) -> int:
    """What should have been looked at or gone out earlier than this, counted up to MOST_COUNTED."""
    count = sum(_count_due(connection, subject, before, least=1) for subject in SUBJECT_KINDS)
    sql = "SELECT count(*) FROM (SELECT 1 FROM delivery WHERE status = 'queued' AND due_at <= ? LIMIT ?) q"
    count += int(connection.execute(sql, (before, MOST_COUNTED)).fetchone()[0])
    return min(count, MOST_COUNTED)


def _oldest_due(connection: Connection, subject: SubjectKind, now: int) -> int | None:
    """0 stands for "look at it now", so it tells no time."""
    sql = f"SELECT min(next_check_at) FROM {subject} WHERE next_check_at BETWEEN 1 AND ?"
    oldest: int | None = connection.execute(sql, (now,)).fetchone()[0]
    return oldest


def _oldest_queued(connection: Connection) -> int | None:
    sql = (
        "SELECT min(n.due_at) FROM (SELECT notice_id FROM delivery WHERE status = 'queued'"
        " ORDER BY next_attempt_at LIMIT ?) q JOIN notice n ON n.id = q.notice_id"
    )
    oldest: int | None = connection.execute(sql, (MOST_COUNTED,)).fetchone()[0]
    return oldest


def uncertain(connection: Connection) -> tuple[int, int | None]:
    """How many deliveries, and since when."""
    sql = "SELECT count(*), min(status_at) FROM delivery WHERE status = 'uncertain'"
    return _count_and_since(connection, sql)


def failed(connection: Connection, since: int) -> tuple[int, int | None]:
    """How many deliveries lately whose notice reached nobody on another channel, and since when."""
    sql = (
        "SELECT count(*), min(status_at) FROM delivery d WHERE status_at >= ? AND status = 'failed' AND NOT EXISTS"
        " (SELECT 1 FROM delivery o WHERE o.notice_id = d.notice_id AND o.status IN ('sent', 'delivered'))"
    )
    return _count_and_since(connection, sql, since)


def retrying_since(connection: Connection) -> int | None:
    sql = (
        "SELECT 0, min(first_attempt_at)"
        " FROM (SELECT first_attempt_at FROM delivery WHERE status = 'queued' AND attempts > 0 LIMIT ?) q"
    )
    return _count_and_since(connection, sql, MOST_COUNTED)[1]


def _count_and_since(connection: Connection, sql: str, *values: int) -> tuple[int, int | None]:
    number, since = connection.execute(sql, values).fetchone()
    return int(number), since


def last_work(connection: Connection) -> dict[str, Any] | None:
    """The last run that had something to do: `at`, and its counts (RUN_FIELDS)."""
    sql = f"SELECT started_at, {', '.join(RUN_FIELDS)} FROM run ORDER BY id DESC LIMIT 1"
    row = connection.execute(sql).fetchone()
    return dict(zip(("at", *RUN_FIELDS), row, strict=True)) if row else None


def last_imports(connection: Connection) -> list[dict[str, Any]]:
    """The last import of each kind, in the order of KINDS, and the last of a file that was not recognised."""
    imports = [_last_import(connection, "kind = ?", kind) for kind in KINDS]
    imports.append(_last_import(connection, "kind IS NULL"))
    return [last for last in imports if last is not None]


def _last_import(connection: Connection, where: str, *values: str) -> dict[str, Any] | None:
    sql = f"SELECT {', '.join(IMPORT_FIELDS)} FROM import WHERE {where} ORDER BY id DESC LIMIT 1"
    row = connection.execute(sql, values).fetchone()
    return dict(zip(IMPORT_FIELDS, row, strict=True)) if row else None


def clinics(connection: Connection) -> list[dict[str, Any]]:
    """What of each clinic a message needs."""
    return connection.named(
        "SELECT clinic_id AS clinic, name, portal_url, timezone, sender_email, sender_sms FROM clinic"
        " ORDER BY clinic_id"
    )
