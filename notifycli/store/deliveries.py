"""Deliveries as they stand: what is queued, uncertain, on its way. Changes nothing of them: see claims."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from notifycli.domain.model import Key
from notifycli.domain.words import Channel, DeliveryStatus, Detour, Event
from notifycli.store.dialect import THEN_LOOKED_UP_IN, among, as_list, by_index, each_number, locked
from notifycli.store.engine import Connection
from notifycli.store.facts import Subject
from notifycli.store.notices import channels_in


class Before(NamedTuple):
    """What a claim overwrites, so that it can be taken back; the instant is UTC epoch seconds."""

    next_attempt_at: int | None
    detail: str | None
    reference: str | None
    address: str | None
    sent_from: str | None
    subject_line: str | None
    text: str | None
    told_starts_at: int | None
    told_location: str | None
    detour: Detour | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery with its notice; `attempts` counts those made, instants are UTC epoch seconds."""

    id: int
    channel: Channel
    status: DeliveryStatus
    attempts: int
    first_attempt_at: int | None
    notice: int
    subject: Subject
    key: Key
    due_at: int
    happened_at: int
    channels_given: tuple[Channel, ...]
    before: "Before"

    @property
    def event(self) -> Event:
        return self.key.event


@dataclass(frozen=True, slots=True)
class Whose:
    """Deliveries of these clinics, or of all but these."""

    clinics: tuple[str, ...] = ()
    are_left_out: bool = True


EVERYBODYS = Whose()
EARLIER_ONE_GOING_OUT = (
    "(n.subject = 'appointment' AND EXISTS (SELECT 1 FROM notice o JOIN delivery x ON x.notice_id = o.id"
    " WHERE o.clinic_id = n.clinic_id AND o.patient_id = n.patient_id AND o.subject = n.subject AND o.id < n.id"
    " AND (x.status = 'sending' OR x.status IN ('queued', 'uncertain') AND x.next_attempt_at <= :now)))"
)
COLUMNS = (
    "d.id, d.channel, d.status, d.attempts, d.first_attempt_at, n.id, n.subject, n.clinic_id, n.subject_id,"
    " n.event, n.number, n.tenure, n.due_at, n.happened_at, n.channels_given,"
    " d.next_attempt_at, d.detail, d.reference, d.address, d.sent_from, d.subject_line, d.text,"
    " d.told_starts_at, d.told_location, d.detour"
)


def queued(connection: Connection, channel: Channel, now: int, most: int, whose: Whose = EVERYBODYS) -> list[Delivery]:
    """Deliveries of a channel to be sent now: what waits longest first, then by their notices' due times.

    Notices are numbered in the order in which they are due, so that among equals the number tells. One waits while an
    earlier notice of its patient's appointments is going out, on whatever channel, or is just asked for: that may
    cover it (R19).
    """
    index, of_clinics = _place_in_queue(whose)
    sql = (
        f"SELECT {COLUMNS} FROM delivery d {by_index(index)} {THEN_LOOKED_UP_IN} notice n ON n.id = d.notice_id"
        f" WHERE d.status = 'queued' AND d.next_attempt_at <= :now AND d.channel = :channel {of_clinics}"
        f" AND NOT {EARLIER_ONE_GOING_OUT} ORDER BY d.next_attempt_at, d.due_at, d.notice_id LIMIT :most"
    )
    values = {"now": now, "channel": channel, "most": most, "clinic": "".join(whose.clinics[:1])}
    return [_delivery(row) for row in connection.execute(sql, values | {"clinics": as_list(whose.clinics)})]


def _place_in_queue(whose: Whose) -> tuple[str, str]:
    """The index that has them in order, and what chooses among its rows; one clinic's stand together in their own."""
    if not whose.clinics:
        return "delivery_queued", ""
    if len(whose.clinics) == 1 and not whose.are_left_out:
        return "delivery_queued_of_clinic", "AND d.clinic_id = :clinic"
    in_or_not = "NOT IN" if whose.are_left_out else "IN"
    return "delivery_queued", f"AND d.clinic_id {in_or_not} {among(':clinics')}"


def clinics_in_queue(connection: Connection, channel: Channel, now: int) -> list[str]:
    """Clinics of which something waits to be sent now; from one to the next by an index, however much each has."""
    queue = (
        f"FROM delivery d {by_index('delivery_queued_of_clinic')} WHERE d.status = 'queued' AND d.channel = :channel"
    )
    sql = (
        f"WITH RECURSIVE clinic (id) AS (SELECT (SELECT min(d.clinic_id) {queue}) UNION ALL"
        f" SELECT (SELECT min(d.clinic_id) {queue} AND d.clinic_id > clinic.id) FROM clinic"
        " WHERE clinic.id IS NOT NULL) SELECT id FROM clinic"
        f" WHERE EXISTS (SELECT 1 {queue} AND d.clinic_id = clinic.id AND d.next_attempt_at <= :now)"
    )
    return [clinic_id for (clinic_id,) in connection.execute(sql, {"channel": channel, "now": now})]


