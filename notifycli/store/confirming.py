"""What we call sent, held against what a transport says that it sent: an outbox, or a gateway's log.

Within one transaction of the caller. Source: SPEC section 8, notify verify.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from notifycli.domain.verifying import Discrepancy
from notifycli.store.dialect import scratch
from notifycli.store.engine import Connection

LOG = scratch("gateway_log")
NEARLY = 10 * 60  # seconds between our time of a message and a gateway's
WRITTEN_TO = "written to "  # an outbox: its answer begins so
OURS = (
    "SELECT d.id, d.notice_id, n.subject, n.subject_id, d.attempts FROM delivery d JOIN notice n ON n.id = d.notice_id"
    " WHERE d.status IN ('sent', 'delivered')"
)


class LoggedMessage(NamedTuple):
    """A line of a gateway's log: `number` by its last eight digits, `at` in UTC epoch seconds; "" where it has none."""

    reference: str
    number: str
    at: int


def not_in_outbox(connection: Connection, written: Mapping[int, int]) -> Iterator[Discrepancy]:
    """`written`: how often each delivery stands in the outbox. Asked of what an outbox took, if its answer is kept."""
    rows = connection.execute(f"{OURS} AND d.detail LIKE '{WRITTEN_TO}%' ORDER BY d.id")
    for delivery, notice, subject, subject_id, attempts in rows:
        times = written.get(delivery, 0)
        if not times:
            yield Discrepancy("unconfirmed", "not in the outbox", notice, delivery, subject, subject_id)
        elif times > attempts:
            text = f"{times} times in the outbox, sent {attempts} times"
            yield Discrepancy("doubled", text, notice, delivery, subject, subject_id)


def begin(connection: Connection) -> None:
    connection.drop_scratch("gateway_log")
    columns = ("reference", "address", "sent_at")
    connection.make_scratch("gateway_log", "delivery", columns, columns)


def take(connection: Connection, messages: Iterable[LoggedMessage]) -> None:
    """The segments of a message may have a line each."""
    connection.executemany(f"INSERT INTO {LOG} VALUES (?, ?, ?) ON CONFLICT DO NOTHING", messages)


def not_in_log(connection: Connection) -> Iterator[Discrepancy]:
    """SMS that were sent within the log's time and that it knows neither by reference nor by number and time.

    What was taken away with a purge cannot be asked for.
    """
    first, last = connection.execute(f"SELECT min(sent_at), max(sent_at) FROM {LOG}").fetchone()
    rows = connection.execute(
        f"{OURS} AND d.channel = 'sms' AND d.sent_at BETWEEN :first AND :last"
        " AND (d.reference IS NOT NULL OR d.address IS NOT NULL)"
        f" AND NOT EXISTS (SELECT 1 FROM {LOG} g WHERE g.reference = d.reference)"
        f" AND NOT EXISTS (SELECT 1 FROM {LOG} g WHERE g.reference = '' AND d.address LIKE '%' || g.address"
        f" AND g.sent_at BETWEEN d.sent_at - {NEARLY} AND d.sent_at + {NEARLY})"
        " ORDER BY d.id",
        {"first": first, "last": last},
    )
    for delivery, notice, subject, subject_id, _ in rows:
        yield Discrepancy("unconfirmed", "not in the gateway's log", notice, delivery, subject, subject_id)
