"""Takes salts out of the chain, so that nobody can guess what its links told; the links themselves stand.

Within a transaction that takes the text away, too.
"""

from bisect import bisect_left
from collections.abc import Sequence
from struct import unpack

from notifycli.domain.chain import ID, SALT
from notifycli.domain.verifying import NO_SALT
from notifycli.store.engine import Connection

OF_ROW = "SELECT position, last_id, log_ids, salts FROM chain WHERE last_id >= ? AND first_id <= ? ORDER BY last_id"


def take_salts_of(connection: Connection, log_ids: Sequence[int]) -> None:
    """`log_ids`: rows of the history, ascending."""
    wanted = list(log_ids)
    place = 0
    while place < len(wanted):
        first = wanted[place]
        for position, last_id, stored, salts in connection.execute(OF_ROW, (first, first)).fetchall():
            ids = unpack(f">{len(stored) // ID}q", stored)
            until = max(place + 1, bisect_left(wanted, last_id + 1))
            here = set(wanted[place:until])
            new = b"".join(NO_SALT if id_ in here else salts[SALT * at : SALT * (at + 1)] for at, id_ in enumerate(ids))
            if new != salts:
                connection.execute("UPDATE chain SET salts = ? WHERE position = ?", (new, position))
            if first in ids:
                place = until
                break
        else:
            place += 1
