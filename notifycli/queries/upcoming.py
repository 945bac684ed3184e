"""Notices that are to come: those not yet written, and deliveries that wait to be tried (again).

Asks the one decision; has no rule of its own. Used by upcoming and by the dry run of run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from notifycli.delivery.foreseeing import WINDOW, foreseen_notices
from notifycli.domain.explanations import DeliveryTold
from notifycli.domain.model import Verdict
from notifycli.domain.rules import FAR_AWAY, ORDER_WHEN_EQUAL, decide
from notifycli.domain.words import Channel
from notifycli.queries.waiting import channels_to_come, is_held_back, next_look
from notifycli.store import deliveries, notices, subjects
from notifycli.store.engine import Connection
from notifycli.store.engine import reading as one_view
from notifycli.store.facts import Facts, Known, Policy, Subject
from notifycli.store.subjects import EVERYONES, WhoseSubjects

TOLD_AT_ONCE = 100  # notices, for whoever shows how far it is


@dataclass(frozen=True)
class Coming:
    """A notice to come, with its channels, or with the reason for which it would be skipped as things stand.

    `waiting`: its deliveries that wait to be tried, where it exists. `is_held_back`: for its reason it waits.
    """

    which: Subject
    patient: str
    event: str
    due_at: int
    channels: tuple[Channel, ...]
    reason: str | None
    is_active_user: bool
    waiting: tuple[DeliveryTold, ...] = ()
    is_held_back: bool = False


def coming_notices(
    connection: Connection,
    policy: Policy,
    now: int,
    until: int,
    *,
    with_waiting: bool = False,
    whose: WhoseSubjects = EVERYONES,
    on_foreseen: Callable[[int], None] = lambda more: None,
) -> list[Coming]:
    """By due time; instants are UTC epoch seconds. `with_waiting`: those too that wait for an unknown patient (R16).

    `on_foreseen` hears how many more of them are known, some at once.
    """
    with one_view(connection):
        facts = Facts(connection, policy)
        coming, seen = [], set()
        for notice in foreseen_notices(connection, policy, now, until, whose):
            seen.add(notice.which)
            if with_waiting or notice.verdict.outcome != "waits":
                coming.append(_coming(notice.which, notice.known, notice.verdict))
                if not len(coming) % TOLD_AT_ONCE:
                    on_foreseen(TOLD_AT_ONCE)
        coming += _queued(connection, facts, now, until, whose)
        if with_waiting:
            coming += _waiting(connection, facts, now, seen, whose.clinic)
    of_whom = (
        notice
        for notice in coming
        if whose.clinic in (None, notice.which.clinic_id) and whose.patient in (None, notice.patient)
    )
    return sorted(of_whom, key=lambda notice: (notice.due_at, ORDER_WHEN_EQUAL.index(notice.event), notice.which))


def to_be_sent(connection: Connection, policy: Policy, clinic: str, now: int) -> set[tuple[Subject, str, int]]:
    """Every notice of a clinic that will go out as things stand, however far ahead: of what, its event, when due.

    Within the caller's transaction, if there is one: it is asked before and after something changes.
    """
    facts = Facts(connection, policy)
    coming = [
        _coming(notice.which, notice.known, notice.verdict)
        for notice in foreseen_notices(connection, policy, now, FAR_AWAY, WhoseSubjects(clinic))
        if notice.verdict.outcome != "waits"
    ]
    coming += _queued(connection, facts, now, FAR_AWAY, WhoseSubjects(clinic))
    return {(notice.which, notice.event, notice.due_at) for notice in coming if notice.channels}


def _coming(which: Subject, known: Known, verdict: Verdict) -> Coming:
    details = known.details_for(verdict.key)
    channels = () if verdict.reason else verdict.channels
    event, due_at = verdict.key.event, verdict.due_at or 0
    is_active_user, waits = details.is_active_user, is_held_back(verdict)
    return Coming(which, details.patient_id, event, due_at, channels, verdict.reason, is_active_user, (), waits)


def _queued(connection: Connection, facts: Facts, now: int, until: int, whose: WhoseSubjects) -> Iterator[Coming]:
    """Notices whose deliveries wait to be tried, or the reason for which the next look would stop them."""
    for number, channels, next_attempt_at in notices.queued_until(connection, until, whose):
        notice = notices.notice(connection, number)
        known = facts.known(notice.subject) if notice else None
        if notice is None or known is None:
            continue
        look = next_look(known, notice.key, notice.due_at, notice.happened_at, max(now, next_attempt_at))
        all_of_it = notices.deliveries_of(connection, number)
        tried = [delivery.channel for delivery in all_of_it]
        has_gone_out = deliveries.has_gone_out(connection, number)
        ways = channels_to_come(known, look, channels, notice.channels_given, tried, has_gone_out)
        waiting = tuple(delivery for delivery in all_of_it if delivery.status == "queued" and delivery.channel in ways)
        yield replace(_coming(notice.subject, known, replace(look, channels=ways)), waiting=waiting)


def _waiting(
    connection: Connection, facts: Facts, now: int, seen: set[Subject], clinic: str | None
) -> Iterator[Coming]:
    """Those that a run has put to sleep until it is too late for them."""
    asleep = [which for which in subjects.subjects_without_patient(connection, clinic) if which not in seen]
    for first in range(0, len(asleep), WINDOW):
        for which, known in facts.known_all(asleep[first : first + WINDOW]).items():
            for verdict in decide(known.subject, known.patient, now).verdicts:
                if verdict.outcome == "waits":
                    yield _coming(which, known, verdict)
