"""Makes a row of the kind appointments of an Appointment.

Millions of them come in one file, so that the usual case is looked at before a function is called. Must not know files,
or other resources' columns. Source: SPEC section 3, https://hl7.org/fhir/R4/appointment.html, and Helsenorge's tags.
"""

from typing import Any, NamedTuple

from notifycli.domain.model import CANCELLED
from notifycli.domain.status_words import STATUS_WORDS
from notifycli.intake.formats.fhir.directory import Directory, Target, id_of
from notifycli.intake.formats.fhir.elements import (
    an_object,
    codes,
    fhir_moment,
    first_code,
    leap_second_before,
    objects,
    text,
)
from notifycli.intake.formats.fhir.references import NOWHERE, Reference, reference_of
from notifycli.intake.formats.fhir.resources import PlacedResource
from notifycli.intake.formats.fhir.rows import FhirRow

COLUMNS = (
    *("clinic_id", "appointment_id", "patient_id", "type_id", "starts_at", "ends_at", "status", "booked_at"),
    *("changed_at", "cancelled_at", "cancelled_by", "location", "no_notices"),
)
TAGS = {"helsenorge.no/fhir/varsling": "all", "helsenorge.no/fhir/paminnelse": "reminder"}
NO_NOTICE = "1"
SEVERAL_PATIENTS = "there are several patients; the first that has not declined was taken"
PERHAPS_A_PATIENT = "nothing says that the only one who takes part is a patient; it was taken for one"


class _Actors(NamedTuple):
    """Who takes part: patients with whether each has declined, places, organisations, and who is of no known kind."""

    patients: list[tuple[bool, str]]
    places: list[Reference]
    organisations: list[str]
    unknown: list[str]


def clinic_of_appointment(placed: PlacedResource, directory: Directory) -> str:
    actors = _actors(placed, directory, [])
    return _clinic(placed, actors, _patient(actors, []), directory, [])


def appointment_row(placed: PlacedResource, directory: Directory) -> FhirRow:
    """Every column, whatever is missing."""
    appointment, odd, warnings = placed.resource, list[str](), list[tuple[str, str]]()
    actors = _actors(placed, directory, odd)
    patient_id = _patient(actors, warnings)
    meta = appointment.meta if type(appointment.meta) is dict else an_object(appointment.meta, "meta", odd)
    status = text(appointment.status, "status", odd)
    changed_at = _instant(meta.get("lastUpdated"), "meta.lastUpdated", odd)
    cells = [
        _clinic(placed, actors, patient_id, directory, odd),
        id_of(placed, odd),
        patient_id,
        _type(appointment.appointmentType, appointment.serviceType, odd),
        _instant(appointment.start, "start", odd),
        _instant(appointment.end, "end", odd),
        status,
    ]
    created = _instant(appointment.created, "created", odd)
    if created and fhir_moment(created) is None:
        odd.append("created")
        created = ""
    if len(created) <= 10:  # a mere year or month is no time of booking
        created = f"{created}T00:00:00" if len(created) == 10 else ""
    cells += [
        created,
        changed_at,
        changed_at if STATUS_WORDS.get(status.lower(), (status,))[0] in CANCELLED else "",
        _who_cancelled(appointment.cancelationReason or appointment.cancellationReason, odd),
        directory.place_name(actors.places[0], odd) if actors.places else "",
        _no_notices(meta.get("tag"), odd) if "tag" in meta else "",
    ]
    return FhirRow(placed.place, cells, odd, warnings)


def deleted_row(placed: PlacedResource, last: FhirRow | None) -> FhirRow:
    """An Appointment that a Bundle says was deleted; `last` is what the Bundle told of it before."""
    meta = placed.resource.meta
    at = _instant(meta.get("lastUpdated"), "lastModified", [])
    known = dict(zip(COLUMNS, last.cells, strict=True)) if last else {}
    cells = {"appointment_id": placed.resource.id, "status": "entered-in-error", "changed_at": at, "cancelled_at": at}
    cells |= {column: known.get(column, "") for column in ("clinic_id", "patient_id")}
    return FhirRow(placed.place, [cells.get(column, "") for column in COLUMNS], [], [])


