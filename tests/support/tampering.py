"""Hands that write into the database past the program: what `notify verify` must name."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple


class Tampering(NamedTuple):
    """`chosen`: rows that it may concern; `sql`: what is done to one of them; `kinds`: any of which names it."""

    name: str
    chosen: str
    sql: tuple[str, ...]
    kinds: tuple[str, ...]


SENT = "SELECT id FROM delivery WHERE status IN ('sent', 'delivered')"
TAMPERINGS = (
    Tampering(
        "a row of the history deleted",
        "SELECT id FROM status_log",
        ("DELETE FROM status_log WHERE id = :id",),
        ("deleted",),
    ),
    Tampering(
        "a row of the history with another status",
        "SELECT id FROM status_log",
        ("UPDATE status_log SET status = CASE status WHEN 'failed' THEN 'sent' ELSE 'failed' END WHERE id = :id",),
        ("altered",),
    ),
    Tampering(
        "what a server said, changed",
        "SELECT id FROM status_log WHERE status = 'sent'",
        ("UPDATE status_log SET detail = '250 thank you' WHERE id = :id",),
        ("altered",),
    ),
    Tampering(
        "a row of the history at an earlier time",
        "SELECT id FROM status_log WHERE status = 'sent'",
        ("UPDATE status_log SET at = at - 4000 WHERE id = :id",),
        ("order",),
    ),
    Tampering(
        "a row of the history that nobody wrote",
        "SELECT notice_id AS id FROM delivery WHERE status = 'sent'",
        (
            "INSERT INTO status_log (id, notice_id, at, status, attempts) SELECT 0, :id, due_at + 600, 'queued', 0"
            " FROM notice WHERE id = :id",
        ),
        ("altered",),
    ),
    Tampering("a notice deleted", "SELECT id FROM notice", ("DELETE FROM notice WHERE id = :id",), ("deleted",)),
    Tampering(
        "a notice and all that tells of it deleted",
        "SELECT id FROM notice",
        (
            "DELETE FROM status_log WHERE notice_id = :id",
            "DELETE FROM delivery WHERE notice_id = :id",
            "DELETE FROM notice WHERE id = :id",
        ),
        ("deleted",),
    ),
    Tampering("a delivery deleted", "SELECT id FROM delivery", ("DELETE FROM delivery WHERE id = :id",), ("deleted",)),
    Tampering("another text", SENT, ("UPDATE delivery SET text = text || ' NB!' WHERE id = :id",), ("altered",)),
    Tampering("another address", SENT, ("UPDATE delivery SET address = 'x@y.example' WHERE id = :id",), ("altered",)),
    Tampering(
        "another status",
        SENT,
        ("UPDATE delivery SET status = 'failed', reason = 'refused' WHERE id = :id",),
        ("altered",),
    ),
    Tampering(
        "another time of being due",
        "SELECT notice_id AS id FROM delivery WHERE status = 'sent'",
        ("UPDATE notice SET due_at = due_at - 3600 WHERE id = :id",),
        ("altered",),
    ),
    Tampering(
        "another reason",
        "SELECT id FROM notice WHERE skip_reason IS NOT NULL",
        ("UPDATE notice SET skip_reason = 'ended' WHERE id = :id",),
        ("altered",),
    ),
    Tampering(
        "another channel",
        "SELECT d.id FROM delivery d JOIN notice n ON n.id = d.notice_id WHERE d.status = 'sent'"
        " AND d.channel <> 'push'"
        " AND (SELECT count(*) FROM delivery o WHERE o.notice_id = d.notice_id AND o.channel <> 'push') = 1"
        " AND n.facts ->> 'looked_at' = n.written_at",
        ("UPDATE delivery SET channel = CASE channel WHEN 'sms' THEN 'email' ELSE 'sms' END WHERE id = :id",),
        ("channel",),
    ),
    Tampering(
        "a text taken away",
        SENT,
        ("UPDATE delivery SET text = NULL WHERE id = :id", "UPDATE chain SET salts = zeroblob(length(salts))"),
        ("altered",),
    ),
    Tampering(
        "a link of the chain changed",
        "SELECT position AS id FROM chain",
        ("UPDATE chain SET hashes = zeroblob(length(hashes)) WHERE position = :id",),
        ("altered",),
    ),
    Tampering(
        "links of the chain deleted",
        "SELECT position AS id FROM chain WHERE position < (SELECT max(position) FROM chain)",
        ("DELETE FROM chain WHERE position = :id",),
        ("deleted",),
    ),
    Tampering(
        "a notice that nothing made",
        "SELECT id FROM notice WHERE subject = 'appointment' AND event <> 'reminder'",
        (
            "INSERT INTO notice (clinic_id, patient_id, subject, subject_id, event, number, due_at, happened_at,"
            " written_at, skip_reason, skipped_at) SELECT clinic_id, patient_id, subject, subject_id, event, 900,"
            " due_at, happened_at, written_at, 'ended', due_at FROM notice WHERE id = :id",
        ),
        ("doubled",),
    ),
)


def tamper(database: Path, tampering: Tampering, place: int = 0) -> bool:
    """Whether there was a row of the kind; the triggers that would refuse it are taken away before, and put back."""
    with closing(sqlite3.connect(database)) as connection:
        chosen = connection.execute(f"SELECT id FROM ({tampering.chosen}) ORDER BY id").fetchall()
        if not chosen:
            return False
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        triggers = [trigger for trigger in triggers if not trigger[0].startswith("patient_search")]
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for sql in tampering.sql:
            connection.execute(sql, {"id": chosen[place % len(chosen)][0]})
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()
    return True
