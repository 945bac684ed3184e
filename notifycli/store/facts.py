"""Everything that is known of one subject, gathered for the one decision (domain.rules).

Reads only. `Policy` is what the configuration says, handed in, since the configuration is not known here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from notifycli.domain.model import (
    ANSWERS,
    STATE_OF_STATUS,
    Activity,
    Appointment,
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


class Facts:
    """Gathers facts within one transaction; clinics and their switches are read once."""

    def __init__(self, connection: Connection, policy: Policy) -> None:
        self._connection = connection
        self._policy = policy
        self._clinics: dict[str, _Clinic] = {}

    def known(self, which: Subject) -> Known | None:
        """None where no such subject is stored."""
        if which.subject == "appointment":
            return self._appointment(which)
        return self._post(which)

    def clinic(self, clinic_id: str) -> ClinicDetails:
        return self._clinic(clinic_id).details

    def patient(self, clinic_id: str, patient_id: str) -> tuple[Patient | None, PatientDetails]:
        sql = (
            "SELECT known_since, consent, preferred_method, email, mobile, mobile_gets_sms, push_token, push_allowed,"
            f" language, last_login_at, {', '.join(GONE)} FROM patient_contact"
            " WHERE clinic_id = ? AND patient_id = ?"
        )
        row = self._connection.execute(sql, (clinic_id, patient_id)).fetchone()
        if row is None:
            return None, PatientDetails(patient_id)
        known_since, consent, method, email, mobile, gets_sms, token, push_allowed, language, last_login_at, *gone = row
        which_gone = [channel for channel, reason in zip(GONE.values(), gone, strict=True) if reason]
        possible = possible_channels(email, bool(gets_sms), token, bool(push_allowed), which_gone)
        details = PatientDetails(patient_id, email, mobile, token, language, last_login_at is not None)
        return Patient(known_since, bool(consent), method, possible), details

    def _appointment(self, which: Subject) -> Known | None:
        sql = (
            "SELECT patient_id, types, starts_at, status, booked_by, cancelled_by, location, source, happened,"
            " first_status FROM appointment WHERE clinic_id = ? AND appointment_id = ?"
        )
        row = self._connection.execute(sql, (which.clinic_id, which.subject_id)).fetchone()
        if row is None:
            return None
        patient_id, types, starts_at, status, booked_by, cancelled_by, location, source, happened, first_status = row
        clinic = self._clinic(which.clinic_id)
        written, said = self._notices_of(which)
        subject = Appointment(
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
            said=said,
            written=written,
        )
        patient, details = self.patient(which.clinic_id, patient_id)
        by = {"confirmation": booked_by, "cancellation": cancelled_by}
        return Known(subject, patient, clinic.details, details, by)

    def _post(self, which: Subject) -> Known | None:
        columns, id_column = (
            ("kind, sent_at", "dialog_id") if which.subject == "dialog" else ("'', paid_at", "receipt_id")
        )
        sql = f"SELECT patient_id, {columns} FROM {which.subject} WHERE clinic_id = ? AND {id_column} = ?"
        row = self._connection.execute(sql, (which.clinic_id, which.subject_id)).fetchone()
        if row is None:
            return None
        patient_id, kind, at = row
        clinic = self._clinic(which.clinic_id)
        module = self._switch(clinic, "module", "post" if which.subject == "dialog" else "economy")
        written, _ = self._notices_of(which)
        event: Any = "receipt" if which.subject == "receipt" else "reply" if kind in ANSWERS else "dialog"
        patient, details = self.patient(which.clinic_id, patient_id)
        return Known(
            Post(event, at, Activity(module), self._policy.max_age, written), patient, clinic.details, details, {}
        )

    def _notices_of(self, which: Subject) -> tuple[frozenset[Key], tuple[Said, ...]]:
        """The keys of the notices that exist, and what those that went out have said (R19)."""
        sql = (
            "SELECT n.event, n.number, n.said_starts_at, n.said_location,"
            " (SELECT min(d.sent_at) FROM delivery d WHERE d.notice_id = n.id AND d.status IN ('sent', 'delivered'))"
            " FROM notice n WHERE n.clinic_id = ? AND n.subject = ? AND n.subject_id = ?"
        )
        rows = self._connection.execute(sql, (which.clinic_id, which.subject, which.subject_id)).fetchall()
        written = frozenset(Key(event, number) for event, number, *_ in rows)
        said = tuple(
            Said(sent_at, starts_at, location, Key(event, number))
            for event, number, starts_at, location, sent_at in rows
            if sent_at is not None and starts_at is not None and event in ("confirmation", "change")
        )
        return written, said

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
