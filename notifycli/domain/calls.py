"""Whom staff have to phone, since no notice told them what they must know of an appointment.

A pure function of the facts and of `now`; must not know telephones, nor what was phoned already. Source: SPEC sections
3 and 8.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from notifycli.domain.model import Appointment, Holder, Key, Patient, Place
from notifycli.domain.rules import ORDER_WHEN_EQUAL, details_given, due_as_written, look_before_attempt
from notifycli.domain.words import Event

# What is not true any more, or known to them, is not told by telephone either: R10 to R13, R19.
NOT_TO_BE_TOLD = ("third_party", "cancelled", "superseded", "ended", "covered")


@dataclass(frozen=True, slots=True)
class PastNotice:
    """A notice that exists. `unreached`: why it reached nobody, None where it did, may still, or was skipped."""

    key: Key
    due_at: int
    happened_at: int
    unreached: str | None


@dataclass(frozen=True, slots=True)
class Untold:
    """Who is to be phoned, by their `tenure`. `place`: what they are to be told, or of one given away what they were.

    `number`: of the notice that reached nobody; of a takeover the tenure. All of it together tells one call from
    another, so that a change of the appointment makes a new one.
    """

    tenure: int
    event: Event | Literal["takeover"]
    number: int
    place: Place
    reason: str


def untold(
    appointment: Appointment, holders: Sequence[str], patient: Patient | None, notices: Sequence[PastNotice], now: int
) -> Iterator[Untold]:
    """At most once each of those whose the appointment is or was. `holders`: their ids, by tenure."""
    for holder in dict.fromkeys(holders):
        tenures = [tenure for tenure, name in enumerate(holders) if name == holder]
        expected = _told_and_not_cancelled(appointment, tenures)
        is_former = holder != holders[-1]
        if is_former and expected is not None and _is_in_vain(expected, appointment.former[tenures[-1]], now):
            yield Untold(tenures[-1], "takeover", tenures[-1], expected, "given_away")
            continue
        theirs = [notice for notice in notices if notice.key.tenure in tenures]
        latest = max(
            theirs,
            key=lambda notice: (notice.due_at, ORDER_WHEN_EQUAL.index(notice.key.event), notice.key.number),
            default=None,
        )
        if latest is None or latest.unreached is None or not _is_still_to_be_told(latest, appointment, patient, now):
            continue
        place = details_given(appointment, latest.key)
        if place.starts_at > now:
            yield Untold(latest.key.tenure, latest.key.event, latest.key.number, place, latest.unreached)


def _told_and_not_cancelled(appointment: Appointment, tenures: Sequence[int]) -> Place | None:
    """The time and place at which they expect to be seen. Whether an uncertain one arrived, a call tells."""
    place = None
    for told in appointment.told:
        if told.key.tenure not in tenures:
            continue
        if told.key.event != "cancellation":
            place = told.place
        elif told.is_certain:
            place = None
    return place


def _is_in_vain(expected: Place, holder: Holder, now: int) -> bool:
    """Not for who has another appointment at that time, as in R12."""
    return expected.starts_at > now and expected.starts_at not in holder.booked_starts


def _is_still_to_be_told(notice: PastNotice, appointment: Appointment, patient: Patient | None, now: int) -> bool:
    if any(reopened.key == notice.key for reopened in appointment.reopened):  # R18: the next run sends it
        return False
    due = due_as_written(notice.key, notice.due_at, notice.happened_at, appointment)
    return look_before_attempt(due, appointment, patient, now).reason not in NOT_TO_BE_TOLD
