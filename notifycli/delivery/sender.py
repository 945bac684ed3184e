"""Deliveries go out: looked at once more, claimed, handed to their channel, and the answer recorded (DESIGN, idea 3).

The claim is on the disk before the first byte leaves; no transaction is open while a channel works. Knows the store
and the channels; has no rule of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

from notifycli.channels.base import Outcome, Outgoing
from notifycli.config import Settings
from notifycli.delivery.busy import LONGEST_WAIT, GivenUp, retry_while_busy
from notifycli.delivery.composing import Composer
from notifycli.delivery.detours import Detours
from notifycli.delivery.ending import Ending
from notifycli.delivery.hand_overs import LeftBehind
from notifycli.delivery.in_flight import Answered, InFlight
from notifycli.delivery.lease import Lease
from notifycli.delivery.queues import Queue, Queues
from notifycli.delivery.receipts import take_unmatched
from notifycli.delivery.recording import DeliveryCounts, Recorder, due_of
from notifycli.delivery.transports import Transports, check_extras
from notifycli.delivery.uncertain import (
    ask_before_sending_again,
    send_again,
    settle_what_dead_runs_left,
    to_be_asked_for,
)
from notifycli.domain.model import Appointment, Verdict
from notifycli.domain.routing import rerouted
from notifycli.domain.rules import details_given, look_before_attempt
from notifycli.domain.words import CHANNELS, Channel
from notifycli.store import claims, deliveries, notices, services
from notifycli.store.claims import Claim
from notifycli.store.deliveries import Delivery
from notifycli.store.engine import Connection, StoreBusy
from notifycli.store.facts import Facts, Known, Policy
from notifycli.store.reports import Open

log = logging.getLogger(__name__)
Clock = Callable[[], int]
Claimed = tuple[Outgoing, Claim]

# What a loss of power, or of a host, leaves uncertain is at most this, or one for each server where there are more of
# them; and what was handed over to servers that have fallen silent since. A kill leaves what was just leaving.
CLAIMED_AT_ONCE: dict[Channel, int] = {"email": 100, "sms": 10, "push": 100}
RECORD_EVERY = 1.0  # seconds, where answers come slowly
LOOK_AGAIN_AFTER = 60  # seconds, for what waits although it is queued
LOOK_EVERY = 5.0  # seconds, for what becomes due while a channel is slow
LOOK_SOONEST = 0.2  # seconds, after a server has no more to send


@dataclass
class Sender:
    """Sends for one run."""

    connection: Connection
    settings: Settings
    policy: Policy
    clock: Clock
    outbox: Path
    composer: Composer
    counts: DeliveryCounts = field(default_factory=DeliveryCounts)
    on_handled: Callable[[int], None] = lambda handled: None
    ending: Ending = field(default_factory=Ending)
    _is_to_end: bool = False
    _at_work: dict[Channel, asyncio.Task[None]] = field(default_factory=dict)
    _asking: set[asyncio.Task[None]] = field(default_factory=set)
    _in_flight: dict[Channel, InFlight] = field(default_factory=dict)
    _open_ones: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        shares_rates = not self.connection.has_one_run_at_a_time  # with other hosts
        transports = Transports(self.settings, self.outbox, self._open_ones, book=self._book if shares_rates else None)
        self._queues = Queues(self.connection, self.settings, transports)
        self.lease = Lease(self.connection, self.outbox.parent)
        where = (self.connection, self.settings, self.policy, self.clock)
        self._detours = Detours(self.connection, self.settings, self._queues)
        self._recorder = Recorder(*where, self.lease, self.counts, self._detours)
        self._news = asyncio.Event()
        wake = partial(asyncio.get_running_loop().call_soon_threadsafe, self._begin_no_more)
        self._open_ones.enter_context(self.ending.waking(wake))
        return self

    def _book(self, service: str, gap: float, turns: int) -> float:
        """What gets no turn, since the server is lost, is taken back."""
        try:
            return services.book(self.connection, service, gap, turns)
        except StoreBusy:
            raise asyncio.CancelledError from None

    async def __aexit__(self, kind: type[BaseException] | None, *trouble: object) -> bool:
        """What is on its way is waited for and recorded, for some seconds; not if Ctrl-C was pressed once more.

        To give up what can be left undone is a good end.
        """
        self._begin_no_more()
        if kind is not None and not issubclass(kind, Exception):
            for task in self._at_work.values():
                task.cancel()
        for task in self._asking:
            task.cancel()
        ends = await asyncio.gather(*self._at_work.values(), *self._asking, return_exceptions=True)
        await self._open_ones.aclose()
        await self.lease.end(is_all_recorded=not (any(self._in_flight.values()) or self._recorder.has_lost_server))
        is_good = kind is None or kind is GivenUp
        for end in ends:
            if is_good and isinstance(end, Exception):
                raise end
        return is_good

    def _begin_no_more(self) -> None:
        self._is_to_end = True
        self._news.set()
        for in_flight in self._in_flight.values():
            in_flight.stop()

    def check_settings(self) -> None:
        """Loads every clinic's own wording, and more, so that a mistake shows before anything is claimed."""
        check_extras(self.settings)
        for clinic_id in self.settings.clinic:
            self.composer.wording(clinic_id)

    async def settle_uncertain(self) -> None:
        """With on_uncertain = "resend" it goes out again; what can be asked for, once it is asked for. Raises GivenUp.

        So does what a killed run left. Each gateway is asked apart, so that one that is silent holds up no other.
        """
        left = self.lease.left_behind()
        await self.lease.begin(self.ending)
        settle = partial(self._settle_what_dead_runs_left, left)
        self.counts.uncertain += await retry_while_busy(settle, LONGEST_WAIT, self.ending)
        await retry_while_busy(
            partial(take_unmatched, self.connection, self.policy, self.clock()), LONGEST_WAIT, self.ending
        )
        log.info("%d deliveries are uncertain since an earlier run", self.counts.uncertain)
        look = partial(to_be_asked_for, self.connection, self._queues, self.clock())
        to_ask = await retry_while_busy(look, LONGEST_WAIT, self.ending)
        waiting = {delivery.id for of_queue in to_ask.values() for delivery in of_queue}
        resend = partial(send_again, self.connection, self.clock(), lambda delivery: delivery not in waiting)
        await retry_while_busy(resend, LONGEST_WAIT, self.ending)
        self._asking = {asyncio.create_task(self._ask(asked)) for asked in to_ask.items()}

    def _settle_what_dead_runs_left(self, left: Mapping[int, LeftBehind]) -> int:
        facts, now = Facts(self.connection, self.policy), self.clock()

        def record(delivery: Delivery, outcome: Outcome) -> None:
            self._recorder.record_outcome(delivery, delivery.before.address or "", outcome, facts, now)

        where = (self.connection, self.settings, now, self.lease.token)
        return settle_what_dead_runs_left(*where, left, record)

    async def _ask(self, asked: tuple[Queue, Sequence[Open]]) -> None:
        with suppress(GivenUp):
            self.counts.failed += await ask_before_sending_again(
                self.connection, self.policy, self._queues, asked, self.clock(), self.ending
            )

    def set_to_work(self) -> bool:
        """Has every channel with something queued work on it, each at its own pace; False: there is nothing to do."""
        for channel in CHANNELS:
            has_more = self._queues.look(channel, self.clock())
            if channel not in self._at_work and self._queues.busy(channel):
                self._in_flight[channel] = InFlight(CLAIMED_AT_ONCE[channel], self.lease)
                self._at_work[channel] = asyncio.create_task(self._send_channel(channel))
            elif has_more:
                self._in_flight[channel].wake()
        return bool(self._at_work or self._asking)

    async def wait_for_one(self) -> None:
        """Until a channel or a server has no more to send, or some seconds are over: what is silent holds up nobody."""
        news = asyncio.create_task(self._news.wait())
        tasks = (*self._at_work.values(), *self._asking)
        await asyncio.wait((*tasks, news), timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        self._news.clear()
        self._at_work = {channel: task for channel, task in self._at_work.items() if not task.done()}
        self._asking = {task for task in self._asking if not task.done()}
        troubles = [task.exception() for task in tasks if task.done() and not task.cancelled()]
        for trouble in filter(None, troubles):  # asked for of all: several may have met the same full disk
            raise trouble

    async def _send_channel(self, channel: Channel) -> None:
        """Claims more before all of a batch is answered, so that no connection waits for the slowest of it."""
        in_flight = self._in_flight[channel]
        try:
            while True:
                has_claimed = not self._is_to_end and await self._claim_more(channel, in_flight)
                is_one_resting = not self._is_to_end and bool(self._queues.busy(channel))
                if in_flight or (not has_claimed and is_one_resting):
                    await self._record_answers(await in_flight.answers(RECORD_EVERY), in_flight)
                elif not has_claimed:
                    break
        except asyncio.CancelledError:
            in_flight.stop()
            in_flight.cut()
            raise
        finally:
            await self._record_answers(await in_flight.end(), in_flight)

    async def _claim_more(self, channel: Channel, in_flight: InFlight) -> bool:
        """Whether there was anything to claim; of each server no more than there is room for."""
        now = self.clock()
        for queue in self._queues.busy(channel):
            await self._queues.open(queue)
        try:
            batch = await retry_while_busy(partial(self._batch, channel, in_flight, now), LONGEST_WAIT, self.ending)
            if not batch:
                return False
            for _, delivery in batch:
                await self._detours.open_for(delivery)
            messages = await retry_while_busy(partial(self._claim, batch, now), LONGEST_WAIT, self.ending)
        except GivenUp:
            return False
        ids = ", ".join(map(str, messages))
        log.info("%s: claimed %d of %d that are due; deliveries %s", channel, len(messages), len(batch), ids or "none")
        for queue, delivery in batch:
            if delivery.id in messages:
                message, claim = messages[delivery.id]
                in_flight.hand_over(self._detours.queue(queue, delivery, claim.detour), delivery, message)
        self.on_handled(len(batch) - len(messages))
        return True

    def _batch(self, channel: Channel, in_flight: InFlight, now: int) -> list[tuple[Queue, Delivery]]:
        """What is due of the servers that want something now, which are open. Asks only, so it may be begun again."""
        loop_now = asyncio.get_running_loop().time()
        self._queues.heed_others(loop_now)
        queues = self._queues.busy(channel)
        in_flight.share_among(queues)
        batch: list[tuple[Queue, Delivery]] = []
        for queue in queues:
            room = in_flight.room(queue, len(batch))
            if not room or queue.rests_until > loop_now:
                continue
            due = self._queues.due(queue, now, room)
            batch += ((queue, delivery) for delivery in due)
            if len(due) < room:
                self._queues.note_emptied(queue)
        return batch

    async def _record_answers(self, answers: Sequence[Answered], in_flight: InFlight) -> None:
        await retry_while_busy(partial(self._recorder.record, answers))
        loop = asyncio.get_running_loop()
        for answer in answers:
            delivery, outcome = answer.delivery, answer.outcome
            # Without the words of the answer and its reason, which may have been made of the message's.
            came = outcome.kind if outcome is not None else "taken back, not handed over"
            log.info("%s: delivery %d of notice %d: %s", delivery.channel, delivery.id, delivery.notice, came)
            if outcome is not None:
                note = partial(self._queues.note, answer.queue, outcome, answer.message.sender, loop.time())
                await retry_while_busy(note, LONGEST_WAIT)
        if any(not (in_flight.has(answer.queue) or self._queues.is_busy(answer.queue)) for answer in answers):
            loop.call_later(LOOK_SOONEST, self._news.set)  # a next notice may have waited for one of these
        self.on_handled(len(answers))
        await asyncio.sleep(0)

    def _claim(self, batch: Sequence[tuple[Queue, Delivery]], now: int) -> dict[int, Claimed]:
        """The messages that are to leave, by delivery."""
        messages: dict[int, Claimed] = {}
        with self._recorder.writing(durable=True):
            for delivery in self._recorder.claimed_in_doubt([delivery for _, delivery in batch]):
                claims.take_back(self.connection, delivery, now)
            known = Facts(self.connection, self.policy).known_all(delivery.subject for _, delivery in batch)
            queued = deliveries.still_queued(self.connection, (delivery.id for _, delivery in batch))
            for queue, delivery in batch:
                if delivery.id not in queued:
                    continue  # a report has settled it meanwhile
                claimed = self._claim_one(queue, delivery, known.get(delivery.subject), now)
                if claimed is not None:
                    messages[delivery.id] = claimed
            claims.claim(self.connection, [claim for _, claim in messages.values()], now, self.lease.token)
        return messages

    def _claim_one(self, queue: Queue, delivery: Delivery, known: Known | None, now: int) -> Claimed | None:
        self.counts.due.add(delivery.notice)
        patient = known.patient_for(delivery.key) if known is not None else None
        if known is None or patient is None:
            claims.mark_skipped(self.connection, delivery.id, now, "unknown_patient")
            return None
        verdict = look_before_attempt(due_of(delivery, known), known.subject, known.patient, now)
        if verdict.outcome == "waits":
            claims.postpone(self.connection, delivery.id, now + LOOK_AGAIN_AFTER)
            return None
        if verdict.outcome == "skip":
            assert verdict.reason is not None, "a skip has its reason"
            claims.mark_skipped(self.connection, delivery.id, now, verdict.reason)
            notices.keep_facts(self.connection, delivery.notice, known, verdict, now)
            self.counts.skipped.add(delivery.notice)
            return None
        if not self._is_still_wanted(delivery, known, verdict, now):
            return None
        address = known.details_for(delivery.key).address_on(delivery.channel)
        if address is None or delivery.channel not in patient.possible:
            no_address = "the patient has no address for this any more"
            self._recorder.fail(delivery, known, now, "no_address", no_address, "queued")
            return None
        message = self.composer.message(delivery, known, address, now)
        detour = self._detours.of(queue, delivery, message)
        told = details_given(known.subject, delivery.key) if isinstance(known.subject, Appointment) else ()
        subject_line = message.subject or None
        return message, Claim(delivery.id, address, message.text, message.sender, subject_line, detour, *told)

    def _is_still_wanted(self, delivery: Delivery, known: Known, verdict: Verdict, now: int) -> bool:
        """The preference is asked again before every attempt (SPEC section 5)."""
        if set(delivery.channels_given) == set(verdict.channels):
            return True
        has_gone_out = deliveries.has_gone_out(self.connection, delivery.notice)
        unwanted, wanted = rerouted(delivery.channels_given, verdict.channels, has_gone_out)
        if not unwanted and not wanted:
            return True
        for number, channel in deliveries.queued_of(self.connection, delivery.notice):
            if channel in unwanted:
                claims.mark_skipped(self.connection, number, now, "method_changed")
        notices.queue_deliveries(self.connection, delivery.notice, sorted(wanted), now, verdict.channels)
        notices.keep_facts(self.connection, delivery.notice, known, verdict, now)
        return delivery.channel not in unwanted
