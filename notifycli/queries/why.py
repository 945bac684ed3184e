"""Why: every notice that a subject could make, what became of it or will, and the rule that decided.

Joins what was decided (written notices) with what the one decision says now; has no rule of its own.
"""

from dataclasses import dataclass
from typing import Any

from notifycli.domain.explanations import explanation
from notifycli.domain.model import Verdict
from notifycli.domain.rules import ORDER_WHEN_EQUAL, decide, due_as_written, look_before_attempt
from notifycli.domain.words import Event, NoticeVerdict
from notifycli.store import reading
from notifycli.store.appointments import StoredEvent, told_events
from notifycli.store.engine import Connection
from notifycli.store.engine import reading as one_view
from notifycli.store.facts import Facts, Known, Policy, Subject
from notifycli.store.reading import NoticeRow

ON_ITS_WAY = ("queued", "sending")
WENT_OUT = ("sent", "delivered")


@dataclass(frozen=True)
class WhyNotice:
    """`notice` is its number, where it exists; `due_at` UTC epoch seconds, None where no rule made it due.

    `next_attempt_at`: of one that waits to be sent or tried again.
    """

    event: Event
    patient: str
    verdict: NoticeVerdict
    reason: str | None
    due_at: int | None
    channels: tuple[str, ...]
    explanation: str
    notice: int | None = None
    next_attempt_at: int | None = None


@dataclass(frozen=True)
class Why:
    which: Subject
    patient: str
    zone: str
    is_active_user: bool
    details: dict[str, Any]
    events: list[StoredEvent]
    notices: list[WhyNotice]


def explain(connection: Connection, policy: Policy, which: Subject, now: int) -> Why | None:
    """None where there is no such subject."""
    with one_view(connection):
        known = Facts(connection, policy).known(which)
        if known is None:
            return None
        written = {row.key: row for row in reading.notices_of(connection, which)}
        details = reading.details_of(connection, which)
        is_appointment = which.subject == "appointment"
        events = told_events(connection, which.clinic_id, which.subject_id) if is_appointment else []
        verdicts = decide(known.subject, known.patient, now).verdicts
    notices = [_of_written(row, known, now) for row in written.values()]
    notices += [_of_verdict(verdict, known, now) for verdict in verdicts if verdict.key not in written]
    notices.sort(key=lambda notice: (notice.due_at is None, notice.due_at or 0, ORDER_WHEN_EQUAL.index(notice.event)))
    zone = known.clinic.zone.key
    return Why(which, known.details.patient_id, zone, known.details.is_active_user, details, events, notices)


def _of_written(row: NoticeRow, known: Known, now: int) -> WhyNotice:
    verdict, reason, channels = _what_became_of(row)
    if verdict == "planned":
        due = due_as_written(row.key, row.due_at, row.happened_at, known.subject)
        next_at = max((at for *_, at in row.deliveries if at is not None), default=now)
        reason = look_before_attempt(due, known.subject, known.patient, max(now, next_at)).reason
        channels = () if reason else channels
    words = explanation(row.key.event, verdict, reason)
    waiting = [at for _, _, status, _, at in row.deliveries if status == "queued" and at is not None]
    next_attempt_at = min(waiting, default=None) if verdict == "planned" else None
    return WhyNotice(row.key.event, row.patient, verdict, reason, row.due_at, channels, words, row.id, next_attempt_at)


def _what_became_of(row: NoticeRow) -> tuple[NoticeVerdict, str | None, tuple[str, ...]]:
    if row.skip_reason is not None:
        return "skipped", row.skip_reason, ()
    rank: list[tuple[NoticeVerdict, tuple[str, ...]]] = [
        ("sent", WENT_OUT),
        ("planned", ON_ITS_WAY),
        ("uncertain", ("uncertain",)),
        ("failed", ("failed",)),
    ]
    for verdict, statuses in rank:
        of_these = [delivery for delivery in row.deliveries if delivery[2] in statuses]
        if of_these:
            reason = of_these[-1][3] if verdict == "failed" else None
            return verdict, reason, tuple(delivery[1] for delivery in of_these)
    reason = next((delivery[3] for delivery in reversed(row.deliveries)), None)
    return "skipped", reason, ()


def _of_verdict(decided: Verdict, known: Known, now: int) -> WhyNotice:
    verdict: NoticeVerdict = "never" if decided.outcome == "never" else "planned"
    words = explanation(
        decided.key.event, verdict, decided.reason, is_due=decided.due_at is not None and decided.due_at <= now
    )
    patient = known.details_for(decided.key).patient_id
    return WhyNotice(decided.key.event, patient, verdict, decided.reason, decided.due_at, decided.channels, words)
