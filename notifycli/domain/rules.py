"""When a notice is due, or why it is not: the one decision that run, why, upcoming and the dry runs share.

A pure function of the facts and of `now`; must not know where facts are kept or how messages travel.
Instants are UTC epoch seconds. Source: SPEC section 4, whose rule numbers stand at each branch.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from notifycli.domain.model import (
    Appointment,
    AppointmentEvent,
    Decision,
    Due,
    Holder,
    Key,
    Patient,
    Place,
    Post,
    Told,
    Verdict,
)
from notifycli.domain.routing import channels_for, why_out_of_reach
from notifycli.domain.words import Event, NeverReason, SkipReason

FIVE_MINUTES = 5 * 60
FORTY_EIGHT_HOURS = 48 * 3600
WAITS_FOR = ("unknown_patient", "held")  # reasons for which a notice waits (R16; SPEC section 3)
AT_DUE = ("send", "skip", "planned")  # outcomes that come at due_at
A_DAY = 24 * 3600
FAR_AWAY = 2**40  # an instant later than any of an appointment

EVENT_OF_HAPPENING: dict[str, Event] = {
    "booking": "confirmation",
    "change": "change",
    "cancellation": "cancellation",
}
KIND_OF_EVENT = {event: kind for kind, event in EVENT_OF_HAPPENING.items()}
ORDER_WHEN_EQUAL = ("cancellation", "confirmation", "change", "reminder", "dialog", "reply", "receipt")


def decide_appointment(appointment: Appointment, patient: Patient | None, now: int) -> Decision:
    """R1 to R5 and what skips them, for one appointment; `patient` is None where the clinic has told of none."""
    reopened = {notice.key for notice in appointment.reopened}
    by_rules = [*_events_of(appointment), _reminder_of(appointment, now)]
    notices = [*(notice for notice in by_rules if notice.key not in reopened), *_reopened(appointment)]
    return _decision(
        [
            notice if isinstance(notice, Verdict) else _look(notice, appointment.written, appointment, patient, now)
            for notice in notices
        ]
    )


def decide_post(post: Post, patient: Patient | None, now: int) -> Decision:
    """R6 and R7 and what skips them, for one dialog, reply or receipt."""
    key = Key(post.event, 1)
    if post.at is None:
        return _decision([Verdict(key, "never", reason="unpaid")])
    reopened = next(_reopened(post), None)
    if (off := post.activity.why_off_at(post.at)) and reopened is None:
        return _decision([_never(key, off, post.at)])
    due = reopened or Due(key, post.at, post.at, post.at + post.max_age, post.known_at)
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
    verdicts: list[Verdict] = []
    while True:
        decided = decide(subject, patient, now).verdicts
        at_due = (verdict for verdict in decided if verdict.outcome in AT_DUE)
        first = next((verdict for verdict in at_due if verdict.due_at is not None and verdict.due_at <= until), None)
        if first is None:
            return verdicts
        verdicts.append(first)
        reopened = tuple(notice for notice in subject.reopened if notice.key != first.key)
        subject = replace(subject, written=subject.written | {first.key}, reopened=reopened)
        if isinstance(subject, Appointment) and first.channels:
            told = Told(max(now, first.due_at or now), details_given(subject, first.key), first.key)
            subject = replace(subject, told=(*subject.told, told))


def first_look_at(
    appointment_event: AppointmentEvent | None, starts_at: int, first_active_at: int | None
) -> int | None:
    """When a new appointment is first worth a look, given what its import made happen: no later than a notice is due.

    `first_active_at`: a moment before which its switches were not both on, None where they never were: a switch that
    is turned brings its appointments to attention. Cheap, for imports by the million; a look too many is harmless.
    """
    if appointment_event is None or first_active_at is None:
        return None
    looks = []
    if appointment_event.kind == "booking" and appointment_event.at >= first_active_at:
        looks.append(appointment_event.at + FIVE_MINUTES)
    line = starts_at - FORTY_EIGHT_HOURS
    if appointment_event.at <= line and first_active_at < starts_at:
        looks.append(line)
    return min(looks, default=None)


def due_as_written(key: Key, due_at: int, happened_at: int, subject: Appointment | Post) -> Due:
    """A notice that exists, with the moment at which it is too late as things are now (R14)."""
    if isinstance(subject, Appointment):
        return Due(key, due_at, happened_at, too_late_at(subject, key, happened_at))
    return Due(key, due_at, happened_at, due_at + subject.max_age)


def look_before_attempt(due: Due, subject: Appointment | Post, patient: Patient | None, now: int) -> Verdict:
    """What the rules say of a written notice before an attempt, a fallback or a retry: `send`, `skip` or `waits`.

    `patient`: whose the appointment is now; of a notice of an earlier tenure, the facts name theirs.
    """
    return _look(due, frozenset(), subject, patient, now)


def details_given(appointment: Appointment, key: Key) -> Place:
    """The time and place that a notice gives, if it goes out now (SPEC section 4).

    The appointment's own as they are; a cancellation gives what the patient was last told and what was not cancelled
    since, else what was cancelled.
    """
    if key.event != "cancellation":
        return appointment.place
    cancelled: Place | None = None
    booked_again_at: int | None = None
    if (index := index_of_event(key, appointment)) is not None:
        cancelled = appointment.events[index].place
        later = (event for event in appointment.events[index + 1 :] if event.kind in ("booking", "cancellation"))
        following = next(later, None)
        booked_again_at = following.known_at if following is not None and following.kind == "booking" else None
    last = last_told(appointment, key, before=booked_again_at)
    is_known = last is not None and last.is_certain and last.key.event != "cancellation"
    return last.place if last is not None and is_known else cancelled or appointment.place


def index_of_event(key: Key, appointment: Appointment) -> int | None:
    """Where among its events the one stands of which that notice tells: the so many of its kind; None: there is none.

    Of a confirmation, a change or a cancellation.
    """
    kind = KIND_OF_EVENT[key.event]
    indexes = [index for index, event in enumerate(appointment.events) if event.kind == kind]
    return indexes[key.number - 1] if 0 < key.number <= len(indexes) else None


def last_told(appointment: Appointment, key: Key, before: int | None = None) -> Told | None:
    """What the patient of that notice was told last, by another notice; `before`: earlier than that."""
    tellings = [
        told
        for told in appointment.told
        if told.key.tenure == key.tenure and told.key != key and (before is None or told.at < before)
    ]
    return tellings[-1] if tellings else None


def too_late_at(appointment: Appointment, key: Key, happened_at: int) -> int:
    """The first moment at which a notice of an appointment is too late (R14)."""
    if key.event != "cancellation":
        return appointment.starts_at
    starts_at = details_given(appointment, key).starts_at
    return starts_at + A_DAY if starts_at > happened_at else happened_at


def _decision(verdicts: list[Verdict]) -> Decision:
    ordered = sorted(
        verdicts,
        key=lambda verdict: (verdict.due_at or 0, ORDER_WHEN_EQUAL.index(verdict.key.event), verdict.key.number),
    )
    looks = [verdict.due_at if verdict.outcome in AT_DUE else verdict.look_again_at for verdict in ordered]
    return Decision(tuple(ordered), min((at for at in looks if at is not None), default=None))


def _events_of(appointment: Appointment) -> Iterator[Due | Verdict]:
    """R1, R2, R3: five minutes after each booking, change and cancellation that was active when it happened."""
    numbers: dict[Event, int] = {}
    tenure = 0
    for appointment_event in appointment.events:
        if appointment_event.kind == "takeover":
            tenure += 1
            continue
        if appointment_event.kind == "migration":
            yield _never(Key("confirmation", 0, tenure), "migrated", appointment_event.at)
            continue
        event = EVENT_OF_HAPPENING[appointment_event.kind]
        numbers[event] = numbers.get(event, 0) + 1
        key = Key(event, numbers[event], tenure)
        off = appointment.activity.why_off_at(appointment_event.at)
        if off:
            yield _never(key, off, appointment_event.at)
        else:
            too_late = too_late_at(appointment, key, appointment_event.at)
            yield Due(
                key, appointment_event.at + FIVE_MINUTES, appointment_event.at, too_late, appointment_event.known_at
            )
    if not appointment.events_of_tenure:
        yield Verdict(Key("confirmation", 0, tenure), "never", reason=_never_booked(appointment))


def _reopened(subject: Appointment | Post) -> Iterator[Due]:
    """R18: notices that contact details which came later open again; their due times stay."""
    for notice in subject.reopened:
        yield due_as_written(notice.key, notice.due_at, notice.happened_at, subject)


def _never(key: Key, reason: NeverReason, happened_at: int) -> Verdict:
    """`happened_at`: the moment that decided."""
    return Verdict(key, "never", reason=reason, happened_at=happened_at)


def _never_booked(appointment: Appointment) -> NeverReason:
    return "not_booked" if appointment.first_state == "open" else "seen_late"


def _reminder_of(appointment: Appointment, now: int) -> Due | Verdict:
    """R4 and R5, for the starts_at that holds now."""
    key = Key("reminder", appointment.starts_at, appointment.tenure)
    registration = registration_of(appointment.events_of_tenure)
    if registration is None:
        return Verdict(key, "never", reason=_never_booked(appointment))
    if appointment.state != "booked":
        return Verdict(key, "never", reason="not_booked")
    line = appointment.starts_at - FORTY_EIGHT_HOURS
    if registration.at > line:
        return _never(key, "booked_late", registration.at)
    off = appointment.activity.why_off_at(line)
    if not off:
        return Due(key, line, line, appointment.starts_at, registration.known_at)
    turning_points = (at for at in appointment.activity.turning_points_after(line) if at <= now)
    activated_at = next((at for at in turning_points if appointment.activity.is_active_at(at)), None)
    if activated_at is None:
        return _never(key, off, line)
    if datetime.fromtimestamp(activated_at, appointment.zone).date() > _last_day_of_r5(appointment):
        return _never(key, "activated_late", activated_at)
    return Due(key, activated_at, activated_at, appointment.starts_at, registration.known_at)


def registration_of(events: tuple[AppointmentEvent, ...]) -> AppointmentEvent | None:
    """When it was last booked, migrated or moved; a change of place alone registers nothing anew."""
    registrations = [event for event in events if event.kind in ("booking", "migration") or event.moved]
    return registrations[-1] if registrations else None


def _last_day_of_r5(appointment: Appointment) -> date:
    """Of an activation: starts_at is on the second calendar day after it, or later."""
    return datetime.fromtimestamp(appointment.starts_at, appointment.zone).date() - timedelta(days=2)


def _look(due: Due, written: frozenset[Key], subject: Appointment | Post, patient: Patient | None, now: int) -> Verdict:
    if due.key in written:
        return Verdict(due.key, "written", due.due_at)
    holder = holder_of(due.key, subject, patient)
    looked_at = max(now, due.due_at)
    reason = _skip_reason(due, subject, holder, looked_at)
    patient = holder.patient
    channels = () if reason or patient is None else channels_for(patient.preferred, patient.possible)
    if due.due_at > now:
        return Verdict(due.key, "planned", due.due_at, reason, channels, due.happened_at)
    waits_until = _waits_until(due, subject, reason, looked_at)
    if waits_until is not None:
        return Verdict(due.key, "waits", due.due_at, reason, (), due.happened_at, waits_until)
    if reason:
        return Verdict(due.key, "skip", due.due_at, reason, (), due.happened_at)
    return Verdict(due.key, "send", due.due_at, None, channels, due.happened_at)


def holder_of(key: Key, subject: Appointment | Post, patient: Patient | None) -> Holder:
    if isinstance(subject, Post):
        return Holder(patient)
    return subject.former[key.tenure] if key.tenure < subject.tenure else Holder(patient, subject.booked_starts)


def _waits_until(due: Due, subject: Appointment | Post, reason: SkipReason | None, now: int) -> int | None:
    """When a notice that waits is looked at again, unless something happens before; None: it does not wait."""
    if now >= due.too_late_at:
        return None
    if reason in WAITS_FOR:
        return due.too_late_at
    if reason in ("module_off", "type_off") and due.key.event == "reminder" and isinstance(subject, Appointment):  # R15
        too_late_for_r5 = _last_day_of_r5(subject) + timedelta(days=1)
        midnight = int(datetime(*too_late_for_r5.timetuple()[:3], tzinfo=subject.zone).timestamp())
        return midnight if now < midnight else None
    return None


def _skip_reason(due: Due, subject: Appointment | Post, holder: Holder, now: int) -> SkipReason | None:
    """The first reason of R10 to R19 that holds, or for which it waits."""
    patient = holder.patient
    if isinstance(subject, Appointment) and (reason := _appointment_reason(due, subject, holder)):
        return reason
    if now >= due.too_late_at:  # R14, or R16 where it became too late while it waited for the patient
        could_wait = max(due.due_at, due.known_at) < due.too_late_at
        waited = could_wait and (patient is None or patient.known_since >= due.too_late_at)
        return "unknown_patient" if waited else "too_late"
    if isinstance(subject, Appointment) and subject.held_by is not None:
        return "held"
    if off := subject.activity.why_off_at(now):  # R15
        return off
    if patient is None:  # R16
        return "unknown_patient"
    if reason := why_out_of_reach(patient.consent, patient.possible):  # R17, R18
        return reason
    if isinstance(subject, Appointment) and _is_covered(due, subject):  # R19
        return "covered"
    return None


def _appointment_reason(due: Due, appointment: Appointment, holder: Holder) -> SkipReason | None:
    """R10 to R13, which only appointments know."""
    wants_none = appointment.no_notices in ("all", due.key.event)
    is_given_away = due.key.tenure < appointment.tenure
    if appointment.third_party_sends or wants_none:
        return "third_party"
    if due.key.event != "cancellation" and not is_given_away and appointment.state in ("cancelled", "open"):
        return "cancelled"
    if superseded_by(due, appointment, holder):
        return "superseded"
    if appointment.state == "ended":
        return "ended"
    return None


def superseded_by(due: Due, appointment: Appointment, holder: Holder) -> tuple[str, int] | None:
    """R12: what has overtaken what has not gone out: the name of that fact, and its instant. None: nothing has."""
    is_given_away = due.key.tenure < appointment.tenure
    if due.key.event != "cancellation" and is_given_away:
        takeovers = [event for event in appointment.events if event.kind == "takeover"]
        return "given_away_at", takeovers[due.key.tenure].at
    if due.key.event == "reminder":
        return ("moved_to", appointment.starts_at) if due.key.number != appointment.starts_at else None
    if due.key.event == "cancellation":
        is_theirs = appointment.state == "booked" and not is_given_away
        booked_starts = holder.booked_starts | ({appointment.starts_at} if is_theirs else set())
        given = details_given(appointment, due.key).starts_at
        if given in booked_starts:
            return "booked_for", given
    index = index_of_event(due.key, appointment)
    for later in appointment.events[index + 1 :] if index is not None else ():
        if later.kind == "takeover":
            break
        if later.kind == KIND_OF_EVENT[due.key.event] and appointment.activity.is_active_at(later.at):
            return "newer_at", later.at
    return None


def _is_covered(due: Due, appointment: Appointment) -> bool:
    """R19: the last that the patient was told is the same time and place."""
    last = last_told(appointment, due.key)
    if due.key.event not in ("change", "reminder") or last is None or not last.is_certain:
        return False
    if last.key.event == "cancellation" or last.place != appointment.place:
        return False
    line = appointment.starts_at - FORTY_EIGHT_HOURS
    return due.key.event == "change" or (last.key.event in ("confirmation", "change") and last.at >= line)
