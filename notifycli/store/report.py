"""What a month came to, counted: nothing here names a patient. Reads only.

What happened is counted by quarters of an hour, of which every zone's days are made, so that neither the days nor the
zone need be known here.
"""

from collections.abc import Iterator
from typing import NamedTuple

from notifycli.store.dialect import by_index
from notifycli.store.engine import Connection
from notifycli.store.punctuality import SentBetween

QUARTER = 900  # seconds
KEPT, MISSED = ("fulfilled", "arrived", "checked-in"), "noshow"


class WentOut(NamedTuple):
    """`at`: the quarter of an hour in which they were sent; `status`: how these deliveries stand now."""

    at: int
    channel: str
    status: str
    deliveries: int


class CameToNothing(NamedTuple):
    """Failed, skipped or uncertain since that quarter of an hour; of a notice that was skipped, no `channel`."""

    at: int
    channel: str | None
    status: str
    reason: str | None
    number: int


def went_out(connection: Connection, sent: SentBetween) -> Iterator[WentOut]:
    sql = (
        f"SELECT d.sent_at / {QUARTER}, d.channel, d.status, count(*) FROM delivery d {by_index('delivery_sent_at')}"
        f" WHERE {sent.condition} GROUP BY 1, 2, 3"
    )
    for quarter, *others in connection.execute(sql, sent._asdict()):
        yield WentOut(quarter * QUARTER, *others)


def came_to_nothing(connection: Connection, span: SentBetween) -> Iterator[CameToNothing]:
    """As the history has it: a row a delivery, or a notice that was skipped before it had any."""
    of_clinic = " AND clinic_id = :clinic" if span.clinic is not None else ""
    parts = (
        f"SELECT status_at / {QUARTER}, channel, status, reason, count(*)"
        f" FROM delivery {by_index('delivery_status_at')} WHERE status_at >= :since AND status_at < :until"
        f" AND status IN ('failed', 'skipped', 'uncertain'){of_clinic} GROUP BY 1, 2, 3, 4",
        f"SELECT skipped_at / {QUARTER}, NULL, 'skipped', skip_reason, count(*) FROM notice"
        f" WHERE skipped_at >= :since AND skipped_at < :until AND skip_reason IS NOT NULL{of_clinic}"
        " GROUP BY 1, 4",
    )
    for part in parts:
        for quarter, *others in connection.execute(part, span._asdict()):
            yield CameToNothing(quarter * QUARTER, *others)


def sms_texts(connection: Connection, sent: SentBetween) -> Iterator[tuple[str, str | None]]:
    """Of each SMS that was sent the clinic and the text, None where it is not kept any more."""
    sql = (
        f"SELECT d.clinic_id, d.text FROM delivery d {by_index('delivery_sent_at')}"
        f" WHERE {sent.condition} AND d.channel = 'sms'"
    )
    return ((clinic, text) for clinic, text in connection.execute(sql, sent._asdict()))


def fallbacks(connection: Connection, span: SentBetween) -> list[tuple[str, str, int, int]]:
    """From which channel to which, how many notices, and how many of these went out there."""
    of_clinic = " AND d.clinic_id = :clinic" if span.clinic is not None else ""
    born = "SELECT min(l.id) FROM status_log l WHERE l.notice_id = d.notice_id AND l.delivery_id = o.id"
    failed = (
        "SELECT min(l.id) FROM status_log l WHERE l.notice_id = d.notice_id AND l.delivery_id = d.id"
        " AND l.status = 'failed'"
    )
    sql = (
        "SELECT d.channel, o.channel, count(*), count(o.sent_at)"
        f" FROM delivery d {by_index('delivery_status_at')} JOIN delivery o ON o.notice_id = d.notice_id"
        " AND o.channel <> d.channel AND o.channel <> 'push'"
        f" WHERE d.status_at >= :since AND d.status_at < :until AND d.status = 'failed'{of_clinic}"
        f" AND ({born}) > ({failed}) GROUP BY 1, 2 ORDER BY 3 DESC"
    )
    return connection.execute(sql, span._asdict()).fetchall()


def attendance(connection: Connection, span: SentBetween) -> list[tuple[str, bool, int]]:
    """Appointments that began then: status, whether a reminder of that time had gone out, how many.

    Of those that are `booked` still no export said how they ended. Reads every appointment.
    """
    of_clinic = " AND a.clinic_id = :clinic" if span.clinic is not None else ""
    reminded = (
        "EXISTS (SELECT 1 FROM notice n JOIN delivery d ON d.notice_id = n.id WHERE n.clinic_id = a.clinic_id"
        " AND n.subject = 'appointment' AND n.subject_id = a.appointment_id AND n.event = 'reminder'"
        " AND n.number = a.starts_at AND n.patient_id = a.patient_id AND d.status IN ('sent', 'delivered')"
        " AND d.sent_at < a.starts_at)"
    )
    sql = (
        f"SELECT a.status, {reminded}, count(*) FROM appointment a WHERE a.starts_at >= :since AND a.starts_at < :until"
        f" AND a.status IN {(*KEPT, MISSED, 'booked')}{of_clinic} GROUP BY 1, 2"
    )
    return [
        (status, bool(is_reminded), number) for status, is_reminded, number in connection.execute(sql, span._asdict())
    ]


def sent_by_others(connection: Connection, span: SentBetween) -> list[tuple[str, int]]:
    """Third parties' senders, with how many messages of theirs were imported."""
    of_clinic = " AND clinic_id = :clinic" if span.clinic is not None else ""
    sql = (
        f"SELECT sender, count(*) FROM external WHERE sent_at >= :since AND sent_at < :until{of_clinic}"
        " GROUP BY sender ORDER BY 2 DESC, 1"
    )
    return connection.execute(sql, span._asdict()).fetchall()


def count_patients(connection: Connection, clinic: str | None) -> int:
    sql = f"SELECT count(*) FROM patient WHERE {_of(clinic)}"
    return int(connection.execute(sql, {"clinic": clinic}).fetchone()[0])


def shared(connection: Connection, place: str, clinic: str | None) -> tuple[int, int]:
    """How many addresses (`place`: mobile, email) several of a clinic's patients have, and how many these are."""
    sql = (
        "SELECT count(*), coalesce(sum(patients), 0) FROM (SELECT count(*) AS patients FROM patient"
        f" WHERE {place} IS NOT NULL AND {_of(clinic)} GROUP BY clinic_id, {place} HAVING count(*) > 1) AS s"
    )
    number, patients = connection.execute(sql, {"clinic": clinic}).fetchone()
    return int(number), int(patients)


def stale_contacts(connection: Connection, clinic: str | None) -> list[tuple[str, int]]:
    """By channel: addresses, numbers and devices of patients that are said to be no more and stand there still."""
    sql = (
        "SELECT 'email', count(email_gone), 'sms', count(mobile_gone), 'push', count(push_gone)"
        f" FROM patient_contact WHERE {_of(clinic)}"
    )
    cells = connection.execute(sql, {"clinic": clinic}).fetchone()
    return list(zip(cells[::2], cells[1::2], strict=True))


def _of(clinic: str | None) -> str:
    return "clinic_id = :clinic" if clinic is not None else "true"
