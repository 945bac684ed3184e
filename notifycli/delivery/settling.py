"""What staff do about notices that did not go right: look at one again, settle an uncertain delivery.

Asks the one decision; what it queues is sent by the next run. Source: SPEC sections 7 and 8.
"""

from dataclasses import dataclass
from typing import Literal

from notifycli.domain.rules import due_as_written, look_before_attempt
from notifycli.store import claims, deliveries, notices
from notifycli.store.engine import Connection, writing
from notifycli.store.facts import Facts, Policy

Looked = Literal["queued", "skipped", "on its way", "unknown"]


@dataclass(frozen=True)
class LookedAgain:
    """What came of a notice that was looked at again; `reason` where it is skipped."""

    outcome: Looked
    reason: str | None = None
    channels: tuple[str, ...] = ()


def look_again(connection: Connection, policy: Policy, notice: int, now: int) -> LookedAgain:
    """A failed or skipped notice by the rules as of now: queued for the next run, or skipped with today's reason."""
    with writing(connection):
        written = notices.notice(connection, notice)
        if written is None:
            return LookedAgain("unknown")
        if set(deliveries.statuses(connection, notice)) - {"failed", "skipped"}:
            return LookedAgain("on its way")
        known = Facts(connection, policy).known(written.subject)
        if known is None or known.patient_for(written.key) is None:
            return LookedAgain("skipped", "unknown_patient")
        due = due_as_written(written.key, written.due_at, written.happened_at, known.subject)
        verdict = look_before_attempt(due, known.subject, known.patient, now)
        if verdict.outcome == "waits":
            return LookedAgain("skipped", verdict.reason)
        notices.look_at_notice_again(connection, notice, verdict, now)
        notices.keep_facts(connection, notice, known, verdict, now)
        if verdict.outcome == "skip":
            return LookedAgain("skipped", verdict.reason)
        return LookedAgain("queued", None, verdict.channels)


def settle(connection: Connection, delivery: int, now: int, *, was_sent: bool) -> str | None:
    """Settles an uncertain delivery: it was sent, or goes out again. The status it has where it is not uncertain.

    Raises KeyError where there is no such delivery.
    """
    with writing(connection):
        stored = deliveries.delivery_by_id(connection, delivery)
        if stored is None:
            raise KeyError(delivery)
        if stored.status != "uncertain":
            return stored.status
        if was_sent:
            claims.mark_sent(connection, delivery, now, "staff say that it arrived", None, expected="uncertain")
        else:
            detail = "staff sent it again"
            claims.mark_to_retry(connection, delivery, now, detail, now, expected="uncertain")
    return None