def delivery_by_id(connection: Connection, delivery: int) -> Delivery | None:
    sql = f"SELECT {COLUMNS} FROM delivery d JOIN notice n ON n.id = d.notice_id WHERE d.id = ?"
    row = connection.execute(sql, (delivery,)).fetchone()
    return _delivery(row) if row else None


def still_queued(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Those of the deliveries that nobody has settled meanwhile, nor just claims."""
    of_ids = f"{each_number('?')} {THEN_LOOKED_UP_IN} delivery d ON d.id = j.value JOIN notice n ON n.id = d.notice_id"
    sql = f"SELECT d.id FROM {of_ids} WHERE d.status = 'queued' {locked('d', 'n')}"
    return {number for (number,) in connection.execute(sql, (as_list(ids),))}


def uncertain(connection: Connection, now: int) -> list[Delivery]:
    """Uncertain deliveries whose settling is due; those that are held have no time for it."""
    sql = (
        f"SELECT {COLUMNS} FROM delivery d JOIN notice n ON n.id = d.notice_id"
        " WHERE d.status = 'uncertain' AND d.next_attempt_at <= ?"
    )
    return [_delivery(row) for row in connection.execute(sql, (now,))]


def _delivery(row: tuple[Any, ...]) -> Delivery:
    (
        id_,
        channel,
        status,
        attempts,
        first_at,
        notice,
        subject,
        clinic,
        subject_id,
        event,
        number,
        tenure,
        due_at,
        happened_at,
        given,
        *before,
    ) = row
    which, key = Subject(subject, clinic, subject_id), Key(event, number, tenure)
    return Delivery(
        id_,
        channel,
        status,
        attempts,
        first_at,
        notice,
        which,
        key,
        due_at,
        happened_at,
        channels_in(given),
        Before(*before),
    )


def left_by_dead_runs(connection: Connection) -> list[tuple[Delivery, int | None]]:
    """Deliveries that are `sending` under a lease that has ended, or under none, each with its token."""
    sql = (
        f"SELECT {COLUMNS}, d.claimed_by FROM delivery d JOIN notice n ON n.id = d.notice_id WHERE d.status = 'sending'"
        " AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.id = d.claimed_by AND l.until_at > 0) ORDER BY d.id"
    )
    return [(_delivery(row[:-1]), row[-1]) for row in connection.execute(sql)]


def sending_under(connection: Connection, ids: Iterable[int], token: int) -> set[int]:
    """Those of the deliveries that are `sending` under that lease."""
    sql = (
        f"SELECT d.id FROM {each_number('?')} {THEN_LOOKED_UP_IN} delivery d ON d.id = j.value"
        " WHERE d.status = 'sending' AND d.claimed_by = ?"
    )
    return {number for (number,) in connection.execute(sql, (as_list(ids), token))}


def queued_of(connection: Connection, notice: int) -> list[tuple[int, Channel]]:
    """A notice's deliveries that wait."""
    sql = "SELECT id, channel FROM delivery WHERE notice_id = ? AND status = 'queued'"
    return connection.execute(sql, (notice,)).fetchall()


def has_gone_out(connection: Connection, notice: int) -> bool:
    """To its channel's service, or to the outbox in a rehearsal: either is over."""
    sql = (
        "SELECT 1 FROM delivery WHERE notice_id = ?"
        " AND (status IN ('sent', 'delivered') OR status = 'skipped' AND reason = 'rehearsal') LIMIT 1"
    )
    return connection.execute(sql, (notice,)).fetchone() is not None


def may_be_with_a_service(connection: Connection, delivery: Delivery) -> bool:
    """Whether a service took it once, named it, or may have taken it: another could send it a second time."""
    if delivery.before.reference is not None:
        return True
    sql = (
        "SELECT 1 FROM status_log WHERE notice_id = ? AND delivery_id = ?"
        " AND status IN ('sent', 'delivered', 'uncertain') LIMIT 1"
    )
    return connection.execute(sql, (delivery.notice, delivery.id)).fetchone() is not None


def channels_tried(connection: Connection, notice: int) -> set[Channel]:
    return {channel for (channel,) in connection.execute("SELECT channel FROM delivery WHERE notice_id = ?", (notice,))}


def statuses(connection: Connection, number: int) -> list[str]:
    """The statuses of a notice's deliveries; none of one that was skipped before it had any."""
    return [status for (status,) in connection.execute("SELECT status FROM delivery WHERE notice_id = ?", (number,))]
