"""When a notice is due, or why it is not: the one decision that run, why, upcoming and the dry runs share.

A pure function of the facts and of `now`; must not know where facts are kept or how messages travel.
Instants are UTC epoch seconds. Source: SPEC section 4, whose rule numbers stand at each branch.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from notifycli.domain.model import (
    Activity,
    Appointment,
    Decision,
    Event,
    Happening,
    Key,
    Patient,
    Post,
    Said,
    Verdict,
)
from notifycli.domain.routing import channels_for

FIVE_MINUTES = 5 * 60
FORTY_EIGHT_HOURS = 48 * 3600
A_DAY = 24 * 3600

EVENT_OF_HAPPENING: dict[str, Event] = {
    "booking": "confirmation",
    "change": "change",
    "cancellation": "cancellation",
}
ORDER_WHEN_EQUAL = ("confirmation", "change", "cancellation", "reminder", "dialog", "reply", "receipt")


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that a rule makes due; `happened_at` is the moment that its switches and R19 go by."""

    key: Key
    due_at: int
    happened_at: int
    too_late_at: int


def decide_appointment(appointment: Appointment, patient: Patient | None, now: int) -> Decision:
    """R1 to R5 and what skips them, for one appointment; `patient` is None where the clinic has told of none."""
    found = [*_events_of(appointment), _reminder_of(appointment, now)]
    return _decision(
        [
            one if isinstance(one, Verdict) else _look(one, appointment.written, appointment, patient, now)
            for one in found
        ]
    )


def decide_post(post: Post, patient: Patient | None, now: int) -> Decision:
    """R6 and R7 and what skips them, for one dialog, reply or receipt."""
    key = Key(post.event, 1)
    if post.at is None:
        return _decision([Verdict(key, "never", reason="unpaid")])
    off = post.activity.why_off_at(post.at)
    if off:
        return _decision([Verdict(key, "never", reason=off)])
    due = Due(key, post.at, post.at, post.at + post.max_age)
    return _decision([_look(due, post.written, post, patient, now)])


def decide(subject: Appointment | Post, patient: Patient | None, now: int) -> Decision:
    """Every rule, for whatever subject it is."""
    if isinstance(subject, Appointment):
        return decide_appointment(subject, patient, now)
    return decide_post(subject, patient, now)


def foreseen(subject: Appointment | Post, patient: Patient | None, now: int, until: int) -> list[Verdict]:
    """What would go out or be skipped up to `until`, in its order, as things stand and if all that goes out arrives.

    A confirmation that goes out covers what follows it (R19), so each notice is looked at after the one before it.
    """
    found: list[Verdict] = []
    while True:
        verdicts = decide(subject, patient, now).verdicts
        first = next((one for one in verdicts if _is_foreseen(one, until)), None)
        if first is None:
            return found
        found.append(first)
        subject = _as_after(first, subject, now)


def _is_foreseen(verdict: Verdict, until: int) -> bool:
    return verdict.outcome in ("send", "skip", "planned") and verdict.due_at is not None and verdict.due_at <= until


def _as_after(verdict: Verdict, subject: Appointment | Post, now: int) -> Appointment | Post:
    written = subject.written | {verdict.key}
    if isinstance(subject, Post) or not verdict.channels or verdict.key.event not in ("confirmation", "change"):
        return replace(subject, written=written)
    said = Said(max(now, verdict.due_at or now), subject.starts_at, subject.location, verdict.key)
    return replace(subject, written=written, said=(*subject.said, said))


def first_look_at(happening: Happening | None, starts_at: int, first_active_at: int | None) -> int | None:
    """When a new appointment is first worth a look, given what its import made happen: no later than a notice is due.

    `first_active_at`: a moment before which its switches were not both on, None where they never were: a switch that
    is turned brings its appointments to attention. Cheap, for imports by the million; a look too many is harmless.
    """
    if happening is None or first_active_at is None:
        return None
    looks = []
    if happening.kind == "booking" and happening.at >= first_active_at:
        looks.append(happening.at + FIVE_MINUTES)
    line = starts_at - FORTY_EIGHT_HOURS
    if happening.at <= line and first_active_at < starts_at:
        looks.append(line)
    return min(looks, default=None)