def _actors(placed: PlacedResource, directory: Directory, odd: list[str]) -> _Actors:
    appointment = placed.resource
    actors = _Actors([], [], [], [])
    by_number: list[tuple[bool, Reference]] = []
    for participant in objects(appointment.participant, "participant", odd):
        reference = reference_of(participant.get("actor"), appointment.contained, "participant", odd)
        if reference is NOWHERE:
            continue
        kind, known_id = reference.kind, reference.id
        if reference.url or not known_id:
            kind, known_id = directory.target(reference)
        if kind == "Patient" and reference.value:
            by_number.append((participant.get("status") == "declined", reference))
        elif kind == "Patient" and known_id:
            actors.patients.append((participant.get("status") == "declined", known_id))
        elif kind == "Location":
            actors.places.append(reference)
        elif kind == "Organization" and known_id:
            actors.organisations.append(known_id)
        elif not kind and known_id:
            actors.unknown.append(known_id)
    if by_number:
        clinic = next(filter(None, (directory.clinic_of_place(place, odd) for place in actors.places)), "")
        known = ((declined, directory.patient_at(reference, clinic)) for declined, reference in by_number)
        actors.patients.extend(patient for patient in known if patient[1])
    if not actors.patients and appointment.subject is not None:  # R5
        kind, known_id = directory.target(reference_of(appointment.subject, appointment.contained, "subject", odd))
        if kind == "Patient" and known_id:
            actors.patients.append((False, known_id))
    return actors


def _patient(actors: _Actors, warnings: list[tuple[str, str]]) -> str:
    patients = actors.patients
    if len(patients) == 1:
        return patients[0][1]
    if patients:
        if len({patient for _, patient in patients}) > 1:
            warnings.append(("patient_id", SEVERAL_PATIENTS))
        return min(patients, key=lambda patient: patient[0])[1]
    if len(actors.unknown) != 1:
        return ""
    warnings.append(("patient_id", PERHAPS_A_PATIENT))
    return actors.unknown[0]


def _clinic(placed: PlacedResource, actors: _Actors, patient_id: str, directory: Directory, odd: list[str]) -> str:
    """Whose the place is, else whose the patient is, else an organisation that is named."""
    for place in actors.places:
        if clinic := directory.clinic_of_place(place, odd):
            return clinic
    if clinic := directory.clinic_of_patient(patient_id):
        return clinic
    if actors.organisations:
        return actors.organisations[0]
    appointment = placed.resource
    if appointment.supportingInformation is None and appointment.contained is None:
        return ""
    references = [
        reference_of(information, appointment.contained, "supportingInformation", odd)
        for information in objects(appointment.supportingInformation, "supportingInformation", odd)
    ]
    for inside in objects(appointment.contained, "contained", odd):
        if inside.get("resourceType") == "Organization" and type(inside.get("id")) is str:
            name = "#" + inside["id"].removeprefix("#")
            references.append(reference_of({"reference": name}, appointment.contained, "contained", odd))
    targets: list[Target] = [directory.target(reference) for reference in references]
    return next(
        (organisation_id for kind, organisation_id in targets if kind == "Organization" and organisation_id), ""
    )


def _type(appointment_type: Any, service_types: Any, odd: list[str]) -> str:
    if appointment_type is not None and (code := first_code(appointment_type, "appointmentType", odd)):
        return code
    for service in objects(service_types, "serviceType", odd):
        concept = service.get("concept", service)  # R5 has it one step further in
        if code := first_code(concept, "serviceType", odd):
            return code
    return ""


def _instant(value: Any, element: str, odd: list[str]) -> str:
    instant = text(value, element, odd)
    return leap_second_before(instant) if instant[17:19] == "60" else instant


def _who_cancelled(reason: Any, odd: list[str]) -> str:
    if reason is None:
        return ""
    for _, code in codes(reason, "cancelationReason", odd):
        if code.lower().startswith("pat"):
            return "patient"
        if code.lower().startswith("prov"):
            return "clinic"
    return ""


def _no_notices(tags: Any, odd: list[str]) -> str:
    """Which notices Helsenorge's tags forbid: all, or the reminder."""
    forbidden = set()
    for tag in objects(tags, "meta.tag", odd):
        system = text(tag.get("system"), "meta.tag", odd).lower().partition("://")[2].rstrip("/")
        if system in TAGS and tag.get("code") == NO_NOTICE:
            forbidden.add(TAGS[system])
    return next((notices for notices in ("all", "reminder") if notices in forbidden), "")
