"""How a clean row meets what is stored: the row that stands afterwards, and the event that this makes.

Pure: gets the stored row and gives a new one; must not know the database. Source: SPEC section 3, from "A column that
the file lacks" on. A record is a row of a file by the contract's columns, holding only those that the file has.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from notifycli.domain.happenings import Details, freshness, what_happens
from notifycli.domain.model import ANSWERS, STATE_OF_STATUS, Happening
from notifycli.intake.meaning.cells import Reject
from notifycli.intake.new_rows import (
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
    ExternalRow,
    PatientRow,
    ReceiptRow,
    TypeRow,
)

Record = Mapping[str, Any]
ImportEvent = Literal["booking", "change", "cancellation", "dialog", "reply", "receipt"]
IMPORT_EVENTS: tuple[ImportEvent, ...] = ("booking", "change", "cancellation", "dialog", "reply", "receipt")
Row = TypeVar("Row", AppointmentRow, DialogRow, ReceiptRow)
AT_ONCE = 0  # attention: before everything that is known to be due


def meet(kind: str, before: Any, record: Record, row_hash: int | None, about: Circumstances) -> Any | Reject:
    """The row that stands now. `before`: the stored row of the same key, None where there is none."""
    found = MEETINGS[kind](before, record, about)
    if isinstance(found, Reject):
        return found
    return found._replace(row_hash=row_hash, import_id=about.import_id)


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
    said = {column: getattr(earlier, column) for column in PATIENT_COLUMNS if column not in PLACES_OF_STAFF}
    for column, (_, imported) in PLACES_OF_STAFF.items():
        value = getattr(earlier, imported)
        if value != (getattr(before, imported) if before else None):
            said[column] = (value, earlier.mobile_gets_sms) if column == "mobile" else value
    return said


def _said_of_appointment(earlier: AppointmentRow, record: Record) -> dict[str, Any]:
    """Of its times only that of the booking: the others tell when the earlier row became true, and are its own."""
    types = json.loads(earlier.types)
    said = {column: getattr(earlier, column) for column in ("ends_at", "booked_by", "location", "source", "no_notices")}
    said["type_id"] = types[-1][1] if types else ""
    gives_a_time = any(record.get(column) is not None for column in ("changed_at", "cancelled_at"))
    if gives_a_time and earlier.booked_at is not None:
        said["booked_at"] = earlier.booked_at
    return said


def event_between(before: Any, after: Any) -> ImportEvent | None:
    """The event that an import made of a row, told from how it stood before (None: not at all) and stands now."""
    if isinstance(after, AppointmentRow):
        return _event_of(after.happened[len(before.happened) - 1 :] if before else after.happened)
    if isinstance(after, DialogRow) and before is None:
        return "reply" if after.kind in ANSWERS else "dialog"
    if isinstance(after, ReceiptRow) and after.paid_at is not None and (before is None or before.paid_at is None):
        return "receipt"
    return None


def _event_of(happened: str) -> ImportEvent | None:
    return next((event for event in IMPORT_EVENTS[:3] if f'"{event}"' in happened), None)


def is_same(before: Any, after: Any) -> bool:
    """Whether a row says what was stored already."""
    return bool(before is not None and _without_traces(before) == _without_traces(after))


def _without_traces(row: Any) -> Any:
    plain = row._replace(row_hash=None, import_id=0)
    if isinstance(row, AppointmentRow):
        return plain._replace(fresh_at=0, attention_at=None, waits_for_patient=0)
    return plain


def _meet_clinic(before: ClinicRow | None, record: Record, about: Circumstances) -> ClinicRow:
    stored = before or ClinicRow(
        "", "", "", "", "", "", "Europe/Oslo", "NO", "nb", "", "", None, None, None, None, about.import_id
    )  # fmt: skip
    switches: dict[str, Any] = {
        field: _switch_after(getattr(stored, field), record[name]) for name, field in SWITCHES.items() if name in record
    }
    plain = {name: value for name, value in record.items() if name in ClinicRow._fields}
    if plain.get("language", "") is None:
        plain["language"] = "nb"
    return stored._replace(**plain, **switches)


SWITCHES = {name: f"imported_{name}" for name in ("timebook", "post", "economy")}


def _switch_after(imported: bool | None, cell: bool | None) -> bool | None:
    """An empty cell clears what was imported before, and says nothing where nothing was."""
    return cell if cell is not None or imported is None else False


def _meet_type(before: TypeRow | None, record: Record, about: Circumstances) -> TypeRow:
    stored = before or TypeRow("", "", "", True, None, None, about.import_id)
    plain = {name: value for name, value in record.items() if name != "notifications"}
    return stored._replace(**plain, imported_notifications=record["notifications"])


def _meet_patient(before: PatientRow | None, record: Record, about: Circumstances) -> PatientRow:
    if before is None:
        cells = [*map(record.get, PATIENT_COLUMNS), None]
        return PatientRow(*new_patient(about, *cells))
    values = {name: value for name, value in record.items() if name not in PLACES_OF_STAFF}
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


def _meet_appointment(before: AppointmentRow | None, record: Record, about: Circumstances) -> AppointmentRow | Reject:
    if before is None:
        cells = [*map(record.get, APPOINTMENT_COLUMNS), None]
        return AppointmentRow(*new_appointment(about, *cells))
    if before.patient_id != record["patient_id"]:
        return Reject("is another patient than the one that is stored for this appointment")
    status, cancelled_by = record["status"]
    given = {name: stored_time(record[name]) for name in PLAIN_OF_APPOINTMENT if name in record}
    is_cancelled_now = STATE_OF_STATUS[status] in ("cancelled", "open") and before.status == "booked"
    if "cancelled_by" in record or cancelled_by or is_cancelled_now:
        given["cancelled_by"] = record.get("cancelled_by") or cancelled_by
    if given.get("source", "") is None:
        given["source"] = "migrated" if about.migrated else "local"
    after = before._replace(
        **given,
        status=status,
        types=_types_after(before.types, record, about),
        fresh_at=freshness(details_of(record, status, before.location), about.now),
    )
    happening = _happening_of(before, after, record, about)
    if not happening and (after.types, status) == (before.types, before.status):
        return _looked_at_again(before, after)
    if happening:
        after = after._replace(happened=_happened_after(before.happened, happening, about))
    return after._replace(attention_at=AT_ONCE)


def _happening_of(
    before: AppointmentRow, after: AppointmentRow, record: Record, about: Circumstances
) -> Happening | None:
    stored = Details(STATE_OF_STATUS[before.status], before.starts_at, before.location)
    earlier = json.loads(before.happened)
    last_at = earlier[-1][1] if earlier else None
    return what_happens(
        stored, last_at, details_of(record, after.status, after.location), _is_migrated(record, about), about.now
    )


def details_of(record: Record, status: str, location: str) -> Details:
    """The row as what happens goes by; `location` stands in where the file has no such column."""
    times = {name: record.get(name) for name in ("booked_at", "changed_at", "cancelled_at")}
    return Details(STATE_OF_STATUS[status], record["starts_at"], record.get("location", location), **times)


def _types_after(types: str, record: Record, about: Circumstances) -> str:
    """A migrated appointment without a type keeps the type `migrated` until it is given another."""
    known = json.loads(types)
    last = known[-1][1] if known else ""
    type_id = record.get("type_id", last)
    if not type_id and (last == "migrated" or _is_migrated(record, about)):
        type_id = "migrated"
    return types if type_id == last else json.dumps([*known, [about.now, type_id]], ensure_ascii=False)


def _is_migrated(record: Record, about: Circumstances) -> bool:
    return about.migrated or record.get("source") == "migrated"


def _happened_after(happened: str, happening: Happening, about: Circumstances) -> str:
    last = [happening.kind, happening.at, int(happening.moved), about.import_id]
    return json.dumps([*json.loads(happened), last])


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
    return after._replace(paid_at=paid_at, paid_by=about.import_id, attention_at=paid_at)


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
    return after._replace(attention_at=AT_ONCE, waits_for_patient=0)


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
