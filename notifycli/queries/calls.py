"""Whom to phone: what domain.calls says of each appointment that may want it, less what staff have done already."""

import json
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from notifycli.domain.calls import PastNotice, Untold, untold
from notifycli.domain.model import Appointment, Key
from notifycli.queries.why import what_became_of
from notifycli.store import audit, calls, notices
from notifycli.store.engine import Connection
from notifycli.store.engine import reading as one_view
from notifycli.store.facts import ClinicDetails, Facts, Known, PatientDetails, Policy, Subject

WINDOW = 500  # appointments whose facts are read together


@dataclass(frozen=True)
class PhoneCall:
    """A call with its id, which stays the same until something of the call changes."""

    id: str
    which: Subject
    clinic: ClinicDetails
    patient: str
    name: str
    mobile: str | None
    language: str | None
    is_active_user: bool
    event: str
    reason: str
    starts_at: int
    location: str


def calls_to_make(
    connection: Connection, policy: Policy, now: int, until: int, clinic: str | None = None
) -> list[PhoneCall]:
    """By starts_at: at once whose appointment was given away, the others of appointments up to `until`."""
    with one_view(connection):
        phone_calls = [
            call
            for call in _phone_calls(connection, policy, clinic, now)
            if call.reason == "given_away" or call.starts_at <= until
        ]
        done = audit.calls_done(connection, (call.id for call in phone_calls))
    to_make = [call for call in phone_calls if call.id not in done]
    return sorted(to_make, key=lambda call: (call.starts_at, call.which, call.patient))


def known_calls(connection: Connection, policy: Policy, now: int) -> dict[str, PhoneCall]:
    """Every call that there is, however far ahead, done or not, by its id."""
    with one_view(connection):
        return {call.id: call for call in _phone_calls(connection, policy, None, now)}


def _phone_calls(connection: Connection, policy: Policy, clinic: str | None, now: int) -> Iterator[PhoneCall]:
    facts = Facts(connection, policy)
    subjects = calls.appointments_to_look_at(connection, clinic, now)
    for first in range(0, len(subjects), WINDOW):
        untold_of_subjects = [
            (which, known, who)
            for which, known in facts.known_all(subjects[first : first + WINDOW]).items()
            for who in _untold_of(connection, which, known, now)
        ]
        people = [(which.clinic_id, _details_of(who, known).patient_id) for which, known, who in untold_of_subjects]
        names = calls.names_of(connection, people)
        for (which, known, who), person in zip(untold_of_subjects, people, strict=True):
            yield _phone_call(which, known, who, names.get(person, ""))


def _untold_of(connection: Connection, which: Subject, known: Known, now: int) -> Iterator[Untold]:
    assert isinstance(known.subject, Appointment)
    holders = [*(details.patient_id for details in known.former), known.details.patient_id]
    past = []
    for row in notices.notices_of(connection, which):
        verdict, reason, _ = what_became_of(row)
        unreached = reason if reason == "no_contact" else None
        if verdict in ("failed", "uncertain"):
            unreached = reason or verdict
        past.append(PastNotice(row.key, row.due_at, row.happened_at, unreached))
    return untold(known.subject, holders, known.patient, past, now)


def _phone_call(which: Subject, known: Known, who: Untold, name: str) -> PhoneCall:
    """Its id is made from what one would say, and to whom."""
    person = _details_of(who, known)
    facts = [*which, person.patient_id, who.tenure, who.event, who.number, *who.place]
    digest = blake2b(json.dumps(facts).encode(), digest_size=5).digest()
    return PhoneCall(
        b32encode(digest).decode().lower(),
        which,
        known.clinic,
        person.patient_id,
        name,
        person.mobile,
        person.language,
        person.is_active_user,
        who.event,
        who.reason,
        *who.place,
    )


def _details_of(who: Untold, known: Known) -> PatientDetails:
    return known.details_for(Key("confirmation", 1, who.tenure))
