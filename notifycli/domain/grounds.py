"""By what a notice was decided: the facts of its verdict as plain values, to be kept with it and told weeks later.

Asks the rules what overtook or covered a notice; decides nothing. Instants are UTC epoch seconds. Source: SPEC
sections 4 and 7 ("a notice keeps the facts by which it was decided").
"""

from collections.abc import Iterator, Mapping
from typing import Any

from notifycli.domain.model import Appointment, Due, Key, Patient, Post, Verdict
from notifycli.domain.rules import (
    A_DAY,
    FORTY_EIGHT_HOURS,
    due_as_written,
    holder_of,
    index_of_event,
    last_told,
    registration_of,
    superseded_by,
)
from notifycli.domain.words import CHANNELS

Grounds = Mapping[str, Any]  # what is in JSON: numbers, strings, booleans, lists of strings
WHEN_REGISTERED = {"booking": "booked_at", "migration": "migrated_at", "change": "moved_at"}


def grounds_of(verdict: Verdict, subject: Appointment | Post, patient: Patient | None, now: int) -> Grounds:
    """Preference, consent, what was possible, the switches, and what the deciding rule asked for besides.

    `patient`: as the rules take it. Always there: looked_at. Names of instants end as is_instant says; a fact
    that there is none of is left out.
    """
    grounds: dict[str, Any] = {"looked_at": now}
    if verdict.happened_at is not None:
        grounds["happened_at"] = verdict.happened_at
    grounds |= _of_switches(verdict, subject, now)
    grounds |= _of_patient(holder_of(verdict.key, subject, patient).patient)
    if isinstance(subject, Appointment):
        grounds |= {"starts_at": subject.starts_at, "status": subject.status}
        if verdict.key.event == "reminder":
            if (registration := registration_of(subject.events_of_tenure)) is not None:
                grounds[WHEN_REGISTERED[registration.kind]] = registration.at
            is_due_at_line = verdict.happened_at in (None, verdict.key.number - FORTY_EIGHT_HOURS)
            if not is_due_at_line and verdict.reason != "booked_late":
                grounds["activated_at"] = verdict.happened_at  # R5
    grounds |= _of_reason(verdict, subject, patient)
    return grounds


def is_instant(name: str, fact: Any) -> bool:
    return name.endswith(("_at", "_since", "_to", "_for")) and isinstance(fact, int)


def _of_switches(verdict: Verdict, subject: Appointment | Post, now: int) -> Iterator[tuple[str, Any]]:
    """As they stood when it happened; where that is the reason, as they stood at the moment that decided."""
    activity = subject.activity
    happened_at = verdict.happened_at if verdict.happened_at is not None else now
    moment = max(now, verdict.due_at or now) if verdict.reason in ("module_off", "type_off") else happened_at
    moment = happened_at if verdict.outcome == "never" else moment
    switches = {"module": activity.module}
    if activity.types is not None:
        switches["type"] = activity.type_at(moment)
    for what, switch in switches.items():
        if switch.name:
            yield what, switch.name
            if not switch.is_on_at(now):
                yield f"{what}_to_enable", switch.name
        since = switch.since(moment)
        if since is not None:
            yield f"{what}_{'on' if switch.is_on_at(moment) else 'off'}_since", since
        elif first_on := next((at for at, is_on in switch.turns if is_on), None):
            yield f"{what}_first_on_at", first_on


def _of_patient(patient: Patient | None) -> Grounds:
    if patient is None:
        return {}
    lacks = dict.fromkeys(patient.gone, "gone")
    if "email" not in patient.possible | lacks.keys():
        lacks["email"] = "none"
    if "sms" not in patient.possible | lacks.keys():
        lacks["sms"] = "landline" if patient.has_landline else "none"
    possible = [channel for channel in sorted(CHANNELS) if channel in patient.possible]
    return {"consent": patient.consent, "method": patient.preferred, "possible": possible} | {
        f"{channel}_lacks": why for channel, why in lacks.items()
    }


def _of_reason(verdict: Verdict, subject: Any, patient: Patient | None) -> Grounds:
    """What the rule that decided asked for besides; of most reasons, only appointments know them."""
    if verdict.reason is None:
        return {}
    due = due_as_written(verdict.key, verdict.due_at or 0, verdict.happened_at or 0, subject)
    match verdict.reason:
        case "third_party" if subject.third_party_sends:
            return {"source": subject.source}
        case "third_party":
            return {"no_notices": subject.no_notices}
        case "cancelled" | "not_booked":
            cancelled = [event.at for event in subject.events if event.kind == "cancellation"]
            return {"cancelled_at": cancelled[-1]} if cancelled and subject.state == "cancelled" else {}
        case "superseded":
            overtaken = superseded_by(due, subject, holder_of(due.key, subject, patient))
            return dict([overtaken]) if overtaken is not None else {}
        case "too_late":
            return _of_too_late(verdict, due, subject)
        case "unknown_patient":
            return {"too_late_at": due.too_late_at}
        case "held":
            return {"held_by": subject.held_by}
        case "covered":
            told = last_told(subject, verdict.key)
            return {"told_event": told.key.event, "told_at": told.at} if told is not None else {}
        case "seen_late":
            return {"never_theirs": subject.status} if subject.tenure else {"first_seen": subject.first_state}
    return {}


def _of_too_late(verdict: Verdict, due: Due, subject: Appointment | Post) -> Grounds:
    known_at = _known_at(verdict.key, subject)
    if known_at >= due.too_late_at:
        return {"too_late_at": due.too_late_at, "known_at": known_at}
    if isinstance(subject, Post):
        return {"too_late_at": due.too_late_at, "days": subject.max_age // A_DAY}
    if verdict.key.event != "cancellation":
        return {"began_at": due.too_late_at}
    return {"began_before_at" if due.too_late_at <= due.happened_at else "day_past_at": due.too_late_at}


def _known_at(key: Key, subject: Appointment | Post) -> int:
    """When its import told of what it is about."""
    if isinstance(subject, Post):
        return subject.known_at
    if key.event == "reminder":
        registration = registration_of(subject.events_of_tenure)
        return registration.known_at if registration is not None else 0
    index = index_of_event(key, subject)
    return subject.events[index].known_at if index is not None else 0
