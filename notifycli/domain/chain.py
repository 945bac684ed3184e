"""The chain of hashes over the history: what each link covers, and how one follows from the one before it.

Must not know where rows or links are kept. A link covers the change of a status and a salted hash of what it told; once
the salt and the text are gone (purge, forget), the link stands still, and nobody can guess the text from it.
"""

from hashlib import sha256
from typing import Any

BEGINNING = bytes(32)
HASH, SALT, ID = 32, 16, 8  # bytes
# A row, as it is chained: what of status_log is covered as it is, ...
CHANGE = ("id", "notice_id", "delivery_id", "at", "status", "attempts", "reason")
# ... and by a salted hash: what a server said; of what goes out or is skipped the notice, too, and of the former the
# message.
TOLD = (
    *("detail", "clinic_id", "subject", "subject_id", "event", "number", "tenure", "due_at"),
    *("channel", "address", "text", "sent_from", "subject_line", "told_starts_at", "told_location"),
)
STATUS = CHANGE.index("status")
DETAIL = len(CHANGE)
NOTICE_ENDS, MESSAGE_ENDS = DETAIL + TOLD.index("due_at") + 1, DETAIL + len(TOLD)
NOTHING_TOLD = bytes(HASH)


def hash_of_told(salt: bytes, row: tuple[Any, ...]) -> bytes:
    """`row`: by CHANGE and TOLD. Python's ascii() spells a tuple in one way alone, in every version."""
    status = row[STATUS]
    if status == "sending":
        told = row[DETAIL:MESSAGE_ENDS]
    elif status == "skipped":
        told = row[DETAIL:NOTICE_ENDS]
    elif row[DETAIL] is None:
        return NOTHING_TOLD
    else:
        told = row[DETAIL : DETAIL + 1]
    return sha256(salt + ascii(told).encode()).digest()


def next_hash(previous: bytes, row: tuple[Any, ...], told: bytes) -> bytes:
    """`row`: begins with CHANGE."""
    return sha256(previous + told + ascii(row[:DETAIL]).encode()).digest()


def head_in_words(position: int, head: bytes) -> str:
    """As it is written elsewhere."""
    return f"{position}:{head.hex()}"
