"""A month in figures, for whoever answers for it: what went out, what did not and why, how punctual, what it cost,
who came. Counts only; names no patient, address or number.

What was sent counts on its day, whatever became of it later; what failed or was skipped on the day it did. Source: SPEC
section 8, `notify report`.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from notifycli.domain.gsm import sms_segments
from notifycli.domain.months import Month
from notifycli.domain.shares import Interval, wilson_interval
from notifycli.domain.words import CHANNELS
from notifycli.queries.punctuality import Punctuality, causes_of, punctuality_by
from notifycli.queries.reachability import reach_of
from notifycli.store import punctuality
from notifycli.store import report as figures
from notifycli.store.engine import Connection, reading
from notifycli.store.punctuality import SentBetween

STEPS = (10, 30, 60, 5 * 60, 3600)  # seconds of delay; what took longer is the last step, without an end
AT_ONCE = 1_000  # SMS, for who tells how far it is


class DayFigures(NamedTuple):
    """Deliveries; `skipped` counts notices, too, that had none."""

    sent: int
    failed: int
    skipped: int


class ChannelFigures(NamedTuple):
    """`delivered`: of those sent, those of which a receipt says so. `failed` may have been sent before."""

    channel: str
    sent: int
    delivered: int
    failed: int


class DelayStep(NamedTuple):
    """Notices that took longer than the step before and no longer than `up_to` seconds (None: or longer)."""

    up_to: int | None
    notices: int


class FallenBack(NamedTuple):
    """Notices whose delivery on a channel failed for good; `sent`: of these, those that went out on the other."""

    failed_on: str
    went_to: str
    notices: int
    sent: int


class SmsFigures(NamedTuple):
    """`cost` in kroner, None where no price is set."""

    messages: int
    segments: int
    cost: float | None


class Attendance(NamedTuple):
    """Appointments that were kept and missed."""

    kept: int
    missed: int

    @property
    def number(self) -> int:
        return self.kept + self.missed

    @property
    def share_missed(self) -> float | None:
        return self.missed / self.number if self.number else None

    @property
    def interval(self) -> Interval:
        return wilson_interval(self.missed, self.number)


class Shared(NamedTuple):
    """So many numbers or addresses are those of several patients of a clinic, and so many these patients are."""

    number: int
    patients: int


@dataclass(frozen=True)
class RegisterFigures:
    """As of now. `unreachable`: patients whom no notice can reach, by reason in `unreachable_for`; `expected`: those
    with an appointment to come. `stale`: by channel, addresses that are said to be no more and stand there still."""

    patients: int
    unreachable: int
    expected: int
    unreachable_for: Mapping[str, int]
    shared_mobiles: Shared
    shared_emails: Shared
    stale: Mapping[str, int]


@dataclass(frozen=True)
class MonthReport:
    """`days` as in `month`. `failed_for`, `skipped_for`, `late_for`: by reason or cause, the most first.

    `unknown_outcome`: appointments that were booked and of which no export said how they ended. `others`: what third
    parties sent, by sender.
    """

    month: Month
    clinic: str | None
    days: Sequence[DayFigures]
    channels: Sequence[ChannelFigures]
    uncertain: int
    failed_for: Mapping[str, int]
    skipped_for: Mapping[str, int]
    punctuality: Punctuality
    delay: Sequence[DelayStep]
    late_for: Mapping[str, int]
    fallbacks: Sequence[FallenBack]
    sms: SmsFigures
    reminded: Attendance
    not_reminded: Attendance
    unknown_outcome: int
    register: RegisterFigures
    others: Mapping[str, int]

    @property
    def total(self) -> DayFigures:
        return DayFigures(*(sum(figures) for figures in zip(*self.days, strict=True)))


def report_of(
    connection: Connection,
    month: Month,
    now: int,
    clinic: str | None,
    price_of: Callable[[str], float],
    on_counted: Callable[[int], None] = lambda more: None,
) -> MonthReport:
    """`price_of` a clinic's segment of SMS, in kroner, 0 for none."""
    span = SentBetween(month.since, month.until, clinic)
    late_for = causes_of(connection, span)
    with reading(connection):
        counts = _counted(connection, month, span)
        delays = list(punctuality.delays(connection, span))
        steps = [
            DelayStep(up_to, sum(notices for seconds, notices in delays if after < seconds <= (up_to or inf)))
            for after, up_to in zip((-inf, *STEPS), (*STEPS, None), strict=True)
        ]
        attendance = figures.attendance(connection, span)
        return MonthReport(
            month=month,
            clinic=clinic,
            days=counts.days,
            channels=counts.channels,
            uncertain=counts.uncertain,
            failed_for=_most_first(counts.reasons["failed"]),
            skipped_for=_most_first(counts.reasons["skipped"]),
            punctuality=punctuality_by(delays),
            delay=steps,
            late_for=_most_first(late_for),
            fallbacks=[FallenBack(*row) for row in figures.fallbacks(connection, span)],
            sms=_sms(connection, span, price_of, on_counted),
            reminded=_attendance(attendance, is_reminded=True),
            not_reminded=_attendance(attendance, is_reminded=False),
            unknown_outcome=sum(number for status, _, number in attendance if status == "booked"),
            register=_register(connection, clinic, now),
            others=dict(figures.sent_by_others(connection, span)),
        )


