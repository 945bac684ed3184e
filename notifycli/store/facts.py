"""Everything that is known of one subject, gathered for the one decision (domain.rules).

Reads only. `Policy` is what the configuration says, handed in, since the configuration is not known here.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from notifycli.domain.model import (
    ANSWERS,
    STATE_OF_STATUS,
    Activity,
    Appointment,
    AppointmentEvent,
    Holder,
    Key,
    Patient,
    Place,
    Post,
    Told,
    Written,
)
from notifycli.domain.routing import possible_channels
from notifycli.domain.switches import Switch
from notifycli.domain.words import WENT_OUT, Channel
from notifycli.store.appointments import events_of, former_types_of
from notifycli.store.dialect import THEN_LOOKED_UP_IN, as_list, each
from notifycli.store.engine import Connection
from notifycli.store.rows import EventRow, FormerTypeRow
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

    def address_on(self, channel: Channel) -> str | None:
        return {"email": self.email, "sms": self.mobile, "push": self.push_token}[channel]


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
    """One subject and its patient, as the decision takes them, and the details that a message needs.

    `former`: details of those whose an appointment was before, by tenure.
    """

    subject: Appointment | Post
    patient: Patient | None
    clinic: ClinicDetails
    details: PatientDetails
    by: dict[str, str | None]  # event -> who booked or cancelled
    former: tuple[PatientDetails, ...] = ()

    def details_for(self, key: Key) -> PatientDetails:
        """Of whom that notice is for."""
        return self.former[key.tenure] if key.tenure < len(self.former) else self.details

    def patient_for(self, key: Key) -> Patient | None:
        if isinstance(self.subject, Appointment) and key.tenure < self.subject.tenure:
            return self.subject.former[key.tenure].patient
        return self.patient


@dataclass(frozen=True)
class _Clinic:
    details: ClinicDetails
    switches: Turns


class _Notices(NamedTuple):
    """What exists of a subject's notices: see Appointment."""

    written: frozenset[Key] = frozenset()
    reopened: tuple[Written, ...] = ()
    told: tuple[Told, ...] = ()


# Of a clinic's subjects or patients, by their ids
OF_IDS = f"FROM {each(':ids')} {THEN_LOOKED_UP_IN} {{table}} t ON t.clinic_id = :clinic AND t.{{id_column}} = j.value"
SUBJECTS = {
    "appointment": (
        "SELECT t.appointment_id, t.patient_id, t.type_id, t.starts_at, t.status, t.booked_by, t.cancelled_by,"
        " t.location, t.source, t.no_notices, t.first_status,"
        " (SELECT h.import_id FROM held h WHERE h.clinic_id = t.clinic_id AND h.appointment_id = t.appointment_id) "
        + OF_IDS.format(table="appointment", id_column="appointment_id")
    ),
    "dialog": "SELECT t.dialog_id, t.patient_id, t.kind, t.sent_at, t.known_by "
    + OF_IDS.format(table="dialog", id_column="dialog_id"),
    "receipt": (
        "SELECT t.receipt_id, t.patient_id, '', t.paid_at, t.paid_by "
        + OF_IDS.format(table="receipt", id_column="receipt_id")
    ),
}
PATIENTS = (
    "SELECT t.patient_id, t.known_since, t.consent, t.preferred_method, t.email, t.mobile, t.mobile_gets_sms,"
    f" t.push_token, t.push_allowed, t.language, t.last_login_at, {', '.join(f't.{column}' for column in GONE)} "
    + OF_IDS.format(table="patient_contact", id_column="patient_id")
)
NOTICES = (
    "SELECT n.subject_id, n.event, n.number, n.tenure, n.reopened_at, n.due_at, n.happened_at,"
    " d.status, coalesce(d.sent_at, d.status_at), d.told_starts_at, d.told_location"
    f" FROM {each(':ids')} {THEN_LOOKED_UP_IN} notice n"
    " ON n.clinic_id = :clinic AND n.subject = :subject AND n.subject_id = j.value"
    " LEFT JOIN delivery d ON d.notice_id = n.id AND d.told_starts_at IS NOT NULL"
    " AND d.status IN ('sending', 'sent', 'delivered', 'uncertain') ORDER BY 9, n.id"
)
BOOKED_STARTS = (
    f"SELECT a.patient_id, a.starts_at FROM {each(':ids')} {THEN_LOOKED_UP_IN} appointment a"
    " ON a.clinic_id = :clinic AND a.patient_id = j.value AND a.status = 'booked'"
)


