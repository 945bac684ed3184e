"""Leases: until when the claims of a process are its own. Decides nothing of what becomes of claims.

A process that was thought dead finds its lease ended, and may neither send nor record under it any more: whoever ends
it locks the same row that the process renews in each of its transactions. When its time is over the process lets
nothing leave, but it is ended some time later only: after a failover all of them are over and go on, and of a process
that was killed its own host knows more (delivery/hand_overs.py). Source: SPEC section 7, DESIGN, idea 9.
"""

from collections.abc import Iterable

from notifycli.domain.errors import NotifyError
from notifycli.domain.sentences import Sentence
from notifycli.store.dialect import SERVER_NOW, among_numbers, as_list
from notifycli.store.engine import Connection

LASTS = 30  # seconds from each renewal
ENDED_AFTER = 90  # seconds from the last renewal, by whoever comes first


class LeaseLost(NotifyError):
    """Another process counts this one as dead and has settled what it had claimed."""


def begin(connection: Connection, process: str) -> int:
    """The fencing token of a process that begins to send; within a transaction. Forgets leases that have ended."""
    sql = f"INSERT INTO lease (process, began_at, until_at) VALUES (?, {SERVER_NOW}, {SERVER_NOW} + {LASTS})"
    token = connection.insert(sql, (process,))
    connection.execute("DELETE FROM lease WHERE until_at = 0 AND id < ?", (token,))
    return token


def renew(connection: Connection, token: int) -> None:
    """Within the transaction of what is claimed or recorded under it. Raises LeaseLost."""
    still = "" if connection.has_one_run_at_a_time else " AND until_at > 0"
    sql = f"UPDATE lease SET until_at = {SERVER_NOW} + {LASTS} WHERE id = ?{still}"
    if not connection.execute(sql, (token,)).rowcount:
        raise LeaseLost(
            Sentence(
                "this run was not heard of for {seconds} seconds, so others settle what it had claimed",
                seconds=ENDED_AFTER,
            ),
            Sentence("See: notify history --status uncertain"),
        )


def note_written(connection: Connection, token: int, notices: int) -> None:
    connection.execute("UPDATE lease SET written = written + ? WHERE id = ?", (notices, token))


def written_by_others(connection: Connection, token: int) -> int:
    """Notices that the runs of other processes have written and are sending just now."""
    if connection.has_one_run_at_a_time:
        return 0
    sql = f"SELECT coalesce(sum(written), 0) FROM lease WHERE id <> ? AND until_at > {SERVER_NOW}"
    return int(connection.execute(sql, (token,)).fetchone()[0])


def end(connection: Connection, tokens: Iterable[int]) -> None:
    """Of a process that is done, or that is dead: from here on nothing goes by these tokens."""
    connection.execute(f"UPDATE lease SET until_at = 0 WHERE id IN {among_numbers('?')}", (as_list(tokens),))


def end_all(connection: Connection) -> None:
    """Of a database that was put back: who sent then is long gone."""
    connection.execute("UPDATE lease SET until_at = 0")


def end_dead(connection: Connection, ours: int, dead: Iterable[int]) -> None:
    """Ends the leases of others whose time is over, or of whom the caller knows that they are `dead`.

    Within the transaction that settles what they had claimed.
    """
    is_over = "true" if connection.has_one_run_at_a_time else f"until_at <= {SERVER_NOW} - {ENDED_AFTER - LASTS}"
    sql = f"SELECT id FROM lease WHERE until_at > 0 AND id <> ? AND ({is_over} OR id IN {among_numbers('?')})"
    end(connection, [token for (token,) in connection.execute(sql, (ours, as_list(dead)))])
