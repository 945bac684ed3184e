"""Everything that is known of one subject, gathered for the one decision (domain.rules).

Reads only. `Policy` is what the configuration says, handed in, since the configuration is not known here.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from notifycli.domain.model import (
    ANSWERS,
    STATE_OF_STATUS,
    Activity,
    Appointment,
    Event,
    Happening,
    Key,
    Patient,
    Post,
    Said,
)
from notifycli.domain.routing import Channel, possible_channels
from notifycli.domain.switches import NEVER_TURNED
from notifycli.store.engine import Connection
from notifycli.store.switches import Turns, switches_of

# Of an address that is no more: the column of patient_contact, and the channel that it is not possible on
GONE: dict[str, Channel] = {"email_gone": "email", "mobile_gone": "sms", "push_gone": "push"}


@dataclass(frozen=True)
class Policy:
    """`third_party_sends(clinic_id, source)`: R10. `max_age`: of dialogs, replies and receipts, in seconds (R14)."""

    third_party_sends: Callable[[str, str], bool]
    max_age: int


class Subject(NamedTuple):
    """Which subject: `subject` is "appointment", "dialog" or "receipt"."""

    subject: str
    clinic_id: str
    subject_id: str


@dataclass(frozen=True)
class PatientDetails:
    """What sending needs of a patient beside the decision."""

    patient_id: str
    email: str | None = None
    mobile: str | None = None
    push_token: str | None = None
    language: str | None = None
    is_active_user: bool = False


@dataclass(frozen=True)
class ClinicDetails:
    """What sending needs of a clinic."""

    clinic_id: str
    name: str
    phone: str
    portal_url: str
    payments_url: str
    timezone: str
    language: str
    sender_email: str
    sender_sms: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class Known:
    """One subject and its patient, as the decision takes them, and the details that a message needs."""

    subject: Appointment | Post
    patient: Patient | None
    clinic: ClinicDetails
    details: PatientDetails
    by: dict[str, str | None]  # event -> who booked or cancelled


@dataclass(frozen=True)
class _Clinic:
    details: ClinicDetails
    switches: Turns


class _Written(NamedTuple):
    """A notice that exists; `sent_at` and what it said (R19) where it went out."""

    event: Event
    number: int
    said_starts_at: int | None
    said_location: str | None
    sent_at: int | None


# Of a clinic's subjects or patients whose ids stand in a JSON array
OF_IDS = "FROM json_each(?2) j CROSS JOIN {table} t ON t.clinic_id = ?1 AND t.{id_column} = j.value"
SUBJECTS = {
    "appointment": (
        "SELECT t.appointment_id, t.patient_id, t.types, t.starts_at, t.status, t.booked_by, t.cancelled_by,"
        " t.location, t.source, t.no_notices, t.happened, t.first_status "
        + OF_IDS.format(table="appointment", id_column="appointment_id")
    ),
    "dialog": "SELECT t.dialog_id, t.patient_id, t.kind, t.sent_at "
    + OF_IDS.format(table="dialog", id_column="dialog_id"),
    "receipt": (
        "SELECT t.receipt_id, t.patient_id, '', t.paid_at " + OF_IDS.format(table="receipt", id_column="receipt_id")
    ),
}
PATIENTS = (
    "SELECT t.patient_id, t.known_since, t.consent, t.preferred_method, t.email, t.mobile, t.mobile_gets_sms,"
    f" t.push_token, t.push_allowed, t.language, t.last_login_at, {', '.join(f't.{column}' for column in GONE)} "
    + OF_IDS.format(table="patient_contact", id_column="patient_id")
)
NOTICES = (
    "SELECT n.subject_id, n.event, n.number, n.said_starts_at, n.said_location,"
    " (SELECT min(d.sent_at) FROM delivery d WHERE d.notice_id = n.id AND d.status IN ('sent', 'delivered'))"
    " FROM json_each(?3) j CROSS JOIN notice n ON n.clinic_id = ?1 AND n.subject = ?2 AND n.subject_id = j.value"
)


class Facts:
    """Gathers facts within one transaction; clinics and their switches are read once."""

    def __init__(self, connection: Connection, policy: Policy) -> None:
        self._connection = connection
        self._policy = policy
        self._clinics: dict[str, _Clinic] = {}

    def known(self, which: Subject) -> Known | None:
        """None where no such subject is stored."""
        return self.known_all((which,)).get(which)

    def known_all(self, subjects: Iterable[Subject]) -> dict[Subject, Known]:
        """Those of the subjects that are stored; many are asked for at once, since each question costs a trip."""
        of_clinics: dict[tuple[str, str], list[str]] = {}
        for subject, clinic_id, subject_id in subjects:
            of_clinics.setdefault((subject, clinic_id), []).append(subject_id)
        found: dict[Subject, Known] = {}
        for (subject, clinic_id), ids in of_clinics.items():
            found.update(self._known_of(subject, clinic_id, ids))
        return found

    def clinic(self, clinic_id: str) -> ClinicDetails:
        return self._clinic(clinic_id).details

    def _known_of(self, subject: str, clinic_id: str, ids: Sequence[str]) -> Iterator[tuple[Subject, Known]]:
        """Of one kind at one clinic."""
        rows = self._connection.execute(SUBJECTS[subject], (clinic_id, json.dumps(ids))).fetchall()
        if not rows:
            return
        clinic = self._clinic(clinic_id)
        notices = self._notices_of(subject, clinic_id, ids)
        patients = self._patients(clinic_id, {row[1] for row in rows})
        for subject_id, patient_id, *cells in rows:
            patient, details = patients.get(patient_id) or (None, PatientDetails(patient_id))
            written = notices.get(subject_id, [])
            make = self._appointment if subject == "appointment" else self._post
            which = Subject(subject, clinic_id, subject_id)
            about, by = make(which, clinic, written, *cells)
            yield which, Known(about, patient, clinic.details, details, by)

    def _patients(self, clinic_id: str, ids: Iterable[str]) -> dict[str, tuple[Patient, PatientDetails]]:
        found = {}
        for row in self._connection.execute(PATIENTS, (clinic_id, json.dumps(list(ids)))):
            patient_id, known_since, consent, method, email, mobile, gets_sms, token, push_allowed, *row_ = row
            language, last_login_at, *gone = row_
            which_gone = [channel for channel, reason in zip(GONE.values(), gone, strict=True) if reason]
            possible = possible_channels(email, bool(gets_sms), token, bool(push_allowed), which_gone)
            details = PatientDetails(patient_id, email, mobile, token, language, last_login_at is not None)
            found[patient_id] = (Patient(known_since, bool(consent), method, possible), details)
        return found

    def _appointment(
        self,
        which: Subject,
        clinic: _Clinic,
        notices: Sequence[_Written],
        types: str,
        starts_at: int,
        status: str,
        booked_by: str | None,
        cancelled_by: str | None,
        location: str,
        source: str,
        no_notices: Any,
        happened: str,
        first_status: str,
    ) -> tuple[Appointment, dict[str, str | None]]:
        said = tuple(
            Said(one.sent_at, one.said_starts_at, one.said_location or "", Key(one.event, one.number))
            for one in notices
            if one.sent_at is not None and one.said_starts_at is not None and one.event in ("confirmation", "change")
        )
        appointment = Appointment(
            state=STATE_OF_STATUS[status],
            starts_at=starts_at,
            location=location,
            happenings=tuple(Happening(kind, at, bool(moved)) for kind, at, moved, _ in json.loads(happened)),
            activity=Activity(
                self._switch(clinic, "module", "timebook"),
                tuple((since, self._switch(clinic, "type", type_id)) for since, type_id in json.loads(types)),
            ),
            zone=clinic.details.zone,
            first_state=STATE_OF_STATUS[first_status],
            third_party_sends=self._policy.third_party_sends(which.clinic_id, source),
            no_notices=no_notices,
            said=said,
            written=_keys_of(notices),
        )
        return appointment, {"confirmation": booked_by, "cancellation": cancelled_by}

    def _post(
        self, which: Subject, clinic: _Clinic, notices: Sequence[_Written], kind: str, at: int
    ) -> tuple[Post, dict[str, str | None]]:
        module = self._switch(clinic, "module", "post" if which.subject == "dialog" else "economy")
        event: Any = "receipt" if which.subject == "receipt" else "reply" if kind in ANSWERS else "dialog"
        return Post(event, at, Activity(module), self._policy.max_age, _keys_of(notices)), {}

    def _notices_of(self, subject: str, clinic_id: str, ids: Sequence[str]) -> dict[str, list[_Written]]:
        found: dict[str, list[_Written]] = {}
        for subject_id, *row in self._connection.execute(NOTICES, (clinic_id, subject, json.dumps(ids))):
            found.setdefault(subject_id, []).append(_Written(*row))
        return found

    def _clinic(self, clinic_id: str) -> _Clinic:
        if clinic_id not in self._clinics:
            self._clinics[clinic_id] = self._read_clinic(clinic_id)
        return self._clinics[clinic_id]

    def _read_clinic(self, clinic_id: str) -> _Clinic:
        sql = (
            "SELECT clinic_id, name, phone, portal_url, payments_url, timezone, language, sender_email, sender_sms"
            " FROM clinic WHERE clinic_id = ?"
        )
        details = ClinicDetails(*self._connection.execute(sql, (clinic_id,)).fetchone())
        return _Clinic(details, switches_of(self._connection, clinic_id))

    def _switch(self, clinic: _Clinic, scope: str, name: str) -> Any:
        return clinic.switches.get((scope, name), NEVER_TURNED)


def _keys_of(notices: Iterable[_Written]) -> frozenset[Key]:
    return frozenset(Key(one.event, one.number) for one in notices)
