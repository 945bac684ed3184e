"""Seals what a transaction has written into the history: each change of a status becomes a link of the chain.

Within the transaction that wrote it, right before its end (store.engine), so that no change stands without its link.
Knows nothing of who checks them. Source: SPEC section 7.
"""

import os
from struct import pack
from typing import TYPE_CHECKING, Any

from notifycli.store.dialect import UNSEALED

if TYPE_CHECKING:
    from notifycli.store.connection import Connection

AT_ONCE = 1_000  # links in one row
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
TO_SEAL = f"SELECT {CHAINED} FROM status_log s {WITH_WHAT_IS_TOLD} WHERE {UNSEALED} ORDER BY s.id LIMIT {AT_ONCE}"


def seal(connection: "Connection") -> None:
    """Cheap where nothing is to be sealed, since every transaction that writes ends here."""
    while rows := connection.execute(TO_SEAL).fetchall():
        connection.hold(["chain"])  # so that there is one last link
        last = connection.execute("SELECT position, hashes FROM chain ORDER BY position DESC LIMIT 1").fetchone()
        _seal(connection, rows, *(last or (0, b"")))


def _seal(connection: "Connection", rows: list[tuple[Any, ...]], position: int, hashes: bytes) -> None:
    from notifycli.domain.chain import BEGINNING, HASH, SALT, hash_of_told, next_hash

    salts = os.urandom(SALT * len(rows))
    head, links, told_of_all = hashes[-HASH:] or BEGINNING, [], []
    for place, row in enumerate(rows):
        told = hash_of_told(salts[SALT * place : SALT * (place + 1)], row)
        head = next_hash(head, row, told)
        told_of_all.append(told)
        links.append(head)
    log_ids = pack(f">{len(rows)}q", *(row[0] for row in rows))
    connection.execute(
        "INSERT INTO chain (position, first_id, last_id, log_ids, hashes, salts, told) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (position + len(rows), rows[0][0], rows[-1][0], log_ids, b"".join(links), salts, b"".join(told_of_all)),
    )
