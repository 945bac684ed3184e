"""What `notify verify` reads: the chain's links with their rows, notices with their stories, subjects; in windows.

Decides nothing; memory does not grow with the history.
"""

import json
from collections.abc import Iterator
from struct import unpack
from typing import Any

from notifycli.domain.chain import HASH, ID
from notifycli.domain.verifying import ChangeHeld, DeliveryHeld, Links, NoticeHeld
from notifycli.store.engine import Connection
from notifycli.store.facts import Subject
from notifycli.store.journal import state
from notifycli.store.sealing import CHAINED, WITH_WHAT_IS_TOLD
from notifycli.store.subjects import ID_COLUMNS

LINKS_AT_ONCE = 20  # transactions, of a thousand rows at most
NOTICES_AT_ONCE = 2_000
# Of a message that left: whether it stands as it left, and was not made anew or taken back since.
STANDS_AS_IT_LEFT = (
    "CASE WHEN s.status = 'sending' THEN NOT EXISTS (SELECT 1 FROM status_log t WHERE t.notice_id = s.notice_id"
    " AND t.delivery_id = s.delivery_id AND t.id > s.id AND (t.status = 'sending' OR t.attempts < s.attempts))"
    " ELSE true END"
)


def links_after(connection: Connection, position: int) -> list[Links]:
    sql = "SELECT position, log_ids, hashes, salts, told FROM chain WHERE position > ? ORDER BY position LIMIT ?"
    return [
        Links(at, unpack(f">{len(log_ids) // ID}q", log_ids[: len(log_ids) // ID * ID]), hashes, salts, told)
        for at, log_ids, hashes, salts, told in connection.execute(sql, (position, LINKS_AT_ONCE))
    ]


def head_of_chain(connection: Connection) -> tuple[int, bytes]:
    """The last link's position and hash; 0 and none of an empty one."""
    row = connection.execute("SELECT position, hashes FROM chain ORDER BY position DESC LIMIT 1").fetchone()
    return (row[0], row[1][-HASH:]) if row else (0, b"")


def chained_rows(connection: Connection, first_id: int, last_id: int) -> dict[int, tuple[Any, ...]]:
    """Of the history, by id, as ChainCheck takes them."""
    sql = f"SELECT {CHAINED}, {STANDS_AS_IT_LEFT} FROM status_log s {WITH_WHAT_IS_TOLD} WHERE s.id >= ? AND s.id <= ?"
    return {row[0]: row for row in connection.execute(sql, (first_id, last_id))}


def rows_behind(connection: Connection, last_id: int) -> set[int]:
    """Of the history, by id: behind the chain's last link."""
    return {id_ for (id_,) in connection.execute("SELECT id FROM status_log WHERE id > ?", (last_id,))}


def is_forgotten(connection: Connection, notice: int) -> bool:
    """Whether a notice was of a patient who was forgotten, or is no more."""
    row = connection.execute("SELECT patient_id FROM notice WHERE id = ?", (notice,)).fetchone()
    return row is None or row[0].startswith("forgotten-")


def purged_until(connection: Connection) -> int:
    """Texts of before that moment may have been taken away (UTC epoch seconds; 0: none)."""
    return int(state(connection, "purged_until", 0))


def last_notice(connection: Connection) -> int:
    """The highest number that a notice has, or had."""
    sql = "SELECT coalesce(max(id), 0) FROM notice UNION ALL SELECT coalesce(max(notice_id), 0) FROM status_log"
    return max(int(number) for (number,) in connection.execute(sql))


def notices_between(
    connection: Connection, after: int, until: int
) -> Iterator[tuple[int, NoticeHeld | None, list[DeliveryHeld], list[ChangeHeld]]]:
    """By their numbers, behind `after` up to `until`: those too of which the history alone knows."""
    between = (after, until)
    sql = "SELECT id, subject, subject_id, due_at, skip_reason, skipped_at, facts FROM notice WHERE id > ? AND id <= ?"
    notices = {
        row[0]: NoticeHeld._make([*row[:6], json.loads(row[6]) if row[6] is not None else {}])
        for row in connection.execute(sql, between)
    }
    deliveries: dict[int, list[DeliveryHeld]] = {}
    sql = (
        "SELECT id, notice_id, channel, status, reason, attempts, status_at FROM delivery"
        " WHERE notice_id > ? AND notice_id <= ? ORDER BY id"
    )
    for row in connection.execute(sql, between):
        deliveries.setdefault(row[1], []).append(DeliveryHeld(*row))
    changes: dict[int, list[ChangeHeld]] = {}
    sql = (
        "SELECT id, notice_id, delivery_id, at, status, reason, attempts FROM status_log"
        " WHERE notice_id > ? AND notice_id <= ? ORDER BY notice_id, id"
    )
    for row in connection.execute(sql, between):
        changes.setdefault(row[1], []).append(ChangeHeld(*row))
    for number in sorted(notices.keys() | deliveries.keys() | changes.keys()):
        yield number, notices.get(number), deliveries.get(number, []), changes.get(number, [])


def subjects_after(
    connection: Connection, subject: str, after: tuple[str, str], most: int
) -> list[tuple[Subject, int | None]]:
    """Of one kind, by clinic and id, with the moment at which a run looks at them next."""
    id_column = ID_COLUMNS[subject]
    sql = (
        f"SELECT clinic_id, {id_column}, next_check_at FROM {subject} WHERE (clinic_id, {id_column}) > (?, ?)"
        " ORDER BY 1, 2 LIMIT ?"
    )
    return [(Subject(subject, *key), at) for *key, at in connection.execute(sql, (*after, most))]


def count_notices(connection: Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM notice").fetchone()[0])
