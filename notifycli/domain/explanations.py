"""Why a notice was sent or not, in whole sentences: the rule that decided, its facts, and what to do next.

Every sentence stands here or in reasons, with its facts in braces. Decides nothing; never a name or an address.
Among the facts, what is a word of the program (an event, a module, a time) is a Sentence, so it is translated, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from notifycli.domain.answers import in_plain_words, why_uncertain
from notifycli.domain.grounds import Grounds, is_instant
from notifycli.domain.reasons import (
    FAILED,
    FAILED_BY_CHANNEL,
    NEVER,
    SKIPPED,
    Reason,
    filled,
    short,
    told_of,
)
from notifycli.domain.sentences import N_, Paragraph, Sentence
from notifycli.domain.words import WENT_OUT, Channel, NoticeVerdict

WHEN_DUE: dict[str, tuple[str, ...]] = {
    "confirmation": (
        N_("R1: due 5 minutes after the booking, {happened_at}; {switches} on since {on_since}"),
        N_("R1: due 5 minutes after the booking"),
    ),
    "change": (
        N_("R2: due 5 minutes after the change, {happened_at}; {switches} on since {on_since}"),
        N_("R2: due 5 minutes after the change"),
    ),
    "cancellation": (
        N_("R3: due 5 minutes after the cancellation, {happened_at}; {switches} on since {on_since}"),
        N_("R3: due 5 minutes after the cancellation"),
    ),
    "reminder": (
        N_("R5: due at once when notices were switched on, {activated_at}; booked {booked_at}"),
        N_("R5: due at once when notices were switched on, {activated_at}; moved {moved_at}"),
        N_("R5: due at once when notices were switched on, {activated_at}; came from another system {migrated_at}"),
        N_("R4: due 48 hours before the appointment; {switches} on since {on_since}; booked {booked_at}"),
        N_("R4: due 48 hours before the appointment; {switches} on since {on_since}; moved {moved_at}"),
        N_(
            "R4: due 48 hours before the appointment; {switches} on since {on_since}; came from another system"
            " {migrated_at}"
        ),
        N_("R4, R5: due 48 hours before the appointment, or at once when notices were switched on later"),
    ),
    "dialog": (N_("R6: due at once, {happened_at}; {switches} on since {on_since}"), N_("R6: due at once")),
    "reply": (N_("R6: due at once, {happened_at}; {switches} on since {on_since}"), N_("R6: due at once")),
    "receipt": (
        N_("R7: due at once when the bill card was paid, {happened_at}; {switches} on since {on_since}"),
        N_("R7: due at once when the bill card is paid"),
    ),
}
BOTH = N_("{first} and {second}")
BY_RULE = N_("{rule}: {why}")
AS_THINGS_STAND = N_("as things stand it will not be sent: {why}")
IT_WAITS = N_("it waits: {why}")
NEXT_RUN = N_("the next run sends it")
OF_CHANNEL = N_("{channel}: {what}")
FAILED_AND = N_("{channel} failed: {why}")
HAS_GONE_OUT = N_("the {channel} went out {at}")
ARRIVED = N_("the {channel} arrived {at}")
NEXT_RUN_SENDS = N_("the next run sends the {channel}")
LOOKED_AT_AGAIN = N_("the {channel} waits; it is looked at again {at}")
HANDED_OVER = N_("the {channel} was handed over {at}; its answer is not known yet")
TRIED_ONCE = N_("{answer}, 1 attempt, again {at}")
TRIED_OFTEN = N_("{answer}, {attempts} attempts, again {at}")
HELD_BACK = N_("the {channel} waits: {why}")
WILL_NOT = N_("the {channel} will not be sent: {why}")
STOPPED = N_("{channel} not sent: {why}")
UNCERTAIN = N_("{channel}: it may have arrived or not ({answer})")
RESENT_AT = N_("it is sent again by itself {at}")
RETRY = N_("nothing would stop it now; to send it, type: `notify retry {notice}`")
RESOLVE = N_("ask the patient or the gateway; then type: `notify resolve {delivery} --sent`, or `--resend`")
CHANNELS_IN_WORDS = {"email": N_("e-mail"), "sms": N_("SMS"), "push": N_("push")}
WORDS_OF_OURS = ("event", "told_event", "module", "module_to_enable", "status", "never_theirs")  # among the facts
NAMES_OF_STATES = ("_lacks", "first_seen")  # of facts whose values are words that STATES makes clear
STATES = {
    "none": N_("none is known"),
    "gone": N_("it is known to be no more"),
    "landline": N_("the number gets none"),
    "cancelled": N_("cancelled"),
    "ended": N_("over"),
}
METHODS_IN_WORDS = {"email": N_("e-mail"), "sms": N_("SMS"), "both": N_("both"), None: N_("none chosen")}
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
TODAY, AT, WITH_NEXT_RUN = N_("today {time}"), N_("at {time}"), N_("with the next run")


@dataclass(frozen=True, slots=True)
class DeliveryTold:
    """A delivery as it stands; instants are UTC epoch seconds."""

    number: int
    channel: Channel
    status: str
    reason: str | None
    detail: str | None
    attempts: int
    status_at: int
    sent_at: int | None
    next_attempt_at: int | None


@dataclass(frozen=True, slots=True)
class NoticeTold:
    """What is to be explained. `grounds`: by what it was decided; empty, where that was not kept.

    `is_waiting`: due, but for its reason it waits. `is_mended`: of one that was skipped: no rule would stop it now.
    `is_reopened`: nor does one that was skipped or failed wait for staff, since contact details opened it again (R18).
    `deliveries`: of a notice that exists, oldest first; `channels_to_come`: of one that waits, as preference and
    contact details are now; `next_reason`: why the next look would stop what waits.
    """

    event: str
    verdict: NoticeVerdict
    reason: str | None
    grounds: Grounds
    clinic: str
    patient: str
    zone: ZoneInfo
    now: int
    due_at: int | None = None
    notice: int | None = None
    is_waiting: bool = False
    is_mended: bool = False
    is_reopened: bool = False
    channels_given: Sequence[str] = ()
    channels_to_come: Sequence[str] | None = None
    next_reason: str | None = None
    deliveries: Sequence[DeliveryTold] = ()


def explanation(told: NoticeTold) -> Paragraph:
    """One or a few sentences for staff."""
    return Paragraph(_parts(told, facts_in_words(told)))


def _parts(told: NoticeTold, facts: Mapping[str, str]) -> Iterator[Sentence]:
    if told.verdict == "never":
        is_to_come = told.grounds.get("happened_at", 0) > told.now
        yield from _of_reason(NEVER.get(told.reason or ""), told.reason, facts, is_foreseen=is_to_come)
        return
    if told.verdict == "skipped":
        reason = SKIPPED.get(told.reason or "")
        yield from _of_reason(reason, told.reason, facts, has_next=not told.is_mended)
        if told.is_mended:
            yield Sentence(NEXT_RUN) if told.is_reopened else Sentence(RETRY, notice=told.notice)
        return
    was_tried = any(delivery.attempts for delivery in told.deliveries)
    if told.verdict == "sent" or (told.verdict == "planned" and not was_tried):
        yield next(due for text in WHEN_DUE[told.event] if (due := filled(text, facts)) is not None)
    if told.reason and told.verdict == "planned":
        yield from _of_what_would_stop_it(told, facts)
    if told.deliveries:
        for delivery in told.deliveries:
            yield from _of_delivery(delivery, told, facts)
        tried = [delivery.channel for delivery in told.deliveries]
        for channel in told.channels_to_come or ():
            if channel not in tried:
                yield Sentence(NEXT_RUN_SENDS, channel=Sentence(CHANNELS_IN_WORDS[channel]))
        if told.is_reopened:
            yield Sentence(NEXT_RUN)
    elif told.verdict == "planned" and not told.reason and told.due_at is not None and told.due_at <= told.now:
        yield Sentence(NEXT_RUN)


def _of_reason(
    reason: Reason | None,
    code: str | None,
    facts: Mapping[str, str],
    *,
    is_foreseen: bool = False,
    has_next: bool = True,
) -> Iterator[Sentence]:
    if reason is None:
        yield Sentence("{code}", code=short(code or ""))
        return
    why = told_of(reason, facts, is_foreseen=is_foreseen)
    yield Sentence(BY_RULE, rule=reason.rule, why=why) if reason.rule else why
    if has_next:
        yield from _to_do(reason, facts)


def _to_do(reason: Reason, facts: Mapping[str, str]) -> Iterator[Sentence]:
    """Nothing where there is nothing to do."""
    texts = (reason.to_do_if,) if reason.to_do.startswith("nothing") else (reason.to_do, reason.to_do_before)
    what = next((what for text in texts if text and (what := filled(text, facts)) is not None), None)
    if what is not None:
        yield what


def _of_what_would_stop_it(told: NoticeTold, facts: Mapping[str, str]) -> Iterator[Sentence]:
    reason = SKIPPED[told.reason or ""]
    why = told_of(reason, facts, is_foreseen=True)
    frame = IT_WAITS if told.is_waiting else AS_THINGS_STAND
    yield Sentence(frame, why=Sentence("{rule}, {why}", rule=reason.rule, why=why) if reason.rule else why)
    yield from _to_do(reason, facts)


def _of_delivery(delivery: DeliveryTold, told: NoticeTold, facts: Mapping[str, str]) -> Iterator[Sentence]:
    channel = Sentence(CHANNELS_IN_WORDS[delivery.channel])
    is_alone = all(other.status in WENT_OUT for other in told.deliveries)
    if delivery.status in WENT_OUT:
        if not is_alone or delivery.status == "delivered":
            frame = ARRIVED if delivery.status == "delivered" else HAS_GONE_OUT
            at = delivery.status_at if delivery.status == "delivered" else delivery.sent_at or delivery.status_at
            yield Sentence(frame, channel=channel, at=moment(at, told.zone, told.now, AT))
    elif delivery.status == "queued":
        yield from _of_what_waits(delivery, told, facts)
    elif delivery.status == "sending":
        yield Sentence(HANDED_OVER, channel=channel, at=moment(delivery.status_at, told.zone, told.now, AT))
    elif delivery.status == "uncertain":
        yield from _of_uncertain(delivery, told)
    elif delivery.status == "failed":
        reason = FAILED_BY_CHANNEL.get((delivery.reason or "", delivery.channel)) or FAILED.get(delivery.reason or "")
        answer = Sentence(in_plain_words(delivery.detail).words)
        of_delivery = {**facts, "attempts": str(delivery.attempts), "answer": answer, "delivery": str(delivery.number)}
        why = told_of(reason, of_delivery) if reason else Sentence("{code}", code=short(delivery.reason or ""))
        yield Sentence(FAILED_AND, channel=channel, why=why)
        if reason and not told.is_reopened:
            yield from _to_do(reason, of_delivery)
    elif delivery.status == "skipped":
        stopped = SKIPPED.get(delivery.reason or "")
        why = told_of(stopped, facts) if stopped else Sentence("{code}", code=short(delivery.reason or ""))
        yield Sentence(STOPPED, channel=channel, why=why)


def _of_what_waits(delivery: DeliveryTold, told: NoticeTold, facts: Mapping[str, str]) -> Iterator[Sentence]:
    channel = Sentence(CHANNELS_IN_WORDS[delivery.channel])
    if told.reason:
        return
    if told.next_reason in SKIPPED:
        why = told_of(SKIPPED[told.next_reason], facts, is_foreseen=True)
        yield Sentence(HELD_BACK if told.is_waiting else WILL_NOT, channel=channel, why=why)
    elif told.channels_to_come is not None and delivery.channel not in told.channels_to_come:
        gives = {"channels": _all_of(told.channels_to_come)} if told.channels_to_come else {}
        why = told_of(SKIPPED["method_changed"], gives, is_foreseen=True)
        yield Sentence(WILL_NOT, channel=channel, why=why)
    elif delivery.attempts:
        yield Sentence(OF_CHANNEL, channel=channel, what=retry_of(delivery, told.zone, told.now))
        if to_do := in_plain_words(delivery.detail).to_do:
            yield Sentence(to_do)
    elif delivery.next_attempt_at is not None and delivery.next_attempt_at > told.now:
        yield Sentence(LOOKED_AT_AGAIN, channel=channel, at=moment(delivery.next_attempt_at, told.zone, told.now, AT))
    else:
        yield Sentence(NEXT_RUN_SENDS, channel=channel)


def retry_of(delivery: DeliveryTold, zone: ZoneInfo, now: int) -> Sentence:
    return retry_in_words(delivery.detail, delivery.attempts, delivery.next_attempt_at, zone, now)


def _of_uncertain(delivery: DeliveryTold, told: NoticeTold) -> Iterator[Sentence]:
    channel = Sentence(CHANNELS_IN_WORDS[delivery.channel])
    yield Sentence(UNCERTAIN, channel=channel, answer=Sentence(why_uncertain(delivery.detail)))
    if delivery.next_attempt_at is not None:
        yield Sentence(RESENT_AT, at=_next_time(delivery.next_attempt_at, told.zone, told.now))
    else:
        yield Sentence(RESOLVE, delivery=delivery.number)


def retry_in_words(
    detail: str | None, attempts: int, next_attempt_at: int | None, zone: ZoneInfo, now: int
) -> Sentence:
    """refused for now (busy), 6 attempts, again at 21:04: of what is `queued` after an attempt."""
    frame = TRIED_ONCE if attempts == 1 else TRIED_OFTEN
    at = _next_time(next_attempt_at, zone, now)
    return Sentence(frame, answer=Sentence(in_plain_words(detail).words), attempts=attempts, at=at)


def _next_time(at: int | None, zone: ZoneInfo, now: int) -> Sentence:
    return moment(at, zone, now, AT) if at is not None and at > now else Sentence(WITH_NEXT_RUN)


def _all_of(channels: Sequence[str]) -> Sentence:
    """e-mail and SMS"""
    first, *others = (Sentence(CHANNELS_IN_WORDS[channel]) for channel in channels)
    return Sentence(BOTH, first=first, second=_all_of(channels[1:])) if others else first


def facts_in_words(told: NoticeTold) -> dict[str, str]:
    """The grounds with their instants in the clinic's zone and what else the sentences name."""
    facts: dict[str, str] = {"clinic": told.clinic, "patient": told.patient, "event": Sentence(told.event)}
    if told.notice is not None:
        facts["notice"] = str(told.notice)
    for name, value in told.grounds.items():
        if value is None or isinstance(value, list):
            continue
        if is_instant(name, value):
            facts[name] = moment(value, told.zone, told.now)
        elif name.endswith(NAMES_OF_STATES):
            facts[name] = Sentence(STATES.get(str(value), str(value)))
        elif name in WORDS_OF_OURS:
            facts[name] = Sentence(value)
        else:
            facts[name] = str(value)
    if told.channels_given:
        facts["channels"] = _all_of(told.channels_given)
    names = [name for name in ("module_on_since", "type_on_since") if name in told.grounds]
    if names:
        facts["on_since"] = moment(max(told.grounds[name] for name in names), told.zone, told.now)
        both = Sentence(BOTH, first=facts["module"], second=facts["type"]) if "type" in facts else facts["module"]
        facts["switches"] = both
    return facts


def moment(at: int, zone: ZoneInfo, now: int, today_is: str = TODAY) -> Sentence:
    """today 21:04, Mon 01.06. 07:00 of the same year, else with the year; in the clinic's zone."""
    local, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    time = local.strftime("%H:%M")
    if local.date() == today.date():
        return Sentence(today_is, time=time)
    date = local.strftime("%d.%m." if local.year == today.year else "%d.%m.%Y")
    return Sentence("{day} {date} {time}", day=Sentence(DAYS[local.weekday()]), date=date, time=time)
