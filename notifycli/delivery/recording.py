"""What came of messages is written down: sent, failed, to be tried again, uncertain; under the lease of the run.

Knows the store and the rules of retries; must not know transports.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field

from notifycli.channels.base import Outcome
from notifycli.config import Settings
from notifycli.delivery.failures import fail_for_good
from notifycli.delivery.in_flight import Answered
from notifycli.delivery.lease import Lease
from notifycli.delivery.uncertain import resends
from notifycli.domain import retry
from notifycli.domain.model import Due
from notifycli.domain.rules import due_as_written
from notifycli.domain.words import DeliveryStatus, FailReason
from notifycli.store import claims, deliveries
from notifycli.store.deliveries import Delivery
from notifycli.store.engine import Connection, StoreLost, writing
from notifycli.store.facts import Facts, Known, Policy

log = logging.getLogger(__name__)
Clock = Callable[[], int]


@dataclass
class DeliveryCounts:
    """What became of deliveries; `due` holds the notices that were tried,
    `skipped` those of them that a rule stopped.

    `by_first`, `by_second`: sent SMS, by which gateway.
    """

    sent: int = 0
    failed: int = 0
    retrying: int = 0
    uncertain: int = 0
    by_first: int = 0
    by_second: int = 0
    skipped: set[int] = field(default_factory=set)
    due: set[int] = field(default_factory=set)

    def go_back_to(self, before: "DeliveryCounts") -> None:
        """The sets stay: they grow by notices that are tried again."""
        self.sent, self.failed = before.sent, before.failed
        self.retrying, self.uncertain = before.retrying, before.uncertain
        self.by_first, self.by_second = before.by_first, before.by_second


@dataclass
class Recorder:
    """Of one run. `has_lost_server`: so that of a commit nobody knows whether it was done."""

    connection: Connection
    settings: Settings
    policy: Policy
    clock: Clock
    lease: Lease
    counts: DeliveryCounts
    has_lost_server: bool = False

    def record(self, answers: Sequence[Answered]) -> None:
        if not answers:
            return
        with self.writing():
            facts = Facts(self.connection, self.policy)
            left = self._not_recorded(answers)
            self._record_sent([answer for answer in left if _is_sent(answer)])
            for answer in left:
                if _is_sent(answer):
                    continue
                if answer.outcome is None:
                    claims.take_back(self.connection, answer.delivery, self.clock())
                elif answer.queue.detour == "rehearsal" and answer.outcome.kind == "sent":
                    number, detail = answer.delivery.id, answer.outcome.detail
                    claims.mark_skipped(self.connection, number, self.clock(), "rehearsal", "sending", detail)
                    self.counts.skipped.add(answer.delivery.notice)
                else:
                    self.record_outcome(answer.delivery, answer.message.address, answer.outcome, facts, self.clock())

    def _record_sent(self, answers: Sequence[Answered]) -> None:
        """Most are, and all of them together."""
        outcomes = [(answer.delivery.id, answer.outcome) for answer in answers]
        taken = [(number, outcome.detail, outcome.reference) for number, outcome in outcomes if outcome is not None]
        claims.mark_all_sent(self.connection, taken, self.clock())
        self.counts.sent += len(taken)
        by_sms = [answer.queue.detour for answer in answers if answer.queue.channel == "sms"]
        self.counts.by_first += by_sms.count(None)
        self.counts.by_second += by_sms.count("second")

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[None]:
        """A transaction under the lease. Raises LeaseLost; after StoreLost nobody knows whether it was committed."""
        before = copy(self.counts)
        try:
            with writing(self.connection, alone=None, durable=durable):
                self.lease.renew()
                yield
        except StoreLost:
            self.has_lost_server = True
            self.counts.go_back_to(before)
            raise

    def claimed_in_doubt(self, batch: Sequence[Delivery]) -> list[Delivery]:
        """What was claimed by a commit whose answer was lost has not been handed over."""
        if self.connection.has_one_run_at_a_time:
            return []
        ours = deliveries.sending_under(self.connection, (delivery.id for delivery in batch), self.lease.token)
        return [delivery for delivery in batch if delivery.id in ours]

    def _not_recorded(self, answers: Sequence[Answered]) -> Sequence[Answered]:
        """All, but for those that were recorded by a commit whose answer was lost."""
        if self.connection.has_one_run_at_a_time:
            return answers
        ids = (answer.delivery.id for answer in answers)
        left = deliveries.sending_under(self.connection, ids, self.lease.token)
        return [answer for answer in answers if answer.delivery.id in left]

    def record_outcome(self, delivery: Delivery, address: str, outcome: Outcome, facts: Facts, now: int) -> None:
        if outcome.kind == "sent":
            claims.mark_sent(self.connection, delivery.id, now, outcome.detail, outcome.reference)
            self.counts.sent += 1
            return
        known = facts.known(delivery.subject)
        if outcome.kind == "permanent":
            gone = address if outcome.is_gone else None
            reason = outcome.reason or "refused"
            fail_for_good(self.connection, delivery, known, now, reason, outcome.detail, "sending", gone)
            self.counts.failed += 1
            return
        next_at = self._next_attempt_at(delivery, known, now)
        if next_at is not None and outcome.retry_after is not None:
            next_at = max(next_at, now + int(outcome.retry_after))
        if outcome.kind == "uncertain":
            is_resent = resends(self.settings, delivery.channel, delivery.subject.clinic_id)
            settle_at = next_at if is_resent else None
            claims.mark_uncertain(self.connection, delivery.id, now, outcome.detail, settle_at)
            self.counts.uncertain += 1
        elif next_at is None:
            self.fail(delivery, known, now, "gave_up", outcome.detail, "sending")
        else:
            claims.mark_to_retry(self.connection, delivery.id, now, outcome.detail, next_at)
            self.counts.retrying += 1

    def _next_attempt_at(self, delivery: Delivery, known: Known | None, now: int) -> int | None:
        too_late = due_of(delivery, known).too_late_at if known else now
        first_at = delivery.first_attempt_at if delivery.first_attempt_at is not None else now
        return retry.next_attempt_at(delivery.attempts + 1, first_at, now, too_late)

    def fail(
        self,
        delivery: Delivery,
        known: Known | None,
        now: int,
        reason: FailReason | str,
        detail: str,
        expected: DeliveryStatus,
    ) -> None:
        fail_for_good(self.connection, delivery, known, now, reason, detail, expected)
        self.counts.failed += 1


def due_of(delivery: Delivery, known: Known) -> Due:
    return due_as_written(delivery.key, delivery.due_at, delivery.happened_at, known.subject)


def _is_sent(answer: Answered) -> bool:
    """By its service, and not in a rehearsal."""
    return answer.outcome is not None and answer.outcome.kind == "sent" and answer.queue.detour != "rehearsal"
