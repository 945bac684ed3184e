"""The fields of a row of a file that is seen for the first time. Millions of rows pass here.

Pure: must not know the database. Source: SPEC section 3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notifycli.domain.appointment_events import event_of_first_row
from notifycli.domain.freshness import freshness_of_row
from notifycli.domain.model import STATE_OF_STATUS
from notifycli.domain.rules import first_look_at
from notifycli.intake.cells.values import Illegible, NotYet, OccursTwice, StandIn
from notifycli.store.rows import EventRow

TIMES_OF_FRESHNESS = ("booked_at", "changed_at", "cancelled_at")
NO_STAMP = frozenset((NotYet, Illegible))


@dataclass(frozen=True)
class Origin:
    """The import that rows come from: their own, or of mended rejects the one that rejected them, and its time."""

    import_id: int
    file_at: int
    at: int


@dataclass(frozen=True)
class Circumstances:
    """What holds for all rows of one import. `first_active_at(clinic_id, type_id)`: see rules.first_look_at.

    `assumes_consent(clinic_id)`: of patients of whom no file has said whether they consent; None: of nobody.
    `file_at`: the file's time, never later than `now`. `stamp_columns`: those that tell how fresh a row of appointments
    is. `origin_of(import)`: of rejects, None where no such import is known. `is_merge(clinic, old, new)`: of patients.
    `reopen_for(patients)`: those who have contact details now that they had not (R18).
    """

    now: int
    import_id: int
    migrated: bool
    first_active_at: Callable[[str, str], int | None]
    assumes_consent: Callable[[str], bool] | None = None
    file_at: int = 0
    stamp_columns: tuple[str, ...] = TIMES_OF_FRESHNESS
    origin_of: Callable[[str], Origin | None] = lambda number: None
    is_merge: Callable[[str, str, str], bool] = lambda clinic, old, new: False
    reopen_for: Callable[[Sequence[tuple[str, ...]]], None] = lambda patients: None

    def origin(self, record: Mapping[str, Any]) -> Origin:
        return self.origin_of(record.get("reject_import") or "") or Origin(self.import_id, self.file_at, self.now)

    def time_of_cells(self, record: Mapping[str, Any]) -> int:
        """How fresh the cells of a clinic, type or patient are: as their message or resource, else as their file."""
        at = record.get("fresh_at")
        return at if type(at) is int and at <= self.now else self.origin(record).file_at

    def stamp_of(self, record: Mapping[str, Any]) -> int | None:
        """The latest time of a row of an appointment by which its freshness goes; None where it has none."""
        return latest_of([record.get(column) for column in self.stamp_columns])

    def latest_stamp_of(self, record: Mapping[str, Any]) -> int | None:
        """As it is held against what is stored: of a time that occurs twice, the second."""
        times = [record.get(column) for column in self.stamp_columns]
        return latest_of([at.second if isinstance(at, OccursTwice) else at for at in times])


def new_patient(
    about: Circumstances,
    clinic_id: Any,
    patient_id: Any,
    given_name: Any,
    family_name: Any,
    email: Any,
    mobile_and_sms: Any,
    push_token: Any,
    push_allowed: Any,
    language: Any,
    consent: Any,
    preferred_method: Any,
    last_login_at: Any,
    cell_times: Any,
    row_hash: Any,
) -> tuple[Any, ...]:
    """The fields of a PatientRow that is seen for the first time; what the file lacks is None."""
    mobile, gets_sms = mobile_and_sms or (None, False)
    if consent is None and about.assumes_consent is not None:
        consent = about.assumes_consent(clinic_id) or None
    return (
        clinic_id,
        patient_id,
        given_name or "",
        family_name or "",
        email,
        mobile,
        gets_sms,
        push_token or None,
        push_allowed or False,
        language,
        consent or False,
        preferred_method,
        last_login_at,
        about.now,
        email,
        mobile,
        consent,
        preferred_method,
        cell_times,
        row_hash,
        about.import_id,
    )


PATIENT_COLUMNS = (
    "clinic_id",
    "patient_id",
    "given_name",
    "family_name",
    "email",
    "mobile",
    "push_token",
    "push_allowed",
    "language",
    "consent",
    "preferred_method",
    "last_login_at",
    "cell_times",
)
PLAIN_OF_APPOINTMENT = (
    "starts_at",
    "ends_at",
    "booked_at",
    "booked_by",
    "changed_at",
    "cancelled_at",
    "location",
    "source",
    "no_notices",
)
APPOINTMENT_COLUMNS = (
    "clinic_id",
    "appointment_id",
    "patient_id",
    "status",
    "type_id",
    "cancelled_by",
    *PLAIN_OF_APPOINTMENT,
    "reject_import",
)


def new_appointment(
    about: Circumstances,
    clinic_id: Any,
    appointment_id: Any,
    patient_id: Any,
    status_and_by: Any,
    type_id: Any,
    cancelled_by: Any,
    starts_at: Any,
    ends_at: Any,
    booked_at: Any,
    booked_by: Any,
    changed_at: Any,
    cancelled_at: Any,
    location: Any,
    source: Any,
    no_notices: Any,
    reject_import: Any,
    row_hash: Any,
) -> tuple[Any, ...]:
    """The fields of an AppointmentRow that is seen for the first time: millions of rows pass here."""
    status, cancelled_by_word = status_and_by
    migrated = about.migrated or source == "migrated"
    type_id = type_id or ("migrated" if migrated else "")
    appointment_event = event_of_first_row(STATE_OF_STATUS[status], booked_at, migrated, about.now)
    next_check_at = (
        first_look_at(appointment_event, starts_at, about.first_active_at(clinic_id, type_id))
        if appointment_event
        else None
    )
    origin = about.origin_of(reject_import) if reject_import else None
    stamps = times_that_count(about.stamp_columns, booked_at, changed_at, cancelled_at)
    stamp = latest_of(stamps)
    if origin:
        fresh_at = freshness_of_row(stamp if stamp is not None and stamp <= origin.at else None, origin.file_at)
    else:
        fresh_at = freshness_of_row(stamp, about.file_at)
    if about.now in (booked_at, changed_at, cancelled_at):
        booked_at, changed_at, cancelled_at = map(stored_time, (booked_at, changed_at, cancelled_at))
    return (
        clinic_id,
        appointment_id,
        patient_id,
        type_id,
        starts_at,
        ends_at,
        status,
        booked_at,
        booked_by,
        changed_at,
        cancelled_at,
        cancelled_by or cancelled_by_word,
        location or "",
        source or ("migrated" if migrated else "local"),
        no_notices or "",
        status,
        fresh_at,
        origin.import_id if origin else about.import_id,
        about.now if STATE_OF_STATUS[status] == "open" else None,
        None,
        next_check_at,
        0,
        row_hash,
        about.import_id,
        (),
        (EventRow(appointment_event.kind, appointment_event.at, about.import_id),) if appointment_event else (),
    )


def latest_of(times: Sequence[Any]) -> int | None:
    """The latest of the times of a row; None where there is none, or one that cannot be read or lies ahead."""
    given = [at for at in times if at is not None]
    return max(given) if given and NO_STAMP.isdisjoint(map(type, given)) else None


def times_that_count(columns: tuple[str, ...], booked_at: Any, changed_at: Any, cancelled_at: Any) -> tuple[Any, ...]:
    """Those of the three times that count."""
    if columns == TIMES_OF_FRESHNESS:
        return (booked_at, changed_at, cancelled_at)
    return (changed_at,) if columns else ()


def stored_time(at: Any) -> Any:
    """A time that cannot be used is none: the same file says the same again until it has come or was mended."""
    return None if isinstance(at, StandIn) else at


# The quick way for rows that are all new: the columns in their order, and the fields of a row made of them
NEW_ROWS: dict[str, tuple[tuple[str, ...], Callable[..., tuple[Any, ...]]]] = {
    "patients": (PATIENT_COLUMNS, new_patient),
    "appointments": (APPOINTMENT_COLUMNS, new_appointment),
}
