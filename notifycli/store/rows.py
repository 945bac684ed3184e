"""The rows of the tables that imports fill, as values, field by field as the schema has them.

Instants are UTC epoch seconds; `import_id` is the import that last touched the row; `row_hash` tells a row of a file
that changes nothing, and is None where the row has to be read again to know.
"""

from typing import NamedTuple

from notifycli.domain.model import Place
from notifycli.domain.words import AppointmentEventKind


class ClinicRow(NamedTuple):
    clinic_id: str
    name: str
    phone: str
    address: str
    portal_url: str
    payments_url: str
    timezone: str
    country: str
    language: str
    sender_email: str
    sender_sms: str
    imported_timebook: bool | None
    imported_post: bool | None
    imported_economy: bool | None
    cell_times: str
    row_hash: int | None
    import_id: int


class TypeRow(NamedTuple):
    clinic_id: str
    type_id: str
    name: str
    active: bool
    imported_notifications: bool | None
    cell_times: str
    row_hash: int | None
    import_id: int


class PatientRow(NamedTuple):
    clinic_id: str
    patient_id: str
    given_name: str
    family_name: str
    email: str | None
    mobile: str | None
    mobile_gets_sms: bool
    push_token: str | None
    push_allowed: bool
    language: str | None
    consent: bool
    preferred_method: str | None
    last_login_at: int | None
    known_since: int
    imported_email: str | None
    imported_mobile: str | None
    imported_consent: int | None
    imported_method: str | None
    cell_times: str
    row_hash: int | None
    import_id: int


class EventRow(NamedTuple):
    """What happened to an appointment, and the import that told of it.

    What it was before, and from which patient a takeover took it, is None of what first gave it; what it became is None
    of a takeover and of the booking that follows it, too.
    """

    kind: AppointmentEventKind
    at: int
    import_id: int
    from_starts_at: int | None = None
    from_location: str | None = None
    to_starts_at: int | None = None
    to_location: str | None = None
    from_patient_id: str | None = None

    @property
    def is_moved(self) -> bool:
        return self.kind == "change" and self.from_starts_at != self.to_starts_at

    @property
    def place(self) -> Place | None:
        return None if self.to_starts_at is None else Place(self.to_starts_at, self.to_location or "")

    @property
    def before(self) -> Place | None:
        return None if self.from_starts_at is None else Place(self.from_starts_at, self.from_location or "")


class FormerTypeRow(NamedTuple):
    """A type ("": none) that an appointment had until then, and the import that gave it the next."""

    type_id: str
    until_at: int
    import_id: int


class AppointmentRow(NamedTuple):
    """`type_id` is the type that it has now, "" none. `former_types` and `events`: oldest first, tables of their own.

    `fresh_at`: read as fresh as the row is by its import's newest stamp, too.
    """

    clinic_id: str
    appointment_id: str
    patient_id: str
    type_id: str
    starts_at: int
    ends_at: int | None
    status: str
    booked_at: int | None
    booked_by: str | None
    changed_at: int | None
    cancelled_at: int | None
    cancelled_by: str | None
    location: str
    source: str
    no_notices: str
    first_status: str
    fresh_at: int
    fresh_import: int
    seen_open_at: int | None
    before_end: str | None
    next_check_at: int | None
    waits_for_patient: int
    row_hash: int | None
    import_id: int
    former_types: tuple[FormerTypeRow, ...] = ()
    events: tuple[EventRow, ...] = ()


class DialogRow(NamedTuple):
    """`known_by`: the import that told of it first."""

    clinic_id: str
    dialog_id: str
    patient_id: str
    kind: str
    sent_at: int
    known_by: int
    next_check_at: int | None
    waits_for_patient: int
    row_hash: int | None
    import_id: int


class ReceiptRow(NamedTuple):
    """`paid_at`: when the bill card was first seen paid, None while it never was; `paid_by`: the import that did."""

    clinic_id: str
    receipt_id: str
    patient_id: str
    status: str
    paid_at: int | None
    paid_by: int | None
    next_check_at: int | None
    waits_for_patient: int
    row_hash: int | None
    import_id: int


class ExternalRow(NamedTuple):
    clinic_id: str
    external_id: str
    patient_id: str
    sender: str
    event: str
    channel: str
    sent_at: int
    status: str
    row_hash: int | None
    import_id: int


ImportedRow = ClinicRow | TypeRow | PatientRow | AppointmentRow | DialogRow | ReceiptRow | ExternalRow