def due_as_written(key: Key, due_at: int, happened_at: int, subject: Appointment | Post) -> Due:
    """A notice that exists, with the moment at which it is too late as things are now (R14)."""
    if isinstance(subject, Appointment):
        return Due(key, due_at, happened_at, too_late_at(key.event, subject.starts_at))
    return Due(key, due_at, happened_at, due_at + subject.max_age)


def look_before_attempt(due: Due, subject: Appointment | Post, patient: Patient | None, now: int) -> Verdict:
    """What the rules say of a written notice before an attempt, a fallback or a retry: `send`, `skip` or `waits`."""
    return _look(due, frozenset(), subject, patient, now)


def _decision(verdicts: list[Verdict]) -> Decision:
    ordered = sorted(verdicts, key=lambda one: (one.due_at or 0, ORDER_WHEN_EQUAL.index(one.key.event), one.key.number))
    return Decision(tuple(ordered), min((at for at in map(_attention_of, ordered) if at is not None), default=None))


def _attention_of(verdict: Verdict) -> int | None:
    if verdict.outcome in ("send", "skip", "planned"):
        return verdict.due_at
    return verdict.look_again_at


def _events_of(appointment: Appointment) -> Iterator[Due | Verdict]:
    """R1, R2, R3: five minutes after each booking, change and cancellation that was active when it happened."""
    numbers: dict[Event, int] = {}
    for happening in appointment.happenings:
        if happening.kind == "migration":
            yield Verdict(Key("confirmation", 0), "never", reason="migrated")
            continue
        event = EVENT_OF_HAPPENING[happening.kind]
        numbers[event] = numbers.get(event, 0) + 1
        key = Key(event, numbers[event])
        off = appointment.activity.why_off_at(happening.at)
        if off:
            yield Verdict(key, "never", reason=off)
        else:
            yield Due(key, happening.at + FIVE_MINUTES, happening.at, too_late_at(event, appointment.starts_at))
    if not appointment.happenings:
        yield Verdict(Key("confirmation", 0), "never", reason=_never_booked(appointment))


def too_late_at(event: Event, starts_at: int) -> int:
    """The first moment at which a notice of an appointment is too late (R14)."""
    return starts_at + A_DAY if event == "cancellation" else starts_at


def _never_booked(appointment: Appointment) -> str:
    return "not_booked" if appointment.first_state == "open" else "seen_late"


def _reminder_of(appointment: Appointment, now: int) -> Due | Verdict:
    """R4 and R5, for the starts_at that holds now."""
    key = Key("reminder", appointment.starts_at)
    registered_at = _registered_at(appointment.happenings)
    if registered_at is None:
        return Verdict(key, "never", reason=_never_booked(appointment))
    if appointment.state != "booked":
        return Verdict(key, "never", reason="not_booked")
    line = appointment.starts_at - FORTY_EIGHT_HOURS
    if registered_at > line:
        return Verdict(key, "never", reason="booked_late")
    off = appointment.activity.why_off_at(line)
    if not off:
        return Due(key, line, line, appointment.starts_at)
    activated_at = _first_active_after(line, appointment.activity, now)
    if activated_at is None:
        return Verdict(key, "never", reason=off)
    if _calendar_days_between(activated_at, appointment) < 2:
        return Verdict(key, "never", reason="activated_late")
    return Due(key, activated_at, activated_at, appointment.starts_at)


def _registered_at(happenings: tuple[Happening, ...]) -> int | None:
    """When it was last booked, migrated or moved; a change of place alone registers nothing anew."""
    registrations = [one.at for one in happenings if one.kind in ("booking", "migration") or one.moved]
    return registrations[-1] if registrations else None


