"""Deliveries change their status here: claimed, answered, settled. The schema's picture of the states is the law.

Each update names the status that it expects and fails loudly if the row has another. Decides nothing of when or why.
"""

from collections.abc import Sequence
from typing import NamedTuple

from notifycli.domain.errors import NotifyError
from notifycli.domain.words import DeliveryStatus, Detour, FailReason, NeverReason, SkipReason
from notifycli.store.deliveries import Delivery
from notifycli.store.dialect import OR_FAIL
from notifycli.store.engine import Connection


class StatusError(NotifyError):
    """A delivery has another status than the one that was expected: somebody else has settled it meanwhile."""


class Claim(NamedTuple):
    """A message that is to leave: what it says, from whom, by which way, and what it tells of an appointment (R19)."""

    delivery: int
    address: str
    text: str
    sent_from: str | None = None
    subject_line: str | None = None
    detour: Detour | None = None
    told_starts_at: int | None = None
    told_location: str | None = None


def claim(connection: Connection, claims: Sequence[Claim], now: int, token: int | None = None) -> None:
    """queued -> sending, under the lease of that token. Commit durably before the first byte leaves."""
    columns = ", ".join(f"{column} = :{column}" for column in Claim._fields[1:])
    _change_all(
        connection,
        f"status = 'sending', status_at = :now, reason = NULL, detail = NULL, {columns}, reference = NULL,"
        " attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, :now), next_attempt_at = NULL,"
        " claimed_by = :token",
        [{**claim._asdict(), "expected": "queued", "now": now, "token": token} for claim in claims],
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
        IS_SENT,
        {"delivery": delivery, "expected": expected, "now": now, "detail": detail, "reference": reference},
    )


def mark_all_sent(connection: Connection, taken: Sequence[tuple[int, str | None, str | None]], now: int) -> None:
    """sending -> sent: each delivery with the answer and the reference that its service gave."""
    names = ("delivery", "detail", "reference")
    values: list[dict[str, object]] = [
        {**dict(zip(names, answer, strict=True)), "expected": "sending", "now": now} for answer in taken
    ]
    _change_all(connection, IS_SENT, values)


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


IS_SENT = (
    "status = 'sent', status_at = :now, sent_at = :now, reason = NULL, detail = :detail,"
    " reference = coalesce(:reference, reference), next_attempt_at = NULL"
)


def _change(connection: Connection, assignments: str, values: dict[str, object]) -> None:
    _change_all(connection, assignments, [values])


def _change_all(connection: Connection, assignments: str, values: Sequence[dict[str, object]]) -> None:
    """Together, since a server far away answers each statement by itself."""
    sql = f"UPDATE {OR_FAIL} delivery SET {assignments} WHERE id = :delivery AND status = :expected"
    if values and connection.executemany(sql, values).rowcount != len(values):
        ids = ", ".join(str(of_delivery["delivery"]) for of_delivery in values)
        raise StatusError(f"delivery {ids}: not {values[0]['expected']} any more")
