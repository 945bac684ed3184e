"""How a clean row meets what is stored: the row that stands afterwards, and the event that this makes.

Pure: gets the stored row and gives a new one; must not know the database. Source: SPEC section 3, from "A column that
the file lacks" on. A record is a row of a file by the contract's columns, holding only those that the file has.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

from notifycli.domain.appointment_events import Details, Standing, event_of_row, events_of_takeover
from notifycli.domain.freshness import freshness_of_row
from notifycli.domain.model import ANSWERS, STATE_OF_STATUS, AppointmentEvent
from notifycli.intake.kinds.cell_times import merged
from notifycli.intake.kinds.new_rows import (
    APPOINTMENT_COLUMNS,
    PATIENT_COLUMNS,
    PLAIN_OF_APPOINTMENT,
    Circumstances,
    new_appointment,
    new_patient,
    stored_time,
)
from notifycli.store.rows import (
    AppointmentRow,
    ClinicRow,
    DialogRow,
    EventRow,
    ExternalRow,
    FormerTypeRow,
    PatientRow,
    ReceiptRow,
    TypeRow,
)

Record = Mapping[str, Any]
ImportEvent = Literal["booking", "change", "cancellation", "dialog", "reply", "receipt"]
IMPORT_EVENTS: tuple[ImportEvent, ...] = ("booking", "change", "cancellation", "dialog", "reply", "receipt")
Row = TypeVar("Row", AppointmentRow, DialogRow, ReceiptRow)
AT_ONCE = 0  # attention: before everything that is known to be due


def merge(kind: str, before: Any, record: Record, row_hash: int | None, about: Circumstances) -> Any:
    """The row that stands now. `before`: the stored row of the same key, None where there is none."""
    after = MEETINGS[kind](before, record, about)
    return after._replace(row_hash=row_hash, import_id=about.import_id)


def with_what_was_said_before(kind: str, record: Record, before: Any, earlier: Any) -> Record:
    """A row of a file and, in the columns that it lacks, what an earlier row of that file said of the same key.

    `before`: the row as it stood before the file; `earlier`: as the earlier row left it.
    """
    if kind == "patients":
        return {**_said_of_patient(before, earlier), **record}
    if kind == "appointments":
        return {**_said_of_appointment(earlier, record), **record}
    return record


def _said_of_patient(before: PatientRow | None, earlier: PatientRow) -> dict[str, Any]:
    """Where staff may set something too, only what the file has changed."""
    plain = [column for column in PATIENT_COLUMNS if column not in (*PLACES_OF_STAFF, "cell_times")]
    said = {column: getattr(earlier, column) for column in plain}
    for column, (_, imported) in PLACES_OF_STAFF.items():
        value = getattr(earlier, imported)
        if value != (getattr(before, imported) if before else None):
            said[column] = (value, earlier.mobile_gets_sms) if column == "mobile" else value
    return said


def _said_of_appointment(earlier: AppointmentRow, record: Record) -> dict[str, Any]:
    """Of its times only that of the booking: the others tell when the earlier row became true, and are its own."""
    columns = ("type_id", "ends_at", "booked_by", "location", "source", "no_notices")
    said = {column: getattr(earlier, column) for column in columns}
    gives_a_time = any(record.get(column) is not None for column in ("changed_at", "cancelled_at"))
    if gives_a_time and earlier.booked_at is not None:
        said["booked_at"] = earlier.booked_at
    return said


def event_between(before: Any, after: Any) -> ImportEvent | None:
    """The event that an import made of a row, told from how it stood before (None: not at all) and stands now."""
    if isinstance(after, AppointmentRow):
        new = after.events[len(before.events) if before else 0 :]
        return next((kind for event in new for kind in IMPORT_EVENTS if kind == event.kind), None)
    if isinstance(after, DialogRow) and before is None:
        return "reply" if after.kind in ANSWERS else "dialog"
    if isinstance(after, ReceiptRow) and after.paid_at is not None and (before is None or before.paid_at is None):
        return "receipt"
    return None


def is_same(before: Any, after: Any) -> bool:
    """Whether a row says what was stored already."""
    return bool(before is not None and _without_traces(before) == _without_traces(after))


def _without_traces(row: Any) -> Any:
    plain = row._replace(row_hash=None, import_id=0)
    if isinstance(row, AppointmentRow):
        return plain._replace(fresh_at=0, fresh_import=0, seen_open_at=None, next_check_at=None, waits_for_patient=0)
    return plain._replace(cell_times="") if isinstance(row, ClinicRow | TypeRow | PatientRow) else plain


def makes_fresher(before: AppointmentRow, after: AppointmentRow) -> bool:
    """Whether a row changed what its freshness is about: status, times, place, type or patient (SPEC section 3)."""
    return any(getattr(before, field) != getattr(after, field) for field in ABOUT_FRESHNESS)


ABOUT_FRESHNESS = ("status", "starts_at", "ends_at", "location", "type_id", "patient_id")


def _meet_clinic(before: ClinicRow | None, record: Record, about: Circumstances) -> ClinicRow:
    stored = before or ClinicRow(
        "", "", "", "", "", "", "Europe/Oslo", "NO", "nb", "", "", None, None, None, "{}", None, about.import_id
    )  # fmt: skip
    switches: dict[str, Any] = {
        field: _switch_after(getattr(stored, field), record[name]) for name, field in SWITCHES.items() if name in record
    }
    plain = {name: value for name, value in record.items() if name in ClinicRow._fields}
    if plain.get("language", "") is None:
        plain["language"] = "nb"
    return stored._replace(**plain, **switches, cell_times=_cell_times_after(stored.cell_times, record, about))


def _cell_times_after(cell_times: str, record: Record, about: Circumstances) -> str:
    return merged(cell_times, record.keys(), about.time_of_cells(record))


SWITCHES = {name: f"imported_{name}" for name in ("timebook", "post", "economy")}


def _switch_after(imported: bool | None, cell: bool | None) -> bool | None:
    """An empty cell clears what was imported before, and says nothing where nothing was."""
    return cell if cell is not None or imported is None else False


def _meet_type(before: TypeRow | None, record: Record, about: Circumstances) -> TypeRow:
    stored = before or TypeRow("", "", "", True, None, "{}", None, about.import_id)
    plain = {name: value for name, value in record.items() if name in TypeRow._fields}
    notifications = record.get("notifications", stored.imported_notifications)
    times = _cell_times_after(stored.cell_times, record, about)
    return stored._replace(**plain, imported_notifications=notifications, cell_times=times)


def _meet_patient(before: PatientRow | None, record: Record, about: Circumstances) -> PatientRow:
    if before is None:
        of_columns = {**record, "cell_times": _cell_times_after("{}", record, about)}
        cells = [*map(of_columns.get, PATIENT_COLUMNS), None]
        return PatientRow(*new_patient(about, *cells))
    plain = PatientRow._fields
    values = {name: value for name, value in record.items() if name in plain and name not in PLACES_OF_STAFF}
    values["cell_times"] = _cell_times_after(before.cell_times, record, about)
    values["push_token"] = record.get("push_token", before.push_token) or None
    for column, (place, imported) in PLACES_OF_STAFF.items():
        if column not in record:
            continue
        value, gets_sms = record[column] if column == "mobile" else (record[column], False)
        if value != getattr(before, imported):
            values |= {place: value} | ({"mobile_gets_sms": gets_sms} if column == "mobile" else {})
        values[imported] = value
    if "consent" not in record and before.imported_consent is None and _is_assumed(about, before.clinic_id):
        values |= {"consent": True, "imported_consent": True}
    return before._replace(**values)


def _is_assumed(about: Circumstances, clinic_id: str) -> bool:
    return about.assumes_consent is not None and about.assumes_consent(clinic_id)


# Where staff may set something too: column -> (field, field of what was last imported)
PLACES_OF_STAFF = {
    "email": ("email", "imported_email"),
    "mobile": ("mobile", "imported_mobile"),
    "consent": ("consent", "imported_consent"),
    "preferred_method": ("preferred_method", "imported_method"),
}


def _meet_appointment(before: AppointmentRow | None, record: Record, about: Circumstances) -> AppointmentRow:
    if before is None:
        cells = [*map(record.get, APPOINTMENT_COLUMNS), None]
        return AppointmentRow(*new_appointment(about, *cells))
    status, cancelled_by = record["status"]
    given = {name: stored_time(record[name]) for name in PLAIN_OF_APPOINTMENT if name in record}
    is_cancelled_now = STATE_OF_STATUS[status] in ("cancelled", "open") and before.status == "booked"
    if "cancelled_by" in record or cancelled_by or is_cancelled_now:
        given["cancelled_by"] = record.get("cancelled_by") or cancelled_by
    if given.get("source", "") is None:
        given["source"] = "migrated" if about.migrated else "local"
    after = before._replace(
        **given, status=status, patient_id=record["patient_id"], before_end=_before_end(before, status)
    )
    events = _appointment_events_of(before, after, record, about)
    type_id = _type_after(before.type_id, record, about)
    after = after._replace(type_id=type_id)
    fresh_at, fresh_import = _freshness_after(before, after, record, about)
    after = after._replace(
        former_types=_former_types_after(before, type_id, events, about),
        events=(*before.events, *_rows_of_events(before, events, about)),
        seen_open_at=about.now if STATE_OF_STATUS[status] == "open" else before.seen_open_at,
        first_status=status if _is_taken_over(events) else before.first_status,
        fresh_at=fresh_at,
        fresh_import=fresh_import,
    )
    if not events and (type_id, status, after.patient_id) == (before.type_id, before.status, before.patient_id):
        return _looked_at_again(before, after)
    return after._replace(next_check_at=AT_ONCE, waits_for_patient=0)


def _before_end(before: AppointmentRow, status: str) -> str | None:
    """What it was when it ended, of one that has ended."""
    if STATE_OF_STATUS[status] != "ended":
        return None
    state = STATE_OF_STATUS[before.status]
    return before.before_end if state == "ended" else state


def _is_taken_over(events: Sequence[AppointmentEvent]) -> bool:
    return any(event.kind == "takeover" for event in events)


def _freshness_after(
    before: AppointmentRow, after: AppointmentRow, record: Record, about: Circumstances
) -> tuple[int, int]:
    """A row that changes nothing makes what is stored fresher only by a stamp of its own (SPEC section 3)."""
    stamp, origin = about.stamp_of(record), about.origin(record)
    if makes_fresher(before, after):
        return freshness_of_row(stamp, origin.file_at), origin.import_id
    return max(before.fresh_at, stamp or 0), before.fresh_import


def _appointment_events_of(
    before: AppointmentRow, after: AppointmentRow, record: Record, about: Circumstances
) -> tuple[AppointmentEvent, ...]:
    """What the row makes happen: mostly nothing or one thing; to another patient a takeover and what follows it."""
    stored, row, migrated = (
        standing_of(before),
        details_of(record, after.status, after.location),
        _is_migrated(record, about),
    )
    is_another = before.patient_id != after.patient_id
    if is_another and not about.is_merge(before.clinic_id, before.patient_id, after.patient_id):
        begun = events_of_takeover(stored, row, migrated, about.now)
        return (AppointmentEvent("takeover", begun.at if begun else about.now), *([begun] if begun else []))
    appointment_event = event_of_row(stored, row, migrated, about.now)
    return (appointment_event,) if appointment_event else ()


def standing_of(row: AppointmentRow) -> Standing:
    times = (row.booked_at, row.changed_at, row.cancelled_at)
    details = Details(STATE_OF_STATUS[row.status], row.starts_at, row.location, *times)
    before_end: Any = row.before_end
    return Standing(details, row.events[-1].at if row.events else None, row.seen_open_at, before_end)


def details_of(record: Record, status: str, location: str) -> Details:
    """The row as what happens goes by; `location` stands in where the file has no such column."""
    times = {name: record.get(name) for name in ("booked_at", "changed_at", "cancelled_at")}
    return Details(STATE_OF_STATUS[status], record["starts_at"], record.get("location", location), **times)


def _type_after(known: str, record: Record, about: Circumstances) -> str:
    """A migrated appointment without a type keeps the type `migrated` until it is given another."""
    type_id: str = record.get("type_id", known) or ""
    return "migrated" if not type_id and (known == "migrated" or _is_migrated(record, about)) else type_id


def _former_types_after(
    before: AppointmentRow, type_id: str, events: Sequence[AppointmentEvent], about: Circumstances
) -> tuple[FormerTypeRow, ...]:
    """The type in a row that books it counts from that booking, any other from its import (SPEC section 4)."""
    if type_id == before.type_id:
        return before.former_types
    until_at = next((event.at for event in events if event.kind == "booking"), about.now)
    return (*before.former_types, FormerTypeRow(before.type_id, until_at, about.import_id))


def _is_migrated(record: Record, about: Circumstances) -> bool:
    return about.migrated or record.get("source") == "migrated"


def _rows_of_events(
    before: AppointmentRow, events: Sequence[AppointmentEvent], about: Circumstances
) -> Iterator[EventRow]:
    """Each with what the appointment was before and became."""
    for event in events:
        yield EventRow(
            kind=event.kind,
            at=event.at,
            import_id=about.import_id,
            from_starts_at=before.starts_at,
            from_location=before.location,
            to_starts_at=event.place.starts_at if event.place else None,
            to_location=event.place.location if event.place else None,
            from_patient_id=before.patient_id if event.kind == "takeover" else None,
        )


def _meet_dialog(before: DialogRow | None, record: Record, about: Circumstances) -> DialogRow:
    kind, patient_id = record["kind"], record["patient_id"]
    if before is not None:  # it has happened, once: its time and its event stand
        return _looked_at_again(before, before._replace(patient_id=patient_id))
    sent_at = _given_or_now(record.get("sent_at"), about)
    key = (record["clinic_id"], record["dialog_id"])
    return DialogRow(*key, patient_id, kind, sent_at, about.import_id, sent_at, 0, None, about.import_id)


def _meet_receipt(before: ReceiptRow | None, record: Record, about: Circumstances) -> ReceiptRow:
    stored = before or ReceiptRow(
        record["clinic_id"], record["receipt_id"], "", "unpaid", None, None, None, 0, None, about.import_id
    )
    after = stored._replace(patient_id=record["patient_id"], status=record["status"])
    if after.status == "unpaid" or stored.paid_at is not None:
        return _looked_at_again(stored, after)
    paid_at = _given_or_now(record.get("paid_at"), about)
    return after._replace(paid_at=paid_at, paid_by=about.import_id, next_check_at=paid_at)


def _meet_external(before: ExternalRow | None, record: Record, about: Circumstances) -> ExternalRow:
    values = {name: value for name, value in record.items() if name in ExternalRow._fields}
    if stored_time(values.get("sent_at")) is None:
        values["sent_at"] = before.sent_at if before else about.now
    stored = before or ExternalRow("", "", "", "", "", "", about.now, "", None, about.import_id)
    return stored._replace(**values)


def _looked_at_again(before: Row, after: Row) -> Row:
    """What waited for a patient (R16) is looked at again when anything about it is another."""
    if not before.waits_for_patient or after == before:
        return after
    return after._replace(next_check_at=AT_ONCE, waits_for_patient=0)


def _given_or_now(at: int | None, about: Circumstances) -> int:
    return about.now if at is None else int(at)


MEETINGS: dict[str, Callable[[Any, Record, Circumstances], Any]] = {
    "clinics": _meet_clinic,
    "types": _meet_type,
    "patients": _meet_patient,
    "appointments": _meet_appointment,
    "dialogs": _meet_dialog,
    "receipts": _meet_receipt,
    "external": _meet_external,
}