def _first_active_after(instant: int, activity: Activity, now: int) -> int | None:
    turning_points = (at for at in activity.turning_points_after(instant) if at <= now)
    return next((at for at in turning_points if activity.is_active_at(at)), None)


def _calendar_days_between(activated_at: int, appointment: Appointment) -> int:
    first = datetime.fromtimestamp(activated_at, appointment.zone).date()
    return (datetime.fromtimestamp(appointment.starts_at, appointment.zone).date() - first).days


def _look(due: Due, written: frozenset[Key], subject: Appointment | Post, patient: Patient | None, now: int) -> Verdict:
    if due.key in written:
        return Verdict(due.key, "written", due.due_at)
    reason = _skip_reason(due, subject, patient, max(now, due.due_at))
    channels = () if reason or patient is None else channels_for(patient.preferred, patient.possible)
    if due.due_at > now:
        unknown = "unknown_patient" if patient is None else None
        return Verdict(due.key, "planned", due.due_at, reason or unknown, channels, due.happened_at)
    if reason:
        return Verdict(due.key, "skip", due.due_at, reason, (), due.happened_at)
    if patient is None:
        return Verdict(due.key, "waits", due.due_at, "unknown_patient", (), due.happened_at, due.too_late_at)
    return Verdict(due.key, "send", due.due_at, None, channels, due.happened_at)


def _skip_reason(due: Due, subject: Appointment | Post, patient: Patient | None, now: int) -> str | None:
    """The first reason of R10 to R19 that holds."""
    if isinstance(subject, Appointment) and (reason := _appointment_reason(due, subject)):
        return reason
    if now >= due.too_late_at:  # R14, or R16 where the patient was still unknown when it became too late
        came_in_time = patient is not None and patient.known_since < due.too_late_at
        return "too_late" if came_in_time else "unknown_patient"
    if off := subject.activity.why_off_at(now):  # R15
        return off
    if patient is None:  # R16: it waits
        return None
    if not patient.consent:  # R17
        return "no_consent"
    if not channels_for(patient.preferred, patient.possible):  # R18
        return "no_contact"
    if isinstance(subject, Appointment) and _is_covered(due, subject):  # R19
        return "covered"
    return None


def _appointment_reason(due: Due, appointment: Appointment) -> str | None:
    """R10 to R13, which only appointments know."""
    wants_none = appointment.no_notices in ("all", due.key.event)
    if appointment.third_party_sends or wants_none:
        return "third_party"
    if due.key.event != "cancellation" and appointment.state in ("cancelled", "open"):
        return "cancelled"
    if _is_superseded(due, appointment):
        return "superseded"
    if appointment.state == "ended":
        return "ended"
    return None


def _is_superseded(due: Due, appointment: Appointment) -> bool:
    """R12. What has not gone out is overtaken by a newer event of its kind that was itself active."""
    if due.key.event == "reminder":
        return due.key.number != appointment.starts_at
    if due.key.event == "cancellation" and appointment.state == "booked":
        return True
    kind = next(kind for kind, event in EVENT_OF_HAPPENING.items() if event == due.key.event)
    newer = [one for one in appointment.happenings if one.kind == kind][due.key.number :]
    return any(appointment.activity.is_active_at(one.at) for one in newer)


def _is_covered(due: Due, appointment: Appointment) -> bool:
    """R19: something that went out since already gave the same time and place."""
    if due.key.event not in ("change", "reminder"):
        return False
    since = appointment.starts_at - FORTY_EIGHT_HOURS if due.key.event == "reminder" else due.happened_at
    is_at = (appointment.starts_at, appointment.location)
    others = (said for said in appointment.said if said.key != due.key)  # on its other channel it may have gone out
    return any(said.at >= since and (said.starts_at, said.location) == is_at for said in others)
