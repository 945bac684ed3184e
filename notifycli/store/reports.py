"""Which delivery a report is about, and reports that came before that can be told. Decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from notifycli.domain.routing import Channel
from notifycli.store import deliveries
from notifycli.store.deliveries import Delivery
from notifycli.store.engine import Connection

KEPT = 7 * 24 * 3600  # seconds that an early report waits for its delivery
EARLY_FIELDS = ("channel", "state", "ours", "reference", "at", "reason", "detail", "is_gone")


@dataclass(frozen=True, slots=True)
class Reported:
    """A delivery that a report names; `reference`: the service's id of the last attempt."""

    delivery: Delivery
    patient_id: str
    address: str | None
    reference: str | None


def of_delivery(connection: Connection, number: int, channel: Channel) -> Reported | None:
    return _reported(connection, "d.id = ? AND d.channel = ?", (number, channel))


def of_reference(connection: Connection, reference: str, channel: Channel) -> Reported | None:
    """The newest with that id of a service."""
    return _reported(connection, "d.reference = ? AND d.channel = ?", (reference, channel))


def _reported(connection: Connection, where: str, values: tuple[object, ...]) -> Reported | None:
    sql = (
        "SELECT d.id, n.patient_id, d.address, d.reference FROM delivery d JOIN notice n ON n.id = d.notice_id"
        f" WHERE {where} ORDER BY d.id DESC LIMIT 1"
    )
    row = connection.execute(sql, values).fetchone()
    delivery = deliveries.one(connection, row[0]) if row else None
    return Reported(delivery, *row[1:]) if delivery else None


def keep_early(connection: Connection, values: dict[str, Any], now: int) -> None:
    """`values` by EARLY_FIELDS."""
    marks = ", ".join(f":{field}" for field in EARLY_FIELDS)
    sql = f"INSERT INTO early_report (received_at, {', '.join(EARLY_FIELDS)}) VALUES (:now, {marks})"
    connection.execute(sql, values | {"now": now})


def early_ones(connection: Connection, now: int) -> list[tuple[int, dict[str, Any]]]:
    """Those that wait, by their numbers; what nothing came to fit in KEPT seconds is dropped."""
    connection.execute("DELETE FROM early_report WHERE received_at < ?", (now - KEPT,))
    rows = connection.execute(f"SELECT id, {', '.join(EARLY_FIELDS)} FROM early_report ORDER BY id").fetchall()
    return [(number, dict(zip(EARLY_FIELDS, row, strict=True))) for number, *row in rows]


def forget_early(connection: Connection, number: int) -> None:
    connection.execute("DELETE FROM early_report WHERE id = ?", (number,))


@dataclass(frozen=True, slots=True)
class Open:
    """A delivery whose fate a service may tell; `attempted_at`: UTC epoch seconds."""

    id: int
    clinic_id: str
    address: str
    text: str
    reference: str | None
    attempted_at: int


def open_ones(connection: Connection, channel: Channel, since: int, most: int) -> Iterable[Open]:
    """Uncertain ones, then those sent since, that nothing is known of beyond."""
    fields = "d.id, n.clinic_id, d.address, d.text, d.reference"
    of = "FROM delivery d JOIN notice n ON n.id = d.notice_id WHERE d.channel = ?"
    uncertain = f"SELECT {fields}, d.status_at {of} AND d.status = 'uncertain' ORDER BY d.id LIMIT ?"
    sent = f"SELECT {fields}, d.sent_at {of} AND d.status = 'sent' AND d.sent_at >= ? ORDER BY d.sent_at LIMIT ?"
    found = connection.execute(uncertain, (channel, most)).fetchall()
    found += connection.execute(sent, (channel, since, most)).fetchall()
    return [Open(*row) for row in found[:most]]
