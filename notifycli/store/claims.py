"""Deliveries change their status here: claimed, answered, settled. The schema's picture of the states is the law.

Each update names the status that it expects and fails loudly if the row has another. Decides nothing of when or why.
"""

from notifycli.domain.errors import NotifyError
from notifycli.domain.model import Place
from notifycli.domain.words import DeliveryStatus, Detour, FailReason, NeverReason, SkipReason
from notifycli.store.deliveries import Delivery
from notifycli.store.dialect import OR_FAIL
from notifycli.store.engine import Connection


class StatusError(NotifyError):
    """A delivery has another status than the one that was expected: somebody else has settled it meanwhile."""


def claim(
    connection: Connection,
    delivery: Delivery,
    address: str,
    text: str,
    now: int,
    sent_from: str | None = None,
    subject_line: str | None = None,
    token: int | None = None,
    detour: Detour | None = None,
) -> None:
    """queued -> sending, under the lease of that token. Commit durably before the first byte leaves."""
    _change(
        connection,
        "status = 'sending', status_at = :now, reason = NULL, detail = NULL, address = :address, text = :text,"
        " sent_from = :sent_from, subject_line = :subject_line, detour = :detour, reference = NULL,"
        " attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, :now), next_attempt_at = NULL,"
        " claimed_by = :token",
        {"delivery": delivery.id, "expected": "queued", "now": now, "address": address, "text": text}
        | {"sent_from": sent_from, "subject_line": subject_line, "token": token, "detour": detour},
    )


def take_back(connection: Connection, delivery: Delivery, now: int) -> None:
    """sending -> queued: nothing of it has left, and all is as it was before the claim. `delivery`: as it was then."""
    values = {"attempts": delivery.attempts, "first_attempt_at": delivery.first_attempt_at, **delivery.before._asdict()}
    _change(
        connection,
        f"status = 'queued', status_at = :now, {', '.join(f'{column} = :{column}' for column in values)}",
        {"delivery": delivery.id, "expected": "sending", "now": now, **values},
    )


def queue_again(connection: Connection, delivery: int, now: int) -> None:
    """sending -> queued: nothing of it had left when the process that had claimed it died."""
    _change(
        connection,
        "status = 'queued', status_at = :now, attempts = attempts - 1, next_attempt_at = :now,"
        " first_attempt_at = CASE WHEN attempts > 1 THEN first_attempt_at END",
        {"delivery": delivery, "expected": "sending", "now": now},
    )


def note_what_is_told(connection: Connection, delivery: int, place: Place) -> None:
    """The time and place that a delivery of an appointment's notice gives as it goes out (R19)."""
    sql = "UPDATE delivery SET told_starts_at = ?, told_location = ? WHERE id = ?"
    connection.execute(sql, (*place, delivery))


def postpone(connection: Connection, delivery: int, until: int) -> None:
    """A queued delivery waits, without an attempt and without a change of its status."""
    sql = "UPDATE delivery SET next_attempt_at = ? WHERE id = ? AND status = 'queued'"
    connection.execute(sql, (until, delivery))


def mark_sent(
    connection: Connection,
    delivery: int,
    now: int,
    detail: str | None,
    reference: str | None,
    expected: DeliveryStatus = "sending",
) -> None:
    _change(
        connection,
        "status = 'sent', status_at = :now, sent_at = :now, reason = NULL, detail = :detail,"
        " reference = coalesce(:reference, reference), next_attempt_at = NULL",
        {"delivery": delivery, "expected": expected, "now": now, "detail": detail, "reference": reference},
    )


def mark_delivered(
    connection: Connection, delivery: int, now: int, detail: str | None, reference: str | None, expected: DeliveryStatus
) -> None:
    """A report says that it arrived; where no answer had said that it was sent, this does."""
    _change(
        connection,
        "status = 'delivered', status_at = :now, sent_at = coalesce(sent_at, :now), reason = NULL, detail = :detail,"
        " reference = coalesce(reference, :reference), next_attempt_at = NULL",
        {"delivery": delivery, "expected": expected, "now": now, "detail": detail, "reference": reference},
    )


def mark_failed(
    connection: Connection,
    delivery: int,
    now: int,
    reason: FailReason | str,
    detail: str | None,
    expected: DeliveryStatus = "sending",
) -> None:
    _change(
        connection,
        "status = 'failed', status_at = :now, reason = :reason, detail = :detail, next_attempt_at = NULL",
        {"delivery": delivery, "expected": expected, "now": now, "reason": reason, "detail": detail},
    )


def mark_skipped(
    connection: Connection,
    delivery: int,
    now: int,
    reason: SkipReason | NeverReason,
    expected: DeliveryStatus = "queued",
    detail: str | None = None,
) -> None:
    """From `sending` only what was written to the outbox in a rehearsal: nothing of it has left."""
    _change(
        connection,
        "status = 'skipped', status_at = :now, reason = :reason, detail = coalesce(:detail, detail),"
        " next_attempt_at = NULL",
        {"delivery": delivery, "expected": expected, "now": now, "reason": reason, "detail": detail},
    )


def mark_to_retry(
    connection: Connection,
    delivery: int,
    now: int,
    detail: str | None,
    next_attempt_at: int,
    expected: DeliveryStatus = "sending",
) -> None:
    """Back in the queue, to be tried again at `next_attempt_at`."""
    _change(
        connection,
        "status = 'queued', status_at = :now, reason = NULL, detail = :detail, next_attempt_at = :next_attempt_at",
        {"delivery": delivery, "expected": expected, "now": now, "detail": detail, "next_attempt_at": next_attempt_at},
    )


def mark_uncertain(connection: Connection, delivery: int, now: int, detail: str | None, settle_at: int | None) -> None:
    """`settle_at`: when it is to be sent again, None where it is held for staff or the gateway."""
    _change(
        connection,
        "status = 'uncertain', status_at = :now, reason = NULL, detail = :detail, next_attempt_at = :settle_at",
        {"delivery": delivery, "expected": "sending", "now": now, "detail": detail, "settle_at": settle_at},
    )


def _change(connection: Connection, assignments: str, values: dict[str, object]) -> None:
    sql = f"UPDATE {OR_FAIL} delivery SET {assignments} WHERE id = :delivery AND status = :expected"
    if connection.execute(sql, values).rowcount != 1:
        raise StatusError(f"delivery {values['delivery']} is not {values['expected']} any more")