class Facts:
    """Gathers facts within one transaction; clinics and their switches are read once."""

    def __init__(self, connection: Connection, policy: Policy) -> None:
        self._connection = connection
        self._policy = policy
        self._clinics: dict[str, _Clinic] = {}
        self._import_times: dict[int | None, int] = {}

    def known(self, which: Subject) -> Known | None:
        """None where no such subject is stored."""
        return self.known_all((which,)).get(which)

    def known_all(self, subjects: Iterable[Subject]) -> dict[Subject, Known]:
        """Those of the subjects that are stored; many are asked for at once, since each question costs a trip."""
        of_clinics: dict[tuple[str, str], list[str]] = {}
        for subject, clinic_id, subject_id in dict.fromkeys(subjects):
            of_clinics.setdefault((subject, clinic_id), []).append(subject_id)
        known: dict[Subject, Known] = {}
        for (subject, clinic_id), ids in of_clinics.items():
            known.update(self._known_of(subject, clinic_id, ids))
        return known

    def clinic(self, clinic_id: str) -> ClinicDetails:
        return self._clinic(clinic_id).details

    def _known_of(self, subject: str, clinic_id: str, ids: Sequence[str]) -> Iterator[tuple[Subject, Known]]:
        """Of one kind at one clinic."""
        rows = self._connection.execute(SUBJECTS[subject], {"clinic": clinic_id, "ids": as_list(ids)}).fetchall()
        if not rows:
            return
        clinic = self._clinic(clinic_id)
        notices = self._notices_of(subject, clinic_id, ids)
        is_appointment = subject == "appointment"
        events = events_of(self._connection, clinic_id, ids) if is_appointment else {}
        former_types = former_types_of(self._connection, clinic_id, ids) if is_appointment else {}
        former = {subject_id: _former_patients(of_one) for subject_id, of_one in events.items() if len(of_one) > 1}
        patients = self._patients(clinic_id, {row[1] for row in rows}.union(*former.values()))
        cancelled = [row for row in rows if any(event.kind == "cancellation" for event in events.get(row[0], ()))]
        starts = self._booked_starts(clinic_id, {row[1] for row in cancelled}.union(*former.values()))
        for subject_id, patient_id, *cells in rows:
            patient, details = patients.get(patient_id) or (None, PatientDetails(patient_id))
            which = Subject(subject, clinic_id, subject_id)
            about_notices = notices.get(subject_id, _Notices())
            if not is_appointment:
                yield (
                    which,
                    Known(self._post(which, clinic, about_notices, *cells), patient, clinic.details, details, {}),
                )
                continue
            before = former.get(subject_id, [])
            holders = tuple(Holder(patients[old][0] if old in patients else None, starts[old]) for old in before)
            happened = self._appointment_events(events.get(subject_id, ()))
            types = self._types(clinic, former_types.get(subject_id, ()), cells[0])
            of_patient = starts.get(patient_id, frozenset())
            appointment = self._appointment(
                which, clinic, about_notices, happened, types, holders, of_patient, *cells[1:]
            )
            by = {"confirmation": cells[3], "cancellation": cells[4]}
            of_former = tuple(patients[old][1] if old in patients else PatientDetails(old) for old in before)
            yield which, Known(appointment, patient, clinic.details, details, by, of_former)

    def _patients(self, clinic_id: str, ids: Iterable[str]) -> dict[str, tuple[Patient, PatientDetails]]:
        patients = {}
        for row in self._connection.execute(PATIENTS, {"clinic": clinic_id, "ids": as_list(ids)}):
            patient_id, known_since, consent, method, email, mobile, gets_sms, token, push_allowed, *row_ = row
            language, last_login_at, *gone = row_
            which_gone = [channel for channel, reason in zip(GONE.values(), gone, strict=True) if reason]
            possible = possible_channels(email, bool(gets_sms), token, bool(push_allowed), which_gone)
            details = PatientDetails(patient_id, email, mobile, token, language, last_login_at is not None)
            has_landline = mobile is not None and not gets_sms
            patient = Patient(known_since, bool(consent), method, possible, frozenset(which_gone), has_landline)
            patients[patient_id] = (patient, details)
        return patients

    def _booked_starts(self, clinic_id: str, patients: Collection[str]) -> defaultdict[str, frozenset[int]]:
        """Of patients one of whose appointments was cancelled: when they have one (R12)."""
        starts: defaultdict[str, set[int]] = defaultdict(set)
        if patients:
            values = {"clinic": clinic_id, "ids": as_list(patients)}
            for patient_id, at in self._connection.execute(BOOKED_STARTS, values):
                starts[patient_id].add(at)
        return defaultdict(frozenset, {patient: frozenset(of_patient) for patient, of_patient in starts.items()})

    def _appointment_events(self, events: Iterable[EventRow]) -> tuple[AppointmentEvent, ...]:
        return tuple(
            AppointmentEvent(
                event.kind, event.at, event.is_moved, event.place, self._time_of_import(event.import_id), event.before
            )
            for event in events
        )

    def _types(self, clinic: _Clinic, former: Sequence[FormerTypeRow], type_id: str) -> tuple[tuple[int, Switch], ...]:
        """See Activity; the first counts from the beginning."""
        if not former and not type_id:
            return ()
        since = (0, *(was.until_at for was in former))
        type_ids = (*(was.type_id for was in former), type_id)
        return tuple((at, self._switch(clinic, "type", each)) for at, each in zip(since, type_ids, strict=True))

    def _time_of_import(self, import_id: int | None) -> int:
        if import_id not in self._import_times:
            row = self._connection.execute("SELECT at FROM import WHERE id = ?", (import_id,)).fetchone()
            self._import_times[import_id] = int(row[0]) if row else 0
        return self._import_times[import_id]

    def _appointment(
        self,
        which: Subject,
        clinic: _Clinic,
        notices: _Notices,
        events: tuple[AppointmentEvent, ...],
        types: tuple[tuple[int, Switch], ...],
        former: tuple[Holder, ...],
        booked_starts: frozenset[int],
        starts_at: int,
        status: str,
        booked_by: str | None,
        cancelled_by: str | None,
        location: str,
        source: str,
        no_notices: Any,
        first_status: str,
        held_by: int | None,
    ) -> Appointment:
        return Appointment(
            state=STATE_OF_STATUS[status],
            starts_at=starts_at,
            location=location,
            events=events,
            activity=Activity(self._switch(clinic, "module", "timebook"), types),
            zone=clinic.details.zone,
            first_state=STATE_OF_STATUS[first_status],
            third_party_sends=self._policy.third_party_sends(which.clinic_id, source),
            no_notices=no_notices,
            told=notices.told,
            written=notices.written,
            reopened=notices.reopened,
            booked_starts=booked_starts,
            former=former,
            held_by=held_by,
            source=source,
            status=status,
        )

    def _post(
        self, which: Subject, clinic: _Clinic, notices: _Notices, kind: str, at: int, import_id: int | None
    ) -> Post:
        module = self._switch(clinic, "module", "post" if which.subject == "dialog" else "economy")
        event: Any = "receipt" if which.subject == "receipt" else "reply" if kind in ANSWERS else "dialog"
        known_at = self._time_of_import(import_id)
        max_age = self._policy.max_age
        return Post(event, at, Activity(module), max_age, notices.written, notices.reopened, known_at)

    def _notices_of(self, subject: str, clinic_id: str, ids: Sequence[str]) -> dict[str, _Notices]:
        """By subject_id; told in the order in which it went out."""
        written: defaultdict[str, set[Key]] = defaultdict(set)
        reopened: defaultdict[str, dict[Key, Written]] = defaultdict(dict)
        told: defaultdict[str, list[Told]] = defaultdict(list)
        values = {"clinic": clinic_id, "subject": subject, "ids": as_list(ids)}
        for row in self._connection.execute(NOTICES, values):
            subject_id, event, number, tenure, reopened_at, due_at, happened_at, status, at, starts_at, location = row
            key = Key(event, number, tenure)
            if reopened_at is None:
                written[subject_id].add(key)
            else:
                reopened[subject_id][key] = Written(key, due_at, happened_at)
            if starts_at is not None:
                told[subject_id].append(Told(at, Place(starts_at, location), key, status in WENT_OUT))
        return {
            id_: _Notices(frozenset(written[id_]), tuple(reopened[id_].values()), tuple(told[id_]))
            for id_ in written.keys() | reopened.keys()
        }

    def _clinic(self, clinic_id: str) -> _Clinic:
        if clinic_id not in self._clinics:
            sql = (
                "SELECT clinic_id, name, phone, portal_url, payments_url, timezone, language, sender_email, sender_sms"
                " FROM clinic WHERE clinic_id = ?"
            )
            details = ClinicDetails(*self._connection.execute(sql, (clinic_id,)).fetchone())
            self._clinics[clinic_id] = _Clinic(details, switches_of(self._connection, clinic_id))
        return self._clinics[clinic_id]

    def _switch(self, clinic: _Clinic, scope: str, name: str) -> Any:
        return clinic.switches.get((scope, name)) or Switch(name=name)


def _former_patients(events: Iterable[EventRow]) -> list[str]:
    """Of the takeovers among an appointment's events whose it was before, oldest first."""
    return [event.from_patient_id for event in events if event.from_patient_id is not None]
