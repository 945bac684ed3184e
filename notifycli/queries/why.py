"""Why: every notice that a subject could make, what became of it or will, and the rule that decided.

Joins what was decided (written notices) with what the one decision says now; has no rule of its own.
"""

from dataclasses import dataclass, replace
from typing import Any

from notifycli.domain.explanations import NoticeTold, explanation
from notifycli.domain.grounds import Grounds, grounds_of
from notifycli.domain.model import Key, Verdict
from notifycli.domain.rules import ORDER_WHEN_EQUAL, decide
from notifycli.domain.words import WENT_OUT, NoticeVerdict
from notifycli.queries.waiting import channels_to_come, is_held_back, next_look
from notifycli.store import patients
from notifycli.store.appointments import StoredEvent, told_events
from notifycli.store.engine import Connection
from notifycli.store.engine import reading as one_view
from notifycli.store.facts import Facts, Known, Policy, Subject
from notifycli.store.notices import NoticeRow, notices_of
from notifycli.store.subjects import details_of

ON_ITS_WAY = ("queued", "sending")


@dataclass(frozen=True)
class WhyNotice:
    """`notice` is its number, where it exists; `due_at` UTC epoch seconds, None where no rule made it due.

    `next_attempt_at`: of one that waits to be sent or tried again. `grounds`: by what it was decided when it was
    written or last looked at; of one that is not written, by what it would be now.
    `is_waiting`: for its reason, rather than skipped.
    """

    event: str
    patient: str
    verdict: NoticeVerdict
    reason: str | None
    due_at: int | None
    channels: tuple[str, ...]
    explanation: str
    grounds: Grounds
    notice: int | None = None
    next_attempt_at: int | None = None
    is_waiting: bool = False


@dataclass(frozen=True)
class Why:
    """`details`: the columns of `which` as stored. What others sent (external) has no events and no notices."""

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
        return _why(connection, which, known, now) if known is not None else None


def explain_patient(connection: Connection, policy: Policy, clinic_id: str, patient_id: str, now: int) -> list[Why]:
    """All that is known of a patient, newest first; of an appointment that is another's now, their own notices."""
    with one_view(connection):
        facts = Facts(connection, policy)
        subjects = patients.subjects_of_patient(connection, clinic_id, patient_id)
        known = facts.known_all(which for which, _ in subjects)
        zone = facts.clinic(clinic_id).zone.key
        is_active_user = patients.is_active_user(connection, clinic_id, patient_id)
        told: list[tuple[int, Why]] = []
        for which, at in subjects:
            why = _why(connection, which, known[which], now)
            own = [notice for notice in why.notices if notice.patient == patient_id]
            told.append((max([at, *(event.at for event in why.events)]), replace(why, notices=own)))
        for external_id, details in patients.externals_of_patient(connection, clinic_id, patient_id):
            which = Subject("external", clinic_id, external_id)
            told.append((details["sent_at"], Why(which, patient_id, zone, is_active_user, details, [], [])))
    return [why for _, why in sorted(told, key=lambda of_time: of_time[0], reverse=True)]


def _why(connection: Connection, which: Subject, known: Known, now: int) -> Why:
    written = {row.key: row for row in notices_of(connection, which)}
    is_appointment = which.subject == "appointment"
    events = told_events(connection, which.clinic_id, which.subject_id) if is_appointment else []
    verdicts = decide(known.subject, known.patient, now).verdicts
    notices = [_of_written(row, known, now) for row in written.values()]
    notices += [_of_verdict(verdict, known, now) for verdict in verdicts if verdict.key not in written]
    notices.sort(key=lambda notice: (notice.due_at is None, notice.due_at or 0, ORDER_WHEN_EQUAL.index(notice.event)))
    details, zone = details_of(connection, which), known.clinic.zone.key
    return Why(which, known.details.patient_id, zone, known.details.is_active_user, details, events, notices)


def _of_written(row: NoticeRow, known: Known, now: int) -> WhyNotice:
    verdict, reason, channels = what_became_of(row)
    told = _told(known, row.key, row.patient, verdict, reason, row.grounds, now)
    told = replace(told, due_at=row.due_at, notice=row.id, channels_given=row.channels_given, deliveries=row.deliveries)
    queued = (delivery for delivery in row.deliveries if delivery.status == "queued")
    attempts_at = [delivery.next_attempt_at for delivery in queued if delivery.next_attempt_at is not None]
    is_reopened = any(notice.key == row.key for notice in known.subject.reopened)
    if verdict == "skipped" or is_reopened:
        look = next_look(known, row.key, row.due_at, row.happened_at, now)
        is_mended = look.outcome == "send"
        told = replace(told, is_mended=is_mended, is_reopened=is_mended and is_reopened)
    elif attempts_at:
        look = next_look(known, row.key, row.due_at, row.happened_at, max(now, *attempts_at))
        on_its_way = [delivery.channel for delivery in row.deliveries if delivery.status in ON_ITS_WAY]
        tried = [delivery.channel for delivery in row.deliveries]
        has_gone_out = any(delivery.status in WENT_OUT for delivery in row.deliveries)
        ways = channels_to_come(known, look, on_its_way, row.channels_given, tried, has_gone_out)
        to_come = () if look.reason else ways
        told = replace(told, next_reason=look.reason, channels_to_come=to_come, is_waiting=is_held_back(look))
        if look.reason:
            told = replace(told, grounds=grounds_of(look, known.subject, known.patient, now))
        if verdict == "planned":
            told, channels = replace(told, reason=look.reason), to_come
    next_at = min(attempts_at, default=None) if verdict == "planned" else None
    outcome = (row.due_at, channels, explanation(told), row.grounds, row.id, next_at, told.is_waiting)
    return WhyNotice(row.key.event, row.patient, verdict, told.reason, *outcome)


def _told(
    known: Known, key: Key, patient: str, verdict: NoticeVerdict, reason: str | None, grounds: Grounds, now: int
) -> NoticeTold:
    return NoticeTold(key.event, verdict, reason, grounds, known.clinic.clinic_id, patient, known.clinic.zone, now)


def what_became_of(row: NoticeRow) -> tuple[NoticeVerdict, str | None, tuple[str, ...]]:
    if row.skip_reason is not None:
        return "skipped", row.skip_reason, ()
    rank: list[tuple[NoticeVerdict, tuple[str, ...]]] = [
        ("sent", WENT_OUT),
        ("planned", ON_ITS_WAY),
        ("uncertain", ("uncertain",)),
        ("failed", ("failed",)),
    ]
    for verdict, statuses in rank:
        of_these = [delivery for delivery in row.deliveries if delivery.status in statuses]
        if of_these:
            reason = of_these[-1].reason if verdict == "failed" else None
            return verdict, reason, tuple(delivery.channel for delivery in of_these)
    reason = next((delivery.reason for delivery in reversed(row.deliveries)), None)
    return "skipped", reason, ()


def _of_verdict(verdict: Verdict, known: Known, now: int) -> WhyNotice:
    word: NoticeVerdict = "never" if verdict.outcome == "never" else "planned"
    grounds = grounds_of(verdict, known.subject, known.patient, now)
    patient, is_waiting = known.details_for(verdict.key).patient_id, is_held_back(verdict)
    told = _told(known, verdict.key, patient, word, verdict.reason, grounds, now)
    words = explanation(replace(told, due_at=verdict.due_at, is_waiting=is_waiting))
    return WhyNotice(
        verdict.key.event,
        patient,
        word,
        verdict.reason,
        verdict.due_at,
        verdict.channels,
        words,
        grounds,
        is_waiting=is_waiting,
    )
