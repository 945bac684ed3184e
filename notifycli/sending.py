"""Deliveries go out: looked at once more, claimed, handed to their channel, and the answer recorded (DESIGN, idea 3).

The claim is on the disk before the first byte leaves; no transaction is open while a channel works. Knows the store,
the wording and the channels; has no rule of its own.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from functools import lru_cache, partial
from pathlib import Path
from typing import Self

from notifycli.channels.base import Outcome, Outgoing, Transport
from notifycli.collecting import ASKED_CHANNELS, ask_about
from notifycli.config import ConfigError, Settings
from notifycli.domain import retry
from notifycli.domain.model import Appointment, Due, Verdict
from notifycli.domain.routing import Channel, rerouted
from notifycli.domain.rules import details_given, due_as_written, look_before_attempt
from notifycli.failing import fail_for_good
from notifycli.patience import LONGEST_WAIT, patiently
from notifycli.reports import take_early
from notifycli.store import deliveries, looking, reports
from notifycli.store.deliveries import Delivery
from notifycli.store.engine import Connection, writing
from notifycli.store.facts import Facts, Known, PatientDetails, Policy
from notifycli.transports import CHANNELS, Transports, check_extras, section_of
from notifycli.under_way import Answered, UnderWay
from notifycli.wording import Particulars, Wording, language_for

Clock = Callable[[], int]

CLAIMED_AT_ONCE: dict[Channel, int] = {"email": 100, "sms": 10, "push": 100}  # at most so many a kill leaves uncertain
LONGEST_PAUSE = 20.0  # seconds that a service may ask for and a run waits, rather than close its way
RECORD_EVERY = 1.0  # seconds, where answers come slowly
LOOK_AGAIN_AFTER = 60  # seconds, for what waits although it is queued
LOOK_EVERY = 5.0  # seconds, for what becomes due while a channel is slow


@dataclass
class Counts:
    """What became of deliveries; `due` holds the notices that were tried,
    `skipped` those of them that a rule stopped."""

    sent: int = 0
    failed: int = 0
    retrying: int = 0
    uncertain: int = 0
    skipped: set[int] = field(default_factory=set)
    due: set[int] = field(default_factory=set)


@dataclass
class Sender:
    """Sends for one run. `database_id` makes Message-IDs of this database its own."""

    connection: Connection
    settings: Settings
    policy: Policy
    clock: Clock
    outbox: Path
    database_id: str
    counts: Counts = field(default_factory=Counts)
    on_handled: Callable[[int], None] = lambda handled: None
    _is_to_end: bool = False
    _at_work: dict[Channel, asyncio.Task[None]] = field(default_factory=dict)
    _to_ask: set[Channel] = field(default_factory=set)
    _closed: "_Closed" = field(default_factory=lambda: _Closed())
    _open_ones: AsyncExitStack = field(default_factory=AsyncExitStack)
    _wordings: dict[str, Wording] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        self._transports = Transports(self.settings, self.outbox, self._open_ones)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *trouble: object) -> None:
        """What is handed over already is waited for and recorded, unless somebody has pressed Ctrl-C."""
        self._is_to_end = True
        if kind is not None and not issubclass(kind, Exception):
            for task in self._at_work.values():
                task.cancel()
        await asyncio.gather(*self._at_work.values(), return_exceptions=True)
        await self._open_ones.aclose()

    def check_settings(self) -> None:
        """Loads every clinic's own wording, and more, so that a mistake shows before anything is claimed."""
        check_extras(self.settings)
        for clinic_id in self.settings.clinic:
            self._wording(clinic_id)

    def note_what_a_killed_run_left(self) -> None:
        """`sending` without a living run is uncertain (SPEC section 7)."""
        now = self.clock()
        with writing(self.connection):
            for delivery, channel, clinic_id, attempts in deliveries.left_by_a_killed_run(self.connection):
                settle_at = retry.resend_at(attempts, now) if self._resends(channel, clinic_id) else None
                self.counts.uncertain += settle_at is None
                deliveries.mark_uncertain(
                    self.connection, delivery, now, "the run was killed before the answer", settle_at
                )

    async def settle_uncertain(self) -> None:
        """With on_uncertain = "resend" it goes out again (SPEC 7); what can be asked for, when its channel works."""
        await patiently(partial(take_early, self.connection, self.policy, self.clock()), LONGEST_WAIT)
        self._to_ask = {
            channel for channel in ASKED_CHANNELS if reports.uncertain_due(self.connection, channel, self.clock())
        }
        await patiently(partial(self._resend, set(CHANNELS) - self._to_ask), LONGEST_WAIT)

    def _resend(self, channels: Collection[Channel]) -> None:
        now = self.clock()
        with writing(self.connection):
            for one in deliveries.uncertain(self.connection, now):
                if one.channel in channels:
                    detail = "sent again, since its arrival is uncertain"
                    deliveries.mark_to_retry(self.connection, one.id, now, detail, now, expected="uncertain")

    async def _ask_before_resending(self, channel: Channel) -> None:
        """A gateway that can answer is asked first (SPEC 7)."""
        self._to_ask.discard(channel)
        due = reports.uncertain_due(self.connection, channel, self.clock())
        found = await ask_about(self.connection, self.policy, self._way, self.clock(), channel, due)
        self.counts.failed += found.counts["failed"]
        await patiently(partial(self._resend, {channel}), LONGEST_WAIT)

    def set_to_work(self) -> bool:
        """Has every channel with something queued work on it, each at its own pace; False: there is nothing to do."""
        for channel in CHANNELS:
            if channel in self._at_work:
                continue
            if channel in self._to_ask or deliveries.queued(self.connection, channel, self.clock(), 1):
                self._at_work[channel] = asyncio.create_task(self._send_channel(channel))
        return bool(self._at_work)

    async def wait_for_one(self) -> None:
        """Until one channel has no more to send, or some seconds are over: what does not answer holds up nobody."""
        await asyncio.wait(self._at_work.values(), timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
        for channel, task in list(self._at_work.items()):
            if task.done():
                del self._at_work[channel]
                task.result()

    async def _send_channel(self, channel: Channel) -> None:
        """Claims more before all of a batch is answered, so that no connection waits for the slowest of it."""
        if channel in self._to_ask:
            await self._ask_before_resending(channel)
        under_way = UnderWay()
        enough = CLAIMED_AT_ONCE[channel] - CLAIMED_AT_ONCE[channel] // 4
        try:
            while await self._claim_more(channel, under_way) or under_way:
                answers = await under_way.answers(enough, RECORD_EVERY)
                await self._record_answers(answers)
                await asyncio.sleep(self._closed.note(answers))
        except Exception:
            await under_way.end(is_cut_short=False)
            raise
        finally:
            await under_way.end(is_cut_short=True)
            await self._record_answers(under_way.taken())

    async def _claim_more(self, channel: Channel, under_way: UnderWay) -> bool:
        """Whether there was anything to claim. No more than CLAIMED_AT_ONCE are claimed and not recorded."""
        free = CLAIMED_AT_ONCE[channel] - len(under_way)
        if self._is_to_end or free <= 0:
            return False
        batch = deliveries.queued(self.connection, channel, self.clock(), free)
        if not batch:
            return False
        ways = [self._closed.instead_of(await self._way(channel, one.subject.clinic_id)) for one in batch]
        messages = await patiently(partial(self._claim, batch, self.clock()), LONGEST_WAIT)
        for delivery, way in zip(batch, ways, strict=True):
            if delivery.id in messages:
                under_way.hand_over(delivery, way, messages[delivery.id])
        self.on_handled(len(batch) - len(messages))
        return True

    async def _record_answers(self, answers: Sequence[Answered]) -> None:
        await patiently(partial(self._record, answers))
        self.on_handled(len(answers))

    async def _way(self, channel: Channel, clinic_id: str) -> Transport | Outcome:
        """The transport; where its settings are wrong, that is what becomes of every attempt, and of no other's."""
        try:
            return await self._transports.transport(channel, clinic_id)
        except (ConfigError, ValueError) as error:
            return Outcome("temporary", f"settings: {error}")

    def _claim(self, batch: Sequence[Delivery], now: int) -> dict[int, Outgoing]:
        """The messages that are to leave, by delivery."""
        messages = {}
        with writing(self.connection, durable=True):
            known = Facts(self.connection, self.policy).known_all(one.subject for one in batch)
            queued = deliveries.still_queued(self.connection, (one.id for one in batch))
            for delivery in batch:
                if delivery.id not in queued:
                    continue  # a report has settled it meanwhile
                message = self._claim_one(delivery, known.get(delivery.subject), now)
                if message is not None:
                    messages[delivery.id] = message
        return messages

    def _claim_one(self, delivery: Delivery, known: Known | None, now: int) -> Outgoing | None:
        self.counts.due.add(delivery.notice)
        patient = known.patient_for(delivery.key) if known is not None else None
        if known is None or patient is None:
            deliveries.mark_skipped(self.connection, delivery.id, now, "unknown_patient")
            return None
        verdict = look_before_attempt(_due(delivery, known), known.subject, known.patient, now)
        if verdict.outcome == "waits":
            deliveries.postpone(self.connection, delivery.id, now + LOOK_AGAIN_AFTER)
            return None
        if verdict.outcome == "skip":
            deliveries.mark_skipped(self.connection, delivery.id, now, verdict.reason or "")
            self.counts.skipped.add(delivery.notice)
            return None
        if not self._is_still_wanted(delivery, verdict, now):
            return None
        address = address_on(delivery.channel, known.details_for(delivery.key))
        if address is None or delivery.channel not in patient.possible:
            self._fail(delivery, known, now, "no_address", "the patient has no address for this any more", "queued")
            return None
        message = self._message(delivery, known, address, now)
        deliveries.claim(self.connection, delivery, address, message.text, now)
        if isinstance(known.subject, Appointment):
            place = details_given(known.subject, delivery.key)
            deliveries.note_what_is_told(self.connection, delivery.id, place)
        return message

    def _is_still_wanted(self, delivery: Delivery, verdict: Verdict, now: int) -> bool:
        """The preference is asked again before every attempt (SPEC section 5)."""
        has_gone_out = deliveries.has_gone_out(self.connection, delivery.notice)
        unwanted, wanted = rerouted(delivery.channels_given, verdict.channels, has_gone_out)
        if not unwanted and not wanted:
            return True
        for number, channel in deliveries.queued_of(self.connection, delivery.notice):
            if channel in unwanted:
                deliveries.mark_skipped(self.connection, number, now, "method_changed")
        looking.queue_deliveries(self.connection, delivery.notice, sorted(wanted), now, verdict.channels)
        return delivery.channel not in unwanted

    def _record(self, answers: Sequence[Answered]) -> None:
        if not answers:
            return
        with writing(self.connection):
            facts = Facts(self.connection, self.policy)
            for one in answers:
                self._record_one(one.delivery, one.message.address, one.outcome, facts, self.clock())

    def _record_one(self, delivery: Delivery, address: str, outcome: Outcome, facts: Facts, now: int) -> None:
        if outcome.kind == "sent":
            deliveries.mark_sent(self.connection, delivery.id, now, outcome.detail, outcome.reference)
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
            resends = self._resends(delivery.channel, delivery.subject.clinic_id)
            settle_at = next_at if resends else None
            deliveries.mark_uncertain(self.connection, delivery.id, now, outcome.detail, settle_at)
            self.counts.uncertain += 1
        elif next_at is None:
            self._fail(delivery, known, now, "gave_up", outcome.detail, "sending")
        else:
            deliveries.mark_to_retry(self.connection, delivery.id, now, outcome.detail, next_at)
            self.counts.retrying += 1

    def _next_attempt_at(self, delivery: Delivery, known: Known | None, now: int) -> int | None:
        too_late = _due(delivery, known).too_late_at if known else now
        first_at = delivery.first_attempt_at if delivery.first_attempt_at is not None else now
        return retry.next_attempt_at(delivery.attempts + 1, first_at, now, too_late)

    def _fail(self, delivery: Delivery, known: Known | None, now: int, reason: str, detail: str, expected: str) -> None:
        fail_for_good(self.connection, delivery, known, now, reason, detail, expected)
        self.counts.failed += 1

    def _resends(self, channel: Channel, clinic_id: str) -> bool:
        return section_of(self.settings, channel, clinic_id).on_uncertain == "resend"

    def _message(self, delivery: Delivery, known: Known, address: str, now: int) -> Outgoing:
        clinic = known.clinic
        language = language_for(known.details_for(delivery.key).language or "", clinic.language)
        words = self._wording(clinic.clinic_id).message(
            delivery.event, delivery.channel, language, particulars_of(delivery, known)
        )
        sender = self._sender(delivery.channel, known)
        return Outgoing(
            delivery=delivery.id,
            channel=delivery.channel,
            address=address,
            sender=sender,
            subject=words.subject,
            text=words.text,
            html=words.html,
            language=language,
            message_id=f"<{delivery.id}.{self.database_id}@{domain_of(sender)}>",
            collapse_key=f"{self.database_id}-{delivery.notice}",
            sent_on=now,
        )

    def _sender(self, channel: Channel, known: Known) -> str:
        """A clinic's own section, else what its row says, else everybody's section."""
        clinic = known.clinic
        section = section_of(self.settings, channel, clinic.clinic_id)
        everybodys = section_of(self.settings, channel, "")
        if channel == "push":
            return clinic.name
        own = section.sender if section.sender != everybodys.sender else ""  # type: ignore[union-attr]
        if channel == "sms":
            return own or clinic.sender_sms or section.sender  # type: ignore[union-attr]
        return own or _named(clinic.name, clinic.sender_email) or section.sender  # type: ignore[union-attr]

    def _wording(self, clinic_id: str) -> Wording:
        if clinic_id not in self._wordings:
            self._wordings[clinic_id] = Wording(self.settings.for_clinic(clinic_id).wording)
        return self._wordings[clinic_id]


@dataclass
class _Closed:
    """The ways out whose services want nothing just now.

    What would go there in this run gets the same answer unasked: it waits by the schedule of retries, and neither
    hammers the service nor holds up others.
    """

    _ways: list[tuple[Transport, Outcome]] = field(default_factory=list)

    def instead_of(self, way: Transport | Outcome) -> Transport | Outcome:
        return next((outcome for closed, outcome in self._ways if closed is way), way)

    def note(self, answers: Sequence[Answered]) -> float:
        """Closes ways by what came over them; the seconds to wait before the next, where a short pause is all."""
        pause = 0.0
        for one in answers:
            way, outcome = one.way, one.outcome
            if outcome.wait is None or isinstance(way, Outcome):
                continue
            if outcome.wait <= LONGEST_PAUSE:
                pause = max(pause, outcome.wait)
            elif self.instead_of(way) is way:
                self._ways.append((way, outcome if outcome.kind == "temporary" else _not_tried(outcome)))
        return pause


def _not_tried(outcome: Outcome) -> Outcome:
    """Of what was handed over before the trouble showed, nobody knows; of what comes after it, we do."""
    return Outcome("temporary", f"{outcome.detail}, with an earlier message", wait=outcome.wait)


def address_on(channel: Channel, details: PatientDetails) -> str | None:
    return {"email": details.email, "sms": details.mobile, "push": details.push_token}[channel]


def particulars_of(delivery: Delivery, known: Known) -> Particulars:
    """All that a message of this delivery may name (SPEC section 6), as things are now."""
    clinic, subject = known.clinic, known.subject
    portal = (clinic.payments_url if delivery.event == "receipt" else "") or clinic.portal_url
    if not isinstance(subject, Appointment):
        return Particulars(clinic.name, portal, None, clinic.zone)
    place = details_given(subject, delivery.key)
    return Particulars(
        clinic.name,
        portal,
        place.starts_at,
        clinic.zone,
        place.location,
        known.by.get(delivery.event),  # type: ignore[arg-type]
        clinic.phone,
    )


@lru_cache(256)
def domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


@lru_cache(256)
def _named(name: str, address: str) -> str:
    if not address or "<" in address:
        return address
    return formataddr((name, address)) if name.isascii() else f'"{name.translate(NO_QUOTES)}" <{address}>'


NO_QUOTES = {ord(character): None for character in '"\\\r\n'}


def _due(delivery: Delivery, known: Known) -> Due:
    return due_as_written(delivery.key, delivery.due_at, delivery.happened_at, known.subject)
