"""Notices that are to come: those not yet written, and deliveries that wait to be tried (again).

Asks the one decision; has no rule of its own. Used by upcoming and by the dry run of run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from notifycli.delivery.foreseeing import foreseen_notices
from notifycli.domain.explanations import DeliveryTold
from notifycli.domain.model import Verdict
from notifycli.domain.routing import Channel
from notifycli.domain.rules import ORDER_WHEN_EQUAL, decide
from notifycli.queries.waiting import channels_to_come, is_held_back, next_look
from notifycli.store import deliveries, looking, reading
from notifycli.store.engine import Connection
from notifycli.store.engine import reading as one_view
from notifycli.store.facts import Facts, Known, Policy, Subject
from notifycli.store.looking import EVERYONES, Whose


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
    whose: Whose = EVERYONES,
) -> list[Coming]:
    """By due time; instants are UTC epoch seconds. `with_waiting`: those too that wait for an unknown patient (R16)."""
    with one_view(connection):
        facts = Facts(connection, policy)
        foreseen = list(foreseen_notices(connection, policy, now, until, whose))
        found = [
            _coming(one.which, one.known, one.verdict)
            for one in foreseen
            if with_waiting or one.verdict.outcome != "waits"
        ]
        found += _queued(connection, facts, now, until, whose)
        if with_waiting:
            found += _waiting(connection, facts, now, {one.which for one in foreseen})
    of_whom = (
        one for one in found if whose.clinic in (None, one.which.clinic_id) and whose.patient in (None, one.patient)
    )
    return sorted(of_whom, key=lambda one: (one.due_at, ORDER_WHEN_EQUAL.index(one.event), one.which))


def _coming(which: Subject, known: Known, verdict: Verdict) -> Coming:
    details = known.details_for(verdict.key)
    channels = () if verdict.reason else verdict.channels
    event, due_at = verdict.key.event, verdict.due_at or 0
    is_active_user, waits = details.is_active_user, is_held_back(verdict)
    return Coming(which, details.patient_id, event, due_at, channels, verdict.reason, is_active_user, (), waits)


def _queued(connection: Connection, facts: Facts, now: int, until: int, whose: Whose) -> Iterator[Coming]:
    """Notices whose deliveries wait to be tried, or the reason for which the next look would stop them."""
    for number, channels, next_attempt_at in reading.queued_until(connection, until, whose):
        notice = deliveries.notice(connection, number)
        known = facts.known(notice.subject) if notice else None
        if notice is None or known is None:
            continue
        look = next_look(known, notice.key, notice.due_at, notice.happened_at, max(now, next_attempt_at))
        all_of_it = reading.deliveries_of(connection, number)
        tried = [one.channel for one in all_of_it]
        has_gone_out = deliveries.has_gone_out(connection, number)
        ways = channels_to_come(known, look, channels, notice.channels_given, tried, has_gone_out)
        waiting = tuple(one for one in all_of_it if one.status == "queued" and one.channel in ways)
        yield replace(_coming(notice.subject, known, replace(look, channels=ways)), waiting=waiting)


def _waiting(connection: Connection, facts: Facts, now: int, seen: set[Subject]) -> Iterator[Coming]:
    """Those that a run has put to sleep until it is too late for them."""
    for which in looking.subjects_without_patient(connection):
        known = facts.known(which) if which not in seen else None
        for verdict in decide(known.subject, known.patient, now).verdicts if known else ():
            if known and verdict.outcome == "waits":
                yield _coming(which, known, verdict)
