"""What staff do about notices that did not go right: look at one again, settle an uncertain delivery.

Asks the one decision; what it queues is sent by the next run. Source: SPEC sections 7 and 8.
"""

from dataclasses import dataclass
from typing import Literal

from notifycli.domain.rules import due_as_written, look_before_attempt
from notifycli.store import audit, claims, deliveries, notices
from notifycli.store.engine import Connection, writing
from notifycli.store.facts import Facts, Policy
from notifycli.store.notices import Notice

Looked = Literal["queued", "skipped", "on its way", "unknown"]


@dataclass(frozen=True)
class LookedAgain:
    """What came of a notice that was looked at again; `reason` where it is skipped."""

    outcome: Looked
    reason: str | None = None
    channels: tuple[str, ...] = ()


def look_again(connection: Connection, policy: Policy, number: int, now: int, by: str) -> LookedAgain:
    """A failed or skipped notice by the rules as of now: queued for the next run, or skipped with today's reason.

    `by`: the user who asks.
    """
    with writing(connection):
        notice = notices.notice(connection, number)
        if notice is None:
            return LookedAgain("unknown")
        if set(deliveries.statuses(connection, number)) - {"failed", "skipped"}:
            return LookedAgain("on its way")
        looked = _look(connection, policy, number, notice, now)
        came_of_it = f"skipped: {looked.reason}" if looked.reason else f"queued by {', '.join(looked.channels)}"
        _note(connection, now, by, "retry", number, notice, f"notice {number} {came_of_it}")
        return looked


def _look(connection: Connection, policy: Policy, number: int, notice: Notice, now: int) -> LookedAgain:
    known = Facts(connection, policy).known(notice.subject)
    if known is None or known.patient_for(notice.key) is None:
        return LookedAgain("skipped", "unknown_patient")
    due = due_as_written(notice.key, notice.due_at, notice.happened_at, known.subject)
    verdict = look_before_attempt(due, known.subject, known.patient, now)
    if verdict.outcome == "waits":
        return LookedAgain("skipped", verdict.reason)
    notices.look_at_notice_again(connection, number, verdict, now)
    notices.keep_facts(connection, number, known, verdict, now)
    if verdict.outcome == "skip":
        return LookedAgain("skipped", verdict.reason)
    return LookedAgain("queued", None, verdict.channels)


def _note(connection: Connection, now: int, by: str, did: str, number: int, notice: Notice, detail: str) -> None:
    clinic, patient = notice.subject.clinic_id, notice.patient_id
    audit.note(connection, now, by, audit.Action(did, "notice", str(number), detail, clinic, patient))


def settle(connection: Connection, delivery: int, now: int, by: str, *, was_sent: bool) -> str | None:
    """Settles an uncertain delivery: it was sent, or goes out again. The status it has where it is not uncertain.

    `by`: the user who says so. Raises KeyError where there is no such delivery.
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
        notice = notices.notice(connection, stored.notice)
        assert notice is not None  # a delivery has one
        came_of_it = "counts as sent" if was_sent else "goes out again"
        detail = f"{stored.channel} delivery {delivery} {came_of_it}"
        _note(connection, now, by, "resolve", stored.notice, notice, detail)
    return None
