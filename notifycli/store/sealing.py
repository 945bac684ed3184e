"""Seals what a transaction has written into the history: each change of a status becomes a link of the chain.

Within the transaction that wrote it, right before its end (store.engine), so that no change stands without its link.
Knows nothing of who checks them. Source: SPEC section 7.
"""

import os
from struct import pack
from typing import TYPE_CHECKING, Any

from notifycli.store.sqlite.dialect import NOT_SEALED

if TYPE_CHECKING:
    from notifycli.store.sqlite.connection import Connection

AT_ONCE = 1_000  # links in one row
LAST = "SELECT position, last_id, hashes FROM chain ORDER BY position DESC LIMIT 1"
# By domain.chain's CHANGE and TOLD; what a row does not tell is not looked up.
CHAINED = (
    "s.id, s.notice_id, s.delivery_id, s.at, s.status, s.attempts, s.reason,"
    " s.detail, n.clinic_id, n.subject, n.subject_id, n.event, n.number, n.tenure, n.due_at, d.channel,"
    " d.address, d.text, d.sent_from, d.subject_line, d.told_starts_at, d.told_location"
)
WITH_WHAT_IS_TOLD = (
    "LEFT JOIN notice n ON n.id = CASE WHEN s.status IN ('sending', 'skipped') THEN s.notice_id END"
    " LEFT JOIN delivery d ON d.id = CASE WHEN s.status = 'sending' THEN s.delivery_id END"
)
UNSEALED = f"SELECT {CHAINED} FROM status_log s {WITH_WHAT_IS_TOLD} WHERE {NOT_SEALED} ORDER BY s.id LIMIT :most"


def seal(connection: "Connection") -> None:
    """Cheap where nothing is to be sealed, since every transaction that writes ends here."""
    last = connection.execute(LAST).fetchone() or (0, 0, b"")
    newest = connection.execute("SELECT id FROM status_log ORDER BY id DESC LIMIT 1").fetchone()
    while newest is not None and newest[0] > last[1]:
        rows = connection.execute(UNSEALED, {"last": last[1], "most": AT_ONCE}).fetchall()
        last = _seal(connection, rows, *last)


def _seal(
    connection: "Connection", rows: list[tuple[Any, ...]], position: int, _: int, hashes: bytes
) -> tuple[int, int, bytes]:
    from notifycli.domain.chain import BEGINNING, HASH, SALT, hash_of_told, next_hash

    salts = os.urandom(SALT * len(rows))
    head, links, told_of_all = hashes[-HASH:] or BEGINNING, [], []
    for place, row in enumerate(rows):
        told = hash_of_told(salts[SALT * place : SALT * (place + 1)], row)
        head = next_hash(head, row, told)
        told_of_all.append(told)
        links.append(head)
    position, hashes = position + len(rows), b"".join(links)
    log_ids = pack(f">{len(rows)}q", *(row[0] for row in rows))
    connection.execute(
        "INSERT INTO chain (position, first_id, last_id, log_ids, hashes, salts, told) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (position, rows[0][0], rows[-1][0], log_ids, hashes, salts, b"".join(told_of_all)),
    )
    return position, rows[-1][0], hashes
