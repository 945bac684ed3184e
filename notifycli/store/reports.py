"""Which delivery a report is about, and reports that came before that can be told. Decides nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from notifycli.domain.words import Channel, Detour
from notifycli.store import deliveries
from notifycli.store.deliveries import Delivery
from notifycli.store.dialect import among, as_list, is_same
from notifycli.store.engine import Connection

Service = tuple[str, Detour | None]  # of a clinic
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
    delivery = deliveries.delivery_by_id(connection, row[0]) if row else None
    return Reported(delivery, *row[1:]) if delivery else None


def attempted_at(connection: Connection, delivery: int) -> int | None:
    """When it was last handed over, UTC epoch seconds."""
    sql = f"SELECT {ATTEMPTED_AT} FROM (SELECT ? AS id) d"
    at: int | None = connection.execute(sql, (delivery,)).fetchone()[0]
    return at


ATTEMPTED_AT = "(SELECT max(l.at) FROM status_log l WHERE l.delivery_id = d.id AND l.status = 'sending')"


def keep_early(connection: Connection, values: dict[str, Any], now: int) -> None:
    """`values` by EARLY_FIELDS. The same once more is not kept."""
    marks = ", ".join(f":{field}" for field in EARLY_FIELDS)
    same = " AND ".join(is_same(field, f":{field}") for field in ("channel", "state", "ours", "reference"))
    sql = (
        f"INSERT INTO unmatched_receipt (received_at, {', '.join(EARLY_FIELDS)}) SELECT :now, {marks}"
        f" WHERE NOT EXISTS (SELECT 1 FROM unmatched_receipt WHERE {same})"
    )
    connection.execute(sql, values | {"now": now})


def early_ones(connection: Connection) -> list[tuple[int, dict[str, Any]]]:
    """Those that wait, by their numbers."""
    rows = connection.execute(f"SELECT id, {', '.join(EARLY_FIELDS)} FROM unmatched_receipt ORDER BY id").fetchall()
    return [(number, dict(zip(EARLY_FIELDS, row, strict=True))) for number, *row in rows]


def forget_early(connection: Connection, number: int) -> None:
    connection.execute("DELETE FROM unmatched_receipt WHERE id = ?", (number,))


def forget_what_nothing_fits(connection: Connection, now: int) -> None:
    connection.execute("DELETE FROM unmatched_receipt WHERE received_at < ?", (now - KEPT,))


@dataclass(frozen=True, slots=True)
class Open:
    """A delivery whose seen file a service may tell; `attempted_at`: UTC epoch seconds; `detour`: which service."""

    id: int
    clinic_id: str
    address: str
    text: str
    reference: str | None
    attempted_at: int
    detour: Detour | None = None


FIELDS = f"d.id, n.clinic_id, d.address, d.text, d.reference, coalesce({ATTEMPTED_AT}, d.status_at), d.detour"
# A list of (clinic_id, detour) as one text each: no list of pairs can stand behind NOT IN.
SERVICE = "coalesce(d.detour, '') || ' ' || n.clinic_id"
FROM = "FROM delivery d JOIN notice n ON n.id = d.notice_id WHERE d.channel = :channel"


def open_ones(
    connection: Connection, channel: Channel, since: int, most: int, after: int, without: Collection[Service]
) -> list[Open]:
    """Uncertain ones, and those sent since, of which nothing more is known, by their numbers behind `after`.

    `without`: clinics that are left out, each for one of its services.
    """
    of = f"{FROM} AND d.id > :after AND {SERVICE} NOT IN {among(':without')}"
    parts = (
        f"SELECT {FIELDS} {of} AND d.status = 'uncertain'",
        f"SELECT {FIELDS} {of} AND d.status = 'sent' AND d.sent_at >= :since",
    )
    left_out = as_list(f"{detour or ''} {clinic_id}" for clinic_id, detour in without)
    values = {"channel": channel, "since": since, "after": after, "without": left_out, "most": most}
    rows = connection.execute(f"{' UNION ALL '.join(parts)} ORDER BY 1 LIMIT :most", values)
    return [Open(*row) for row in rows]


def uncertain_due(connection: Connection, channel: Channel, now: int) -> list[Open]:
    """Uncertain ones that are to be sent again now, unless they arrived after all."""
    sql = f"SELECT {FIELDS} {FROM} AND d.status = 'uncertain' AND d.next_attempt_at <= :now ORDER BY d.id"
    return [Open(*row) for row in connection.execute(sql, {"channel": channel, "now": now})]
