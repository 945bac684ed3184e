"""Makes a row of the kind patients of a Patient; consent comes from Consents.

Must not know files, or other resources' columns. Source: SPEC section 3, and https://hl7.org/fhir/R4/patient.html.
"""

from typing import Any

from notifycli.intake.formats.fhir.directory import Directory, id_of
from notifycli.intake.formats.fhir.elements import codes, is_in_use, last_updated, objects, text, texts
from notifycli.intake.formats.fhir.references import reference_of
from notifycli.intake.formats.fhir.resources import PlacedResource
from notifycli.intake.formats.fhir.rows import FhirRow, Reading
from notifycli.intake.formats.fhir.telecom import email_of, mobile_of, points_in_use
from notifycli.intake.formats.persons import HAS_DIED

COLUMNS = ("clinic_id", "patient_id", "given_name", "family_name", "email", "mobile", "language", "fresh_at")
COLUMNS_OF_THE_DEAD = (*COLUMNS, "consent")  # staff may have noted an address too, which must not be used either
BEST_USES = ("official", "usual")
LANGUAGE_TAGS = "urn:ietf:bcp:47"


def clinic_of_patient(placed: PlacedResource, directory: Directory) -> str:
    return directory.clinic(reference_of(placed.resource.managingOrganization, placed.resource.contained, "", []))


def patient_row(placed: PlacedResource, directory: Directory, reading: Reading) -> FhirRow:
    """What the resource says nothing of is empty: it is the whole truth about the patient. Cells of COLUMNS, or of
    COLUMNS_OF_THE_DEAD."""
    patient, odd = placed.resource, list[str]()
    clinic = reference_of(patient.managingOrganization, patient.contained, "managingOrganization", odd)
    clinic_id = directory.clinic(clinic)
    given, family = _name(patient.name, odd, reading.now)
    points = points_in_use(patient.telecom, odd, reading.now)
    if patient.deceasedBoolean is not None and type(patient.deceasedBoolean) is not bool:
        odd.append("deceasedBoolean")
    has_died = patient.deceasedBoolean is True or bool(text(patient.deceasedDateTime, "deceasedDateTime", odd))
    if has_died:
        points = []
    country = reading.countries.get("" if reading.clinic_given else clinic_id, "NO")
    spoken = objects(patient.communication, "communication", odd)
    preferred = [part for part in spoken if part.get("preferred") is True] or (spoken if len(spoken) == 1 else [])
    known = list(codes(preferred[0].get("language"), "communication", odd)) if preferred else []
    tags = [code for system, code in known if system == LANGUAGE_TAGS]
    language = next(iter([*tags, *(code for _, code in known)]), "")
    known_by = [clinic_id, id_of(placed, odd), given, family, email_of(points), mobile_of(points, country)]
    cells = [*known_by, language, last_updated(patient.meta)]
    if has_died:
        return FhirRow(placed.place, [*cells, "no"], odd, [("", HAS_DIED)])
    return FhirRow(placed.place, cells, odd, [])


def _name(names: Any, odd: list[str], now: int) -> tuple[str, str]:
    """Given and family name; of a name that stands as one text, the last word is the family's."""
    in_use = [name for name in objects(names, "name", odd) if is_in_use(name, "name", odd, now)]
    if not in_use:
        return "", ""
    best = next((name for use in BEST_USES for name in in_use if name.get("use") == use), in_use[0])
    given, family = " ".join(texts(best.get("given"), "name", odd)), text(best.get("family"), "name", odd)
    if given or family:
        return given, family
    first, _, last = text(best.get("text"), "name", odd).rpartition(" ")
    return first, last