class _Counts(NamedTuple):
    days: list[DayFigures]
    channels: list[ChannelFigures]
    uncertain: int
    reasons: dict[str, Counter[str]]


def _counted(connection: Connection, month: Month, span: SentBetween) -> _Counts:
    by_day: Counter[tuple[int, str]] = Counter()
    by_channel: Counter[tuple[str | None, str]] = Counter()
    reasons: dict[str, Counter[str]] = {"failed": Counter(), "skipped": Counter()}
    for sent in figures.went_out(connection, span):
        by_day[month.place_of(sent.at), "sent"] += sent.deliveries
        by_channel[sent.channel, "sent"] += sent.deliveries
        if sent.status == "delivered":
            by_channel[sent.channel, "delivered"] += sent.deliveries
    uncertain = 0
    for nothing in figures.came_to_nothing(connection, span):
        if nothing.status == "uncertain":
            uncertain += nothing.number
            continue
        by_day[month.place_of(nothing.at), nothing.status] += nothing.number
        by_channel[nothing.channel, nothing.status] += nothing.number
        reasons[nothing.status][nothing.reason or ""] += nothing.number
    days = [DayFigures(*(by_day[day, name] for name in DayFigures._fields)) for day in range(len(month.days))]
    channels = [
        ChannelFigures(channel, *(by_channel[channel, name] for name in ChannelFigures._fields[1:]))
        for channel in CHANNELS
    ]
    return _Counts(days, channels, uncertain, reasons)


def _most_first(numbers: Counter[str]) -> dict[str, int]:
    return dict(numbers.most_common())


def _sms(
    connection: Connection, span: SentBetween, price_of: Callable[[str], float], on_counted: Callable[[int], None]
) -> SmsFigures:
    """A text that is not kept any more counts as one segment."""
    messages, segments = 0, Counter[str]()
    for clinic, text in figures.sms_texts(connection, span):
        messages += 1
        segments[clinic] += sms_segments(text) if text is not None else 1
        if messages % AT_ONCE == 0:
            on_counted(AT_ONCE)
    prices = {clinic: price_of(clinic) for clinic in segments}
    cost = sum(prices[clinic] * number for clinic, number in segments.items()) if any(prices.values()) else None
    return SmsFigures(messages, segments.total(), cost)


def _attendance(rows: Sequence[tuple[str, bool, int]], *, is_reminded: bool) -> Attendance:
    numbers = Counter[str]()
    for status, was_reminded, number in rows:
        if was_reminded == is_reminded:
            numbers[status] += number
    return Attendance(sum(numbers[status] for status in figures.KEPT), numbers[figures.MISSED])


def _register(connection: Connection, clinic: str | None, now: int) -> RegisterFigures:
    unreachable, expected, reasons = 0, 0, Counter[str]()
    for reach in reach_of(connection, clinic, None, now):
        unreachable += 1
        expected += bool(reach.upcoming_appointments)
        reasons.update(reach.reasons)
    return RegisterFigures(
        patients=figures.count_patients(connection, clinic),
        unreachable=unreachable,
        expected=expected,
        unreachable_for=_most_first(reasons),
        shared_mobiles=Shared(*figures.shared(connection, "mobile", clinic)),
        shared_emails=Shared(*figures.shared(connection, "email", clinic)),
        stale=dict(figures.stale_contacts(connection, clinic)),
    )
