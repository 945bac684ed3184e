"""Another system's messages against ours: the facts for domain.comparing, and why ours are as they are.

Asks the one decision; has no rule of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from notifycli.delivery.foreseeing import foreseen_notices, known_by_window
from notifycli.domain.comparing import (
    DIFFERENCE_KINDS,
    DOUBLED,
    MOST_APART,
    SAME_AS,
    Difference,
    MessageLog,
    OurNotice,
    Terms,
    compared,
    is_of_ours,
    rule_of,
)
from notifycli.domain.model import Key, Verdict
from notifycli.domain.rules import FORTY_EIGHT_HOURS, decide
from notifycli.domain.words import WENT_OUT, NoticeVerdict
from notifycli.queries.why import WhyNotice, explain, what_became_of
from notifycli.store import comparing
from notifycli.store.engine import Connection
from notifycli.store.engine import reading as one_view
from notifycli.store.facts import Facts, Policy, Subject
from notifycli.store.notices import NoticeRow
from notifycli.store.subjects import WhoseSubjects

FURTHER = 7 * 24 * 3600  # seconds beside the log's span within which ours may be due that its messages are about
NOT_OURS, NOTHING_KNOWN, UNKNOWN_PATIENT, NO_METHOD = "not_ours", "nothing_known", "unknown_patient", "no_method"
REHEARSAL = "rehearsal"  # the reason of what went to the outbox instead, and would have been sent
SUBJECT_OF = {"dialog": "dialog", "reply": "dialog", "receipt": "receipt"}  # of other events: appointment


@dataclass
class Comparison:
    """`differences`: by clinic, kind, patient and time."""

    since: int
    until: int
    same: int = 0
    differences: list[Difference] = field(default_factory=list)


def compare(
    connection: Connection,
    policy: Policy,
    log: MessageLog,
    tolerance: int,
    now: int,
    on_compared: Callable[[int], None] = lambda more: None,
) -> Comparison:
    """Clinic by clinic, so that memory holds what is of one; `on_compared` hears how many notices more were."""
    whole = Comparison(log.since, log.until)
    with one_view(connection):
        facts = Facts(connection, policy)
        for clinic in sorted(log.messages):
            ours = list(_ours(connection, policy, clinic, log, now))
            terms = Terms(clinic, log.since, log.until, tolerance, log.knows_push)
            of_clinic = compared(log.messages[clinic], ours, terms)
            whole.same += of_clinic.same
            explained = _with_reasons(connection, facts, clinic, of_clinic.differences, now)
            whole.differences += sorted(explained, key=_order)
            on_compared(of_clinic.same + len(of_clinic.differences))
    return whole


def explanation_of(connection: Connection, policy: Policy, difference: Difference, now: int) -> str:
    """As `why` says it of the notice that it is about; "" where there is none."""
    if difference.subject_id is None:
        return ""
    subject, ours = SUBJECT_OF.get(difference.event, "appointment"), difference.ours
    why = explain(connection, policy, Subject(subject, difference.clinic, difference.subject_id), now)

    def fits(notice: WhyNotice) -> tuple[bool, bool, bool]:
        is_itself = ours is not None and ours.number is not None and notice.notice == ours.number
        return is_itself, ours is not None and notice.due_at == ours.at, notice.reason == difference.reason

    of_event = [notice for notice in why.notices if notice.event == difference.event] if why is not None else []
    return str(max(of_event, key=fits).explanation) if of_event else ""


def _order(difference: Difference) -> tuple[int, str, int]:
    theirs, ours = difference.theirs, difference.ours
    at = theirs.at if theirs is not None else ours.at if ours is not None else 0
    return DIFFERENCE_KINDS.index(difference.kind), difference.patient, at


def _ours(connection: Connection, policy: Policy, clinic: str, log: MessageLog, now: int) -> Iterator[OurNotice]:
    """What exists, and what is to come; one that was opened again (R18) is to come."""
    until = log.until + FURTHER
    to_come: dict[tuple[Subject, Key], OurNotice] = {}
    for notice in foreseen_notices(connection, policy, now, until, WhoseSubjects(clinic)):
        which, verdict = notice.which, notice.verdict
        patient = notice.known.details_for(verdict.key).patient_id
        event, due_at = verdict.key.event, verdict.due_at or 0
        channels = () if verdict.reason else verdict.channels
        about = (patient, event, which.subject, which.subject_id, due_at)
        rule = rule_of(event, due_at, verdict.key.number)
        to_come[which, verdict.key] = OurNotice(*about, channels, "planned", verdict.reason, rule=rule)
    for which, row in comparing.notices_due_between(connection, clinic, log.since - FURTHER, until):
        if (which, row.key) not in to_come:
            yield _as_it_stands(which, row)
    yield from to_come.values()


def _as_it_stands(which: Subject, row: NoticeRow) -> OurNotice:
    verdict, reason, channels = what_became_of(row)
    at = _time_of(row, verdict)
    if verdict == "sent":  # a fallback is as it is because of what failed
        reason = next((each.reason for each in row.deliveries if each.status == "failed"), None)
    rehearsed = [each for each in row.deliveries if each.status == "skipped" and each.reason == REHEARSAL]
    if rehearsed and verdict in ("sent", "skipped"):
        first = min(each.status_at for each in rehearsed)
        at = min(at, first) if verdict == "sent" else first
        channels = (*channels, *(each.channel for each in rehearsed))
        verdict, reason = "sent", None if reason == REHEARSAL else reason
    return OurNotice(
        row.patient,
        row.key.event,
        which.subject,
        which.subject_id,
        at,
        channels,
        verdict,
        reason,
        row.id,
        rule_of(row.key.event, row.due_at, row.key.number),
    )


def _time_of(row: NoticeRow, verdict: NoticeVerdict) -> int:
    """When it went out or will; of what did neither, when it was due."""
    if verdict == "sent":
        return min(each.sent_at or each.status_at for each in row.deliveries if each.status in WENT_OUT)
    if verdict == "planned":
        return max(row.due_at, min(each.next_attempt_at or each.status_at for each in row.deliveries))
    return row.due_at


def _with_reasons(
    connection: Connection, facts: Facts, clinic: str, differences: Sequence[Difference], now: int
) -> Iterator[Difference]:
    """Where the rule that made ours due does not tell: the preference that gave the channel; why there is none."""
    patients = {difference.patient for difference in differences}
    methods = comparing.methods_of_patients(connection, clinic, patients)
    of_channel = [each.ours for each in differences if each.kind == "other_channel" and each.ours is not None]
    grounds = comparing.grounds_of_notices(connection, [ours.number for ours in of_channel if ours.number is not None])
    without = {each.patient for each in differences if each.reason is None and is_of_ours(each.event)}
    subjects = comparing.subjects_of_patients(connection, clinic, without & methods.keys()) if without else []
    verdicts = _Verdicts(facts, subjects, now)
    for difference in differences:
        ours = difference.ours
        if difference.kind == "other_channel" and ours is not None and difference.reason == ours.rule:
            decided = grounds.get(ours.number or 0, {})
            method = decided["method"] if "method" in decided else methods.get(difference.patient)
            yield replace(difference, reason=f"prefers_{method}" if method else NO_METHOD)
        elif difference.reason is not None:
            yield difference
        elif not is_of_ours(difference.event):
            yield replace(difference, reason=NOT_OURS)
        elif difference.patient not in methods:
            yield replace(difference, reason=UNKNOWN_PATIENT)
        else:
            yield verdicts.explained(difference)


class _Verdicts:
    """What the one decision says of whatever is some patients', by patient and event."""

    def __init__(self, facts: Facts, subjects: Sequence[Subject], now: int) -> None:
        self._of: dict[tuple[str, str], list[tuple[Subject, Verdict]]] = {}
        for which, known in known_by_window(facts, subjects):
            for verdict in decide(known.subject, known.patient, now).verdicts:
                event = verdict.key.event
                key = (known.details_for(verdict.key).patient_id, SAME_AS.get(event, event))
                self._of.setdefault(key, []).append((which, verdict))

    def explained(self, difference: Difference) -> Difference:
        """By the nearest in time, or of that subject; what never becomes a notice says why."""
        assert difference.theirs is not None  # since it has no reason
        event, at = SAME_AS.get(difference.event, difference.event), difference.theirs.at
        of_patient = self._of.get((difference.patient, event), [])
        if difference.subject_id is not None:
            near = [pair for pair in of_patient if pair[0].subject_id == difference.subject_id]
        else:
            near = [pair for pair in of_patient if _apart(pair[1], at) <= MOST_APART]
        without = [pair for pair in near if pair[1].outcome == "never"]
        nearest = min(without, key=lambda pair: _apart(pair[1], at), default=None)
        if nearest is not None:
            which, verdict = nearest
            return replace(difference, subject_id=which.subject_id, event=verdict.key.event, reason=verdict.reason)
        return replace(difference, reason=DOUBLED if near else NOTHING_KNOWN)


def _apart(verdict: Verdict, at: int) -> int:
    """Seconds from when it would be due, or what decided was."""
    line = verdict.key.number - FORTY_EIGHT_HOURS if verdict.key.event == "reminder" else None
    times: Iterable[int | None] = (verdict.due_at, line, verdict.happened_at)
    return min((abs(time - at) for time in times if time is not None), default=0)
