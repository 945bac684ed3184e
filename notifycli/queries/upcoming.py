"""Notices that are to come: those not yet written, and deliveries that wait to be tried (again).

Asks the one decision; has no rule of its own. Used by upcoming and by the dry run of run.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from notifycli.delivery.costs import Says
from notifycli.delivery.foreseeing import foreseen_notices, known_by_window
from notifycli.delivery.particulars import language_of, particulars_of
from notifycli.domain.explanations import DeliveryTold
from notifycli.domain.model import Key, Verdict
from notifycli.domain.rules import FAR_AWAY, ORDER_WHEN_EQUAL, decide, foreseen
from notifycli.domain.words import Channel, Event
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

    `says`: what its messages tell. `waiting`: its deliveries that wait to be tried, where it exists.
    `is_held_back`: for its reason it waits.
    """

    which: Subject
    patient: str
    event: Event
    due_at: int
    channels: tuple[Channel, ...]
    reason: str | None
    is_active_user: bool
    key: Key
    says: Says
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
    """By due time; instants are UTC epoch seconds. `with_waiting`: those too that wait for an unknown patient (R16);
    else what becomes of them by then.

    `on_foreseen` hears how many more of them are known, some at once.
    """
    with one_view(connection):
        facts = Facts(connection, policy)
        coming, seen = [], set()
        for notice in foreseen_notices(connection, policy, now, until, whose):
            seen.add(notice.which)
            verdict: Verdict | None = notice.verdict
            if notice.verdict.outcome == "waits" and not with_waiting:
                verdict = _after_its_wait(notice.known, notice.verdict, until)
            if verdict is not None:
                coming.append(_coming(notice.which, notice.known, verdict))
                if not len(coming) % TOLD_AT_ONCE:
                    on_foreseen(TOLD_AT_ONCE)
        coming += _queued(connection, facts, now, until, whose)
        if with_waiting:
            without_patient = subjects.subjects_without_patient(connection, whose.clinic)
            asleep = [which for which in without_patient if which not in seen]  # until it is too late for them
            coming += [
                _coming(which, known, verdict)
                for which, known in known_by_window(facts, asleep)
                for verdict in decide(known.subject, known.patient, now).verdicts
                if verdict.outcome == "waits"
            ]
    of_whom = (
        notice
        for notice in coming
        if whose.clinic in (None, notice.which.clinic_id) and whose.patient in (None, notice.patient)
    )
    return sorted(of_whom, key=lambda notice: (notice.due_at, ORDER_WHEN_EQUAL.index(notice.event), notice.which))


def _after_its_wait(known: Known, verdict: Verdict, until: int) -> Verdict | None:
    """What becomes of a notice that waits, if nothing happens before; None: it still waits at `until`."""
    while verdict.outcome == "waits" and verdict.look_again_at is not None and verdict.look_again_at <= until:
        decided = decide(known.subject, known.patient, verdict.look_again_at).verdicts
        verdict = next(later for later in decided if later.key == verdict.key)
    return None if verdict.outcome == "waits" else verdict


def to_be_sent(
    connection: Connection,
    policy: Policy,
    now: int,
    whose: WhoseSubjects = EVERYONES,
    of: Collection[Subject] | None = None,
) -> list[Coming]:
    """Every notice that will go out as things stand, however far ahead; `of`: only of these subjects.

    Within the caller's transaction, if there is one: it is asked before and after something changes.
    """
    facts = Facts(connection, policy)
    if of is not None:
        coming = [
            _coming(which, known, verdict)
            for which, known in known_by_window(facts, list(of))
            for verdict in foreseen(known.subject, known.patient, now, FAR_AWAY)
        ]
    else:
        coming = [
            _coming(notice.which, notice.known, notice.verdict)
            for notice in foreseen_notices(connection, policy, now, FAR_AWAY, whose)
            if notice.verdict.outcome != "waits"
        ]
    coming += _queued(connection, facts, now, FAR_AWAY, whose, of)
    return [notice for notice in coming if notice.channels]


def _coming(which: Subject, known: Known, verdict: Verdict) -> Coming:
    details = known.details_for(verdict.key)
    channels = () if verdict.reason else verdict.channels
    event, due_at = verdict.key.event, verdict.due_at or 0
    is_active_user, waits = details.is_active_user, is_held_back(verdict)
    says = Says(which.clinic_id, event, language_of(verdict.key, known), particulars_of(verdict.key, known))
    return Coming(
        which, details.patient_id, event, due_at, channels, verdict.reason, is_active_user, verdict.key, says, (), waits
    )


def _queued(
    connection: Connection,
    facts: Facts,
    now: int,
    until: int,
    whose: WhoseSubjects,
    of: Collection[Subject] | None = None,
) -> Iterator[Coming]:
    """Notices whose deliveries wait to be tried, or the reason for which the next look would stop them."""
    for number, channels, next_attempt_at in notices.queued_until(connection, until, whose):
        notice = notices.notice(connection, number)
        if notice is not None and of is not None and notice.subject not in of:
            continue
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
